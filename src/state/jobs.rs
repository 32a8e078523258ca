//! What is running: one job for each press of Generate, its requests, and the verbs that start and stop them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use leptos::prelude::*;
use reactive_stores::Store;

use crate::browser::fetch::Abort;
use crate::browser::locks::{self, Held};
use crate::browser::picture::{ObjectUrl, Picture, object_url};
use crate::browser::{clock, fetch, panics, random};
use crate::domain::date::Timestamp;
use crate::domain::money::Usd;
use crate::domain::provider::Provider;
use crate::domain::queue::{Queued, Stage};
use crate::domain::record::VERSION;
use crate::state::archive::Archive;
use crate::state::composer::{Composer, Planned};
use crate::state::error::AppError;
use crate::state::ledger::Ledger;
use crate::state::library::Library;
use crate::state::notices::{Bill, Message, Notices};
use crate::state::queue::{Destination, Queue};
use crate::state::settings::Settings;
use crate::state::unsettled::Unsettled;

/// One press of Generate.
#[derive(Debug, Clone, PartialEq, Store)]
pub struct Job {
    pub id: String,
    pub prompt: String,
    pub model: String,
    pub provider: Provider,
    pub started: Timestamp,
    pub requests: u32,
    pub requests_done: u32,
    pub phase: Phase,
    /// The person looks no longer; a result is still saved.
    pub in_background: bool,
    /// What is known to be the most that it may cost.
    pub upper_bound: Option<Usd>,
    /// The address of the newest partial preview.
    pub preview: Option<String>,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing of it has been sent yet.
    Queued,
    Sent,
    /// The reply is coming: so many bytes.
    Receiving(u64),
    Saving,
    /// Told to come back at this moment; nothing was executed.
    WaitingUntil(Timestamp),
    /// Another tab runs it.
    Elsewhere,
    /// Waits for the network.
    Offline,
    /// Waits for the person's word.
    Asks,
    /// Waits for a key.
    NeedsKey,
    /// Nothing is sent there until the person says so.
    Paused,
}

impl Phase {
    /// Told by the request itself while it runs.
    #[must_use]
    pub fn is_under_way(self) -> bool {
        matches!(self, Self::Sent | Self::Receiving(_) | Self::Saving)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Store)]
pub struct JobList {
    #[store(key: String = |job| job.id.clone())]
    pub rows: Vec<Job>,
}

/// The jobs, whichever tab runs them; copies are handles to the same ones.
#[derive(Debug, Clone, Copy)]
pub struct Jobs {
    pub list: Store<JobList>,
    /// The present, for elapsed times; ticks while something runs.
    pub now: RwSignal<Timestamp>,
    /// How many jobs have ended well since the tab was last looked at.
    pub finished: RwSignal<u32>,
    pub(super) archive: Archive,
    pub(super) library: Library,
    pub(super) ledger: Ledger,
    pub(super) notices: Notices,
    pub(super) settings: Settings,
    pub(super) composer: Composer,
    pub(super) unsettled: Unsettled,
    pub queue: Queue,
    /// Whether something runs in this tab, or goes on by itself here.
    pub(super) busy: RwSignal<bool>,
    /// Comes with the rest of the app.
    send: StoredValue<Option<StartJob>>,
    /// What was composed when Generate was pressed before that. There is one: the button takes no second press.
    early: RwSignal<Option<Vec<Planned>>>,
    finish: StoredValue<Option<Arc<dyn Fn() + Send + Sync>>>,
    stopped: StoredValue<HashMap<String, Abort>, LocalStorage>,
    previews: StoredValue<HashMap<String, ObjectUrl>>,
    tab: StoredValue<Tab, LocalStorage>,
}

/// The name under which this tab holds its Web Lock, for as long as it lives.
#[derive(Debug)]
struct Tab {
    name: String,
    held: Option<Held>,
}

/// What starts a job for what was composed.
type StartJob = fn(Jobs, Vec<Planned>);

impl Jobs {
    #[must_use]
    pub fn new(
        archive: Archive,
        library: Library,
        ledger: Ledger,
        notices: Notices,
        settings: Settings,
        composer: Composer,
        unsettled: Unsettled,
    ) -> Self {
        Self {
            list: Store::new(JobList::default()),
            now: RwSignal::new(clock::now()),
            finished: RwSignal::new(0),
            archive,
            library,
            ledger,
            notices,
            settings,
            composer,
            unsettled,
            queue: Queue::closed(),
            busy: RwSignal::new(false),
            send: StoredValue::new(None),
            early: RwSignal::new(None),
            finish: StoredValue::new(None),
            stopped: StoredValue::new_local(HashMap::new()),
            previews: StoredValue::default(),
            tab: StoredValue::new_local(Tab {
                name: format!("pentimento-tab-{}", random::id()),
                held: None,
            }),
        }
    }

    /// Sends what is composed, now or as soon as the rest of the app has come.
    pub fn generate(self) {
        if let Some(finish) = self.finish.get_value() {
            return finish();
        }
        let Some(planned) = self.composer.sends() else {
            return;
        };
        match self.send.get_value() {
            Some(send) => send(self, planned),
            None if self.is_early() => {}
            None => self.early.set(Some(planned)),
        }
    }

