//! The queue: requests that wait on disk, which tab may send them, and what becomes of them when a tab ends.
//!
//! A request is one row, from the press of Generate until it has ended. Every change of a row is decided in one transaction,
//! from what is stored: so a row that is taken is taken once, whoever else tries. One tab leads for each destination; its
//! epoch stands in the row of the leader, and who is not in it any more takes nothing.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::domain::date::Timestamp;
use crate::domain::ledger::Refusal;
use crate::domain::money::Usd;
use crate::domain::pricing::tokens::Span;
use crate::domain::provider::Provider;
use crate::domain::record::{self, Attempt, AttemptState, VERSION};
use crate::domain::request::ImageRequest;

/// Counts the leaders of a destination.
pub type Epoch = u64;

/// A request that waits or runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queued {
    pub v: u32,
    /// The submission: one press of Generate.
    pub job: String,
    /// Which of its requests, and how many it has.
    pub index: u32,
    pub of: u32,
    pub provider: Provider,
    /// The base address that it goes to; empty for the practice provider.
    pub address: String,
    /// Whether a key goes with it.
    pub keyed: bool,
    /// Provider and origin, with a key or without: what one tab leads for.
    pub destination: String,
    pub made: Timestamp,
    pub request: ImageRequest,
    pub likely: Option<[Usd; 2]>,
    /// What it may cost at most, where that is known.
    pub upper_bound: Option<Usd>,
    /// The visit in which the person said that it be sent; `None`: to be asked.
    pub consent: Option<String>,
    /// Told to come back at this moment.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// How often it was tried and proved not to have been executed.
    #[serde(default)]
    pub repeats: u32,
    #[serde(default)]
    pub stage: Stage,
    /// What the person wants of it while a tab runs it.
    #[serde(default)]
    pub wish: Option<Wish>,
}

/// Where a row stands. Ended, there is no row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    #[default]
    Waiting,
    /// Its attempt is on disk, and may have been sent.
    Taken { attempt: String, epoch: Epoch },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    StopWaiting,
    Abort,
}

/// What a decision does to a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Keep(Box<Queued>),
    Remove,
}

/// How an attempt leaves its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Done, failed or in doubt: never sent again by the program.
    Over,
    /// Proved not to have been executed: it waits again, until then.
    Again(Timestamp),
}

/// The row of a destination's leader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leader {
    pub v: u32,
    pub epoch: Epoch,
    /// Made anew by each tab each time it gets the lock.
    pub holder: String,
    /// Grows while something runs.
    #[serde(default)]
    pub beats: u64,
    #[serde(default)]
    pub paused: Option<Pause>,
}

/// Why nothing more is sent until the person says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// The provider refuses the key, or the account has nothing left.
    Refused,
    Budget,
    /// The browser does not take the rows that must be there before a request.
    Storage,
    /// The app broke twice in a short time: it is not let loose by itself a third time. Never on disk: see `domain::broken`.
    Broke,
}

/// Why a row is not being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// For nothing but its turn.
    Turn,
    Until(Timestamp),
    Network,
    /// For the person's word.
    Consent,
    /// No tab holds the key.
    Key,
    Paused(Pause),
}

/// What a tab knows when it looks which rows may be sent.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    pub now: Timestamp,
    pub is_online: bool,
    /// The visits that have not ended: those whose lock some tab holds.
    pub visits: &'a HashSet<String>,
    /// The person wants that waiting requests are sent without being asked about.
    pub by_itself: bool,
    /// This tab can send to the destination, or another one leads.
    pub is_served: bool,
    pub paused: Option<Pause>,
}

/// What is looked at once more in the moment in which a request leaves: since its intent was written, its tab may have slept.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// The lock is in hand, and the page is whole.
    pub leads: bool,
    /// Since its intent was begun, by the faster clock.
    pub millis: u64,
    pub is_online: bool,
    /// The person has broken it off.
    pub is_called_off: bool,
    /// What the budget says by now of what was spent with this request.
    pub budget: Result<(), Refusal>,
}

/// Why a request does not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stays {
    /// It waits again: for its tab, for the network, or for nothing if it was broken off.
    Waits,
    /// The budget was made smaller, in another tab perhaps.
    Budget(Refusal),
}

