//! What the price is made of, below it. Comes with the second file.

use leptos::prelude::*;

use crate::domain::pricing::tokens::Span;
use crate::domain::pricing::{Line, LineKind};
use crate::state::composer::Composer;
use crate::state::words::{AllWords, fill};
use crate::ui::composer::price::{span, sure};
use crate::ui::{derived, live, shown, use_all_words};

/// The lines of the estimate, while Cost details is open.
pub fn breakdown() -> AnyView {
    let composer = expect_context::<Composer>();
    shown(composer.shows_costs.into(), lines)
}

fn lines() -> AnyView {
    let (w, composer) = (use_all_words(), expect_context::<Composer>());
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
    let w = use_all_words();
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

fn row(line: &Line, w: &AllWords) -> AnyView {
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
