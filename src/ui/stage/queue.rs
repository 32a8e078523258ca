//! What holds up the queue, and what the person can do about it.

use leptos::prelude::*;

use crate::domain::money::Usd;
use crate::domain::queue::Pause;
use crate::state::jobs::Jobs;
use crate::state::queue::Notes;
use crate::state::route::View;
use crate::state::words::{AllWords, fill};
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, shown, use_all_words};

/// One note for each thing, absent while there is nothing of it.
pub fn queue_notes() -> AnyView {
    view! { {silent()} {needs_key()} {asks()} {paused()} }.into_any()
}

/// Presses that are not listed.
pub fn more_jobs() -> AnyView {
    let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
    let notes = jobs.queue.notes;
    let more = derived(move || fill(w.now().queue_more, &[("n", &notes.read().more.to_string())]));
    let buttons = move || {
        view! {
            <div class="row jobs-more">
                <span>{more}</span>
                {word_button("quiet", w.text(|w| w.remove_all_waiting), move || jobs.remove_waiting())}
            </div>
        }
        .into_any()
    };
    shown(derived(move || notes.read().more > 0), buttons)
}

fn note(
    is_there: fn(&Notes) -> bool,
    text: fn(&Notes, &AllWords) -> String,
    buttons: fn() -> AnyView,
) -> AnyView {
    let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
    let notes = jobs.queue.notes;
    let text = derived(move || text(&notes.read(), w.now()));
    let note = move || {
        view! {
            <section class="queue-note" aria-label=w.text(|w| w.waiting_requests)>
                <p>{text}</p>
                <div class="row">{buttons()}</div>
            </section>
        }
        .into_any()
    };
    shown(derived(move || is_there(&notes.read())), note)
}

fn asks() -> AnyView {
    let text = |notes: &Notes, w: &AllWords| {
        let n = fill(w.queue_asks, &[("n", &notes.asks.to_string())]);
        let most = match notes.asks_most {
            Some(Usd::ZERO) => w.queue_asks_free.to_owned(),
            Some(most) => fill(w.queue_asks_most, &[("most", &most.shown_up())]),
            None => w.queue_asks_unknown.to_owned(),
        };
        format!("{n} {most}")
    };
    note(
        |notes| notes.asks > 0,
        text,
        || {
            let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
            view! {
                {word_button("primary", w.text(|w| w.queue_send), move || jobs.send_waiting())}
                {word_button("quiet", w.text(|w| w.queue_remove), move || jobs.remove_asked())}
            }
            .into_any()
        },
    )
}

fn needs_key() -> AnyView {
    let text = |notes: &Notes, w: &AllWords| {
        fill(w.queue_needs_key, &[("n", &notes.need_key.to_string())])
    };
    note(
        |notes| notes.need_key > 0,
        text,
        || {
            let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
            let view = expect_context::<RwSignal<View>>();
            view! {
            {word_button("primary", w.text(|w| w.open_settings), move || view.set(View::Settings))}
            {word_button("quiet", w.text(|w| w.queue_remove), move || jobs.remove_without_key())}
        }
        .into_any()
        },
    )
}

fn paused() -> AnyView {
    let text = |notes: &Notes, w: &AllWords| {
        match notes.paused {
            Some(Pause::Budget) => w.queue_paused_budget,
            Some(Pause::Storage) => w.queue_paused_storage,
            Some(Pause::Broke) => w.queue_paused_broke,
            Some(Pause::Refused) | None => w.queue_paused_refused,
        }
        .to_owned()
    };
    note(
        |notes| notes.paused.is_some(),
        text,
        || {
            let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
            word_button("primary", w.text(|w| w.queue_continue), move || {
                jobs.resume();
            })
        },
    )
}

fn silent() -> AnyView {
    let text = |_: &Notes, w: &AllWords| w.queue_silent.to_owned();
    note(
        |notes| notes.is_silent,
        text,
        || {
            let (w, jobs) = (use_all_words(), expect_context::<Jobs>());
            word_button("primary", w.text(|w| w.queue_take_over), move || {
                jobs.take_over();
            })
        },
    )
}
