//! Databases of every schema that there was, as their builds have written them, opened by this one.

use pentimento::browser::database::{Database, Durability, Op, Store, VERSION};
use pentimento::browser::random;
use pentimento::domain::record::{Attempt, PictureRecord, Stored, read_row};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;

/// Written by `e2e --fixture` with a build of that schema.
const FIXTURES: [(u32, &str); 1] = [(1, include_str!("fixtures/schema-1.json"))];

#[wasm_bindgen(module = "/tests/browser/schema.js")]
extern "C" {
    /// Makes a database with these rows.
    #[wasm_bindgen(catch)]
    async fn lay(name: &str, fixture: &str) -> Result<JsValue, JsValue>;
    /// Everything in it, as a fixture.
    #[wasm_bindgen(catch)]
    async fn read(name: &str) -> Result<JsValue, JsValue>;
    /// Changes rows of a store at random, so many times from that seed; gives how many rows the store has then.
    #[wasm_bindgen(catch)]
    async fn damage(name: &str, store: &str, times: u32, seed: u32) -> Result<JsValue, JsValue>;
    fn refuse_new_stores(is_refused: bool);
}

async fn laid(fixture: &str) -> String {
    let name = format!("test-{}", random::id());
    lay(&name, fixture).await.unwrap();
    name
}

async fn all(name: &str) -> String {
    read(name).await.unwrap().as_string().unwrap()
}

/// Without the version and the stores that the fixture does not have: those are empty.
fn rows(text: &str) -> Vec<(String, String)> {
    let whole: serde_json::Value = serde_json::from_str(text).unwrap();
    let stores = whole["stores"].as_object().unwrap();
    let filled = stores
        .iter()
        .filter(|(_, rows)| rows.as_array().is_some_and(|rows| !rows.is_empty()));
    filled
        .map(|(name, rows)| (name.clone(), rows.to_string()))
        .collect()
}

fn version(text: &str) -> u64 {
    let whole: serde_json::Value = serde_json::from_str(text).unwrap();
    whole["version"].as_u64().unwrap()
}

async fn readable<T: Stored>(database: &Database, store: Store) -> usize {
    let found = database.with_prefix(store, "").await.unwrap();
    for (key, json) in &found {
        let row = read_row::<T>(key, json);
        assert!(row.is_ok(), "{store:?} {key}: {:?}", row.err());
    }
    found.len()
}

#[wasm_bindgen_test]
async fn no_row_and_no_byte_changes_when_an_older_schema_is_opened() {
    for (schema, fixture) in FIXTURES {
        let name = laid(fixture).await;
        assert_eq!(rows(&all(&name).await), rows(fixture), "as it was laid");
        let (one, other) = futures::join!(Database::open_named(&name), Database::open_named(&name));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert!(!one.is_read_only() && !other.is_read_only());
        let after = all(&name).await;
        assert_eq!(version(&after), u64::from(VERSION), "from {schema}");
        assert_eq!(rows(&after), rows(fixture), "from {schema}");
        for database in [&one, &other] {
            assert!(readable::<PictureRecord>(database, Store::Pictures).await > 1);
            assert!(readable::<PictureRecord>(database, Store::Trash).await > 0);
            assert!(readable::<Attempt>(database, Store::Attempts).await > 3);
        }
        // And the new stores can be written to.
        let op = Op::Put {
            store: Store::Ballast,
            key: "k".into(),
            json: "{}".into(),
        };
        other.write(vec![op], Durability::Strict).await.unwrap();
        assert_eq!(one.count(Store::Ballast).await, Ok(1));
        one.erase_everything().await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn an_upgrade_that_is_broken_off_leaves_the_old_one() {
    for (schema, fixture) in FIXTURES {
        let name = laid(fixture).await;
        refuse_new_stores(true);
        let broken = Database::open_named(&name).await;
        refuse_new_stores(false);
        assert!(broken.is_err(), "from {schema}");
        let after = all(&name).await;
        assert_eq!(version(&after), u64::from(schema));
        assert_eq!(rows(&after), rows(fixture));
        let database = Database::open_named(&name).await.unwrap();
        assert_eq!(rows(&all(&name).await), rows(fixture));
        database.erase_everything().await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn damaged_rows_are_set_aside_whole_and_the_others_stay() {
    let (_, fixture) = FIXTURES[0];
    for seed in 0..6 {
        let name = laid(fixture).await;
        let mut found = Vec::new();
        for store in [Store::Pictures, Store::Trash, Store::Attempts] {
            let count = damage(&name, store.name(), 100, seed).await.unwrap();
            found.push((store, count.as_f64().unwrap() as u64));
        }
        let database = Database::open_named(&name).await.unwrap();
        let before = database.count(Store::Quarantine).await.unwrap();
        let mut aside = 0;
        for (store, count) in found {
            let moved = match store {
                Store::Attempts => set_aside::<Attempt>(&database, store).await,
                _ => set_aside::<PictureRecord>(&database, store).await,
            };
            assert!(moved > 0, "{store:?} of {count}");
            assert_eq!(database.count(store).await, Ok(count - moved as u64));
            aside += moved;
        }
        assert_eq!(database.damaged_rows().await.unwrap().len(), aside);
        let after = database.count(Store::Quarantine).await.unwrap();
        assert_eq!(after - before, aside as u64);
        readable::<PictureRecord>(&database, Store::Pictures).await;
        readable::<PictureRecord>(&database, Store::Trash).await;
        readable::<Attempt>(&database, Store::Attempts).await;
        // Nothing is left to be set aside.
        assert_eq!(
            set_aside::<PictureRecord>(&database, Store::Pictures).await,
            0
        );
        database.erase_everything().await.unwrap();
    }
}

async fn set_aside<T: Stored>(database: &Database, store: Store) -> usize {
    let is_readable = |key: &str, json: &str| read_row::<T>(key, json).is_ok();
    database.set_aside(store, is_readable).await.unwrap()
}
