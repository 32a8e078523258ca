//! Something that is on or off.

use leptos::ev::{Event, Targeted};
use leptos::prelude::*;
use leptos::web_sys::HtmlInputElement;

type Turned = Box<dyn FnMut(Targeted<Event, HtmlInputElement>)>;

/// A labelled switch; `turn` is called with what it is turned to.
pub fn switch(
    label: Signal<&'static str>,
    is_on: Signal<bool>,
    turn: impl Fn(bool) + 'static,
) -> AnyView {
    let turned: Turned = Box::new(move |event| turn(event.target().checked()));
    view! {
        <label class="switch">
            <input type="checkbox" role="switch" prop:checked=is_on on:change:target=turned />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
