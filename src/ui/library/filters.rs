//! The search box and the filters above the grid.

use leptos::html::Input;
use leptos::prelude::*;

use crate::domain::gallery::{Age, CostClass, Kind, Named, Query};
use crate::state::gallery::Gallery;
use crate::state::library::Library;
use crate::state::words::{AllWords, fill};
use crate::ui::controls::check::check;
use crate::ui::controls::icon::word_button;
use crate::ui::controls::select::select;
use crate::ui::{derived, live, shown, use_all_words, with_text};

/// Search, filters, how much is found, and the ways to choosing and to the trash.
pub(super) fn filters() -> AnyView {
    let (w, gallery) = (use_all_words(), expect_context::<Gallery>());
    let query = gallery.query;
    let has_collections = derived(move || !gallery.present.read().collections.is_empty());
    let choosing = gallery.is_choosing;
    view! {
        <div class="filters" role="search">
            {search()}
            {names(w.text(|w| w.model), w.text(|w| w.all_models), |query| &mut query.model, |gallery| gallery.present.get().models)}
            {values::<Kind>(w.text(|w| w.kind), |query| &mut query.kind, kind_word)}
            {values::<Age>(w.text(|w| w.age), |query| &mut query.age, age_word)}
            {values::<CostClass>(w.text(|w| w.cost), |query| &mut query.cost, cost_word)}
            {shown(has_collections, move || {
                names(
                    w.text(|w| w.collection),
                    w.text(|w| w.all_collections),
                    |query| &mut query.collection,
                    |gallery| gallery.present.get().collections,
                )
            })}
            {check(
                w.text(|w| w.favourites_only),
                derived(move || query.read().favourites_only),
                move |only| gallery.look_for(|query| query.favourites_only = only),
            )}
        </div>
        <div class="library-line">
            {found()}
            {shown(derived(move || !choosing.get()), move || {
                word_button("quiet", w.text(|w| w.choose_several), move || gallery.choose(true))
            })}
            {word_button("quiet", w.text(|w| w.trash), move || gallery.shows_trash.set(true))}
        </div>
    }
    .into_any()
}

/// The field is the person's: it is written to only when everything is cleared.
fn search() -> AnyView {
    let (w, gallery) = (use_all_words(), expect_context::<Gallery>());
    let field = NodeRef::<Input>::new();
    Effect::new(move |_| {
        let is_cleared = gallery.query.read().is_empty();
        if let (true, Some(field)) = (is_cleared, field.get_untracked())
            && !field.value().is_empty()
        {
            field.set_value("");
        }
    });
    let typed = move |text: String| gallery.look_for(|query| query.text = text);
    view! {
        <label class="field search">
            <span>{w.text(|w| w.search_library)}</span>
            <input
                type="search"
                node_ref=field
                autocomplete="off"
                value=gallery.query.get_untracked().text
                on:input:target=with_text(typed)
            />
        </label>
    }
    .into_any()
}

/// How many there are, and how many of them are found.
fn found() -> AnyView {
    let (w, gallery, library) = (
        use_all_words(),
        expect_context::<Gallery>(),
        expect_context::<Library>(),
    );
    let line = derived(move || {
        let (found, all) = (gallery.found.read().0.len(), library.pictures.read().len());
        let (n, all) = (found.to_string(), all.to_string());
        if gallery.query.read().is_empty() {
            fill(w.now().found_all, &[("n", &n)])
        } else {
            fill(w.now().found_of, &[("n", &n), ("all", &all)])
        }
    });
    view! { <p class="hint" role="status">{line}</p> }.into_any()
}

/// A filter by one of the names that are there.
fn names(
    label: Signal<&'static str>,
    all: Signal<&'static str>,
    field: fn(&mut Query) -> &mut Option<String>,
    present: fn(Gallery) -> Vec<String>,
) -> AnyView {
    let gallery = expect_context::<Gallery>();
    let value = current(gallery, move |query| {
        field(query).clone().unwrap_or_default()
    });
    let options = live(move || {
        let now = value.get();
        let option = |name: String| {
            let (is_chosen, value) = (name == now, name.clone());
            view! { <option value=value selected=is_chosen>{name}</option> }
        };
        let names = present(gallery).into_iter().map(option).collect_view();
        view! { <option value="">{all}</option> {names} }.into_any()
    });
    let choose = move |name: String| {
        gallery.look_for(|query| *field(query) = Some(name).filter(|name| !name.is_empty()));
    };
    select(label, value, options, choose)
}

/// A filter by one of a few values.
fn values<T: Named + Send + Sync + PartialEq>(
    label: Signal<&'static str>,
    field: fn(&mut Query) -> &mut Option<T>,
    word: fn(&'static AllWords, Option<T>) -> &'static str,
) -> AnyView {
    let (w, gallery) = (use_all_words(), expect_context::<Gallery>());
    let value = current(gallery, move |query| {
        let value = *field(query);
        let named = T::NAMES.iter().find(|(known, _)| Some(*known) == value);
        named.map_or_else(String::new, |(_, name)| (*name).to_owned())
    });
    let option = |value: Option<T>, name: &'static str| {
        view! { <option value=name>{derived(move || word(w.now(), value))}</option> }
    };
    let named = T::NAMES
        .iter()
        .map(|(value, name)| option(Some(*value), name))
        .collect_view();
    let options = view! { {option(None, "")} {named} }.into_any();
    let choose = move |name: String| gallery.look_for(|query| *field(query) = T::of_name(&name));
    select(label, value, options, choose)
}

fn current(
    gallery: Gallery,
    read: impl Fn(&mut Query) -> String + Send + Sync + 'static,
) -> Signal<String> {
    derived(move || read(&mut gallery.query.get()))
}

fn kind_word(w: &'static AllWords, kind: Option<Kind>) -> &'static str {
    match kind {
        None => w.kind_any,
        Some(Kind::Created) => w.kind_created,
        Some(Kind::Edited) => w.kind_edited,
    }
}

fn age_word(w: &'static AllWords, age: Option<Age>) -> &'static str {
    match age {
        None => w.age_any,
        Some(Age::Day) => w.age_day,
        Some(Age::Week) => w.age_week,
        Some(Age::Month) => w.age_month,
        Some(Age::Year) => w.age_year,
    }
}

fn cost_word(w: &'static AllWords, cost: Option<CostClass>) -> &'static str {
    match cost {
        None => w.cost_any,
        Some(CostClass::Nothing) => w.cost_nothing,
        Some(CostClass::Cent) => w.cost_cent,
        Some(CostClass::More) => w.cost_more,
        Some(CostClass::Unknown) => w.price_unknown,
    }
}
