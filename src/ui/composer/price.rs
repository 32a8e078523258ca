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
use crate::ui::{derived, live, use_words};

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
            <span class="visually-hidden" aria-live="polite">{derived(move || spoken.get())}</span>
        </div>
    }
    .into_any()
}

/// The lines of the estimate.
pub fn breakdown() -> AnyView {
    let (w, composer) = (use_words(), expect_context::<Composer>());
    let rows = live(move || {
        let w = w.now();
        composer
            .estimate
            .read()
            .lines
            .iter()
            .map(|line| row(line, w))
            .collect_view()
            .into_any()
    });
    let sends = derived(move || match composer.estimate.read().requests {
        1 => String::new(),
        requests => fill(w.now().sent_as, &[("n", &requests.to_string())]),
    });
    let bound = derived(move || match composer.estimate.read().upper_bound {
        Some(bound) => fill(w.now().at_most, &[("most", &bound.shown_up())]),
        None => w.now().no_upper_bound.to_owned(),
    });
    let source = derived(move || {
        let catalogue = composer.catalogue.get();
        fill(
            w.now().prices_of,
            &[("date", &catalogue.version.to_string())],
        )
    });
    let text = derived(move || {
        if composer.counts_text_exactly() {
            w.now().text_is_exact
        } else {
            w.now().text_is_approximate
        }
    });
    view! {
        <section class="breakdown" aria-label=w.text(|w| w.cost_details)>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{w.text(|w| w.part)}</th>
                        <th scope="col">{w.text(|w| w.tokens)}</th>
                        <th scope="col">{w.text(|w| w.per_million)}</th>
                        <th scope="col">{w.text(|w| w.cost)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <p>{bound}</p>
            <p>{sends}</p>
            <p class="hint">{text}</p>
            <p class="hint">{source}</p>
            {explanation()}
        </section>
    }
    .into_any()
}

/// The three kinds of tokens, for somebody who never read a price page.
fn explanation() -> AnyView {
    let w = use_words();
    view! {
        <details>
            <summary>{w.text(|w| w.what_tokens_are)}</summary>
            <p>{w.text(|w| w.tokens_text)}</p>
            <p>{w.text(|w| w.tokens_given)}</p>
            <p>{w.text(|w| w.tokens_made)}</p>
            <p>{w.text(|w| w.tokens_sure)}</p>
        </details>
    }
    .into_any()
}

fn row(line: &Line, w: &Words) -> AnyView {
    let name = match line.kind {
        LineKind::PromptText => w.line_text,
        LineKind::GivenImages => w.line_given_images,
        LineKind::Pictures => w.line_pictures,
        LineKind::Previews => w.line_previews,
        LineKind::PublishedExtra => w.line_published_extra,
        LineKind::PerPicture => w.line_per_picture,
    };
    let tokens = line.tokens.map(|tokens| match tokens {
        Span { low, high } if low == high => low.to_string(),
        Span { low, high } => format!("{low} – {high}"),
    });
    view! {
        <tr>
            <th scope="row">{name}<small>{sure(line.certainty, w)}</small></th>
            <td>{tokens}</td>
            <td>{line.rate.map(|rate| rate.shown_per_million())}</td>
            <td>{span(line.cost)}</td>
        </tr>
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
