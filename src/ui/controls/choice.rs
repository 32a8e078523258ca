//! A radio group of a few options, shown as segments.

use std::sync::Arc;

use leptos::prelude::*;

use crate::ui::{derived, with_text};

/// One option of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosable {
    pub value: String,
    pub label: String,
    /// Small print below the label.
    pub note: Option<String>,
}

impl Choosable {
    /// The accessible name: the label, and the value that the API knows.
    fn name(&self) -> String {
        if self.value.is_empty() {
            self.label.clone()
        } else {
            format!("{}, {}", self.label, self.value)
        }
    }
}

type Choose = Arc<dyn Fn(String) + Send + Sync>;

/// A labelled choice among a list of options; list and labels may change with model and language.
///
/// `group` keeps the radio buttons together; `choose` is called with the value of the chosen option.
pub fn choice(
    label: Signal<&'static str>,
    group: &'static str,
    options: Signal<Vec<Choosable>>,
    value: Signal<String>,
    choose: impl Fn(String) + Send + Sync + 'static,
) -> AnyView {
    segments(label, group, options, value, Arc::new(choose))
}

fn segments(
    label: Signal<&'static str>,
    group: &'static str,
    options: Signal<Vec<Choosable>>,
    value: Signal<String>,
    choose: Choose,
) -> AnyView {
    view! {
        <fieldset class="choice" role="radiogroup" aria-label=label>
            <legend aria-hidden="true">{label}</legend>
            <div class="options">
                <For
                    each=move || options.get()
                    key=|option| (option.value.clone(), option.label.clone())
                    children=move |option| segment(option, group, value, Arc::clone(&choose))
                />
            </div>
        </fieldset>
    }
    .into_any()
}

fn segment(
    option: Choosable,
    group: &'static str,
    value: Signal<String>,
    choose: Choose,
) -> AnyView {
    let name = option.name();
    let own = option.value.clone();
    let is_chosen = derived(move || value.with(|value| *value == own));
    view! {
        <label class="option">
            <input
                type="radio"
                name=group
                aria-label=name
                value=option.value
                prop:checked=is_chosen
                on:change:target=with_text(move |value| choose(value))
            />
            <span class="option-label">{option.label}</span>
            {option.note.map(|note| view! { <small>{note}</small> })}
        </label>
    }
    .into_any()
}
