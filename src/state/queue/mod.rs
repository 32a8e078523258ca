//! This tab's part in the queue: what waits on disk, for which destinations it leads, and what it begins.
//!
//! The database is the truth; what is held here is what was last read of it, and hints between the tabs say when to look
//! again. Who leads holds a Web Lock, and each of its transactions checks that no other tab has taken over.

mod leading;
mod listed;
mod visits;
mod wishes;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures::future::{LocalBoxFuture, Shared};
use leptos::prelude::*;

use crate::browser::database::{Op, Store};
use crate::browser::error::DatabaseError;
use crate::browser::listener::Listener;
use crate::browser::locks::{self, Held};
use crate::browser::tabs::Channel;
use crate::browser::{clock, fetch, local, page, panics};
use crate::domain::broken;
use crate::domain::date::Timestamp;
use crate::domain::money::Usd;
use crate::domain::provider::Provider;
use crate::domain::queue::{
    self, Change, Here, LEADER_PREFIX, Leader, Pace, Pause, Queued, Waits, Wish,
};
use crate::domain::record::{self, Attempt};
use crate::state::archive::put;
use crate::state::error::AppError;
use crate::state::jobs::Jobs;
use crate::state::ledger::Seat;
use crate::state::notices::Message;

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

    /// Its seat, while the lock is held and the page is whole.
    fn seat(self, destination: &str) -> Option<Seat> {
        if panics::has_broken() {
            return None;
        }
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
            self.tab_name().await;
            self.look().await;
        });
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

    /// A tab that said good-bye may hold its locks for a moment longer.
    fn look_for_leaders_later(self) {
        let depends = self.queue.desks.with_value(|desks| {
            let mut desks = desks.values();
            desks.any(|desk| desk.is_led_elsewhere && !desk.is_served)
        });
        if depends {
            leptos::task::spawn_local(async move {
                clock::sleep(1_000).await;
                self.see_leaders().await;
                self.show();
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
            self.look_for_leaders_later();
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

    fn known(self) -> Known {
        let broke = is_held().then_some(Pause::Broke);
        let desks = self.queue.desks.with_value(|desks| {
            let known = desks.iter().map(|(name, desk)| {
                let known = KnownDesk {
                    is_led_here: desk.seat.is_some(),
                    is_served: desk.is_served || desk.is_led_elsewhere,
                    paused: desk.paused.or(broke),
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
}

/// Whether the app broke twice in a short time, and nobody has said since that it may go on.
fn is_held() -> bool {
    broken::holds(local::get(broken::STORED_AS).as_deref())
}

/// The person goes on all the same. Gives whether anything was held.
fn let_go() -> bool {
    is_held() && local::remove(broken::STORED_AS)
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
