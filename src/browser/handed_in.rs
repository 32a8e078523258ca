//! Files that are dropped on the page or pasted into it; text that is dropped or pasted stays the browser's own affair.

use wasm_bindgen::JsCast;
use web_sys::{
    ClipboardEvent, DataTransfer, DragEvent, Event, EventTarget, HtmlInputElement,
    HtmlTextAreaElement,
};

use super::files::ChosenFile;
use super::listener::Listener;

/// Calls with the files of each drop, and with whether files hover over the page.
#[must_use]
pub fn on_drop(
    take: impl Fn(Vec<ChosenFile>) + 'static,
    hover: impl Fn(bool) + Clone + 'static,
) -> [Option<Listener>; 3] {
    let (over, left, dropped) = (hover.clone(), hover.clone(), hover);
    [
        on_document("dragover", move |event| {
            if carried(&event).is_some_and(|carried| has_files(&carried)) {
                // Without this the browser opens the file in place of the app.
                event.prevent_default();
                over(true);
            }
        }),
        on_document("dragleave", move |event| {
            // From one element to the next is no leaving.
            let goes_on = event
                .dyn_ref::<DragEvent>()
                .is_some_and(|event| event.related_target().is_some());
            if !goes_on {
                left(false);
            }
        }),
        on_document("drop", move |event| {
            dropped(false);
            let files = carried(&event).map(|carried| files_of(&carried));
            if let Some(files) = files.filter(|files| !files.is_empty()) {
                event.prevent_default();
                take(files);
            }
        }),
    ]
}

/// Calls with the files of each paste. Where text can be typed and text is pasted, nothing is taken from it.
#[must_use]
pub fn on_paste(take: impl Fn(Vec<ChosenFile>) + 'static) -> Option<Listener> {
    on_document("paste", move |event| {
        let pasted = event
            .dyn_ref::<ClipboardEvent>()
            .and_then(ClipboardEvent::clipboard_data);
        let Some(pasted) = pasted else { return };
        let brings_text = pasted
            .get_data("text/plain")
            .is_ok_and(|text| !text.is_empty());
        if brings_text && is_text_field(event.target()) {
            return;
        }
        let files = files_of(&pasted);
        if !files.is_empty() {
            event.prevent_default();
            take(files);
        }
    })
}

fn on_document(event: &'static str, f: impl FnMut(Event) + 'static) -> Option<Listener> {
    let document = super::document();
    Listener::new(document.as_ref().map(AsRef::as_ref), event, f)
}

fn carried(event: &Event) -> Option<DataTransfer> {
    event.dyn_ref::<DragEvent>()?.data_transfer()
}

fn has_files(carried: &DataTransfer) -> bool {
    carried.types().includes(&"Files".into(), 0)
}

fn files_of(carried: &DataTransfer) -> Vec<ChosenFile> {
    let Some(files) = carried.files() else {
        return Vec::new();
    };
    let files = (0..files.length()).filter_map(|at| files.get(at));
    files.map(ChosenFile::from).collect()
}

fn is_text_field(target: Option<EventTarget>) -> bool {
    target.is_some_and(|target| {
        target.has_type::<HtmlTextAreaElement>() || target.has_type::<HtmlInputElement>()
    })
}
