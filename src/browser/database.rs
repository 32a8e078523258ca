//! IndexedDB with one verb: [`Database::write`] commits operations on several stores together or not at all.
//!
//! Not the crate `idb` (0.6.5): it cannot ask for strict durability, loses the reason of an abort, and brings tokio.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Object, Promise, Reflect};
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, DomException, Event, IdbCursor, IdbCursorDirection, IdbDatabase, IdbFactory, IdbKeyRange,
    IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbVersionChangeEvent,
};

use super::error::DatabaseError;
use super::folder::Folder;
use super::listener::Listener;
use super::memory::Memory;
use super::picture::{BlobHandle, Picture};
use super::{clock, describe, property, random};

/// The one database of the app.
const NAME: &str = "studio";
/// The number of the schema; never used again for another. A newer one adds to what is there and changes nothing of it, so
/// that the build before can read it (`tests/browser/fixtures` holds what each has written).
pub const VERSION: u32 = 2;
/// Where in the document the page leaves what it has begun to open.
const OPENING: &str = "opening";
/// How long opening may take: a hung tab that holds the database sends no event at all.
const OPEN_MS: f64 = 3000.0;

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

/// How long the browser may take to count as free what was deleted, before what was paid for is written again.
const FREED_MS: [u32; 4] = [0, 50, 200, 500];

/// The stores. Keys are strings outside the values; values are JSON, except Blobs in `Blobs`, `Quarantine` and `Ballast`, and
/// addresses of small pictures in `Thumbs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    Meta,
    Blobs,
    Pictures,
    Thumbs,
    Jobs,
    Attempts,
    Ledger,
    Drafts,
    Trash,
    /// What cannot be read, as it was found: replies that were paid for, and damaged rows.
    Quarantine,
    /// Room that is held free.
    Ballast,
}

impl Store {
    pub const ALL: [Self; 11] = [
        Self::Meta,
        Self::Blobs,
        Self::Pictures,
        Self::Thumbs,
        Self::Jobs,
        Self::Attempts,
        Self::Ledger,
        Self::Drafts,
        Self::Trash,
        Self::Quarantine,
        Self::Ballast,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Blobs => "blobs",
            Self::Pictures => "pictures",
            Self::Thumbs => "thumbs",
            Self::Jobs => "jobs",
            Self::Attempts => "attempts",
            Self::Ledger => "ledger",
            Self::Drafts => "drafts",
            Self::Trash => "trash",
            Self::Quarantine => "quarantine",
            Self::Ballast => "ballast",
        }
    }
}

/// Rows with their keys.
pub type Rows = Vec<(String, String)>;

/// All keys.
pub fn whole_store() -> [String; 2] {
    [String::new(), "\u{FFFF}".to_owned()]
}

/// One change.
#[derive(Debug, Clone)]
pub enum Op {
    Put {
        store: Store,
        key: String,
        json: String,
    },
    /// Like `Put`, but a key that is there already undoes the whole write.
    Add {
        store: Store,
        key: String,
        json: String,
    },
    PutBlob {
        store: Store,
        key: String,
        blob: BlobHandle,
    },
    PutFolder {
        store: Store,
        key: String,
        folder: Folder,
    },
    Delete {
        store: Store,
        key: String,
    },
}

impl Op {
    #[must_use]
    pub fn store(&self) -> Store {
        match self {
            Self::Put { store, .. }
            | Self::Add { store, .. }
            | Self::PutBlob { store, .. }
            | Self::PutFolder { store, .. }
            | Self::Delete { store, .. } => *store,
        }
    }

    fn apply(&self, transaction: &IdbTransaction) -> Result<(), JsValue> {
        let store = transaction.object_store(self.store().name())?;
        match self {
            Self::Put { key, json, .. } => store.put_with_key(&json.into(), &key.into()),
            Self::Add { key, json, .. } => store.add_with_key(&json.into(), &key.into()),
            Self::PutBlob { key, blob, .. } => store.put_with_key(&blob.0, &key.into()),
            Self::PutFolder { key, folder, .. } => store.put_with_key(&folder.0, &key.into()),
            Self::Delete { key, .. } => store.delete(&key.into()),
        }
        .map(drop)
    }
}

