//! Each picture into a folder of the person's disk as well, under a readable name and with its recipe beside it.

use std::sync::Arc;

use leptos::prelude::*;

use crate::browser::database::{Durability, Op, Store};
use crate::browser::error::{DatabaseError, FileError};
use crate::browser::folder::{self, Folder};
use crate::domain::record::PictureRecord;
use crate::state::archive::Archive;
use crate::state::error::AppError;
use crate::state::library::Library;
use crate::state::notices::{Action, Message, Notices};

/// The folder that pictures go to; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct PictureFolder {
    pub standing: RwSignal<Standing>,
    folder: StoredValue<Option<Folder>>,
    archive: Archive,
    library: Library,
    notices: Notices,
}

/// How it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Standing {
    /// The browser lets nobody choose a folder.
    Missing,
    #[default]
    None,
    /// Pictures go to the folder of that name.
    Open(String),
    /// It was chosen, and the browser wants the person to say so again.
    Closed(String),
}

/// Where the folder is noted: a key of the store `Meta`.
const KEPT: &str = "folder";

impl PictureFolder {
    /// Looks whether there is one, and writes what is saved from now on.
    #[must_use]
    pub fn follow(archive: Archive, library: Library, notices: Notices) -> Self {
        let this = Self {
            standing: RwSignal::default(),
            folder: StoredValue::new(None),
            archive,
            library,
            notices,
        };
        if !folder::can_choose() {
            this.standing.set(Standing::Missing);
            return this;
        }
        leptos::task::spawn_local(async move {
            if let Ok(Some(folder)) = this.kept().await {
                this.take(folder).await;
            }
        });
        Effect::new(move |_| {
            let pictures = library.just_saved.get();
            leptos::task::spawn_local(async move { this.write_all(pictures).await });
        });
        this
    }

    /// Asks the person for a folder.
    pub fn choose(self) {
        leptos::task::spawn_local(async move {
            match Folder::choose().await {
                Ok(Some(folder)) => {
                    let kept = self.keep(Op::PutFolder {
                        store: Store::Meta,
                        key: KEPT.into(),
                        folder: folder.clone(),
                    });
                    if let Err(error) = kept.await {
                        self.notices.trouble(AppError::Database(error));
                    }
                    self.take(folder).await;
                }
                Ok(None) => {}
                Err(error) => self.notices.trouble(AppError::File(error)),
            }
        });
    }

    /// Asks the browser to let the app write there again.
    pub fn reopen(self) {
        let Some(folder) = self.folder.get_value() else {
            return;
        };
        leptos::task::spawn_local(async move {
            if folder.reopen().await {
                self.take(folder).await;
            }
        });
    }

    /// Writes there no more; what is there stays.
    pub fn forget(self) {
        self.folder.set_value(None);
        self.standing.set(Standing::None);
        leptos::task::spawn_local(async move {
            let forgotten = self.keep(Op::Delete {
                store: Store::Meta,
                key: KEPT.into(),
            });
            if let Err(error) = forgotten.await {
                self.notices.trouble(AppError::Database(error));
            }
        });
    }

    async fn kept(self) -> Result<Option<Folder>, DatabaseError> {
        let database = self.archive.database().await?;
        database.folder(Store::Meta, KEPT).await
    }

    async fn keep(self, op: Op) -> Result<(), DatabaseError> {
        let database = self.archive.database().await?;
        let written = database.write(vec![op], Durability::Relaxed).await;
        written.map(drop)
    }

    async fn take(self, folder: Folder) {
        let name = folder.name();
        let standing = match folder.is_open().await {
            true => Standing::Open(name),
            false => Standing::Closed(name),
        };
        self.folder.set_value(Some(folder));
        self.standing.set(standing);
    }

    /// Writes pictures, which are in the database by now. The first failure is said, and ends it until the person opens the
    /// folder again.
    async fn write_all(self, pictures: Vec<Arc<PictureRecord>>) {
        let Standing::Open(name) = self.standing.get_untracked() else {
            return;
        };
        let Some(folder) = self.folder.get_value() else {
            return;
        };
        for record in pictures {
            if let Err(error) = self.write(&folder, &record).await {
                if self.standing.get_untracked() == Standing::Open(name.clone()) {
                    self.standing.set(Standing::Closed(name.clone()));
                    let message = Message::FolderFailed {
                        folder: name,
                        reason: error.to_string(),
                    };
                    self.notices.say_with(message, Some(Action::OpenSettings));
                }
                return;
            }
        }
    }

    async fn write(self, folder: &Folder, record: &PictureRecord) -> Result<(), FileError> {
        let other = |message: String| FileError::Other {
            operation: "write into a folder",
            message,
        };
        let stored = self.library.read(&record.blob).await;
        let stored = stored.map_err(|error| other(error.to_string()))?;
        let picture = stored.ok_or_else(|| other("the picture is not stored".into()))?;
        let name = record.file_name();
        folder.write(&name, &picture).await?;
        let recipe = record.recipe(&name).map_err(|error| other(error.0))?;
        folder.write_text(&format!("{name}.json"), &recipe).await
    }
}
