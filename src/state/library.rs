//! The saved pictures: loaded newest first, shown through object URLs that live as long as they are seen.

use std::collections::HashMap;
use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::database::{Op, Order, Saved, Store};
use crate::browser::error::DatabaseError;
use crate::browser::picture::{ObjectUrl, Picture, object_url};
use crate::browser::{clock, files};
use crate::domain::record::{self, PictureRecord};
use crate::state::archive::{Archive, put};
use crate::state::error::AppError;
use crate::state::notices::{Action, Bill, Message, Notices};

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
    archive: Archive,
    notices: Notices,
    /// Pictures that are at hand without reading them: those of this visit.
    at_hand: StoredValue<HashMap<String, Picture>, LocalStorage>,
    /// Pictures that were paid for and could not be stored.
    unsaved: StoredValue<Vec<(PictureRecord, Picture)>, LocalStorage>,
}

const PAGE: u32 = 60;
const MOST_AT_HAND: usize = 40;

impl Library {
    #[must_use]
    pub fn new(archive: Archive, notices: Notices) -> Self {
        Self {
            pictures: RwSignal::default(),
            has_more: RwSignal::new(false),
            loaded: RwSignal::new(false),
            selected: RwSignal::default(),
            archive,
            notices,
            at_hand: StoredValue::new_local(HashMap::new()),
            unsaved: StoredValue::new_local(Vec::new()),
        }
    }

    /// Loads the newest page, at start and when another tab has changed something.
    pub async fn refresh(self) {
        let rows = self.rows_before(None).await;
        let (read, damaged) = self.understood(rows);
        self.has_more.set(read.len() + damaged >= PAGE as usize);
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
        if damaged > 0 {
            self.notices.say(Message::Damaged { rows: damaged });
        }
    }

    /// Loads the next older page.
    pub fn load_more(self) {
        leptos::task::spawn_local(async move {
            let last = self
                .pictures
                .read_untracked()
                .last()
                .map(|record| record.id.clone());
            let rows = self.rows_before(last.as_deref()).await;
            let (read, damaged) = self.understood(rows);
            self.has_more.set(read.len() + damaged >= PAGE as usize);
            self.pictures.update(|pictures| pictures.extend(read));
        });
    }

    async fn rows_before(self, before: Option<&str>) -> Vec<(String, String)> {
        let rows = match self.archive.database().await {
            Ok(database) => {
                database
                    .page(Store::Pictures, Order::NewestFirst, PAGE, before)
                    .await
            }
            Err(error) => Err(error),
        };
        rows.unwrap_or_else(|error| {
            self.notices.trouble(AppError::Database(error));
            Vec::new()
        })
    }

    fn understood(self, rows: Vec<(String, String)>) -> (Vec<Arc<PictureRecord>>, usize) {
        let count = rows.len();
        let read: Vec<_> = rows
            .iter()
            .filter_map(|(_, json)| record::read(json).ok())
            .map(Arc::new)
            .collect();
        let damaged = count - read.len();
        (read, damaged)
    }

    /// Shows pictures that are on disk by now: the token says so.
    pub fn show_saved(self, _saved: Saved, pictures: Vec<(PictureRecord, Picture)>) {
        let first = pictures.first().map(|(record, _)| record.id.clone());
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
        self.pictures.update(|list| {
            let fresh = pictures
                .into_iter()
                .rev()
                .map(|(record, _)| Arc::new(record));
            list.splice(0..0, fresh);
        });
        self.selected.set(first);
        self.archive.tell_other_tabs();
    }

    /// Keeps pictures that could not be stored, so that they can be downloaded at once.
    pub fn hold_unsaved(
        self,
        pictures: Vec<(PictureRecord, Picture)>,
        error: DatabaseError,
        model: String,
    ) {
        let Some(provider) = pictures.first().map(|(record, _)| record.provider) else {
            return;
        };
        self.unsaved
            .update_value(|unsaved| unsaved.extend(pictures));
        let message = Message::Trouble {
            error: AppError::NotSaved(error),
            bill: Bill::Paid,
            provider,
            model,
        };
        self.notices
            .say_with(message, Some(Action::DownloadUnsaved));
    }

