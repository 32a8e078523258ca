//! The saved pictures: loaded newest first, shown through object URLs that live as long as they are seen.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::database::{Durability, Op, Order, Rows, Saved, Store};
use crate::browser::error::DatabaseError;
use crate::browser::picture::{ObjectUrl, Picture, object_url};
use crate::browser::{clock, files};
use crate::domain::provider::Provider;
use crate::domain::record::{self, Marking, PictureRecord};
use crate::state::archive::{Archive, put};
use crate::state::error::AppError;
use crate::state::notices::{Action, Message, Notices};
use crate::state::storage::Standing;
use crate::state::unsaved::Held;

/// The library; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct Library {
    /// What is loaded, newest first.
    pub pictures: RwSignal<Vec<Arc<PictureRecord>>>,
    /// Whether older ones wait in the database.
    pub has_more: RwSignal<bool>,
    pub loaded: RwSignal<bool>,
    /// The one that is looked at large.
    pub selected: RwSignal<Option<String>>,
    /// What was saved last in this tab: some more pictures, to be kept elsewhere too.
    pub just_saved: RwSignal<Vec<Arc<PictureRecord>>>,
    pub(super) archive: Archive,
    pub(super) notices: Notices,
    /// Pictures that are at hand without reading them: those of this visit.
    at_hand: StoredValue<HashMap<String, Picture>, LocalStorage>,
    /// Whether older pictures are being read.
    reading: StoredValue<bool>,
    /// Pictures that were paid for and could not be stored.
    pub(super) unsaved: StoredValue<Vec<Held>, LocalStorage>,
}

const PAGE: u32 = 30;
/// Rows of an older page: understood and put into the index in some ten milliseconds.
const OLDER_PAGE: u32 = 120;
/// They come even where the browser is never idle.
const OLDER_PAGE_WAIT_MILLIS: u32 = 200;
const MOST_AT_HAND: usize = 40;

impl Library {
    #[must_use]
    pub fn new(archive: Archive, notices: Notices) -> Self {
        Self {
            pictures: RwSignal::default(),
            has_more: RwSignal::new(false),
            loaded: RwSignal::new(false),
            selected: RwSignal::default(),
            just_saved: RwSignal::default(),
            archive,
            notices,
            at_hand: StoredValue::new_local(HashMap::new()),
            reading: StoredValue::new(false),
            unsaved: StoredValue::new_local(Vec::new()),
        }
    }

    /// Loads the newest page, at start and when another tab has changed something.
    pub async fn refresh(self) {
        let rows = self.rows_before(None, PAGE).await;
        self.has_more.set(rows.len() >= PAGE as usize);
        let read = self.understood(&rows);
        let newest = read.first().map(|record| record.made);
        let oldest = read.last().map(|record| record.id.clone());
        self.pictures.update(|pictures| {
            // What was loaded beyond this page stays; the page itself is as the database says.
            let older = oldest.map(|id| {
                pictures
                    .iter()
                    .filter(|p| p.id < id)
                    .cloned()
                    .collect::<Vec<_>>()
            });
            *pictures = read;
            pictures.extend(older.unwrap_or_default());
        });
        self.loaded.set(true);
        self.archive.note_pictures(newest).await;
    }

    /// Ends when the newest pictures are there, or after so many milliseconds.
    pub fn until_loaded(self, most_ms: f64) -> impl Future<Output = ()> {
        let (tell, told) = futures::channel::oneshot::channel::<()>();
        let mut tell = Some(tell);
        let looking = Effect::new(move |_| {
            if self.loaded.get()
                && let Some(tell) = tell.take()
            {
                tell.send(()).ok();
            }
        });
        async move {
            clock::within(most_ms, told).await.map(Result::ok);
            looking.dispose();
        }
    }

    /// Reads every older picture's record, a page at a time: to search among all of them.
    pub fn load_all(self) {
        if self.reading.get_value() {
            return;
        }
        self.reading.set_value(true);
        leptos::task::spawn_local(async move {
            while self.has_more.get_untracked() {
                // What is in the window is drawn first.
                clock::idle(OLDER_PAGE_WAIT_MILLIS).await;
                self.load_older().await;
            }
            self.reading.set_value(false);
        });
    }

