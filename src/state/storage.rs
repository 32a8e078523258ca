//! How this browser keeps what is made: whether it does, for how long and with how much room; and what of it stands in the
//! way of spending.

use std::collections::BTreeSet;

use futures::future::{FutureExt as _, LocalBoxFuture, Shared};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser::database::{Database, Durability, Op, Rows, Store};
use crate::browser::error::DatabaseError;
use crate::browser::{ballast, clock, files, local, locks, page, storage};
use crate::domain::date::{Date, Timestamp};
use crate::domain::record::{self, Stored};
use crate::state::archive::Archive;
use crate::state::error::AppError;
use crate::state::notices::{Action, Message, Notices};

/// What is known of the database of this tab.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// The browser keeps it, or nobody has asked yet.
    #[default]
    Kept,
    /// The browser keeps nothing: it lives in this tab.
    InTab,
    /// Another tab has an older version of it and does not let go.
    Blocked,
    /// A newer version of the app made it: it is only read.
    NewerSchema,
    /// Another tab has a newer version of the app, or erased everything.
    GivenUp,
}

/// Why nothing may be spent now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// Results would live in this tab alone, and the person has not said yes to that.
    InTab,
    /// Nobody can tell whether another tab sends too, and the person has not said that there is none.
    NoLocks,
    NewerSchema,
    GivenUp,
    /// Everything was cleared, and the person has not seen that.
    Evicted,
    /// A result that was paid for waits to be saved.
    Unsaved,
    /// There may be no room for a result.
    Full,
}

/// What is known of the pictures in a place that browsers clear at other times than the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    pub pictures: u64,
    /// The day of the newest one.
    pub last: Option<Date>,
}

type Trial = Shared<LocalBoxFuture<'static, bool>>;

/// What is known of the storage.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub standing: Standing,
    /// The person goes on though results live only in this tab.
    pub accepts_tab: bool,
    /// The person says that this is the only tab.
    pub is_only_tab: bool,
    /// What the browser has cleared, until the person has seen it.
    pub evicted: Option<Marker>,
    /// Results that were paid for and wait in memory to be saved, why, and whether all were offered as files.
    pub unsaved: usize,
    pub unsaved_because: Option<DatabaseError>,
    pub has_downloaded: bool,
    /// Pictures that live in this tab alone.
    pub in_tab: usize,
    /// The keys of bytes that should be stored and are not.
    pub missing: BTreeSet<String>,
    /// Rows that were set aside because they cannot be read.
    pub aside: usize,
    /// Whether the browser has promised never to clear anything by itself; `None` until it was asked.
    pub persisted: Option<bool>,
    /// What the app uses of the disk, in bytes, where the browser says so.
    pub used: Option<u64>,
    /// Megabytes that are held free.
    pub ballast: u32,
}

/// What the app knows of its storage; copies are handles to the same one. One signal for all of it: each type of signal is
/// code in the first load.
#[derive(Debug, Clone, Copy)]
pub struct Storage {
    pub facts: RwSignal<Facts>,
    trials: StoredValue<Trials, LocalStorage>,
}

/// Whether results have room.
#[derive(Default)]
struct Trials {
    /// When it was last seen that there is, by the clock that only runs forward.
    seen: Option<f64>,
    running: Option<Trial>,
    /// Counts the results that were paid for and saved.
    paid: u32,
}

const MARKER_AS: &str = "pentimento.pictures";
const BALLAST_AS: &str = "pentimento.ballast";
const BALLAST_KEY: &str = "held";
const TRIAL_KEY: &str = "trial";
/// For four requests at once, each with results of 16 MB, and as much again: in megabytes.
pub const MOST_BALLAST: u32 = 128;
/// Room is held only where there is so many times as much.
const PLENTY: u64 = 8;
/// Nothing that was paid for has come for so long: then the disk is free for the ballast.
const QUIET_MILLIS: u32 = 5_000;
const TRIAL_BYTES: u32 = 4 << 20;
/// How long a trial holds.
const TRIAL_HOLDS_MILLIS: f64 = 60_000.0;
const MEGABYTE: u32 = 1 << 20;

impl Storage {
    pub(super) fn new() -> Self {
        Self {
            facts: RwSignal::default(),
            trials: StoredValue::new_local(Trials::default()),
        }
    }

