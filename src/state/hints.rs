//! What a person was told of the models' limits and wants to hear no more.

use leptos::prelude::*;

use crate::browser::local;
use crate::domain::limits::{Limit, limits};
use crate::domain::request::ImageRequestStoreFields as _;
use crate::state::composer::Composer;
use crate::state::time::quiet;

const STORED_AS: &str = "pentimento.hints";
/// How long nothing must be typed before a prompt is looked at.
const QUIET_MILLIS: u32 = 700;

/// The hints on the prompt; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Hints {
    prompt: RwSignal<String>,
    /// The names of those that were put away.
    dismissed: RwSignal<Vec<String>>,
}

impl Hints {
    #[must_use]
    pub fn follow(composer: Composer) -> Self {
        let prompt = composer.request.prompt();
        let kept = local::get(STORED_AS).and_then(|json| serde_json::from_str(&json).ok());
        Self {
            prompt: quiet(Signal::derive(move || prompt.get()), QUIET_MILLIS),
            dismissed: RwSignal::new(kept.unwrap_or_default()),
        }
    }

    /// What is worth saying of the prompt. Reactive.
    #[must_use]
    pub fn now(self) -> Vec<Limit> {
        let dismissed = self.dismissed.read();
        let is_wanted = |limit: &Limit| !dismissed.iter().any(|name| name == limit.name());
        limits(&self.prompt.read())
            .into_iter()
            .filter(is_wanted)
            .collect()
    }

    /// Says it no more, on this computer.
    pub fn dismiss(self, limit: Limit) {
        self.dismissed
            .update(|dismissed| dismissed.push(limit.name().into()));
        if let Ok(json) = serde_json::to_string(&*self.dismissed.read_untracked()) {
            local::set(STORED_AS, &json);
        }
    }
}
