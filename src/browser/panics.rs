//! A panic is written to the console, without keys; the page says that it broke, and what it says is what holds.

use web_sys::Event;

use super::adopt;
use crate::domain::secret::redacted;

/// The part of the page that says so; hidden until then.
const SIGN: &str = "broken";

/// Reports every panic from here on. What was saved is saved; the draft was kept as it was typed.
pub fn report() {
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&redacted(&info.to_string()).into());
        // The loader shows it and keeps the moment, as it does for traps that no hook hears of.
        if let (Some(window), Ok(event)) = (super::window(), Event::new("broken")) {
            window.dispatch_event(&event).ok();
        }
    }));
}

/// Whether something in this page broke: then nothing that costs money may be begun from it.
#[must_use]
pub fn has_broken() -> bool {
    adopt::place(SIGN).is_some_and(|sign| !sign.hidden())
}
