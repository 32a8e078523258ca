//! The bar on top: the views, and who draws.

use leptos::prelude::*;

use crate::domain::provider::Provider;
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::ui::controls::icon::{Icon, glyph};
use crate::ui::{derived, use_words};

/// Links to the views that are built, and the badge of the provider.
pub fn navigation() -> AnyView {
    let w = use_words();
    let links = View::ALL.map(link).collect_view();
    view! { <nav class="views" aria-label=w.text(|w| w.main)>{links}</nav> {provider_badge()} }
        .into_any()
}

fn link(to: View) -> AnyView {
    let (w, view) = (use_words(), expect_context::<RwSignal<View>>());
    let (icon, name) = match to {
        View::Create => (Icon::Create, w.text(|w| w.create)),
        View::Library => (Icon::Library, w.text(|w| w.library)),
        View::Costs => (Icon::Costs, w.text(|w| w.costs)),
        View::Settings => (Icon::Settings, w.text(|w| w.settings)),
    };
    let current = derived(move || (view.get() == to).then_some("page"));
    view! { <a href=to.hash() aria-current=current>{glyph(icon)} <span>{name}</span></a> }
        .into_any()
}

/// Who draws, and whether that costs anything: always in sight.
fn provider_badge() -> AnyView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let text = derived(move || match settings.provider.get() {
        Provider::Practice => w.now().badge_practice,
        Provider::OpenAi if settings.key_shown().is_some() => w.now().badge_openai,
        Provider::OpenAi => w.now().badge_openai_no_key,
        Provider::Compatible => w.now().badge_compatible,
    });
    let provider = derived(move || settings.provider.get().as_str());
    view! { <a class="badge" href=View::Settings.hash() data-provider=provider>{text}</a> }
        .into_any()
}
