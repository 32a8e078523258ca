//! Images that other apps have shared: they wait, and only the person's yes makes them images of the request. Any page can send
//! the form that the system sends.

use leptos::prelude::*;

use crate::browser::shared::{self, Shared};
use crate::state::notices::{Message, Notices};
use crate::state::tray::Tray;

/// How the service worker opens the app when something was shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It waits.
    Kept,
    /// It was too large, or there was no room.
    NotKept,
}

impl Arrival {
    /// By the address; `public/sw.js` names both.
    #[must_use]
    pub fn of(hash: &str) -> Option<Self> {
        match hash {
            "#/shared" => Some(Self::Kept),
            "#/not-shared" => Some(Self::NotKept),
            _ => None,
        }
    }
}

/// What waits for a word; copies are handles to the same.
#[derive(Debug, Clone, Copy)]
pub struct SharedImages {
    waiting: RwSignal<Vec<Shared>, LocalStorage>,
    tray: Tray,
}

impl SharedImages {
    #[must_use]
    pub fn new(tray: Tray) -> Self {
        Self {
            waiting: RwSignal::new_local(Vec::new()),
            tray,
        }
    }

    /// Asks about what waits, and says what could not be kept.
    pub fn begin(self, arrival: Option<Arrival>, notices: Notices) {
        self.look();
        if arrival == Some(Arrival::NotKept) {
            notices.say(Message::NotShared);
        }
    }

    /// Looks again: another tab may have answered, or been given more.
    pub fn look(self) {
        leptos::task::spawn_local(async move {
            let known = self.waiting.get_untracked();
            let waiting = shared::waiting(&known).await;
            if *self.waiting.read_untracked() != waiting {
                self.waiting.set(waiting);
            }
        });
    }

    /// The name and the bytes of each file that waits. Reactive.
    #[must_use]
    pub fn files(self) -> Vec<(String, u64)> {
        let waiting = self.waiting.read();
        let files = waiting.iter().flat_map(|shared| &shared.files);
        files.map(|file| (file.name(), file.bytes_len())).collect()
    }

    /// Makes all of them images of the request.
    pub fn add(self) {
        let waiting = self.waiting.get_untracked();
        self.tray
            .add(waiting.into_iter().flat_map(|shared| shared.files));
        self.put_away();
    }

    /// Forgets all of them.
    pub fn put_away(self) {
        let waiting = self.waiting.get_untracked();
        self.waiting.set(Vec::new());
        leptos::task::spawn_local(async move {
            for shared in waiting {
                shared.forget().await;
            }
            // What came while it was asked.
            self.look();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::route::View;

    #[test]
    fn the_worker_opens_the_app_at_addresses_that_it_knows() {
        let worker = include_str!("../../public/sw.js");
        let addresses = worker
            .split('\'')
            .filter_map(|text| text.strip_prefix("./#"));
        let arrivals: Vec<_> = addresses
            .map(|address| {
                let hash = format!("#{address}");
                assert_eq!(View::of(&hash), View::Create);
                Arrival::of(&hash)
            })
            .collect();
        assert_eq!(arrivals, [Some(Arrival::Kept), Some(Arrival::NotKept)]);
        assert_eq!(Arrival::of("#/create"), None);
    }
}
