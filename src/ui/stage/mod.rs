//! The stage: what runs, the picture that is looked at, and the strip of results.

pub mod interrupted;
pub mod jobs;
pub mod queue;
pub mod welcome;

use std::sync::Arc;

use leptos::prelude::*;

use crate::domain::record::PictureRecord;
use crate::state::library::Library;
use crate::state::mask::MaskDesk;
use crate::state::route::View;
use crate::ui::mask_editor::mask_editor;
use crate::ui::picture::{damage, picture_card, recipe_line};
use crate::ui::{derived, live, use_all_words};

use interrupted::interrupted;
use jobs::job_rows;
use queue::{more_jobs, queue_notes};

/// The most results on the strip; the rest is in the library.
const STRIP: usize = 24;

/// Everything beside the composer.
pub fn stage() -> AnyView {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let view = expect_context::<RwSignal<View>>();
    // Whoever opens the library does not wait for a strip that nobody sees; once made, it stays.
    let was_seen =
        Memo::new(move |before: Option<&bool>| before == Some(&true) || view.get() == View::Create);
    let newest = move || {
        let most = if was_seen.get() { STRIP } else { 0 };
        let (language, pictures) = (w.language(), library.pictures.read());
        let newest = pictures.iter().take(most).cloned();
        newest.map(|record| (language, record)).collect::<Vec<_>>()
    };
    let card = |(_, record)| view! { <li>{picture_card(record)}</li> }.into_any();
    view! {
        {interrupted()}
        {queue_notes()}
        {job_rows()}
        {more_jobs()}
        {mask_editor()}
        {viewer()}
        <ul class="strip" aria-label=w.text(|w| w.results)>
            <For each=newest key=|(language, record)| (*language, record.id.clone()) children=card />
        </ul>
    }
    .into_any()
}

/// The picture that is looked at, as large as there is room.
fn viewer() -> AnyView {
    let (library, desk) = (expect_context::<Library>(), expect_context::<MaskDesk>());
    let record = Memo::new(move |_| {
        let is_free = desk.canvas.read().is_none();
        is_free.then(|| library.selected_record()).flatten()
    });
    live(move || record.get().map(large).into_any())
}

fn large(record: Arc<PictureRecord>) -> AnyView {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let url = library.url(record.blob.clone());
    let (is_gone, damaged) = damage(record.blob.clone());
    let (width, height) = (record.width.to_string(), record.height.to_string());
    let prompt = record.request.prompt.clone();
    let line = derived(move || recipe_line(&record, w.now()));
    view! {
        <figure class="viewer">
            <img src=derived(move || url.get()) class:gone=is_gone alt="" width=width height=height />
            {damaged}
            <figcaption>
                <p class="viewer-prompt">{prompt}</p>
                <p class="viewer-recipe">{line}</p>
            </figcaption>
        </figure>
    }
    .into_any()
}
