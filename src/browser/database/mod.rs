//! IndexedDB with one verb: [`Database::write`] commits operations on several stores together or not at all.
//!
//! Not the crate `idb` (0.6.5): it cannot ask for strict durability, loses the reason of an abort, and brings tokio.

mod opening;
mod pages;
mod transactions;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, IdbDatabase, IdbKeyRange, IdbObjectStore, IdbTransaction};

use self::opening::{Advance, NAME, OPEN_MS, Opened, connect, factory, opened_early};
pub use self::pages::Pages;
use self::transactions::{
    Answer, DAMAGED, Fault, answer, answers, ask_for, ask_rows, begin, decide_once, event_failure,
    failure, finish, newest, request_promise, rows, set_aside_once, thrown, transaction_promise,
    write_once,
};
use super::clock;
use super::error::DatabaseError;
use super::folder::Folder;
use super::listener::Listener;
use super::memory::Memory;
use super::picture::{BlobHandle, DataAddress, Picture};

/// The number of the schema; never used again for another. A newer one adds to what is there and changes nothing of it, so
/// that the build before can read it (`tests/browser/fixtures` holds what each has written).
pub const VERSION: u32 = 2;

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
    /// What the page has read before it was asked for.
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

impl Database {
    /// Opens the app's database, and makes it where there is none.
    ///
    /// # Errors
    /// [`DatabaseError::Blocked`] after three seconds without an answer. One that a newer app made is opened, and only read.
    pub async fn open() -> Result<Self, DatabaseError> {
        let Some(early) = opened_early().await? else {
            return Self::open_named(NAME).await;
        };
        let inner = Rc::new(Inner::new(NAME, None));
        inner.advance.replace(early.advance);
        inner.adopt(early.database);
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

    /// Small pictures in one transaction, in the order of the keys.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn thumbs(&self, keys: &[&str]) -> Result<Vec<Option<DataAddress>>, DatabaseError> {
        if let Some(memory) = &self.0.memory {
            let memory = memory.borrow();
            let thumb = |key: &&str| Some(DataAddress::from(&*memory.get(Store::Thumbs, key)?));
            return Ok(keys.iter().map(thumb).collect());
        }
        if let Some(thumbs) = self.0.thumbs_in_advance(keys) {
            return Ok(thumbs);
        }
        let values = self.values(Store::Thumbs, keys).await?;
        Ok(values.into_iter().map(DataAddress::of).collect())
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
        let is_first = store == Store::Pictures && order == Order::NewestFirst && before.is_none();
        if is_first && let Some(page) = self.0.page_in_advance(limit) {
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
        let values = self.values(store, keys).await?;
        let pictures = keys.iter().zip(values).map(|(key, value)| {
            let blob = value.dyn_into::<Blob>().ok();
            blob.map(|blob| Picture::stored(key, blob))
        });
        Ok(pictures.collect())
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

    /// What stands under several keys, in their order.
    async fn values(&self, store: Store, keys: &[&str]) -> Result<Vec<JsValue>, DatabaseError> {
        self.read(store, async |store| answers(&ask_for(&store, keys)?).await)
            .await
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

    /// The newest pictures as the page has read them.
    fn page_in_advance(&self, limit: u32) -> Option<Rows> {
        let mut advance = self.advance.borrow_mut();
        let page = advance
            .as_mut()
            .filter(|ahead| ahead.count == limit)?
            .take_page();
        if page.is_none() {
            // Asked again: what was read then is old.
            *advance = None;
        }
        page
    }

    fn thumbs_in_advance(&self, keys: &[&str]) -> Option<Vec<Option<DataAddress>>> {
        self.advance.borrow().as_ref()?.all_thumbs(keys)
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