    async fn load_older(self) {
        let last = self
            .pictures
            .read_untracked()
            .last()
            .map(|record| record.id.clone());
        let rows = self.rows_before(last.as_deref(), OLDER_PAGE).await;
        self.has_more.set(rows.len() >= OLDER_PAGE as usize);
        let read = self.understood(&rows);
        self.pictures.update(|pictures| {
            // Somebody else may have read them in the meantime.
            let oldest = pictures.last().map(|record| record.id.clone());
            let fresh = read
                .into_iter()
                .filter(|record| oldest.as_ref().is_none_or(|oldest| record.id < *oldest));
            pictures.extend(fresh);
        });
    }

    async fn rows_before(self, before: Option<&str>, limit: u32) -> Rows {
        let rows = match self.archive.database().await {
            Ok(database) => {
                database
                    .page(Store::Pictures, Order::NewestFirst, limit, before)
                    .await
            }
            Err(error) => Err(error),
        };
        rows.unwrap_or_else(|error| {
            self.notices.trouble(AppError::Database(error));
            Vec::new()
        })
    }

    fn understood(self, rows: &Rows) -> Vec<Arc<PictureRecord>> {
        let read = self.archive.understood(Store::Pictures, rows, self.notices);
        read.into_iter().map(Arc::new).collect()
    }

    /// Shows pictures that are on disk by now: the token says so.
    pub fn show_saved(self, _saved: Saved, pictures: Vec<(PictureRecord, Picture)>) {
        let first = pictures.first().map(|(record, _)| record.id.clone());
        let newest = pictures.last().map(|(record, _)| record.made);
        let is_paid = |(record, _): &(PictureRecord, _)| record.provider != Provider::Practice;
        if pictures.iter().any(is_paid) {
            self.archive.paid_result_saved();
        }
        if self.archive.storage.facts.read_untracked().standing == Standing::InTab {
            self.hand_over(pictures.iter().filter(|one| is_paid(one)));
        }
        self.at_hand.update_value(|at_hand| {
            if at_hand.len() > MOST_AT_HAND {
                at_hand.clear();
            }
            at_hand.extend(
                pictures
                    .iter()
                    .map(|(record, picture)| (record.blob.clone(), picture.clone())),
            );
        });
        let fresh: Vec<_> = pictures
            .into_iter()
            .rev()
            .map(|(record, _)| Arc::new(record))
            .collect();
        self.pictures
            .update(|list| drop(list.splice(0..0, fresh.iter().cloned())));
        self.just_saved.set(fresh);
        self.selected.set(first);
        self.archive.tell_other_tabs();
        leptos::task::spawn_local(async move { self.archive.note_pictures(newest).await });
    }

