//! What is said of the browser's storage as long as it is true: that it keeps nothing, is in another tab's hands, has been
//! cleared, or had no room for what was paid for.

use leptos::prelude::*;

use crate::domain::provider::Provider;
use crate::state::archive::Archive;
use crate::state::ledger::Ledger;
use crate::state::library::Library;
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::state::storage::{Marker, Standing};
use crate::state::words::{AllWords, fill};
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, live, shown, use_all_words};

/// Above the notices.
pub fn storage_cards() -> AnyView {
    let storage = expect_context::<Archive>().storage;
    let settings = expect_context::<Settings>();
    let stands =
        move |standing: Standing| derived(move || storage.facts.read().standing == standing);
    let lacks_locks = derived(move || {
        storage.lacks_locks()
            && settings.provider.get() != Provider::Practice
            && !storage.facts.read().is_only_tab
    });
    let is_evicted = derived(move || storage.facts.read().evicted.is_some());
    let is_held = derived(move || storage.facts.read().unsaved > 0);
    view! {
        <div class="standing" role="status">
            {shown(stands(Standing::InTab), in_tab)}
            {shown(lacks_locks, no_locks)}
            {shown(stands(Standing::Blocked), blocked)}
            {shown(stands(Standing::NewerSchema), newer_schema)}
            {shown(stands(Standing::GivenUp), given_up)}
            {shown(is_evicted, evicted)}
        </div>
        <div class="standing">{shown(is_held, unsaved)}</div>
    }
    .into_any()
}

type Text = Signal<&'static str>;

fn card(title: Text, lines: AnyView, buttons: AnyView) -> AnyView {
    view! {
        <div class="notice storage-card">
            <div class="notice-text">
                <p class="notice-title">{title}</p>
                {lines}
                <div class="row">{buttons}</div>
            </div>
        </div>
    }
    .into_any()
}

fn line(text: Text) -> AnyView {
    view! { <p class="notice-advice">{text}</p> }.into_any()
}

fn nothing() -> AnyView {
    ().into_any()
}

fn in_tab() -> AnyView {
    let (w, storage) = (use_all_words(), expect_context::<Archive>().storage);
    let advice = derived(move || match storage.facts.read().accepts_tab {
        true => w.now().in_tab_accepted,
        false => w.now().in_tab_advice,
    });
    let is_asked = derived(move || !storage.facts.read().accepts_tab);
    let accept = move || {
        word_button("quiet", w.text(|w| w.accept_tab), move || {
            storage.accept_tab();
        })
    };
    card(w.text(|w| w.in_tab), line(advice), shown(is_asked, accept))
}

fn no_locks() -> AnyView {
    let (w, storage) = (use_all_words(), expect_context::<Archive>().storage);
    let accept = word_button("quiet", w.text(|w| w.only_tab), move || {
        storage.accept_only_tab();
    });
    card(
        w.text(|w| w.no_locks),
        line(w.text(|w| w.no_locks_advice)),
        accept,
    )
}

fn blocked() -> AnyView {
    let w = use_all_words();
    let advice = line(w.text(|w| w.blocked_advice));
    card(w.text(|w| w.blocked), advice, nothing())
}

fn newer_schema() -> AnyView {
    let w = use_all_words();
    let advice = line(w.text(|w| w.newer_schema_advice));
    card(w.text(|w| w.newer_schema), advice, reload_button())
}

fn given_up() -> AnyView {
    let w = use_all_words();
    let advice = line(w.text(|w| w.storage_given_up));
    card(w.text(|w| w.given_up), advice, reload_button())
}

fn reload_button() -> AnyView {
    let w = use_all_words();
    let storage = expect_context::<Archive>().storage;
    word_button("quiet", w.text(|w| w.reload_page), move || storage.reload())
}

fn evicted() -> AnyView {
    let (w, storage) = (use_all_words(), expect_context::<Archive>().storage);
    let view = expect_context::<RwSignal<View>>();
    let what = live(move || {
        let text = storage
            .facts
            .read()
            .evicted
            .map(|marker| cleared(&marker, w.now()));
        view! { <p>{text}</p> }.into_any()
    });
    let lines = view! { {what} {line(w.text(|w| w.evicted_advice))} }.into_any();
    let restore = word_button("quiet", w.text(|w| w.open_settings), move || {
        view.set(View::Settings);
    });
    let seen = word_button("quiet", w.text(|w| w.go_on_without), move || {
        storage.see_eviction();
    });
    let buttons = view! { {restore} {seen} }.into_any();
    card(w.text(|w| w.evicted), lines, buttons)
}

/// What was there, as far as it is known.
fn cleared(marker: &Marker, w: &AllWords) -> Option<String> {
    let n = marker.pictures.to_string();
    match marker.last {
        Some(last) => {
            let last = last.to_string();
            Some(fill(w.evicted_pictures, &[("n", &n), ("last", &last)]))
        }
        None => None,
    }
}

/// What was paid for and has no place yet. An alert: it is lost with the tab.
fn unsaved() -> AnyView {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let ledger = expect_context::<Ledger>();
    let storage = expect_context::<Archive>().storage;
    let because = derived(move || {
        let facts = storage.facts.read();
        let error = facts.unsaved_because.as_ref();
        error.map(ToString::to_string).unwrap_or_default()
    });
    let has_files = derived(move || storage.facts.read().has_downloaded);
    let let_go = move || {
        word_button("quiet", w.text(|w| w.let_go), move || {
            library.let_go_of_unsaved(ledger);
        })
    };
    let lines = view! {
        <p class="notice-billed">{w.text(|w| w.billed_paid)}</p>
        {line(w.text(|w| w.not_saved_advice))}
        <p class="notice-quote">
            <bdi>{because}</bdi>
        </p>
    };
    let buttons = view! {
        {word_button("primary", w.text(|w| w.download), move || library.download_unsaved())}
        {word_button("quiet", w.text(|w| w.save_again), move || library.save_unsaved(ledger))}
        {shown(has_files, let_go)}
    };
    let card = card(
        w.text(|w| w.not_saved),
        lines.into_any(),
        buttons.into_any(),
    );
    view! { <div role="alert">{card}</div> }.into_any()
}