    fn change(self, change: impl FnOnce(&mut Facts)) {
        self.facts.update(change);
    }

    /// Whether closing this tab would lose pictures. Reactive.
    #[must_use]
    pub fn would_lose(self) -> bool {
        let facts = self.facts.read();
        facts.unsaved > 0 || facts.in_tab > 0
    }

    /// Whether the browser tells tabs apart. Where nothing is shared, none need be.
    #[must_use]
    pub fn lacks_locks(self) -> bool {
        self.facts.read().standing == Standing::Kept && !locks::are_there()
    }

    /// Begins anew, with the database as it is by then. The draft stays.
    pub fn reload(self) {
        page::reload();
    }

    /// The person has seen that everything was cleared.
    pub fn see_eviction(self) {
        local::remove(MARKER_AS);
        self.change(|facts| facts.evicted = None);
    }

    /// The person goes on though results live only in this tab.
    pub fn accept_tab(self) {
        self.change(|facts| facts.accepts_tab = true);
    }

    /// The person says that this is the only tab.
    pub fn accept_only_tab(self) {
        self.change(|facts| facts.is_only_tab = true);
    }

    /// The bytes under that key are not where they should be.
    pub(super) fn miss(self, blob: &str) {
        self.change(|facts| {
            facts.missing.insert(blob.to_owned());
        });
    }

    /// Shows what an open database is.
    pub(super) fn of(self, database: &Database) {
        let standing = if database.is_in_memory() {
            Standing::InTab
        } else if database.is_read_only() {
            Standing::NewerSchema
        } else {
            Standing::Kept
        };
        self.stand(standing);
        database.on_newer_version(move || self.stand(Standing::GivenUp));
        database.on_emptied(move || {
            let nothing = Marker {
                pictures: 0,
                last: None,
            };
            let gone = stored_marker().unwrap_or(nothing);
            self.change(|facts| facts.evicted = Some(gone));
        });
    }

    pub(super) fn stand(self, standing: Standing) {
        self.change(|facts| facts.standing = standing);
    }

    /// What stands in the way whatever the disk says.
    pub(super) fn hindrance(self) -> Option<Hindrance> {
        self.facts.read_untracked().hindrance(locks::are_there())
    }
}

impl Facts {
    fn hindrance(&self, has_locks: bool) -> Option<Hindrance> {
        match self.standing {
            Standing::InTab if !self.accepts_tab => Some(Hindrance::InTab),
            Standing::NewerSchema => Some(Hindrance::NewerSchema),
            Standing::GivenUp => Some(Hindrance::GivenUp),
            _ if self.evicted.is_some() => Some(Hindrance::Evicted),
            _ if self.unsaved > 0 => Some(Hindrance::Unsaved),
            Standing::Kept if !has_locks && !self.is_only_tab => Some(Hindrance::NoLocks),
            Standing::Kept | Standing::Blocked | Standing::InTab => None,
        }
    }
}

impl Archive {
    /// Whether a result that is paid for would be kept.
    ///
    /// # Errors
    /// Nothing must be sent.
    pub async fn may_spend(self) -> Result<(), Hindrance> {
        // Whoever cannot open it hears so where the intent is written.
        let Ok(database) = self.database().await else {
            return Ok(());
        };
        match self.storage.hindrance() {
            Some(hindrance) => Err(hindrance),
            None if database.is_in_memory() => Ok(()),
            None if !self.has_room(database).await => Err(Hindrance::Full),
            // The trial may have been the first to find something.
            None => self.storage.hindrance().map_or(Ok(()), Err),
        }
    }

    /// Tries whether a result has room: browsers tell how much there is only by refusing.
    async fn has_room(self, database: Database) -> bool {
        let trials = self.storage.trials;
        let now = clock::monotonic_ms();
        let seen = trials.with_value(|trials| trials.seen);
        let holds = seen.is_some_and(|at| now - at < TRIAL_HOLDS_MILLIS);
        if !database.take_was_full() && holds {
            return true;
        }
        // Several requests that begin together try together.
        let running = trials.with_value(|trials| trials.running.clone());
        let running = running.unwrap_or_else(|| {
            let running = try_room(database).boxed_local().shared();
            trials.update_value(|trials| trials.running = Some(running.clone()));
            running
        });
        let has_room = running.await;
        trials.update_value(|trials| {
            trials.running = None;
            trials.seen = has_room.then(clock::monotonic_ms);
        });
        has_room
    }

