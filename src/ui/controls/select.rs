//! A list that opens, to choose one of.

use leptos::prelude::*;

use crate::ui::with_text;

/// A labelled combobox; `choose` is called with the value of the chosen option.
///
/// `options` are its `<option>`s. They come after the value is set, so the one to begin with says itself that it is selected.
pub fn select(
    label: Signal<&'static str>,
    value: Signal<String>,
    options: AnyView,
    choose: impl Fn(String) + 'static,
) -> AnyView {
    field(label, value, options, Box::new(choose))
}

fn field(
    label: Signal<&'static str>,
    value: Signal<String>,
    options: AnyView,
    choose: Box<dyn Fn(String)>,
) -> AnyView {
    view! {
        <label class="field">
            <span>{label}</span>
            <select aria-label=label prop:value=value on:change:target=with_text(choose)>
                {options}
            </select>
        </label>
    }
    .into_any()
}
