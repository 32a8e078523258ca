//! Transactions and requests of IndexedDB as futures.

use js_sys::{Array, Object, Promise, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DomException, Event, IdbCursor, IdbCursorDirection, IdbDatabase, IdbKeyRange, IdbObjectStore,
    IdbRequest, IdbTransaction,
};

use super::{Durability, Op, Rows, Saved, Store};
use crate::browser::error::DatabaseError;
use crate::browser::{describe, property, random};

#[wasm_bindgen]
extern "C" {
    // web-sys has durability behind a global cfg.
    type DurableDatabase;
    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &DurableDatabase,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;
    // web-sys does not have it yet.
    type RecordStore;
    #[wasm_bindgen(method, catch, js_name = getAllRecords)]
    fn get_all_records(this: &RecordStore, options: &Object) -> Result<IdbRequest, JsValue>;
}

/// Why a transaction did not happen.
pub(super) enum Fault {
    /// The connection is gone; nothing was committed.
    Lost,
    Failed(DatabaseError),
}

pub(super) type Answer<T> = Result<T, Fault>;

pub(super) async fn write_once(
    database: &IdbDatabase,
    stores: &[Store],
    ops: &[Op],
    durability: Durability,
) -> Answer<Saved> {
    let transaction = begin(database, stores, durability)?;
    let complete = transaction_promise(&transaction);
    finish(&transaction, complete, ops).await
}

/// What the keys of damaged rows in `Quarantine` begin with; then come the store and the row's own key.
pub(super) const DAMAGED: &str = "damaged:";

pub(super) async fn set_aside_once(
    database: &IdbDatabase,
    store: Store,
    is_readable: &impl Fn(&str, &str) -> bool,
) -> Answer<usize> {
    let transaction = begin(database, &[store, Store::Quarantine], Durability::Strict)?;
    let complete = transaction_promise(&transaction);
    let rows = transaction.object_store(store.name());
    let rows = rows.map_err(thrown("write"))?;
    let aside = transaction.object_store(Store::Quarantine.name());
    let aside = aside.map_err(thrown("write"))?;
    let (keys, values) = (rows.get_all_keys(), rows.get_all());
    let asked = [
        keys.map_err(thrown("read"))?,
        values.map_err(thrown("read"))?,
    ];
    let found = answers(&asked).await?;
    let [keys, values] = &found[..] else {
        return Ok(0);
    };
    let mut moved = 0;
    for (key, value) in Array::from(keys).iter().zip(Array::from(values).iter()) {
        let name = key.as_string();
        let is_whole = name
            .as_deref()
            .zip(value.as_string().as_deref())
            .is_some_and(|(key, json)| is_readable(key, json));
        if is_whole {
            continue;
        }
        let name = name.unwrap_or_else(|| describe(&key));
        // The same row may have been set aside before.
        let place = format!("{DAMAGED}{}:{name}:{}", store.name(), random::id());
        let put = aside.put_with_key(&value, &place.into());
        put.and_then(|_| rows.delete(&key))
            .map_err(thrown("write"))?;
        moved += 1;
    }
    finish(&transaction, complete, &[]).await?;
    Ok(moved)
}

pub(super) async fn decide_once(
    database: &IdbDatabase,
    stores: &[Store],
    reads: &[(Store, &str)],
    ranges: &[(Store, &[String; 2])],
    durability: Durability,
    decide: &impl Fn(&[Option<String>], &[Rows]) -> Option<Vec<Op>>,
) -> Answer<Option<Saved>> {
    let transaction = begin(database, stores, durability)?;
    let complete = transaction_promise(&transaction);
    let ask = |(store, key): &(Store, &str)| {
        let store = transaction.object_store(store.name())?;
        store.get(&(*key).into())
    };
    let mut requests = reads
        .iter()
        .map(ask)
        .collect::<Result<Vec<_>, JsValue>>()
        .map_err(thrown("read"))?;
    for (store, [first, last]) in ranges {
        let store = transaction.object_store(store.name());
        let range = IdbKeyRange::bound(&first.into(), &last.into()).map_err(thrown("read"))?;
        requests.extend(ask_rows(&store.map_err(thrown("read"))?, &range, u32::MAX)?);
    }
    // All at once: a transaction ends by itself when it is asked nothing more.
    let answers = answers(&requests).await?;
    let (rows, pairs) = answers.split_at(reads.len());
    let rows: Vec<Option<String>> = rows.iter().map(JsValue::as_string).collect();
    let pairs: Vec<Rows> = pairs.chunks(2).map(pairs_of).collect();
    match decide(&rows, &pairs) {
        Some(ops) => finish(&transaction, complete, &ops).await.map(Some),
        None => {
            quietly(complete);
            drop(transaction.abort());
            Ok(None)
        }
    }
}

