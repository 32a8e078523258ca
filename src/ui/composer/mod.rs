//! The composer below the prompt: settings, price, Generate. The prompt's field itself is the page's own.

pub mod model;
pub mod parameters;
pub mod price;
pub mod size;
pub mod violations;

use leptos::ev::keydown;
use leptos::prelude::*;

use crate::state::composer::Composer;
use crate::state::jobs::Jobs;
use crate::ui::use_words;

use model::ModelChoice;
use parameters::Parameters;
use price::{Breakdown, Price};
use violations::Violations;

/// Settings, price and Generate.
#[component]
pub fn ComposerRest() -> impl IntoView {
    let (w, composer, jobs) = (
        use_words(),
        expect_context::<Composer>(),
        expect_context::<Jobs>(),
    );
    let details = RwSignal::new(false);
    let ready = move || composer.violations.read().is_empty();
    let shortcut = window_event_listener(keydown, move |event| {
        let wanted = event.key() == "Enter" && (event.ctrl_key() || event.meta_key());
        if wanted && !event.repeat() && !event.is_composing() && untrack(ready) {
            event.prevent_default();
            jobs.generate();
        }
    });
    on_cleanup(move || shortcut.remove());
    view! {
        <Violations />
        <div class="send">
            <div class="send-price">
                <Price />
                <button
                    type="button"
                    class="link"
                    aria-expanded=move || details.get().to_string()
                    on:click=move |_| details.update(|open| *open = !*open)
                >
                    {move || w().cost_details}
                </button>
            </div>
            <button type="button" class="primary" disabled=move || !ready() on:click=move |_| jobs.generate()>
                {move || w().generate}
            </button>
        </div>
        <Show when=move || details.get()>
            <Breakdown />
        </Show>
        <div class="settings">
            <ModelChoice />
            <Parameters />
        </div>
    }
}
