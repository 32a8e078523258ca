//! The stage: what runs, the picture that is looked at, and the strip of results.

pub mod interrupted;
pub mod jobs;

use leptos::prelude::*;

use crate::state::jobs::Jobs;
use crate::state::library::Library;
use crate::ui::picture::{PictureCard, recipe_line};
use crate::ui::use_words;

use interrupted::Interrupted;
use jobs::JobRows;

/// The most results on the strip; the rest is in the library.
const STRIP: usize = 24;

/// Everything beside the composer.
#[component]
pub fn Stage() -> impl IntoView {
    let (w, library) = (use_words(), expect_context::<Library>());
    let newest = move || {
        library
            .pictures
            .read()
            .iter()
            .take(STRIP)
            .cloned()
            .collect::<Vec<_>>()
    };
    view! {
        <Interrupted />
        <JobRows />
        <Viewer />
        <ul class="strip" aria-label=move || w().results>
            <For each=newest key=|record| record.id.clone() let:record>
                <li><PictureCard record /></li>
            </For>
        </ul>
    }
}

/// The picture that is looked at, as large as there is room.
#[component]
fn Viewer() -> impl IntoView {
    let (w, library, jobs) = (
        use_words(),
        expect_context::<Library>(),
        expect_context::<Jobs>(),
    );
    let record = Memo::new(move |_| library.selected_record());
    let shown = move || {
        record.get().map(|record| {
            let url = library.url(record.blob.clone());
            let caption = std::sync::Arc::clone(&record);
            view! {
                <figure class="viewer">
                    <img src=move || url.get() alt="" width=record.width height=record.height />
                    <figcaption>
                        <p class="viewer-prompt">{record.request.prompt.clone()}</p>
                        <p class="viewer-recipe">{move || recipe_line(&caption, w())}</p>
                    </figcaption>
                </figure>
            }
        })
    };
    let is_empty = move || library.loaded.get() && record.read().is_none() && !jobs.is_running();
    view! {
        {shown}
        <Show when=is_empty>
            <div class="welcome">
                <p class="welcome-title">{move || w().welcome}</p>
                <p>{move || w().welcome_more}</p>
            </div>
        </Show>
    }
}