/// When a write counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On the disk, and let through whatever has happened in the meantime: for what was paid for. The ballast makes room for
    /// it, and a tab that has given way to a newer version still writes it.
    Paid,
    /// On the disk.
    Strict,
    /// Handed to the system: for what can be made again.
    Relaxed,
}

/// Proof that a write was committed: only [`Database::write`] and [`Database::decide`] make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saved(());

/// In which order keys come; ids sort by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    NewestFirst,
    OldestFirst,
}

/// The open database. Clones share the connection.
#[derive(Clone)]
pub struct Database(SendWrapper<Rc<Inner>>);

struct Inner {
    name: String,
    connection: RefCell<Option<Connection>>,
    /// Where the browser keeps nothing.
    memory: Option<RefCell<Memory>>,
    advance: RefCell<Option<Advance>>,
    /// Another tab has a newer app, or somebody erased everything: nothing but what was paid for is written any more.
    gone: Cell<bool>,
    /// A newer app made it: it is read, and never written to.
    read_only: Cell<bool>,
    /// No space was left for something.
    was_full: Cell<bool>,
    /// How often all of it was cleared under the open app.
    cleared: Cell<u32>,
    on_newer: Callback,
    on_emptied: Callback,
}

type Callback = RefCell<Option<Rc<dyn Fn()>>>;

fn call_back(callback: &Callback) {
    let callback = callback.borrow().clone();
    if let Some(callback) = callback {
        callback();
    }
}

struct Connection {
    database: IdbDatabase,
    _listeners: [Option<Listener>; 2],
}

/// Why a transaction did not happen.
enum Fault {
    /// The connection is gone; nothing was committed.
    Lost,
    Failed(DatabaseError),
}

type Answer<T> = Result<T, Fault>;

impl Database {
    /// Opens the app's database, and makes it where there is none.
    ///
    /// # Errors
    /// [`DatabaseError::Blocked`] after three seconds without an answer. One that a newer app made is opened, and only read.
    pub async fn open() -> Result<Self, DatabaseError> {
        let inner = Rc::new(Inner::new(NAME, None));
        let database = match opened_early().await? {
            Some(early) => {
                inner.advance.replace(early.advance);
                early.database
            }
            None => inner.connect().await?.database,
        };
        inner.adopt(database);
        Ok(Self(SendWrapper::new(inner)))
    }

