//! The price beside Generate.

use leptos::prelude::*;

use crate::domain::model::Certainty;
use crate::domain::money::Usd;
use crate::domain::pricing::Estimate;
use crate::domain::pricing::tokens::Span;
use crate::domain::provider::Provider;
use crate::state::composer::Composer;
use crate::state::settings::Settings;
use crate::state::time::quiet;
use crate::state::words::Words;
use crate::ui::{derived, use_words};

/// How long nothing must change before a screen reader is told, in milliseconds.
const QUIET_MILLIS: u32 = 1_000;

/// The price of what is composed, changing with every setting.
pub fn price() -> AnyView {
    let (w, composer, settings) = (
        use_words(),
        expect_context::<Composer>(),
        expect_context::<Settings>(),
    );
    let text = Memo::new(move |_| shown_estimate(&composer.estimate.read(), w.now()));
    let is_free = derived(move || settings.provider.get() == Provider::Practice);
    let note = derived(move || {
        if is_free.get() {
            w.now().price_practice
        } else {
            sure(composer.estimate.read().certainty, w.now())
        }
    });
    let spoken = quiet(text.into(), QUIET_MILLIS);
    view! {
        <div class="price">
            <output role="status" aria-live="off" aria-label=w.text(|w| w.estimated_cost) class:free=is_free>
                {derived(move || text.get())}
            </output>
            <small>{note}</small>
            <small>{derived(move || composer.learned_price.get())}</small>
            <span class="visually-hidden" aria-live="polite">{derived(move || spoken.get())}</span>
        </div>
    }
    .into_any()
}

pub(super) fn shown_estimate(estimate: &Estimate, w: &Words) -> String {
    estimate.likely.map_or_else(
        || w.price_unknown.into(),
        |likely| format!("≈ {}", span(likely)),
    )
}

pub(crate) fn span(cost: Span<Usd>) -> String {
    let (low, high) = (cost.low.shown(), cost.high.shown_up());
    if cost.low == cost.high || low == high {
        low
    } else {
        format!("{low} – {high}")
    }
}

pub(super) fn sure(certainty: Certainty, w: &Words) -> &'static str {
    match certainty {
        Certainty::Official => w.sure_official,
        Certainty::Measured => w.sure_measured,
        Certainty::Inferred => w.sure_inferred,
        Certainty::Unknown => w.sure_unknown,
    }
}
