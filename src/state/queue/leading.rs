//! Leading: standing for the lock, settling what a leader before left, and beginning what waits.

use std::collections::BTreeSet;

use futures::future::FutureExt as _;
use leptos::prelude::*;

use super::{Began, Place, abandon_ops, let_go, lock_name};
use crate::browser::database::{Durability, Store};
use crate::browser::error::{DatabaseError, LockError};
use crate::browser::locks::{self, Held};
use crate::browser::{clock, panics, random};
use crate::domain::ledger::Refusal;
use crate::domain::provider::Provider;
use crate::domain::queue::{self, Change, Leader, MOST_SILENCE_MILLIS, Pace, Pause, Queued, Waits};
use crate::domain::record;
use crate::state::archive::put;
use crate::state::error::AppError;
use crate::state::jobs::Jobs;
use crate::state::ledger::{Booked, Reserved, Seat};
use crate::state::notices::{Action, Bill, Message};

impl Jobs {
    /// Asks to lead, and waits in line where another tab does.
    pub(super) fn stand(self, destination: &str) {
        if panics::has_broken() {
            return;
        }
        let is_new = self.queue.seat(destination).is_none()
            && self.queue.desk(destination, |desk| {
                !std::mem::replace(&mut desk.in_line, true)
            }) == Some(true);
        if !is_new {
            return;
        }
        let (name, lock) = (destination.to_owned(), lock_name(destination));
        let asking = async move {
            match locks::try_hold(&lock).await {
                Ok(Some(held)) => self.seated(&name, Some(held)),
                Err(LockError::Missing) => self.seated(&name, None),
                Ok(None) => leptos::task::spawn_local(self.wait_in_line(name.clone(), lock)),
                Err(LockError::Refused(_)) => {
                    self.queue.desk(&name, |desk| desk.in_line = false);
                }
            }
            self.queue.desk(&name, |desk| desk.asking = None);
        };
        let asking = asking.boxed_local().shared();
        self.queue
            .desk(destination, |desk| desk.asking = Some(asking.clone()));
        leptos::task::spawn_local(asking);
    }

    pub(super) async fn wait_in_line(self, destination: String, lock: String) {
        match locks::hold(&lock).await {
            Ok(held) => self.seated(&destination, Some(held)),
            Err(_) => {
                self.queue.desk(&destination, |desk| desk.in_line = false);
            }
        }
    }

    /// It leads from now on: what a leader before it left is settled, and what waits is begun.
    pub(super) fn seated(self, destination: &str, lock: Option<Held>) {
        if panics::has_broken() {
            // The next one in line gets it.
            return drop(lock);
        }
        let has_locks = lock.is_some();
        self.queue.desk(destination, |desk| {
            let seat = Seat {
                holder: random::id(),
                claimed: false,
            };
            desk.seat = Some(Place {
                seat,
                epoch: 0,
                lock,
            });
            (desk.in_line, desk.heard, desk.is_silent) = (false, None, false);
        });
        let destination = destination.to_owned();
        leptos::task::spawn_local(async move {
            self.look().await;
            if has_locks {
                self.sweep(&destination).await;
            }
            self.review();
        });
    }

    /// Whether this tab leads there, once it is known.
    pub(in crate::state) async fn leads(self, destination: &str) -> Option<Seat> {
        self.stand(destination);
        let asking = self
            .queue
            .desk(destination, |desk| desk.asking.clone())
            .flatten();
        if let Some(asking) = asking {
            asking.await;
        }
        self.queue.seat(destination)
    }

    /// The lock is in hand.
    pub(in crate::state) fn still_leads(self, destination: &str) -> bool {
        self.queue.seat(destination).is_some()
    }

    pub(super) fn leads_anything(self) -> bool {
        self.queue
            .desks
            .with_value(|desks| desks.values().any(|desk| desk.seat.is_some()))
    }

    /// Settles what leaders before this one left.
    pub(super) async fn sweep(self, destination: &str) {
        let place = self.queue.desk(destination, |desk| {
            desk.seat
                .as_ref()
                .map(|place| (place.seat.clone(), place.epoch))
        });
        let Some((seat, epoch)) = place.flatten() else {
            return;
        };
        let left: Vec<Queued> = self.queue.rows.with_value(|rows| {
            rows.values()
                .filter(|row| row.destination == destination && row.is_orphan(epoch))
                .filter(|row| !self.queue.runs(&row.key()))
                .cloned()
                .collect()
        });
        if left.is_empty() {
            return;
        }
        match self.settle_left(destination, &seat, &left).await {
            Ok(Some(leader)) => self.queue.claimed(destination, &seat.holder, leader.epoch),
            Ok(None) => return self.deposed(destination),
            Err(error) => self.notices.trouble(AppError::Database(error)),
        }
        self.queue.version.update_value(|version| *version += 1);
        self.look().await;
        self.queue.tell(&[]);
        self.archive.tell_other_tabs();
        self.unsettled.refresh().await;
    }

