//! Settings: who draws, with which key, in which language and colours; and how to leave without a trace.

use leptos::prelude::*;

use crate::domain::provider::Provider;
use crate::state::archive::Archive;
use crate::state::composer::Composer;
use crate::state::leaving;
use crate::state::library::Library;
use crate::state::notices::{Message, Notices, address_advice};
use crate::state::settings::{Mood, Settings, Theme, UnsafePlace};
use crate::state::words::{Language, fill};
use crate::ui::controls::choice::{Choice, Choosable};
use crate::ui::use_words;

/// The view `#/settings`.
#[component]
pub fn SettingsView() -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let provider = settings.provider;
    view! {
        <section class="page settings-page">
            <h1>{move || w().settings}</h1>
            <section>
                <h2>{move || w().who_draws}</h2>
                <ProviderChoice />
                <Show when=move || provider.get() == Provider::Practice><MoodChoice /></Show>
                <Show when=move || provider.get() == Provider::Compatible><AddressField /></Show>
                <Show when=move || provider.get() != Provider::Practice><KeyForm /></Show>
            </section>
            <section>
                <h2>{move || w().appearance}</h2>
                <LanguageChoice />
                <ThemeChoice />
            </section>
            <Leaving />
        </section>
    }
}

#[component]
fn ProviderChoice() -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let choose = move |value: String| {
        settings
            .provider
            .set(Provider::parse(&value).unwrap_or_default())
    };
    let hint = move || match settings.provider.get() {
        Provider::Practice => w().practice_hint,
        Provider::OpenAi => w().openai_hint,
        Provider::Compatible => w().compatible_hint,
    };
    view! {
        <label class="field">
            <span>{move || w().provider}</span>
            <select
                aria-label=move || w().provider
                prop:value=move || settings.provider.get().as_str()
                on:change:target=move |event| choose(event.target().value())
            >
                <option value="practice">{move || w().provider_practice}</option>
                <option value="openai">"OpenAI"</option>
                <option value="compatible">{move || w().provider_compatible}</option>
            </select>
        </label>
        <p class="hint">{hint}</p>
    }
}

#[component]
fn MoodChoice() -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let name = move |mood: Mood| match mood {
        Mood::Obliging => w().mood_obliging,
        Mood::Slow => w().mood_slow,
        Mood::Refusing => w().mood_refusing,
        Mood::Dropping => w().mood_dropping,
    };
    let options = move || {
        let option = |mood: Mood| Choosable {
            value: mood.as_str().into(),
            label: name(mood).into(),
            note: None,
        };
        Mood::ALL.into_iter().map(option).collect::<Vec<_>>()
    };
    let choose = move |value: String| {
        settings.mood.set(
            Mood::ALL
                .into_iter()
                .find(|mood| mood.as_str() == value)
                .unwrap_or_default(),
        );
    };
    view! {
        <Choice
            label=Signal::derive(move || w().mood.into())
            group="mood"
            options=Signal::derive(options)
            value=Signal::derive(move || settings.mood.get().as_str().to_owned())
            choose=choose
        />
    }
}

#[component]
fn AddressField() -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let fault = move || {
        settings
            .target()?
            .err()
            .map(|fault| address_advice(&fault, w()))
    };
    view! {
        <label class="field">
            <span>{move || w().api_address}</span>
            <input
                type="url"
                autocomplete="off"
                spellcheck="false"
                aria-label=move || w().api_address
                prop:value=settings.address.get_untracked()
                on:input:target=move |event| settings.address.set(event.target().value())
            />
        </label>
        <p class="hint fault" role="status">{fault}</p>
    }
}

