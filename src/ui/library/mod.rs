//! The library: every picture, newest first.

use leptos::prelude::*;

use crate::state::library::Library;
use crate::ui::controls::icon::word_button;
use crate::ui::picture::picture_card_with_recipe;
use crate::ui::stage::interrupted::interrupted;
use crate::ui::{derived, shown, use_all_words};

/// The view `#/library`.
pub fn library_view() -> AnyView {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let is_empty = derived(move || library.loaded.get() && library.pictures.read().is_empty());
    let empty = shown(is_empty, move || {
        view! { <p class="empty">{w.text(|w| w.library_empty)}</p> }.into_any()
    });
    let more = shown(library.has_more.into(), move || {
        word_button("quiet", w.text(|w| w.show_more), move || {
            library.load_more();
        })
    });
    let card = |record| view! { <li>{picture_card_with_recipe(record)}</li> }.into_any();
    view! {
        <section class="page library">
            <h1>{w.text(|w| w.library)}</h1>
            {interrupted()}
            {empty}
            <ul class="grid" aria-label=w.text(|w| w.library)>
                <For each=move || library.pictures.get() key=|record| record.id.clone() children=card />
            </ul>
            {more}
        </section>
    }
    .into_any()
}