    /// Opens another database of the same shape: for staging an import, and for tests.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_named(name: &str) -> Result<Self, DatabaseError> {
        let inner = Rc::new(Inner::new(name, None));
        let opened = inner.connect().await?;
        inner.adopt(opened.database);
        Ok(Self(SendWrapper::new(inner)))
    }

    /// The same stores in the memory of this tab, for a browser that keeps nothing: all is gone with the page.
    #[must_use]
    pub fn in_memory() -> Self {
        let inner = Inner::new(NAME, Some(RefCell::default()));
        Self(SendWrapper::new(Rc::new(inner)))
    }

    #[must_use]
    pub fn is_in_memory(&self) -> bool {
        self.0.memory.is_some()
    }

    /// Whether what it answers first was read in advance: then it should be asked again.
    #[must_use]
    pub fn is_ahead(&self) -> bool {
        self.0.advance.borrow().is_some()
    }

    /// Whether a newer app made it.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.read_only.get()
    }

    /// Whether no space was left for something since the last call.
    #[must_use]
    pub fn take_was_full(&self) -> bool {
        self.0.was_full.take()
    }

    /// Calls when the database was gone in the middle of the work, and a new, empty one has taken its place.
    pub fn on_emptied(&self, f: impl Fn() + 'static) {
        self.0.on_emptied.replace(Some(Rc::new(f)));
    }

    /// Calls when another tab wants the database for a newer version of the app, or erases it. The connection is closed by
    /// then, so that tab goes on. What was paid for and is still to come opens a new one; all else is not written from now on.
    pub fn on_newer_version(&self, f: impl Fn() + 'static) {
        self.0.on_newer.replace(Some(Rc::new(f)));
    }

    /// All operations in one transaction, resolved when it is complete.
    ///
    /// # Errors
    /// Then nothing of it is kept.
    pub async fn write(
        &self,
        ops: Vec<Op>,
        durability: Durability,
    ) -> Result<Saved, DatabaseError> {
        let stores: Vec<Store> = ops.iter().map(Op::store).collect();
        if stores.is_empty() {
            return Ok(Saved(()));
        }
        self.0.admit(durability)?;
        if let Some(memory) = &self.0.memory {
            return memory.borrow_mut().apply(&ops).map(|()| Saved(()));
        }
        self.with_room(durability, async || {
            self.twice(durability, async |database| {
                write_once(&database, &stores, &ops, durability).await
            })
            .await
        })
        .await
    }

    /// Runs a transaction; where no space is left for what was paid for, once more without the ballast.
    async fn with_room<T>(
        &self,
        durability: Durability,
        f: impl AsyncFn() -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let mut written = f().await;
        if !matches!(written, Err(DatabaseError::QuotaExceeded)) {
            return written;
        }
        self.0.was_full.set(true);
        if durability != Durability::Paid || !self.release_ballast().await {
            return written;
        }
        for wait in FREED_MS {
            clock::sleep(wait).await;
            written = f().await;
            if !matches!(written, Err(DatabaseError::QuotaExceeded)) {
                break;
            }
        }
        written
    }

    /// Gives the room free that was held; gives whether there was any.
    async fn release_ballast(&self) -> bool {
        // A schema before it may lie under a connection that came late.
        if !matches!(self.count(Store::Ballast).await, Ok(count) if count > 0) {
            return false;
        }
        let released = self
            .twice(Durability::Relaxed, async |database| {
                let transaction = begin(&database, &[Store::Ballast], Durability::Relaxed)?;
                let complete = transaction_promise(&transaction);
                let store = transaction.object_store(Store::Ballast.name());
                let cleared = store.and_then(|store| store.clear());
                cleared.map_err(thrown("write"))?;
                finish(&transaction, complete, &[]).await
            })
            .await;
        released.is_ok()
    }

    /// Reads rows and decides, within the same transaction, what to write: for what must not change in between. `scope`
    /// names the stores written to; `decide` may run again when the connection was lost; `None` writes nothing.
    ///
    /// # Errors
    /// Then nothing of it is kept.
    pub async fn decide(
        &self,
        reads: &[(Store, &str)],
        scope: &[Store],
        durability: Durability,
        decide: impl Fn(&[Option<String>]) -> Option<Vec<Op>>,
    ) -> Result<Option<Saved>, DatabaseError> {
        self.decide_over(reads, &[], scope, durability, |rows, _| decide(rows))
            .await
    }

    /// The same, with all rows of some ranges as well, from one key to another, each in the order of its keys.
    ///
    /// # Errors
    /// Then nothing of it is kept.
    pub async fn decide_over(
        &self,
        reads: &[(Store, &str)],
        ranges: &[(Store, &[String; 2])],
        scope: &[Store],
        durability: Durability,
        decide: impl Fn(&[Option<String>], &[Rows]) -> Option<Vec<Op>>,
    ) -> Result<Option<Saved>, DatabaseError> {
        let read = reads.iter().map(|(store, _)| *store);
        let stores: Vec<Store> = scope
            .iter()
            .copied()
            .chain(read)
            .chain(ranges.iter().map(|(store, _)| *store))
            .collect();
        self.0.admit(durability)?;
        if let Some(memory) = &self.0.memory {
            let (rows, pairs) = memory.borrow().look(reads, ranges);
            return match decide(&rows, &pairs) {
                Some(ops) => memory.borrow_mut().apply(&ops).map(|()| Some(Saved(()))),
                None => Ok(None),
            };
        }
        self.with_room(durability, async || {
            self.twice(durability, async |database| {
                decide_once(&database, &stores, reads, ranges, durability, &decide).await
            })
            .await
        })
        .await
    }

    /// Moves every row of a store that is no text, or none that can be read, into `Quarantine`, as it is and under a key that
    /// names its place: all of them or none. Gives how many.
    ///
    /// # Errors
    /// Then all are where they were.
    pub async fn set_aside(
        &self,
        store: Store,
        is_readable: impl Fn(&str, &str) -> bool,
    ) -> Result<usize, DatabaseError> {
        self.0.admit(Durability::Strict)?;
        if self.is_in_memory() {
            return Ok(0);
        }
        self.twice(Durability::Strict, async |database| {
            set_aside_once(&database, store, &is_readable).await
        })
        .await
    }

    /// What was set aside, to be looked at elsewhere: each key, and its value as JSON where it is no Blob.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn damaged_rows(&self) -> Result<Rows, DatabaseError> {
        if self.is_in_memory() {
            return Ok(Vec::new());
        }
        self.read(Store::Quarantine, async |store| {
            let end = format!("{DAMAGED}\u{FFFF}");
            let range = IdbKeyRange::bound(&DAMAGED.into(), &end.into()).map_err(thrown("read"))?;
            let answers = answers(&ask_rows(&store, &range, u32::MAX)?).await?;
            let shown = |value: JsValue| {
                let json = js_sys::JSON::stringify(&value).ok();
                json.and_then(|json| json.as_string()).unwrap_or_default()
            };
            let [keys, values] = &answers[..] else {
                return Ok(Vec::new());
            };
            let (keys, values) = (Array::from(keys), Array::from(values));
            let keys = keys.iter().map(|key| key.as_string().unwrap_or_default());
            Ok(keys.zip(values.iter().map(shown)).collect())
        })
        .await
    }

    /// The JSON under a key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn get(&self, store: Store, key: &str) -> Result<Option<String>, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            return Ok(memory.borrow().get(store, key));
        }
        self.read(store, async |store| {
            let value = answer(&store.get(&key.into()).map_err(thrown("read"))?).await?;
            Ok(value.as_string())
        })
        .await
    }

    /// Several such texts in one transaction, in the order of the keys.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn texts(
        &self,
        store: Store,
        keys: &[&str],
    ) -> Result<Vec<Option<String>>, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            let memory = memory.borrow();
            return Ok(keys.iter().map(|key| memory.get(store, key)).collect());
        }
        if let Some(texts) = self.0.texts_in_advance(store, keys) {
            return Ok(texts);
        }
        self.read(store, async |store| {
            let values = answers(&ask_for(&store, keys)?).await?;
            Ok(values.iter().map(JsValue::as_string).collect())
        })
        .await
    }

    /// At most `limit` rows in that order, beyond the key `before` where one is given (the last of the page before).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn page(
        &self,
        store: Store,
        order: Order,
        limit: u32,
        before: Option<&str>,
    ) -> Result<Vec<(String, String)>, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            return Ok(memory.borrow().page(store, order, limit, before));
        }
        if order == Order::NewestFirst
            && before.is_none()
            && let Some(page) = self.0.page_in_advance(store, limit)
        {
            return Ok(page);
        }
        self.read(store, async |store| match order {
            Order::NewestFirst => newest(&store, limit, before).await,
            Order::OldestFirst => {
                let range = before.map(|key| IdbKeyRange::lower_bound_with_open(&key.into(), true));
                let range = range.transpose().map_err(thrown("read"))?;
                rows(&store, range.as_ref(), limit).await
            }
        })
        .await
    }

    /// All rows whose key begins so, in the order of their keys.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn with_prefix(
        &self,
        store: Store,
        prefix: &str,
    ) -> Result<Vec<(String, String)>, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            let range = [prefix.to_owned(), format!("{prefix}\u{FFFF}")];
            return Ok(memory.borrow().rows(store, &range));
        }
        self.read(store, async |store| {
            let end = format!("{prefix}\u{FFFF}");
            let range = IdbKeyRange::bound(&prefix.into(), &end.into()).map_err(thrown("read"))?;
            rows(&store, Some(&range), u32::MAX).await
        })
        .await
    }

    /// How many rows a store has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self, store: Store) -> Result<u64, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            return Ok(memory.borrow().count(store));
        }
        self.read(store, async |store| {
            let value = answer(&store.count().map_err(thrown("count"))?).await?;
            Ok(value.as_f64().unwrap_or_default() as u64)
        })
        .await
    }

    /// How many rows have a key behind that one.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count_behind(&self, store: Store, key: &str) -> Result<u64, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            let range = [format!("{key}\0"), "\u{FFFF}".to_owned()];
            return Ok(memory.borrow().rows(store, &range).len() as u64);
        }
        self.read(store, async |store| {
            let range = IdbKeyRange::lower_bound_with_open(&key.into(), true);
            let range = range.map_err(thrown("count"))?;
            let count = store.count_with_key(&range).map_err(thrown("count"))?;
            Ok(answer(&count).await?.as_f64().unwrap_or_default() as u64)
        })
        .await
    }

    /// A picture, its bytes still in the browser's storage; its pixels are not measured.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn blob(&self, store: Store, key: &str) -> Result<Option<Picture>, DatabaseError> {
        let mut pictures = self.blobs(store, &[key]).await?;
        Ok(pictures.pop().flatten())
    }

    /// The folder under a key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn folder(&self, store: Store, key: &str) -> Result<Option<Folder>, DatabaseError> {
        if self.is_in_memory() {
            return Ok(None);
        }
        self.read(store, async |store| {
            let value = answer(&store.get(&key.into()).map_err(thrown("read"))?).await?;
            Ok(value.is_object().then(|| Folder(SendWrapper::new(value))))
        })
        .await
    }

    /// Several pictures in one transaction, in the order of the keys.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn blobs(
        &self,
        store: Store,
        keys: &[&str],
    ) -> Result<Vec<Option<Picture>>, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            let memory = memory.borrow();
            let blob = |key: &&str| Some(Picture::stored(key, memory.blob(store, key)?));
            return Ok(keys.iter().map(blob).collect());
        }
        self.read(store, async |store| {
            let values = answers(&ask_for(&store, keys)?).await?;
            let mut pictures = Vec::with_capacity(keys.len());
            for (key, value) in keys.iter().zip(values) {
                let blob = value.dyn_into::<Blob>().ok();
                pictures.push(blob.map(|blob| Picture::stored(key, blob)));
            }
            Ok(pictures)
        })
        .await
    }

    /// Closes and deletes the whole database; the page should load anew then.
    ///
    /// # Errors
    /// [`DatabaseError::Blocked`] while another tab keeps it open; it is then deleted when that tab lets go.
    pub async fn erase_everything(&self) -> Result<(), DatabaseError> {
        self.0.gone.set(true);
        if let Some(memory) = &self.0.memory {
            memory.take();
            return Ok(());
        }
        self.0.close();
        let request = factory()?
            .delete_database(&self.0.name)
            .map_err(|thrown| failure("erase", &thrown))?;
        let promise = request_promise(&request);
        match clock::within(OPEN_MS, JsFuture::from(promise)).await {
            Some(Ok(_)) => Ok(()),
            Some(Err(event)) => Err(event_failure("erase", &event)),
            None => Err(DatabaseError::Blocked),
        }
    }

    async fn read<T>(
        &self,
        store: Store,
        f: impl AsyncFn(IdbObjectStore) -> Answer<T>,
    ) -> Result<T, DatabaseError> {
        self.twice(Durability::Relaxed, async |database| {
            let transaction = database
                .transaction_with_str(store.name())
                .map_err(thrown("read"))?;
            f(transaction
                .object_store(store.name())
                .map_err(thrown("read"))?)
            .await
        })
        .await
    }

    /// Runs a transaction, and once more on a new connection where the old one was lost: nothing was committed then.
    async fn twice<T>(
        &self,
        durability: Durability,
        f: impl AsyncFn(IdbDatabase) -> Answer<T>,
    ) -> Result<T, DatabaseError> {
        let (database, cleared) = (self.0.connected(), self.0.cleared.get());
        let first = match database.clone() {
            Some(database) => f(database).await,
            None => Err(Fault::Lost),
        };
        let second = match first {
            Err(Fault::Lost) => {
                let again = self.0.reconnected(database.as_ref()).await?;
                // What was under way does not know of it; what was paid for is saved all the same.
                if self.0.cleared.get() != cleared && durability != Durability::Paid {
                    return Err(DatabaseError::Cleared);
                }
                f(again).await
            }
            other => other,
        };
        second.map_err(|fault| match fault {
            Fault::Failed(error) => error,
            Fault::Lost => DatabaseError::Unavailable("the connection was lost".to_owned()),
        })
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Database").field(&self.0.name).finish()
    }
}

