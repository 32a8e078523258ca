//! This tab's part in the queue: what waits on disk, for which destinations it leads, and what it begins.
//!
//! The database is the truth; what is held here is what was last read of it, and hints between the tabs say when to look
//! again. Who leads holds a Web Lock, and each of its transactions checks that no other tab has taken over.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures::future::{FutureExt as _, LocalBoxFuture, Shared};
use leptos::prelude::*;

use crate::browser::database::{Durability, Op, Store};
use crate::browser::error::{DatabaseError, LockError};
use crate::browser::listener::Listener;
use crate::browser::locks::{self, Held};
use crate::browser::tabs::Channel;
use crate::browser::{clock, fetch, local, page, random};
use crate::domain::date::Timestamp;
use crate::domain::ledger::Refusal;
use crate::domain::money::Usd;
use crate::domain::provider::Provider;
use crate::domain::queue::{
    self, Change, Here, LEADER_PREFIX, Leader, MOST_SILENCE_MILLIS, Pace, Pause, Queued, Waits,
    Wish,
};
use crate::domain::record::{self, Attempt};
use crate::state::archive::put;
use crate::state::error::AppError;
use crate::state::jobs::{Job, JobListStoreFields as _, Jobs, Phase};
use crate::state::ledger::{Booked, Reserved, Seat};
use crate::state::notices::{Action, Bill, Message};

/// The queue as this tab knows it; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    /// What holds up the rest, for the person to decide.
    pub notes: RwSignal<Notes>,
    /// Whether waiting requests are sent by themselves after a restart, or after the network was away.
    pub by_itself: RwSignal<bool>,
    /// As read from the database.
    rows: StoredValue<BTreeMap<String, Queued>, LocalStorage>,
    /// Being written.
    coming: StoredValue<BTreeMap<String, Queued>, LocalStorage>,
    desks: StoredValue<HashMap<String, Desk>, LocalStorage>,
    /// Counts the changes that this tab has made to `rows`.
    version: StoredValue<u64>,
    /// Presses that were cancelled before they were written.
    called_off: StoredValue<HashSet<String>>,
    /// Told to come back: until then by the clock that nobody sets.
    told: StoredValue<HashMap<String, f64>>,
    /// The visits that this tab keeps alive, by their names.
    visits: StoredValue<HashMap<String, Option<Held>>, LocalStorage>,
    /// The visit that new requests are of.
    visit: StoredValue<String>,
    /// Presses of which other tabs have told.
    hints: StoredValue<Hints>,
    channel: StoredValue<Option<Channel>, LocalStorage>,
    listening: StoredValue<Vec<Listener>>,
    ticking: StoredValue<Option<clock::Interval>>,
}

/// What the person has to know or decide before all goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    /// Presses that are not listed one by one.
    pub more: usize,
    /// Requests that wait for the person's word, and what they may cost at most.
    pub asks: usize,
    pub asks_most: Option<Usd>,
    /// Requests for which no tab holds the key.
    pub need_key: usize,
    pub paused: Option<Pause>,
    /// The tab that leads says nothing any more.
    pub is_silent: bool,
    /// Requests that are not being sent yet, whatever they wait for.
    pub waiting: usize,
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub(super) struct Destination {
    /// What one tab leads for.
    pub name: String,
    pub provider: Provider,
    pub address: String,
    pub keyed: bool,
}

/// When something began, by both clocks: one stands still where the other does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Began {
    wall: Timestamp,
    monotonic: f64,
}

impl Began {
    pub(super) fn now() -> Self {
        Self {
            wall: clock::now(),
            monotonic: clock::monotonic_ms(),
        }
    }

    /// The longer of the two.
    pub(super) fn millis(self) -> u64 {
        let monotonic = clock::monotonic_ms() - self.monotonic;
        clock::now()
            .0
            .abs_diff(self.wall.0)
            .max(monotonic.max(0.0) as u64)
    }
}

#[derive(Debug, Default)]
struct Hints {
    jobs: BTreeSet<String>,
    /// Something else has changed: all is read.
    all: bool,
    is_reading: bool,
}

