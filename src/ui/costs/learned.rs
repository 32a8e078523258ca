//! What the bills taught: a table by model, and the switch for the line beside the price.

use leptos::prelude::*;

use crate::domain::correction::{Correction, LEAST_LEARNED};
use crate::state::ledger::Ledger;
use crate::state::words::{AllWords, fill};
use crate::ui::composer::price::span;
use crate::ui::controls::check::check;
use crate::ui::{derived, live, shown, use_all_words};

/// There as soon as there is a bill to learn from.
pub(super) fn learned() -> AnyView {
    let (w, ledger) = (use_all_words(), expect_context::<Ledger>());
    let is_any = derived(move || !ledger.learned.read().is_empty());
    let section = move || {
        let rows = live(move || {
            let w = w.now();
            let learned = ledger.learned.read();
            let rows = learned.iter().map(|one| row(one, w));
            rows.collect_view().into_any()
        });
        view! {
            <section>
                <h2>{w.text(|w| w.learned)}</h2>
                <p class="hint">{w.text(|w| w.learned_hint)}</p>
                <div class="wide-table learned" tabindex="0" role="region" aria-label=w.text(|w| w.learned)>
                    <table aria-label=w.text(|w| w.learned)>
                        <thead>
                            <tr>
                                <th scope="col">{w.text(|w| w.model)}</th>
                                <th scope="col">{w.text(|w| w.requests)}</th>
                                <th scope="col">{w.text(|w| w.difference)}</th>
                                <th scope="col">{w.text(|w| w.estimated_sum)}</th>
                                <th scope="col">{w.text(|w| w.billed_sum)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
                {check(w.text(|w| w.use_learned), ledger.uses_learned.into(), move |is_used| ledger.use_learned(is_used))}
                <p class="hint">{w.text(|w| w.use_learned_hint)}</p>
            </section>
        }
        .into_any()
    };
    shown(is_any, section)
}

fn row(learned: &Correction, w: &AllWords) -> AnyView {
    view! {
        <tr>
            <th scope="row"><bdi>{learned.model.clone()}</bdi><small>{how_sure(learned, w)}</small></th>
            <td>{learned.requests}</td>
            <td>{learned.difference.shown()}</td>
            <td>{span(learned.estimated)}</td>
            <td>{learned.billed.shown()}</td>
        </tr>
    }
    .into_any()
}

fn how_sure(learned: &Correction, w: &AllWords) -> String {
    let requests = learned.requests.to_string();
    if !learned.is_sure_enough() {
        let places = [("n", &*requests), ("least", &*LEAST_LEARNED.to_string())];
        return fill(w.sure_few, &places);
    }
    let (low, high) = (learned.spread.low.shown(), learned.spread.high.shown());
    let places = [("n", &*requests), ("low", &*low), ("high", &*high)];
    let text = if low == high {
        w.sure_same
    } else {
        w.sure_from
    };
    fill(text, &places)
}
