//! One saved picture: its image, its recipe, its price and what can be done with it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::domain::provider::Provider;
use crate::domain::record::PictureRecord;
use crate::domain::size::shown_bytes;
use crate::state::composer::Composer;
use crate::state::library::Library;
use crate::state::route::View;
use crate::state::settings::Settings;
use crate::state::time::shown_time;
use crate::state::tray::Tray;
use crate::state::words::AllWords;
use crate::ui::controls::icon::{Icon, fixed_button};
use crate::ui::{derived, live, press, shown, use_all_words};

const EDIT: &str = "M12 20h9M16.38 3.62a1 1 0 0 1 3 3L7.37 18.64a2 2 0 0 1-.86.5l-2.87.84a.5.5 0 0 1-.62-.62l.84-2.87a2 2 0 0 1 .5-.86z";
const REFER: &str = "M16 5h6M19 2v6M21 11.5V19a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h7.5M21 15l-3.09-3.09a2 2 0 0 0-2.82 0L6 21M9 11a2 2 0 1 0 0-4 2 2 0 0 0 0 4z";

/// A picture in a list that is made anew with another language: an article named by its prompt.
pub fn picture_card(record: Arc<PictureRecord>) -> AnyView {
    let (w, library) = (use_all_words().fixed(), expect_context::<Library>());
    let view = expect_context::<RwSignal<View>>();
    let url = library.url(record.blob.clone());
    let (is_gone, damaged) = damage(record.blob.clone());
    let id = StoredValue::new(record.id.clone());
    let is_selected = derived(move || {
        library
            .selected
            .with(|selected| id.with_value(|id| selected.as_ref() == Some(id)))
    });
    let (prompt, alt) = (record.request.prompt.clone(), record.request.prompt.clone());
    let (width, height) = (record.width.to_string(), record.height.to_string());
    let open = RwSignal::new(false);
    let look = move || {
        library.selected.set(Some(id.get_value()));
        view.set(View::Create);
    };
    view! {
        <article class="card" class:selected=is_selected aria-label=prompt>
            <button type="button" class="card-image" aria-label=w.look_large on:click=press(look)>
                <img src=derived(move || url.get()) class:gone=is_gone alt=alt width=width height=height loading="lazy" decoding="async" />
                {damaged}
            </button>
            {picture_actions(Arc::clone(&record), w, Some(Box::new(move || open.update(|open| *open = !*open))))}
            {shown(open.into(), move || recipe(Arc::clone(&record)))}
        </article>
    }
    .into_any()
}

/// Whether the bytes under a key are gone, and what is shown in their place then.
pub fn damage(key: String) -> (Signal<bool>, AnyView) {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let key = StoredValue::new(key);
    let is_gone = derived(move || key.with_value(|key| library.is_missing(key)));
    let sign = move || {
        view! {
            <span class="damaged-sign">
                <b>{w.text(|w| w.bytes_gone)}</b>
                <code>{key.get_value()}</code>
            </span>
        }
        .into_any()
    };
    (is_gone, shown(is_gone, sign))
}

/// What can be done with a picture, in these words; `look` shows or hides its details, where they are not open anyway.
pub fn picture_actions(
    record: Arc<PictureRecord>,
    w: &'static AllWords,
    look: Option<Box<dyn FnMut()>>,
) -> AnyView {
    let (library, composer) = (expect_context::<Library>(), expect_context::<Composer>());
    let view = expect_context::<RwSignal<View>>();
    let tray = expect_context::<Tray>();
    let (downloaded, deleted, reused) = (
        Arc::clone(&record),
        Arc::clone(&record),
        Arc::clone(&record),
    );
    let (edited, referred) = (Arc::clone(&record), record);
    let edit = move || tray.edit(&edited);
    let refer = move || tray.refer(&referred);
    let reuse = move || {
        composer.reuse(&reused.request);
        view.set(View::Create);
    };
    let download = move || library.download(vec![Arc::clone(&downloaded)]);
    let delete = move || library.delete(vec![Arc::clone(&deleted)]);
    view! {
        <div class="actions">
            {fixed_button(EDIT, w.edit, edit)}
            {fixed_button(REFER, w.use_as_reference, refer)}
            {fixed_button(Icon::Reuse.path(), w.reuse_settings, reuse)}
            {fixed_button(Icon::Download.path(), w.download, download)}
            {look.map(|look| fixed_button(Icon::Details.path(), w.details, look))}
            {fixed_button(Icon::Delete.path(), w.delete, delete)}
        </div>
    }
    .into_any()
}

/// Everything that is known about a picture.
pub fn recipe(record: Arc<PictureRecord>) -> AnyView {
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
            (w.made_from, made_from(&record)),
            (w.size, size),
            (w.quality, request.quality.clone()),
            (w.format, kind),
            (w.cost, shown_cost(&record, w)),
            (w.made, shown_time(record.made, settings.language.get())),
        ];
        let known = known.into_iter().filter(|(_, value)| !value.is_empty());
        let rows = known.map(|(name, value)| row(name, value)).collect_view();
        let note = edit_note(&record, w).map(|note| view! { <p class="hint">{note}</p> });
        view! { <dl>{rows}</dl> {note} }.into_any()
    });
    view! { <div class="recipe">{rows}</div> }.into_any()
}

/// How many images were given.
fn made_from(record: &PictureRecord) -> String {
    match record.request.images.len() {
        0 => String::new(),
        n => n.to_string(),
    }
}

/// What an edit may have done beyond what was asked: nothing holds a model back yet.
fn edit_note(record: &PictureRecord, w: &AllWords) -> Option<&'static str> {
    let request = &record.request;
    let masked = request.mask.is_some().then_some(w.edit_note_mask);
    request.is_edit().then(|| masked.unwrap_or(w.edit_note))
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

/// What a picture cost, in words where it is no amount.
#[must_use]
pub fn shown_cost(record: &PictureRecord, w: &AllWords) -> String {
    match (record.provider, record.cost) {
        (Provider::Practice, _) => w.free_practice.into(),
        (_, Some(cost)) => cost.shown(),
        (_, None) => w.price_unknown.into(),
    }
}