/// This tab's place at one destination.
#[derive(Debug, Default)]
struct Desk {
    /// It leads.
    seat: Option<Place>,
    /// It is asking for the lock, or waits in line for it.
    in_line: bool,
    asking: Option<Asking>,
    /// The keys of the rows that it has begun.
    running: HashSet<String>,
    pace: Pace,
    paused: Option<Pause>,
    /// Another tab leads: what was last heard of it, and when.
    heard: Option<(Leader, f64)>,
    /// This tab can send there.
    is_served: bool,
    is_led_elsewhere: bool,
    is_silent: bool,
}

type Asking = Shared<LocalBoxFuture<'static, ()>>;

#[derive(Debug)]
struct Place {
    seat: Seat,
    epoch: queue::Epoch,
    /// Absent where the browser has no locks: then the database alone keeps tabs apart.
    lock: Option<Held>,
}

const CHANNEL: &str = "pentimento-queue";
const VISIT: &str = "pentimento-visit-";
const BY_ITSELF: &str = "pentimento.queue-by-itself";
/// Presses that are listed one by one.
const MOST_LISTED: usize = 20;
/// More presses than that are read all at once.
const MOST_READ_SINGLY: usize = 12;
/// How long a tab that does not lead collects hints before it looks.
const FOLLOW_MILLIS: u32 = 150;
const TICK_MILLIS: u32 = 10_000;

impl Queue {
    #[must_use]
    pub fn closed() -> Self {
        Self {
            notes: RwSignal::default(),
            by_itself: RwSignal::new(false),
            rows: StoredValue::new_local(BTreeMap::new()),
            coming: StoredValue::new_local(BTreeMap::new()),
            desks: StoredValue::new_local(HashMap::new()),
            version: StoredValue::new(0),
            called_off: StoredValue::default(),
            told: StoredValue::default(),
            visits: StoredValue::new_local(HashMap::new()),
            visit: StoredValue::default(),
            hints: StoredValue::default(),
            channel: StoredValue::new_local(None),
            listening: StoredValue::default(),
            ticking: StoredValue::new(None),
        }
    }

    /// Chooses whether waiting requests are sent without being asked about; kept for the next visits.
    pub fn choose_by_itself(self, by_itself: bool) {
        self.by_itself.set(by_itself);
        local::set(BY_ITSELF, if by_itself { "on" } else { "off" });
    }

    fn desk<T>(self, destination: &str, f: impl FnOnce(&mut Desk) -> T) -> Option<T> {
        self.desks.try_update_value(|desks| {
            if !desks.contains_key(destination) {
                desks.insert(destination.to_owned(), Desk::default());
            }
            desks.get_mut(destination).map(f)
        })?
    }

    /// Its seat, while the lock is held.
    fn seat(self, destination: &str) -> Option<Seat> {
        self.desk(destination, |desk| {
            let is_lost = |place: &Place| place.lock.as_ref().is_some_and(Held::is_lost);
            if desk.seat.as_ref().is_some_and(is_lost) {
                desk.seat = None;
            }
            desk.seat.as_ref().map(|place| place.seat.clone())
        })?
    }

    fn claimed(self, destination: &str, holder: &str, epoch: queue::Epoch) {
        self.desk(destination, |desk| {
            if let Some(place) = &mut desk.seat
                && place.seat.holder == holder
            {
                (place.seat.claimed, place.epoch) = (true, epoch);
            }
        });
    }

    /// What a change on disk makes of what is known here.
    fn changed(self, key: &str, change: Change) {
        self.version.update_value(|version| *version += 1);
        self.rows.update_value(|rows| match change {
            Change::Keep(row) => drop(rows.insert(key.into(), *row)),
            Change::Remove => drop(rows.remove(key)),
        });
    }

    fn tell(self, jobs: &[&str]) {
        let text = jobs.join("\n");
        self.channel.with_value(|channel| {
            if let Some(channel) = channel {
                channel.post(&text);
            }
        });
    }

    fn runs(self, key: &str) -> bool {
        self.desks
            .with_value(|desks| desks.values().any(|desk| desk.running.contains(key)))
    }
}