    pub(super) async fn settle_left(
        self,
        destination: &str,
        seat: &Seat,
        left: &[Queued],
    ) -> Result<Option<Leader>, DatabaseError> {
        let leader_key = queue::leader_key(destination);
        let keys: Vec<String> = left.iter().map(Queued::key).collect();
        let mut reads = vec![(Store::Meta, leader_key.as_str())];
        for (row, key) in left.iter().zip(&keys) {
            reads.push((Store::Jobs, key));
            reads.push((Store::Attempts, row.attempt().unwrap_or_default()));
        }
        let decide = |stored: &[Option<String>]| {
            let (leader, rows) = stored.split_first()?;
            let leader = Leader::seat(leader.as_deref(), &seat.holder, seat.claimed)?;
            let mut ops = vec![put(Store::Meta, &leader_key, &leader).ok()?];
            for pair in rows.chunks(2) {
                let [row, attempt] = pair else { continue };
                ops.extend(abandon_ops(row.as_deref(), attempt.as_deref()));
            }
            Some((ops, leader))
        };
        let claimed = std::cell::RefCell::new(None);
        let scope = [Store::Meta, Store::Jobs, Store::Attempts];
        let database = self.archive.database().await?;
        let decide = |stored: &[Option<String>]| {
            let (ops, leader) = decide(stored)?;
            claimed.replace(Some(leader));
            Some(ops)
        };
        database
            .decide(&reads, &scope, Durability::Strict, decide)
            .await?;
        Ok(claimed.into_inner())
    }

    /// Another tab has taken over: this one goes back to the end of the line.
    pub(super) fn deposed(self, destination: &str) {
        self.queue.desk(destination, |desk| desk.seat = None);
        let destination = destination.to_owned();
        leptos::task::spawn_local(async move {
            self.look().await;
            self.stand(&destination);
        });
    }

    /// Takes the lead from a tab that says nothing any more: the person wants it so.
    pub fn take_over(self) {
        let silent: Vec<String> = self.queue.desks.with_value(|desks| {
            let silent = desks.iter().filter(|(_, desk)| desk.is_silent);
            silent.map(|(name, _)| name.clone()).collect()
        });
        for name in silent {
            leptos::task::spawn_local(async move {
                if let Ok(held) = locks::take_over(&lock_name(&name)).await {
                    self.seated(&name, Some(held));
                }
            });
        }
    }

    /// Begins what waits, while there is room.
    pub(in crate::state) fn drain(self, destination: &str) {
        while let Some(row) = self.next(destination) {
            let (key, name) = (row.key(), row.destination.clone());
            self.queue
                .desk(&name, |desk| desk.running.insert(key.clone()));
            leptos::task::spawn_local(async move {
                self.run(row).await;
                self.ran(&name, &key);
            });
        }
    }

    pub(super) fn next(self, destination: &str) -> Option<Queued> {
        self.queue.seat(destination)?;
        let known = self.known();
        self.queue.desks.with_value(|desks| {
            let desk = desks.get(destination)?;
            if desk.running.len() >= desk.pace.limit() {
                return None;
            }
            let may_go = |(key, row): &(&String, &Queued)| {
                row.destination == destination
                    && !desk.running.contains(*key)
                    && known.waits(row) == Some(Waits::Turn)
                    && !self.is_told_to_wait(key)
            };
            self.queue
                .rows
                .with_value(|rows| Some(rows.iter().find(may_go)?.1.clone()))
        })
    }

    /// By the clock that nobody sets.
    pub(super) fn is_told_to_wait(self, key: &str) -> bool {
        let now = clock::monotonic_ms();
        self.queue
            .told
            .with_value(|told| told.get(key).is_some_and(|until| now < *until))
    }

    /// Sends a request that waits.
    pub(super) async fn run(self, row: Queued) {
        let Some(seat) = self.queue.seat(&row.destination) else {
            return;
        };
        let began = Began::now();
        let attempt = self.intend(&row).await;
        match self.ledger.reserve(&attempt, &row, &seat).await {
            Ok(Reserved::Booked(booked)) => {
                self.booked(&seat, &booked);
                self.carry_out(*booked, began).await;
            }
            Ok(Reserved::Gone) => self.read_jobs(BTreeSet::from([row.job])).await,
            Ok(Reserved::Deposed) => self.deposed(&row.destination),
            Err(error) => {
                let why = match error {
                    AppError::Budget(_) => Pause::Budget,
                    _ => Pause::Storage,
                };
                self.pause(&row.destination, why);
                self.refused(error, row.provider, row.request.model);
            }
        }
    }