/// The key: typed, held in memory, shown by its last characters only.
#[component]
fn KeyForm() -> impl IntoView {
    let (w, settings, notices) = (
        use_words(),
        expect_context::<Settings>(),
        expect_context::<Notices>(),
    );
    let typed = NodeRef::<leptos::html::Input>::new();
    let origin = move || {
        settings
            .target()
            .and_then(Result::ok)
            .map(|address| address.origin().to_owned())
    };
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = typed.get_untracked() else {
            return;
        };
        settings.save_key(field.value());
        field.set_value("");
        if let (Some(origin), true) = (untrack(origin), untrack(|| settings.key_shown().is_some()))
        {
            notices.withdraw(|message| !matches!(message, Message::Trouble { .. }));
            notices.say(Message::KeySaved { origin });
        }
    };
    let forget = move |_| {
        settings.forget_key();
        notices.say(Message::KeyForgotten);
    };
    let goes_to = move || origin().map(|origin| fill(w().key_goes_to, &[("origin", &origin)]));
    let held = move || {
        settings
            .key_shown()
            .map(|last| fill(w().key_held, &[("last", &last)]))
    };
    let form = move || {
        view! {
            <form class="key" on:submit=save>
                <label class="field">
                    <span>{move || w().api_key}</span>
                    <input
                        type="password"
                        autocomplete="off"
                        spellcheck="false"
                        aria-label=move || w().api_key
                        node_ref=typed
                    />
                </label>
                <p class="hint">{goes_to}</p>
                <div class="row">
                    <button type="submit" class="quiet">{move || w().save_key}</button>
                    <Show when=move || settings.key_shown().is_some()>
                        <button type="button" class="quiet" on:click=forget>{move || w().forget_key}</button>
                    </Show>
                </div>
                <p class="hint">{held}</p>
                <p class="hint">{move || w().key_advice}</p>
            </form>
        }
    };
    let refused = move |place: UnsafePlace| match place {
        UnsafePlace::SharedOrigin => w().no_key_shared_origin,
        UnsafePlace::Framed => w().no_key_framed,
    };
    match settings.unsafe_place {
        None => form().into_any(),
        Some(place) => view! { <p class="hint fault">{move || refused(place)}</p> }.into_any(),
    }
}

#[component]
fn LanguageChoice() -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let choose = move |tag: String| settings.language.set(Language::choose(&[tag]));
    let option = |language: Language| view! { <option value=language.tag() lang=language.tag()>{language.own_name()}</option> };
    view! {
        <label class="field">
            <span>{move || w().language}</span>
            <select
                aria-label=move || w().language
                prop:value=move || settings.language.get().tag()
                on:change:target=move |event| choose(event.target().value())
            >
                {Language::ALL.map(option).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn ThemeChoice() -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let name = move |theme: Theme| match theme {
        Theme::System => w().theme_system,
        Theme::Light => w().theme_light,
        Theme::Dark => w().theme_dark,
    };
    let options = move || {
        let option = |theme: Theme| Choosable {
            value: theme.as_str().into(),
            label: name(theme).into(),
            note: None,
        };
        Theme::ALL.into_iter().map(option).collect::<Vec<_>>()
    };
    let choose = move |value: String| {
        settings.theme.set(
            Theme::ALL
                .into_iter()
                .find(|theme| theme.as_str() == value)
                .unwrap_or_default(),
        );
    };
    view! {
        <Choice
            label=Signal::derive(move || w().theme.into())
            group="theme"
            options=Signal::derive(options)
            value=Signal::derive(move || settings.theme.get().as_str().to_owned())
            choose=choose
        />
    }
}

/// Diagnostics to copy, and everything to erase, asked once.
#[component]
fn Leaving() -> impl IntoView {
    let (w, notices, archive) = (
        use_words(),
        expect_context::<Notices>(),
        expect_context::<Archive>(),
    );
    let (settings, library, composer) = (
        expect_context::<Settings>(),
        expect_context::<Library>(),
        expect_context::<Composer>(),
    );
    let asking = RwSignal::new(false);
    let copy = move |_| {
        leaving::copy_diagnostics(settings, library, &composer.catalogue.get_value(), notices)
    };
    view! {
        <section>
            <h2>{move || w().this_computer}</h2>
            <p class="hint">{move || w().diagnostics_hint}</p>
            <button type="button" class="quiet" on:click=copy>{move || w().copy_diagnostics}</button>
            <p class="hint">{move || w().erase_hint}</p>
            <Show
                when=move || asking.get()
                fallback=move || view! {
                    <button type="button" class="quiet danger" on:click=move |_| asking.set(true)>{move || w().erase_everything}</button>
                }
            >
                <p>{move || w().erase_sure}</p>
                <div class="row">
                    <button type="button" class="quiet danger" on:click=move |_| leaving::erase_everything(archive, notices)>
                        {move || w().erase_now}
                    </button>
                    <button type="button" class="quiet" on:click=move |_| asking.set(false)>{move || w().keep}</button>
                </div>
            </Show>
        </section>
    }
}
