//! Whether the app opens without a network.

use leptos::prelude::*;

use crate::state::update::{Offline, Updates};
use crate::ui::settings::waiting::waiting;
use crate::ui::{derived, use_all_words};

/// The section of Settings.
pub(super) fn offline() -> AnyView {
    let (w, updates) = (use_all_words(), expect_context::<Updates>());
    let text = derived(move || match updates.offline.get() {
        Offline::Coming => w.now().offline_coming,
        Offline::Ready => w.now().offline_ready,
        Offline::Refused => w.now().offline_refused,
    });
    view! {
        <section>
            <h2>{w.text(|w| w.without_network)}</h2>
            <p role="status">{text}</p>
            {waiting()}
        </section>
    }
    .into_any()
}
