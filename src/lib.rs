//! # Pentimento: the map
//!
//! An image studio in the browser for OpenAI's image models: your own key, your own machine, your own pictures. Static
//! files; everything happens in the page.
//!
//! ## The layers, in reading order
//! Imports look down, and `tests/architecture.rs` keeps them so.
//!
//! - [`domain`]: the rules. Models (one data file, `public/models.json`), sizes, requests, prices, the tokens of
//!   a text, records and how they are looked through (`domain::gallery`), the ledger, masks and their editor
//!   (`domain::mask`), and the pictures of the practice provider. Plain values: no browser, no async, no input or output.
//!   `domain/mask` and `domain/tokenizer` are packages of their own: compiled for speed, where all else is compiled for
//!   size.
//! - [`api`]: the Images API as bytes. Requests are written and replies are read, piece by piece; nothing is sent here.
//! - [`browser`]: every side effect, one file each: fetch, IndexedDB, locks, clock, page. No handle of it leaves.
//! - [`state`]: what the app knows and does: stores with memos beside them, and verbs. The way of one request, from the
//!   intent on disk to the saved picture, is `state/attempt.rs`.
//! - [`ui`]: components that read fields and call verbs. `style/` has a file for each of its parts.
//! - [`app`]: puts it together, in the static page of `index.html`.
//!
//! ## What must hold
//! - Nothing is sent before its attempt is on disk; nothing paid is shown before it is on disk
//!   (`browser::database::Saved` can only come from a committed transaction).
//! - What may have been executed is never sent again by the program (`api::error::Verdict`).
//! - What is to be sent is a row on disk until it has ended, and one tab takes it, once: every change of it is decided in a
//!   transaction that sees who leads (`domain::queue`, `state::queue`).
//! - Only a `ValidRequest` can be encoded, and only `ImageRequest::check` makes one.
//! - No code names a model: controls, checks, requests and prices come from the data file.
//! - A file is known by its bytes, measured before it is decoded, and stored before the request names it; a person's photo
//!   leaves without its metadata (`domain::intake`, `domain::metadata`, `state::tray`).
//! - The key is a `Secret`: no `Display`, no `Serialize`, bound to the origin it was entered for, in memory only.
//! - Nothing that was paid for is deleted by the program: deleted pictures wait in the trash, and bytes go only when no row
//!   names them any more, decided in the transaction that deletes (`state::trash`).
//! - Nothing is spent where a result might not be kept: no room, no storage, another version's data, or a result that still
//!   waits to be saved (`state::storage`, `state::unsaved`). A row that cannot be read is moved aside, never deleted.
//! - A page that broke sends nothing more (`browser::panics`); after two in a short time the queue waits for the person's word
//!   (`domain::broken`).
//! - Money is counted in whole pico-dollars.
//! - The service worker answers for the files of one build and for what other apps share, which waits for the person's yes
//!   (`state::shared`), and sees no request of ours to others; a newer build takes its place
//!   when the person says so and nothing runs (`state::update`).
//! - The prompt's field belongs to the page: it is adopted, never rebuilt, and not written to while it is typed in.
//!
//! ## What is absent on purpose
//! A message bus, traits with one implementation, mutable globals, `unsafe`, hand-written JavaScript beyond
//! `public/boot.js` and the service worker, `public/sw.js`.

pub mod domain;

pub mod api;

pub mod browser;

pub mod state;

pub mod ui;

pub mod app;