impl Gate {
    /// # Errors
    /// It must not leave. Nothing was sent.
    pub fn opens(&self, row: &Queued) -> Result<(), Stays> {
        let is_late = self.millis >= MOST_DELAY_MILLIS;
        let is_cut_off = !self.is_online && row.needs_network();
        if !self.leads || is_late || is_cut_off || self.is_called_off {
            return Err(Stays::Waits);
        }
        self.budget.map_err(Stays::Budget)
    }
}

/// How many requests are in flight at once: halved by a refusal for being too many, one more after ten that went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    limit: u32,
    went_well: u32,
}

/// What rows of leaders are stored under.
pub const LEADER_PREFIX: &str = "leader:";
/// How often a request is repeated when it is proved that it was not executed.
pub const MOST_REPEATS: u32 = 8;
/// How long the intent of a request may be on disk before it leaves: a tab that was stopped in between must not send.
const MOST_DELAY_MILLIS: u64 = 2_000;
/// How long a leader may be silent before the person is offered to take over.
pub const MOST_SILENCE_MILLIS: f64 = 90_000.0;

const MOST_AT_ONCE: u32 = 4;
const WELL_FOR_MORE: u32 = 10;
/// How often the practice provider starts again what a tab left.
const MOST_PRACTICE_REPEATS: u32 = 2;

impl Change {
    #[must_use]
    pub fn keep(row: Queued) -> Self {
        Self::Keep(Box::new(row))
    }
}

impl Queued {
    /// Sorts by time, and by the order within a press.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}{:03}", prefix(&self.job), self.index)
    }

    /// A stored row; `None` where it is damaged or of a newer app.
    #[must_use]
    pub fn read(json: &str) -> Option<Self> {
        record::read(json)
            .ok()
            .filter(|row: &Self| row.v <= VERSION)
    }

    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.stage == Stage::Waiting
    }

    /// The attempt that has it.
    #[must_use]
    pub fn attempt(&self) -> Option<&str> {
        match &self.stage {
            Stage::Waiting => None,
            Stage::Taken { attempt, .. } => Some(attempt),
        }
    }

    #[must_use]
    pub fn likely(&self) -> Option<Span<Usd>> {
        self.likely.map(|[low, high]| Span::new(low, high))
    }

    /// Whether the network is needed for it: not to draw here, nor for a server on this machine.
    #[must_use]
    pub fn needs_network(&self) -> bool {
        let is_here = |host| self.address.starts_with(&format!("http://{host}"));
        self.provider != Provider::Practice && !is_here("localhost") && !is_here("127.0.0.1")
    }

    /// Why it is not being sent; `None` once it is taken.
    #[must_use]
    pub fn waits(&self, here: &Here<'_>) -> Option<Waits> {
        if !self.is_waiting() {
            return None;
        }
        let is_free = self.provider == Provider::Practice;
        let has_consent = is_free
            || here.by_itself
            || (self.consent.as_ref()).is_some_and(|visit| here.visits.contains(visit));
        Some(match (here.paused, self.not_before) {
            _ if !here.is_served => Waits::Key,
            _ if self.needs_network() && !here.is_online => Waits::Network,
            _ if !has_consent => Waits::Consent,
            (Some(why), _) => Waits::Paused(why),
            (None, Some(at)) if at > here.now => Waits::Until(at),
            (None, _) => Waits::Turn,
        })
    }

    /// Takes it for an attempt; `None` where it is taken already.
    #[must_use]
    pub fn take(&self, attempt: &str, epoch: Epoch) -> Option<Self> {
        let stage = Stage::Taken {
            attempt: attempt.into(),
            epoch,
        };
        self.is_waiting().then(|| Self {
            stage,
            ..self.clone()
        })
    }

    /// What the end of an attempt makes of it; `None` where it is not this attempt's (any more).
    #[must_use]
    pub fn end(&self, attempt: &str, end: End) -> Option<Change> {
        if self.attempt() != Some(attempt) {
            return None;
        }
        Some(match end {
            End::Again(until) if self.wish != Some(Wish::Abort) => Change::keep(Self {
                stage: Stage::Waiting,
                not_before: Some(until),
                repeats: self.repeats + 1,
                ..self.clone()
            }),
            End::Again(_) | End::Over => Change::Remove,
        })
    }

    /// What the person's Cancel makes of it: what waits is removed, what runs is told to the tab that runs it.
    #[must_use]
    pub fn cancel(&self, wish: Wish) -> Change {
        match (&self.stage, wish) {
            (Stage::Waiting, Wish::Abort) => Change::Remove,
            _ => Change::keep(Self {
                wish: Some(wish),
                ..self.clone()
            }),
        }
    }

    /// Taken by a leader before this one.
    #[must_use]
    pub fn is_orphan(&self, epoch: Epoch) -> bool {
        matches!(&self.stage, Stage::Taken { epoch: taken, .. } if *taken != epoch)
    }
}

