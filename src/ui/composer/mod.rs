//! The composer below the prompt: price and Generate first, then the settings. The prompt's field itself is the page's own.

pub mod breakdown;
pub mod compare;
pub mod hints;
pub mod images;
pub mod learned;
pub mod model;
pub mod parameters;
pub mod price;
pub mod size;
pub mod violations;

use leptos::ev::{KeyboardEvent, MouseEvent, keydown};
use leptos::prelude::*;

use crate::state::composer::Composer;
use crate::state::jobs::Jobs;
use crate::ui::{derived, press, use_words};

/// What a request needs besides its prompt.
pub fn composer_settings() -> AnyView {
    view! { {model::model_choice()} {parameters::parameters()} }.into_any()
}

/// Price and Generate.
pub fn composer_send() -> AnyView {
    let (w, composer, jobs) = (
        use_words(),
        expect_context::<Composer>(),
        expect_context::<Jobs>(),
    );
    let details = composer.shows_costs;
    let ready = derived(move || composer.violations.read().is_empty());
    let early = derived(move || jobs.is_early());
    let shortcut = window_event_listener(keydown, move |event| {
        // At every key of a text: what is cheap to ask comes first.
        let wanted = (event.ctrl_key() || event.meta_key()) && event.key() == "Enter";
        if wanted && !event.repeat() && !event.is_composing() && ready.get_untracked() {
            event.prevent_default();
            jobs.generate();
        }
    });
    on_cleanup(move || shortcut.remove());
    view! {
        {model::successor(true)}
        <div class="send">
            <div class="send-price">
                {price::price()}
                <button
                    type="button"
                    class="link"
                    aria-expanded=derived(move || details.get().to_string())
                    on:click=press(move || details.update(|open| *open = !*open))
                >
                    {w.text(|w| w.cost_details)}
                </button>
            </div>
            <button
                type="button"
                class="primary"
                disabled=derived(move || !ready.get() || early.get())
                aria-busy=derived(move || early.get().then_some("true"))
                on:keydown=no_repeats()
                on:click=first_clicks(composer, move || jobs.generate())
            >
                {w.text(|w| w.generate)}
            </button>
        </div>
    }
    .into_any()
}

/// One gesture is one press: the second click of a double click is none, unless it asks for something else.
fn first_clicks(composer: Composer, press: impl Fn() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    let mut last = None;
    Box::new(move |event| {
        let asked = composer.request.read_untracked().clone();
        if event.detail() < 2 || last.as_ref() != Some(&asked) {
            press();
        }
        last = Some(asked);
    })
}

/// Nor is a key that is held down.
fn no_repeats() -> Box<dyn FnMut(KeyboardEvent)> {
    Box::new(|event| {
        if event.repeat() && event.key() == "Enter" {
            event.prevent_default();
        }
    })
}
