//! One picture, large, with everything that is known about it.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::Element;

use crate::domain::record::{Label, Marking, PictureRecord};
use crate::state::gallery::Gallery;
use crate::state::library::Library;
use crate::ui::controls::icon::word_button;
use crate::ui::controls::modal::modal;
use crate::ui::library::favourite;
use crate::ui::library::labels::{label_field, labels_of};
use crate::ui::picture::{damage, picture_actions, recipe};
use crate::ui::{derived, live, use_all_words};

/// A dialog over the page while a picture's details are open.
pub(super) fn details() -> AnyView {
    let (w, gallery, library) = (
        use_all_words(),
        expect_context::<Gallery>(),
        expect_context::<Library>(),
    );
    // The record as it is opened: what changes within it has signals of its own.
    let record = Memo::new_with_compare(
        move |_| library.record(&gallery.details.get()?),
        |before, after| {
            let id = |record: Option<&Option<Arc<PictureRecord>>>| {
                record.and_then(|record| record.as_ref().map(|record| record.id.clone()))
            };
            id(before) != id(after)
        },
    );
    let turned: Box<dyn FnMut(KeyboardEvent)> = Box::new(move |event| {
        let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
        let is_typing = target.is_some_and(|target| target.matches("input").unwrap_or(false));
        match event.key().as_str() {
            "ArrowLeft" if !is_typing => gallery.turn_details(-1),
            "ArrowRight" if !is_typing => gallery.turn_details(1),
            _ => {}
        }
    });
    let content = live(move || record.get().map(body).into_any());
    let content = view! { <div on:keydown=turned>{content}</div> }.into_any();
    let is_open = derived(move || record.read().is_some());
    let close = move || gallery.details.set(None);
    modal("details", w.text(|w| w.details), is_open, close, content)
}

fn body(record: Arc<PictureRecord>) -> AnyView {
    let (w, gallery, library) = (
        use_all_words(),
        expect_context::<Gallery>(),
        expect_context::<Library>(),
    );
    let url = library.url(record.blob.clone());
    let (is_gone, damaged) = damage(record.blob.clone());
    let (width, height) = (record.width.to_string(), record.height.to_string());
    let (id, actions_of) = (record.id.clone(), Arc::clone(&record));
    let starred = id.clone();
    let star = live(move || favourite(starred.clone(), w.now()));
    let actions = live(move || picture_actions(Arc::clone(&actions_of), w.now(), None));
    let close = move || gallery.details.set(None);
    view! {
        <div class="details-bar">
            {word_button("quiet", w.text(|w| w.previous_picture), move || gallery.turn_details(-1))}
            {word_button("quiet", w.text(|w| w.next_picture), move || gallery.turn_details(1))}
            {star}
            {word_button("quiet", w.text(|w| w.close), close)}
        </div>
        <div class="details-body">
            <img src=derived(move || url.get()) class:gone=is_gone alt=record.request.prompt.clone() width=width height=height />
            {damaged}
            <div>
                {actions}
                {labels(Label::Tag, id.clone())}
                {labels(Label::Collection, id)}
                {recipe(record)}
            </div>
        </div>
    }
    .into_any()
}

/// The tags or collections of a picture, to be changed.
fn labels(label: Label, id: String) -> AnyView {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let id = StoredValue::new(id);
    let names = Memo::new(move |_| {
        let record = id.with_value(|id| library.record(id));
        record.map_or_else(Vec::new, |record| record.marks.labels(label).to_vec())
    });
    let mark = move |marking| library.mark(vec![id.get_value()], marking);
    let (title, another) = match label {
        Label::Tag => (w.text(|w| w.tags), w.text(|w| w.new_tag)),
        Label::Collection => (w.text(|w| w.collections), w.text(|w| w.new_collection)),
    };
    view! {
        <section class="labels">
            {labels_of(title, names.into(), move |name| mark(Marking::Remove(label, name)))}
            {label_field(label, another, move |name| mark(Marking::Add(label, name)))}
        </section>
    }
    .into_any()
}
