//! What was spent: reserved before a request is sent, settled with its result, and kept within the person's budget.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;

use crate::browser::clock;
use crate::browser::database::{Durability, Op, Order, Rows, Saved, Store};
use crate::browser::error::DatabaseError;
use crate::browser::{files, local};
use crate::domain::account::{Account, csv};
use crate::domain::correction::{Correction, learn};
use crate::domain::date::Date;
use crate::domain::ledger::{
    self, Booking, Budget, DAY_PREFIX, Day, Keys, Refusal, Row, Settlement, Spent, date_of,
    day_key, days_from, present_day,
};
use crate::domain::money::Usd;
use crate::domain::pricing::tokens::Span;
use crate::domain::provider::Provider;
use crate::domain::rebuild::{Rebuilt, damaged, lines_of, mend};
use crate::domain::record::{Attempt, AttemptState};
use crate::domain::spending::read_days;
use crate::state::archive::{Archive, put};
use crate::state::error::AppError;
use crate::state::notices::{Action, Bill, Message, Notice, Notices};

/// The ledger; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Ledger {
    /// What must not be exceeded, as the person typed it.
    pub budget: RwSignal<Budget>,
    /// The sums of every day, oldest first; read when the Costs view is opened.
    pub days: RwSignal<Vec<(Date, Day)>>,
    /// What became of the latest requests, newest first.
    pub latest: RwSignal<Vec<Account>>,
    /// What their bills taught, by model.
    pub learned: RwSignal<Vec<Correction>>,
    /// Whether that is said beside the price.
    pub uses_learned: RwSignal<bool>,
    /// Counts what this tab has written.
    pub changed: RwSignal<u32>,
    archive: Archive,
    notices: Notices,
}

const STORED_AS: &str = "pentimento.budget";
const LEARNED_AS: &str = "pentimento.learned";
const OFF: &str = "off";
/// Days that do not count as later than now: the person said that the clock was wrong then.
const SET_ASIDE_AS: &str = "pentimento.days-set-aside";
/// Lines that are read for the latest requests, and learned from: two for most of them.
const LATEST: u32 = 200;
const PAGE: u32 = 5_000;

impl Ledger {
    #[must_use]
    pub fn new(archive: Archive, notices: Notices) -> Self {
        Self {
            budget: RwSignal::new(stored_budget()),
            days: RwSignal::default(),
            latest: RwSignal::default(),
            learned: RwSignal::default(),
            uses_learned: RwSignal::new(true),
            changed: RwSignal::new(0),
            archive,
            notices,
        }
    }

    /// Sets a limit, for all tabs.
    pub fn set_budget(self, change: impl FnOnce(&mut Budget)) {
        let mut budget = stored_budget();
        change(&mut budget);
        self.budget.set(budget);
        if let Ok(json) = serde_json::to_string(&budget) {
            local::set(STORED_AS, &json);
        }
    }

    /// Looks at all that one press of Generate would send.
    ///
    /// # Errors
    /// Nothing of it must be sent.
    pub fn admit_batch(self, provider: Provider, bounds: &[Option<Usd>]) -> Result<(), AppError> {
        match provider {
            Provider::Practice => Ok(()),
            Provider::OpenAi | Provider::Compatible => stored_budget()
                .admit_batch(bounds)
                .map_err(AppError::Budget),
        }
    }

    /// Writes the intent, and what it may cost, in one transaction with the look at the budget. Gives the attempt as it is
    /// booked: on the day of the clock, or on a later one that the ledger knows.
    ///
    /// # Errors
    /// It must not be sent: the budget or the database is against it.
    pub async fn reserve(
        self,
        attempt: &Attempt,
        likely: Option<Span<Usd>>,
    ) -> Result<Attempt, AppError> {
        if attempt.provider == Provider::Practice {
            let intent = put(Store::Attempts, &attempt.id, attempt);
            let written = self
                .archive
                .write(vec![intent.map_err(AppError::NotRecorded)?])
                .await;
            return written
                .map(|_| attempt.clone())
                .map_err(AppError::NotRecorded);
        }
        let may_spend = self.archive.may_spend().await;
        may_spend.map_err(AppError::Hindered)?;
        // Another tab may have changed it.
        let budget = stored_budget();
        let booked = match self.book(attempt, likely, &budget).await {
            Err(AppError::Budget(Refusal::Damaged)) => {
                let lossy = self.mend(false).await.map_err(AppError::NotRecorded)?;
                let lines = lines_lost(&lossy);
                let again = self.book(attempt, likely, &budget).await;
                again.map_err(|error| match error {
                    AppError::Budget(Refusal::Damaged) => {
                        AppError::Budget(Refusal::Lines { lines })
                    }
                    other => other,
                })
            }
            booked => booked,
        };
        let Booking {
            attempt: dated,
            spent,
            ..
        } = booked?;
        self.changed.update(|count| *count += 1);
        self.warn(&budget, spent);
        Ok(dated)
    }

