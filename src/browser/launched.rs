//! Files that the system opens with the installed app.
//!
//! Everything is read by its name: each typed import would be a line of glue in the first load.

use js_sys::Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use super::files::ChosenFile;
use super::{call, called, property};

/// Calls with the files of each launch for as long as the page lives; what was opened before is there already.
pub fn on_launch(take: impl Fn(Vec<ChosenFile>) + Clone + 'static) {
    let queue = super::window().and_then(|window| property(&window, "launchQueue"));
    let Some(queue) = queue else { return };
    let opened = Closure::<dyn FnMut(JsValue)>::new(move |launch: JsValue| {
        let handles = property(&launch, "files");
        let handles = handles.map_or_else(Array::new, |list| Array::from(&list));
        let take = take.clone();
        spawn_local(async move {
            let mut files = Vec::new();
            for handle in handles {
                files.extend(file_of(&handle).await);
            }
            if !files.is_empty() {
                take(files);
            }
        });
    });
    call(&queue, "setConsumer", &[opened.into_js_value()]);
}

/// `None` where the file has gone since, or may not be read.
async fn file_of(handle: &JsValue) -> Option<ChosenFile> {
    let file = called(handle, "getFile", &[]).await?;
    Some(file.unchecked_into::<File>().into())
}
