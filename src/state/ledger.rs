//! What was spent: reserved before a request is sent, settled with its result, and kept within the person's budget.

use std::cell::Cell;

use leptos::prelude::*;

use crate::browser::clock;
use crate::browser::database::{Durability, Op, Order, Saved, Store};
use crate::browser::error::DatabaseError;
use crate::browser::{files, local};
use crate::domain::account::{Account, csv};
use crate::domain::date::Date;
use crate::domain::ledger::{
    self, Budget, DAY_PREFIX, Day, Keys, Row, Settlement, Spent, month_keys,
};
use crate::domain::money::Usd;
use crate::domain::pricing::tokens::Span;
use crate::domain::provider::Provider;
use crate::domain::record::{Attempt, AttemptState};
use crate::domain::spending::read_days;
use crate::state::archive::{Archive, put};
use crate::state::error::AppError;
use crate::state::notices::{Message, Notices};

/// The ledger; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Ledger {
    /// What must not be exceeded, as the person typed it.
    pub budget: RwSignal<Budget>,
    /// The sums of every day, oldest first; read when the Costs view is opened.
    pub days: RwSignal<Vec<(Date, Day)>>,
    /// What became of the latest requests, newest first; read with them.
    pub latest: RwSignal<Vec<Account>>,
    /// Counts what this tab has written.
    pub changed: RwSignal<u32>,
    archive: Archive,
    notices: Notices,
}

const STORED_AS: &str = "pentimento.budget";
/// Lines that are read for the latest requests: two for most of them.
const LATEST: u32 = 200;
const PAGE: u32 = 5_000;

impl Ledger {
    #[must_use]
    pub fn new(archive: Archive, notices: Notices) -> Self {
        Self {
            budget: RwSignal::new(stored_budget()),
            days: RwSignal::default(),
            latest: RwSignal::default(),
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

    /// Writes the intent, and what it may cost, in one transaction with the look at the budget.
    ///
    /// # Errors
    /// It must not be sent: the budget or the database is against it.
    pub async fn reserve(
        self,
        attempt: &Attempt,
        likely: Option<Span<Usd>>,
    ) -> Result<(), AppError> {
        let intent = put(Store::Attempts, &attempt.id, attempt).map_err(AppError::NotRecorded)?;
        if attempt.provider == Provider::Practice {
            let written = self.archive.write(vec![intent]).await;
            return written.map(drop).map_err(AppError::NotRecorded);
        }
        let keys = month_keys(attempt.started.date());
        let reads: Vec<(Store, &str)> =
            keys.iter().map(|key| (Store::Meta, key.as_str())).collect();
        // Another tab may have changed it.
        let budget = stored_budget();
        let answer = Cell::new(None);
        let decide = |month: &[Option<String>]| {
            let reserved = ledger::reserve(attempt, likely, &budget, month);
            let (rows, answered) = match reserved {
                Ok((rows, spent)) => (Some(rows), Ok(spent)),
                Err(refusal) => (None, Err(refusal)),
            };
            answer.set(Some(answered));
            Some(ops(rows?).chain([intent.clone()]).collect())
        };
        let scope = [Store::Attempts, Store::Ledger, Store::Meta];
        let database = self
            .archive
            .database()
            .await
            .map_err(AppError::NotRecorded)?;
        database
            .decide(&reads, &scope, Durability::Strict, decide)
            .await
            .map_err(AppError::NotRecorded)?;
        match answer.take() {
            Some(Err(refusal)) => Err(AppError::Budget(refusal)),
            Some(Ok(spent)) => {
                self.changed.update(|count| *count += 1);
                self.warn(&budget, spent);
                Ok(())
            }
            None => Ok(()),
        }
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
            return self.archive.write(all).await;
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
            .decide(&reads, &scope, Durability::Strict, decide)
            .await?;
        self.changed.update(|count| *count += 1);
        written.ok_or(DatabaseError::Other {
            operation: "write",
            message: "nothing was decided".into(),
        })
    }

    /// Reads what the Costs view shows, now and whenever something is written while it is open.
    pub fn follow(self) {
        Effect::new(move |_| {
            self.changed.track();
            self.archive.changed_elsewhere.track();
            leptos::task::spawn_local(async move {
                match self.look().await {
                    Ok((days, latest)) => {
                        self.days.set(days);
                        self.latest.set(latest);
                    }
                    Err(error) => self.notices.trouble(AppError::Database(error)),
                }
            });
        });
    }

    async fn look(self) -> Result<(Vec<(Date, Day)>, Vec<Account>), DatabaseError> {
        let database = self.archive.database().await?;
        let days = database.with_prefix(Store::Meta, DAY_PREFIX).await?;
        let mut lines = database
            .page(Store::Ledger, Order::NewestFirst, LATEST, None)
            .await?;
        lines.reverse();
        let mut latest = Account::read_all(&lines);
        latest.reverse();
        Ok((read_days(&days), latest))
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
