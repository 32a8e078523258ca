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

fn storage() -> Option<web_sys::Storage> {
    super::window()?.local_storage().ok()?
}
