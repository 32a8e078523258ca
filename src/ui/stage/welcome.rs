//! How to begin, in the place of the first picture.

use leptos::prelude::*;

use crate::state::jobs::Jobs;
use crate::state::library::Library;
use crate::ui::{derived, shown, use_words};

/// The welcome, while there is no picture to look at and none is being made.
pub fn welcome() -> AnyView {
    let (w, library, jobs) = (
        use_words(),
        expect_context::<Library>(),
        expect_context::<Jobs>(),
    );
    let is_empty = derived(move || {
        library.loaded.get() && library.selected_record().is_none() && !jobs.has_any()
    });
    let text = move || {
        view! {
            <div class="welcome">
                <p class="welcome-title">{w.text(|w| w.welcome)}</p>
                <p>{w.text(|w| w.welcome_more)}</p>
            </div>
        }
        .into_any()
    };
    shown(is_empty, text)
}
