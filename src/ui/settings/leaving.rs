//! Diagnostics to copy, and everything to erase, asked once.

use leptos::prelude::*;

use crate::state::archive::Archive;
use crate::state::composer::Composer;
use crate::state::leaving;
use crate::state::library::Library;
use crate::state::notices::Notices;
use crate::state::settings::Settings;
use crate::ui::controls::icon::word_button;
use crate::ui::{live, use_all_words};

/// The last section of Settings.
pub(super) fn leaving() -> AnyView {
    let (w, notices, archive) = (
        use_all_words(),
        expect_context::<Notices>(),
        expect_context::<Archive>(),
    );
    let (settings, library) = (expect_context::<Settings>(), expect_context::<Library>());
    let composer = expect_context::<Composer>();
    let asking = RwSignal::new(false);
    let copy = move || {
        leaving::copy_diagnostics(
            settings,
            library,
            &composer.catalogue.get_untracked(),
            notices,
        );
    };
    let erase = live(move || {
        if !asking.get() {
            return word_button("quiet danger", w.text(|w| w.erase_everything), move || {
                asking.set(true);
            });
        }
        view! {
            <p>{w.text(|w| w.erase_sure)}</p>
            <div class="row">
                {word_button("quiet danger", w.text(|w| w.erase_now), move || leaving::erase_everything(archive, composer, notices))}
                {word_button("quiet", w.text(|w| w.keep), move || asking.set(false))}
            </div>
        }
        .into_any()
    });
    view! {
        <section>
            <h2>{w.text(|w| w.this_computer)}</h2>
            <p class="hint">{w.text(|w| w.diagnostics_hint)}</p>
            {word_button("quiet", w.text(|w| w.copy_diagnostics), copy)}
            <p class="hint">{w.text(|w| w.erase_hint)}</p>
            {erase}
        </section>
    }
    .into_any()
}
