//! Times and numbers as a language writes them.

use js_sys::{BigInt, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::domain::date::Timestamp;

#[wasm_bindgen]
extern "C" {
    // js-sys declares these constructors as if they could not throw; a language that is none makes them.
    #[wasm_bindgen(js_namespace = Intl)]
    type DateTimeFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(language: &JsValue, options: &Object) -> Result<DateTimeFormat, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn format(this: &DateTimeFormat, time: f64) -> Result<String, JsValue>;

    #[wasm_bindgen(js_namespace = Intl)]
    type NumberFormat;
    #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
    fn new(language: &JsValue, options: &Object) -> Result<NumberFormat, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn format(this: &NumberFormat, number: &JsValue) -> Result<String, JsValue>;
}

/// Day and time on the person's clock; the UTC day where the browser cannot.
#[must_use]
pub fn format_time(time: Timestamp, lang: &str) -> String {
    let options = options(&[("dateStyle", "medium"), ("timeStyle", "short")]);
    DateTimeFormat::new(&lang.into(), &options)
        .or_else(|_| DateTimeFormat::new(&JsValue::UNDEFINED, &options))
        .and_then(|format| format.format(time.0 as f64))
        .unwrap_or_else(|_| time.date().to_string())
}

/// With the language's digits and groups.
#[must_use]
pub fn format_number(number: u64, lang: &str) -> String {
    let options = options(&[]);
    NumberFormat::new(&lang.into(), &options)
        .or_else(|_| NumberFormat::new(&JsValue::UNDEFINED, &options))
        .and_then(|format| format.format(&BigInt::from(number)))
        .unwrap_or_else(|_| number.to_string())
}

fn options(pairs: &[(&str, &str)]) -> Object {
    let object = Object::new();
    for (name, value) in pairs {
        drop(Reflect::set(&object, &(*name).into(), &(*value).into()));
    }
    object
}
