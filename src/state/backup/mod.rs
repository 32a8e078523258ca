//! Backups: what was saved when, and the verbs that save and restore.

mod restoring;
mod saving;

use leptos::prelude::*;

use crate::browser::database::{Durability, Op, Order, Store};
use crate::browser::error::{DatabaseError, FileError};
use crate::browser::{clock, local};
use crate::domain::backup::{BackupFault, Kind, LastBackup, days_between, is_due};
use crate::domain::date::Timestamp;
use crate::domain::record::{self, UnreadableRow, time_of_id};
use crate::domain::zip::ZipFault;
use crate::state::archive::Archive;
use crate::state::error::AppError;
use crate::state::library::Library;
use crate::state::notices::{Action, Message, Notices};
use crate::state::settings::Settings;

use saving::Plan;

/// Backups; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Backup {
    pub phase: RwSignal<Phase>,
    /// How the last one ended.
    pub outcome: RwSignal<Option<Outcome>>,
    /// `None` until it was looked up.
    pub standing: RwSignal<Option<Standing>>,
    archive: Archive,
    library: Library,
    settings: Settings,
    notices: Notices,
    /// The parts that wait for a press.
    plan: StoredValue<Option<Plan>>,
    is_called_off: StoredValue<bool>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Idle,
    /// What there is to save is being counted.
    Counting,
    Saving(Progress),
    /// One part is saved, and the next one waits for a press: a browser lets no page start downloads by itself.
    Next {
        part: u32,
        parts: u32,
    },
    Restoring(Progress),
}

impl Phase {
    /// Whether a file is being written or read.
    fn is_running(self) -> bool {
        matches!(self, Self::Counting | Self::Saving(_) | Self::Restoring(_))
    }
}

/// How far one of several parts or files is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub part: u32,
    pub parts: u32,
    pub done: u64,
    pub all: u64,
}

impl Progress {
    /// In percent, rounded down.
    #[must_use]
    pub fn percent(self) -> u64 {
        self.done.saturating_mul(100) / self.all.max(1)
    }
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    NothingToSave,
    Saved(Saved),
    Restored(Restored),
    /// The file is not taken, and nothing of it is; files before it were.
    Refused {
        file: String,
        fault: BackupFault,
        before: Restored,
    },
    CalledOff,
}

/// What a backup holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Saved {
    pub pictures: u32,
    pub parts: u32,
    pub bytes: u64,
    /// Rows that could not be read, or whose picture is damaged or gone.
    pub left_out: u32,
    /// Rows in which something looked like a key, and stands as `***` in the backup.
    pub cleaned: u32,
}

/// What a restore did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Restored {
    pub pictures: u32,
    /// Other rows: of the ledger, and of what was asked for.
    pub rows: u32,
    /// Pictures that were here already, in the library or in the trash, and stay as they are.
    pub here: u32,
}

/// When there was a backup, and what has come since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Days since the last one; `None`: never.
    pub days: Option<u64>,
    /// Pictures that are in none.
    pub new: u64,
    /// Since when there are any.
    pub since: Timestamp,
    pub unfinished: Option<Unfinished>,
}

/// A restore that was interrupted: what it brought is found again, and the rest follows when its file is chosen again.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unfinished {
    pub v: u32,
    pub file: String,
    pub done: u64,
    pub all: u64,
}

/// Why it did not go on.
#[derive(Debug)]
enum Stop {
    Fault(BackupFault),
    Trouble(AppError),
    CalledOff,
}

impl From<DatabaseError> for Stop {
    fn from(error: DatabaseError) -> Self {
        Self::Trouble(AppError::Database(error))
    }
}

