//! One saved picture: its image, its recipe, its price and what can be done with it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::domain::provider::Provider;
use crate::domain::record::PictureRecord;
use crate::state::composer::Composer;
use crate::state::library::Library;
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::state::time::shown_time;
use crate::state::words::AllWords;
use crate::ui::controls::icon::{Icon, icon_button};
use crate::ui::{derived, live, press, shown, use_all_words};

/// A picture in a list: an article named by its prompt.
pub fn picture_card(record: Arc<PictureRecord>) -> AnyView {
    card(record, None)
}

/// The same with its prompt, recipe and price below it.
pub fn picture_card_with_recipe(record: Arc<PictureRecord>) -> AnyView {
    let w = use_all_words();
    let prompt = record.request.prompt.clone();
    let described = Arc::clone(&record);
    let line = derived(move || recipe_line(&described, w.now()));
    let text = view! {
        <p class="card-prompt"><bdi>{prompt}</bdi></p>
        <p class="card-recipe">{line}</p>
    };
    card(record, Some(text.into_any()))
}

fn card(record: Arc<PictureRecord>, text: Option<AnyView>) -> AnyView {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let view = expect_context::<RwSignal<View>>();
    let url = library.url(record.blob.clone());
    let id = StoredValue::new(record.id.clone());
    let is_selected = derived(move || {
        library
            .selected
            .with(|selected| id.with_value(|id| selected.as_ref() == Some(id)))
    });
    let (prompt, alt) = (record.request.prompt.clone(), record.request.prompt.clone());
    let (width, height) = (record.width.to_string(), record.height.to_string());
    let look = move || {
        library.selected.set(Some(id.get_value()));
        view.set(View::Create);
    };
    view! {
        <article class="card" class:selected=is_selected aria-label=prompt>
            <button type="button" class="card-image" aria-label=w.text(|w| w.look_large) on:click=press(look)>
                <img src=derived(move || url.get()) alt=alt width=width height=height loading="lazy" decoding="async" />
            </button>
            {text}
            {picture_actions(record)}
        </article>
    }
    .into_any()
}

/// What can be done with a picture.
fn picture_actions(record: Arc<PictureRecord>) -> AnyView {
    let (w, library, composer) = (
        use_all_words(),
        expect_context::<Library>(),
        expect_context::<Composer>(),
    );
    let view = expect_context::<RwSignal<View>>();
    let open = RwSignal::new(false);
    let (downloaded, deleted, reused) = (
        Arc::clone(&record),
        Arc::clone(&record),
        Arc::clone(&record),
    );
    let reuse = move || {
        composer.reuse(&reused.request);
        view.set(View::Create);
    };
    let download = move || library.download(Arc::clone(&downloaded));
    let toggle = move || open.update(|open| *open = !*open);
    let delete = move || library.delete(Arc::clone(&deleted));
    view! {
        <div class="actions">
            {icon_button(Icon::Reuse, w.text(|w| w.reuse_settings), reuse)}
            {icon_button(Icon::Download, w.text(|w| w.download), download)}
            {icon_button(Icon::Details, w.text(|w| w.details), toggle)}
            {icon_button(Icon::Delete, w.text(|w| w.delete), delete)}
        </div>
        {shown(open.into(), move || recipe(Arc::clone(&record)))}
    }
    .into_any()
}

/// Everything that is known about a picture.
fn recipe(record: Arc<PictureRecord>) -> AnyView {
    let (w, settings) = (use_all_words(), expect_context::<Settings>());
    let row = |name: &'static str, value: String| view! { <div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div> };
    let rows = live(move || {
        let (w, request) = (w.now(), &record.request);
        let size = format!("{}x{}", record.width, record.height);
        let kind = format!("{}, {}", record.media_type, shown_bytes(record.bytes));
        let known = [
            (w.prompt, request.prompt.clone()),
            (
                w.revised_prompt,
                record.revised_prompt.clone().unwrap_or_default(),
            ),
            (w.model, request.model.clone()),
            (w.size, size),
            (w.quality, request.quality.clone()),
            (w.format, kind),
            (w.cost, shown_cost(&record, w)),
            (w.made, shown_time(record.made, settings.language.get())),
        ];
        let known = known.into_iter().filter(|(_, value)| !value.is_empty());
        known
            .map(|(name, value)| row(name, value))
            .collect_view()
            .into_any()
    });
    view! { <dl class="recipe">{rows}</dl> }.into_any()
}

/// The recipe in one line, and the price.
#[must_use]
pub fn recipe_line(record: &PictureRecord, w: &AllWords) -> String {
    let size = format!("{}x{}", record.width, record.height);
    let parts = [
        record.request.model.clone(),
        size,
        record.request.quality.clone(),
        shown_cost(record, w),
    ];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn shown_cost(record: &PictureRecord, w: &AllWords) -> String {
    match (record.provider, record.cost) {
        (Provider::Practice, _) => w.free_practice.into(),
        (_, Some(cost)) => cost.shown(),
        (_, None) => w.price_unknown.into(),
    }
}

fn shown_bytes(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}
