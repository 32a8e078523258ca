//! Which prices are in use, a newer file in their place, and what it would change, seen first.

use leptos::prelude::*;
use leptos::web_sys::File;

use crate::domain::money::Usd;
use crate::domain::price_file::{Changes, Repriced};
use crate::state::prices::{Origin, Prices};
use crate::state::words::{AllWords, fill};
use crate::ui::controls::file::file_button;
use crate::ui::controls::icon::word_button;
use crate::ui::{derived, live, shown, use_all_words};

/// The data that this copy brings, beside the app.
const TEMPLATE: &str = "models.json";
/// So many are named; of the others, the number is.
const MOST_NAMED: usize = 5;

/// The section of Settings.
pub(super) fn prices() -> AnyView {
    let (w, prices) = (use_all_words(), expect_context::<Prices>());
    let in_use = derived(move || {
        let (date, w) = (prices.version().to_string(), w.now());
        match prices.origin.get() {
            Origin::BuiltIn => fill(w.prices_built_in, &[("date", &date)]),
            Origin::File { name, loaded } => fill(
                w.prices_loaded,
                &[
                    ("date", &date),
                    ("day", &loaded.to_string()),
                    ("name", &name),
                ],
            ),
        }
    });
    let is_loaded = derived(move || *prices.origin.read() != Origin::BuiltIn);
    let back = move || word_button("quiet", w.text(|w| w.prices_back), move || prices.go_back());
    view! {
        <section>
            <h2>{w.text(|w| w.prices)}</h2>
            <p>{in_use}</p>
            <p class="hint">
                {w.text(|w| w.prices_hint)} " "
                <a href=TEMPLATE download=TEMPLATE>{w.text(|w| w.prices_template)}</a>
            </p>
            <div class="row">{chooser(prices)} {shown(is_loaded, back)}</div>
            <div role="status">{live(move || proposal(prices))}</div>
        </section>
    }
    .into_any()
}

fn chooser(prices: Prices) -> AnyView {
    let w = use_all_words();
    let take = move |files: Vec<File>| files.into_iter().for_each(|file| prices.propose(file));
    file_button(
        w.text(|w| w.load_prices),
        ".json,application/json",
        false,
        take,
    )
}

/// What the file that was chosen would change, and the two answers to it.
fn proposal(prices: Prices) -> AnyView {
    let w = use_all_words();
    let proposed = prices.proposal.get();
    proposed
        .map(|proposed| {
            let title = fill(w.now().prices_proposed, &[("name", proposed.name())]);
            let changes = told(&proposed.changes, w.now());
            view! {
                <div class="proposal">
                    <h3>{title}</h3>
                    <ul>{changes}</ul>
                    <div class="row">
                        {word_button("primary", w.text(|w| w.use_prices), move || prices.accept())}
                        {word_button("quiet", w.text(|w| w.keep_prices), move || prices.decline())}
                    </div>
                </div>
            }
        })
        .into_any()
}

fn told(changes: &Changes, w: &AllWords) -> AnyView {
    let (from, to) = (changes.from.to_string(), changes.to.to_string());
    let dates = Some(fill(w.prices_from_to, &[("from", &from), ("to", &to)]));
    let named = |text, models: &[String]| {
        let models = (!models.is_empty()).then(|| enumerated(models, w));
        models.map(|models| fill(text, &[("models", &models)]))
    };
    let is_same = changes.are_none();
    let lines = [
        dates,
        named(w.prices_added, &changes.added),
        named(w.prices_removed, &changes.removed),
        named(w.prices_altered, &changes.altered),
        is_same.then(|| w.prices_same.to_owned()),
    ];
    let repriced = &changes.repriced;
    let rows = repriced.iter().take(MOST_NAMED);
    let rows = rows.map(|model| repriced_row(model, w));
    let rows = rows.chain(and_more(repriced.len(), w));
    let prices = (!repriced.is_empty()).then(|| {
        let title = fill(w.prices_repriced, &[("n", &repriced.len().to_string())]);
        view! { <li>{title} <ul>{items(rows)}</ul></li> }
    });
    view! { {items(lines.into_iter().flatten())} {prices} }.into_any()
}

fn items(lines: impl Iterator<Item = String>) -> AnyView {
    let items: Vec<_> = lines.map(|line| view! { <li>{line}</li> }).collect();
    items.into_any()
}

fn repriced_row(repriced: &Repriced, w: &AllWords) -> String {
    let Repriced {
        model,
        before,
        after,
    } = repriced;
    if before == after {
        // Another of its prices is different.
        return model.clone();
    }
    let price = |price: &Option<Usd>| price.map_or(w.price_unknown.into(), Usd::shown_up);
    fill(
        w.prices_repriced_row,
        &[
            ("before", &price(before)),
            ("after", &price(after)),
            ("model", model),
        ],
    )
}

fn enumerated(names: &[String], w: &AllWords) -> String {
    let first = names.iter().take(MOST_NAMED).cloned();
    let all: Vec<_> = first.chain(and_more(names.len(), w)).collect();
    all.join(", ")
}

fn and_more(all: usize, w: &AllWords) -> Option<String> {
    let more = all.saturating_sub(MOST_NAMED);
    (more > 0).then(|| fill(w.and_more, &[("n", &more.to_string())]))
}
