//! What the app has to say, in the corner: alerts interrupt, the rest waits for a pause.

use leptos::prelude::*;

use crate::state::composer::Composer;
use crate::state::library::Library;
use crate::state::notices::{Action, Notice, Notices, explain};
use crate::state::route::View;
use crate::state::unsettled::Unsettled;
use crate::ui::controls::icon::{Icon, IconButton};
use crate::ui::use_words;

/// All notices.
#[component]
pub fn NoticeList() -> impl IntoView {
    let notices = expect_context::<Notices>();
    view! { <For each=move || notices.list.get() key=|notice| notice.id let:notice><NoticeCard notice /></For> }
}

#[component]
fn NoticeCard(notice: Notice) -> impl IntoView {
    let (w, notices) = (use_words(), expect_context::<Notices>());
    let Notice {
        id,
        message,
        action,
    } = notice;
    let said = Memo::new(move |_| explain(&message, w()));
    let role = if said.read_untracked().is_alert {
        "alert"
    } else {
        "status"
    };
    let line = move |class: &'static str, text: Option<String>| {
        text.map(|text| view! { <p class=class>{text}</p> })
    };
    view! {
        <div class="notice" role=role>
            <div class="notice-text">
                <p class="notice-title">{move || said.get().title}</p>
                {move || line("notice-billed", said.get().billed)}
                {move || line("notice-advice", said.get().advice)}
                {move || said.get().quote.map(|quote| view! { <p class="notice-quote"><bdi>{quote}</bdi></p> })}
                {action.map(|action| view! { <ActionButton id action /> })}
            </div>
            <IconButton icon=Icon::Close label=Signal::derive(move || w().dismiss.into()) press=move || notices.dismiss(id) />
        </div>
    }
}

/// The button that mends, undoes or keeps.
#[component]
fn ActionButton(id: u64, action: Action) -> impl IntoView {
    let (w, notices) = (use_words(), expect_context::<Notices>());
    let (library, unsettled) = (expect_context::<Library>(), expect_context::<Unsettled>());
    let (composer, view) = (
        expect_context::<Composer>(),
        expect_context::<RwSignal<View>>(),
    );
    let name = {
        let action = action.clone();
        move || match &action {
            Action::OpenSettings => w().open_settings.to_owned(),
            Action::Undelete(_) => w().undo.to_owned(),
            Action::MoveTo(model) => crate::state::words::fill(w().move_to, &[("model", model)]),
            Action::DownloadRaw(_) | Action::DownloadUnsaved => w().download.to_owned(),
        }
    };
    let perform = move |_| {
        match &action {
            Action::OpenSettings => view.set(View::Settings),
            Action::Undelete(picture) => library.undelete(picture.clone()),
            Action::MoveTo(model) => composer.choose_model(model),
            Action::DownloadRaw(attempt) => return unsettled.download_raw(attempt.clone()),
            Action::DownloadUnsaved => return library.download_unsaved(),
        }
        notices.dismiss(id);
    };
    view! { <button type="button" class="quiet" on:click=perform>{name}</button> }
}
