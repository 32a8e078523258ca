//! Whether there is a network, as far as the browser knows.

use leptos::prelude::*;

use crate::browser::{fetch, page};

/// The network; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    pub is_there: RwSignal<bool>,
}

impl Network {
    /// Follows what the browser says, for as long as the owner lives.
    #[must_use]
    pub fn follow() -> Self {
        let is_there = RwSignal::new(fetch::online());
        let kept = StoredValue::new(page::on_network_change(move |online| is_there.set(online)));
        on_cleanup(move || kept.dispose());
        Self { is_there }
    }
}
