//! An amount that lies between two, as a bar.

use leptos::prelude::*;

use crate::domain::money::Usd;
use crate::domain::pricing::tokens::Span;

/// Full up to the least of it, outlined up to the most; `most` is as wide as there is room. The figures stand beside it.
#[must_use]
pub fn bar(amount: Span<Usd>, most: Usd) -> AnyView {
    let percent = |cost: Usd| {
        let permille = u128::from(cost.0) * 1000 / u128::from(most.0.max(1));
        format!("{}.{}%", permille / 10, permille % 10)
    };
    view! {
        <svg class="bar" aria-hidden="true">
            <rect class="bar-open" width=percent(amount.high) height="100%" />
            <rect width=percent(amount.low) height="100%" />
        </svg>
    }
    .into_any()
}