    async fn book(
        self,
        attempt: &Attempt,
        likely: Option<Span<Usd>>,
        budget: &Budget,
    ) -> Result<Booking, AppError> {
        let (range, set_aside) = (days_from(attempt.started), stored_set_aside());
        let clock = attempt.started.date();
        let (answer, counted) = (RefCell::new(Ok(None)), Cell::new(clock));
        let decide = |_: &[Option<String>], ranges: &[Rows]| {
            let days = ranges.first().map_or(&[][..], Vec::as_slice);
            let known = days.iter().filter_map(|(key, _)| date_of(key));
            counted.set(present_day(clock, known, &set_aside));
            let reserved = ledger::reserve(attempt, likely, budget, days, &set_aside);
            let reserved = reserved.map_err(AppError::Budget).and_then(|booking| {
                let dated = &booking.attempt;
                let intent =
                    put(Store::Attempts, &dated.id, dated).map_err(AppError::NotRecorded)?;
                Ok((ops(booking.rows.clone()).chain([intent]).collect(), booking))
            });
            let (rows, answered) = match reserved {
                Ok((rows, booking)) => (Some(rows), Ok(Some(booking))),
                Err(error) => (None, Err(error)),
            };
            *answer.borrow_mut() = answered;
            rows
        };
        let scope = [Store::Attempts, Store::Ledger, Store::Meta];
        let database = self
            .archive
            .database()
            .await
            .map_err(AppError::NotRecorded)?;
        database
            .decide_over(
                &[],
                &[(Store::Meta, &range)],
                &scope,
                Durability::Strict,
                decide,
            )
            .await
            .map_err(AppError::NotRecorded)?;
        let counted = counted.get();
        if clock < counted {
            let message = Message::ClockBehind { clock, counted };
            self.notices.say_with(message, Some(Action::TrustClock));
        }
        let nothing = || AppError::NotRecorded(undecided());
        answer.into_inner()?.ok_or_else(nothing)
    }

    /// Adds up anew every day whose sums cannot be read, and says so. Gives those in which a request's lines cannot be read
    /// either: unless that is accepted, their sums are not written.
    async fn mend(self, accepts_loss: bool) -> Result<Vec<(Date, Rebuilt)>, DatabaseError> {
        let (database, days) = (self.archive.database().await?, self.stored_days().await?);
        let (mut mended, mut lossy) = (0, Vec::new());
        for date in damaged(&days) {
            let added_up = RefCell::new(Rebuilt::default());
            let decide = |stored: &[Option<String>], lines: &[Rows]| {
                let stored = stored.first().and_then(Option::as_deref);
                let lines = lines.first().map_or(&[][..], Vec::as_slice);
                let (row, rebuilt) = mend(date, stored, lines, accepts_loss);
                added_up.replace(rebuilt);
                Some(ops(row.into_iter().collect()).collect())
                    .filter(|ops: &Vec<Op>| !ops.is_empty())
            };
            let written = database
                .decide_over(
                    &[(Store::Meta, &day_key(date))],
                    &[(Store::Ledger, &lines_of(date))],
                    &[Store::Meta],
                    Durability::Strict,
                    decide,
                )
                .await?;
            let added_up = added_up.into_inner();
            match written {
                Some(_) => mended += 1,
                None if added_up.unreadable > 0 => lossy.push((date, added_up)),
                // Another tab was faster.
                None => {}
            }
        }
        if mended > 0 {
            self.notices.say(Message::SumsMended { days: mended });
        }
        Ok(lossy)
    }