/// What one tab leads for.
#[must_use]
pub fn destination(provider: Provider, origin: &str, keyed: bool) -> String {
    let key = if keyed { " with a key" } else { "" };
    format!("{} {origin}{key}", provider.as_str())
}

/// What the keys of a press's rows begin with.
#[must_use]
pub fn prefix(job: &str) -> String {
    format!("{job}.")
}

#[must_use]
pub fn leader_key(destination: &str) -> String {
    format!("{LEADER_PREFIX}{destination}")
}

/// What becomes of an attempt that its tab has left, and of its row: nobody knows whether it was executed, so it is never
/// sent again. What was drawn here cost nothing, and is begun again.
#[must_use]
pub fn abandon(attempt: Attempt, row: Option<&Queued>) -> (Attempt, Option<Change>) {
    let row = row.filter(|row| row.attempt() == Some(&attempt.id));
    if attempt.state != AttemptState::Intent {
        let over = row.map(|_| Change::Remove);
        return (attempt, over);
    }
    let (state, end) = match attempt.provider {
        Provider::Practice if row.is_some_and(|row| row.repeats < MOST_PRACTICE_REPEATS) => {
            (AttemptState::Failed, End::Again(Timestamp(0)))
        }
        Provider::Practice => (AttemptState::Failed, End::Over),
        Provider::OpenAi | Provider::Compatible => (AttemptState::Unknown, End::Over),
    };
    let change = row.and_then(|row| row.end(&attempt.id, end));
    (Attempt { state, ..attempt }, change)
}

impl Leader {
    /// The leader's row as a tab that holds the lock must find it, or make it: `claimed` says that this holder was in it
    /// before. `None`: another tab has taken over.
    #[must_use]
    pub fn seat(stored: Option<&str>, holder: &str, claimed: bool) -> Option<Self> {
        let stored: Option<Self> = stored.and_then(|json| record::read(json).ok());
        match stored {
            Some(leader) if leader.holder == holder => Some(leader),
            _ if claimed => None,
            stored => Some(Self {
                v: VERSION,
                epoch: stored.as_ref().map_or(0, |leader| leader.epoch) + 1,
                holder: holder.into(),
                beats: 0,
                paused: stored.and_then(|leader| leader.paused),
            }),
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            limit: MOST_AT_ONCE,
            went_well: 0,
        }
    }
}

impl Pace {
    #[must_use]
    pub fn limit(self) -> usize {
        self.limit as usize
    }

    pub fn too_many(&mut self) {
        self.limit = (self.limit / 2).max(1);
        self.went_well = 0;
    }

    pub fn went_well(&mut self) {
        self.went_well += 1;
        if self.went_well >= WELL_FOR_MORE {
            self.limit = (self.limit + 1).min(MOST_AT_ONCE);
            self.went_well = 0;
        }
    }
}

/// What rows may cost at most together; `None` where nobody can say.
#[must_use]
pub fn most_of<'a>(rows: impl IntoIterator<Item = &'a Queued>) -> Option<Usd> {
    let bounds = rows.into_iter().map(|row| match row.provider {
        Provider::Practice => Some(Usd::ZERO),
        Provider::OpenAi | Provider::Compatible => row.upper_bound,
    });
    bounds
        .reduce(|sum, bound| Some(sum?.plus(bound?)))
        .unwrap_or(Some(Usd::ZERO))
}

#[cfg(test)]
mod tests;