    /// A result that was paid for is on disk: the moment to ask that it stays there, and to hold room for the next ones.
    pub(super) fn paid_result_saved(self) {
        let trials = self.storage.trials;
        let paid = move || trials.with_value(|trials| trials.paid);
        if paid() == 0 && self.storage.facts.read_untracked().persisted.is_none() {
            self.ask_to_persist();
        }
        trials.update_value(|trials| trials.paid += 1);
        let count = paid();
        leptos::task::spawn_local(async move {
            clock::sleep(QUIET_MILLIS).await;
            if paid() == count {
                clock::idle(QUIET_MILLIS).await;
                self.hold_room().await;
            }
        });
    }

    /// Asks that the browser never clears anything of this app by itself.
    pub fn ask_to_persist(self) {
        storage::persist(move |answer| {
            self.storage.change(|facts| facts.persisted = Some(answer));
        });
    }

    /// Holds as much room free as the person wants, while there is plenty.
    async fn hold_room(self) {
        let Ok(database) = self.database().await else {
            return;
        };
        let wanted = wanted_ballast() * MEGABYTE;
        let held = match database.blob(Store::Ballast, BALLAST_KEY).await {
            Ok(held) => held.map_or(0, |held| held.bytes_len()),
            Err(_) => return,
        };
        if held == u64::from(wanted) || database.is_in_memory() {
            return;
        }
        let op = if wanted == 0 {
            Op::Delete {
                store: Store::Ballast,
                key: BALLAST_KEY.into(),
            }
        } else {
            let Some(estimate) = storage::estimate().await else {
                return;
            };
            let left = estimate.quota.saturating_sub(estimate.used);
            let Some(blob) = ballast::noise(wanted) else {
                return;
            };
            if left / PLENTY < u64::from(wanted) {
                return;
            }
            Op::PutBlob {
                store: Store::Ballast,
                key: BALLAST_KEY.into(),
                blob,
            }
        };
        // Where it has no room, there is none to hold.
        drop(database.write(vec![op], Durability::Relaxed).await);
        self.look_at_use().await;
    }

    /// Holds another amount of room from now on.
    pub fn set_ballast(self, megabytes: u32) {
        local::set(BALLAST_AS, &megabytes.to_string());
        self.storage
            .change(|facts| facts.ballast = wanted_ballast());
        leptos::task::spawn_local(self.hold_room());
    }

    /// Reads what Settings shows of the storage.
    pub fn look_at_storage(self) {
        self.storage
            .change(|facts| facts.ballast = wanted_ballast());
        leptos::task::spawn_local(async move {
            if storage::is_persisted().await {
                self.storage.change(|facts| facts.persisted = Some(true));
            }
            self.look_at_use().await;
            if let Ok(rows) = self.damaged_rows().await {
                self.storage.change(|facts| facts.aside = rows.len());
            }
        });
    }

    async fn look_at_use(self) {
        let estimate = storage::estimate().await;
        let used = estimate.map(|estimate| estimate.used);
        self.storage.change(|facts| facts.used = used);
    }

    async fn damaged_rows(self) -> Result<Rows, DatabaseError> {
        self.database().await?.damaged_rows().await
    }

    /// What is written in rows; those that cannot be read are set aside, and that is said.
    pub(super) fn understood<T: Stored>(
        self,
        store: Store,
        rows: &Rows,
        notices: Notices,
    ) -> Vec<T> {
        let read: Vec<T> = rows
            .iter()
            .filter_map(|(key, json)| record::read_row(key, json).ok())
            .collect();
        if read.len() < rows.len() {
            leptos::task::spawn_local(async move {
                if let Ok(moved @ 1..) = self.set_aside::<T>(store).await {
                    self.storage.change(|facts| facts.aside += moved);
                    let message = Message::Damaged { rows: moved };
                    notices.say_with(message, Some(Action::DownloadDamaged));
                    // What stands behind them was not read: a page may have held nothing else.
                    self.read_again.update(|count| *count += 1);
                }
            });
        }
        read
    }

    async fn set_aside<T: Stored>(self, store: Store) -> Result<usize, DatabaseError> {
        let is_readable = |key: &str, json: &str| record::read_row::<T>(key, json).is_ok();
        self.database().await?.set_aside(store, is_readable).await
    }

