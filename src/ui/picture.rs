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
use crate::state::words::{Words, fill};
use crate::ui::controls::icon::{Icon, IconButton};
use crate::ui::use_words;

/// A picture in a list: an article named by its prompt.
#[component]
pub fn PictureCard(record: Arc<PictureRecord>) -> impl IntoView {
    let (w, library) = (use_words(), expect_context::<Library>());
    let view = expect_context::<RwSignal<View>>();
    let url = library.url(record.blob.clone());
    let id = StoredValue::new(record.id.clone());
    let is_selected = move || {
        library
            .selected
            .with(|selected| id.with_value(|id| selected.as_ref() == Some(id)))
    };
    let (prompt, alt) = (record.request.prompt.clone(), record.request.prompt.clone());
    let look = move |_| {
        library.selected.set(Some(id.get_value()));
        view.set(View::Create);
    };
    view! {
        <article class="card" class:selected=is_selected aria-label=prompt>
            <button type="button" class="card-image" aria-label=move || w().look_large on:click=look>
                <img src=move || url.get() alt=alt width=record.width height=record.height loading="lazy" decoding="async" />
            </button>
            <PictureActions record />
        </article>
    }
}

/// What can be done with a picture.
#[component]
pub fn PictureActions(record: Arc<PictureRecord>) -> impl IntoView {
    let (w, library, composer) = (
        use_words(),
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
    view! {
        <div class="actions">
            <IconButton icon=Icon::Reuse label=Signal::derive(move || w().reuse_settings.into()) press=reuse />
            <IconButton
                icon=Icon::Download
                label=Signal::derive(move || w().download.into())
                press=move || library.download(Arc::clone(&downloaded))
            />
            <IconButton
                icon=Icon::Details
                label=Signal::derive(move || w().details.into())
                press=move || open.update(|open| *open = !*open)
            />
            <IconButton
                icon=Icon::Delete
                label=Signal::derive(move || w().delete.into())
                press=move || library.delete(Arc::clone(&deleted))
            />
        </div>
        <Show when=move || open.get()>
            <Recipe record=Arc::clone(&record) />
        </Show>
    }
}

/// Everything that is known about a picture.
#[component]
pub fn Recipe(record: Arc<PictureRecord>) -> impl IntoView {
    let (w, settings) = (use_words(), expect_context::<Settings>());
    let row = |name: String, value: String| view! { <div><dt>{name}</dt><dd><bdi>{value}</bdi></dd></div> };
    let rows = move || {
        let w = w();
        let language = settings.language.get();
        let request = &record.request;
        let revised = record
            .revised_prompt
            .clone()
            .map(|text| row(w.revised_prompt.into(), text));
        view! {
            {row(w.prompt.into(), request.prompt.clone())}
            {revised}
            {row(w.model.into(), request.model.clone())}
            {row(w.size.into(), format!("{}x{}", record.width, record.height))}
            {(!request.quality.is_empty()).then(|| row(w.quality.into(), request.quality.clone()))}
            {row(w.format.into(), format!("{}, {}", record.media_type, shown_bytes(record.bytes)))}
            {row(w.cost.into(), shown_cost(&record, w))}
            {row(w.made.into(), shown_time(record.made, language))}
        }
    };
    view! { <dl class="recipe">{rows}</dl> }
}

/// The recipe in one line, and the price.
#[must_use]
pub fn recipe_line(record: &PictureRecord, w: &Words) -> String {
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

fn shown_cost(record: &PictureRecord, w: &Words) -> String {
    match (record.provider, record.cost) {
        (Provider::Practice, _) => w.free_practice.into(),
        (_, Some(cost)) => cost.shown(),
        (_, None) => w.price_unknown.into(),
    }
}

fn shown_bytes(bytes: u64) -> String {
    if bytes < 1_000_000 {
        fill("{n} kB", &[("n", &bytes.div_ceil(1000).to_string())])
    } else {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}
