//! What was spent: reserved before a request is sent, settled with its result, and kept within the person's budget.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;

use crate::browser::clock;
use crate::browser::database::{Durability, Op, Order, Rows, Saved, Store, whole_store};
use crate::browser::error::DatabaseError;
use crate::browser::{files, local};
use crate::domain::account::{Account, csv};
use crate::domain::correction::{Correction, learn};
use crate::domain::date::{Date, Timestamp};
use crate::domain::ledger::{
    self, Budget, DAY_PREFIX, Day, Keys, Refusal, Row, Settlement, Spent, date_of, day_key,
    days_from, present_day,
};
use crate::domain::money::Usd;
use crate::domain::provider::Provider;
use crate::domain::queue::{self, Change, End, Epoch, Leader, Queued};
use crate::domain::rebuild::{Rebuilt, damaged, lines_of, mend};
use crate::domain::record::{self, Attempt, AttemptState};
use crate::domain::spending::read_days;
use crate::state::archive::{Archive, put};
use crate::state::error::AppError;
use crate::state::notices::{Action, Bill, Message, Notice, Notices};
use crate::state::queue::change_op;

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

/// A request whose intent is on disk: it may be sent now.
#[derive(Debug, Clone)]
pub struct Booked {
    pub attempt: Attempt,
    pub row: Queued,
    pub epoch: Epoch,
    /// With it; `None` where it costs nothing.
    pub spent: Option<Spent>,
}

/// What became of the wish to send a request that waits.
#[derive(Debug, Clone)]
pub enum Reserved {
    Booked(Box<Booked>),
    /// It waits no more: cancelled, or taken.
    Gone,
    /// Another tab leads.
    Deposed,
}

/// A tab's place at the head of a queue.
#[derive(Debug, Clone)]
pub struct Seat {
    pub holder: String,
    /// It was in the leader's row before.
    pub claimed: bool,
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

    /// Writes the intent, what it may cost, and that its row is taken, in one transaction with the looks at the budget and at
    /// who leads. The attempt is booked on the day of the clock, or on a later one that the ledger knows.
    ///
    /// # Errors
    /// It must not be sent: the budget or the database is against it.
    pub async fn reserve(
        self,
        attempt: &Attempt,
        row: &Queued,
        seat: &Seat,
    ) -> Result<Reserved, AppError> {
        let (row_key, leader_key) = (row.key(), queue::leader_key(&row.destination));
        let reads = [
            (Store::Meta, leader_key.as_str()),
            (Store::Jobs, row_key.as_str()),
        ];
        let is_paid = row.provider != Provider::Practice;
        let looks = if is_paid { Looks::Days } else { Looks::Nothing };
        let reserved = self.decide(attempt.started, &reads, looks, |view| {
            let Some(leader) = view.leader(seat) else {
                return Ok((Vec::new(), (Reserved::Deposed, None)));
            };
            let row = view.row(1).and_then(Queued::read);
            let Some(row) = row.filter(Queued::is_waiting) else {
                return Ok((Vec::new(), (Reserved::Gone, None)));
            };
            let (ops, booked) = view.book(attempt, &row, &leader)?;
            let spent = booked.spent;
            Ok((ops, (Reserved::Booked(Box::new(booked)), spent)))
        });
        let (reserved, spent) = reserved.await?;
        self.booked(spent);
        Ok(reserved)
    }

    /// Writes the rows of one press of Generate, in one transaction with the look at the budget, which must hold them beside
    /// all that waits already. With an attempt, the first row is taken for it at once, if its tab leads: then nothing else
    /// has to be written before it is sent.
    ///
    /// # Errors
    /// Nothing of it waits or may be sent: the budget or the database is against it, or the press was written before.
    pub async fn submit(
        self,
        rows: &[Queued],
        begin: Option<(&Attempt, &Seat)>,
    ) -> Result<Option<Box<Booked>>, AppError> {
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let leader_key = queue::leader_key(&first.destination);
        let reads = [(Store::Meta, leader_key.as_str())];
        let is_paid = first.provider != Provider::Practice;
        let looks = if is_paid {
            Looks::DaysAndQueue
        } else {
            Looks::Nothing
        };
        let bounds: Vec<_> = rows.iter().map(|row| row.upper_bound).collect();
        let submitted = self.decide(first.made, &reads, looks, |view| {
            if is_paid {
                view.admit(first.made, &bounds)?;
            }
            let add = |row: &Queued| {
                let json = record::write(row).map_err(|error| not_recorded(error.0))?;
                let (store, key) = (Store::Jobs, row.key());
                Ok(Op::Add { store, key, json })
            };
            let mut ops = rows.iter().map(add).collect::<Result<Vec<_>, AppError>>()?;
            let led = begin.and_then(|(attempt, seat)| Some((attempt, view.leader(seat)?)));
            let Some((attempt, leader)) = led else {
                // The person goes on: what was paused is not any more.
                ops.extend(view.resumed(&leader_key)?);
                return Ok((ops, None));
            };
            let leader = Leader {
                paused: None,
                ..leader
            };
            let (more, booked) = view.book(attempt, first, &leader)?;
            ops.extend(more);
            Ok((ops, Some(Box::new(booked))))
        });
        let booked = submitted.await?;
        self.booked(booked.as_ref().and_then(|booked| booked.spent));
        Ok(booked)
    }