impl From<BackupFault> for Stop {
    fn from(fault: BackupFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ZipFault> for Stop {
    fn from(fault: ZipFault) -> Self {
        Self::Fault(fault.into())
    }
}

impl From<FileError> for Stop {
    fn from(error: FileError) -> Self {
        Self::Trouble(AppError::File(error))
    }
}

impl From<UnreadableRow> for Stop {
    fn from(error: UnreadableRow) -> Self {
        Self::from(DatabaseError::Other {
            operation: "write",
            message: error.0,
        })
    }
}

/// Where the last backup is noted, and an interrupted restore: keys of the store `Meta`.
const LAST: &str = "backup";
const UNFINISHED: &str = "restore";
/// Where it is noted when the person was last reminded.
const REMINDED_AS: &str = "pentimento.backup-reminded";
/// The start of the app has better things to do at first.
const REMIND_AFTER_MILLIS: u32 = 10_000;

impl Backup {
    #[must_use]
    pub fn new(archive: Archive, library: Library, settings: Settings, notices: Notices) -> Self {
        Self {
            phase: RwSignal::default(),
            outcome: RwSignal::new(None),
            standing: RwSignal::new(None),
            archive,
            library,
            settings,
            notices,
            plan: StoredValue::new(None),
            is_called_off: StoredValue::new(false),
        }
    }

    /// Whether a file is being written or read. Reactive.
    #[must_use]
    pub fn is_running(self) -> bool {
        self.phase.get().is_running()
    }

    /// Ends what is being done before its next step. A backup leaves no file behind, a restore no picture.
    pub fn call_off(self) {
        self.is_called_off.set_value(true);
        if matches!(self.phase.get_untracked(), Phase::Next { .. }) {
            self.ended(Err(Stop::CalledOff));
        }
    }

    /// Looks up what the Settings show.
    pub fn look_up(self) {
        leptos::task::spawn_local(async move {
            match self.look().await {
                Ok(standing) => self.standing.set(Some(standing)),
                Err(error) => self.notices.trouble(AppError::Database(error)),
            }
        });
    }

    /// Says once in a while that a backup would be good, where it would be.
    pub fn remind(self) {
        leptos::task::spawn_local(async move {
            clock::sleep(REMIND_AFTER_MILLIS).await;
            let Ok(Standing {
                days, new, since, ..
            }) = self.look().await
            else {
                return;
            };
            let (now, said) = (clock::now(), local::get(REMINDED_AS));
            let said = said.and_then(|said| said.parse().ok()).map(Timestamp);
            if is_due(new, since, said, now) {
                local::set(REMINDED_AS, &now.0.to_string());
                let due = Message::BackupDue { new, days };
                self.notices.say_with(due, Some(Action::OpenSettings));
            }
        });
    }

    async fn look(self) -> Result<Standing, DatabaseError> {
        let (database, now) = (self.archive.database().await?, clock::now());
        let last = database.get(Store::Meta, LAST).await?;
        let last = last.and_then(|json| record::read::<LastBackup>(&json).ok());
        let newest = last.as_ref().map_or("", |last| &last.newest);
        let new = database.count_behind(Store::Pictures, newest).await?;
        let first = database.page(Store::Pictures, Order::OldestFirst, 1, None);
        let first = first.await?.pop().and_then(|(id, _)| time_of_id(&id));
        let unfinished = database.get(Store::Meta, UNFINISHED).await?;
        Ok(Standing {
            days: last.as_ref().map(|last| days_between(last.at, now)),
            new,
            since: last.map(|last| last.at).or(first).unwrap_or(now),
            unfinished: unfinished.and_then(|json| record::read(&json).ok()),
        })
    }

    fn begins(self, phase: Phase) -> bool {
        let is_free = !self.phase.get_untracked().is_running();
        if is_free {
            self.is_called_off.set_value(false);
            self.outcome.set(None);
            self.phase.set(phase);
        }
        is_free
    }

    fn ended(self, end: Result<Option<Outcome>, Stop>) {
        self.phase.set(Phase::Idle);
        self.plan.set_value(None);
        match end {
            Ok(outcome) => self.outcome.set(outcome),
            Err(Stop::CalledOff) => self.outcome.set(Some(Outcome::CalledOff)),
            Err(Stop::Trouble(error)) => self.notices.trouble(error),
            Err(Stop::Fault(fault)) => self.outcome.set(Some(Outcome::Refused {
                file: String::new(),
                fault,
                before: Restored::default(),
            })),
        }
        self.look_up();
    }

    fn check_called_off(self) -> Result<(), Stop> {
        match self.is_called_off.get_value() {
            true => Err(Stop::CalledOff),
            false => Ok(()),
        }
    }

    /// Notes something for later; without it, nothing is lost.
    async fn note(self, op: Op) -> Result<(), DatabaseError> {
        let database = self.archive.database().await?;
        database
            .write(vec![op], Durability::Relaxed)
            .await
            .map(drop)
    }
}

/// Where the rows of a kind lie.
fn store_of(kind: Kind) -> Store {
    match kind {
        Kind::Attempts => Store::Attempts,
        Kind::Ledger => Store::Ledger,
        Kind::Trash => Store::Trash,
        Kind::Pictures => Store::Pictures,
    }
}