    /// Downloads every picture that could not be stored.
    pub fn download_unsaved(self) {
        let saved: Vec<_> = self.unsaved.with_value(|unsaved| {
            unsaved
                .iter()
                .map(|(record, picture)| files::save(&record.file_name(), picture))
                .collect()
        });
        for error in saved.into_iter().filter_map(Result::err) {
            self.notices.trouble(AppError::File(error));
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
            if let Ok(Some(picture)) = self.read(&blob).await {
                show(url, held, &picture);
            }
        });
        url
    }

    async fn read(self, blob: &str) -> Result<Option<Picture>, DatabaseError> {
        self.archive
            .database()
            .await?
            .blob(Store::Blobs, blob)
            .await
    }

    /// Saves a picture's bytes, as they were received, under a readable name.
    pub fn download(self, record: Arc<PictureRecord>) {
        leptos::task::spawn_local(async move {
            let at_hand = self
                .at_hand
                .with_value(|at_hand| at_hand.get(&record.blob).cloned());
            let picture = match at_hand {
                Some(picture) => Ok(Some(picture)),
                None => self.read(&record.blob).await,
            };
            let done = match picture {
                Ok(Some(picture)) => {
                    files::save(&record.file_name(), &picture).map_err(AppError::File)
                }
                Ok(None) => {
                    self.notices.say(Message::Damaged { rows: 1 });
                    Ok(())
                }
                Err(error) => Err(AppError::Database(error)),
            };
            if let Err(error) = done {
                self.notices.trouble(error);
            }
        });
    }

    /// Moves a picture to the trash, in one transaction; its bytes stay.
    pub fn delete(self, record: Arc<PictureRecord>) {
        leptos::task::spawn_local(async move {
            let deleted = PictureRecord {
                deleted: Some(clock::now()),
                ..(*record).clone()
            };
            if let Err(error) = self.relocate(&deleted, Store::Pictures, Store::Trash).await {
                self.notices.trouble(AppError::Database(error));
                return;
            }
            let id = record.id.clone();
            self.pictures
                .update(|list| list.retain(|picture| picture.id != id));
            if self
                .selected
                .with_untracked(|selected| selected.as_ref() == Some(&id))
            {
                self.selected.set(
                    self.pictures
                        .with_untracked(|list| list.first().map(|p| p.id.clone())),
                );
            }
            self.notices.say_with(
                Message::Deleted { id: id.clone() },
                Some(Action::Undelete(id)),
            );
            self.archive.tell_other_tabs();
        });
    }

    /// Brings a deleted picture back to its place.
    pub fn undelete(self, id: String) {
        leptos::task::spawn_local(async move {
            if let Err(error) = self.bring_back(&id).await {
                self.notices.trouble(AppError::Database(error));
            }
        });
    }

    async fn bring_back(self, id: &str) -> Result<(), DatabaseError> {
        let stored = self.archive.database().await?.get(Store::Trash, id).await?;
        let Some(record) = stored.and_then(|json| record::read::<PictureRecord>(&json).ok()) else {
            return Ok(());
        };
        let record = PictureRecord {
            deleted: None,
            ..record
        };
        self.relocate(&record, Store::Trash, Store::Pictures)
            .await?;
        self.pictures.update(|list| {
            let place = list.partition_point(|picture| picture.id > record.id);
            list.insert(place, Arc::new(record));
        });
        self.archive.tell_other_tabs();
        Ok(())
    }

    async fn relocate(
        self,
        record: &PictureRecord,
        from: Store,
        to: Store,
    ) -> Result<Saved, DatabaseError> {
        self.archive
            .write(vec![
                put(to, &record.id, record)?,
                Op::Delete {
                    store: from,
                    key: record.id.clone(),
                },
            ])
            .await
    }

    /// The record of the picture that is looked at. Reactive.
    #[must_use]
    pub fn selected_record(self) -> Option<Arc<PictureRecord>> {
        let selected = self.selected.get()?;
        self.pictures
            .read()
            .iter()
            .find(|record| record.id == selected)
            .cloned()
    }
}

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