    /// Downloads the rows that were set aside, as they were found.
    pub fn download_damaged(self, notices: Notices) {
        leptos::task::spawn_local(async move {
            let saved = match self.damaged_rows().await {
                Ok(rows) => {
                    let name = format!("pentimento-damaged-{}.txt", clock::now().date());
                    let lines = rows.iter().map(|(key, value)| format!("{key}\t{value}\n"));
                    files::save_text(&name, &lines.collect::<String>()).map_err(AppError::File)
                }
                Err(error) => Err(AppError::Database(error)),
            };
            if let Err(error) = saved {
                notices.trouble(error);
            }
        });
    }

    /// Notes how many pictures there are, where a browser that clears the database leaves it; and sees whether one has.
    pub(super) async fn note_pictures(self, newest: Option<Timestamp>) {
        let Some(pictures) = self.count_pictures().await else {
            return;
        };
        match stored_marker() {
            Some(marker) if pictures == 0 => {
                self.storage.change(|facts| facts.evicted = Some(marker));
            }
            _ if pictures > 0 => note(Marker {
                pictures,
                last: newest.map(Timestamp::date),
            }),
            _ => {}
        }
    }

    /// The person has deleted pictures for good: if none is left, none is missed.
    pub(super) async fn note_purge(self) {
        if self.count_pictures().await == Some(0) {
            local::remove(MARKER_AS);
        }
    }

    /// `None` where nobody can tell, or nothing is kept.
    async fn count_pictures(self) -> Option<u64> {
        let database = self.database().await.ok()?;
        if database.is_in_memory() {
            return None;
        }
        let pictures = database.count(Store::Pictures).await.ok()?;
        Some(pictures + database.count(Store::Trash).await.ok()?)
    }
}

/// Whether a result has room: writes as much, and deletes it.
async fn try_room(database: Database) -> bool {
    let Some(blob) = ballast::noise(TRIAL_BYTES) else {
        return false;
    };
    let (store, key) = (Store::Ballast, TRIAL_KEY.to_owned());
    let put = Op::PutBlob {
        store,
        key: key.clone(),
        blob,
    };
    let written = database.write(vec![put], Durability::Relaxed).await;
    // Another trouble is said where the intent is written.
    let has_room = !matches!(written, Err(DatabaseError::QuotaExceeded));
    let delete = Op::Delete { store, key };
    drop(database.write(vec![delete], Durability::Relaxed).await);
    has_room
}

/// In megabytes.
fn wanted_ballast() -> u32 {
    let chosen = local::get(BALLAST_AS).and_then(|text| text.parse().ok());
    chosen.unwrap_or(MOST_BALLAST).min(MOST_BALLAST)
}

fn stored_marker() -> Option<Marker> {
    let marker: Marker = serde_json::from_str(&local::get(MARKER_AS)?).ok()?;
    (marker.pictures > 0).then_some(marker)
}

fn note(marker: Marker) {
    if let Ok(json) = serde_json::to_string(&marker) {
        local::set(MARKER_AS, &json);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way_of_spending_is_told_in_order() {
        let mut facts = Facts::default();
        assert_eq!(facts.hindrance(true), None);
        assert_eq!(facts.hindrance(false), Some(Hindrance::NoLocks));
        facts.is_only_tab = true;
        assert_eq!(facts.hindrance(false), None);
        facts.unsaved = 1;
        assert_eq!(facts.hindrance(true), Some(Hindrance::Unsaved));
        facts.evicted = Some(Marker {
            pictures: 3,
            last: None,
        });
        assert_eq!(facts.hindrance(true), Some(Hindrance::Evicted));
        for (standing, hindrance) in [
            (Standing::NewerSchema, Hindrance::NewerSchema),
            (Standing::GivenUp, Hindrance::GivenUp),
            (Standing::InTab, Hindrance::InTab),
        ] {
            facts.standing = standing;
            assert_eq!(facts.hindrance(true), Some(hindrance));
        }
        // In one tab alone there is nothing to tell apart.
        let agreed = Facts {
            standing: Standing::InTab,
            accepts_tab: true,
            ..Facts::default()
        };
        assert_eq!(agreed.hindrance(false), None);
    }
}
