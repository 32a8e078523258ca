//! The trash: deleted pictures, to be brought back or deleted for good.

use std::sync::Arc;

use leptos::prelude::*;

use crate::domain::record::PictureRecord;
use crate::state::gallery::Gallery;
use crate::state::library::Library;
use crate::state::thumbnails::Thumbnails;
use crate::state::trash::Trash;
use crate::state::words::fill;
use crate::ui::controls::icon::word_button;
use crate::ui::controls::modal::modal;
use crate::ui::library::grid::grid;
use crate::ui::library::{price_and_model, source};
use crate::ui::{derived, shown, use_all_words};

/// What was deleted.
pub(super) fn trash() -> AnyView {
    let (w, gallery, trash) = (
        use_all_words(),
        expect_context::<Gallery>(),
        expect_context::<Trash>(),
    );
    let library = expect_context::<Library>();
    Effect::new(move |_| {
        // What is brought back elsewhere is no longer here.
        library.pictures.track();
        trash.refresh();
    });
    let is_empty = derived(move || trash.records.read().0.is_empty());
    view! {
        <div class="library-line">
            <h2>{w.text(|w| w.trash)}</h2>
            {word_button("quiet", w.text(|w| w.back_to_library), move || gallery.shows_trash.set(false))}
            {shown(derived(move || !is_empty.get()), move || {
                word_button("quiet danger", w.text(|w| w.empty_trash), move || trash.ask_for_all())
            })}
        </div>
        <p class="hint">{w.text(|w| w.trash_hint)}</p>
        {shown(is_empty, move || view! { <p class="empty">{w.text(|w| w.trash_empty)}</p> }.into_any())}
        {grid(w.text(|w| w.trash), trash.records.into(), card)}
        {question()}
    }
    .into_any()
}

fn card(record: Arc<PictureRecord>, _: Signal<bool>) -> AnyView {
    let (w, trash) = (use_all_words(), expect_context::<Trash>());
    let address = expect_context::<Thumbnails>().address(&record);
    let (prompt, alt) = (record.request.prompt.clone(), record.request.prompt.clone());
    let shown_prompt = record.request.prompt.clone();
    let id = StoredValue::new(record.id.clone());
    let line = price_and_model(&record, w.fixed());
    view! {
        <article class="card" aria-label=prompt>
            <div class="card-image" tabindex="0" data-cell>
                <img prop:src=source(address) alt=alt decoding="async" />
            </div>
            <p class="card-prompt"><bdi>{shown_prompt}</bdi></p>
            <p class="card-recipe">{line}</p>
            <div class="actions">
                {word_button("quiet", w.text(|w| w.restore), move || trash.restore(id.get_value()))}
                {word_button("quiet danger", w.text(|w| w.delete_for_good), move || trash.asks.set(Some(vec![id.get_value()])))}
            </div>
        </article>
    }
    .into_any()
}

/// Asks once more: this cannot be undone.
fn question() -> AnyView {
    let (w, trash) = (use_all_words(), expect_context::<Trash>());
    let sure = derived(move || {
        let n = trash.asks.read().as_ref().map_or(0, Vec::len);
        fill(w.now().purge_sure, &[("n", &n.to_string())])
    });
    let keep = move || trash.asks.set(None);
    let body = view! {
        <p>{sure}</p>
        <div class="row">
            {word_button("quiet danger", w.text(|w| w.delete_for_good), move || trash.purge())}
            {word_button("quiet", w.text(|w| w.keep), keep)}
        </div>
    };
    let asks = derived(move || trash.asks.read().is_some());
    let label = w.text(|w| w.delete_for_good);
    modal("question", label, asks, keep, body.into_any())
}
