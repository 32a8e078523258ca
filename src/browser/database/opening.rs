//! Opening the database: with its stores, within three seconds, or as the page has begun to.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbVersionChangeEvent};

use super::transactions::{event_failure, failure, records_of, request_promise, result};
use super::{Rows, Store, VERSION};
use crate::browser::error::DatabaseError;
use crate::browser::picture::DataAddress;
use crate::browser::{clock, describe, document, property, window};

/// The one database of the app.
pub(super) const NAME: &str = "studio";
/// Where in the document the page leaves what it has begun to open.
const OPENING: &str = "opening";
/// How long opening may take: a hung tab that holds the database sends no event at all.
pub(super) const OPEN_MS: f64 = 3000.0;

/// What the page has begun beside the app's first file (`public/boot.js`).
pub(super) struct Early {
    pub(super) database: IdbDatabase,
    pub(super) advance: Option<Advance>,
}

/// What the page has read before the app asked for it: it answers the first question, and may be old by then.
pub(super) struct Advance {
    /// The newest pictures, at most so many.
    pictures: Rows,
    pub(super) count: u32,
    /// Small pictures by their keys.
    thumbs: HashMap<String, DataAddress>,
}

impl Advance {
    fn of(opening: &JsValue) -> Option<Self> {
        let rows = property(opening, "rows")?.dyn_into::<Array>().ok()?;
        let small = property(opening, "small")?.dyn_into::<Array>().ok()?;
        let pairs = small.iter().filter_map(|pair| {
            let pair: Array = pair.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, DataAddress::of(pair.get(1))?))
        });
        Some(Self {
            pictures: records_of(&rows),
            count: property(opening, "count")?.as_f64()? as u32,
            thumbs: pairs.collect(),
        })
    }

    /// The newest pictures, once.
    pub(super) fn take_page(&mut self) -> Option<Rows> {
        let pictures = std::mem::take(&mut self.pictures);
        (!pictures.is_empty()).then_some(pictures)
    }

    /// All of these, or none.
    pub(super) fn all_thumbs(&self, keys: &[&str]) -> Option<Vec<Option<DataAddress>>> {
        let thumbs = keys
            .iter()
            .map(|key| self.thumbs.get(*key).cloned().map(Some));
        thumbs.collect()
    }
}

/// The connection that the page has begun to open, if it is one to this schema: a promise of it, or of nothing. It is taken
/// once.
pub(super) async fn opened_early() -> Result<Option<Early>, DatabaseError> {
    let document = document();
    let Some((document, opening)) = document.and_then(|document| {
        let opening: Promise = property(&document, OPENING)?.dyn_into().ok()?;
        Some((document, opening))
    }) else {
        return Ok(None);
    };
    drop(Reflect::delete_property(&document, &OPENING.into()));
    let opened = clock::within(OPEN_MS, JsFuture::from(opening)).await;
    let opened = opened.ok_or(DatabaseError::Blocked)?.ok();
    let Some((opened, database)) = opened.and_then(|opened| {
        let database: IdbDatabase = property(&opened, "database")?.dyn_into().ok()?;
        Some((opened, database))
    }) else {
        return Ok(None);
    };
    database.set_onversionchange(None);
    let there = database.object_store_names();
    let is_ours = database.version() == f64::from(VERSION)
        && Store::ALL.iter().all(|store| there.contains(store.name()));
    if !is_ours {
        database.close();
        return Ok(None);
    }
    let advance = Advance::of(&opened);
    Ok(Some(Early { database, advance }))
}

pub(super) struct Opened {
    pub(super) database: IdbDatabase,
    /// There was none before.
    pub(super) is_new: bool,
}

pub(super) async fn connect(name: &str, version: Option<u32>) -> Result<Opened, DatabaseError> {
    let factory = factory()?;
    let request = match version {
        Some(version) => factory.open_with_u32(name, version),
        None => factory.open(name),
    }
    .map_err(|thrown| failure("open", &thrown))?;
    let is_new = Rc::new(Cell::new(false));
    let made = Rc::clone(&is_new);
    // Belongs to the request, which may be granted long after we have stopped waiting.
    let upgrade = Closure::once_into_js(move |event: IdbVersionChangeEvent| {
        made.set(event.old_version() == 0.0);
        upgrade(&event);
    });
    request.set_onupgradeneeded(Some(upgrade.unchecked_ref()));
    let mut opened = Box::pin(JsFuture::from(request_promise(&request)));
    match clock::within(OPEN_MS, &mut opened).await {
        Some(Ok(_)) => {
            let database = result(&request).map_err(|thrown| failure("open", &thrown))?;
            Ok(Opened {
                database: database.unchecked_into(),
                is_new: is_new.get(),
            })
        }
        Some(Err(event)) => Err(event_failure("open", &event)),
        None => {
            close_when_opened(request, opened);
            Err(DatabaseError::Blocked)
        }
    }
}

fn close_when_opened(
    request: IdbOpenDbRequest,
    opened: impl Future<Output = Result<JsValue, JsValue>> + 'static,
) {
    spawn_local(async move {
        if opened.await.is_ok()
            && let Ok(database) = result(&request)
        {
            database.unchecked_into::<IdbDatabase>().close();
        }
    });
}

/// Adds what later schemas brought to the one that is there; all of it or nothing.
fn upgrade(event: &IdbVersionChangeEvent) {
    let request: Option<IdbOpenDbRequest> = event.target().and_then(|it| it.dyn_into().ok());
    let Some(request) = request else { return };
    let Ok(database) = result(&request).map(JsCast::unchecked_into::<IdbDatabase>) else {
        return;
    };
    // By what is there rather than by its number: whoever opens an erased database by its name alone makes an empty one.
    let there = database.object_store_names();
    let missing = Store::ALL
        .into_iter()
        .filter(|store| !there.contains(store.name()));
    for store in missing {
        if database.create_object_store(store.name()).is_err()
            && let Some(transaction) = request.transaction()
        {
            // The opening fails with it, and says so; what was there stays as it was.
            drop(transaction.abort());
            return;
        }
    }
}

/// Some browsers throw, or have none, where storage is forbidden.
pub(super) fn factory() -> Result<IdbFactory, DatabaseError> {
    window()
        .ok_or_else(|| DatabaseError::Unavailable("no window".to_owned()))?
        .indexed_db()
        .map_err(|thrown| DatabaseError::Unavailable(describe(&thrown)))?
        .ok_or_else(|| DatabaseError::Unavailable("no IndexedDB".to_owned()))
}
