//! A radio group of a few options, shown as segments.

use leptos::prelude::*;

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

/// A labelled choice among a list of options; list and labels may change with model and language.
#[component]
pub fn Choice(
    /// The words above the options.
    label: Signal<String>,
    /// The name that keeps the radio buttons of one group together.
    group: &'static str,
    options: Signal<Vec<Choosable>>,
    value: Signal<String>,
    /// Called with the value of the chosen option.
    choose: impl Fn(String) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let radio = move |option: Choosable| {
        let (name, own) = (option.name(), option.value.clone());
        let is_chosen = {
            let own = own.clone();
            move || value.with(|value| *value == own)
        };
        view! {
            <label class="option">
                <input
                    type="radio"
                    name=group
                    aria-label=name
                    value=option.value
                    prop:checked=is_chosen
                    on:change=move |_| choose(own.clone())
                />
                <span class="option-label">{option.label}</span>
                {option.note.map(|note| view! { <small>{note}</small> })}
            </label>
        }
    };
    view! {
        <fieldset class="choice" role="radiogroup" aria-label=label>
            <legend aria-hidden="true">{label}</legend>
            <div class="options">
                <For each=move || options.get() key=|option| (option.value.clone(), option.label.clone()) children=radio />
            </div>
        </fieldset>
    }
}
