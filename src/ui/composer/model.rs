//! Which model draws: the data's list, or any name typed by hand.

use leptos::prelude::*;

use crate::domain::model::Model;
use crate::domain::provider::Provider;
use crate::domain::request::ImageRequestStoreFields as _;
use crate::state::composer::{Composer, Successor};
use crate::state::settings::Settings;
use crate::state::words::{Words, fill};
use crate::ui::controls::select::select;
use crate::ui::{derived, live, press, shown, use_words, with_text};

/// The value of the last option, which opens a field for a name.
const OTHER: &str = "other";

/// A list of the models that the provider offers, and a field for any other name.
pub fn model_choice() -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let chosen = composer.request.model();
    // The data may change under the chosen model: with a price file, or a provider's own list.
    let is_listed = Memo::new(move |_| {
        let (catalogue, chosen) = (composer.catalogue.read(), chosen.read());
        let mut ids = catalogue.models().iter().map(|known| &known.id);
        ids.any(|id| *id == *chosen) || catalogue.listed().contains(&chosen)
    });
    let wants_other = RwSignal::new(false);
    let is_typed = derived(move || wants_other.get() || !is_listed.get());
    let choose = move |value: String| {
        wants_other.set(value == OTHER);
        if value != OTHER {
            composer.choose_model(&value);
        }
    };
    let value = derived(move || {
        if is_typed.get() {
            OTHER.to_owned()
        } else {
            chosen.get()
        }
    });
    let typed = move || {
        view! {
            <label class="field">
                <span>{w.text(|w| w.model_id)}</span>
                <input
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=chosen.get_untracked()
                    on:change:target=with_text(move |id| composer.choose_model(id.trim()))
                />
            </label>
        }
        .into_any()
    };
    let options = view! {
        {options(composer)}
        <option value=OTHER>{w.text(|w| w.other_model)}</option>
    };
    view! {
        {select(w.text(|w| w.model), value, options.into_any(), choose)}
        {shown(is_typed, typed)}
        <p class="hint">{derived(move || lifecycle(composer, &chosen.read(), w.now()))}</p>
        {successor(false)}
    }
    .into_any()
}

/// The way to the model that comes after the chosen one: below it in time, and beside Generate once it is too late.
pub fn successor(when_gone: bool) -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let settings = expect_context::<Settings>();
    live(move || {
        let here = |next: &Successor| {
            next.is_gone == when_gone && settings.provider.get() != Provider::Compatible
        };
        let next = composer.successor().filter(here);
        next.map(|Successor { model, .. }| {
            let gone = when_gone
                .then(|| lifecycle(composer, &composer.request.model().read(), w.now()));
            let name = fill(w.now().move_to, &[("model", &model)]);
            view! {
                <div class="successor" role="status">
                    {gone}
                    <button type="button" class="quiet" on:click=press(move || composer.choose_model(&model))>
                        {name}
                    </button>
                    <small>{composer.successor_costs}</small>
                </div>
            }
        })
        .into_any()
    })
}

/// The models that the provider offers, and the one of the draft whatever has become of it.
fn options(composer: Composer) -> AnyView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let current = composer.request.model();
    let offered = Memo::new(move |_| {
        let compatible = settings.provider.get() == Provider::Compatible;
        let current = current.get();
        let offer =
            |model: &&Model| compatible || model.is_active(composer.today) || model.id == current;
        let catalogue = composer.catalogue.get();
        let offered = catalogue.models().iter().filter(offer);
        let offered = offered.map(|model| (model.id.clone(), model.is_active(composer.today)));
        let listed = catalogue.listed().iter().map(|id| (id.clone(), true));
        offered.chain(listed).collect::<Vec<_>>()
    });
    let option = move |(id, active): (String, bool)| {
        // Said here too, because the options may come after the value of the list.
        let selected = *current.read_untracked() == id;
        let shown = id.clone();
        let label = derived(move || {
            if active {
                shown.clone()
            } else {
                format!("{shown} ({})", w.now().retired)
            }
        });
        view! { <option value=id selected=selected>{label}</option> }
    };
    // Each stays itself while others come and go, and the chosen one stays chosen.
    view! { <For each=move || offered.get() key=|offered| offered.clone() children=option /> }
        .into_any()
}

/// Until when the model lives, and what comes after it.
fn lifecycle(composer: Composer, id: &str, w: &Words) -> String {
    let catalogue = composer.catalogue.get();
    let Some(model) = catalogue.known(id) else {
        return w.model_unknown.into();
    };
    let Some(shutdown) = model.lifecycle.shutdown else {
        return String::new();
    };
    let text = if model.is_active(composer.today) {
        w.shuts_down
    } else {
        w.was_shut_down
    };
    let replacement = model.lifecycle.replacement.as_deref().unwrap_or("–");
    fill(
        text,
        &[
            ("date", &shutdown.to_string()),
            ("replacement", replacement),
        ],
    )
}
