//! Backup and restore: when the last one was, what runs, and how it ended.

use leptos::prelude::*;
use leptos::web_sys::File;

use crate::domain::backup::BackupFault;
use crate::domain::size::shown_bytes;
use crate::domain::zip::ZipFault;
use crate::state::backup::{Backup, Outcome, Phase, Progress, Restored, Saved};
use crate::state::notices::last_backup;
use crate::state::words::{AllWords, fill};
use crate::ui::controls::file::file_button;
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, live, press, shown, use_all_words};

/// The section of Settings.
pub(super) fn backup() -> AnyView {
    let (w, backup) = (use_all_words(), expect_context::<Backup>());
    backup.look_up();
    let standing = derived(move || {
        let standing = backup.standing.get();
        standing.map(|standing| last_backup(standing.days, standing.new, w.now()))
    });
    let unfinished = derived(move || {
        let unfinished = backup.standing.get()?.unfinished?;
        let progress = Progress {
            part: 1,
            parts: 1,
            done: unfinished.done,
            all: unfinished.all,
        };
        let percent = progress.percent().to_string();
        let places = [("percent", &*percent), ("file", &*unfinished.file)];
        Some(fill(w.now().restore_unfinished, &places))
    });
    let is_running = derived(move || backup.is_running());
    let is_idle = derived(move || !backup.is_running());
    let waits = derived(move || matches!(backup.phase.get(), Phase::Next { .. }));
    let line = move |text: Signal<Option<String>>| {
        live(move || text.get().map(|text| view! { <p>{text}</p> }).into_any())
    };
    view! {
        <section class="backup">
            <h2>{w.text(|w| w.backup)}</h2>
            {line(standing)}
            <p class="hint">{w.text(|w| w.backup_hint)}</p>
            {shown(is_idle, choices)}
            {shown(waits, next_part)}
            {shown(is_running, running)}
            {line(unfinished)}
            <div role="status">{live(move || told(backup))}</div>
        </section>
    }
    .into_any()
}

fn choices() -> AnyView {
    let (w, backup) = (use_all_words(), expect_context::<Backup>());
    let is_free = derived(move || backup.phase.get() == Phase::Idle);
    let save = move || {
        word_button("primary", w.text(|w| w.backup_save), move || {
            backup.save();
        })
    };
    let take = move |files: Vec<File>| backup.restore(files);
    let label = w.text(|w| w.restore_backup);
    view! {
        <div class="row">
            {shown(is_free, save)}
            {file_button(label, ".zip,application/zip", true, take)}
        </div>
        <p class="hint">{w.text(|w| w.restore_hint)}</p>
    }
    .into_any()
}

/// The next part of a backup needs a press of its own.
fn next_part() -> AnyView {
    let (w, backup) = (use_all_words(), expect_context::<Backup>());
    let name = derived(move || match backup.phase.get() {
        Phase::Next { part, parts } => {
            let (part, parts) = (part.to_string(), parts.to_string());
            let places = [("parts", &*parts), ("part", &*part)];
            fill(w.now().backup_save_part, &places)
        }
        _ => String::new(),
    });
    let next = press(move || backup.save_next());
    view! {
        <p role="status">{w.text(|w| w.backup_next)}</p>
        <div class="row">
            <button type="button" class="primary" on:click=next>{name}</button>
            {word_button("quiet", w.text(|w| w.backup_stop), move || backup.call_off())}
        </div>
    }
    .into_any()
}

fn running() -> AnyView {
    let (w, backup) = (use_all_words(), expect_context::<Backup>());
    let text = derived(move || {
        let w = w.now();
        let said = |one, many, progress: Progress| {
            let text = if progress.parts == 1 { one } else { many };
            let (part, parts) = (progress.part.to_string(), progress.parts.to_string());
            let percent = progress.percent().to_string();
            let places = [("parts", &*parts), ("part", &*part), ("percent", &*percent)];
            fill(text, &places)
        };
        match backup.phase.get() {
            Phase::Idle | Phase::Next { .. } => String::new(),
            Phase::Counting => w.backup_counting.to_owned(),
            Phase::Saving(progress) => said(w.backup_saving, w.backup_saving_part, progress),
            Phase::Restoring(progress) => {
                said(w.backup_restoring, w.backup_restoring_part, progress)
            }
        }
    });
    let percent = derived(move || match backup.phase.get() {
        Phase::Saving(progress) | Phase::Restoring(progress) => progress.percent().to_string(),
        Phase::Idle | Phase::Counting | Phase::Next { .. } => String::from("0"),
    });
    view! {
        <p>{text}</p>
        <progress max="100" aria-label=w.text(|w| w.backup_progress) value=percent></progress>
        {word_button("quiet", w.text(|w| w.backup_stop), move || backup.call_off())}
    }
    .into_any()
}

fn told(backup: Backup) -> AnyView {
    let w = use_all_words();
    let Some(outcome) = backup.outcome.get() else {
        return ().into_any();
    };
    let lines = lines_of(&outcome, w.now());
    let is_bad = matches!(outcome, Outcome::Refused { .. });
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| view! { <p><bdi>{line}</bdi></p> })
        .collect();
    view! { <div class="outcome" class:bad=is_bad>{lines}</div> }.into_any()
}