    /// A request of this tab's is on disk, and will be sent.
    pub(super) fn booked(self, seat: &Seat, booked: &Booked) {
        let row = &booked.row;
        self.queue
            .claimed(&row.destination, &seat.holder, booked.epoch);
        self.queue.changed(&row.key(), Change::keep(row.clone()));
        self.queue.tell(&[&row.job]);
    }

    pub(super) fn ran(self, destination: &str, key: &str) {
        self.queue
            .desk(destination, |desk| desk.running.remove(key));
        self.review();
    }

    /// Says why a request was not sent, with the button that mends it.
    pub(in crate::state) fn refused(self, error: AppError, provider: Provider, model: String) {
        let action = match error {
            AppError::NoKey | AppError::Address(_) => Some(Action::OpenSettings),
            AppError::Budget(Refusal::Lines { .. }) => Some(Action::AcceptLoss),
            AppError::Budget(_) => Some(Action::OpenCosts),
            _ => None,
        };
        self.notices.say_with(
            Message::Trouble {
                error,
                bill: Bill::Nothing,
                provider,
                model,
            },
            action,
        );
    }

    /// Writes the rows of a press, and sends the first one at once where there is room.
    pub(in crate::state) async fn submit(self, rows: Vec<Queued>) {
        let Some(first) = rows.first().cloned() else {
            return;
        };
        let (job, destination, key) = (first.job.clone(), first.destination.clone(), first.key());
        let (seat, _) = futures::join!(self.leads(&destination), self.tab_name());
        // The person goes on: what was paused is not any more.
        let was_paused = self
            .queue
            .desk(&destination, |desk| desk.paused.take().is_some())
            == Some(true);
        let was_paused = let_go() || was_paused;
        let seat = seat.filter(|_| self.may_begin(&first));
        let began = Began::now();
        let submitted = match &seat {
            Some(seat) => {
                self.queue
                    .desk(&destination, |desk| desk.running.insert(key.clone()));
                let attempt = self.intend(&first).await;
                self.ledger.submit(&rows, Some((&attempt, seat))).await
            }
            None => self.ledger.submit(&rows, None).await,
        };
        self.queue
            .coming
            .update_value(|coming| coming.retain(|_, row| row.job != job));
        let booked = match submitted {
            Ok(booked) => booked,
            Err(error) => {
                self.refused(error, first.provider, first.request.model);
                if seat.is_some() {
                    self.ran(&destination, &key);
                }
                return self.show();
            }
        };
        for row in rows {
            self.queue.changed(&row.key(), Change::keep(row));
        }
        match (&seat, &booked) {
            (Some(seat), Some(booked)) => self.booked(seat, booked),
            _ => self.queue.tell(&[&job]),
        }
        if was_paused {
            self.queue.tell(&[]);
        }
        if (self.queue.called_off).try_update_value(|jobs| jobs.remove(&job)) == Some(true) {
            self.abort(&job);
        }
        self.review();
        if let Some(booked) = booked {
            self.carry_out(*booked, began).await;
        }
        if seat.is_some() {
            self.ran(&destination, &key);
        }
    }

    /// Whether there is room for it, and nothing that it must wait for.
    pub(super) fn may_begin(self, row: &Queued) -> bool {
        let has_room = self.queue.desk(&row.destination, |desk| {
            desk.running.len() < desk.pace.limit()
        });
        has_room == Some(true) && self.known().waits(row) == Some(Waits::Turn)
    }

    /// Rows that are about to be written are shown at once.
    pub(in crate::state) fn expect(self, rows: &[Queued]) {
        if let Some(row) = rows.first() {
            self.queue
                .desk(&row.destination, |desk| desk.is_served = true);
        }
        self.queue.coming.update_value(|coming| {
            coming.extend(rows.iter().map(|row| (row.key(), row.clone())));
        });
        self.show();
    }

    /// What the end of an attempt made of its row.
    pub(in crate::state) fn ended(self, row: &Queued, change: Option<Change>) {
        let key = row.key();
        if let Some(Change::Keep(again)) = &change
            && let Some(until) = again.not_before
        {
            let wait = until.0.saturating_sub(clock::now().0);
            let deadline = clock::monotonic_ms() + wait as f64;
            self.queue.told.update_value(|told| {
                told.insert(key.clone(), deadline);
            });
            leptos::task::spawn_local(async move {
                // The timer may be a moment early.
                clock::sleep(u32::try_from(wait + 5).unwrap_or(u32::MAX / 2)).await;
                self.review();
            });
        } else {
            self.queue.told.update_value(|told| {
                told.remove(&key);
            });
        }
        // Not this attempt's any more: what there is was read by then, or will be.
        if let Some(change) = change {
            self.queue.changed(&key, change);
        }
        self.queue.tell(&[&row.job]);
    }