impl Jobs {
    /// Looks at what waits, stands for what this tab can send, and follows what the other tabs do.
    pub(super) fn open_queue(self) {
        let queue = self.queue;
        queue
            .by_itself
            .set(local::get(BY_ITSELF).as_deref() == Some("on"));
        queue
            .channel
            .set_value(Some(Channel::new(CHANNEL, move |text| self.hinted(&text))));
        let network = page::on_network_change(move |_| self.review());
        let listeners = network.into_iter().chain([
            page::on_visibility(move |_| self.review()),
            page::on_page_hide(move || queue.tell(&[])),
        ]);
        queue
            .listening
            .update_value(|all| all.extend(listeners.flatten()));
        queue
            .ticking
            .set_value(Some(clock::every(TICK_MILLIS, move || self.tick())));
        Effect::new(move |_| {
            self.settings.keys.track();
            self.settings.provider.track();
            self.settings.address.track();
            queue.by_itself.track();
            untrack(|| self.review());
        });
        leptos::task::spawn_local(async move {
            self.join_visits().await;
            self.tab_name().await;
            self.look().await;
        });
    }

    /// Keeps the present visit alive: as long as any tab does, what was pressed in it is sent without being asked about.
    async fn join_visits(self) {
        let held = locks::held_names().await.unwrap_or_default();
        let mut others: Vec<String> = (held.into_iter())
            .filter_map(|name| Some(name.strip_prefix(VISIT)?.to_owned()))
            .collect();
        others.sort_unstable();
        others.dedup();
        for visit in &others {
            self.keep_visit(visit).await;
        }
        if let Some(oldest) = others.first() {
            self.queue.visit.set_value(oldest.clone());
        } else {
            self.keep_visit(&self.visit()).await;
        }
    }

    /// The visit that what is pressed now is of.
    pub(super) fn visit(self) -> String {
        if self.queue.visit.with_value(String::is_empty) {
            self.queue.visit.set_value(random::id());
        }
        self.queue.visit.get_value()
    }

    async fn keep_visit(self, visit: &str) {
        if (self.queue.visits).with_value(|visits| visits.contains_key(visit)) {
            return;
        }
        let lock = locks::share(&format!("{VISIT}{visit}")).await.ok();
        self.queue
            .visits
            .update_value(|visits| drop(visits.insert(visit.to_owned(), lock)));
    }

    /// Visits of rows that another tab keeps alive become this tab's as well.
    async fn join_visits_of_rows(self) {
        let unknown: BTreeSet<String> = self.queue.rows.with_value(|rows| {
            let visits = rows.values().filter_map(|row| row.consent.clone());
            (self.queue.visits)
                .with_value(|known| visits.filter(|visit| !known.contains_key(visit)).collect())
        });
        if unknown.is_empty() {
            return;
        }
        let held: HashSet<String> = (locks::held_names().await)
            .unwrap_or_default()
            .into_iter()
            .collect();
        for visit in unknown {
            if held.contains(&format!("{VISIT}{visit}")) {
                self.keep_visit(&visit).await;
            }
        }
    }

    /// Reads everything anew.
    pub(super) async fn look(self) {
        loop {
            let version = self.queue.version.get_value();
            let read = self.read_all().await;
            let (rows, leaders) = match read {
                Ok(read) => read,
                Err(error) => return self.notices.trouble(AppError::Database(error)),
            };
            // What was changed here in the meantime may not be in it.
            if self.queue.version.get_value() == version {
                self.know(rows, None);
                for (key, leader) in leaders {
                    let destination = key.strip_prefix(LEADER_PREFIX).unwrap_or(&key);
                    self.queue
                        .desk(destination, |desk| desk.paused = leader.paused);
                }
                break;
            }
        }
        self.see_leaders().await;
        self.join_visits_of_rows().await;
        self.review();
    }

    /// Sees for which destinations of the rows another tab leads.
    async fn see_leaders(self) {
        let destinations: BTreeSet<String> = (self.queue.rows)
            .with_value(|rows| rows.values().map(|row| row.destination.clone()).collect());
        if destinations.is_empty() {
            return;
        }
        let held = locks::held_names().await.unwrap_or_default();
        for name in destinations {
            let is_led = held.contains(&lock_name(&name));
            self.queue.desk(&name, |desk| {
                desk.is_led_elsewhere = is_led && desk.seat.is_none();
            });
        }
    }

