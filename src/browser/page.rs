//! The page around the app: title, language, theme, address, clipboard, leaving.

use std::cell::Cell;
use std::rc::Rc;

use futures::channel::oneshot;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, EventTarget, Window};

use super::listener::Listener;
use super::{document, property, window};

pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// The language that screen readers and hyphenation go by.
pub fn set_lang(lang: &str) {
    set_root_attribute("lang", Some(lang));
}

/// `data-theme` on the root element; `None` follows the system.
pub fn set_theme(theme: Option<&str>) {
    set_root_attribute("data-theme", theme);
}

/// What follows the `#` of the address, without it.
#[must_use]
pub fn hash() -> String {
    let hash = window().and_then(|window| window.location().hash().ok());
    hash.map_or_else(String::new, |hash| {
        hash.strip_prefix('#').unwrap_or(&hash).to_owned()
    })
}

/// Goes there; "back" comes back.
pub fn set_hash(hash: &str) {
    if let Some(window) = window() {
        drop(window.location().set_hash(hash));
    }
}

/// Goes there in place of where the page is; `hashchange` is not told.
pub fn replace_hash(hash: &str) {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        let url = format!("#{hash}");
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(&url)));
    }
}

/// Calls with each new hash until dropped.
#[must_use]
pub fn on_hash_change(f: impl Fn(String) + 'static) -> Option<Listener> {
    on_window("hashchange", move |_| f(hash()))
}

/// Calls when the page goes away or is put aside; the last moment to save.
#[must_use]
pub fn on_page_hide(f: impl Fn() + 'static) -> Option<Listener> {
    on_window("pagehide", move |_| f())
}

/// Calls when the tab is hidden or shown again, with whether it is hidden.
#[must_use]
pub fn on_visibility(f: impl Fn(bool) + 'static) -> Option<Listener> {
    let document = document();
    Listener::new(
        document.as_ref().map(AsRef::as_ref),
        "visibilitychange",
        move |_| f(is_hidden()),
    )
}

/// Calls when the tab is shown again.
#[must_use]
pub fn on_shown(f: impl Fn() + 'static) -> Option<Listener> {
    on_visibility(move |is_hidden| {
        if !is_hidden {
            f();
        }
    })
}

/// Calls when the network comes or goes, with whether the browser is online.
#[must_use]
pub fn on_network_change(f: impl Fn(bool) + Clone + 'static) -> [Option<Listener>; 2] {
    let again = f.clone();
    [
        on_window("online", move |_| f(true)),
        on_window("offline", move |_| again(false)),
    ]
}

/// Waits for the first thing that a person does on the page.
pub async fn first_gesture() {
    const GESTURES: [&str; 6] = [
        "pointerdown",
        "keydown",
        "focusin",
        "input",
        "hashchange",
        "dragenter",
    ];
    let (tell, told) = oneshot::channel();
    let tell = Rc::new(Cell::new(Some(tell)));
    let _listening = GESTURES.map(|gesture| {
        let tell = Rc::clone(&tell);
        on_window(gesture, move |_| {
            if let Some(tell) = tell.take() {
                tell.send(()).ok();
            }
        })
    });
    told.await.ok();
}

/// While the answer lives, closing the tab asks first.
#[must_use]
pub fn guard_leaving() -> Option<Listener> {
    on_window("beforeunload", |event| event.prevent_default())
}

#[must_use]
pub fn is_hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

/// The person's languages, the best first.
#[must_use]
pub fn languages() -> Vec<String> {
    window().map_or_else(Vec::new, |window| {
        let languages = window.navigator().languages();
        languages.iter().filter_map(|tag| tag.as_string()).collect()
    })
}

/// The origins that this copy was built to reach besides its own, from `<meta name="pentimento-hosts">`.
#[must_use]
pub fn hosts() -> Vec<String> {
    let content = document()
        .and_then(|document| {
            document
                .query_selector("meta[name=pentimento-hosts]")
                .ok()?
        })
        .and_then(|meta| meta.get_attribute("content"))
        .unwrap_or_default();
    content.split_whitespace().map(str::to_owned).collect()
}

/// Scheme, host and port of the page, and its path: what a shared host is known by.
#[must_use]
pub fn origin_and_path() -> (String, String) {
    let location = window().map(|window| window.location());
    let part =
        |text: Option<Result<String, JsValue>>| text.and_then(Result::ok).unwrap_or_default();
    (
        part(location.as_ref().map(web_sys::Location::origin)),
        part(location.as_ref().map(web_sys::Location::pathname)),
    )
}

/// Whether the text is on the clipboard now.
pub async fn copy_text(text: &str) -> bool {
    let clipboard = window().and_then(|window| property(&window.navigator(), "clipboard"));
    match clipboard {
        Some(clipboard) => {
            let clipboard: web_sys::Clipboard = wasm_bindgen::JsCast::unchecked_into(clipboard);
            JsFuture::from(clipboard.write_text(text)).await.is_ok()
        }
        None => false,
    }
}

#[must_use]
pub fn user_agent() -> String {
    window()
        .and_then(|window| window.navigator().user_agent().ok())
        .unwrap_or_default()
}

/// Whether another page shows this one inside itself.
#[must_use]
pub fn is_framed() -> bool {
    window().is_some_and(|window| match window.top() {
        Ok(Some(top)) => top != window,
        // A browser that does not tell has something to hide.
        _ => true,
    })
}

#[must_use]
pub fn prefers_dark() -> bool {
    window()
        .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?)
        .is_some_and(|query| query.matches())
}

/// Loads the page anew.
pub fn reload() {
    if let Some(window) = window() {
        drop(window.location().reload());
    }
}

fn on_window(event: &'static str, f: impl Fn(web_sys::Event) + 'static) -> Option<Listener> {
    let window: Option<Window> = window();
    let target: Option<&EventTarget> = window.as_ref().map(AsRef::as_ref);
    Listener::new(target, event, f)
}

fn set_root_attribute(name: &str, value: Option<&str>) {
    let root: Option<Element> = document().and_then(|document| document.document_element());
    if let Some(root) = root {
        drop(match value {
            Some(value) => root.set_attribute(name, value),
            None => root.remove_attribute(name),
        });
    }
}