    /// Goes on without the lines that cannot be read: the person has decided so.
    pub fn accept_loss(self) {
        leptos::task::spawn_local(async move {
            if let Err(error) = self.mend(true).await {
                self.notices.trouble(AppError::Database(error));
            }
            self.changed.update(|count| *count += 1);
        });
    }

    /// Takes the person's word that the clock is right: the days after today do not count as later ones any more.
    pub fn trust_clock(self) {
        leptos::task::spawn_local(async move {
            match self.stored_days().await {
                Ok(days) => {
                    let today = clock::now().date();
                    let later = days.iter().filter_map(|(key, _)| date_of(key));
                    let later: Vec<Date> = later.filter(|day| *day > today).collect();
                    if let Ok(json) = serde_json::to_string(&later) {
                        local::set(SET_ASIDE_AS, &json);
                    }
                    self.changed.update(|count| *count += 1);
                }
                Err(error) => self.notices.trouble(AppError::Database(error)),
            }
        });
    }

    /// The day whose budget holds, by the days that were read. Reactive.
    #[must_use]
    pub fn present_day(self, today: Date) -> Date {
        let days = self.days.read();
        present_day(
            today,
            days.iter().map(|(date, _)| *date),
            &stored_set_aside(),
        )
    }

    /// Writes how an attempt ended, with everything that belongs to it: settled by what was reported, released where nothing
    /// was executed, and otherwise left as it was reserved.
    ///
    /// # Errors
    /// Nothing of it was written.
    pub async fn end(
        self,
        attempt: &Attempt,
        settlement: Option<Settlement>,
        more: Vec<Op>,
    ) -> Result<Saved, DatabaseError> {
        let mut all = vec![put(Store::Attempts, &attempt.id, attempt)?];
        all.extend(more);
        let is_released = attempt.state == AttemptState::Failed && settlement.is_none();
        let is_free = attempt.provider == Provider::Practice;
        if is_free || (settlement.is_none() && !is_released) {
            return self.archive.write_paid(all).await;
        }
        let (keys, now) = (Keys::of(attempt), clock::now());
        let reads = [
            (Store::Ledger, keys.reserved.as_str()),
            (Store::Ledger, &keys.settled),
            (Store::Ledger, &keys.released),
            (Store::Meta, &keys.day),
        ];
        let decide = |stored: &[Option<String>]| {
            let booked = match &settlement {
                Some(settlement) => ledger::settle(attempt, now, settlement.clone(), stored),
                None => ledger::release(attempt, now, stored),
            };
            Some(all.iter().cloned().chain(ops(booked)).collect())
        };
        let scope: Vec<Store> = all
            .iter()
            .map(Op::store)
            .chain([Store::Ledger, Store::Meta])
            .collect();
        let database = self.archive.database().await?;
        let written = database
            .decide(&reads, &scope, Durability::Paid, decide)
            .await?;
        self.changed.update(|count| *count += 1);
        written.ok_or_else(undecided)
    }

    /// Reads the sums that the Costs view shows, now and whenever something is written while it is open.
    pub fn follow(self) {
        self.at_every_change(async move || {
            let mut stored = self.stored_days().await?;
            let mut lossy = Vec::new();
            if !damaged(&stored).is_empty() {
                lossy = self.mend(false).await?;
                self.warn_of_loss(lines_lost(&lossy));
                stored = self.stored_days().await?;
            }
            // Until the person has decided, what is left of a day is shown, with what nobody knows.
            let left = lossy.into_iter().map(|(date, rebuilt)| (date, rebuilt.day));
            let mut days: Vec<(Date, Day)> = read_days(&stored).into_iter().chain(left).collect();
            days.sort_by_key(|(date, _)| *date);
            self.days.set(days);
            Ok(())
        });
    }

