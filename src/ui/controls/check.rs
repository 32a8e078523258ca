//! A box to tick, and something that is on or off.

use leptos::prelude::*;

/// A labelled checkbox; `choose` is called with whether it is ticked.
pub fn check(
    label: Signal<&'static str>,
    value: Signal<bool>,
    choose: impl Fn(bool) + 'static,
) -> AnyView {
    field("check", None, label, value, Box::new(choose))
}

/// A labelled switch; `turn` is called with what it is turned to.
pub fn switch(
    label: Signal<&'static str>,
    is_on: Signal<bool>,
    turn: impl Fn(bool) + 'static,
) -> AnyView {
    field("switch", Some("switch"), label, is_on, Box::new(turn))
}

fn field(
    class: &'static str,
    role: Option<&'static str>,
    label: Signal<&'static str>,
    value: Signal<bool>,
    choose: Box<dyn Fn(bool)>,
) -> AnyView {
    view! {
        <label class=class>
            <input
                type="checkbox"
                role=role
                prop:checked=value
                on:change:target=move |event| choose(event.target().checked())
            />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
