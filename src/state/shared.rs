//! Images that other apps have shared: they wait, and only the person's yes makes them images of the request.

use leptos::prelude::*;

use crate::browser::clock;
use crate::browser::files::ChosenFile;
use crate::browser::locks;
use crate::browser::shared::{self, Shared};
use crate::state::notices::{Message, Notices};
use crate::state::tray::Tray;

/// How the service worker opens the app when something was shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It waits.
    Kept,
    /// It was too much, or there was no room.
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

/// So long after an answer nothing is asked: the second tap of a double tap is no answer to what comes next.
const PAUSE_MS: u32 = 500;

/// What waits for a word, share by share: any page can send the form that the system sends, and a yes to one is none to
/// another. Copies are handles to the same.
#[derive(Debug, Clone, Copy)]
pub struct SharedImages {
    asked: RwSignal<Option<Shared>, LocalStorage>,
    /// How many more wait behind it.
    pub more: RwSignal<usize>,
    is_answering: StoredValue<bool>,
    /// Counts looks and answers: what an earlier look finds is out of date.
    turn: StoredValue<u32>,
    tray: Tray,
}

impl SharedImages {
    #[must_use]
    pub fn new(tray: Tray) -> Self {
        Self {
            asked: RwSignal::new_local(None),
            more: RwSignal::new(0),
            is_answering: StoredValue::new(false),
            turn: StoredValue::new(0),
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

    /// Looks again: another tab may have answered, or been given more. After an answer it looks by itself.
    pub fn look(self) {
        if self.is_answering.get_value() {
            return;
        }
        let turn = self.next_turn();
        leptos::task::spawn_local(async move {
            let (oldest, more) = shared::oldest(self.asked.get_untracked()).await;
            if self.turn.get_value() != turn {
                return;
            }
            if *self.asked.read_untracked() != oldest {
                self.asked.set(oldest);
            }
            self.more.set(more);
        });
    }

    fn next_turn(self) -> u32 {
        self.turn.update_value(|turn| *turn += 1);
        self.turn.get_value()
    }

    /// Whether there is something to ask about. Reactive.
    #[must_use]
    pub fn is_asked(self) -> bool {
        self.asked.read().is_some()
    }

    /// The name and the bytes of each file of the share that is asked about; none where it cannot be read. Reactive.
    #[must_use]
    pub fn files(self) -> Vec<(String, u64)> {
        let asked = self.asked.read();
        let files = asked.as_ref().and_then(|one| one.files.as_ref());
        let files = files.into_iter().flatten();
        files.map(|file| (file.name(), file.bytes_len())).collect()
    }

    /// Makes the files that are asked about images of the request.
    pub fn add(self) {
        self.answer(async move |files| self.tray.add_all(files).await);
    }

    pub fn discard(self) {
        self.answer(async |_| Vec::new());
    }

    /// Forgets the share when all is done with it, and asks about the next, or about the files that are left.
    fn answer(self, done: impl AsyncFnOnce(Vec<ChosenFile>) -> Vec<ChosenFile> + 'static) {
        let Some(mut one) = self.asked.try_update(Option::take).flatten() else {
            return;
        };
        self.is_answering.set_value(true);
        self.next_turn();
        leptos::task::spawn_local(async move {
            // Another window may ask the same: one answer counts. Without locks there is no telling.
            let alone = locks::try_hold(&one.address).await;
            let mut again = None;
            if !matches!(alone, Ok(None)) && !one.is_gone().await {
                let left = done(one.files.take().unwrap_or_default()).await;
                if left.is_empty() {
                    one.forget().await;
                } else {
                    one.files = Some(left);
                    again = Some(one);
                }
            }
            drop(alone);
            clock::sleep(PAUSE_MS).await;
            self.asked.set(again);
            self.is_answering.set_value(false);
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
