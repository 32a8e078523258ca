//! The database as the app uses it: opened once, and what is written is known to be on disk.

use futures::future::{FutureExt as _, LocalBoxFuture, Shared};
use leptos::prelude::*;

use crate::browser::database::{Database, Durability, Op, Saved, Store};
use crate::browser::error::DatabaseError;
use crate::browser::tabs::Channel;
use crate::domain::record;

type Opening = Shared<LocalBoxFuture<'static, Result<Database, DatabaseError>>>;

/// A handle to the one database of this tab.
#[derive(Debug, Clone, Copy)]
pub struct Archive {
    opening: StoredValue<Option<Opening>, LocalStorage>,
    /// Counts what other tabs have changed.
    pub changed_elsewhere: RwSignal<u32>,
    channel: StoredValue<Channel, LocalStorage>,
}

const CHANNEL: &str = "pentimento";

impl Archive {
    /// Opens nothing yet: the code for that comes with the rest of the app.
    #[must_use]
    pub fn closed() -> Self {
        let changed_elsewhere = RwSignal::new(0);
        let channel = Channel::new(CHANNEL, move |_| {
            changed_elsewhere.update(|count| *count += 1);
        });
        Self {
            opening: StoredValue::new_local(None),
            changed_elsewhere,
            channel: StoredValue::new_local(channel),
        }
    }

    /// The open database; opened by the first who asks; after a failure, tries again.
    ///
    /// # Errors
    /// The browser keeps no data here, another tab is in the way, or a newer version of the app wrote it.
    pub async fn database(self) -> Result<Database, DatabaseError> {
        let opening = self.opening.get_value().unwrap_or_else(|| {
            let opening = async { Database::open().await }.boxed_local().shared();
            self.opening.set_value(Some(opening.clone()));
            opening
        });
        let opened = opening.await;
        if opened.is_err() {
            self.opening.set_value(None);
        }
        opened
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
