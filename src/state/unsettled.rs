//! Attempts whose outcome nobody knows: found at start, shown until the person settles them, never sent again by the program.

use leptos::prelude::*;

use crate::browser::database::{Durability, Order, Store};
use crate::browser::error::DatabaseError;
use crate::browser::{files, locks};
use crate::domain::provider::Provider;
use crate::domain::queue;
use crate::domain::record::{self, Attempt, AttemptState};
use crate::state::archive::{Archive, put};
use crate::state::composer::Composer;
use crate::state::error::AppError;
use crate::state::notices::{Message, Notices};
use crate::state::queue::abandon_ops;

/// What may have been billed and was never settled.
#[derive(Debug, Clone, Copy)]
pub struct Unsettled {
    /// Newest first.
    pub attempts: RwSignal<Vec<Attempt>>,
    archive: Archive,
    notices: Notices,
    composer: Composer,
}

const PAGE: u32 = 500;

impl Unsettled {
    #[must_use]
    pub fn new(archive: Archive, notices: Notices, composer: Composer) -> Self {
        Self {
            attempts: RwSignal::default(),
            archive,
            notices,
            composer,
        }
    }

    /// Looks through all attempts: those whose tab is gone become unknown, and every unknown one is listed.
    pub async fn refresh(self) {
        match self.look().await {
            Ok(found) => self.attempts.set(found),
            Err(error) => self.notices.trouble(AppError::Database(error)),
        }
    }

    async fn look(self) -> Result<Vec<Attempt>, DatabaseError> {
        let database = self.archive.database().await?;
        let mut pages = database.pages(Store::Attempts, Order::NewestFirst, PAGE);
        let mut found = Vec::new();
        while let Some(page) = pages.next().await? {
            // Asked after the rows were read: whose attempt is among them holds its lock by then, or is gone.
            let alive = locks::held_names().await;
            let read: Vec<Attempt> = self
                .archive
                .understood(Store::Attempts, &page, self.notices);
            for attempt in read {
                match attempt.state {
                    AttemptState::Intent if is_gone(&attempt, alive.as_deref()) => {
                        found.push(self.interrupted(attempt).await?);
                    }
                    AttemptState::Unknown | AttemptState::PaidBroken => found.push(attempt),
                    _ => {}
                }
            }
        }
        found.retain(|attempt| attempt.provider != Provider::Practice);
        Ok(found)
    }

    /// Marks an attempt whose tab is gone, unless it has ended in the meantime.
    async fn interrupted(self, attempt: Attempt) -> Result<Attempt, DatabaseError> {
        let (left, _) = queue::abandon(attempt, None);
        // In the ledger it stays reserved: it may have been billed.
        let decide = |rows: &[Option<String>]| {
            let [attempt, row] = rows else { return None };
            let open = attempt
                .as_deref()
                .and_then(|json| record::read::<Attempt>(json).ok());
            let is_open = open.is_some_and(|attempt| attempt.state == AttemptState::Intent);
            is_open.then(|| abandon_ops(row.as_deref(), attempt.as_deref()))
        };
        let database = self.archive.database().await?;
        database
            .decide(
                &[(Store::Attempts, &left.id), (Store::Jobs, &left.row)],
                &[Store::Attempts, Store::Jobs],
                Durability::Strict,
                decide,
            )
            .await?;
        Ok(left)
    }

    /// Takes an attempt off the list: the person has seen it. Its ledger row stays.
    pub fn write_off(self, attempt: Attempt) {
        leptos::task::spawn_local(async move {
            let id = attempt.id.clone();
            let settled = Attempt {
                state: AttemptState::WrittenOff,
                ..attempt
            };
            let written = match put(Store::Attempts, &id, &settled) {
                Ok(op) => self.archive.write(vec![op]).await,
                Err(error) => Err(error),
            };
            match written {
                Ok(_) => self
                    .attempts
                    .update(|list| list.retain(|attempt| attempt.id != id)),
                Err(error) => self.notices.trouble(AppError::Database(error)),
            }
            self.archive.tell_other_tabs();
        });
    }

    /// Puts what was asked back into the composer, to be sent by the person or not.
    pub fn reuse(self, attempt: &Attempt) {
        self.composer.reuse(&attempt.request);
    }

    /// Downloads a reply that could not be read, as it came.
    pub fn download_raw(self, attempt: String) {
        leptos::task::spawn_local(async move {
            let body = match self.archive.database().await {
                Ok(database) => database.blob(Store::Quarantine, &attempt).await,
                Err(error) => Err(error),
            };
            match body {
                Ok(Some(body)) => {
                    if let Err(error) = files::save(&format!("reply-{attempt}.bin"), &body) {
                        self.notices.trouble(AppError::File(error));
                    }
                }
                Ok(None) => self.notices.say(Message::BytesGone { key: attempt }),
                Err(error) => self.notices.trouble(AppError::Database(error)),
            }
        });
    }
}

/// Whether the tab of an attempt lives no more. Where the browser has no Web Locks nobody can tell, so it counts as alive
/// for fifteen minutes: longer than any request may take.
fn is_gone(attempt: &Attempt, alive: Option<&[String]>) -> bool {
    match alive {
        Some(names) => !names.contains(&attempt.tab),
        None => crate::browser::clock::now().millis_since(attempt.started) > 15 * 60 * 1000,
    }
}
