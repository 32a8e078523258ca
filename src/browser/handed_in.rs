//! Files that are dropped on the page or pasted into it; text that is dropped or pasted stays the browser's own affair.
//!
//! Properties are read by their names: each typed one would be a line of glue in the first load.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, File};

use super::files::ChosenFile;
use super::listener::Listener;
use super::property;

/// Calls with the files of each drop, and with whether files hover over the page. `boot.js` keeps the browser from opening them.
#[must_use]
pub fn on_drop(
    take: impl Fn(Vec<ChosenFile>) + 'static,
    hover: impl Fn(bool) + Clone + 'static,
) -> [Option<Listener>; 3] {
    let (over, left, dropped) = (hover.clone(), hover.clone(), hover);
    [
        on_document("dragover", move |event| {
            if has_type(&carried(&event, "dataTransfer"), "Files") {
                over(true);
            }
        }),
        on_document("dragleave", move |event| {
            // From one element to the next is no leaving.
            if property(&event, "relatedTarget").is_none() {
                left(false);
            }
        }),
        on_document("drop", move |event| {
            dropped(false);
            hand_over(&event, &carried(&event, "dataTransfer"), &take);
        }),
    ]
}

/// What was dropped before anybody listened: `boot.js` holds it.
#[must_use]
pub fn held() -> Vec<ChosenFile> {
    let held = super::document().and_then(|document| property(&document, "held"));
    held.map_or_else(Vec::new, |held| files_of(&held))
}

/// Calls with the files of each paste. Where text can be typed and text is pasted, nothing is taken from it.
#[must_use]
pub fn on_paste(take: impl Fn(Vec<ChosenFile>) + 'static) -> Option<Listener> {
    on_document("paste", move |event| {
        let pasted = carried(&event, "clipboardData");
        let is_in_text = event
            .target()
            .is_some_and(|target| property(&target, "selectionStart").is_some());
        if !(is_in_text && has_type(&pasted, "text/plain")) {
            hand_over(&event, &pasted, &take);
        }
    })
}

fn on_document(event: &'static str, f: impl FnMut(Event) + 'static) -> Option<Listener> {
    let document = super::document();
    Listener::new(document.as_ref().map(AsRef::as_ref), event, f)
}

/// The files, where there are any: then the browser does nothing with them.
fn hand_over(event: &Event, carried: &JsValue, take: &impl Fn(Vec<ChosenFile>)) {
    let files = files_of(carried);
    if !files.is_empty() {
        event.prevent_default();
        take(files);
    }
}

fn files_of(carried: &JsValue) -> Vec<ChosenFile> {
    let files = listed(carried, "files");
    let files = files.iter().map(|file| file.unchecked_into::<File>());
    files.map(ChosenFile::from).collect()
}

/// What an event carries (a `DataTransfer`), or nothing.
fn carried(event: &Event, name: &str) -> JsValue {
    property(event, name).unwrap_or_default()
}

fn has_type(carried: &JsValue, wanted: &str) -> bool {
    let types = listed(carried, "types");
    types
        .iter()
        .any(|kind| kind.as_string().as_deref() == Some(wanted))
}

/// A list of what is carried.
fn listed(carried: &JsValue, name: &str) -> Array {
    property(carried, name).map_or_else(Array::new, |list| Array::from(&list))
}