    pub(in crate::state) fn pace(self, destination: &str, f: impl FnOnce(&mut Pace)) {
        self.queue.desk(destination, |desk| f(&mut desk.pace));
    }

    /// Nothing more goes there until the person says so, in any tab.
    pub(in crate::state) fn pause(self, destination: &str, why: Pause) {
        self.queue.version.update_value(|version| *version += 1);
        self.queue.desk(destination, |desk| desk.paused = Some(why));
        self.write_pause(destination.to_owned(), Some(why));
    }

    pub(super) fn write_pause(self, destination: String, paused: Option<Pause>) {
        leptos::task::spawn_local(async move {
            let key = queue::leader_key(&destination);
            let decide = |stored: &[Option<String>]| {
                let stored = stored.first()?.as_deref()?;
                let leader: Leader = record::read(stored).ok()?;
                let leader = Leader { paused, ..leader };
                Some(vec![put(Store::Meta, &key, &leader).ok()?])
            };
            // Where it cannot be written, this tab keeps it all the same, and what has led to it was said.
            if let Ok(database) = self.archive.database().await {
                let (reads, scope) = ([(Store::Meta, key.as_str())], [Store::Meta]);
                database
                    .decide(&reads, &scope, Durability::Strict, decide)
                    .await
                    .ok();
            }
            // What was read before this knows nothing of it.
            self.queue.version.update_value(|version| *version += 1);
            self.queue.tell(&[]);
            self.review();
        });
    }

    /// Every ten seconds: says that this tab lives while something runs, and hears whether the others do.
    pub(super) fn tick(self) {
        // Silent, so that another tab may take over.
        if panics::has_broken() {
            return;
        }
        let desks: Vec<(String, Option<Seat>, bool)> = self.queue.desks.with_value(|desks| {
            let seats = desks.iter().map(|(name, desk)| {
                let seat = desk.seat.as_ref().map(|place| place.seat.clone());
                (name.clone(), seat, !desk.running.is_empty())
            });
            seats.collect()
        });
        let has_rows = self.queue.rows.with_value(|rows| !rows.is_empty());
        leptos::task::spawn_local(async move {
            for (name, seat, runs) in desks {
                match seat {
                    Some(seat) if runs => self.beat(&name, &seat).await,
                    Some(_) => {}
                    None if has_rows => self.listen(&name).await,
                    None => {
                        self.queue.desk(&name, |desk| desk.is_silent = false);
                    }
                }
            }
            // A tab that died may not have told what it wrote.
            self.look().await;
        });
    }

    pub(super) async fn beat(self, destination: &str, seat: &Seat) {
        let key = queue::leader_key(destination);
        let decide = |stored: &[Option<String>]| {
            let leader = Leader::seat(stored.first()?.as_deref(), &seat.holder, true)?;
            let beats = leader.beats + 1;
            Some(vec![
                put(Store::Meta, &key, &Leader { beats, ..leader }).ok()?,
            ])
        };
        if let Ok(database) = self.archive.database().await {
            let (reads, scope) = ([(Store::Meta, key.as_str())], [Store::Meta]);
            database
                .decide(&reads, &scope, Durability::Relaxed, decide)
                .await
                .ok();
        }
    }

    pub(super) async fn listen(self, destination: &str) {
        let Ok(database) = self.archive.database().await else {
            return;
        };
        let key = queue::leader_key(destination);
        let stored = database.get(Store::Meta, &key).await.ok().flatten();
        let Some(leader) = stored.and_then(|json| record::read::<Leader>(&json).ok()) else {
            return;
        };
        let (now, known) = (clock::monotonic_ms(), self.known());
        let has_work = self.queue.rows.with_value(|rows| {
            let mut rows = rows.values().filter(|row| row.destination == destination);
            rows.any(|row| matches!(known.waits(row), None | Some(Waits::Turn)))
        });
        self.queue.desk(destination, |desk| match &desk.heard {
            Some((last, since)) if *last == leader && has_work => {
                desk.is_silent = desk.is_led_elsewhere && now - since > MOST_SILENCE_MILLIS;
            }
            _ => (desk.heard, desk.is_silent) = (Some((leader, now)), false),
        });
    }
}
