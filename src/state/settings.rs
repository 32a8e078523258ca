//! What a person sets once: provider, address, key, language, appearance. The key stays in memory.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser::{local, page};
use crate::domain::provider::{Address, AddressFault, OPENAI, Provider};
use crate::domain::secret::{Secret, redacted};
use crate::state::words::{Language, Words};

/// Colours: as the system says, or one of two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// How the practice provider behaves, so that its troubles can be met before they cost anything.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mood {
    #[default]
    Obliging,
    Slow,
    Refusing,
    Dropping,
}

impl Mood {
    pub const ALL: [Self; 4] = [Self::Obliging, Self::Slow, Self::Refusing, Self::Dropping];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Obliging => "obliging",
            Self::Slow => "slow",
            Self::Refusing => "refusing",
            Self::Dropping => "dropping",
        }
    }
}

/// What is kept over a reload. The key is no part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    provider: Provider,
    address: String,
    language: Language,
    theme: Theme,
    mood: Mood,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            provider: Provider::Practice,
            address: "http://127.0.0.1:8080/v1".into(),
            language: Language::default(),
            theme: Theme::default(),
            mood: Mood::default(),
        }
    }
}

const STORED_AS: &str = "pentimento.settings";

/// The settings; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub provider: RwSignal<Provider>,
    /// The address of the compatible server, as typed.
    pub address: RwSignal<String>,
    pub language: RwSignal<Language>,
    pub theme: RwSignal<Theme>,
    pub mood: RwSignal<Mood>,
    /// Origins that hold a key, with the key's last characters.
    pub keys: RwSignal<BTreeMap<String, String>>,
    secrets: StoredValue<BTreeMap<String, Secret>>,
    /// The origins that this copy was built to reach.
    listed: StoredValue<Vec<String>>,
    /// This copy shares its origin with other sites, or is shown inside another page: no key may be entered.
    pub unsafe_place: Option<UnsafePlace>,
    /// Nothing was kept here before.
    pub is_new: bool,
}

/// Why this copy of the app takes no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsafePlace {
    SharedOrigin,
    Framed,
}

impl Settings {
    /// Reads what was kept.
    #[must_use]
    pub fn load() -> Self {
        let stored = local::get(STORED_AS);
        let kept: Option<Kept> = stored
            .as_deref()
            .and_then(|json| serde_json::from_str(json).ok());
        let fresh = || Kept {
            language: Language::choose(&page::languages()),
            ..Kept::default()
        };
        Self {
            is_new: stored.is_none(),
            ..Self::new(kept.unwrap_or_else(fresh), page::hosts(), unsafe_place())
        }
    }

    fn new(kept: Kept, listed: Vec<String>, unsafe_place: Option<UnsafePlace>) -> Self {
        Self {
            provider: RwSignal::new(kept.provider),
            address: RwSignal::new(kept.address),
            language: RwSignal::new(kept.language),
            theme: RwSignal::new(kept.theme),
            mood: RwSignal::new(kept.mood),
            keys: RwSignal::default(),
            secrets: StoredValue::default(),
            listed: StoredValue::new(listed),
            unsafe_place,
            is_new: false,
        }
    }

    /// Keeps every later change, and shows language and theme on the page.
    pub fn keep(self) {
        Effect::new(move |_| {
            let kept = self.kept();
            page::set_lang(kept.language.tag());
            page::set_theme((kept.theme != Theme::System).then(|| kept.theme.as_str()));
            if let Ok(json) = serde_json::to_string(&kept) {
                local::set(STORED_AS, &json);
            }
        });
    }

    fn kept(self) -> Kept {
        Kept {
            provider: self.provider.get(),
            address: self.address.get(),
            language: self.language.get(),
            theme: self.theme.get(),
            mood: self.mood.get(),
        }
    }