    /// Learns from the latest lines, now and whenever something is written: never from the whole ledger.
    pub fn learn(self) {
        self.uses_learned
            .set(local::get(LEARNED_AS).as_deref() != Some(OFF));
        self.at_every_change(async move || {
            let database = self.archive.database().await?;
            let mut lines = database
                .page(Store::Ledger, Order::NewestFirst, LATEST, None)
                .await?;
            lines.reverse();
            let mut latest = Account::read_all(&lines);
            latest.reverse();
            self.learned.set(learn(&latest));
            self.latest.set(latest);
            Ok(())
        });
    }

    /// Says what the bills taught beside the price, or not; kept for the next visits.
    pub fn use_learned(self, is_used: bool) {
        self.uses_learned.set(is_used);
        local::set(LEARNED_AS, if is_used { "on" } else { OFF });
    }

    fn at_every_change(self, look: impl AsyncFn() -> Result<(), DatabaseError> + Copy + 'static) {
        Effect::new(move |_| {
            self.changed.track();
            self.archive.changed_elsewhere.track();
            leptos::task::spawn_local(async move {
                if let Err(error) = look().await {
                    self.notices.trouble(AppError::Database(error));
                }
            });
        });
    }

    async fn stored_days(self) -> Result<Vec<(String, String)>, DatabaseError> {
        let database = self.archive.database().await?;
        database.with_prefix(Store::Meta, DAY_PREFIX).await
    }

    /// Says what is lost, unless a refused request has just said it.
    fn warn_of_loss(self, lines: u32) {
        let error = AppError::Budget(Refusal::Lines { lines });
        let says_it = |notice: &Notice| matches!(&notice.message, Message::Trouble { error: said, .. } if *said == error);
        if lines == 0 || self.notices.list.read_untracked().iter().any(says_it) {
            return;
        }
        let trouble = Message::Trouble {
            error,
            bill: Bill::Nothing,
            provider: Provider::OpenAi,
            model: String::new(),
        };
        self.notices.say_with(trouble, Some(Action::AcceptLoss));
    }

    /// Downloads the whole ledger as a table.
    pub fn download_csv(self) {
        leptos::task::spawn_local(async move {
            let saved = match self.all_lines().await {
                Ok(lines) => {
                    let name = format!("pentimento-costs-{}.csv", clock::now().date());
                    let table = csv(&Account::read_all(&lines));
                    files::save_text(&name, &table).map_err(AppError::File)
                }
                Err(error) => Err(AppError::Database(error)),
            };
            if let Err(error) = saved {
                self.notices.trouble(error);
            }
        });
    }

    async fn all_lines(self) -> Result<Vec<(String, String)>, DatabaseError> {
        let database = self.archive.database().await?;
        let mut all: Vec<(String, String)> = Vec::new();
        loop {
            let last = all.last().map(|(key, _)| key.clone());
            let page = database
                .page(Store::Ledger, Order::OldestFirst, PAGE, last.as_deref())
                .await?;
            let is_last = page.len() < PAGE as usize;
            all.extend(page);
            if is_last {
                return Ok(all);
            }
        }
    }

    fn warn(self, budget: &Budget, spent: Spent) {
        if budget.is_nearly_spent(spent) {
            let left = budget.left(spent);
            self.notices.say(Message::BudgetNearlySpent { left });
        }
    }
}

fn stored_budget() -> Budget {
    let stored = local::get(STORED_AS);
    stored
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

fn stored_set_aside() -> Vec<Date> {
    let stored = local::get(SET_ASIDE_AS);
    stored
        .as_deref()
        .and_then(|json| serde_json::from_str(json).ok())
        .unwrap_or_default()
}

fn lines_lost(days: &[(Date, Rebuilt)]) -> u32 {
    days.iter().map(|(_, rebuilt)| rebuilt.unreadable).sum()
}

/// A transaction that was asked for an answer gave none: never seen.
fn undecided() -> DatabaseError {
    DatabaseError::Other {
        operation: "write",
        message: "nothing was decided".into(),
    }
}

fn ops(rows: Vec<Row>) -> impl Iterator<Item = Op> {
    rows.into_iter().map(|row| match row {
        Row::Entry { key, json } => Op::Add {
            store: Store::Ledger,
            key,
            json,
        },
        Row::Day { key, json } => Op::Put {
            store: Store::Meta,
            key,
            json,
        },
    })
}
