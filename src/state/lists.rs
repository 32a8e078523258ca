//! What the providers' own lists of models taught, kept for each origin; and whether the app asks for them by itself.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser::local;
use crate::domain::date::Date;
use crate::domain::listing::{Look, Taught};
use crate::domain::provider::{Address, OPENAI};
use crate::state::settings::Settings;

/// What is kept over a reload, for all tabs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    daily: bool,
    looks: BTreeMap<String, Look>,
    lists: BTreeMap<String, Taught>,
}

const STORED_AS: &str = "pentimento.lists";

/// The lists; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Lists {
    /// A list is being asked for.
    pub asking: RwSignal<bool>,
    pub settings: Settings,
    kept: RwSignal<Kept>,
}

impl Lists {
    /// Reads what was kept.
    #[must_use]
    pub fn load(settings: Settings) -> Self {
        Self {
            asking: RwSignal::new(false),
            settings,
            kept: RwSignal::new(stored().unwrap_or_default()),
        }
    }

    /// Whether the app looks once a day by itself. Reactive.
    #[must_use]
    pub fn is_daily(self) -> bool {
        self.kept.read().daily
    }

    pub fn set_daily(self, daily: bool) {
        self.change(|kept| kept.daily = daily);
    }

    /// What the chosen provider's list taught. Practice draws with OpenAI's models. Reactive.
    #[must_use]
    pub fn taught(self) -> Option<Taught> {
        let address = self.settings.target();
        let address = address
            .unwrap_or_else(|| Address::parse(OPENAI, &[]))
            .ok()?;
        self.kept.read().lists.get(address.origin()).cloned()
    }

    /// Whether no tab has looked today.
    #[must_use]
    pub fn is_due(self, address: &Address, today: Date) -> bool {
        let last = self.newest().looks.get(address.origin()).copied();
        Look::is_due(last, today, self.settings.key_for(address).is_some())
    }

    /// Keeps that the server of an address has answered, and with which list.
    pub fn keep(self, address: &Address, look: Look, taught: Option<Taught>) {
        let origin = || address.origin().to_owned();
        self.change(|kept| {
            kept.looks.insert(origin(), look);
            if let Some(taught) = taught {
                kept.lists.insert(origin(), taught);
            }
        });
    }

    /// Another tab may have changed it; and where nothing can be kept, this tab knows it still.
    fn newest(self) -> Kept {
        stored().unwrap_or_else(|| self.kept.get_untracked())
    }

    fn change(self, change: impl FnOnce(&mut Kept)) {
        let mut kept = self.newest();
        change(&mut kept);
        if let Ok(json) = serde_json::to_string(&kept) {
            local::set(STORED_AS, &json);
        }
        self.kept.set(kept);
    }
}

fn stored() -> Option<Kept> {
    serde_json::from_str(&local::get(STORED_AS)?).ok()
}
