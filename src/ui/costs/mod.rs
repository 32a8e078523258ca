//! Costs: a month at a glance, budgets, and what became of each request.

mod budget;
mod chart;
mod learned;

use leptos::prelude::*;

use crate::domain::account::{Account, Standing};
use crate::domain::date::Date;
use crate::domain::ledger::Day;
use crate::domain::pricing::tokens::Span;
use crate::domain::spending::{Month, Sum, month_of, months};
use crate::state::archive::Archive;
use crate::state::composer::Composer;
use crate::state::ledger::Ledger;
use crate::state::notices::Notices;
use crate::state::restored;
use crate::state::settings::Settings;
use crate::state::time::shown_time;
use crate::state::words::{AllWords, fill};
use crate::ui::composer::price::span;
use crate::ui::controls::icon::word_button;
use crate::ui::controls::select::select;
use crate::ui::{derived, live, shown, use_all_words};

/// The view `#/costs`.
pub fn costs_view() -> AnyView {
    let (w, ledger) = (use_all_words(), expect_context::<Ledger>());
    ledger.follow();
    let today = expect_context::<Composer>().today;
    let chosen = RwSignal::new(month_of(today));
    let restored = restored::days(expect_context::<Archive>(), expect_context::<Notices>());
    let month = Memo::new(move |_| Month::of(&ledger.days.read(), &chosen.read()));
    let is_empty = derived(move || month.read().all.requests == 0);
    let parts = move || {
        view! {
            {chart::by_day(month)}
            {chart::table(w.text(|w| w.by_model), w.text(|w| w.model), derived(move || month.read().by_model.clone()))}
            {chart::table(w.text(|w| w.by_quality), w.text(|w| w.quality), derived(move || month.read().by_quality.clone()))}
        }
        .into_any()
    };
    view! {
        <section class="page costs-page">
            <h1>{w.text(|w| w.costs)}</h1>
            <section>
                {month_choice(chosen, restored, month_of(today))}
                {glance(month)}
                <p class="hint">{derived(move || from_backups(&Month::of(&restored.read(), &chosen.read()).all, w.now()))}</p>
                {shown(derived(move || !is_empty.get()), parts)}
                {shown(is_empty, move || view! { <p class="empty">{w.text(|w| w.nothing_spent)}</p> }.into_any())}
            </section>
            {budget::budgets(today)}
            {learned::learned()}
            {latest()}
        </section>
    }
    .into_any()
}

fn month_choice(
    chosen: RwSignal<String>,
    restored: RwSignal<Vec<(Date, Day)>>,
    this_month: String,
) -> AnyView {
    let (w, ledger) = (use_all_words(), expect_context::<Ledger>());
    let options = live(move || {
        let mut all = months(&[&ledger.days.read(), &restored.read()]);
        if !all.contains(&this_month) {
            all.insert(0, this_month.clone());
        }
        let option = |month: String| {
            let selected = *chosen.read_untracked() == month;
            view! { <option value=month.clone() selected=selected>{month.clone()}</option> }
        };
        all.into_iter().map(option).collect_view().into_any()
    });
    let choose = move |month: String| chosen.set(month);
    select(w.text(|w| w.month_utc), chosen.into(), options, choose)
}

/// The month in one figure, and what is in doubt beside it.
fn glance(month: Memo<Month>) -> AnyView {
    let w = use_all_words();
    let confirmed = derived(move || month.read().all.confirmed.shown());
    let counts = derived(move || {
        let Month { all, .. } = &*month.read();
        let places = [
            ("requests", &*all.requests.to_string()),
            ("pictures", &*all.pictures.to_string()),
        ];
        fill(w.now().requests_and_pictures, &places)
    });
    let doubt = derived(move || doubt(&month.read().all, w.now()));
    view! {
        <p class="costs-total">{confirmed}</p>
        <p class="hint">{counts}</p>
        <p class="hint fault">{doubt}</p>
    }
    .into_any()
}

/// What other copies of the app spent, in words; nothing where no backup says any of that month.
fn from_backups(sum: &Sum, w: &AllWords) -> String {
    if sum.requests == 0 {
        return String::new();
    }
    let places = [
        ("sum", &*sum.confirmed.shown()),
        ("requests", &*sum.requests.to_string()),
    ];
    let known = fill(w.from_backups, &places);
    format!("{known} {}", doubt(sum, w)).trim_end().to_owned()
}

/// What may have been billed, in words; nothing where nothing is in doubt.
fn doubt(sum: &Sum, w: &AllWords) -> String {
    let most = (sum.possible.0 > 0).then(|| {
        fill(
            w.billed_possible_up_to,
            &[("most", &sum.possible.shown_up())],
        )
    });
    let unknown = (sum.unbounded > 0)
        .then(|| fill(w.unbounded_requests, &[("n", &sum.unbounded.to_string())]));
    most.into_iter()
        .chain(unknown)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The latest requests, with estimate and bill side by side.
fn latest() -> AnyView {
    let (w, ledger) = (use_all_words(), expect_context::<Ledger>());
    let is_any = derived(move || !ledger.latest.read().is_empty());
    let table = move || {
        view! {
            <section>
                <h2>{w.text(|w| w.latest_requests)}</h2>
                <div class="wide-table" tabindex="0" role="region" aria-label=w.text(|w| w.latest_requests)>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">{w.text(|w| w.made)}</th>
                                <th scope="col">{w.text(|w| w.model)}</th>
                                <th scope="col">{w.text(|w| w.estimate)}</th>
                                <th scope="col">{w.text(|w| w.bill)}</th>
                            </tr>
                        </thead>
                        <tbody>{latest_rows()}</tbody>
                    </table>
                </div>
                <div class="row">
                    {word_button("quiet", w.text(|w| w.download_csv), move || ledger.download_csv())}
                </div>
            </section>
        }
        .into_any()
    };
    shown(is_any, table)
}

fn latest_rows() -> AnyView {
    let (w, ledger, settings) = (
        use_all_words(),
        expect_context::<Ledger>(),
        expect_context::<Settings>(),
    );
    live(move || {
        let (w, language) = (w.now(), settings.language.get());
        let row = |account: &Account| {
            let time = shown_time(account.at, language);
            row(account, time, w)
        };
        ledger
            .latest
            .read()
            .iter()
            .map(row)
            .collect_view()
            .into_any()
    })
}

fn row(account: &Account, time: String, w: &AllWords) -> AnyView {
    let reservation = &account.reservation;
    let what = format!(
        "{} · {} · {} · {}",
        reservation.model, reservation.quality, reservation.size, reservation.n
    );
    let estimate = reservation.likely.map_or_else(
        || w.price_unknown.to_owned(),
        |[low, high]| span(Span::new(low, high)),
    );
    let bill = match account.standing() {
        Standing::Billed(cost) => cost.shown(),
        Standing::NotBilled => w.not_billed.to_owned(),
        Standing::Possible(Some(most)) => fill(w.perhaps_up_to, &[("most", &most.shown_up())]),
        Standing::Possible(None) => w.billed_possible.to_owned(),
    };
    view! {
        <tr>
            <td>{time}</td>
            <th scope="row"><bdi>{what}</bdi></th>
            <td>{estimate}</td>
            <td>{bill}</td>
        </tr>
    }
    .into_any()
}
