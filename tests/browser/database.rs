//! IndexedDB: what is written together is there together, or not at all.

use std::cell::Cell;
use std::rc::Rc;

use pentimento::browser::ballast::noise;
use pentimento::browser::clock;
use pentimento::browser::database::{
    Database, Durability, Op, Order, Rows, Store, VERSION, whole_store,
};
use pentimento::browser::error::DatabaseError;
use pentimento::browser::picture::{DataAddress, Picture, PictureBuilder};
use pentimento::browser::random;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

async fn fresh() -> Database {
    Database::open_named(&format!("test-{}", random::id()))
        .await
        .unwrap()
}

fn put(store: Store, key: &str, json: &str) -> Op {
    Op::Put {
        store,
        key: key.into(),
        json: json.into(),
    }
}

fn add(store: Store, key: &str, json: &str) -> Op {
    Op::Add {
        store,
        key: key.into(),
        json: json.into(),
    }
}

async fn picture(bytes: &[u8]) -> Picture {
    let mut builder = PictureBuilder::new();
    builder.push(bytes);
    builder.finish().await.unwrap()
}

fn keys(page: &[(String, String)]) -> Vec<&str> {
    page.iter().map(|(key, _)| key.as_str()).collect()
}

#[wasm_bindgen_test]
async fn rows_come_back_after_opening_again() {
    let name = format!("test-{}", random::id());
    let database = Database::open_named(&name).await.unwrap();
    let text = "{\"prompt\":\"赤い傘 🌂\"}";
    database
        .write(vec![put(Store::Jobs, "1", text)], Durability::Strict)
        .await
        .unwrap();
    drop(database);
    let again = Database::open_named(&name).await.unwrap();
    assert_eq!(again.get(Store::Jobs, "1").await, Ok(Some(text.into())));
    assert_eq!(again.get(Store::Jobs, "2").await, Ok(None));
    assert_eq!(again.get(Store::Ledger, "1").await, Ok(None));
    let delete = Op::Delete {
        store: Store::Jobs,
        key: "1".into(),
    };
    again
        .write(vec![delete], Durability::Relaxed)
        .await
        .unwrap();
    assert_eq!(again.count(Store::Jobs).await, Ok(0));
    assert!(again.write(Vec::new(), Durability::Strict).await.is_ok());
    again.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_write_that_fails_in_the_middle_leaves_nothing() {
    let database = fresh().await;
    database
        .write(vec![add(Store::Attempts, "a", "1")], Durability::Strict)
        .await
        .unwrap();
    let image = picture(b"some bytes").await;
    let ops = vec![
        put(Store::Jobs, "j", "done"),
        Op::PutBlob {
            store: Store::Blobs,
            key: image.key().into(),
            blob: (&image).into(),
        },
        add(Store::Attempts, "a", "2"),
        put(Store::Ledger, "l", "$1"),
    ];
    assert_eq!(
        database.write(ops, Durability::Strict).await,
        Err(DatabaseError::KeyExists)
    );
    for store in [Store::Jobs, Store::Blobs, Store::Ledger] {
        assert_eq!(database.count(store).await, Ok(0), "{store:?}");
    }
    assert_eq!(
        database.get(Store::Attempts, "a").await,
        Ok(Some("1".into()))
    );
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn pages_run_from_the_newest() {
    let database = fresh().await;
    let ops = (0..10).map(|n| put(Store::Pictures, &format!("k{n}"), &format!("v{n}")));
    database
        .write(ops.collect(), Durability::Relaxed)
        .await
        .unwrap();
    let page = async |order, limit, before| {
        let page = database.page(Store::Pictures, order, limit, before).await;
        keys(&page.unwrap()).join(" ")
    };
    use Order::{NewestFirst, OldestFirst};
    assert_eq!(page(NewestFirst, 3, None).await, "k9 k8 k7");
    assert_eq!(page(NewestFirst, 3, Some("k7")).await, "k6 k5 k4");
    assert_eq!(page(NewestFirst, 5, Some("k2")).await, "k1 k0");
    assert_eq!(page(NewestFirst, 1, None).await, "k9");
    assert_eq!(page(NewestFirst, 10, None).await.len(), 29);
    assert_eq!(page(NewestFirst, u32::MAX, None).await.len(), 29);
    assert_eq!(page(NewestFirst, 0, None).await, "");
    assert_eq!(page(NewestFirst, 3, Some("k0")).await, "");
    assert_eq!(page(OldestFirst, 2, None).await, "k0 k1");
    assert_eq!(page(OldestFirst, 2, Some("k1")).await, "k2 k3");
    let first = database.page(Store::Pictures, NewestFirst, 1, None).await;
    assert_eq!(first, Ok(vec![("k9".into(), "v9".into())]));
    let empty = database.page(Store::Jobs, NewestFirst, 3, None).await;
    assert_eq!(empty, Ok(Vec::new()));
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn rows_are_found_by_the_beginning_of_their_key() {
    let database = fresh().await;
    let ops = ["a/1", "a/2", "ab/1", "b/1"].map(|key| put(Store::Attempts, key, key));
    database
        .write(ops.into(), Durability::Relaxed)
        .await
        .unwrap();
    let found = database.with_prefix(Store::Attempts, "a/").await.unwrap();
    assert_eq!(keys(&found), ["a/1", "a/2"]);
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_decision_and_its_write_are_one() {
    let database = fresh().await;
    let take = async || {
        let decide = |rows: &[Option<String>]| {
            rows[0]
                .is_none()
                .then(|| vec![put(Store::Meta, "leader", "me"), put(Store::Jobs, "j", "")])
        };
        let reads = [(Store::Meta, "leader")];
        database
            .decide(&reads, &[Store::Jobs], Durability::Strict, decide)
            .await
            .unwrap()
    };
    assert!(take().await.is_some());
    assert!(take().await.is_none());
    assert_eq!(database.count(Store::Jobs).await, Ok(1));
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_decision_sees_the_rows_between_two_keys() {
    let database = fresh().await;
    let lines = ["a1", "a2", "b1"].map(|key| put(Store::Ledger, key, key));
    let others = vec![put(Store::Meta, "day", "torn")];
    for ops in [lines.into(), others] {
        database.write(ops, Durability::Relaxed).await.unwrap();
    }
    let range = ["a".to_owned(), "a\u{FFFF}".to_owned()];
    let decide = |rows: &[Option<String>], ranges: &[Rows]| {
        assert_eq!(rows, [Some("torn".to_owned()), None]);
        let found: Vec<String> = ranges.iter().map(|rows| keys(rows).join(" ")).collect();
        Some(vec![put(Store::Meta, "day", &found.join(", "))])
    };
    let reads = [(Store::Meta, "day"), (Store::Meta, "none")];
    let written = database
        .decide_over(
            &reads,
            &[(Store::Ledger, &range), (Store::Meta, &whole_store())],
            &[Store::Meta],
            Durability::Strict,
            decide,
        )
        .await;
    assert!(written.unwrap().is_some());
    let day = database.get(Store::Meta, "day").await;
    assert_eq!(day, Ok(Some("a1 a2, day".into())));
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn blobs_keep_every_byte() {
    let database = fresh().await;
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|n| ((n * 7) >> 3) as u8).collect();
    let image = picture(&bytes).await;
    let op = Op::PutBlob {
        store: Store::Blobs,
        key: image.key().into(),
        blob: (&image).into(),
    };
    database.write(vec![op], Durability::Strict).await.unwrap();
    let back = database.blob(Store::Blobs, image.key()).await.unwrap();
    let back = back.unwrap();
    assert_eq!(back, image);
    assert_eq!(back.bytes_len(), 3_000_000);
    assert!(back.read().await.unwrap() == bytes);
    let both = database
        .blobs(Store::Blobs, &["missing", image.key()])
        .await
        .unwrap();
    assert_eq!(both, [None, Some(image)]);
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_second_connection_gives_way_and_comes_back() {
    let name = format!("test-{}", random::id());
    let old = Database::open_named(&name).await.unwrap();
    let told = Rc::new(Cell::new(0));
    let counter = Rc::clone(&told);
    old.on_newer_version(move || counter.set(counter.get() + 1));
    let new = Database::open_named(&name).await.unwrap();
    new.erase_everything().await.unwrap();
    assert_eq!(told.get(), 1);
    let draft = vec![put(Store::Drafts, "draft", "private")];
    let refused = old.write(draft, Durability::Relaxed).await;
    assert_eq!(refused, Err(DatabaseError::GivenUp));
    // Nothing is begun, so nothing is spent; what was paid for before is saved all the same, on a new connection.
    let intent = vec![put(Store::Attempts, "a", "intent")];
    let refused = old.write(intent, Durability::Strict).await;
    assert_eq!(refused, Err(DatabaseError::GivenUp));
    let op = put(Store::Jobs, "late", "result");
    old.write(vec![op], Durability::Paid).await.unwrap();
    assert_eq!(old.count(Store::Jobs).await, Ok(1));
    old.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn what_the_page_has_begun_to_open_is_taken_over() {
    // Made, with its stores.
    let database = Database::open().await.unwrap();
    let row = vec![put(Store::Jobs, "j", "a")];
    database.write(row, Durability::Strict).await.unwrap();
    drop(database);
    let is_open = |connection: &web_sys::IdbDatabase| {
        let names = connection.object_store_names();
        names.length() > 0 && connection.transaction_with_str("jobs").is_ok()
    };
    let ours = open_raw("studio", VERSION).await;
    leave_opening(&ours);
    let database = Database::open().await.unwrap();
    assert_eq!(database.get(Store::Jobs, "j").await, Ok(Some("a".into())));
    assert!(is_open(&ours));
    drop(database);
    assert!(!is_open(&ours), "another connection was used");
    // One of another schema, and none at all: then it opens its own.
    let other = open_raw(&format!("test-{}", random::id()), VERSION).await;
    for opening in [other.as_ref(), &wasm_bindgen::JsValue::NULL] {
        leave_opening(opening);
        let database = Database::open().await.unwrap();
        assert_eq!(database.get(Store::Jobs, "j").await, Ok(Some("a".into())));
    }
    let database = Database::open().await.unwrap();
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn what_the_page_has_read_answers_the_first_question_and_no_other() {
    let database = Database::open().await.unwrap();
    let rows = vec![
        put(Store::Pictures, "1", "now"),
        put(Store::Thumbs, "a", "small"),
        put(Store::Thumbs, "b", "other"),
    ];
    database.write(rows, Durability::Strict).await.unwrap();
    drop(database);
    let opening = leave_opening(open_raw("studio", VERSION).await.as_ref());
    let read = r#"{"count": 30, "small": [["a", "early"]], "rows": [{"primaryKey": "1", "value": "then"}]}"#;
    let read = js_sys::JSON::parse(read).unwrap();
    js_sys::Object::assign(&opening, &read.into());
    let database = Database::open().await.unwrap();
    assert!(database.is_ahead());
    let page = |limit| database.page(Store::Pictures, Order::NewestFirst, limit, None);
    let small = async |keys: &[&str]| {
        let thumbs = database.thumbs(keys).await.unwrap();
        let text = |thumb: Option<DataAddress>| wasm_bindgen::JsValue::from(thumb?).as_string();
        thumbs.into_iter().map(text).collect::<Vec<_>>()
    };
    let row = |json: &str| vec![("1".to_owned(), json.to_owned())];
    // Another page than the one that was read, or one key more: the database is asked.
    assert_eq!(page(29).await, Ok(row("now")));
    assert_eq!(page(30).await, Ok(row("then")));
    assert_eq!(small(&["a"]).await, [Some("early".into())]);
    let both = small(&["a", "b"]).await;
    assert_eq!(both, [Some("small".into()), Some("other".into())]);
    // Asked once more, it is the database that answers from then on.
    assert_eq!(page(30).await, Ok(row("now")));
    assert_eq!(small(&["a"]).await, [Some("small".into())]);
    assert!(!database.is_ahead());
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_walk_meets_every_row_once() {
    for database in [fresh().await, Database::in_memory()] {
        let rows = ["1", "2", "3", "4"].map(|key| put(Store::Ledger, key, key));
        database
            .write(rows.to_vec(), Durability::Strict)
            .await
            .unwrap();
        // With a page that is not full at the end, and without one.
        for (limit, order, expected) in [
            (3, Order::OldestFirst, "123 4"),
            (3, Order::NewestFirst, "432 1"),
            (2, Order::OldestFirst, "12 34 "),
            (9, Order::NewestFirst, "4321"),
        ] {
            let (mut pages, mut met) = (database.pages(Store::Ledger, order, limit), Vec::new());
            while let Some(page) = pages.next().await.unwrap() {
                met.push(page.into_iter().map(|(key, _)| key).collect::<String>());
            }
            assert_eq!(met.join(" "), expected);
            assert_eq!(pages.next().await, Ok(None));
        }
        let rest = database.pages(Store::Ledger, Order::OldestFirst, 9);
        let rest = rest.behind(Some("2".into())).next().await.unwrap();
        assert_eq!(rest.unwrap().len(), 2);
        database.erase_everything().await.unwrap();
    }
}

/// As the page does that opens the database beside the app's first file.
fn leave_opening(connection: &wasm_bindgen::JsValue) -> js_sys::Object {
    let document = super::window().document().unwrap();
    let opening = js_sys::Object::new();
    js_sys::Reflect::set(&opening, &"database".into(), connection).unwrap();
    let opened = js_sys::Promise::resolve(&opening);
    js_sys::Reflect::set(&document, &"opening".into(), &opened).unwrap();
    opening
}

#[wasm_bindgen_test]
async fn a_newer_database_is_read_and_left_alone() {
    let name = format!("test-{}", random::id());
    let database = Database::open_named(&name).await.unwrap();
    let row = vec![put(Store::Pictures, "p", "{}")];
    database.write(row, Durability::Strict).await.unwrap();
    assert!(!database.is_read_only());
    drop(database);
    open_raw(&name, VERSION + 1).await.close();
    let database = Database::open_named(&name).await.unwrap();
    assert!(database.is_read_only());
    let kept = database.get(Store::Pictures, "p").await;
    assert_eq!(kept, Ok(Some("{}".into())));
    for durability in [Durability::Paid, Durability::Strict, Durability::Relaxed] {
        let row = vec![put(Store::Pictures, "p", "changed")];
        let refused = database.write(row, durability).await;
        assert_eq!(refused, Err(DatabaseError::NewerSchema));
    }
    let aside = database.set_aside(Store::Pictures, |_, _| false).await;
    assert_eq!(aside, Err(DatabaseError::NewerSchema));
    assert_eq!(database.count(Store::Pictures).await, Ok(1));
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn an_old_tab_gives_way_to_a_newer_schema_and_begins_nothing_more() {
    let name = format!("test-{}", random::id());
    let old = Database::open_named(&name).await.unwrap();
    let told = Rc::new(Cell::new(0));
    let counter = Rc::clone(&told);
    old.on_newer_version(move || counter.set(counter.get() + 1));
    let start = clock::monotonic_ms();
    let newer = open_raw(&name, VERSION + 1).await;
    let took = clock::monotonic_ms() - start;
    assert!(took < 1000.0, "{took} ms");
    assert_eq!(told.get(), 1);
    let intent = vec![put(Store::Attempts, "a", "intent")];
    let refused = old.write(intent, Durability::Strict).await;
    assert_eq!(refused, Err(DatabaseError::GivenUp));
    // What it had sent before is saved beside the newer schema.
    let result = vec![put(Store::Pictures, "p", "paid")];
    old.write(result, Durability::Paid).await.unwrap();
    assert_eq!(newer.version(), f64::from(VERSION + 1));
    newer.close();
    assert_eq!(old.get(Store::Pictures, "p").await, Ok(Some("paid".into())));
    old.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_connection_that_the_browser_ends_is_made_anew() {
    let database = fresh().await;
    let emptied = Rc::new(Cell::new(false));
    let told = Rc::clone(&emptied);
    database.on_emptied(move || told.set(true));
    let row = vec![put(Store::Jobs, "before", "a")];
    database.write(row, Durability::Strict).await.unwrap();
    forget_connections();
    // Neither the person nor whoever writes notices anything.
    let row = vec![put(Store::Jobs, "after", "b")];
    database.write(row, Durability::Strict).await.unwrap();
    forget_connections();
    assert_eq!(database.count(Store::Jobs).await, Ok(2));
    assert!(!emptied.get());
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_database_that_vanishes_is_told_of() {
    let name = format!("test-{}", random::id());
    let database = Database::open_named(&name).await.unwrap();
    let emptied = Rc::new(Cell::new(false));
    let told = Rc::clone(&emptied);
    database.on_emptied(move || told.set(true));
    forget_connections();
    let factory = super::window().indexed_db().unwrap().unwrap();
    let gone = factory.delete_database(&name).unwrap();
    let deleted = js_sys::Promise::new(&mut |resolve, _| gone.set_onsuccess(Some(&resolve)));
    wasm_bindgen_futures::JsFuture::from(deleted).await.unwrap();
    // What was under way does not begin anew as if nothing had happened.
    let intent = vec![put(Store::Attempts, "a", "intent")];
    let refused = database.write(intent, Durability::Strict).await;
    assert_eq!(refused, Err(DatabaseError::Cleared));
    assert!(emptied.get());
    assert_eq!(database.count(Store::Attempts).await, Ok(0));
    database.erase_everything().await.unwrap();
}

/// A connection that gives way to nobody.
async fn open_raw(name: &str, version: u32) -> web_sys::IdbDatabase {
    let factory = super::window().indexed_db().unwrap().unwrap();
    let request = factory.open_with_u32(name, version).unwrap();
    let opened = js_sys::Promise::new(&mut |resolve, _| request.set_onsuccess(Some(&resolve)));
    wasm_bindgen_futures::JsFuture::from(opened).await.unwrap();
    wasm_bindgen::JsCast::unchecked_into(request.result().unwrap())
}

#[wasm_bindgen_test]
async fn a_tab_that_does_not_give_way_is_waited_for_three_seconds() {
    let name = format!("test-{}", random::id());
    let stubborn = open_raw(&name, 1).await;
    let factory = super::window().indexed_db().unwrap().unwrap();
    factory.delete_database(&name).unwrap();
    let start = clock::monotonic_ms();
    let blocked = Database::open_named(&name).await.unwrap_err();
    let waited = clock::monotonic_ms() - start;
    assert_eq!(blocked, DatabaseError::Blocked);
    assert!((2900.0..4000.0).contains(&waited), "{waited}");
    stubborn.close();
    // The late connection made the stores, and closed itself.
    let database = Database::open_named(&name).await.unwrap();
    assert_eq!(database.count(Store::Quarantine).await, Ok(0));
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen(inline_js = "
const transaction = IDBDatabase.prototype.transaction, put = IDBObjectStore.prototype.put;
const clear = IDBObjectStore.prototype.clear, opened = [];
const result = Object.getOwnPropertyDescriptor(IDBRequest.prototype, 'result').get;
Object.defineProperty(IDBRequest.prototype, 'result', { get() { const found = result.call(this); if (found instanceof IDBDatabase) opened.push(found); return found; } });
let asked = '';
export function asked_durability() { return asked; }
export function spy() {
  IDBDatabase.prototype.transaction = function (...a) { const t = transaction.apply(this, a); asked += t.durability + ' '; return t; };
}
export function fill_disk() {
  let n = 0;
  IDBObjectStore.prototype.put = function (...a) {
    if (n++ === 1) throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, a);
  };
}
export function fill_disk_until_cleared() {
  let is_full = true;
  IDBObjectStore.prototype.put = function (...a) {
    if (is_full && this.name === 'blobs') throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, a);
  };
  IDBObjectStore.prototype.clear = function (...a) { is_full = false; return clear.apply(this, a); };
}
export function forget_connections() {
  // As the browser does when it clears the data of a site.
  for (const one of opened.splice(0)) { one.close(); one.dispatchEvent(new Event('close')); }
}
export function undo() { IDBDatabase.prototype.transaction = transaction; IDBObjectStore.prototype.put = put; IDBObjectStore.prototype.clear = clear; }
")]
extern "C" {
    fn asked_durability() -> String;
    fn spy();
    fn fill_disk();
    fn fill_disk_until_cleared();
    fn forget_connections();
    fn undo();
}

#[wasm_bindgen_test]
async fn strict_is_what_the_browser_hears() {
    let database = fresh().await;
    spy();
    for durability in [Durability::Strict, Durability::Relaxed] {
        let ops = vec![put(Store::Jobs, "j", "")];
        database.write(ops, durability).await.unwrap();
    }
    undo();
    assert_eq!(asked_durability(), "strict relaxed ");
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn a_full_disk_undoes_all_of_it() {
    let database = fresh().await;
    fill_disk();
    let ops = vec![put(Store::Jobs, "j", ""), put(Store::Ledger, "l", "")];
    let written = database.write(ops, Durability::Strict).await;
    undo();
    assert_eq!(written, Err(DatabaseError::QuotaExceeded));
    assert_eq!(database.count(Store::Jobs).await, Ok(0));
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn the_ballast_makes_room_for_what_was_paid_for_and_for_nothing_else() {
    let database = fresh().await;
    let ballast = Op::PutBlob {
        store: Store::Ballast,
        key: "held".into(),
        blob: noise(3 << 20).unwrap(),
    };
    database
        .write(vec![ballast], Durability::Relaxed)
        .await
        .unwrap();
    let image = picture(b"paid").await;
    let result = || {
        vec![Op::PutBlob {
            store: Store::Blobs,
            key: image.key().into(),
            blob: (&image).into(),
        }]
    };
    fill_disk_until_cleared();
    let other = database.write(result(), Durability::Strict).await;
    let held = database.count(Store::Ballast).await;
    let was_full = database.take_was_full();
    let decide = |_: &[Option<String>]| Some(result());
    let paid = database
        .decide(&[], &[Store::Blobs], Durability::Paid, decide)
        .await;
    undo();
    assert_eq!(other, Err(DatabaseError::QuotaExceeded));
    assert_eq!(held, Ok(1));
    assert!(was_full);
    assert!(paid.unwrap().is_some());
    assert_eq!(database.count(Store::Ballast).await, Ok(0));
    assert_eq!(database.count(Store::Blobs).await, Ok(1));
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn in_the_memory_of_a_tab_blobs_keep_every_byte() {
    let database = Database::in_memory();
    let image = picture(&[7; 70_000]).await;
    let op = Op::PutBlob {
        store: Store::Blobs,
        key: image.key().into(),
        blob: (&image).into(),
    };
    let row = put(Store::Pictures, "p", "{}");
    database
        .write(vec![op, row], Durability::Paid)
        .await
        .unwrap();
    let back = database.blobs(Store::Blobs, &["none", image.key()]).await;
    let back = back.unwrap().pop().flatten().unwrap();
    assert_eq!(back.media_type(), image.media_type());
    assert!(back.read().await.unwrap() == [7; 70_000]);
    let decide = |rows: &[Option<String>]| {
        assert_eq!(rows, [Some("{}".to_owned())]);
        Some(vec![put(Store::Pictures, "p", "2")])
    };
    let reads = [(Store::Pictures, "p")];
    let decided = database
        .decide(&reads, &[Store::Pictures], Durability::Strict, decide)
        .await;
    assert!(decided.unwrap().is_some());
    let page = database
        .page(Store::Pictures, Order::NewestFirst, 9, None)
        .await;
    assert_eq!(page, Ok(vec![("p".into(), "2".into())]));
    database.erase_everything().await.unwrap();
    assert_eq!(database.count(Store::Blobs).await, Ok(0));
}

#[wasm_bindgen_test]
async fn measured() {
    let database = fresh().await;
    let bytes = vec![7; 1_500_000];
    let mut times = Vec::new();
    for n in 0..20_u8 {
        let image = picture(&[&bytes[..], &[n]].concat()).await;
        let start = clock::monotonic_ms();
        let ops = vec![
            Op::PutBlob {
                store: Store::Blobs,
                key: image.key().into(),
                blob: (&image).into(),
            },
            put(Store::Pictures, &random::id(), "{}"),
            put(Store::Ledger, &random::id(), "{}"),
        ];
        database.write(ops, Durability::Strict).await.unwrap();
        times.push(clock::monotonic_ms() - start);
    }
    times.sort_by(f64::total_cmp);
    console_log!(
        "strict commit of 1.5 MB: median {} ms, worst {} ms",
        times[10],
        times[19]
    );
    for _ in 0..10 {
        let rows = (0..1000).map(|_| put(Store::Jobs, &random::id(), &"x".repeat(500)));
        database
            .write(rows.collect(), Durability::Relaxed)
            .await
            .unwrap();
    }
    let mut times = Vec::new();
    for _ in 0..21 {
        let start = clock::monotonic_ms();
        let page = database
            .page(Store::Jobs, Order::NewestFirst, 60, None)
            .await;
        times.push(clock::monotonic_ms() - start);
        assert_eq!(page.unwrap().len(), 60);
    }
    times.sort_by(f64::total_cmp);
    console_log!(
        "60 newest of 10,000: median {} ms, worst {} ms",
        times[10],
        times[20]
    );
    database.erase_everything().await.unwrap();
}
