//! Moments as the person's language writes them, and values that wait for a pause.

use leptos::prelude::*;

use crate::browser::{clock, intl};
use crate::domain::date::Timestamp;
use crate::state::words::Language;

const IDLE_WAIT_MILLIS: u32 = 100;

#[must_use]
pub fn shown_time(time: Timestamp, language: Language) -> String {
    intl::format_time(time, language.tag())
}

/// Calls when the browser has nothing better to do, or a moment later.
pub fn when_idle(f: impl FnOnce() + 'static) {
    leptos::task::spawn_local(async move {
        clock::idle(IDLE_WAIT_MILLIS).await;
        f();
    });
}

/// A text that follows another one once that has been still for so long.
#[must_use]
pub fn quiet(text: Signal<String>, millis: u32) -> RwSignal<String> {
    let (still, waiting) = (RwSignal::new(String::new()), StoredValue::new(false));
    Effect::new(move |_| {
        text.track();
        if waiting.get_value() {
            return;
        }
        waiting.set_value(true);
        leptos::task::spawn_local(async move {
            loop {
                let before = text.get_untracked();
                clock::sleep(millis).await;
                if text.try_get_untracked().is_none_or(|now| now == before) {
                    break;
                }
            }
            waiting.try_set_value(false);
            if let Some(now) = text.try_get_untracked() {
                still.try_set(now);
            }
        });
    });
    still
}
