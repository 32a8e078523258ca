//! What the person decides of what waits and runs, in whichever tab: each is one transaction.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{change_op, let_go};
use crate::browser::database::{Durability, Op, Store};
use crate::browser::error::DatabaseError;
use crate::domain::queue::{Change, Queued, Waits, Wish};
use crate::state::error::AppError;
use crate::state::jobs::Jobs;

impl Jobs {
    /// Goes on with what was paused.
    pub fn resume(self) {
        if let_go() {
            self.queue.tell(&[]);
            self.review();
        }
        let paused: Vec<String> = self.queue.desks.with_value(|desks| {
            let paused = desks.iter().filter(|(_, desk)| desk.paused.is_some());
            paused.map(|(name, _)| name.clone()).collect()
        });
        for name in paused {
            self.queue.desk(&name, |desk| desk.paused = None);
            self.write_pause(name, None);
        }
    }

    /// Sends everything that waits for the person's word.
    pub fn send_waiting(self) {
        let visit = self.visit();
        self.change_waiting(Waits::Consent, move |row| {
            Change::keep(Queued {
                consent: Some(visit.clone()),
                ..row
            })
        });
    }

    /// Removes everything that waits for the person's word.
    pub fn remove_asked(self) {
        self.change_waiting(Waits::Consent, |_| Change::Remove);
    }

    /// Removes everything that could be sent only with a key.
    pub fn remove_without_key(self) {
        self.change_waiting(Waits::Key, |_| Change::Remove);
    }

    /// Removes whatever is not being sent yet.
    pub fn remove_waiting(self) {
        let known = self.known();
        let waiting = self.waiting(|row| known.waits(row).is_some());
        self.change_rows(waiting, |_| Change::Remove);
    }

    pub(super) fn change_waiting(self, why: Waits, change: impl Fn(Queued) -> Change + 'static) {
        let known = self.known();
        let waiting = self.waiting(|row| known.waits(row) == Some(why));
        self.change_rows(waiting, change);
    }

    pub(super) fn waiting(self, fits: impl Fn(&Queued) -> bool) -> Vec<String> {
        self.queue.rows.with_value(|rows| {
            let fitting = rows.iter().filter(|(_, row)| fits(row));
            fitting.map(|(key, _)| key.clone()).collect()
        })
    }

    /// Changes those rows that still wait, in one transaction.
    pub(super) fn change_rows(
        self,
        keys: Vec<String>,
        change: impl Fn(Queued) -> Change + 'static,
    ) {
        leptos::task::spawn_local(async move {
            let decide = |row: Queued| row.is_waiting().then(|| change(row));
            if let Err(error) = self.decide_rows(&keys, decide).await {
                self.notices.trouble(AppError::Database(error));
            }
            self.queue.tell(&[]);
            self.review();
        });
    }

    pub(super) async fn decide_rows(
        self,
        keys: &[String],
        decide: impl Fn(Queued) -> Option<Change>,
    ) -> Result<(), DatabaseError> {
        let reads: Vec<(Store, &str)> = (keys.iter())
            .map(|key| (Store::Jobs, key.as_str()))
            .collect();
        let changed = std::cell::RefCell::new(Vec::new());
        let decide = |stored: &[Option<String>]| {
            let mut changes = Vec::new();
            for (key, json) in keys.iter().zip(stored) {
                let change = match json.as_deref().map(Queued::read) {
                    Some(row) => row.and_then(&decide),
                    // Gone in the meantime.
                    None => Some(Change::Remove),
                };
                changes.extend(change.map(|change| (key.clone(), change)));
            }
            let ops: Result<Vec<Op>, _> = (changes.iter())
                .map(|(key, change)| change_op(key, change))
                .collect();
            changed.replace(changes);
            ops.ok().filter(|ops| !ops.is_empty())
        };
        self.archive
            .database()
            .await?
            .decide(&reads, &[Store::Jobs], Durability::Strict, decide)
            .await?;
        for (key, change) in changed.into_inner() {
            self.queue.changed(&key, change);
        }
        Ok(())
    }

    /// Looks away from a job: what it brings is still saved.
    pub fn stop_waiting(self, id: &str) {
        self.change(id, |job| job.in_background = true);
        self.cancel(id, Wish::StopWaiting);
    }

    /// Breaks a job off, whichever tab runs it. What was not sent is removed; what was sent may be billed, and is called so.
    pub fn abort(self, id: &str) {
        let is_coming =
            |coming: &BTreeMap<String, Queued>| coming.values().any(|row| row.job == id);
        if self.queue.coming.with_value(is_coming) {
            self.queue.called_off.update_value(|jobs| {
                jobs.insert(id.to_owned());
            });
            return;
        }
        let runs_here = self.queue.rows.with_value(|rows| {
            let mut own = rows.iter().filter(|(_, row)| row.job == id);
            own.any(|(key, _)| self.queue.runs(key))
        });
        if runs_here {
            self.stopper(id).abort();
        }
        self.cancel(id, Wish::Abort);
    }

    pub(super) fn cancel(self, job: &str, wish: Wish) {
        let (job, keys) = (job.to_owned(), self.waiting(|row| row.job == job));
        leptos::task::spawn_local(async move {
            let decide = |row: Queued| Some(row.cancel(wish));
            if let Err(error) = self.decide_rows(&keys, decide).await {
                self.notices.trouble(AppError::Database(error));
            }
            self.queue.tell(&[&job]);
            self.review();
        });
    }
}
