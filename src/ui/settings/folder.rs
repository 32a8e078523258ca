//! A folder that each picture goes to as well.

use leptos::prelude::*;

use crate::state::folder::{PictureFolder, Standing};
use crate::state::words::fill;
use crate::ui::controls::icon::word_button;
use crate::ui::{live, use_all_words};

/// The section of Settings.
pub(super) fn folder() -> AnyView {
    let (w, folder) = (use_all_words(), expect_context::<PictureFolder>());
    let choose = move || {
        word_button("quiet", w.text(|w| w.folder_choose), move || {
            folder.choose();
        })
    };
    let stop = move || {
        word_button("quiet", w.text(|w| w.folder_stop), move || {
            folder.forget();
        })
    };
    let standing = live(move || {
        let named = |text: &str, name: &str| fill(text, &[("name", name)]);
        match folder.standing.get() {
            Standing::Missing => view! { <p>{w.text(|w| w.folder_missing)}</p> }.into_any(),
            Standing::None => choose(),
            Standing::Open(name) => view! {
                <p><bdi>{named(w.now().folder_open, &name)}</bdi></p>
                <div class="row">{choose()} {stop()}</div>
            }
            .into_any(),
            Standing::Closed(name) => {
                let reopen = move || folder.reopen();
                view! {
                    <p><bdi>{named(w.now().folder_closed, &name)}</bdi></p>
                    <div class="row">
                        {word_button("primary", w.text(|w| w.folder_reopen), reopen)} {choose()} {stop()}
                    </div>
                }
                .into_any()
            }
        }
    });
    view! {
        <section>
            <h2>{w.text(|w| w.folder)}</h2>
            <p class="hint">{w.text(|w| w.folder_hint)}</p>
            <div class="folder" role="status">{standing}</div>
        </section>
    }
    .into_any()
}
