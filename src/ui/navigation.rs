//! The bar on top: the views, and who draws.

use leptos::prelude::*;

use crate::domain::provider::Provider;
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::ui::controls::icon::{Glyph, Icon};
use crate::ui::use_words;

/// Links to the views that are built.
#[component]
pub fn Navigation() -> impl IntoView {
    let w = use_words();
    let view = expect_context::<RwSignal<View>>();
    let link = move |to: View| {
        let name = move || match to {
            View::Create => w().create,
            View::Library => w().library,
            View::Settings => w().settings,
        };
        let icon = match to {
            View::Create => Icon::Create,
            View::Library => Icon::Library,
            View::Settings => Icon::Settings,
        };
        view! {
            <a href=to.hash() aria-current=move || (view.get() == to).then_some("page")>
                <Glyph icon />
                <span>{name}</span>
            </a>
        }
    };
    view! {
        <nav class="views" aria-label=move || w().main>{View::ALL.map(link).collect_view()}</nav>
        <ProviderBadge />
    }
}

/// Who draws, and whether that costs anything: always in sight.
#[component]
fn ProviderBadge() -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let text = move || match settings.provider.get() {
        Provider::Practice => w().badge_practice,
        Provider::OpenAi if settings.key_shown().is_some() => w().badge_openai,
        Provider::OpenAi => w().badge_openai_no_key,
        Provider::Compatible => w().badge_compatible,
    };
    view! {
        <a class="badge" href=View::Settings.hash() data-provider=move || settings.provider.get().as_str()>
            {text}
        </a>
    }
}
