//! What all requests share: settings, scripts, the bill, kept pictures.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use serde::Serialize;

use crate::bill::Entry;
use crate::config::Config;
use crate::picture::Cache;
use crate::script::Script;

/// Shared by every connection, and kept over a restart.
pub(crate) struct State {
    pub(crate) config: Mutex<Config>,
    scripts: Mutex<VecDeque<Script>>,
    bill: Mutex<Vec<Entry>>,
    kept: Mutex<BTreeMap<(u64, usize), Bytes>>,
    hits: Mutex<Vec<Hit>>,
    pub(crate) pictures: Cache,
    started: Instant,
}

/// A request for a file of the app, a list of models or a preflight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    pub at_ms: u64,
    pub method: String,
    pub path: String,
    pub status: u16,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            config: Mutex::new(config),
            scripts: Mutex::default(),
            bill: Mutex::default(),
            kept: Mutex::default(),
            hits: Mutex::default(),
            pictures: Cache::default(),
            started: Instant::now(),
        }
    }

    pub(crate) fn config(&self) -> Config {
        lock(&self.config).clone()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn add_scripts(&self, scripts: Vec<Script>) {
        lock(&self.scripts).extend(scripts);
    }

    pub(crate) fn withdraw_scripts(&self) {
        lock(&self.scripts).clear();
    }

    pub(crate) fn scripts(&self) -> Vec<Script> {
        lock(&self.scripts).iter().cloned().collect()
    }

    /// The first script that is for a request; used up, it goes.
    pub(crate) fn take_script(&self, path: &str, prompt: &str) -> Option<Script> {
        let mut scripts = lock(&self.scripts);
        let at = scripts
            .iter()
            .position(|script| script.is_for(path, prompt))?;
        let found = scripts[at].clone();
        match scripts[at].times {
            0 => {}
            1 => drop(scripts.remove(at)),
            _ => scripts[at].times -= 1,
        }
        Some(found)
    }

    /// Opens an entry and gives its number, counted from 1.
    pub(crate) fn open(&self, entry: Entry) -> u64 {
        let mut bill = lock(&self.bill);
        let id = bill.last().map_or(1, |last| last.id + 1);
        bill.push(Entry {
            id,
            at_ms: self.now_ms(),
            ..entry
        });
        id
    }

    /// Changes an entry; one that was reset away is gone.
    pub(crate) fn note(&self, id: u64, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = lock(&self.bill).iter_mut().find(|entry| entry.id == id) {
            change(entry);
        }
    }

    pub(crate) fn bill(&self) -> Vec<Entry> {
        lock(&self.bill).clone()
    }

    pub(crate) fn keep(&self, id: u64, number: usize, bytes: Bytes) {
        lock(&self.kept).insert((id, number), bytes);
    }

    pub(crate) fn kept(&self, id: u64, number: usize) -> Option<Bytes> {
        lock(&self.kept).get(&(id, number)).cloned()
    }

    pub(crate) fn hit(&self, method: &str, path: &str, status: u16) {
        let hit = Hit {
            at_ms: self.now_ms(),
            method: method.into(),
            path: path.into(),
            status,
        };
        lock(&self.hits).push(hit);
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        lock(&self.hits).clone()
    }

    /// Forgets scripts, bill, pictures and hits; settings stay. Numbers begin anew at 1.
    pub(crate) fn reset(&self) {
        lock(&self.scripts).clear();
        lock(&self.bill).clear();
        lock(&self.kept).clear();
        lock(&self.hits).clear();
    }
}

/// A request under way: dropped before its end, it notes that the client went away.
pub(crate) struct Ticket {
    pub(crate) state: Arc<State>,
    pub(crate) id: u64,
    pub(crate) sent: u64,
    done: bool,
}

impl Ticket {
    pub(crate) fn open(state: Arc<State>, entry: Entry) -> Self {
        let id = state.open(entry);
        Self {
            state,
            id,
            sent: 0,
            done: false,
        }
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut Entry)) {
        self.state.note(self.id, change);
    }

    pub(crate) fn count(&mut self, bytes: usize) {
        self.sent += bytes as u64;
        let sent = self.sent;
        self.note(|entry| entry.bytes_sent = sent);
    }

    /// The whole answer was handed over.
    pub(crate) fn finish(&mut self) {
        self.end(|entry, _| entry.finished = true);
    }

    /// The script closed the line.
    pub(crate) fn cut(&mut self) {
        self.end(|entry, sent| entry.cut_at = Some(sent));
    }

    fn end(&mut self, change: impl FnOnce(&mut Entry, u64)) {
        if self.done {
            return;
        }
        self.done = true;
        let (sent, now) = (self.sent, self.state.now_ms());
        self.note(|entry| {
            entry.done_ms = Some(now);
            change(entry, sent);
        });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.end(|entry, sent| entry.client_gone_at = Some(sent));
    }
}
