//! What holds until it changes: that there is no network, and that a newer version waits.

use leptos::prelude::*;

use crate::state::network::Network;
use crate::state::settings::Settings;
use crate::state::update::{Newer, Updates};
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, shown, use_all_words};

/// In the bar, while there is no network. Its place is always there, so that a screen reader hears the change.
pub fn offline_sign() -> AnyView {
    let (w, network) = (use_all_words(), expect_context::<Network>());
    let sign = move || {
        view! {
            <span class="offline">
                <b>{w.text(|w| w.offline_sign)}</b>
                " "
                <span class="offline-more">{w.text(|w| w.offline_sign_more)}</span>
            </span>
        }
        .into_any()
    };
    let is_away = derived(move || !network.is_there.get());
    view! { <div class="standing" role="status">{shown(is_away, sign)}</div> }.into_any()
}

/// Above the notices, once a newer version is here.
pub fn newer_version() -> AnyView {
    let updates = expect_context::<Updates>();
    let is_there = derived(move || matches!(updates.newer.get(), Newer::Waits | Newer::Wanted));
    view! { <div class="standing" role="status">{shown(is_there, offer)}</div> }.into_any()
}

fn offer() -> AnyView {
    let (w, updates) = (use_all_words(), expect_context::<Updates>());
    let settings = expect_context::<Settings>();
    let is_asked = derived(move || updates.newer.get() == Newer::Waits);
    let waits = derived(move || !is_asked.get() || updates.is_busy.get());
    let has_key = derived(move || !settings.keys.read().is_empty());
    let line = move |text: Signal<&'static str>| {
        move || view! { <p class="notice-advice">{text}</p> }.into_any()
    };
    let buttons = move || {
        view! {
            <div class="row">
                {word_button("primary", w.text(|w| w.update_now), move || updates.put_in_place())}
                {word_button("quiet", w.text(|w| w.update_later), move || updates.put_off())}
            </div>
        }
        .into_any()
    };
    view! {
        <div class="notice">
            <div class="notice-text">
                <p class="notice-title">{w.text(|w| w.update_ready)}</p>
                {line(w.text(|w| w.update_keeps))()}
                {shown(has_key, line(w.text(|w| w.update_key)))}
                {shown(waits, line(w.text(|w| w.update_waits)))}
                {shown(is_asked, buttons)}
            </div>
        </div>
    }
    .into_any()
}