pub(super) fn begin(
    database: &IdbDatabase,
    stores: &[Store],
    durability: Durability,
) -> Answer<IdbTransaction> {
    let names = Array::new();
    for store in stores {
        names.push(&store.name().into());
    }
    let options = Object::new();
    let durability = match durability {
        Durability::Paid | Durability::Strict => "strict",
        Durability::Relaxed => "relaxed",
    };
    drop(Reflect::set(
        &options,
        &"durability".into(),
        &durability.into(),
    ));
    database
        .unchecked_ref::<DurableDatabase>()
        .transaction(&names, "readwrite", &options)
        .map_err(thrown("write"))
}

pub(super) async fn finish(
    transaction: &IdbTransaction,
    complete: Promise,
    ops: &[Op],
) -> Answer<Saved> {
    // No `commit()`: after it, Firefox 153 keeps the rest of a write whose `add` failed. It commits by itself soon enough.
    if let Err(error) = ops.iter().try_for_each(|op| op.apply(transaction)) {
        quietly(complete);
        drop(transaction.abort());
        return Err(thrown("write")(error));
    }
    match JsFuture::from(complete).await {
        Ok(_) => Ok(Saved(())),
        Err(event) => Err(event_fault("write", &event)),
    }
}

/// Ends with `complete`; fails with `error` or with `abort`, whichever comes: a full disk sends only the second.
pub(super) fn transaction_promise(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onerror(Some(&reject));
        transaction.set_onabort(Some(&reject));
    })
}

pub(super) fn request_promise(request: &IdbRequest) -> Promise {
    Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    })
}

/// Nobody asks any more how it ends.
fn quietly(promise: Promise) {
    spawn_local(async move { drop(JsFuture::from(promise).await) });
}

/// Several requests of one transaction, waited for together.
pub(super) async fn answers(requests: &[IdbRequest]) -> Answer<Vec<JsValue>> {
    let promises: Array = requests.iter().map(request_promise).collect();
    JsFuture::from(Promise::all(&promises))
        .await
        .map_err(|event| event_fault("read", &event))?;
    requests
        .iter()
        .map(|request| result(request).map_err(thrown("read")))
        .collect()
}

pub(super) async fn answer(request: &IdbRequest) -> Answer<JsValue> {
    JsFuture::from(request_promise(request))
        .await
        .map_err(|event| event_fault("read", &event))?;
    result(request).map_err(thrown("read"))
}

pub(super) fn result(request: &IdbRequest) -> Result<JsValue, JsValue> {
    request.result()
}

/// The last `limit` rows below a key. Where the browser cannot read backwards, one step back finds where they begin, then they
/// come all at once. (Going back by cursor takes an event per row.)
pub(super) async fn newest(
    store: &IdbObjectStore,
    limit: u32,
    before: Option<&str>,
) -> Answer<Vec<(String, String)>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let below = before.map(|key| IdbKeyRange::upper_bound_with_open(&key.into(), true));
    let below = below.transpose().map_err(thrown("read"))?;
    if property(store, "getAllRecords").is_some() {
        return last_records(store, limit, below.as_ref()).await;
    }
    let first = first_of_page(store, limit, below.as_ref()).await?;
    let range = match (first, before) {
        (Some(first), Some(before)) => {
            let range = IdbKeyRange::bound_with_lower_open_and_upper_open(
                &first,
                &before.into(),
                false,
                true,
            );
            Some(range.map_err(thrown("read"))?)
        }
        (Some(first), None) => Some(IdbKeyRange::lower_bound(&first).map_err(thrown("read"))?),
        (None, _) => below,
    };
    let mut page = rows(store, range.as_ref(), limit).await?;
    page.reverse();
    Ok(page)
}

/// The same with one question, which Chromium answers since version 141.
async fn last_records(
    store: &IdbObjectStore,
    limit: u32,
    below: Option<&IdbKeyRange>,
) -> Answer<Vec<(String, String)>> {
    let options = Object::new();
    let range = below.map_or(JsValue::NULL, |range| range.clone().into());
    for (option, value) in [
        ("query", range),
        ("count", limit.into()),
        ("direction", "prev".into()),
    ] {
        drop(Reflect::set(&options, &option.into(), &value));
    }
    let store: &RecordStore = store.unchecked_ref();
    let request = store.get_all_records(&options).map_err(thrown("read"))?;
    Ok(records_of(&Array::from(&answer(&request).await?)))
}

/// The rows of an array of `IDBRecord`.
pub(super) fn records_of(records: &Array) -> Rows {
    let text = |record: &JsValue, name: &str| {
        let text = property(record, name).and_then(|value| value.as_string());
        text.unwrap_or_default()
    };
    let rows = records.iter();
    rows.map(|record| (text(&record, "primaryKey"), text(&record, "value")))
        .collect()
}

