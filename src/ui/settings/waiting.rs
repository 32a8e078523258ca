//! Whether requests that wait are sent by themselves.

use leptos::prelude::*;

use crate::state::jobs::Jobs;
use crate::ui::controls::choice::{Choosable, choice};
use crate::ui::{derived, use_all_words};

const ITSELF: &str = "itself";
const ASK: &str = "ask";

/// Part of what Settings say about working without a network.
pub(super) fn waiting() -> AnyView {
    let (w, queue) = (use_all_words(), expect_context::<Jobs>().queue);
    let options = derived(move || {
        let option = |value: &str, label: &str| Choosable {
            value: value.into(),
            label: label.into(),
            note: None,
        };
        let w = w.now();
        vec![option(ASK, w.waiting_ask), option(ITSELF, w.waiting_itself)]
    });
    let value = derived(move || {
        let by_itself = queue.by_itself.get();
        if by_itself { ITSELF } else { ASK }.to_owned()
    });
    let choose = move |value: String| queue.choose_by_itself(value == ITSELF);
    view! {
        {choice(w.text(|w| w.waiting_requests), "waiting", options, value, choose)}
        <p class="hint">{w.text(|w| w.waiting_hint)}</p>
    }
    .into_any()
}
