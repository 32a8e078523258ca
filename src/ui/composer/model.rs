//! Which model draws: the data's list, or any name typed by hand.

use leptos::prelude::*;

use crate::domain::model::Model;
use crate::domain::provider::Provider;
use crate::domain::request::ImageRequestStoreFields as _;
use crate::state::composer::Composer;
use crate::state::settings::Settings;
use crate::state::words::{Words, fill};
use crate::ui::use_words;

/// The value of the last option, which opens a field for a name.
const OTHER: &str = "other";

/// A list of the models that the provider offers, and a field for any other name.
#[component]
pub fn ModelChoice() -> impl IntoView {
    let (w, composer, settings) = (
        use_words(),
        expect_context::<Composer>(),
        expect_context::<Settings>(),
    );
    let chosen = composer.request.model();
    let catalogue = composer.catalogue.get_value();
    let is_typed = {
        let catalogue = std::sync::Arc::clone(&catalogue);
        let model = chosen.get_untracked();
        RwSignal::new(!catalogue.models().iter().any(|known| known.id == model))
    };
    let offered = move || {
        let compatible = settings.provider.get() == Provider::Compatible;
        let current = chosen.get();
        let offer =
            |model: &&Model| compatible || model.is_active(composer.today) || model.id == current;
        catalogue
            .models()
            .iter()
            .filter(offer)
            .map(|model| option(model, composer, w()))
            .collect_view()
    };
    let choose = move |value: String| {
        is_typed.set(value == OTHER);
        if value != OTHER {
            composer.choose_model(&value);
        }
    };
    view! {
        <label class="field">
            <span>{move || w().model}</span>
            <select
                aria-label=move || w().model
                prop:value=move || if is_typed.get() { OTHER.to_owned() } else { chosen.get() }
                on:change:target=move |event| choose(event.target().value())
            >
                {offered}
                <option value=OTHER>{move || w().other_model}</option>
            </select>
        </label>
        <Show when=move || is_typed.get()>
            <label class="field">
                <span>{move || w().model_id}</span>
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=chosen.get_untracked()
                    on:change:target=move |event| composer.choose_model(event.target().value().trim())
                />
            </label>
        </Show>
        <p class="hint">{move || lifecycle(composer, &chosen.read(), w())}</p>
    }
}

fn option(model: &Model, composer: Composer, w: &Words) -> impl IntoView + use<> {
    let state = if model.is_active(composer.today) {
        None
    } else {
        Some(w.retired)
    };
    let label = state.map_or_else(
        || model.id.clone(),
        |state| format!("{} ({state})", model.id),
    );
    view! { <option value=model.id.clone()>{label}</option> }
}

/// Until when the model lives, and what comes after it.
fn lifecycle(composer: Composer, id: &str, w: &Words) -> Option<String> {
    let catalogue = composer.catalogue.get_value();
    let Some(model) = catalogue.known(id) else {
        return Some(w.model_unknown.into());
    };
    let shutdown = model.lifecycle.shutdown?;
    let text = if model.is_active(composer.today) {
        w.shuts_down
    } else {
        w.was_shut_down
    };
    let replacement = model.lifecycle.replacement.as_deref().unwrap_or("–");
    Some(fill(
        text,
        &[
            ("date", &shutdown.to_string()),
            ("replacement", replacement),
        ],
    ))
}
