//! A whole number in a field, with its limits.

use leptos::prelude::*;

use crate::ui::{derived, with_text};

/// A labelled spin button. What is typed goes out when it is a number, legal or not: the rules speak elsewhere.
pub fn number(
    label: Signal<&'static str>,
    value: Signal<u32>,
    (min, max): (u32, Signal<u32>),
    step: u32,
    change: impl Fn(u32) + 'static,
) -> AnyView {
    let typed = move |text: String| {
        if let Ok(number) = text.trim().parse() {
            change(number);
        }
    };
    field(label, value, min, max, step, Box::new(typed))
}

fn field(
    label: Signal<&'static str>,
    value: Signal<u32>,
    min: u32,
    max: Signal<u32>,
    step: u32,
    typed: Box<dyn Fn(String)>,
) -> AnyView {
    view! {
        <label class="field number">
            <span>{label}</span>
            <input
                type="number"
                inputmode="numeric"
                min=min.to_string()
                max=derived(move || max.get().to_string())
                step=step.to_string()
                prop:value=derived(move || value.get().to_string())
                on:input:target=with_text(typed)
            />
        </label>
    }
    .into_any()
}
