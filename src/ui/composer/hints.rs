//! What the models are known to do badly with such a prompt: said quietly, once, and put away for good.

use leptos::prelude::*;

use crate::domain::limits::Limit;
use crate::state::hints::Hints;
use crate::state::words::AllWords;
use crate::ui::controls::icon::{Icon, icon_button};
use crate::ui::{live, use_all_words};

/// The hints on what is being typed; there are none, as a rule.
pub fn hints() -> AnyView {
    let (w, hints) = (use_all_words(), expect_context::<Hints>());
    let met = Memo::new(move |_| hints.now());
    let item = move |limit: Limit| {
        let text = w.text(words_of(limit));
        view! {
            <li>
                <span>{text}</span>
                {icon_button(Icon::Close, w.text(|w| w.say_no_more), move || hints.dismiss(limit))}
            </li>
        }
    };
    let list = live(move || {
        let met = met.get();
        let is_any = !met.is_empty();
        let items = met.into_iter().map(item).collect_view();
        is_any
            .then(|| view! { <ul class="hints" aria-label=w.text(|w| w.good_to_know)>{items}</ul> })
            .into_any()
    });
    view! { <div aria-live="polite">{list}</div> }.into_any()
}

fn words_of(limit: Limit) -> fn(&'static AllWords) -> &'static str {
    match limit {
        Limit::HardText => |w| w.limit_hard_text,
        Limit::OtherScript => |w| w.limit_other_script,
        Limit::ExactCount => |w| w.limit_exact_count,
        Limit::ExactPosition => |w| w.limit_exact_position,
        Limit::Medical => |w| w.limit_medical,
    }
}
