//! The price beside Generate, and what it is made of.

use leptos::prelude::*;

use crate::domain::model::Certainty;
use crate::domain::money::Usd;
use crate::domain::pricing::tokens::Span;
use crate::domain::pricing::{Estimate, Line, LineKind};
use crate::domain::provider::Provider;
use crate::state::composer::Composer;
use crate::state::settings::Settings;
use crate::state::time::quiet;
use crate::state::words::{Words, fill};
use crate::ui::use_words;

/// How long nothing must change before a screen reader is told, in milliseconds.
const QUIET_MILLIS: u32 = 1_000;

/// The price of what is composed, changing with every setting.
#[component]
pub fn Price() -> impl IntoView {
    let (w, composer, settings) = (
        use_words(),
        expect_context::<Composer>(),
        expect_context::<Settings>(),
    );
    let text = Memo::new(move |_| shown(&composer.estimate.read(), w()));
    let is_free = move || settings.provider.get() == Provider::Practice;
    let note = move || {
        if is_free() {
            w().price_practice
        } else {
            sure(composer.estimate.read().certainty, w())
        }
    };
    let spoken = quiet(Signal::derive(move || text.get()), QUIET_MILLIS);
    view! {
        <div class="price">
            <output role="status" aria-live="off" aria-label=move || w().estimated_cost class:free=is_free>
                {move || text.get()}
            </output>
            <small>{note}</small>
            <span class="visually-hidden" aria-live="polite">{move || spoken.get()}</span>
        </div>
    }
}

/// The lines of the estimate.
#[component]
pub fn Breakdown() -> impl IntoView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let rows = move || {
        let w = w();
        let estimate = composer.estimate.read();
        estimate
            .lines
            .iter()
            .map(|line| row(line, w))
            .collect_view()
    };
    let sends = move || {
        let requests = composer.estimate.read().requests;
        (requests > 1).then(|| fill(w().sent_as, &[("n", &requests.to_string())]))
    };
    let bound = move || match composer.estimate.read().upper_bound {
        Some(bound) => fill(w().at_most, &[("most", &bound.shown_up())]),
        None => w().no_upper_bound.to_owned(),
    };
    let source = move || {
        let catalogue = composer.catalogue.get_value();
        fill(w().prices_of, &[("date", &catalogue.version.to_string())])
    };
    view! {
        <section class="breakdown" aria-label=move || w().cost_details>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{move || w().part}</th>
                        <th scope="col">{move || w().tokens}</th>
                        <th scope="col">{move || w().per_million}</th>
                        <th scope="col">{move || w().cost}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p>{bound}</p>
            <p>{sends}</p>
            <p class="hint">{move || w().text_is_approximate}</p>
            <p class="hint">{source}</p>
        </section>
    }
}

fn row(line: &Line, w: &Words) -> impl IntoView + use<> {
    let name = match line.kind {
        LineKind::PromptText => w.line_text,
        LineKind::Pictures => w.line_pictures,
        LineKind::Previews => w.line_previews,
        LineKind::PublishedExtra => w.line_published_extra,
        LineKind::PerPicture => w.line_per_picture,
    };
    let tokens = line.tokens.map(|tokens| {
        if tokens.low == tokens.high {
            tokens.low.to_string()
        } else {
            format!("{} – {}", tokens.low, tokens.high)
        }
    });
    view! {
        <tr>
            <th scope="row">{name}<small>{sure(line.certainty, w)}</small></th>
            <td>{tokens}</td>
            <td>{line.rate.map(|rate| rate.shown_per_million())}</td>
            <td>{span(line.cost)}</td>
        </tr>
    }
}

fn shown(estimate: &Estimate, w: &Words) -> String {
    estimate.likely.map_or_else(
        || w.price_unknown.into(),
        |likely| format!("≈ {}", span(likely)),
    )
}

fn span(cost: Span<Usd>) -> String {
    let (low, high) = (cost.low.shown(), cost.high.shown_up());
    if cost.low == cost.high || low == high {
        low
    } else {
        format!("{low} – {high}")
    }
}

fn sure(certainty: Certainty, w: &Words) -> &'static str {
    match certainty {
        Certainty::Official => w.sure_official,
        Certainty::Measured => w.sure_measured,
        Certainty::Inferred => w.sure_inferred,
        Certainty::Unknown => w.sure_unknown,
    }
}