    /// Whether a request that was admitted may leave: by the budget as it is now.
    ///
    /// # Errors
    /// It was made smaller in the meantime, in another tab perhaps.
    pub fn still_admits(self, spent: Option<Spent>, row: &Queued) -> Result<(), Refusal> {
        let budget = stored_budget();
        spent.map_or(Ok(()), |spent| {
            budget.holds(spent, row.upper_bound.or(budget.ceiling))
        })
    }

    fn booked(self, spent: Option<Spent>) {
        if let Some(spent) = spent {
            self.changed.update(|count| *count += 1);
            self.warn(&stored_budget(), spent);
        }
    }

    /// Decides by the sums and the budget, where results can be kept. Sums that cannot be read are added up anew first.
    async fn decide<T>(
        self,
        at: Timestamp,
        reads: &[(Store, &str)],
        looks: Looks,
        f: impl Fn(&View<'_>) -> Result<(Vec<Op>, T), AppError>,
    ) -> Result<T, AppError> {
        if looks != Looks::Nothing {
            let may_spend = self.archive.may_spend().await;
            may_spend.map_err(AppError::Hindered)?;
        }
        match self.decide_once(at, reads, looks, &f).await {
            Err(AppError::Budget(Refusal::Damaged)) => {
                let lossy = self.mend(false).await.map_err(AppError::NotRecorded)?;
                let lines = lines_lost(&lossy);
                let again = self.decide_once(at, reads, looks, &f).await;
                again.map_err(|error| match error {
                    AppError::Budget(Refusal::Damaged) => {
                        AppError::Budget(Refusal::Lines { lines })
                    }
                    other => other,
                })
            }
            decided => decided,
        }
    }

    async fn decide_once<T>(
        self,
        at: Timestamp,
        reads: &[(Store, &str)],
        looks: Looks,
        f: &impl Fn(&View<'_>) -> Result<(Vec<Op>, T), AppError>,
    ) -> Result<T, AppError> {
        // Another tab may have changed it.
        let (budget, set_aside) = (stored_budget(), stored_set_aside());
        let (days, all, clock) = (days_from(at), whole_store(), at.date());
        let ranges = [(Store::Meta, &days), (Store::Jobs, &all)];
        let ranges = match looks {
            Looks::Nothing => &ranges[..0],
            Looks::Days => &ranges[..1],
            Looks::DaysAndQueue => &ranges[..],
        };
        let (answer, counted) = (RefCell::new(None), Cell::new(clock));
        let decide = |rows: &[Option<String>], ranges: &[Rows]| {
            let view = View {
                rows,
                days: ranges.first().map_or(&[], Vec::as_slice),
                queue: ranges.get(1).map_or(&[], Vec::as_slice),
                budget: &budget,
                set_aside: &set_aside,
            };
            let known = view.days.iter().filter_map(|(key, _)| date_of(key));
            counted.set(present_day(clock, known, &set_aside));
            let (ops, answered) = match f(&view) {
                Ok((ops, value)) => (ops, Ok(value)),
                Err(error) => (Vec::new(), Err(error)),
            };
            answer.replace(Some(answered));
            (!ops.is_empty()).then_some(ops)
        };
        let scope = [Store::Attempts, Store::Ledger, Store::Meta, Store::Jobs];
        let database = self
            .archive
            .database()
            .await
            .map_err(AppError::NotRecorded)?;
        database
            .decide_over(reads, ranges, &scope, Durability::Strict, decide)
            .await
            .map_err(AppError::NotRecorded)?;
        let counted = counted.get();
        if clock < counted {
            let message = Message::ClockBehind { clock, counted };
            self.notices.say_with(message, Some(Action::TrustClock));
        }
        let nothing = || AppError::NotRecorded(undecided());
        answer.into_inner().ok_or_else(nothing)?
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
    /// was executed, and otherwise left as it was reserved. Gives what became of its row in the queue.
    ///
    /// # Errors
    /// Nothing of it was written.
    pub async fn end(
        self,
        attempt: &Attempt,
        settlement: Option<Settlement>,
        more: Vec<Op>,
        end: End,
    ) -> Result<(Saved, Option<Change>), DatabaseError> {
        let mut all = vec![put(Store::Attempts, &attempt.id, attempt)?];
        all.extend(more);
        let is_released = attempt.state == AttemptState::Failed && settlement.is_none();
        let is_free = attempt.provider == Provider::Practice;
        let is_booked = !is_free && (settlement.is_some() || is_released);
        let (keys, now) = (Keys::of(attempt), clock::now());
        let reads = [
            (Store::Jobs, attempt.row.as_str()),
            (Store::Ledger, &keys.reserved),
            (Store::Ledger, &keys.settled),
            (Store::Ledger, &keys.released),
            (Store::Meta, &keys.day),
        ];
        let reads = if is_booked { &reads[..] } else { &reads[..1] };
        let changed = RefCell::new(None);
        let decide = |stored: &[Option<String>]| {
            let (row, stored) = stored.split_first()?;
            let row = row.as_deref().and_then(Queued::read);
            let change = row.and_then(|row| row.end(&attempt.id, end));
            let booked = match &settlement {
                _ if !is_booked => Vec::new(),
                Some(settlement) => ledger::settle(attempt, now, settlement.clone(), stored),
                None => ledger::release(attempt, now, stored),
            };
            let moved = change
                .as_ref()
                .and_then(|change| change_op(&attempt.row, change).ok());
            changed.replace(change);
            Some(
                all.iter()
                    .cloned()
                    .chain(ops(booked))
                    .chain(moved)
                    .collect(),
            )
        };
        let scope: Vec<Store> = all
            .iter()
            .map(Op::store)
            .chain([Store::Ledger, Store::Meta, Store::Jobs])
            .collect();
        let database = self.archive.database().await?;
        let written = database
            .decide(reads, &scope, Durability::Paid, decide)
            .await?;
        if is_booked {
            self.changed.update(|count| *count += 1);
        }
        let saved = written.ok_or_else(undecided)?;
        Ok((saved, changed.into_inner()))
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
            self.archive.read_again.track();
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
        let mut pages = database.pages(Store::Ledger, Order::OldestFirst, PAGE);
        let mut all = Vec::new();
        while let Some(page) = pages.next().await? {
            all.extend(page);
        }
        Ok(all)
    }

    fn warn(self, budget: &Budget, spent: Spent) {
        if budget.is_nearly_spent(spent) {
            let left = budget.left(spent);
            self.notices.say(Message::BudgetNearlySpent { left });
        }
    }
}

/// What is read besides single rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looks {
    Nothing,
    Days,
    DaysAndQueue,
}

/// What is decided from, within one transaction.
struct View<'a> {
    /// The first is the leader's.
    rows: &'a [Option<String>],
    days: &'a [(String, String)],
    queue: &'a [(String, String)],
    budget: &'a Budget,
    set_aside: &'a [Date],
}

impl View<'_> {
    fn row(&self, at: usize) -> Option<&str> {
        self.rows.get(at)?.as_deref()
    }

