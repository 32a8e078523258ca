//! How safe what is kept here is, what it takes, and how much room is held free for what comes.

use leptos::prelude::*;

use crate::domain::size::shown_bytes;
use crate::state::archive::Archive;
use crate::state::notices::Notices;
use crate::state::storage::MOST_BALLAST;
use crate::state::words::fill;
use crate::ui::controls::icon::word_button;
use crate::ui::controls::select::select;
use crate::ui::{derived, shown, use_all_words};

/// What can be chosen, in megabytes.
const BALLASTS: [u32; 4] = [MOST_BALLAST, 64, 32, 0];

/// The section of Settings.
pub(super) fn storage() -> AnyView {
    let (w, archive) = (use_all_words(), expect_context::<Archive>());
    let (storage, notices) = (archive.storage, expect_context::<Notices>());
    archive.look_at_storage();
    let promise = derived(move || match storage.facts.read().persisted {
        Some(true) => w.now().kept_for_good,
        Some(false) => w.now().kept_until_short,
        None => w.now().kept_not_asked,
    });
    let used = derived(move || {
        let size = storage.facts.read().used.map(shown_bytes);
        size.map(|size| fill(w.now().used_space, &[("size", &size)]))
            .unwrap_or_default()
    });
    let can_ask = derived(move || storage.facts.read().persisted != Some(true));
    let ask = move || {
        word_button("quiet", w.text(|w| w.ask_to_keep), move || {
            archive.ask_to_persist();
        })
    };
    let has_damaged = derived(move || storage.facts.read().aside > 0);
    let damaged = move || {
        let said = derived(move || {
            let n = storage.facts.read().aside.to_string();
            fill(w.now().set_aside, &[("n", &n)])
        });
        let download = move || archive.download_damaged(notices);
        view! {
            <p>{said}</p>
            {word_button("quiet", w.text(|w| w.download_set_aside), download)}
        }
        .into_any()
    };
    view! {
        <section>
            <h2>{w.text(|w| w.storage_kept)}</h2>
            <p role="status">{promise}</p>
            {shown(can_ask, ask)}
            <p>{used}</p>
            {ballast(archive)}
            {shown(has_damaged, damaged)}
        </section>
    }
    .into_any()
}

fn ballast(archive: Archive) -> AnyView {
    let w = use_all_words();
    let held = Memo::new(move |_| archive.storage.facts.read().ballast);
    let option = move |megabytes: u32| {
        let name = derived(move || match megabytes {
            0 => w.now().ballast_none.to_owned(),
            n => format!("{n} MB"),
        });
        let selected = held.get_untracked() == megabytes;
        view! { <option value=megabytes.to_string() selected=selected>{name}</option> }
    };
    let choose = move |value: String| {
        if let Ok(megabytes) = value.parse() {
            archive.set_ballast(megabytes);
        }
    };
    let value = derived(move || held.get().to_string());
    let options = BALLASTS.map(option).collect_view().into_any();
    view! {
        {select(w.text(|w| w.ballast), value, options, choose)}
        <p class="hint">{w.text(|w| w.ballast_hint)}</p>
    }
    .into_any()
}
