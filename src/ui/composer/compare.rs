//! What else the request would cost: a table with bars below the breakdown, one press to switch. Comes with the second file.

use leptos::prelude::*;

use crate::domain::model::Certainty;
use crate::domain::pricing::compare::{Advantage, Alternative, Difference, Hint, Scope};
use crate::domain::request::{ImageRequest, Parameter};
use crate::domain::size::Size;
use crate::state::composer::Composer;
use crate::state::words::{AllWords, fill};
use crate::ui::composer::parameters::value_label;
use crate::ui::composer::price::{shown_estimate, span, sure};
use crate::ui::controls::bar::bar;
use crate::ui::controls::choice::{Choosable, choice};
use crate::ui::{derived, live, press, shown, use_all_words};

/// There while Cost details is open.
pub fn comparison() -> AnyView {
    let composer = expect_context::<Composer>();
    shown(composer.shows_costs.into(), section)
}

fn section() -> AnyView {
    let (w, composer) = (use_all_words(), expect_context::<Composer>());
    let scope = RwSignal::new(Scope::default());
    let rows = Memo::new(move |_| composer.compare(|all| all.across(scope.get())));
    let hints = Memo::new(move |_| composer.compare(|all| all.hints()));
    let hints = live(move || hints.get().into_iter().map(hint).collect_view().into_any());
    let places = derived(move || (0..rows.read().len()).collect::<Vec<_>>());
    view! {
        <section class="breakdown compare" aria-labelledby="compare-title">
            <h2 id="compare-title">{w.text(|w| w.compare)}</h2>
            <ul class="compare-hints">{hints}</ul>
            {scope_choice(scope)}
            <table aria-labelledby="compare-title">
                <thead class="visually-hidden">
                    <tr>
                        <th scope="col">{w.text(|w| w.part)}</th>
                        <th scope="col">{w.text(|w| w.cost)}</th>
                        <th scope="col">{w.text(|w| w.use_this)}</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || places.get() key=|at| *at children=move |at| row(rows, at) />
                </tbody>
            </table>
            <p class="hint">{w.text(|w| w.compare_note)}</p>
        </section>
    }
    .into_any()
}

fn scope_choice(scope: RwSignal<Scope>) -> AnyView {
    let w = use_all_words();
    let options = derived(move || {
        let w = w.now();
        let option = |scope: Scope| Choosable {
            value: scope.as_str().into(),
            label: match scope {
                Scope::Models => w.compare_models,
                Scope::Qualities => w.compare_qualities,
                Scope::Sizes => w.compare_sizes,
            }
            .into(),
            note: None,
        };
        Scope::ALL.map(option).to_vec()
    });
    let choose = move |value: String| {
        let chosen = Scope::ALL.into_iter().find(|scope| scope.as_str() == value);
        scope.set(chosen.unwrap_or_default());
    };
    let value = derived(move || scope.get().as_str().to_owned());
    choice(w.text(|w| w.compare_by), "compare", options, value, choose)
}

/// The row at a place of the table: it stays where it is, and with it the focus, when the prices change.
fn row(rows: Memo<Vec<Alternative>>, at: usize) -> AnyView {
    let (w, composer) = (use_all_words(), expect_context::<Composer>());
    let here = Memo::new(move |_| rows.read().get(at).cloned());
    let is_present = derived(move || here.read().as_ref().is_some_and(|row| row.is_present));
    let of = move |text: fn(&Alternative, &AllWords) -> String| {
        derived(move || {
            let w = w.now();
            here.read()
                .as_ref()
                .map(|row| text(row, w))
                .unwrap_or_default()
        })
    };
    let most = derived(move || {
        let rows = rows.read();
        let likely = rows.iter().filter_map(|row| row.estimate.likely);
        likely.map(|likely| likely.high).max().unwrap_or_default()
    });
    let bar = live(move || {
        let likely = here.read().as_ref().and_then(|row| row.estimate.likely);
        likely.map(|likely| bar(likely, most.get())).into_any()
    });
    let take = move || {
        if let Some(row) = here.get_untracked() {
            composer.switch(&row.request);
        }
    };
    let name = of(|row, w| {
        let word = if row.is_present { w.in_use } else { w.use_this };
        format!("{word} {}", plain_name(&row.request))
    });
    let word = derived(move || {
        let w = w.now();
        if is_present.get() {
            w.in_use
        } else {
            w.use_this
        }
    });
    view! {
        <tr aria-current=derived(move || is_present.get().then_some("true"))>
            <th scope="row">
                {of(|row, _| row.request.model.clone())}
                <small>{of(|row, w| settings(&row.request, w))}</small>
                {bar}
            </th>
            <td>
                {of(|row, w| shown_estimate(&row.estimate, w))}
                <small>{of(compared)}</small>
                <small>{of(|row, w| doubt(row, w).into())}</small>
            </td>
            <td>
                <button
                    type="button"
                    class="quiet"
                    aria-label=name
                    aria-disabled=derived(move || is_present.get().then_some("true"))
                    on:click=press(take)
                >
                    {word}
                </button>
            </td>
        </tr>
    }
    .into_any()
}

