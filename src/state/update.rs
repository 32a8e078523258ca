//! The app as it is kept on this computer: whether it opens without a network, and the newer build that waits for a yes.

use leptos::prelude::*;

use crate::browser::listener::Listener;
use crate::browser::locks::{self, Held};
use crate::browser::service_worker::{self, Found, Registration, Step};
use crate::browser::tabs::Channel;
use crate::browser::{clock, page};
use crate::state::composer::Composer;

/// Whether the app opens without a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Offline {
    /// Its files are being fetched.
    #[default]
    Coming,
    Ready,
    /// The browser keeps nothing of it, or the server did not send it whole.
    Refused,
}

/// A newer build, all of it here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Newer {
    #[default]
    None,
    Waits,
    /// It waits, and the person wants to hear no more of it for now.
    WaitsUnseen,
    /// The person has said yes, here or in another tab: it comes as soon as nothing is lost by that.
    Wanted,
}

/// What is kept of the app; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Updates {
    pub offline: RwSignal<Offline>,
    pub newer: RwSignal<Newer>,
    /// Something runs in this tab or is being drawn, and a reload would break it off.
    pub is_busy: Signal<bool>,
    composer: Composer,
    registration: StoredValue<Option<Registration>, LocalStorage>,
    tabs: StoredValue<Option<Channel>>,
    listening: StoredValue<Vec<Listener>>,
    hourly: StoredValue<Option<clock::Interval>>,
    /// Held by each tab while it is busy.
    at_work: StoredValue<Option<Held>>,
    /// Held by the tab that puts a build in place: then no tab is busy.
    alone: StoredValue<Option<Held>>,
    is_leaving: StoredValue<bool>,
}

/// The lock of all tabs; `public/sw-kill.js` looks at it too.
const AT_WORK: &str = "pentimento-at-work";
const CHANNEL: &str = "pentimento-update";
/// The first time, all files are fetched: after everything that the person may wait for.
const REGISTER_WAIT_MILLIS: u32 = 3_000;
const LOOK_EVERY_MILLIS: u32 = 3_600_000;
/// How often it is asked whether a build is in place, and how many times: one that does not come waits for the next yes.
const IN_PLACE_MILLIS: u32 = 25;
const MOST_ASKED: u32 = 400;
/// Something began while the lock was waited for.
const ASK_AGAIN_MILLIS: u32 = 1_000;

impl Updates {
    /// Registers the service worker when the browser has time for it, and looks for newer builds from then on.
    #[must_use]
    pub fn follow(composer: Composer, is_busy: Signal<bool>) -> Self {
        let updates = Self {
            offline: RwSignal::default(),
            newer: RwSignal::default(),
            is_busy,
            composer,
            registration: StoredValue::new_local(None),
            tabs: StoredValue::new(None),
            listening: StoredValue::default(),
            hourly: StoredValue::new(None),
            at_work: StoredValue::new(None),
            alone: StoredValue::new(None),
            is_leaving: StoredValue::new(false),
        };
        updates.tell_when_busy();
        leptos::task::spawn_local(async move {
            clock::idle(REGISTER_WAIT_MILLIS).await;
            match service_worker::register().await {
                Some(registration) => updates.begin(registration),
                None => updates.offline.set(Offline::Refused),
            }
        });
        updates
    }

    fn begin(self, registration: Registration) {
        if registration.has_one_in_place() {
            self.offline.set(Offline::Ready);
        }
        if registration.has_one_waiting() {
            self.newer.set(Newer::Waits);
        }
        let asked = registration.clone();
        let look = move || {
            let asked = asked.clone();
            leptos::task::spawn_local(async move { asked.look().await });
        };
        let seen = look.clone();
        let listeners = [
            registration.follow(move |found| self.found(found)),
            page::on_shown(seen),
        ];
        self.listening
            .update_value(|all| all.extend(listeners.into_iter().flatten()));
        let told = Channel::new(CHANNEL, move |_| self.wanted_elsewhere());
        self.tabs.set_value(Some(told));
        self.registration.set_value(Some(registration));
        self.hourly
            .set_value(Some(clock::every(LOOK_EVERY_MILLIS, look.clone())));
        look();
    }

    fn found(self, Found { step, is_newer }: Found) {
        match (step, is_newer) {
            (Step::Whole, true) if self.newer.get_untracked() != Newer::Wanted => {
                self.newer.set(Newer::Waits);
            }
            (Step::InPlace, true) => self.came_into_place(),
            (Step::InPlace, false) => self.offline.set(Offline::Ready),
            (Step::Dropped, false) => self.offline.set(Offline::Refused),
            (Step::Dropped, true) if self.newer.get_untracked() != Newer::Wanted => {
                self.newer.set(Newer::None);
            }
            (Step::Whole | Step::Dropped, _) => {}
        }
    }

    /// The next load is of the newer build: at once where the person has said so.
    fn came_into_place(self) {
        match self.newer.get_untracked() {
            Newer::Wanted => self.leave(),
            Newer::None => self.newer.set(Newer::Waits),
            Newer::Waits | Newer::WaitsUnseen => {}
        }
    }

    /// The person's yes.
    pub fn put_in_place(self) {
        self.newer.set(Newer::Wanted);
        self.leave();
    }

    /// The yes of another tab, which has the newer build take its place.
    fn wanted_elsewhere(self) {
        if self.newer.get_untracked() == Newer::None {
            return;
        }
        self.newer.set(Newer::Wanted);
        if !self.asks(Registration::has_one_waiting) {
            self.leave();
        }
    }

    /// Hears no more of it until the next load, or the next build.
    pub fn put_off(self) {
        self.newer.set(Newer::WaitsUnseen);
    }

    /// Once in the life of a page: when nothing is broken off by it, has the newer build take its place in all tabs, and loads
    /// the page anew.
    fn leave(self) {
        if self.is_leaving.get_value() {
            return;
        }
        self.is_leaving.set_value(true);
        leptos::task::spawn_local(async move {
            self.be_alone().await;
            self.tabs.with_value(|tabs| {
                if let Some(tabs) = tabs {
                    tabs.post("wanted");
                }
            });
            if self.asks(Registration::put_in_place) {
                for _ in 0..MOST_ASKED {
                    clock::sleep(IN_PLACE_MILLIS).await;
                    if !self.asks(Registration::has_one_waiting) {
                        break;
                    }
                }
            }
            self.composer.hand_draft_over();
            page::reload();
        });
    }

    fn asks(self, question: fn(&Registration) -> bool) -> bool {
        self.registration
            .with_value(|registration| registration.as_ref().is_some_and(question))
    }

    /// Waits until no tab is busy. A browser that lends no locks says nothing of the other tabs.
    async fn be_alone(self) {
        loop {
            if self.alone.with_value(Option::is_none) {
                self.alone.set_value(locks::hold(AT_WORK).await.ok());
            }
            if !self.is_busy.get_untracked() {
                return;
            }
            self.alone.set_value(None);
            clock::sleep(ASK_AGAIN_MILLIS).await;
        }
    }

    /// Holds the lock of all tabs for as long as this one is busy.
    fn tell_when_busy(self) {
        let is_busy = Memo::new(move |_| self.is_busy.get());
        Effect::new(move |_| {
            if !is_busy.get() {
                self.at_work.set_value(None);
                return;
            }
            leptos::task::spawn_local(async move {
                let held = locks::share(AT_WORK).await.ok();
                if is_busy.get_untracked() {
                    self.at_work.set_value(held);
                }
            });
        });
    }
}
