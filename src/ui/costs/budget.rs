//! Budgets: the limits a person sets, and how much of each is left.

use leptos::prelude::*;

use crate::domain::date::Date;
use crate::domain::ledger::Budget;
use crate::domain::money::Usd;
use crate::domain::spending::{Month, month_of};
use crate::state::ledger::Ledger;
use crate::state::words::fill;
use crate::ui::{derived, shown, use_all_words, with_text};

/// The limits of a day, of a month and of one press of Generate, and the ceiling for requests whose price nobody knows.
pub(super) fn budgets(today: Date) -> AnyView {
    let (w, ledger) = (use_all_words(), expect_context::<Ledger>());
    let today = Memo::new(move |_| ledger.present_day(today));
    let month = Memo::new(move |_| Month::of(&ledger.days.read(), &month_of(today.get())));
    let day = derived(move || {
        let days = &month.read().by_day;
        days.get(usize::from(today.get().day) - 1)
            .map_or(Usd::ZERO, |day| day.total())
    });
    let all = derived(move || month.read().all.total());
    view! {
        <section>
            <h2>{w.text(|w| w.budgets)}</h2>
            <p class="hint">{w.text(|w| w.budgets_hint)}</p>
            {limit(w.text(|w| w.budget_day), |budget| &mut budget.day)}
            {left(day, |budget| budget.day)}
            {limit(w.text(|w| w.budget_month), |budget| &mut budget.month)}
            {left(all, |budget| budget.month)}
            {limit(w.text(|w| w.budget_batch), |budget| &mut budget.batch)}
            {limit(w.text(|w| w.ceiling), |budget| &mut budget.ceiling)}
            <p class="hint">{w.text(|w| w.ceiling_hint)}</p>
        </section>
    }
    .into_any()
}

/// A field for dollars; an empty one is no limit.
fn limit(label: Signal<&'static str>, pick: fn(&mut Budget) -> &mut Option<Usd>) -> AnyView {
    let (w, ledger) = (use_all_words(), expect_context::<Ledger>());
    let mut now = ledger.budget.get_untracked();
    let value = pick(&mut now).map(Usd::decimal).unwrap_or_default();
    let is_wrong = RwSignal::new(false);
    let typed = move |text: String| {
        let text = text.trim().trim_start_matches('$');
        let limit = Usd::parse(text).filter(|limit| limit.0 > 0);
        is_wrong.set(!text.is_empty() && limit.is_none());
        if !is_wrong.get_untracked() {
            ledger.set_budget(|budget| *pick(budget) = limit);
        }
    };
    view! {
        <label class="field number">
            <span>{label}</span>
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                aria-label=label
                aria-invalid=derived(move || is_wrong.get().to_string())
                value=value
                on:input:target=with_text(typed)
            />
        </label>
        {shown(is_wrong.into(), move || view! { <p class="hint fault" role="status">{w.text(|w| w.not_an_amount)}</p> }.into_any())}
    }
    .into_any()
}

/// How much of a limit is used.
fn left(spent: Signal<Usd>, pick: fn(&Budget) -> Option<Usd>) -> AnyView {
    let (w, ledger) = (use_all_words(), expect_context::<Ledger>());
    let limit = derived(move || pick(&ledger.budget.read()));
    let text = derived(move || {
        let limit = limit.get().unwrap_or_default();
        let places = [
            ("spent", &*spent.get().shown_up()),
            ("limit", &*limit.shown()),
        ];
        fill(w.now().spent_of, &places)
    });
    let percent = derived(move || {
        let most = limit.get().unwrap_or_default().0.max(1);
        (spent.get().0.saturating_mul(100) / most)
            .min(100)
            .to_string()
    });
    shown(derived(move || limit.get().is_some()), move || {
        view! {
            <div class="budget-left">
                <progress max="100" value=percent aria-label=text></progress>
                <small>{text}</small>
            </div>
        }
        .into_any()
    })
}