    async fn read_all(
        self,
    ) -> Result<(BTreeMap<String, Queued>, Vec<(String, Leader)>), DatabaseError> {
        let database = self.archive.database().await?;
        let rows = database.with_prefix(Store::Jobs, "").await?;
        let leaders = database.with_prefix(Store::Meta, LEADER_PREFIX).await?;
        let (count, read) = (rows.len(), understood(rows));
        if read.len() < count {
            let rows = count - read.len();
            self.notices.say(Message::Damaged { rows });
        }
        let leaders = leaders
            .into_iter()
            .filter_map(|(key, json)| Some((key, record::read(&json).ok()?)));
        Ok((read, leaders.collect()))
    }

    /// Takes what was read: of those presses, or of all.
    fn know(self, read: BTreeMap<String, Queued>, jobs: Option<&BTreeSet<String>>) {
        for row in read.values() {
            match row.wish {
                Some(Wish::Abort) if self.queue.runs(&row.key()) => {
                    self.stopper(&row.job).abort();
                }
                Some(Wish::StopWaiting) => self.change(&row.job, |job| job.in_background = true),
                _ => {}
            }
        }
        self.queue.rows.update_value(|rows| match jobs {
            Some(jobs) => {
                rows.retain(|_, row| !jobs.contains(&row.job));
                rows.extend(read);
            }
            None => *rows = read,
        });
    }

    /// Another tab has changed rows of these presses, or something else.
    fn hinted(self, text: &str) {
        let is_idle = self.queue.hints.try_update_value(|hints| {
            hints.all |= text.is_empty();
            let jobs = text.lines().filter(|line| !line.is_empty());
            hints.jobs.extend(jobs.map(str::to_owned));
            !std::mem::replace(&mut hints.is_reading, true)
        });
        if is_idle != Some(true) {
            return;
        }
        leptos::task::spawn_local(async move { while self.read_hinted().await {} });
    }

    async fn read_hinted(self) -> bool {
        if !self.leads_anything() {
            clock::sleep(FOLLOW_MILLIS).await;
        }
        let hinted = self.queue.hints.try_update_value(|hints| {
            let all = std::mem::take(&mut hints.all);
            let jobs = std::mem::take(&mut hints.jobs);
            hints.is_reading = all || !jobs.is_empty();
            hints.is_reading.then_some((all, jobs))
        });
        let Some((all, jobs)) = hinted.flatten() else {
            return false;
        };
        if all || jobs.len() > MOST_READ_SINGLY {
            self.look().await;
        } else {
            self.read_jobs(jobs).await;
        }
        true
    }

    async fn read_jobs(self, jobs: BTreeSet<String>) {
        loop {
            let version = self.queue.version.get_value();
            let mut read = BTreeMap::new();
            for job in &jobs {
                let found = match self.archive.database().await {
                    Ok(database) => database.with_prefix(Store::Jobs, &queue::prefix(job)).await,
                    Err(error) => Err(error),
                };
                match found {
                    Ok(found) => read.extend(understood(found)),
                    Err(error) => return self.notices.trouble(AppError::Database(error)),
                }
            }
            if self.queue.version.get_value() == version {
                self.know(read, Some(&jobs));
                break;
            }
        }
        self.join_visits_of_rows().await;
        self.review();
    }

    /// Stands for what this tab can send, begins what it may, and shows what there is.
    pub(super) fn review(self) {
        let mut wanted: BTreeMap<String, bool> = self.queue.rows.with_value(|rows| {
            let mut wanted = BTreeMap::new();
            for row in rows.values() {
                if !wanted.contains_key(&row.destination) {
                    wanted.insert(row.destination.clone(), self.serves(row));
                }
            }
            wanted
        });
        // The tab that is looked at leads before anything is pressed.
        if !page::is_hidden()
            && let Ok(destination) = self.destination()
        {
            wanted.insert(destination.name, true);
        }
        for (name, is_served) in &wanted {
            self.queue.desk(name, |desk| desk.is_served = *is_served);
            if *is_served {
                self.stand(name);
            }
        }
        let open: Vec<String> =
            (self.queue.desks).with_value(|desks| desks.keys().cloned().collect());
        for name in open {
            self.queue.desk(&name, |desk| {
                if wanted.get(&name) != Some(&true) && desk.running.is_empty() {
                    desk.seat = None;
                }
            });
            self.drain(&name);
        }
        self.show();
    }