impl Inner {
    fn new(name: &str, memory: Option<RefCell<Memory>>) -> Self {
        Self {
            name: name.to_owned(),
            connection: RefCell::default(),
            memory,
            advance: RefCell::default(),
            gone: Cell::default(),
            read_only: Cell::default(),
            was_full: Cell::default(),
            cleared: Cell::default(),
            on_newer: RefCell::default(),
            on_emptied: RefCell::default(),
        }
    }

    /// The newest rows as the page has read them, once.
    fn page_in_advance(&self, store: Store, limit: u32) -> Option<Rows> {
        let mut advance = self.advance.borrow_mut();
        let is_asked = |ahead: &&mut Advance| store == Store::Pictures && ahead.count == limit;
        let pictures = &mut advance.as_mut().filter(is_asked)?.pictures;
        if pictures.is_empty() {
            // Asked again: what was read then is old.
            *advance = None;
            return None;
        }
        Some(std::mem::take(pictures))
    }

    /// All of these, or none.
    fn texts_in_advance(&self, store: Store, keys: &[&str]) -> Option<Vec<Option<String>>> {
        let advance = self.advance.borrow();
        let thumbs = &advance.as_ref().filter(|_| store == Store::Thumbs)?.thumbs;
        let texts = keys.iter().map(|key| thumbs.get(*key).cloned().map(Some));
        texts.collect()
    }