    /// The texts of the chosen language; reactive.
    #[must_use]
    pub fn words(self) -> &'static Words {
        self.language.get().words()
    }

    /// Where requests go, or why not; `None` for the practice provider. Reactive.
    #[must_use]
    pub fn target(self) -> Option<Result<Address, AddressFault>> {
        let listed = || self.listed.get_value();
        match self.provider.get() {
            Provider::Practice => None,
            Provider::OpenAi => Some(Address::parse(OPENAI, &listed())),
            Provider::Compatible => Some(Address::parse(&self.address.get(), &listed())),
        }
    }

    /// Reads a stored address by the same rule.
    ///
    /// # Errors
    /// No request may go there.
    pub fn address_of(self, text: &str) -> Result<Address, AddressFault> {
        Address::parse(text, &self.listed.get_value())
    }

    /// The key that was entered for an address's origin, and for no other.
    #[must_use]
    pub fn key_for(self, address: &Address) -> Option<Secret> {
        self.secrets
            .with_value(|secrets| secrets.get(address.origin()).cloned())
    }

    /// Takes a key for the address that is chosen now. Empty text is no key.
    pub fn save_key(self, text: String) {
        let secret = Secret::new(text.trim().to_owned());
        let Some(Ok(address)) = self.target() else {
            return;
        };
        if secret.expose().is_empty() || self.unsafe_place.is_some() {
            return;
        }
        let shown: String = secret
            .expose()
            .chars()
            .rev()
            .take(4)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        self.keys
            .update(|keys| drop(keys.insert(address.origin().into(), shown)));
        self.secrets
            .update_value(|secrets| drop(secrets.insert(address.origin().into(), secret)));
    }

    /// Forgets the key of the address that is chosen now.
    pub fn forget_key(self) {
        if let Some(Ok(address)) = self.target() {
            self.keys.update(|keys| drop(keys.remove(address.origin())));
            self.secrets
                .update_value(|secrets| drop(secrets.remove(address.origin())));
        }
    }

    /// The text with every key that was entered, and whatever else is shaped like one, replaced by `***`.
    #[must_use]
    pub fn without_keys(self, text: &str) -> String {
        let clean = redacted(text);
        self.secrets.with_value(|secrets| {
            let keys = secrets.values().map(Secret::expose);
            keys.fold(clean, |text, key| text.replace(key, "***"))
        })
    }

    /// The last characters of the key for the address that is chosen now. Reactive.
    #[must_use]
    pub fn key_shown(self) -> Option<String> {
        let address = self.target()?.ok()?;
        self.keys.read().get(address.origin()).cloned()
    }
}

fn unsafe_place() -> Option<UnsafePlace> {
    if page::is_framed() {
        return Some(UnsafePlace::Framed);
    }
    let (origin, path) = page::origin_and_path();
    let shared = origin.ends_with(".github.io") && !["/", "/index.html"].contains(&path.as_str());
    shared.then_some(UnsafePlace::SharedOrigin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(provider: Provider, address: &str) -> Settings {
        Settings::new(
            Kept {
                provider,
                address: address.into(),
                ..Kept::default()
            },
            Vec::new(),
            None,
        )
    }

    fn key() -> String {
        ["sk", "test", &"0a".repeat(10)].join("-")
    }

    #[test]
    fn a_key_goes_only_to_the_origin_it_was_entered_for() {
        Owner::new().with(|| {
            let settings = settings(Provider::OpenAi, "http://127.0.0.1:9/v1");
            settings.save_key(format!(" {} ", key()));
            let openai = settings.target().unwrap().unwrap();
            assert_eq!(settings.key_for(&openai).unwrap().expose(), key());
            assert_eq!(settings.key_shown().as_deref(), Some("0a0a"));
            settings.provider.set(Provider::Compatible);
            let other = settings.target().unwrap().unwrap();
            assert!(settings.key_for(&other).is_none() && settings.key_shown().is_none());
            settings.provider.set(Provider::OpenAi);
            settings.forget_key();
            assert!(settings.key_for(&openai).is_none());
        });
    }

    #[test]
    fn what_is_kept_holds_no_key() {
        Owner::new().with(|| {
            let settings = settings(Provider::OpenAi, "");
            settings.save_key(key());
            assert!(
                !serde_json::to_string(&settings.kept())
                    .unwrap()
                    .contains(&key())
            );
            assert!(!format!("{settings:?}").contains(&key()));
        });
    }

    #[test]
    fn a_copy_inside_another_page_takes_no_key() {
        Owner::new().with(|| {
            let kept = Kept {
                provider: Provider::OpenAi,
                ..Kept::default()
            };
            let settings = Settings::new(kept, Vec::new(), Some(UnsafePlace::Framed));
            settings.save_key(key());
            assert!(settings.key_shown().is_none());
        });
    }
}