/// The key `limit` rows back from the end; `None` where there are fewer.
async fn first_of_page(
    store: &IdbObjectStore,
    limit: u32,
    below: Option<&IdbKeyRange>,
) -> Answer<Option<JsValue>> {
    let range = below.map_or(JsValue::UNDEFINED, |range| range.clone().into());
    let request = store
        .open_key_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev)
        .map_err(thrown("read"))?;
    let Ok(cursor) = answer(&request).await?.dyn_into::<IdbCursor>() else {
        return Ok(None);
    };
    if limit > 1 {
        cursor.advance(limit - 1).map_err(thrown("read"))?;
        if answer(&request).await?.is_null() {
            return Ok(None);
        }
    }
    cursor.key().map(Some).map_err(thrown("read"))
}

/// The rows of a range, upwards.
pub(super) async fn rows(
    store: &IdbObjectStore,
    range: Option<&IdbKeyRange>,
    limit: u32,
) -> Answer<Vec<(String, String)>> {
    let range = range.map_or(JsValue::UNDEFINED, |range| range.clone().into());
    let answers = answers(&ask_rows(store, &range, limit)?).await?;
    Ok(pairs_of(&answers))
}

/// Asks for the values of several keys.
pub(super) fn ask_for(store: &IdbObjectStore, keys: &[&str]) -> Answer<Vec<IdbRequest>> {
    let ask = |key: &&str| store.get(&(*key).into()).map_err(thrown("read"));
    keys.iter().map(ask).collect()
}

/// Asks for keys and values; [`pairs_of`] puts the two answers together.
pub(super) fn ask_rows(
    store: &IdbObjectStore,
    range: &JsValue,
    limit: u32,
) -> Answer<[IdbRequest; 2]> {
    let keys = store.get_all_keys_with_key_and_limit(range, limit);
    let values = store.get_all_with_key_and_limit(range, limit);
    Ok([
        keys.map_err(thrown("read"))?,
        values.map_err(thrown("read"))?,
    ])
}

fn pairs_of(answers: &[JsValue]) -> Vec<(String, String)> {
    let [keys, values] = answers else {
        return Vec::new();
    };
    let text = |value: JsValue| value.as_string().unwrap_or_default();
    Array::from(keys)
        .iter()
        .map(text)
        .zip(Array::from(values).iter().map(text))
        .collect()
}

/// For what a call throws: a closing connection is lost, the rest failed.
pub(super) fn thrown(operation: &'static str) -> impl Fn(JsValue) -> Fault {
    move |error| {
        if error_name(&error).as_deref() == Some("InvalidStateError") {
            Fault::Lost
        } else {
            Fault::Failed(failure(operation, &error))
        }
    }
}

/// For a failed request or transaction: one that ends without a reason lost its connection.
fn event_fault(operation: &'static str, event: &JsValue) -> Fault {
    match event_error(event) {
        Some(error) if !is_lost(&error) => Fault::Failed(failure(operation, &error)),
        _ => Fault::Lost,
    }
}

pub(super) fn event_failure(operation: &'static str, event: &JsValue) -> DatabaseError {
    match event_error(event) {
        Some(error) => failure(operation, &error),
        None => DatabaseError::Unavailable("the connection was lost".to_owned()),
    }
}

/// The error behind an event: of the request that failed, else of the transaction.
fn event_error(event: &JsValue) -> Option<JsValue> {
    let target = event.dyn_ref::<Event>()?.target()?;
    property(&target, "error")
}

/// We abort nothing that we wait for, so the browser did; the words are Safari's for a connection that its process dropped.
fn is_lost(error: &JsValue) -> bool {
    let said = describe(error);
    if error_name(error).as_deref() == Some("AbortError") {
        return true;
    }
    said.contains("onnection to Indexed Database server lost")
        || said.contains("onnection is closing")
}

pub(super) fn failure(operation: &'static str, error: &JsValue) -> DatabaseError {
    match error_name(error).as_deref() {
        Some("QuotaExceededError") => DatabaseError::QuotaExceeded,
        Some("ConstraintError") => DatabaseError::KeyExists,
        Some("VersionError") => DatabaseError::NewerSchema,
        Some("SecurityError") => DatabaseError::Unavailable(describe(error)),
        _ if operation == "open" => DatabaseError::Unavailable(describe(error)),
        _ => DatabaseError::Other {
            operation,
            message: describe(error),
        },
    }
}

fn error_name(error: &JsValue) -> Option<String> {
    Some(error.dyn_ref::<DomException>()?.name())
}
