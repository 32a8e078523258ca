//! A whole number in a field, with its limits.

use leptos::prelude::*;

/// A labelled spin button. What is typed goes out when it is a number; the field keeps what was typed.
#[component]
pub fn Number(
    label: Signal<String>,
    value: Signal<u32>,
    min: u32,
    max: Signal<u32>,
    #[prop(optional)] step: Option<u32>,
    /// Called with each number that is typed, legal or not: the rules speak elsewhere.
    change: impl Fn(u32) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let typed = move |text: String| {
        if let Ok(number) = text.trim().parse() {
            change(number);
        }
    };
    view! {
        <label class="field number">
            <span>{label}</span>
            <input
                type="number"
                inputmode="numeric"
                min=min
                max=max
                step=step.unwrap_or(1)
                prop:value=move || value.get().to_string()
                on:input:target=move |event| typed(event.target().value())
            />
        </label>
    }
}
