//! What runs: how long, how far, and how to stop it, with what that means for the bill.

use leptos::prelude::*;
use reactive_stores::Field;

use crate::domain::provider::Provider;
use crate::state::jobs::{Job, JobListStoreFields as _, JobStoreFields as _, Jobs, Phase};
use crate::state::words::{Words, fill};
use crate::ui::use_words;

/// All running jobs, newest last.
#[component]
pub fn JobRows() -> impl IntoView {
    let (w, jobs) = (use_words(), expect_context::<Jobs>());
    view! {
        <ul class="jobs" aria-label=move || w().running>
            <For each=move || jobs.list.rows() key=|job| job.read().id.clone() let:job>
                <li><JobRow job=job.into() /></li>
            </For>
        </ul>
    }
}

#[component]
fn JobRow(job: Field<Job>) -> impl IntoView {
    let (w, jobs) = (use_words(), expect_context::<Jobs>());
    let elapsed = move || jobs.now.get().millis_since(job.started().get()) / 1000;
    let prompt = job.prompt().get_untracked();
    let name = prompt.clone();
    view! {
        <article class="job" aria-label=name class:background=move || job.in_background().get()>
            <Preview job />
            <div class="job-text">
                <p class="job-prompt">{prompt}</p>
                <p class="job-phase">
                    <span>{move || phase(&job.read(), elapsed(), jobs.now.get().0, w())}</span>
                    <span class="job-time" role="timer">{move || fill(w().seconds, &[("n", &elapsed().to_string())])}</span>
                </p>
                <progress aria-label=move || w().running></progress>
                <Stop job />
            </div>
        </article>
    }
}

/// The newest partial preview, marked for what it is.
#[component]
fn Preview(job: Field<Job>) -> impl IntoView {
    let w = use_words();
    let image = move || {
        job.preview().get().map(|url| {
            view! {
                <div class="preview">
                    <img src=url alt=move || w().preview_not_saved />
                    <p>{move || w().preview_not_saved}</p>
                </div>
            }
        })
    };
    view! { {image} }
}

/// Cancel, and then its two meanings.
#[component]
fn Stop(job: Field<Job>) -> impl IntoView {
    let (w, jobs) = (use_words(), expect_context::<Jobs>());
    let asking = RwSignal::new(false);
    let id = StoredValue::new(job.id().get_untracked());
    let cancel = move |_| {
        let harmless = {
            let job = job.read_untracked();
            !Jobs::was_sent(&job) || job.provider == Provider::Practice
        };
        if harmless {
            jobs.abort(&id.get_value())
        } else {
            asking.set(true)
        }
    };
    let stop_waiting = move |_| {
        asking.set(false);
        jobs.stop_waiting(&id.get_value());
    };
    let bill = move || match job.upper_bound().get() {
        Some(most) => fill(w().abort_may_cost, &[("most", &most.shown_up())]),
        None => w().abort_may_cost_unknown.to_owned(),
    };
    view! {
        <Show
            when=move || asking.get()
            fallback=move || view! { <button type="button" class="quiet" on:click=cancel>{move || w().cancel}</button> }
        >
            <p class="job-bill">{bill}</p>
            <div class="row">
                <button type="button" class="quiet" on:click=stop_waiting>{move || w().stop_waiting}</button>
                <button type="button" class="quiet danger" on:click=move |_| jobs.abort(&id.get_value())>{move || w().abort}</button>
            </div>
        </Show>
    }
}

fn phase(job: &Job, elapsed_secs: u64, now_millis: u64, w: &Words) -> String {
    let text = match job.phase {
        _ if job.in_background => w.phase_background.to_owned(),
        Phase::Queued => w.phase_queued.to_owned(),
        Phase::Sent if elapsed_secs > 120 => w.phase_sent_long.to_owned(),
        Phase::Sent => w.phase_sent.to_owned(),
        Phase::Receiving(bytes) => fill(w.phase_receiving, &[("kb", &(bytes / 1000).to_string())]),
        Phase::Saving => w.phase_saving.to_owned(),
        Phase::WaitingUntil(until) => {
            let seconds = until.0.saturating_sub(now_millis).div_ceil(1000);
            fill(w.phase_waiting, &[("n", &seconds.to_string())])
        }
    };
    if job.requests > 1 {
        let done = fill(
            w.done_of,
            &[
                ("done", &job.requests_done.to_string()),
                ("all", &job.requests.to_string()),
            ],
        );
        format!("{text} · {done}")
    } else {
        text
    }
}
