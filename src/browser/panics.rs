//! A panic is written to the console, without keys, and the page says that a reload helps.

use super::adopt;
use crate::domain::secret::redacted;

/// Reports every panic from here on. What was saved is saved; the draft was kept as it was typed.
pub fn report() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&redacted(&info.to_string()).into());
        adopt::set_hidden("boot-failed", false);
    }));
}
