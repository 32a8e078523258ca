//! The library: every picture, newest first.

use leptos::prelude::*;

use crate::state::library::Library;
use crate::ui::picture::PictureCard;
use crate::ui::stage::interrupted::Interrupted;
use crate::ui::use_words;

/// The view `#/library`.
#[component]
pub fn LibraryView() -> impl IntoView {
    let (w, library) = (use_words(), expect_context::<Library>());
    let is_empty = move || library.loaded.get() && library.pictures.read().is_empty();
    view! {
        <section class="page library">
            <h1>{move || w().library}</h1>
            <Interrupted />
            <Show when=is_empty>
                <p class="empty">{move || w().library_empty}</p>
            </Show>
            <ul class="grid" aria-label=move || w().library>
                <For each=move || library.pictures.get() key=|record| record.id.clone() let:record>
                    <li><PictureCard record /></li>
                </For>
            </ul>
            <Show when=move || library.has_more.get()>
                <button type="button" class="quiet" on:click=move |_| library.load_more()>{move || w().show_more}</button>
            </Show>
        </section>
    }
}
