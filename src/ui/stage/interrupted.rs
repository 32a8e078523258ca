//! Requests that may have been billed and brought nothing: shown until the person has settled them.

use leptos::prelude::*;

use crate::domain::record::{Attempt, AttemptState};
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::state::time::shown_time;
use crate::state::unsettled::Unsettled;
use crate::state::words::fill;
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, shown, use_all_words};

/// The list, absent while there is nothing in doubt.
pub fn interrupted() -> AnyView {
    let (w, unsettled) = (use_all_words(), expect_context::<Unsettled>());
    let row = |attempt| view! { <li>{row(attempt)}</li> }.into_any();
    shown(
        derived(move || !unsettled.attempts.read().is_empty()),
        move || {
            view! {
            <section class="interrupted" aria-label=w.text(|w| w.interrupted)>
                <h2>{w.text(|w| w.interrupted)}</h2>
                <p>{w.text(|w| w.interrupted_more)}</p>
                <ul>
                    <For each=move || unsettled.attempts.get() key=|attempt| attempt.id.clone() children=row />
                </ul>
            </section>
        }
        .into_any()
        },
    )
}

fn row(attempt: Attempt) -> AnyView {
    let (w, unsettled, settings) = (
        use_all_words(),
        expect_context::<Unsettled>(),
        expect_context::<Settings>(),
    );
    let view = expect_context::<RwSignal<View>>();
    let attempt = StoredValue::new(attempt);
    let is_broken = attempt.with_value(|attempt| attempt.state == AttemptState::PaidBroken);
    let what = derived(move || {
        attempt.with_value(|attempt| {
            let when = shown_time(attempt.started, settings.language.get());
            let most = attempt
                .upper_bound
                .map_or_else(|| w.now().price_unknown.into(), |bound| bound.shown_up());
            let text = if is_broken {
                w.now().interrupted_paid
            } else {
                w.now().interrupted_row
            };
            fill(
                text,
                &[
                    ("model", &attempt.request.model),
                    ("when", &when),
                    ("most", &most),
                ],
            )
        })
    });
    let reuse = move || {
        attempt.with_value(|attempt| unsettled.reuse(attempt));
        view.set(View::Create);
    };
    let raw = attempt.with_value(|attempt| attempt.raw.clone());
    let raw = raw.map(|id| {
        word_button("quiet", w.text(|w| w.download_reply), move || {
            unsettled.download_raw(id.clone());
        })
    });
    view! {
        <p class="interrupted-prompt">{attempt.with_value(|attempt| attempt.request.prompt.clone())}</p>
        <p>{what}</p>
        <div class="row">
            {word_button("quiet", w.text(|w| w.reuse_settings), reuse)}
            {raw}
            {word_button("quiet", w.text(|w| w.understood), move || unsettled.write_off(attempt.get_value()))}
        </div>
    }
    .into_any()
}