    /// Whether this tab can send it: nothing else is needed, or the key is here.
    fn serves(self, row: &Queued) -> bool {
        row.provider == Provider::Practice
            || (self.settings.address_of(&row.address))
                .is_ok_and(|address| !row.keyed || self.settings.key_for(&address).is_some())
    }

    /// Where a press of Generate goes now.
    ///
    /// # Errors
    /// The address is none, or a key is missing.
    pub(super) fn destination(self) -> Result<Destination, AppError> {
        let provider = self.settings.provider.get_untracked();
        let (address, origin, keyed) = match untrack(|| self.settings.target()) {
            None => (String::new(), String::new(), false),
            Some(Err(fault)) => return Err(AppError::Address(fault)),
            Some(Ok(address)) => {
                let keyed = self.settings.key_for(&address).is_some();
                if provider == Provider::OpenAi && !keyed {
                    return Err(AppError::NoKey);
                }
                (address.to_string(), address.origin().to_owned(), keyed)
            }
        };
        Ok(Destination {
            name: queue::destination(provider, &origin, keyed),
            provider,
            address,
            keyed,
        })
    }

    /// Asks to lead, and waits in line where another tab does.
    fn stand(self, destination: &str) {
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

    async fn wait_in_line(self, destination: String, lock: String) {
        match locks::hold(&lock).await {
            Ok(held) => self.seated(&destination, Some(held)),
            Err(_) => {
                self.queue.desk(&destination, |desk| desk.in_line = false);
            }
        }
    }

    /// It leads from now on: what a leader before it left is settled, and what waits is begun.
    fn seated(self, destination: &str, lock: Option<Held>) {
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
    pub(super) async fn leads(self, destination: &str) -> Option<Seat> {
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
    pub(super) fn still_leads(self, destination: &str) -> bool {
        self.queue.seat(destination).is_some()
    }

    fn leads_anything(self) -> bool {
        self.queue
            .desks
            .with_value(|desks| desks.values().any(|desk| desk.seat.is_some()))
    }

    /// Settles what leaders before this one left.
    async fn sweep(self, destination: &str) {
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

    async fn settle_left(
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
    fn deposed(self, destination: &str) {
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
    pub(super) fn drain(self, destination: &str) {
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

    fn next(self, destination: &str) -> Option<Queued> {
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
    fn is_told_to_wait(self, key: &str) -> bool {
        let now = clock::monotonic_ms();
        self.queue
            .told
            .with_value(|told| told.get(key).is_some_and(|until| now < *until))
    }

    fn known(self) -> Known {
        let desks = self.queue.desks.with_value(|desks| {
            let known = desks.iter().map(|(name, desk)| {
                let known = KnownDesk {
                    is_led_here: desk.seat.is_some(),
                    is_served: desk.is_served || desk.is_led_elsewhere,
                    paused: desk.paused,
                };
                (name.clone(), known)
            });
            known.collect()
        });
        Known {
            now: clock::now(),
            is_online: fetch::online(),
            by_itself: self.queue.by_itself.get_untracked(),
            visits: (self.queue.visits).with_value(|visits| visits.keys().cloned().collect()),
            desks,
        }
    }

    /// Sends a request that waits.
    async fn run(self, row: Queued) {
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
                self.refused(error, &row);
            }
        }
    }

    /// A request of this tab's is on disk, and will be sent.
    fn booked(self, seat: &Seat, booked: &Booked) {
        let row = &booked.row;
        self.queue
            .claimed(&row.destination, &seat.holder, booked.epoch);
        self.queue.changed(&row.key(), Change::keep(row.clone()));
        self.queue.tell(&[&row.job]);
    }

    fn ran(self, destination: &str, key: &str) {
        self.queue
            .desk(destination, |desk| desk.running.remove(key));
        self.review();
    }

    /// Says why a request was not sent, with the button that mends it.
    fn refused(self, error: AppError, row: &Queued) {
        let action = match error {
            AppError::NoKey | AppError::Address(_) => Some(Action::OpenSettings),
            AppError::Budget(Refusal::Lines { .. }) => Some(Action::AcceptLoss),
            AppError::Budget(_) => Some(Action::OpenCosts),
            _ => None,
        };
        let (provider, model) = (row.provider, row.request.model.clone());
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
    pub(super) async fn submit(self, rows: Vec<Queued>) {
        let Some(first) = rows.first().cloned() else {
            return;
        };
        let (job, destination, key) = (first.job.clone(), first.destination.clone(), first.key());
        let (seat, _) = futures::join!(self.leads(&destination), self.tab_name());
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
                self.refused(error, &first);
                return self.ran(&destination, &key);
            }
        };
        self.queue.desk(&destination, |desk| desk.paused = None);
        for row in rows {
            self.queue.changed(&row.key(), Change::keep(row));
        }
        if let (Some(seat), Some(booked)) = (&seat, &booked) {
            self.booked(seat, booked);
        } else {
            self.queue.tell(&[]);
        }
        if (self.queue.called_off).try_update_value(|jobs| jobs.remove(&job)) == Some(true) {
            self.abort(&job);
        }
        self.review();
        if let Some(booked) = booked {
            self.carry_out(*booked, began).await;
        }
        self.ran(&destination, &key);
    }

    /// Whether there is room for it, and nothing that it must wait for.
    fn may_begin(self, row: &Queued) -> bool {
        let has_room = self.queue.desk(&row.destination, |desk| {
            desk.paused = None;
            desk.running.len() < desk.pace.limit()
        });
        has_room == Some(true) && self.known().waits(row) == Some(Waits::Turn)
    }

    /// Rows that are about to be written are shown at once.
    pub(super) fn expect(self, rows: &[Queued]) {
        self.queue.coming.update_value(|coming| {
            coming.extend(rows.iter().map(|row| (row.key(), row.clone())));
        });
        self.show();
    }

    /// What the end of an attempt made of its row.
    pub(super) fn ended(self, row: &Queued, change: Option<Change>) {
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

    pub(super) fn pace(self, destination: &str, f: impl FnOnce(&mut Pace)) {
        self.queue.desk(destination, |desk| f(&mut desk.pace));
    }

    /// Nothing more goes there until the person says so, in any tab.
    pub(super) fn pause(self, destination: &str, why: Pause) {
        self.queue.desk(destination, |desk| desk.paused = Some(why));
        self.write_pause(destination.to_owned(), Some(why));
    }

    /// Goes on with what was paused.
    pub fn resume(self) {
        let paused: Vec<String> = self.queue.desks.with_value(|desks| {
            let paused = desks.iter().filter(|(_, desk)| desk.paused.is_some());
            paused.map(|(name, _)| name.clone()).collect()
        });
        for name in paused {
            self.queue.desk(&name, |desk| desk.paused = None);
            self.write_pause(name, None);
        }
    }

    fn write_pause(self, destination: String, paused: Option<Pause>) {
        leptos::task::spawn_local(async move {
            let key = queue::leader_key(&destination);
            let decide = |stored: &[Option<String>]| {
                let stored = stored.first()?.as_deref()?;
                let leader: Leader = record::read(stored).ok()?;
                let leader = Leader { paused, ..leader };
                Some(vec![put(Store::Meta, &key, &leader).ok()?])
            };
            let written = match self.archive.database().await {
                Ok(database) => {
                    let (reads, scope) = ([(Store::Meta, key.as_str())], [Store::Meta]);
                    database
                        .decide(&reads, &scope, Durability::Strict, decide)
                        .await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                self.notices.trouble(AppError::Database(error));
            }
            self.queue.tell(&[]);
            self.review();
        });
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

    fn change_waiting(self, why: Waits, change: impl Fn(Queued) -> Change + 'static) {
        let known = self.known();
        let waiting = self.waiting(|row| known.waits(row) == Some(why));
        self.change_rows(waiting, change);
    }

    fn waiting(self, fits: impl Fn(&Queued) -> bool) -> Vec<String> {
        self.queue.rows.with_value(|rows| {
            let fitting = rows.iter().filter(|(_, row)| fits(row));
            fitting.map(|(key, _)| key.clone()).collect()
        })
    }

    /// Changes those rows that still wait, in one transaction.
    fn change_rows(self, keys: Vec<String>, change: impl Fn(Queued) -> Change + 'static) {
        leptos::task::spawn_local(async move {
            let decide = |row: Queued| row.is_waiting().then(|| change(row));
            if let Err(error) = self.decide_rows(&keys, decide).await {
                self.notices.trouble(AppError::Database(error));
            }
            self.queue.tell(&[]);
            self.review();
        });
    }

    async fn decide_rows(
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

    fn cancel(self, job: &str, wish: Wish) {
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

    /// Every ten seconds: says that this tab lives while something runs, and hears whether the others do.
    fn tick(self) {
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

    async fn beat(self, destination: &str, seat: &Seat) {
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

    async fn listen(self, destination: &str) {
        let Ok(database) = self.archive.database().await else {
            return;
        };
        let key = queue::leader_key(destination);
        let stored = database.get(Store::Meta, &key).await.ok().flatten();
        let Some(leader) = stored.and_then(|json| record::read::<Leader>(&json).ok()) else {
            return;
        };
        let now = clock::monotonic_ms();
        self.queue.desk(destination, |desk| match &desk.heard {
            Some((last, since)) if *last == leader => {
                desk.is_silent = desk.is_led_elsewhere && now - since > MOST_SILENCE_MILLIS;
            }
            _ => (desk.heard, desk.is_silent) = (Some((leader, now)), false),
        });
    }

    /// Puts what is known into the list of jobs and the notes above it.
    pub(super) fn show(self) {
        let known = self.known();
        let mut notes = Notes::default();
        let (mut asked_most, mut goes_on) = (Some(Usd::ZERO), false);
        self.queue.rows.with_value(|rows| {
            self.queue.coming.with_value(|coming| {
                let all: BTreeMap<&String, &Queued> = rows.iter().chain(coming).collect();
                let mut presses: Vec<Press<'_>> = Vec::new();
                for (key, row) in all {
                    let runs_here = self.queue.runs(key);
                    let waits = known.waits(row).filter(|_| !runs_here);
                    notes.waiting += usize::from(waits.is_some());
                    match waits {
                        Some(Waits::Consent) => {
                            notes.asks += 1;
                            asked_most =
                                asked_most.and_then(|sum| Some(sum.plus(queue::most_of([row])?)));
                        }
                        Some(Waits::Key) => notes.need_key += 1,
                        Some(Waits::Paused(why)) => notes.paused = Some(why),
                        Some(Waits::Turn | Waits::Until(_)) => {
                            goes_on |= known.desk(row).is_led_here;
                        }
                        Some(Waits::Network) | None => {}
                    }
                    goes_on |= runs_here || coming.contains_key(key);
                    if presses.last().is_none_or(|press| press.row.job != row.job) {
                        presses.push(Press::of(row));
                    }
                    if let Some(press) = presses.last_mut() {
                        press.add(row, waits, runs_here);
                    }
                }
                notes.asks_most = asked_most;
                notes.more = presses.len().saturating_sub(MOST_LISTED);
                self.list_presses(&presses);
            });
        });
        notes.is_silent =
            (self.queue.desks).with_value(|desks| desks.values().any(|desk| desk.is_silent));
        if *self.queue.notes.read_untracked() != notes {
            self.queue.notes.set(notes);
        }
        if self.busy.get_untracked() != goes_on {
            self.busy.set(goes_on);
        }
    }

    fn list_presses(self, presses: &[Press<'_>]) {
        let before = self.list.read_untracked().rows.clone();
        let listed: Vec<Job> = (presses.iter().take(MOST_LISTED))
            .map(|press| {
                let known = before.iter().find(|job| job.id == press.row.job);
                press.as_job(known)
            })
            .collect();
        if listed.is_empty() != before.is_empty() && !listed.is_empty() {
            self.now.set(clock::now());
        }
        if listed != before {
            self.list.rows().set(listed);
        }
        let jobs = presses.iter().map(|press| press.row.job.as_str());
        self.forget_others(&jobs.collect());
    }
}

/// What rows wait for, as this tab knows it.
struct Known {
    now: Timestamp,
    is_online: bool,
    by_itself: bool,
    visits: HashSet<String>,
    desks: HashMap<String, KnownDesk>,
}

#[derive(Debug, Clone, Copy, Default)]
struct KnownDesk {
    is_led_here: bool,
    /// This tab or another can send there.
    is_served: bool,
    paused: Option<Pause>,
}

impl Known {
    fn waits(&self, row: &Queued) -> Option<Waits> {
        let desk = self.desk(row);
        row.waits(&Here {
            now: self.now,
            is_online: self.is_online,
            visits: &self.visits,
            by_itself: self.by_itself,
            is_served: desk.is_served,
            paused: desk.paused,
        })
    }

    fn desk(&self, row: &Queued) -> KnownDesk {
        self.desks
            .get(&row.destination)
            .copied()
            .unwrap_or_default()
    }
}

/// A press of Generate, by those of its rows that are left.
struct Press<'a> {
    row: &'a Queued,
    left: u32,
    phase: Option<Phase>,
    runs_here: bool,
}

impl<'a> Press<'a> {
    fn of(row: &'a Queued) -> Self {
        Self {
            row,
            left: 0,
            phase: None,
            runs_here: false,
        }
    }

    fn add(&mut self, row: &Queued, waits: Option<Waits>, runs_here: bool) {
        self.left += 1;
        self.runs_here |= runs_here;
        self.phase = self.phase.or(shown_phase(row, waits, runs_here));
    }

    /// As it is listed; what a request of this tab's says of itself stays.
    fn as_job(&self, known: Option<&Job>) -> Job {
        let row = self.row;
        let phase = match known {
            Some(job) if self.runs_here && job.phase.is_under_way() => job.phase,
            _ => self.phase.unwrap_or(Phase::Queued),
        };
        Job {
            id: row.job.clone(),
            prompt: row.request.prompt.clone(),
            model: row.request.model.clone(),
            provider: row.provider,
            started: row.made,
            requests: row.of,
            requests_done: row.of.saturating_sub(self.left),
            phase,
            in_background: known.is_some_and(|job| job.in_background)
                || row.wish == Some(Wish::StopWaiting),
            // The requests of a press are alike.
            upper_bound: row.upper_bound.map(|one| one.times(row.of.into())),
            preview: known.and_then(|job| job.preview.clone()),
        }
    }
}

/// What a row says of its press: `None` where it says nothing that the others do not.
fn shown_phase(row: &Queued, waits: Option<Waits>, runs_here: bool) -> Option<Phase> {
    match waits {
        _ if runs_here => None,
        None => (!row.is_waiting()).then_some(Phase::Elsewhere),
        Some(Waits::Turn) => Some(Phase::Queued),
        Some(Waits::Until(at)) => Some(Phase::WaitingUntil(at)),
        Some(Waits::Network) => Some(Phase::Offline),
        Some(Waits::Consent) => Some(Phase::Asks),
        Some(Waits::Key) => Some(Phase::NeedsKey),
        Some(Waits::Paused(_)) => Some(Phase::Paused),
    }
}

fn understood(rows: Vec<(String, String)>) -> BTreeMap<String, Queued> {
    let read = rows
        .into_iter()
        .filter_map(|(key, json)| Some((key, Queued::read(&json)?)));
    read.collect()
}

fn lock_name(destination: &str) -> String {
    format!("pentimento-queue {destination}")
}

/// Does on disk what was decided of a row.
///
/// # Errors
/// The row cannot be written as JSON.
pub(super) fn change_op(key: &str, change: &Change) -> Result<Op, DatabaseError> {
    match change {
        Change::Keep(row) => put(Store::Jobs, key, row),
        Change::Remove => Ok(Op::Delete {
            store: Store::Jobs,
            key: key.into(),
        }),
    }
}

/// What settles an attempt that its tab has left, by its rows as they are stored.
pub(super) fn abandon_ops(row: Option<&str>, attempt: Option<&str>) -> Vec<Op> {
    let row = row.and_then(Queued::read);
    let Some(attempt) = attempt.and_then(|json| record::read::<Attempt>(json).ok()) else {
        return Vec::new();
    };
    let (left, change) = queue::abandon(attempt, row.as_ref());
    let changed = change.and_then(|change| change_op(&left.row, &change).ok());
    put(Store::Attempts, &left.id, &left)
        .ok()
        .into_iter()
        .chain(changed)
        .collect()
}
