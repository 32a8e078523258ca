//! Sums as bars, with the figures beside or behind them: full where it is confirmed, outlined where it may have been billed.

use leptos::prelude::*;

use crate::domain::money::Usd;
use crate::domain::pricing::tokens::Span;
use crate::domain::spending::{Month, Sum};
use crate::ui::controls::bar::bar;
use crate::ui::{live, use_all_words};

/// Units of the drawing: a day's width and the height of the dearest day.
const DAY: usize = 20;
const HEIGHT: u64 = 120;

/// The days of a month as columns; the same as a table behind it.
pub(super) fn by_day(month: Memo<Month>) -> AnyView {
    let w = use_all_words();
    let columns = live(move || {
        let days = month.read().by_day.clone();
        let most = dearest(&days);
        let columns = days.iter().enumerate();
        columns
            .map(|(at, day)| column(at, day, most))
            .collect_view()
            .into_any()
    });
    let rows = live(move || {
        let days = month.read().by_day.clone();
        let days = days.into_iter().filter(|day| day.requests > 0);
        days.map(|day| figures(&day, None))
            .collect_view()
            .into_any()
    });
    let view_box = format!("0 0 {} {}", 31 * DAY, HEIGHT + 18);
    view! {
        <h2>{w.text(|w| w.by_day)}</h2>
        <svg class="by-day" viewBox=view_box role="img" aria-label=w.text(|w| w.by_day)>{columns}</svg>
        <details>
            <summary>{w.text(|w| w.as_table)}</summary>
            <table>{head(w.text(|w| w.day))}<tbody>{rows}</tbody></table>
        </details>
    }
    .into_any()
}

fn column(at: usize, day: &Sum, most: Usd) -> AnyView {
    let height = |amount: Usd| (amount.0.saturating_mul(HEIGHT) / most.0.max(1)).min(HEIGHT);
    let (sure, perhaps) = (height(day.confirmed), height(day.possible));
    let x = (at * DAY + 3).to_string();
    let middle = (at * DAY + DAY / 2).to_string();
    let bar = |class: &'static str, top: u64, height: u64| {
        (height > 0).then(|| {
            let (y, height) = (top.to_string(), height.to_string());
            view! { <rect class=class x=x.clone() y=y width="14" height=height /> }
        })
    };
    view! {
        {bar("sure", HEIGHT - sure, sure)}
        {bar("perhaps", HEIGHT.saturating_sub(sure + perhaps), perhaps.min(HEIGHT - sure))}
        <text x=middle y=(HEIGHT + 14).to_string()>{day.name.clone()}</text>
    }
    .into_any()
}

/// Sums by name, the dearest first, each with its bar.
pub(super) fn table(
    title: Signal<&'static str>,
    first: Signal<&'static str>,
    sums: Signal<Vec<Sum>>,
) -> AnyView {
    let rows = live(move || {
        let sums = sums.get();
        let most = dearest(&sums);
        sums.iter()
            .map(|sum| figures(sum, Some(most)))
            .collect_view()
            .into_any()
    });
    view! { <h2>{title}</h2> <table>{head(first)}<tbody>{rows}</tbody></table> }.into_any()
}

fn head(first: Signal<&'static str>) -> AnyView {
    let w = use_all_words();
    view! {
        <thead>
            <tr>
                <th scope="col">{first}</th>
                <th scope="col">{w.text(|w| w.pictures)}</th>
                <th scope="col">{w.text(|w| w.confirmed)}</th>
                <th scope="col">{w.text(|w| w.possible)}</th>
            </tr>
        </thead>
    }
    .into_any()
}

fn figures(sum: &Sum, most: Option<Usd>) -> AnyView {
    let bar = most.map(|most| bar(Span::new(sum.confirmed, sum.total()), most));
    view! {
        <tr>
            <th scope="row"><bdi>{sum.name.clone()}</bdi>{bar}</th>
            <td>{sum.pictures}</td>
            <td>{sum.confirmed.shown()}</td>
            <td>{sum.possible.shown_up()}</td>
        </tr>
    }
    .into_any()
}

fn dearest(sums: &[Sum]) -> Usd {
    sums.iter().map(Sum::total).max().unwrap_or_default()
}
