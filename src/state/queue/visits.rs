//! Visits: what was pressed in one that has not ended is sent without being asked about.

use std::collections::{BTreeSet, HashSet};

use leptos::prelude::*;

use super::VISIT;
use crate::browser::{locks, random};
use crate::state::jobs::Jobs;

impl Jobs {
    /// Keeps the present visit alive: as long as any tab does, what was pressed in it is sent without being asked about.
    pub async fn join_visits(self) {
        let held = locks::held_names().await.unwrap_or_default();
        let mut others: Vec<String> = (held.into_iter())
            .filter_map(|name| Some(name.strip_prefix(VISIT)?.to_owned()))
            .collect();
        others.sort_unstable();
        others.dedup();
        for visit in &others {
            self.keep_visit(visit).await;
        }
        match others.into_iter().next() {
            Some(oldest) if self.queue.visit.with_value(String::is_empty) => {
                self.queue.visit.set_value(oldest);
            }
            _ => drop(self.visit()),
        }
    }

    /// The visit that what is pressed now is of.
    pub(in crate::state) fn visit(self) -> String {
        if self.queue.visit.with_value(String::is_empty) {
            let visit = random::id();
            self.queue.visit.set_value(visit.clone());
            // What is pressed in this very moment need not wait for the lock.
            self.queue
                .visits
                .update_value(|visits| drop(visits.insert(visit.clone(), None)));
            leptos::task::spawn_local(self.hold_visit(visit));
        }
        self.queue.visit.get_value()
    }

    pub(super) async fn keep_visit(self, visit: &str) {
        if !(self.queue.visits).with_value(|visits| visits.contains_key(visit)) {
            self.hold_visit(visit.to_owned()).await;
        }
    }

    async fn hold_visit(self, visit: String) {
        let lock = locks::share(&format!("{VISIT}{visit}")).await.ok();
        self.queue
            .visits
            .update_value(|visits| drop(visits.insert(visit, lock)));
    }

    /// Visits of rows that another tab keeps alive become this tab's as well.
    pub(super) async fn join_visits_of_rows(self) {
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
}
