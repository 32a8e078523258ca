//! What is running: one job for each press of Generate, its requests, and the verbs that start and stop them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use leptos::prelude::*;
use reactive_stores::Store;

use crate::browser::fetch::Abort;
use crate::browser::locks::{self, Held};
use crate::browser::picture::{ObjectUrl, Picture, object_url};
use crate::browser::{clock, random};
use crate::domain::date::Timestamp;
use crate::domain::money::Usd;
use crate::domain::provider::Provider;
use crate::state::archive::Archive;
use crate::state::composer::{Composer, Planned};
use crate::state::error::AppError;
use crate::state::ledger::Ledger;
use crate::state::library::Library;
use crate::state::notices::{Action, Bill, Message, Notices};
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
}

#[derive(Debug, Clone, Default, PartialEq, Store)]
pub struct JobList {
    #[store(key: String = |job| job.id.clone())]
    pub rows: Vec<Job>,
}

/// The jobs of this tab; copies are handles to the same ones.
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
    queue: StoredValue<VecDeque<(String, Planned)>>,
    /// Comes with the rest of the app.
    send: StoredValue<Option<StartJob>>,
    /// What was composed when Generate was pressed before that. There is one: the button takes no second press.
    early: RwSignal<Option<Vec<Planned>>>,
    finish: StoredValue<Option<Arc<dyn Fn() + Send + Sync>>>,
    running: StoredValue<u32>,
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

/// Requests that are in flight at once.
const MOST_RUNNING: u32 = 4;

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
            queue: StoredValue::default(),
            send: StoredValue::new(None),
            early: RwSignal::new(None),
            finish: StoredValue::new(None),
            running: StoredValue::new(0),
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
    }

    /// Starts a job. Whatever stands in the way is said, and nothing is lost.
    fn start_job(self, planned: Vec<Planned>) {
        let provider = self.settings.provider.get_untracked();
        let bounds: Vec<_> = planned.iter().map(|one| one.estimate.upper_bound).collect();
        let may_send = self.may_send();
        if let Err(error) = may_send.and_then(|()| self.ledger.admit_batch(provider, &bounds)) {
            let action = match error {
                AppError::NoKey | AppError::Address(_) => Some(Action::OpenSettings),
                AppError::Budget(_) => Some(Action::OpenCosts),
                _ => None,
            };
            let model = self.composer.request.read_untracked().model.clone();
            self.notices.say_with(
                Message::Trouble {
                    error,
                    bill: Bill::Nothing,
                    provider,
                    model,
                },
                action,
            );
            return;
        }
        self.notices.withdraw(|message| {
            !matches!(
                message,
                Message::Trouble {
                    bill: Bill::Nothing,
                    ..
                }
            )
        });
        let Some(first) = planned.first() else { return };
        let id = random::id();
        let job = Job {
            id: id.clone(),
            prompt: first.request.prompt.clone(),
            model: first.request.model.clone(),
            provider,
            started: clock::now(),
            requests: u32::try_from(planned.len()).unwrap_or(u32::MAX),
            requests_done: 0,
            phase: Phase::Queued,
            in_background: false,
            upper_bound: bounds
                .into_iter()
                .reduce(|sum, bound| Some(sum?.plus(bound?)))
                .flatten(),
            preview: None,
        };
        self.now.set(job.started);
        self.stopped
            .update_value(|stopped| drop(stopped.insert(id.clone(), Abort::new())));
        self.list.rows().write().push(job);
        self.queue.update_value(|queue| {
            queue.extend(planned.into_iter().map(|planned| (id.clone(), planned)));
        });
        self.start_waiting();
    }

    /// What a tab must have before it may send.
    fn may_send(self) -> Result<(), AppError> {
        let target = untrack(|| self.settings.target());
        // Before there is a job: what stands in the way of all of them.
        if let (Some(_), Some(hindrance)) = (&target, self.archive.storage.hindrance()) {
            return Err(AppError::Hindered(hindrance));
        }
        match target {
            None => Ok(()),
            Some(Err(fault)) => Err(AppError::Address(fault)),
            Some(Ok(address)) => {
                let needs_key = self.settings.provider.get_untracked() == Provider::OpenAi;
                let has_key = self.settings.key_for(&address).is_some();
                if needs_key && !has_key {
                    Err(AppError::NoKey)
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Starts queued requests while there is room.
    fn start_waiting(self) {
        while self.running.get_value() < MOST_RUNNING {
            let Some((job, planned)) = self.queue.try_update_value(VecDeque::pop_front).flatten()
            else {
                return;
            };
            self.running.update_value(|running| *running += 1);
            leptos::task::spawn_local(async move {
                self.run(&job, planned).await;
                self.running.update_value(|running| *running -= 1);
                self.request_ended(&job);
                self.start_waiting();
            });
        }
    }

    /// Looks away from a job: what it brings is still saved.
    pub fn stop_waiting(self, id: &str) {
        self.change(id, |job| job.in_background = true);
    }

    /// Breaks a job off. What was not sent is removed; what was sent may be billed, and is called so.
    pub fn abort(self, id: &str) {
        self.queue.update_value(|queue| {
            let before = queue.len();
            queue.retain(|(job, _)| job != id);
            let dropped = before - queue.len();
            self.change(id, |job| {
                job.requests -= u32::try_from(dropped).unwrap_or(0).min(job.requests);
            });
        });
        if let Some(abort) = self.stopper(id) {
            abort.abort();
        }
        self.remove_if_over(id);
    }

    /// Whether pressing Cancel can still cost anything: something of it was sent.
    #[must_use]
    pub fn was_sent(job: &Job) -> bool {
        !matches!(job.phase, Phase::Queued | Phase::WaitingUntil(_)) || job.requests_done > 0
    }

    pub(super) fn stopper(self, id: &str) -> Option<Abort> {
        self.stopped.with_value(|stopped| stopped.get(id).cloned())
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

    fn request_ended(self, id: &str) {
        self.change(id, |job| job.requests_done += 1);
        self.remove_if_over(id);
    }

    fn remove_if_over(self, id: &str) {
        let over = self
            .list
            .read_untracked()
            .rows
            .iter()
            .any(|job| job.id == id && job.requests_done >= job.requests);
        if over {
            self.list.rows().write().retain(|job| job.id != id);
            self.previews
                .update_value(|previews| drop(previews.remove(id)));
            self.stopped
                .update_value(|stopped| drop(stopped.remove(id)));
        }
    }

    /// Whether a tab that is closed now would leave something behind. Reactive.
    #[must_use]
    pub fn is_running(self) -> bool {
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