    fn leader(&self, seat: &Seat) -> Option<Leader> {
        Leader::seat(self.row(0), &seat.holder, seat.claimed)
    }

    /// Whether a press fits the budget beside what waits.
    fn admit(&self, now: Timestamp, bounds: &[Option<Usd>]) -> Result<(), AppError> {
        let rows = self.queue.iter();
        let waiting: Vec<Option<Usd>> = rows
            .filter_map(|(_, json)| Queued::read(json))
            .filter(|row| row.is_waiting() && row.provider != Provider::Practice)
            .map(|row| row.upper_bound)
            .collect();
        let (budget, set_aside) = (self.budget, self.set_aside);
        ledger::admit_all(now, budget, self.days, set_aside, &waiting, bounds)
            .map_err(AppError::Budget)
    }

    fn book(
        &self,
        attempt: &Attempt,
        row: &Queued,
        leader: &Leader,
    ) -> Result<(Vec<Op>, Booked), AppError> {
        let (dated, rows, spent) = match row.provider {
            Provider::Practice => (attempt.clone(), Vec::new(), None),
            Provider::OpenAi | Provider::Compatible => {
                let (likely, budget) = (row.likely(), self.budget);
                let booking = ledger::reserve(attempt, likely, budget, self.days, self.set_aside)
                    .map_err(AppError::Budget)?;
                (booking.attempt, booking.rows, Some(booking.spent))
            }
        };
        let taken = row.take(&dated.id, leader.epoch);
        let taken = taken.ok_or_else(|| not_recorded("the row is taken".into()))?;
        let mut all: Vec<Op> = ops(rows).collect();
        all.push(put(Store::Attempts, &dated.id, &dated).map_err(AppError::NotRecorded)?);
        all.push(put(Store::Jobs, &taken.key(), &taken).map_err(AppError::NotRecorded)?);
        let stored = self.row(0).and_then(|json| record::read(json).ok());
        if stored.as_ref() != Some(leader) {
            let key = queue::leader_key(&row.destination);
            all.push(put(Store::Meta, &key, leader).map_err(AppError::NotRecorded)?);
        }
        let booked = Booked {
            attempt: dated,
            row: taken,
            epoch: leader.epoch,
            spent,
        };
        Ok((all, booked))
    }

    /// The leader's row without its pause, where it has one.
    fn resumed(&self, key: &str) -> Result<Option<Op>, AppError> {
        let leader: Option<Leader> = self.row(0).and_then(|json| record::read(json).ok());
        let paused = leader.filter(|leader| leader.paused.is_some());
        let resumed = paused.map(|leader| Leader {
            paused: None,
            ..leader
        });
        resumed
            .map(|leader| put(Store::Meta, key, &leader))
            .transpose()
            .map_err(AppError::NotRecorded)
    }
}

fn not_recorded(message: String) -> AppError {
    AppError::NotRecorded(DatabaseError::Other {
        operation: "write",
        message,
    })
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