    /// What Generate does instead for a while: it finishes something that the request needs, ends that while, and generates.
    pub fn finish_first(self, finish: Option<Arc<dyn Fn() + Send + Sync>>) {
        self.finish.set_value(finish);
    }

    /// Whether a press of Generate waits for the rest of the app. Reactive.
    #[must_use]
    pub fn is_early(self) -> bool {
        self.early.read().is_some()
    }

    /// From here on jobs are started: the one that waits, and those to come.
    pub fn begin_to_send(self) {
        self.send.set_value(Some(Self::start_job));
        if let Some(planned) = self.early.get_untracked() {
            self.early.set(None);
            self.start_job(planned);
        }
        self.open_queue();
    }

    /// Starts a job. Whatever stands in the way is said, and nothing is lost.
    fn start_job(self, planned: Vec<Planned>) {
        // The page says so already.
        if panics::has_broken() {
            return;
        }
        let provider = self.settings.provider.get_untracked();
        let bounds: Vec<_> = planned.iter().map(|one| one.estimate.upper_bound).collect();
        let destination = self.destination().and_then(|destination| {
            // Before there is a job: what stands in the way of all of them.
            let hindrance = self.archive.storage.hindrance();
            if let Some(hindrance) = hindrance.filter(|_| provider != Provider::Practice) {
                return Err(AppError::Hindered(hindrance));
            }
            self.ledger.admit_batch(provider, &bounds)?;
            Ok(destination)
        });
        let destination = match destination {
            Ok(destination) => destination,
            Err(error) => {
                let model = self.composer.request.read_untracked().model.clone();
                return self.refused(error, provider, model);
            }
        };
        self.notices.withdraw(|message| {
            !matches!(
                message,
                Message::Trouble {
                    bill: Bill::Nothing,
                    ..
                }
            )
        });
        let rows = self.rows_of(planned, &destination);
        self.now.set(clock::now());
        self.expect(&rows);
        leptos::task::spawn_local(self.submit(rows));
    }

    /// The rows of one press. What is pressed without a network is asked about before it is sent.
    fn rows_of(self, planned: Vec<Planned>, destination: &Destination) -> Vec<Queued> {
        let (job, made) = (random::id(), clock::now());
        let of = u32::try_from(planned.len()).unwrap_or(u32::MAX);
        let row = |(index, planned): (u32, Planned)| {
            let likely = planned.estimate.likely;
            let mut row = Queued {
                v: VERSION,
                job: job.clone(),
                index,
                of,
                provider: destination.provider,
                address: destination.address.clone(),
                keyed: destination.keyed,
                destination: destination.name.clone(),
                made,
                request: planned.request,
                likely: likely.map(|likely| [likely.low, likely.high]),
                upper_bound: planned.estimate.upper_bound,
                consent: None,
                not_before: None,
                repeats: 0,
                stage: Stage::Waiting,
                wish: None,
            };
            let is_consent = fetch::online() || !row.needs_network();
            row.consent = is_consent.then(|| self.visit());
            row
        };
        (0..).zip(planned).map(row).collect()
    }

    /// Whether pressing Cancel can still cost anything: something of it was sent.
    #[must_use]
    pub fn was_sent(job: &Job) -> bool {
        job.phase.is_under_way() || job.phase == Phase::Elsewhere || job.requests_done > 0
    }

    /// What breaks off the requests of a press that this tab runs.
    pub(super) fn stopper(self, id: &str) -> Abort {
        let stopper = self
            .stopped
            .try_update_value(|stopped| stopped.entry(id.to_owned()).or_default().clone());
        stopper.unwrap_or_default()
    }

    /// Changes a job, if it is still there.
    pub(super) fn change(self, id: &str, change: impl FnOnce(&mut Job)) {
        let row = untrack(|| {
            self.list
                .rows()
                .into_iter()
                .find(|row| row.read_untracked().id == id)
        });
        if let Some(row) = row {
            row.update(change);
        }
    }

    pub(super) fn show_preview(self, id: &str, picture: &Picture) {
        if let Ok(url) = object_url(picture) {
            self.change(id, |job| job.preview = Some(url.as_str().to_owned()));
            self.previews
                .update_value(|previews| drop(previews.insert(id.to_owned(), url)));
        }
    }

    /// Lets go of what belonged to presses that are over.
    pub(super) fn forget_others(self, jobs: &HashSet<&str>) {
        self.previews
            .update_value(|previews| previews.retain(|job, _| jobs.contains(job.as_str())));
        self.stopped
            .update_value(|stopped| stopped.retain(|job, _| jobs.contains(job.as_str())));
    }

    /// Whether a tab that is closed now would leave something behind. Reactive.
    #[must_use]
    pub fn is_running(self) -> bool {
        self.busy.get()
    }

    /// Whether there are jobs, here or in other tabs. Reactive.
    #[must_use]
    pub fn has_any(self) -> bool {
        !self.list.rows().read().is_empty()
    }

    /// The name in this tab's attempts, once its Web Lock is held. Without Web Locks the name alone must do.
    pub(super) async fn tab_name(self) -> String {
        let name = self.tab.with_value(|tab| tab.name.clone());
        let is_held = self.tab.with_value(|tab| tab.held.is_some());
        if !is_held && let Ok(Some(held)) = locks::try_hold(&name).await {
            self.tab.update_value(|tab| tab.held = Some(held));
        }
        name
    }
}
