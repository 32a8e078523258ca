//! What holds until it changes: that there is no network, that a newer version waits, and that shared images wait for a word.

use leptos::prelude::*;

use crate::domain::size::shown_bytes;
use crate::state::network::Network;
use crate::state::settings::Settings;
use crate::state::shared::SharedImages;
use crate::state::tray::Tray;
use crate::state::update::{Newer, Updates};
use crate::state::words::fill;
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, live, press, shown, use_all_words};

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

/// Above the notices, while images that were shared wait for a word.
pub fn shared_images() -> AnyView {
    let images = expect_context::<SharedImages>();
    let is_asked = derived(move || images.is_asked());
    view! { <div class="standing" role="status">{shown(is_asked, question)}</div> }.into_any()
}

fn question() -> AnyView {
    let (w, tray) = (use_all_words(), expect_context::<Tray>());
    let images = expect_context::<SharedImages>();
    let title = derived(move || {
        let n = images.files().len().to_string();
        fill(w.now().shared, &[("n", &n)])
    });
    let list = live(move || {
        let item = |(name, bytes)| view! { <li><bdi>{name}</bdi> " · " {shown_bytes(bytes)}</li> };
        let items: Vec<_> = images.files().into_iter().map(item).collect();
        view! { <ul class="shared">{items}</ul> }.into_any()
    });
    let is_readable = derived(move || !images.files().is_empty());
    let advice = derived(move || match is_readable.get() {
        true => w.now().shared_advice,
        false => w.now().shared_unreadable,
    });
    let more = derived(move || images.more.get());
    let behind = move || {
        let text = move || fill(w.now().shared_more, &[("n", &more.get().to_string())]);
        view! { <p class="notice-advice">{text}</p> }.into_any()
    };
    // Else each of them would be refused, and be gone.
    let takes_none = derived(move || !tray.takes_images());
    let refusal = move || {
        let text = w.text(|w| w.no_edits);
        view! { <p class="notice-billed">{text}</p> }.into_any()
    };
    let cannot_add = derived(move || takes_none.get() || !is_readable.get());
    view! {
        <div class="notice">
            <div class="notice-text">
                <p class="notice-title">{title}</p>
                {list}
                <p class="notice-advice">{advice}</p>
                {shown(derived(move || more.get() > 0), behind)}
                {shown(takes_none, refusal)}
                <div class="row">
                    <button type="button" class="primary" prop:disabled=cannot_add on:click=press(move || images.add())>
                        {w.text(|w| w.shared_add)}
                    </button>
                    {word_button("quiet", w.text(|w| w.shared_discard), move || images.discard())}
                </div>
            </div>
        </div>
    }
    .into_any()
}
