//! Every side effect, one file each: plain values in and out, browser handles opaque, errors as enums.

pub mod adopt;
pub mod archive_file;
pub mod asset;
pub mod ballast;
pub mod clock;
pub mod database;
pub mod decode_image;
pub mod encode_image;
pub mod error;
pub mod fetch;
pub mod files;
pub mod folder;
pub mod handed_in;
pub mod intl;
pub mod launched;
pub mod listener;
pub mod local;
pub mod locks;
mod memory;
pub mod page;
pub mod panics;
pub mod picture;
pub mod random;
pub mod service_worker;
pub mod shared;
pub mod sniff;
pub mod storage;
pub mod sums;
pub mod tabs;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// The one window; none in a worker.
#[expect(clippy::disallowed_methods, reason = "this is the seam")]
fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

fn document() -> Option<web_sys::Document> {
    window()?.document()
}

/// What a thrown value says: `Name: message`.
fn describe(thrown: &JsValue) -> String {
    thrown.dyn_ref::<web_sys::DomException>().map_or_else(
        || {
            thrown.dyn_ref::<js_sys::Error>().map_or_else(
                || thrown.as_string().unwrap_or_else(|| format!("{thrown:?}")),
                |error| format!("{}: {}", error.name(), error.message()),
            )
        },
        |error| format!("{}: {}", error.name(), error.message()),
    )
}

/// A property of an object, where it is there at all.
fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}

/// Calls a method by its name; `None` where there is none, or where it throws.
fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = property(object, name)?.dyn_into().ok()?;
    let arguments: Array = arguments.iter().collect();
    method.apply(object, &arguments).ok()
}

/// Calls a method by its name and waits for what it promises; `None` where there is none, or where it fails.
async fn called(object: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let promise: Promise = call(object, name, arguments)?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}
