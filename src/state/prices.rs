//! The model data in use: built in, or a newer file that the person brought; with what the providers' lists taught on top.

use std::sync::Arc;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser::files::ChosenFile;
use crate::browser::{clock, local};
use crate::domain::date::Date;
use crate::domain::model::Catalogue;
use crate::domain::price_file::{Changes, MOST_BYTES, PriceFileFault, read_newer};
use crate::state::composer::Composer;
use crate::state::lists::Lists;
use crate::state::notices::{Message, Notices};

/// Where the data in use came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    BuiltIn,
    /// A file of that name, brought on that day.
    File {
        name: String,
        loaded: Date,
    },
}

/// A file that was checked and waits for the person's word.
#[derive(Debug, Clone)]
pub struct Proposal {
    pub changes: Changes,
    kept: Kept,
    data: Arc<Catalogue>,
}

impl Proposal {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.kept.name
    }
}

/// A file as it is kept over a reload.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    name: String,
    loaded: Date,
    file: String,
}

impl Kept {
    fn check(&self, present: Date) -> Result<Catalogue, PriceFileFault> {
        read_newer(&self.file, present, self.loaded)
    }

    fn origin(self) -> Origin {
        Origin::File {
            name: self.name,
            loaded: self.loaded,
        }
    }
}

const STORED_AS: &str = "pentimento.prices";

/// The prices; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Prices {
    pub origin: RwSignal<Origin>,
    pub proposal: RwSignal<Option<Arc<Proposal>>>,
    /// Without what lists taught.
    data: RwSignal<Arc<Catalogue>>,
    built_in: StoredValue<Arc<Catalogue>>,
    lists: Lists,
    composer: Composer,
    notices: Notices,
}

impl Prices {
    /// Puts the file that was kept in the place of the built-in data, as long as it is the newer one, and follows from there.
    #[must_use]
    pub fn open(composer: Composer, lists: Lists, notices: Notices) -> Self {
        let built_in = composer.catalogue.get_untracked();
        let (origin, data) =
            kept_file(built_in.version).unwrap_or_else(|| (Origin::BuiltIn, Arc::clone(&built_in)));
        let prices = Self {
            origin: RwSignal::new(origin),
            proposal: RwSignal::new(None),
            data: RwSignal::new(data),
            built_in: StoredValue::new(built_in),
            lists,
            composer,
            notices,
        };
        untrack(|| prices.show());
        Effect::new(move |_| prices.show());
        prices
    }

    /// The day of the data in use. Reactive.
    #[must_use]
    pub fn version(self) -> Date {
        self.data.read().version
    }

    /// Checks a file and proposes it; nothing changes by that.
    pub fn propose(self, file: impl Into<ChosenFile>) {
        let file = file.into();
        self.proposal.set(None);
        self.notices
            .withdraw(|message| !matches!(message, Message::PricesRefused(_)));
        leptos::task::spawn_local(async move {
            match self.read(file).await {
                Ok(proposal) => self.proposal.set(Some(Arc::new(proposal))),
                Err(fault) => self.notices.say(Message::PricesRefused(fault)),
            }
        });
    }

    async fn read(self, file: ChosenFile) -> Result<Proposal, PriceFileFault> {
        if file.bytes_len() > MOST_BYTES {
            return Err(PriceFileFault::TooLarge);
        }
        let text = file.text().await;
        let kept = Kept {
            name: file.name(),
            loaded: clock::now().date(),
            file: text.map_err(|_gone| PriceFileFault::Unread)?,
        };
        let present = self.data.get_untracked();
        let data = kept.check(present.version)?;
        Ok(Proposal {
            changes: Changes::between(&present, &data),
            kept,
            data: Arc::new(data),
        })
    }

    /// Uses the proposed file from here on.
    pub fn accept(self) {
        let Some(proposal) = self.take_proposal() else {
            return;
        };
        let Proposal { kept, data, .. } = Proposal::clone(&proposal);
        let json = serde_json::to_string(&kept);
        let is_kept = json.is_ok_and(|json| local::set(STORED_AS, &json));
        if !is_kept {
            // An older one would come back instead.
            local::remove(STORED_AS);
        }
        let date = data.version;
        self.data.set(data);
        self.origin.set(kept.origin());
        self.notices.say(Message::PricesUsed { date, is_kept });
    }

    /// Leaves everything as it is.
    pub fn decline(self) {
        self.take_proposal();
    }

    /// Uses what came with the app again.
    pub fn go_back(self) {
        local::remove(STORED_AS);
        self.take_proposal();
        let built_in = self.built_in.get_value();
        let date = built_in.version;
        self.data.set(built_in);
        self.origin.set(Origin::BuiltIn);
        self.notices.say(Message::PricesBuiltIn { date });
    }

    fn take_proposal(self) -> Option<Arc<Proposal>> {
        self.proposal.try_update(Option::take).flatten()
    }

    /// Gives the composer the data in use, and what the chosen provider's list taught. Reactive.
    fn show(self) {
        let mut catalogue = Catalogue::clone(&self.data.read());
        if let Some(taught) = self.lists.taught() {
            catalogue.recall(&taught);
        }
        if **self.composer.catalogue.read_untracked() != catalogue {
            self.composer.catalogue.set(Arc::new(catalogue));
        }
    }
}

/// The file that was kept; one that is damaged, or not newer than what this build brings, is dropped.
fn kept_file(built_in: Date) -> Option<(Origin, Arc<Catalogue>)> {
    let json = local::get(STORED_AS)?;
    let kept: Option<Kept> = serde_json::from_str(&json).ok();
    let checked = kept.and_then(|kept| Some((kept.check(built_in).ok()?, kept)));
    let Some((data, kept)) = checked else {
        local::remove(STORED_AS);
        return None;
    };
    Some((kept.origin(), Arc::new(data)))
}
