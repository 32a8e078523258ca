//! The key: typed, held in memory, shown by its last characters only.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::state::composer::Composer;
use crate::state::listing::look_once_a_day;
use crate::state::lists::Lists;
use crate::state::notices::{Message, Notices};
use crate::state::settings::{Settings, UnsafePlace};
use crate::state::words::fill;
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, shown, use_all_words};

/// A password field for the chosen address; or why no key may be entered here.
pub(super) fn key_form() -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let refused = match settings.unsafe_place {
        None => return form(),
        Some(UnsafePlace::SharedOrigin) => w.text(|w| w.no_key_shared_origin),
        Some(UnsafePlace::Framed) => w.text(|w| w.no_key_framed),
    };
    view! { <p class="hint fault">{refused}</p> }.into_any()
}

fn form() -> AnyView {
    let (w, settings, notices) = (
        use_all_words(),
        expect_context::<Settings>(),
        expect_context::<Notices>(),
    );
    let (lists, composer) = (expect_context::<Lists>(), expect_context::<Composer>());
    let typed = NodeRef::<leptos::html::Input>::new();
    let origin = derived(move || {
        settings
            .target()
            .and_then(Result::ok)
            .map(|address| address.origin().to_owned())
    });
    let has_key = derived(move || settings.key_shown().is_some());
    let save: Box<dyn FnMut(SubmitEvent)> = Box::new(move |event: SubmitEvent| {
        event.prevent_default();
        let Some(field) = typed.get_untracked() else {
            return;
        };
        settings.save_key(field.value());
        field.set_value("");
        if let (Some(origin), true) = (origin.get_untracked(), has_key.get_untracked()) {
            notices.withdraw(|message| !matches!(message, Message::Trouble { .. }));
            notices.say(Message::KeySaved { origin });
            look_once_a_day(lists, composer, notices);
        }
    });
    let forget = move || {
        settings.forget_key();
        notices.say(Message::KeyForgotten);
    };
    let line = move |text: &'static str, place: &str, value: Option<String>| {
        value
            .map(|value| fill(text, &[(place, &value)]))
            .unwrap_or_default()
    };
    let goes_to = derived(move || line(w.now().key_goes_to, "origin", origin.get()));
    let held = derived(move || line(w.now().key_held, "last", settings.key_shown()));
    view! {
        <form class="key" on:submit=save>
            <label class="field">
                <span>{w.text(|w| w.api_key)}</span>
                <input
                    type="password"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=w.text(|w| w.api_key)
                    node_ref=typed
                />
            </label>
            <p class="hint">{goes_to}</p>
            <div class="row">
                <button type="submit" class="quiet">{w.text(|w| w.save_key)}</button>
                {shown(has_key, move || word_button("quiet", w.text(|w| w.forget_key), forget))}
            </div>
            <p class="hint">{held}</p>
            <p class="hint">{w.text(|w| w.key_advice)}</p>
        </form>
    }
    .into_any()
}
