//! What the app has to say, in the corner: alerts interrupt, the rest waits for a pause.

use leptos::prelude::*;

use crate::state::archive::Archive;
use crate::state::composer::Composer;
use crate::state::ledger::Ledger;
use crate::state::library::Library;
use crate::state::notices::{Action, Notice, Notices, conversion_name, explain};
use crate::state::route::View;
use crate::state::tray::Tray;
use crate::state::unsettled::Unsettled;
use crate::state::words::fill;
use crate::ui::controls::icon::{Icon, icon_button};
use crate::ui::{derived, live, press, use_all_words};

/// All notices.
pub fn notice_list() -> AnyView {
    let notices = expect_context::<Notices>();
    view! { <For each=move || notices.list.get() key=|notice| notice.id children=notice_card /> }
        .into_any()
}

fn notice_card(notice: Notice) -> AnyView {
    let (w, notices) = (use_all_words(), expect_context::<Notices>());
    let Notice {
        id,
        message,
        action,
    } = notice;
    let said = Memo::new(move |_| explain(&message, w.now()));
    let role = if said.read_untracked().is_alert {
        "alert"
    } else {
        "status"
    };
    let line = |class: &'static str, text: Option<String>| {
        text.map(|text| view! { <p class=class><bdi>{text}</bdi></p> })
    };
    let lines = live(move || {
        let said = said.get();
        view! {
            {line("notice-title", Some(said.title))}
            {line("notice-billed", said.billed)}
            {line("notice-advice", said.advice)}
            {line("notice-quote", said.quote)}
        }
        .into_any()
    });
    view! {
        <div class="notice" role=role>
            <div class="notice-text">{lines} {action.map(|action| action_button(id, action))}</div>
            {icon_button(Icon::Close, w.text(|w| w.dismiss), move || notices.dismiss(id))}
        </div>
    }
    .into_any()
}

/// The button that mends, undoes or keeps.
fn action_button(id: u64, action: Action) -> AnyView {
    let (w, notices) = (use_all_words(), expect_context::<Notices>());
    let (library, unsettled) = (expect_context::<Library>(), expect_context::<Unsettled>());
    let archive = expect_context::<Archive>();
    let (ledger, tray) = (expect_context::<Ledger>(), expect_context::<Tray>());
    let (composer, view) = (
        expect_context::<Composer>(),
        expect_context::<RwSignal<View>>(),
    );
    let named = action.clone();
    let name = derived(move || match &named {
        Action::OpenSettings => w.now().open_settings.to_owned(),
        Action::OpenCosts => w.now().open_costs.to_owned(),
        Action::Undelete(_) => w.now().undo.to_owned(),
        Action::MoveTo(model) => fill(w.now().move_to, &[("model", model)]),
        Action::DownloadRaw(_) | Action::DownloadDamaged => w.now().download.to_owned(),
        Action::AcceptLoss => w.now().accept_loss.to_owned(),
        Action::TrustClock => w.now().trust_clock.to_owned(),
        Action::Convert { conversion, .. } => conversion_name(*conversion, w.now()),
    });
    let perform = move || {
        match &action {
            Action::OpenSettings => view.set(View::Settings),
            Action::OpenCosts => view.set(View::Costs),
            Action::Undelete(pictures) => library.undelete(pictures.clone()),
            Action::MoveTo(model) => composer.choose_model(model),
            Action::DownloadRaw(attempt) => return unsettled.download_raw(attempt.clone()),
            Action::DownloadDamaged => return archive.download_damaged(notices),
            Action::AcceptLoss => ledger.accept_loss(),
            Action::TrustClock => ledger.trust_clock(),
            Action::Convert { offer, .. } => tray.convert(*offer),
        }
        notices.dismiss(id);
    };
    view! { <button type="button" class="quiet" on:click=press(perform)>{name}</button> }.into_any()
}
