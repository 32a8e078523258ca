//! The list of shortcuts.

use leptos::prelude::*;

use crate::ui::controls::icon::word_button;
use crate::ui::controls::modal::modal;
use crate::ui::{live, use_all_words};

/// A dialog over the page, while `open` holds.
pub(super) fn help(open: RwSignal<bool>) -> AnyView {
    let w = use_all_words();
    let rows = live(move || {
        let w = w.now();
        let rows = [
            ("B  E  R  O  L  P  W  G", w.keys_tools),
            ("[  ]", w.keys_size),
            ("Shift [  ]", w.keys_hardness),
            ("Ctrl Z, Ctrl Shift Z, Ctrl Y", w.keys_undo),
            ("Shift V, Shift C", w.keys_whole),
            ("Ctrl A", w.keys_all),
            ("Shift F6", w.keys_feather),
            ("Shift", w.keys_line),
            ("Alt", w.keys_subtract),
            ("Alt ↔ ↕", w.keys_resize),
            ("Space", w.keys_pan),
            ("Ctrl Space", w.keys_zoom_at),
            ("Ctrl 0 – 4, +, −", w.keys_zoom),
            ("X", w.keys_peek),
            ("Shift H", w.keys_hide),
            ("← ↑ → ↓", w.keys_crosshair),
            ("D", w.keys_draw),
            ("Enter", w.keys_close),
            ("Esc", w.keys_cancel),
            ("Ctrl Enter", w.keys_run),
        ];
        let row = |(keys, what): (&'static str, &'static str)| {
            view! { <div><dt><kbd>{keys}</kbd></dt><dd>{what}</dd></div> }
        };
        rows.map(row).collect_view().into_any()
    });
    let close = move || open.set(false);
    let body = view! {
        <h2>{w.text(|w| w.shortcuts)}</h2>
        <dl class="recipe">{rows}</dl>
        <p class="hint">{w.text(|w| w.keys_fingers)}</p>
        {word_button("quiet", w.text(|w| w.close), close)}
    };
    let label = w.text(|w| w.shortcuts);
    modal("mask-help", label, open.into(), close, body.into_any())
}