fn lines_of(outcome: &Outcome, w: &AllWords) -> Vec<String> {
    let counted = |text: &str, n: u32| (n > 0).then(|| fill(text, &[("n", &n.to_string())]));
    match outcome {
        Outcome::NothingToSave => vec![w.backup_nothing.to_owned()],
        Outcome::CalledOff => vec![w.backup_called_off.to_owned()],
        Outcome::Saved(Saved {
            pictures,
            parts,
            bytes,
            left_out,
            cleaned,
        }) => {
            let text = match parts {
                1 => w.backup_saved,
                _ => w.backup_saved_parts,
            };
            let (n, parts, size) = (pictures.to_string(), parts.to_string(), shown_bytes(*bytes));
            let saved = fill(text, &[("n", &n), ("parts", &parts), ("size", &size)]);
            let more = [
                counted(w.backup_left_out, *left_out),
                counted(w.backup_cleaned, *cleaned),
            ];
            [saved]
                .into_iter()
                .chain(more.into_iter().flatten())
                .collect()
        }
        Outcome::Restored(Restored {
            pictures,
            rows,
            here,
        }) => {
            let added = fill(w.restored_added, &[("n", &pictures.to_string())]);
            let more = [
                counted(w.restored_here, *here),
                counted(w.restored_ledger, *rows),
            ];
            [added]
                .into_iter()
                .chain(more.into_iter().flatten())
                .collect()
        }
        Outcome::Refused {
            file,
            fault,
            before,
        } => {
            let (why, advice) = fault_words(fault, w);
            let refused = fill(w.backup_refused, &[("why", &why), ("file", file)]);
            let first = [refused, w.backup_kept.to_owned()];
            let more = [
                Some(advice.to_owned()),
                counted(w.backup_refused_before, before.pictures),
            ];
            first
                .into_iter()
                .chain(more.into_iter().flatten())
                .collect()
        }
    }
}

/// Why a file is not restored, and what to do.
fn fault_words(fault: &BackupFault, w: &AllWords) -> (String, &'static str) {
    let (what, again) = (fault.to_string(), w.fault_advice_again);
    let with = |text: &str| fill(text, &[("what", &what)]);
    match fault {
        BackupFault::NoManifest | BackupFault::Zip(ZipFault::NotAZip | ZipFault::Split) => {
            (w.fault_not_backup.to_owned(), w.fault_advice_own)
        }
        BackupFault::Zip(ZipFault::CutShort) => (w.fault_cut_short.to_owned(), again),
        BackupFault::Zip(
            ZipFault::Encrypted(_)
            | ZipFault::Compressed(_)
            | ZipFault::Link(_)
            | ZipFault::Form(_)
            | ZipFault::Trailing
            | ZipFault::Gap(_),
        ) => (with(w.fault_other_program), w.fault_advice_own),
        BackupFault::Zip(ZipFault::Name(_) | ZipFault::Twice(_)) => {
            (with(w.fault_name), w.fault_advice_own)
        }
        BackupFault::Zip(ZipFault::TooLarge(_) | ZipFault::TooManyEntries(_)) => {
            (with(w.fault_too_large), w.fault_advice_own)
        }
        BackupFault::Newer(_) => (w.fault_newer.to_owned(), w.fault_advice_update),
        BackupFault::Seal | BackupFault::Listing(_) => (w.fault_changed.to_owned(), again),
        BackupFault::Zip(
            ZipFault::Directory
            | ZipFault::Listing
            | ZipFault::Size(_)
            | ZipFault::Overlap(_)
            | ZipFault::Damaged(_),
        )
        | BackupFault::Manifest(_)
        | BackupFault::Damaged(_)
        | BackupFault::Row { .. }
        | BackupFault::PictureMissing { .. } => (with(w.fault_damaged), again),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::words::Language;

    #[test]
    fn every_fault_says_why_and_what_to_do() {
        let name = || "blobs/x".to_owned();
        let zip = [
            ZipFault::NotAZip,
            ZipFault::CutShort,
            ZipFault::Trailing,
            ZipFault::Split,
            ZipFault::TooManyEntries(100_001),
            ZipFault::Directory,
            ZipFault::Listing,
            ZipFault::Name("../a".into()),
            ZipFault::Twice(name()),
            ZipFault::Encrypted(name()),
            ZipFault::Compressed(name()),
            ZipFault::Link(name()),
            ZipFault::Size(name()),
            ZipFault::TooLarge(name()),
            ZipFault::Overlap(name()),
            ZipFault::Gap(name()),
            ZipFault::Form(name()),
            ZipFault::Damaged(name()),
        ];
        let faults = zip.map(BackupFault::Zip).into_iter().chain([
            BackupFault::NoManifest,
            BackupFault::Manifest("line 1".into()),
            BackupFault::Newer(2),
            BackupFault::Seal,
            BackupFault::Damaged(name()),
        ]);
        for fault in faults {
            for language in Language::ALL {
                let refused = Outcome::Refused {
                    file: "a.zip".into(),
                    fault: fault.clone(),
                    before: Restored::default(),
                };
                let said = lines_of(&refused, language.all_words());
                assert_eq!(said.len(), 3, "{said:?}");
                assert!(said[0].contains("a.zip"), "{said:?}");
                assert!(said.iter().all(|line| !line.contains('{')), "{said:?}");
            }
        }
    }

    #[test]
    fn what_is_not_so_is_not_said() {
        let w = Language::English.all_words();
        let saved = Saved {
            pictures: 3,
            parts: 1,
            bytes: 5_000_000,
            ..Saved::default()
        };
        assert_eq!(lines_of(&Outcome::Saved(saved), w).len(), 1);
        let all = Saved {
            left_out: 1,
            cleaned: 2,
            ..saved
        };
        assert_eq!(lines_of(&Outcome::Saved(all), w).len(), 3);
        let restored = Restored {
            pictures: 2,
            ..Restored::default()
        };
        assert_eq!(lines_of(&Outcome::Restored(restored), w).len(), 1);
    }
}
