//! A box to tick.

use leptos::prelude::*;

/// A labelled checkbox; `choose` is called with whether it is ticked.
pub fn check(
    label: Signal<&'static str>,
    value: Signal<bool>,
    choose: impl Fn(bool) + 'static,
) -> AnyView {
    field(label, value, Box::new(choose))
}

fn field(label: Signal<&'static str>, value: Signal<bool>, choose: Box<dyn Fn(bool)>) -> AnyView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=value
                on:change:target=move |event| choose(event.target().checked())
            />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
