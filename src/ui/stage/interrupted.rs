//! Requests that may have been billed and brought nothing: shown until the person has settled them.

use leptos::prelude::*;

use crate::domain::record::{Attempt, AttemptState};
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::state::time::shown_time;
use crate::state::unsettled::Unsettled;
use crate::state::words::fill;
use crate::ui::use_words;

/// The list, absent while there is nothing in doubt.
#[component]
pub fn Interrupted() -> impl IntoView {
    let (w, unsettled) = (use_words(), expect_context::<Unsettled>());
    view! {
        <Show when=move || !unsettled.attempts.read().is_empty()>
            <section class="interrupted" aria-label=move || w().interrupted>
                <h2>{move || w().interrupted}</h2>
                <p>{move || w().interrupted_more}</p>
                <ul>
                    <For each=move || unsettled.attempts.get() key=|attempt| attempt.id.clone() let:attempt>
                        <li><Row attempt /></li>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Row(attempt: Attempt) -> impl IntoView {
    let (w, unsettled, settings) = (
        use_words(),
        expect_context::<Unsettled>(),
        expect_context::<Settings>(),
    );
    let view = expect_context::<RwSignal<View>>();
    let attempt = StoredValue::new(attempt);
    let is_broken = attempt.with_value(|attempt| attempt.state == AttemptState::PaidBroken);
    let what = move || {
        attempt.with_value(|attempt| {
            let when = shown_time(attempt.started, settings.language.get());
            let most = attempt
                .upper_bound
                .map_or_else(|| w().price_unknown.into(), |bound| bound.shown_up());
            let text = if is_broken {
                w().interrupted_paid
            } else {
                w().interrupted_row
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
    };
    let reuse = move |_| {
        attempt.with_value(|attempt| unsettled.reuse(attempt));
        view.set(View::Create);
    };
    let raw = attempt.with_value(|attempt| attempt.raw.clone());
    view! {
        <p class="interrupted-prompt">{attempt.with_value(|attempt| attempt.request.prompt.clone())}</p>
        <p>{what}</p>
        <div class="row">
            <button type="button" class="quiet" on:click=reuse>{move || w().reuse_settings}</button>
            {raw.map(|id| view! {
                <button type="button" class="quiet" on:click=move |_| unsettled.download_raw(id.clone())>
                    {move || w().download_reply}
                </button>
            })}
            <button type="button" class="quiet" on:click=move |_| unsettled.write_off(attempt.get_value())>
                {move || w().understood}
            </button>
        </div>
    }
}
