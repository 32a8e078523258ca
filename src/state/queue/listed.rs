//! The list of jobs and the notes above it, by what is known of the queue.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{MOST_LISTED, Notes};
use crate::browser::clock;
use crate::domain::money::Usd;
use crate::domain::queue::{self, Queued, Waits, Wish};
use crate::state::jobs::{Job, JobListStoreFields as _, Jobs, Phase};

impl Jobs {
    /// Puts what is known into the list of jobs and the notes above it.
    pub(in crate::state) fn show(self) {
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