    /// A connection to this schema, or to a newer one as it is.
    async fn connect(&self) -> Result<Opened, DatabaseError> {
        match connect(&self.name, Some(VERSION)).await {
            Err(DatabaseError::NewerSchema) => {
                // Given up to a newer app in the middle of the work, what was paid for is saved beside its schema too.
                self.read_only.set(!self.gone.get());
                connect(&self.name, None).await
            }
            opened => opened,
        }
    }

    fn connected(&self) -> Option<IdbDatabase> {
        let connection = self.connection.borrow();
        Some(connection.as_ref()?.database.clone())
    }

    /// A new connection instead of a lost one. That it leads to an empty database is told.
    async fn reconnected(
        self: &Rc<Self>,
        lost: Option<&IdbDatabase>,
    ) -> Result<IdbDatabase, DatabaseError> {
        if self.connected().as_ref() == lost {
            self.close();
        }
        // Another transaction may have been faster, before or while we connect.
        if let Some(other) = self.connected() {
            return Ok(other);
        }
        let Opened { database, is_new } = self.connect().await?;
        if let Some(other) = self.connected() {
            database.close();
            return Ok(other);
        }
        self.adopt(database.clone());
        if is_new && !self.gone.get() {
            self.cleared.set(self.cleared.get() + 1);
            call_back(&self.on_emptied);
        }
        Ok(database)
    }