    /// Gives pictures that live in this tab alone to the person at once, as files.
    fn hand_over<'a>(self, pictures: impl Iterator<Item = &'a (PictureRecord, Picture)>) {
        for (record, picture) in pictures {
            self.archive.storage.facts.update(|facts| facts.in_tab += 1);
            if let Err(error) = files::save(&record.file_name(), picture) {
                self.notices.trouble(AppError::File(error));
            }
        }
    }

    /// Keeps a picture that is about to be shown, so that it need not be read again.
    pub fn keep_at_hand(self, picture: &Picture) {
        self.at_hand.update_value(|at_hand| {
            if at_hand.len() > MOST_AT_HAND {
                at_hand.clear();
            }
            at_hand.insert(picture.key().to_owned(), picture.clone());
        });
    }

    /// The address of a picture's bytes while the caller's owner lives; `None` until they are read.
    #[must_use]
    pub fn url(self, blob: String) -> RwSignal<Option<String>> {
        let url = RwSignal::new(None);
        let held = StoredValue::<Option<ObjectUrl>>::new(None);
        on_cleanup(move || held.dispose());
        if let Some(picture) = self
            .at_hand
            .with_value(|at_hand| at_hand.get(&blob).cloned())
        {
            show(url, held, &picture);
            return url;
        }
        leptos::task::spawn_local(async move {
            match self.read(&blob).await {
                Ok(Some(picture)) => show(url, held, &picture),
                Ok(None) => self.miss(&blob),
                Err(_) => {}
            }
        });
        url
    }

    /// The bytes under that key are not where they should be.
    pub fn miss(self, blob: &str) {
        self.archive.storage.miss(blob);
    }

    /// Whether they are known to be gone. Reactive.
    #[must_use]
    pub fn is_missing(self, blob: &str) -> bool {
        self.archive.storage.facts.read().missing.contains(blob)
    }

    pub(super) async fn read(self, blob: &str) -> Result<Option<Picture>, DatabaseError> {
        self.archive
            .database()
            .await?
            .blob(Store::Blobs, blob)
            .await
    }

    /// Saves the bytes of pictures, as they were received, under readable names.
    pub fn download(self, records: Vec<Arc<PictureRecord>>) {
        leptos::task::spawn_local(async move {
            for record in records {
                if let Err(error) = self.save(&record).await {
                    self.notices.trouble(error);
                    return;
                }
            }
        });
    }

    async fn save(self, record: &PictureRecord) -> Result<(), AppError> {
        let at_hand = self
            .at_hand
            .with_value(|at_hand| at_hand.get(&record.blob).cloned());
        let picture = match at_hand {
            Some(picture) => Some(picture),
            None => self.read(&record.blob).await.map_err(AppError::Database)?,
        };
        match picture {
            Some(picture) => {
                files::save(&record.file_name(), &picture).map_err(AppError::File)?;
            }
            None => {
                self.miss(&record.blob);
                self.notices.say(Message::BytesGone {
                    key: record.blob.clone(),
                });
            }
        }
        Ok(())
    }

    /// Moves pictures to the trash, in one transaction; their bytes stay.
    pub fn delete(self, records: Vec<Arc<PictureRecord>>) {
        leptos::task::spawn_local(async move {
            let now = clock::now();
            let deleted = records.iter().map(|record| PictureRecord {
                deleted: Some(now),
                ..(**record).clone()
            });
            let moved = relocations(deleted, Store::Pictures, Store::Trash);
            if let Err(error) = self.write(moved).await {
                self.notices.trouble(AppError::Database(error));
                return;
            }
            let ids: Vec<String> = records.iter().map(|record| record.id.clone()).collect();
            let gone: HashSet<&String> = ids.iter().collect();
            self.pictures
                .update(|list| list.retain(|picture| !gone.contains(&picture.id)));
            let was_shown =
                |selected: &Option<String>| selected.as_ref().is_some_and(|id| gone.contains(id));
            if self.selected.with_untracked(was_shown) {
                self.selected.set(
                    self.pictures
                        .with_untracked(|list| list.first().map(|p| p.id.clone())),
                );
            }
            self.notices.say_with(
                Message::Deleted { ids: ids.clone() },
                Some(Action::Undelete(ids)),
            );
            self.archive.tell_other_tabs();
        });
    }

    /// Brings deleted pictures back to their places.
    pub fn undelete(self, ids: Vec<String>) {
        leptos::task::spawn_local(async move {
            if let Err(error) = self.bring_back(&ids).await {
                self.notices.trouble(AppError::Database(error));
            }
        });
    }

    /// The same, and returns when they are back.
    ///
    /// # Errors
    /// Nothing came back.
    pub async fn bring_back(self, ids: &[String]) -> Result<(), DatabaseError> {
        let back = RefCell::new(Vec::new());
        let decide = |rows: &[Option<String>]| {
            let stored = rows.iter().flatten();
            let records: Vec<PictureRecord> = stored
                .filter_map(|json| record::read::<PictureRecord>(json).ok())
                .map(|record| PictureRecord {
                    deleted: None,
                    ..record
                })
                .collect();
            let moved = relocations(records.iter().cloned(), Store::Trash, Store::Pictures);
            back.replace(records);
            moved.ok()
        };
        let reads: Vec<_> = ids.iter().map(|id| (Store::Trash, id.as_str())).collect();
        self.archive
            .database()
            .await?
            .decide(
                &reads,
                &[Store::Trash, Store::Pictures],
                Durability::Strict,
                decide,
            )
            .await?;
        self.pictures.update(|list| {
            for record in back.take() {
                let place = list.partition_point(|picture| picture.id > record.id);
                if list.get(place).is_none_or(|there| there.id != record.id) {
                    list.insert(place, Arc::new(record));
                }
            }
        });
        self.archive.tell_other_tabs();
        Ok(())
    }

    /// Changes what is said of pictures.
    pub fn mark(self, ids: Vec<String>, marking: Marking) {
        leptos::task::spawn_local(async move {
            if let Err(error) = self.mark_stored(&ids, &marking).await {
                self.notices.trouble(AppError::Database(error));
            }
        });
    }

    /// Reads, changes and writes within one transaction: another tab may have marked the same picture.
    async fn mark_stored(self, ids: &[String], marking: &Marking) -> Result<(), DatabaseError> {
        let marked = RefCell::new(Vec::new());
        let decide = |rows: &[Option<String>]| {
            let mut records = Vec::new();
            for json in rows.iter().flatten() {
                if let Ok(mut record) = record::read::<PictureRecord>(json) {
                    record.marks.change(marking);
                    records.push(record);
                }
            }
            let ops = records
                .iter()
                .map(|record| put(Store::Pictures, &record.id, record))
                .collect::<Result<Vec<_>, _>>();
            marked.replace(records);
            ops.ok()
        };
        let reads: Vec<_> = ids
            .iter()
            .map(|id| (Store::Pictures, id.as_str()))
            .collect();
        self.archive
            .database()
            .await?
            .decide(&reads, &[Store::Pictures], Durability::Strict, decide)
            .await?;
        self.pictures.update(|list| {
            for record in marked.take() {
                if let Some(place) = place_of(list, &record.id) {
                    list[place] = Arc::new(record);
                }
            }
        });
        self.archive.tell_other_tabs();
        Ok(())
    }

    async fn write(self, ops: Result<Vec<Op>, DatabaseError>) -> Result<Saved, DatabaseError> {
        self.archive.write(ops?).await
    }

    /// The record with that id, where it is loaded. Reactive.
    #[must_use]
    pub fn record(self, id: &str) -> Option<Arc<PictureRecord>> {
        let list = self.pictures.read();
        list.get(place_of(&list, id)?).cloned()
    }

    /// The record of the picture that is looked at. Reactive.
    #[must_use]
    pub fn selected_record(self) -> Option<Arc<PictureRecord>> {
        self.record(&self.selected.get()?)
    }
}

/// Moves rows from one store to another, all or none.
fn relocations(
    records: impl Iterator<Item = PictureRecord>,
    from: Store,
    to: Store,
) -> Result<Vec<Op>, DatabaseError> {
    let mut ops = Vec::new();
    for record in records {
        ops.push(put(to, &record.id, &record)?);
        ops.push(Op::Delete {
            store: from,
            key: record.id,
        });
    }
    Ok(ops)
}

/// Where a picture stands in a list that is sorted by id, newest first.
fn place_of(list: &[Arc<PictureRecord>], id: &str) -> Option<usize> {
    let place = list.partition_point(|picture| *picture.id > *id);
    list.get(place)
        .is_some_and(|there| there.id == id)
        .then_some(place)
}

/// Gives whoever waits the address of a picture, and holds it as long as they live.
pub(super) fn show(
    url: RwSignal<Option<String>>,
    held: StoredValue<Option<ObjectUrl>>,
    picture: &Picture,
) {
    if let Ok(made) = object_url(picture) {
        // Where the owner is gone by now, both calls do nothing and the address is given back at once.
        let text = made.as_str().to_owned();
        held.try_update_value(|held| *held = Some(made));
        url.try_set(Some(text));
    }
}
