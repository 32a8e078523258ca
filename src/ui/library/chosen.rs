//! What can be done with the chosen pictures.

use leptos::prelude::*;

use crate::domain::record::{Label, Marking};
use crate::state::gallery::Gallery;
use crate::state::words::fill;
use crate::ui::controls::icon::word_button;
use crate::ui::library::labels::label_field;
use crate::ui::{derived, use_all_words};

/// A bar that stays in sight while pictures are chosen.
pub(super) fn chosen() -> AnyView {
    let (w, gallery) = (use_all_words(), expect_context::<Gallery>());
    let line = derived(move || {
        fill(
            w.now().chosen_n,
            &[("n", &gallery.chosen_count().to_string())],
        )
    });
    let none = derived(move || gallery.chosen_count() == 0);
    let add = move |label| move |name| gallery.mark_chosen(Marking::Add(label, name));
    view! {
        <div class="chosen" role="group" aria-label=w.text(|w| w.choose_several)>
            <p role="status">{line}</p>
            {word_button("quiet", w.text(|w| w.choose_all), move || gallery.choose_all())}
            {word_button("quiet", w.text(|w| w.done), move || gallery.choose(false))}
            <fieldset class="chosen-verbs" disabled=none>
                {word_button("quiet", w.text(|w| w.favourite), move || gallery.mark_chosen(Marking::Favourite(true)))}
                {word_button("quiet", w.text(|w| w.remove_favourite), move || gallery.mark_chosen(Marking::Favourite(false)))}
                {label_field(Label::Tag, w.text(|w| w.new_tag), add(Label::Tag))}
                {label_field(Label::Collection, w.text(|w| w.add_to_collection), add(Label::Collection))}
                {word_button("quiet", w.text(|w| w.download), move || gallery.download_chosen())}
                {word_button("quiet danger", w.text(|w| w.delete), move || gallery.delete_chosen())}
            </fieldset>
        </div>
    }
    .into_any()
}
