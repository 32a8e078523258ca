//! The database as the app uses it: opened once, and what is written is known to be on disk.

use futures::future::{FutureExt as _, LocalBoxFuture, Shared};
use leptos::prelude::*;

use crate::browser::clock;
use crate::browser::database::{Database, Durability, Op, Saved, Store};
use crate::browser::error::DatabaseError;
use crate::browser::tabs::Channel;
use crate::domain::record;
use crate::state::storage::{Standing, Storage};

type Opening = Shared<LocalBoxFuture<'static, Result<Database, DatabaseError>>>;

/// A handle to the one database of this tab.
#[derive(Debug, Clone, Copy)]
pub struct Archive {
    opening: StoredValue<Option<Opening>, LocalStorage>,
    /// Counts up whenever what was read may be old: another tab has changed it, or it was read before the app had started.
    pub read_again: RwSignal<u32>,
    pub storage: Storage,
    channel: StoredValue<Channel, LocalStorage>,
    /// Whether another tab is waited for.
    is_waiting: StoredValue<bool>,
}

const CHANNEL: &str = "pentimento";
/// How soon it is tried again whether another tab has let go.
const TRY_AGAIN_MILLIS: u32 = 1_000;

impl Archive {
    /// Opens nothing yet: the code for that comes with the rest of the app.
    #[must_use]
    pub fn closed() -> Self {
        let read_again = RwSignal::new(0);
        let channel = Channel::new(CHANNEL, move |_| {
            read_again.update(|count| *count += 1);
        });
        Self {
            opening: StoredValue::new_local(None),
            read_again,
            storage: Storage::new(),
            channel: StoredValue::new_local(channel),
            is_waiting: StoredValue::new(false),
        }
    }

    /// The open database; opened by the first who asks; after a failure, tries again. Where the browser keeps nothing, one in
    /// the memory of this tab.
    ///
    /// # Errors
    /// Another tab is in the way.
    pub async fn database(self) -> Result<Database, DatabaseError> {
        let opening = self.opening.get_value().unwrap_or_else(|| {
            let opening = self.open().boxed_local().shared();
            self.opening.set_value(Some(opening.clone()));
            opening
        });
        opening.await
    }

    async fn open(self) -> Result<Database, DatabaseError> {
        let opened = match Database::open().await {
            Err(DatabaseError::Unavailable(_)) => Ok(Database::in_memory()),
            opened => opened,
        };
        match &opened {
            Ok(database) => {
                self.storage.of(database);
                // What it answers first may be old by now.
                if database.is_ahead() {
                    self.read_again.update(|count| *count += 1);
                }
            }
            Err(error) => {
                self.opening.set_value(None);
                if *error == DatabaseError::Blocked {
                    self.storage.stand(Standing::Blocked);
                    self.wait_for_others();
                }
            }
        }
        opened
    }

    /// Tries again until the other tabs have let go, and has everything read again then.
    fn wait_for_others(self) {
        if self.is_waiting.get_value() {
            return;
        }
        self.is_waiting.set_value(true);
        leptos::task::spawn_local(async move {
            loop {
                clock::sleep(TRY_AGAIN_MILLIS).await;
                if !matches!(self.database().await, Err(DatabaseError::Blocked)) {
                    break;
                }
            }
            self.is_waiting.set_value(false);
            self.read_again.update(|count| *count += 1);
        });
    }

    /// Writes everything or nothing, and returns when it is on disk.
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn write(self, ops: Vec<Op>) -> Result<Saved, DatabaseError> {
        let saved = self
            .database()
            .await?
            .write(ops, Durability::Strict)
            .await?;
        Ok(saved)
    }

    /// The same for what was paid for, which is let through where nothing else is.
    ///
    /// # Errors
    /// Nothing was written.
    pub async fn write_paid(self, ops: Vec<Op>) -> Result<Saved, DatabaseError> {
        self.database().await?.write(ops, Durability::Paid).await
    }

    /// Tells the other tabs to look again.
    pub fn tell_other_tabs(self) {
        self.channel.with_value(|channel| channel.post("changed"));
    }
}

/// An operation that puts a record.
///
/// # Errors
/// The record cannot be written as JSON.
pub fn put<T: serde::Serialize>(store: Store, key: &str, row: &T) -> Result<Op, DatabaseError> {
    let json = record::write(row).map_err(|error| DatabaseError::Other {
        operation: "write",
        message: error.0,
    })?;
    Ok(Op::Put {
        store,
        key: key.into(),
        json,
    })
}
