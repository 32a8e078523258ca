//! The library: every picture, newest first, looked through, marked, deleted and brought back.

mod chosen;
mod details;
mod filters;
mod grid;
mod labels;
mod scroll;
mod trash;

use std::sync::Arc;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;

use crate::domain::record::{Marking, PictureRecord};
use crate::state::gallery::Gallery;
use crate::state::library::Library;
use crate::state::thumbnails::{Address, Thumbnails};
use crate::state::words::AllWords;
use crate::ui::controls::icon::word_button;
use crate::ui::library::grid::{grid, modified_press};
use crate::ui::picture::{damage, picture_actions, shown_cost};
use crate::ui::stage::interrupted::interrupted;
use crate::ui::{derived, live, press, shown, use_all_words};

const STAR: &str = "m12 2.5 2.9 6.1 6.6.9-4.8 4.7 1.2 6.7L12 17.7l-5.9 3.2 1.2-6.7-4.8-4.7 6.6-.9z";

/// The view `#/library`.
pub fn library_view() -> AnyView {
    let (w, library, gallery) = (
        use_all_words(),
        expect_context::<Library>(),
        expect_context::<Gallery>(),
    );
    Effect::new(move |_| {
        if library.has_more.get() {
            library.load_all();
        }
    });
    on_cleanup(move || gallery.details.set(None));
    let shows_trash = gallery.shows_trash;
    let body = live(move || {
        if shows_trash.get() {
            trash::trash()
        } else {
            pictures()
        }
    });
    view! {
        <section class="page library">
            <h1>{w.text(|w| w.library)}</h1>
            {interrupted()}
            {body}
        </section>
    }
    .into_any()
}

fn pictures() -> AnyView {
    let (w, library, gallery) = (
        use_all_words(),
        expect_context::<Library>(),
        expect_context::<Gallery>(),
    );
    let is_empty = derived(move || library.loaded.get() && library.pictures.read().is_empty());
    let finds_nothing =
        derived(move || !library.pictures.read().is_empty() && gallery.found.read().0.is_empty());
    let empty = move || view! { <p class="empty">{w.text(|w| w.library_empty)}</p> }.into_any();
    let nothing = move || {
        view! {
            <div class="empty">
                <p>{w.text(|w| w.nothing_found)}</p>
                {word_button("quiet", w.text(|w| w.clear_filters), move || gallery.look_for(|query| *query = Default::default()))}
            </div>
        }
        .into_any()
    };
    view! {
        {filters::filters()}
        {shown(gallery.is_choosing.into(), chosen::chosen)}
        {shown(is_empty, empty)}
        {shown(finds_nothing, nothing)}
        {grid(w.text(|w| w.library), gallery.found.into(), card)}
        {details::details()}
    }
    .into_any()
}

/// A picture of the grid.
fn card(record: Arc<PictureRecord>, is_drawn: Signal<bool>) -> AnyView {
    let (w, gallery) = (use_all_words().fixed(), expect_context::<Gallery>());
    let id = StoredValue::new(record.id.clone());
    let address = expect_context::<Thumbnails>().address(&record);
    let (is_gone, damaged) = damage(record.blob.clone());
    let (prompt, alt) = (record.request.prompt.clone(), record.request.prompt.clone());
    let shown_prompt = record.request.prompt.clone();
    let line = price_and_model(&record, w);
    let is_chosen = derived(move || {
        gallery
            .chosen
            .with(|chosen| id.with_value(|id| chosen.contains(id)))
    });
    let opened = modified_press(move |to_here| {
        if gallery.is_choosing.get_untracked() {
            gallery.toggle(&id.get_value(), to_here);
        } else {
            gallery.details.set(Some(id.get_value()));
        }
    });
    let choice = shown(gallery.is_choosing.into(), move || {
        view! {
            <input
                type="checkbox"
                class="card-choice"
                aria-label=w.choose_this
                prop:checked=is_chosen
                on:click=modified_press(move |to_here| gallery.toggle(&id.get_value(), to_here))
            />
        }
        .into_any()
    });
    let look = move || gallery.details.set(Some(id.get_value()));
    view! {
        <article class="card" class:selected=is_chosen aria-label=prompt>
            <div class="card-top">
                <button type="button" class="card-image" data-cell aria-label=w.look_large on:click=opened>
                    <img prop:src=source(address) class:gone=is_gone alt=alt decoding="async" />
                    {damaged}
                </button>
                {choice}
                {favourite(id.get_value(), w)}
            </div>
            <p class="card-prompt"><bdi>{shown_prompt}</bdi></p>
            <p class="card-recipe">{line}</p>
            {shown(is_drawn, move || picture_actions(Arc::clone(&record), w, Some(Box::new(look))))}
        </article>
    }
    .into_any()
}

/// What shows a small picture: no signal, which could not hold what belongs to the browser.
fn source(address: RwSignal<Address>) -> impl Fn() -> Option<JsValue> + Send + 'static {
    move || address.get().map(JsValue::from)
}

/// What fits below a picture; the rest is in its details.
fn price_and_model(record: &PictureRecord, w: &AllWords) -> String {
    format!("{} · {}", shown_cost(record, w), record.request.model)
}

/// A star that is on or off.
fn favourite(id: String, w: &'static AllWords) -> AnyView {
    let library = expect_context::<Library>();
    let id = StoredValue::new(id);
    let is_one = Memo::new(move |_| {
        id.with_value(|id| library.record(id))
            .is_some_and(|record| record.marks.favourite)
    });
    let turn = move || {
        let marking = Marking::Favourite(!is_one.get_untracked());
        library.mark(vec![id.get_value()], marking);
    };
    view! {
        <button
            type="button"
            class="icon-button star"
            aria-label=w.favourite
            title=w.favourite
            aria-pressed=derived(move || is_one.get().to_string())
            on:click=press(turn)
        >
            <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d=STAR /></svg>
        </button>
    }
    .into_any()
}