    /// Drafts and the like must not bring back what was erased, and an old app must not begin anything beside a newer one.
    fn admit(&self, durability: Durability) -> Result<(), DatabaseError> {
        if self.read_only.get() {
            Err(DatabaseError::NewerSchema)
        } else if self.gone.get() && durability != Durability::Paid {
            Err(DatabaseError::GivenUp)
        } else {
            Ok(())
        }
    }

    fn adopt(self: &Rc<Self>, database: IdbDatabase) {
        let (here, there) = (Rc::downgrade(self), Rc::downgrade(self));
        let wanted = Listener::new(Some(&database), "versionchange", move |_| {
            if let Some(inner) = here.upgrade() {
                inner.give_way();
            }
        });
        let closed = Listener::new(Some(&database), "close", move |_| {
            if let Some(inner) = there.upgrade() {
                inner.close_later();
            }
        });
        self.connection.replace(Some(Connection {
            database,
            _listeners: [wanted, closed],
        }));
    }

    fn give_way(self: &Rc<Self>) {
        self.gone.set(true);
        self.close_later();
        call_back(&self.on_newer);
    }

    fn close(&self) {
        if let Some(connection) = self.connection.take() {
            connection.database.close();
        }
    }

    /// From within a listener of the connection, which must outlive its own call.
    fn close_later(&self) {
        if let Some(connection) = self.connection.take() {
            connection.database.close();
            spawn_local(async move { drop(connection) });
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

/// What the page has begun beside the app's first file (`public/boot.js`).
struct Early {
    database: IdbDatabase,
    advance: Option<Advance>,
}

/// What the page has read before the app asked for it: it answers the first question, and may be old by then.
struct Advance {
    /// The newest pictures, at most so many.
    pictures: Rows,
    count: u32,
    /// Small pictures by their keys.
    thumbs: HashMap<String, String>,
}

impl Advance {
    fn of(opening: &JsValue) -> Option<Self> {
        let rows = property(opening, "rows")?.dyn_into::<Array>().ok()?;
        let small = property(opening, "small")?.dyn_into::<Array>().ok()?;
        let pairs = small.iter().filter_map(|pair| {
            let pair: Array = pair.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        });
        Some(Self {
            pictures: records_of(&rows),
            count: property(opening, "count")?.as_f64()? as u32,
            thumbs: pairs.collect(),
        })
    }
}

/// The connection that the page has begun to open, if it is one to this schema: a promise of it, or of nothing. It is taken
/// once.
async fn opened_early() -> Result<Option<Early>, DatabaseError> {
    let document = super::document();
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

struct Opened {
    database: IdbDatabase,
    /// There was none before.
    is_new: bool,
}

async fn connect(name: &str, version: Option<u32>) -> Result<Opened, DatabaseError> {
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
fn factory() -> Result<IdbFactory, DatabaseError> {
    super::window()
        .ok_or_else(|| DatabaseError::Unavailable("no window".to_owned()))?
        .indexed_db()
        .map_err(|thrown| DatabaseError::Unavailable(describe(&thrown)))?
        .ok_or_else(|| DatabaseError::Unavailable("no IndexedDB".to_owned()))
}

async fn write_once(
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
const DAMAGED: &str = "damaged:";

async fn set_aside_once(
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

async fn decide_once(
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

fn begin(
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

async fn finish(transaction: &IdbTransaction, complete: Promise, ops: &[Op]) -> Answer<Saved> {
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
fn transaction_promise(transaction: &IdbTransaction) -> Promise {
    Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        transaction.set_onerror(Some(&reject));
        transaction.set_onabort(Some(&reject));
    })
}

fn request_promise(request: &IdbRequest) -> Promise {
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
async fn answers(requests: &[IdbRequest]) -> Answer<Vec<JsValue>> {
    let promises: Array = requests.iter().map(request_promise).collect();
    JsFuture::from(Promise::all(&promises))
        .await
        .map_err(|event| event_fault("read", &event))?;
    requests
        .iter()
        .map(|request| result(request).map_err(thrown("read")))
        .collect()
}

async fn answer(request: &IdbRequest) -> Answer<JsValue> {
    JsFuture::from(request_promise(request))
        .await
        .map_err(|event| event_fault("read", &event))?;
    result(request).map_err(thrown("read"))
}

fn result(request: &IdbRequest) -> Result<JsValue, JsValue> {
    request.result()
}

/// The last `limit` rows below a key. Where the browser cannot read backwards, one step back finds where they begin, then they
/// come all at once. (Going back by cursor takes an event per row.)
async fn newest(
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
fn records_of(records: &Array) -> Rows {
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
async fn rows(
    store: &IdbObjectStore,
    range: Option<&IdbKeyRange>,
    limit: u32,
) -> Answer<Vec<(String, String)>> {
    let range = range.map_or(JsValue::UNDEFINED, |range| range.clone().into());
    let answers = answers(&ask_rows(store, &range, limit)?).await?;
    Ok(pairs_of(&answers))
}

/// Asks for the values of several keys.
fn ask_for(store: &IdbObjectStore, keys: &[&str]) -> Answer<Vec<IdbRequest>> {
    let ask = |key: &&str| store.get(&(*key).into()).map_err(thrown("read"));
    keys.iter().map(ask).collect()
}

/// Asks for keys and values; [`pairs_of`] puts the two answers together.
fn ask_rows(store: &IdbObjectStore, range: &JsValue, limit: u32) -> Answer<[IdbRequest; 2]> {
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
fn thrown(operation: &'static str) -> impl Fn(JsValue) -> Fault {
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

fn event_failure(operation: &'static str, event: &JsValue) -> DatabaseError {
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

fn failure(operation: &'static str, error: &JsValue) -> DatabaseError {
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