fn hint(hint: Hint) -> AnyView {
    let (w, composer) = (use_all_words(), expect_context::<Composer>());
    let Hint { advantage, to } = hint;
    let request = to.request.clone();
    let text = derived(move || {
        let w = w.now();
        let text = match advantage {
            Advantage::MorePixels => w.hint_pixels,
            Advantage::SameTokens => w.hint_tokens,
            Advantage::HigherStep => w.hint_step,
        };
        let request = &to.request;
        let difference = to.difference.map(|difference| words(difference, w));
        fill(
            text,
            &[
                ("model", &request.model),
                ("quality", &quality(request, w)),
                ("size", &request.size.to_string()),
                ("difference", &difference.unwrap_or_default()),
            ],
        )
    });
    let name = plain_name(&request);
    let name = derived(move || format!("{} {name}", w.now().use_this));
    view! {
        <li>
            {text}
            <button type="button" class="quiet" aria-label=name on:click=press(move || composer.switch(&request))>
                {w.text(|w| w.use_this)}
            </button>
        </li>
    }
    .into_any()
}

/// As the API knows it.
fn plain_name(request: &ImageRequest) -> String {
    let ImageRequest {
        model,
        quality,
        size,
        ..
    } = request;
    format!("{model}, {quality}, {size}")
}

fn quality(request: &ImageRequest, w: &AllWords) -> String {
    let value = &request.quality;
    value_label(Parameter::Quality, value, w).map_or_else(|| value.clone(), str::to_owned)
}

fn settings(request: &ImageRequest, w: &AllWords) -> String {
    let size = match request.size {
        Size::Auto => w.value_auto.to_owned(),
        size @ Size::Pixels(_) => size.to_string(),
    };
    format!("{}, {size}", quality(request, w))
}

fn doubt(row: &Alternative, w: &AllWords) -> &'static str {
    if row.estimate.certainty == Certainty::Unknown && row.estimate.likely.is_some() {
        sure(Certainty::Unknown, w)
    } else {
        ""
    }
}

fn compared(row: &Alternative, w: &AllWords) -> String {
    match row.difference {
        Some(difference) if !row.is_present => words(difference, w),
        _ => String::new(),
    }
}

/// Says beside the successor of the chosen model what the move costs.
pub fn price_successor(composer: Composer) {
    let w = use_all_words();
    Effect::new(move |_| {
        let w = w.now();
        let to = composer.compare(|all| all.succession());
        let costs = to.map(|to| match to.difference {
            Some(difference) => fill(w.per_request, &[("difference", &words(difference, w))]),
            None => w.price_unknown.to_owned(),
        });
        composer.successor_costs.set(costs.unwrap_or_default());
    });
}

/// A difference in words.
fn words(difference: Difference, w: &AllWords) -> String {
    match difference {
        Difference::Same => w.same_price.into(),
        Difference::Less(amount) => fill(w.costs_less, &[("amount", &span(amount))]),
        Difference::More(amount) => fill(w.costs_more, &[("amount", &span(amount))]),
        Difference::Between { less, more } => fill(
            w.less_or_more,
            &[("less", &less.shown_up()), ("more", &more.shown_up())],
        ),
    }
}
