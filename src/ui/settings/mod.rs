//! Settings: who draws, with which key, in which language and colours; and how to leave without a trace.

mod backup;
mod folder;
mod key;
mod leaving;
mod offline;
mod prices;
mod storage;
mod waiting;

use leptos::prelude::*;

use crate::domain::provider::Provider;
use crate::state::composer::Composer;
use crate::state::listing::{ask_for_models, look_once_a_day};
use crate::state::lists::Lists;
use crate::state::notices::{Notices, address_advice};
use crate::state::settings::{Mood, Settings, Theme};
use crate::state::words::{Language, fill};
use crate::ui::controls::check::switch;
use crate::ui::controls::choice::{Choosable, choice};
use crate::ui::controls::select::select;
use crate::ui::{derived, press, shown, use_all_words, with_text};

/// The view `#/settings`.
pub fn settings_view() -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let is = move |provider: Provider| derived(move || settings.provider.get() == provider);
    let is_remote = derived(move || settings.provider.get() != Provider::Practice);
    let can_list = derived(move || match settings.provider.get() {
        Provider::Practice => false,
        Provider::OpenAi => settings.key_shown().is_some(),
        Provider::Compatible => matches!(settings.target(), Some(Ok(_))),
    });
    view! {
        <section class="page settings-page">
            <h1>{w.text(|w| w.settings)}</h1>
            <section>
                <h2>{w.text(|w| w.who_draws)}</h2>
                {provider_choice()}
                {shown(is(Provider::Practice), mood_choice)}
                {shown(is(Provider::Compatible), address_field)}
                {shown(is_remote, key::key_form)}
                {shown(can_list, models_button)}
                {shown(is_remote, daily_look)}
            </section>
            {prices::prices()}
            <section>
                <h2>{w.text(|w| w.appearance)}</h2>
                {language_choice()}
                {theme_choice()}
            </section>
            {offline::offline()}
            {storage::storage()}
            {backup::backup()}
            {folder::folder()}
            {leaving::leaving()}
        </section>
    }
    .into_any()
}

fn provider_choice() -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let choose = move |value: String| {
        settings
            .provider
            .set(Provider::parse(&value).unwrap_or_default());
    };
    let hint = derived(move || match settings.provider.get() {
        Provider::Practice => w.now().practice_hint,
        Provider::OpenAi => w.now().openai_hint,
        Provider::Compatible => w.now().compatible_hint,
    });
    let value = derived(move || settings.provider.get().as_str().to_owned());
    let option = move |provider: Provider| {
        let name = derived(move || match provider {
            Provider::Practice => w.now().provider_practice,
            Provider::OpenAi => "OpenAI",
            Provider::Compatible => w.now().provider_compatible,
        });
        let selected = settings.provider.get_untracked() == provider;
        view! { <option value=provider.as_str() selected=selected>{name}</option> }
    };
    let options = Provider::ALL.map(option).collect_view();
    view! {
        {select(w.text(|w| w.provider), value, options.into_any(), choose)}
        <p class="hint">{hint}</p>
    }
    .into_any()
}

fn mood_choice() -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let options = derived(move || {
        let w = w.now();
        let name = |mood: Mood| match mood {
            Mood::Obliging => w.mood_obliging,
            Mood::Slow => w.mood_slow,
            Mood::Refusing => w.mood_refusing,
            Mood::Dropping => w.mood_dropping,
        };
        Mood::ALL
            .into_iter()
            .map(|mood| option(mood.as_str(), name(mood)))
            .collect::<Vec<_>>()
    });
    let choose = move |value: String| {
        settings.mood.set(
            Mood::ALL
                .into_iter()
                .find(|mood| mood.as_str() == value)
                .unwrap_or_default(),
        );
    };
    let value = derived(move || settings.mood.get().as_str().to_owned());
    choice(w.text(|w| w.mood), "mood", options, value, choose)
}

fn option(value: &str, label: &str) -> Choosable {
    Choosable {
        value: value.into(),
        label: label.into(),
        note: None,
    }
}

fn address_field() -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let fault = derived(move || {
        let fault = settings.target().and_then(Result::err);
        fault
            .map(|fault| address_advice(&fault, w.now()))
            .unwrap_or_default()
    });
    view! {
        <label class="field">
            <span>{w.text(|w| w.api_address)}</span>
            <input
                type="url"
                autocomplete="off"
                spellcheck="false"
                aria-label=w.text(|w| w.api_address)
                prop:value=settings.address.get_untracked()
                on:input:target=with_text(move |text| settings.address.set(text))
            />
        </label>
        <p class="hint fault" role="status">{fault}</p>
    }
    .into_any()
}

/// Which models there are by now, asked of the provider.
fn models_button() -> AnyView {
    let (w, lists) = (use_all_words(), expect_context::<Lists>());
    let (composer, notices) = (expect_context::<Composer>(), expect_context::<Notices>());
    let asked = derived(move || {
        let day = lists.taught().map(|taught| taught.asked.to_string());
        day.map(|day| fill(w.now().asked_on, &[("date", &day)]))
            .unwrap_or_default()
    });
    view! {
        <button
            type="button"
            class="quiet"
            aria-busy=derived(move || lists.asking.get().then_some("true"))
            on:click=press(move || ask_for_models(lists, composer, notices))
        >
            {w.text(|w| w.ask_models)}
        </button>
        <p class="hint">{w.text(|w| w.ask_models_hint)} " " {asked}</p>
    }
    .into_any()
}

/// Whether the app may ask by itself.
fn daily_look() -> AnyView {
    let (w, lists) = (use_all_words(), expect_context::<Lists>());
    let (composer, notices) = (expect_context::<Composer>(), expect_context::<Notices>());
    let turn = move |daily| {
        lists.set_daily(daily);
        look_once_a_day(lists, composer, notices);
    };
    view! {
        {switch(w.text(|w| w.daily_look), derived(move || lists.is_daily()), turn)}
        <p class="hint">{w.text(|w| w.daily_look_hint)}</p>
    }
    .into_any()
}

fn language_choice() -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let choose = move |tag: String| settings.language.set(Language::choose(&[tag]));
    let option = |language: Language| {
        let selected = settings.language.get_untracked() == language;
        view! { <option value=language.tag() lang=language.tag() selected=selected>{language.own_name()}</option> }
    };
    let value = derived(move || settings.language.get().tag().to_owned());
    let options = Language::ALL.map(option).collect_view().into_any();
    select(w.text(|w| w.language), value, options, choose)
}

fn theme_choice() -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let options = derived(move || {
        let w = w.now();
        let name = |theme: Theme| match theme {
            Theme::System => w.theme_system,
            Theme::Light => w.theme_light,
            Theme::Dark => w.theme_dark,
        };
        Theme::ALL
            .into_iter()
            .map(|theme| option(theme.as_str(), name(theme)))
            .collect::<Vec<_>>()
    });
    let choose = move |value: String| {
        settings.theme.set(
            Theme::ALL
                .into_iter()
                .find(|theme| theme.as_str() == value)
                .unwrap_or_default(),
        );
    };
    let value = derived(move || settings.theme.get().as_str().to_owned());
    choice(w.text(|w| w.theme), "theme", options, value, choose)
}
