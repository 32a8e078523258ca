//! Results that were paid for and could not be saved: held in memory, to be downloaded, and saved when there is room.

use crate::browser::database::{Op, Saved, Store};
use crate::browser::error::{DatabaseError, FileError};
use crate::browser::files;
use crate::browser::picture::Picture;
use crate::domain::ledger::Settlement;
use crate::domain::queue::{Change, End};
use crate::domain::record::{Attempt, PictureRecord};
use crate::state::error::AppError;
use crate::state::ledger::Ledger;
use crate::state::library::Library;

use leptos::prelude::*;

/// What one request brought, with all that is to be written of it.
#[derive(Debug, Clone)]
pub struct Held {
    pub attempt: Attempt,
    pub settlement: Option<Settlement>,
    pub ops: Vec<Op>,
    pub pictures: Vec<(PictureRecord, Picture)>,
    /// How it leaves the request's row in the queue.
    pub end: End,
}

impl Held {
    /// Writes all of it. Gives what became of its row in the queue.
    ///
    /// # Errors
    /// Nothing of it was written.
    pub(super) async fn save(
        &self,
        ledger: Ledger,
    ) -> Result<(Saved, Option<Change>), DatabaseError> {
        let (settlement, ops) = (self.settlement.clone(), self.ops.clone());
        ledger.end(&self.attempt, settlement, ops, self.end).await
    }

    /// The pictures, and a reply that could not be read, each as a file.
    fn download(&self) -> Result<(), FileError> {
        for (record, picture) in &self.pictures {
            files::save(&record.file_name(), picture)?;
        }
        for op in &self.ops {
            if let Op::PutBlob {
                store: Store::Quarantine,
                key,
                blob,
            } = op
            {
                files::save_bytes(&format!("reply-{key}.bin"), blob)?;
            }
        }
        Ok(())
    }
}

impl Library {
    /// Holds a result. Nothing more is sent until it is saved, or let go of.
    pub(super) fn hold_unsaved(self, result: Held, error: DatabaseError) {
        self.unsaved.update_value(|unsaved| unsaved.push(result));
        self.archive
            .storage
            .facts
            .update(|facts| facts.unsaved_because = Some(error));
        self.count_unsaved();
    }

    fn mark_downloaded(self, all: bool) {
        let storage = self.archive.storage;
        storage.facts.update(|facts| facts.has_downloaded = all);
    }

    fn count_unsaved(self) {
        let count = self.unsaved.with_value(Vec::len);
        self.archive
            .storage
            .facts
            .update(|facts| facts.unsaved = count);
    }

    /// Downloads all that is held.
    pub fn download_unsaved(self) {
        let saved: Result<Vec<()>, FileError> = self
            .unsaved
            .with_value(|unsaved| unsaved.iter().map(Held::download).collect());
        match saved {
            Ok(_) => self.mark_downloaded(true),
            Err(error) => self.notices.trouble(AppError::File(error)),
        }
    }

    /// Tries again to save it.
    pub fn save_unsaved(self, ledger: Ledger) {
        leptos::task::spawn_local(async move {
            for result in self.take_unsaved() {
                match result.save(ledger).await {
                    Ok((saved, _)) => self.show_saved(saved, result.pictures),
                    Err(error) => self.hold_unsaved(result, error),
                }
            }
            self.count_unsaved();
        });
    }

    /// The person has the files: what was asked and what it cost is written without them, where even that has room.
    pub fn let_go_of_unsaved(self, ledger: Ledger) {
        leptos::task::spawn_local(async move {
            for result in self.take_unsaved() {
                let without = Held {
                    attempt: Attempt {
                        raw: None,
                        ..result.attempt
                    },
                    ops: Vec::new(),
                    ..result
                };
                // Where it has not, the attempt stays open, and is called what it is: perhaps billed.
                drop(without.save(ledger).await);
            }
            self.count_unsaved();
        });
    }

    fn take_unsaved(self) -> Vec<Held> {
        let taken = self.unsaved.try_update_value(std::mem::take);
        self.mark_downloaded(false);
        taken.unwrap_or_default()
    }
}
