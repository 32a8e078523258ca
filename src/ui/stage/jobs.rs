//! What runs: how long, how far, and how to stop it, with what that means for the bill.

use leptos::prelude::*;
use reactive_stores::Field;

use crate::domain::provider::Provider;
use crate::state::jobs::{Job, JobListStoreFields as _, JobStoreFields as _, Jobs, Phase};
use crate::state::words::{AllWords, fill};
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, live, use_all_words};

/// All running jobs, newest last.
pub fn job_rows() -> AnyView {
    let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
    view! {
        <ul class="jobs" aria-label=w.text(|w| w.running)>
            <For each=move || jobs.list.rows() key=|job| job.read().id.clone() let:job>
                <li>{job_row(job.into())}</li>
            </For>
        </ul>
    }
    .into_any()
}

fn job_row(job: Field<Job>) -> AnyView {
    let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
    let elapsed = derived(move || jobs.now.get().millis_since(job.started().get()) / 1000);
    let prompt = job.prompt().get_untracked();
    let name = prompt.clone();
    let phase = derived(move || phase(&job.read(), elapsed.get(), jobs.now.get().0, w.now()));
    // What waits stands still.
    let still = derived(move || {
        let phase = job.phase().get();
        let is_moving = phase.is_under_way() || matches!(phase, Phase::Queued | Phase::Elsewhere);
        (!is_moving).then_some("0")
    });
    let time = derived(move || fill(w.now().seconds, &[("n", &elapsed.get().to_string())]));
    view! {
        <article class="job" aria-label=name class:background=derived(move || job.in_background().get())>
            {preview(job)}
            <div class="job-text">
                <p class="job-prompt">{prompt}</p>
                <p class="job-phase"><span>{phase}</span> <span class="job-time" role="timer">{time}</span></p>
                <progress aria-label=w.text(|w| w.running) value=still></progress>
                {stop(job)}
            </div>
        </article>
    }
    .into_any()
}

/// The newest partial preview, marked for what it is.
fn preview(job: Field<Job>) -> AnyView {
    let w = use_all_words();
    let url = Memo::new(move |_| job.preview().get());
    live(move || {
        let mark = w.text(|w| w.preview_not_saved);
        url.get()
            .map(|url| view! { <div class="preview"><img src=url alt=mark /><p>{mark}</p></div> })
            .into_any()
    })
}

/// Cancel, and then its two meanings.
fn stop(job: Field<Job>) -> AnyView {
    let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
    let asking = RwSignal::new(false);
    let id = StoredValue::new(job.id().get_untracked());
    let cancel = move || {
        let harmless = {
            let job = job.read_untracked();
            !Jobs::was_sent(&job) || job.provider == Provider::Practice
        };
        if harmless {
            jobs.abort(&id.get_value());
        } else {
            asking.set(true);
        }
    };
    let stop_waiting = move || {
        asking.set(false);
        jobs.stop_waiting(&id.get_value());
    };
    let bill = derived(move || match job.upper_bound().get() {
        Some(most) => fill(w.now().abort_may_cost, &[("most", &most.shown_up())]),
        None => w.now().abort_may_cost_unknown.to_owned(),
    });
    live(move || {
        if !asking.get() {
            return word_button("quiet", w.text(|w| w.cancel), cancel);
        }
        view! {
            <p class="job-bill">{bill}</p>
            <div class="row">
                {word_button("quiet", w.text(|w| w.stop_waiting), stop_waiting)}
                {word_button("quiet danger", w.text(|w| w.abort), move || jobs.abort(&id.get_value()))}
            </div>
        }
        .into_any()
    })
}

fn phase(job: &Job, elapsed_secs: u64, now_millis: u64, w: &AllWords) -> String {
    let text = match job.phase {
        _ if job.in_background => w.phase_background.to_owned(),
        Phase::Queued => w.phase_queued.to_owned(),
        Phase::Sent if elapsed_secs > 120 => w.phase_sent_long.to_owned(),
        Phase::Sent => w.phase_sent.to_owned(),
        Phase::Receiving(bytes) => fill(w.phase_receiving, &[("kb", &(bytes / 1000).to_string())]),
        Phase::Saving => w.phase_saving.to_owned(),
        Phase::Elsewhere => w.phase_elsewhere.to_owned(),
        Phase::Offline => w.phase_offline.to_owned(),
        Phase::Asks => w.phase_asks.to_owned(),
        Phase::NeedsKey => w.phase_needs_key.to_owned(),
        Phase::Paused => w.phase_paused.to_owned(),
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
