//! Small texts in `localStorage`, which may be forbidden or full: then nothing is kept, and nothing fails.

/// The text under a key.
#[must_use]
pub fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

/// Whether the text is kept now.
pub fn set(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// Whether the key is gone now.
pub fn remove(key: &str) -> bool {
    storage().is_some_and(|storage| storage.remove_item(key).is_ok())
}

/// Whether all keys of this origin are gone now.
pub fn clear_all() -> bool {
    storage().is_some_and(|storage| storage.clear().is_ok())
}

/// Keeps a text for this tab alone, over a reload.
pub fn set_for_tab(key: &str, value: &str) -> bool {
    tab_storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

/// The text that is kept for this tab; it is gone then.
#[must_use]
pub fn take_for_tab(key: &str) -> Option<String> {
    let storage = tab_storage()?;
    let kept = storage.get_item(key).ok()??;
    storage.remove_item(key).ok();
    Some(kept)
}

/// Read by its name: typed, it would be a line of glue in the first load.
fn tab_storage() -> Option<web_sys::Storage> {
    super::property(&super::window()?.into(), "sessionStorage")
        .map(wasm_bindgen::JsCast::unchecked_into)
}

fn storage() -> Option<web_sys::Storage> {
    super::window()?.local_storage().ok()?
}
