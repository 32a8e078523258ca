//! Restoring: a part is read by stretches, every picture of it is held against its name before any row of it is taken, and
//! what is here already stays as it is.

use std::cell::Cell;
use std::collections::HashSet;

use futures::future::join_all;
use leptos::prelude::*;

use super::{Backup, Outcome, Phase, Progress, Restored, Stop, UNFINISHED, Unfinished, store_of};
use crate::browser::database::{Database, Durability, Op, Rows, Store, whole_store};
use crate::browser::error::DatabaseError;
use crate::browser::files::ChosenFile;
use crate::browser::picture::Picture;
use crate::browser::{local, sums};
use crate::domain::backup::{
    BackupFault, Content, Incoming, Kind, MOST_TEXT_BYTES, Manifest, asked, imported, is_added,
    manifest_of, read_rows,
};
use crate::domain::record::{VERSION, blobs_named};
use crate::domain::zip::{End, Entry, ZipFault};
use crate::state::archive::put;
use crate::state::composer::DRAFT;
use crate::state::restored;
use crate::state::trash::NAMING;

/// Pictures that are stored in one transaction, and the bytes of them.
const BATCH: usize = 50;
const BATCH_BYTES: u64 = 32 << 20;
/// Pictures that are read at a time.
const AT_ONCE: usize = 8;
/// Rows that are decided on in one transaction.
const ROWS: usize = 100;

/// A part whose directory, manifest and rows are read and found right; its pictures are not looked at yet.
struct OpenedPart {
    blobs: Vec<Entry>,
    rows: Vec<Incoming>,
}

impl Backup {
    /// Restores what is in files, one after the other.
    pub fn restore(self, files: Vec<impl Into<ChosenFile>>) {
        let files: Vec<ChosenFile> = files.into_iter().map(Into::into).collect();
        let first = Progress {
            part: 1,
            parts: u32::try_from(files.len()).unwrap_or(u32::MAX),
            done: 0,
            all: 1,
        };
        if files.is_empty() || !self.begins(Phase::Restoring(first)) {
            return;
        }
        leptos::task::spawn_local(async move {
            let mut restored = Restored::default();
            for (part, file) in (1..).zip(&files) {
                let progress = Progress { part, ..first };
                let end = self.restore_file(file, progress, &mut restored).await;
                let end = match end {
                    Ok(()) => continue,
                    Err(Stop::Fault(fault)) => Ok(Some(Outcome::Refused {
                        file: file.name(),
                        fault,
                        before: restored,
                    })),
                    Err(stop) => Err(stop),
                };
                self.show_restored(restored);
                return self.ended(end);
            }
            self.show_restored(restored);
            self.ended(Ok(Some(Outcome::Restored(restored))));
        });
    }

    fn show_restored(self, restored: Restored) {
        if restored.pictures + restored.rows > 0 {
            restored::note();
            // Older pictures may stand between those that were read.
            self.library.pictures.set(Vec::new());
            self.archive.read_again.update(|count| *count += 1);
            self.archive.tell_other_tabs();
        }
    }

    async fn restore_file(
        self,
        file: &ChosenFile,
        progress: Progress,
        restored: &mut Restored,
    ) -> Result<(), Stop> {
        let OpenedPart { blobs, rows } = open(file).await?;
        let database = self.archive.database().await?;
        let mut brought = Vec::new();
        let stored = self
            .restore_blobs(file, &blobs, &database, progress, &mut brought)
            .await;
        if let Err(stop) = stored {
            self.take_back(&brought, &database).await?;
            return Err(stop);
        }
        for rows in rows.chunks(ROWS) {
            add_rows(rows, &database, restored).await?;
        }
        if !brought.is_empty() || database.get(Store::Meta, UNFINISHED).await?.is_some() {
            self.note(Op::Delete {
                store: Store::Meta,
                key: UNFINISHED.into(),
            })
            .await?;
        }
        Ok(())
    }

    /// Puts every picture that is not here yet under its own hash. No row names them until the last one is there.
    async fn restore_blobs(
        self,
        file: &ChosenFile,
        blobs: &[Entry],
        database: &Database,
        progress: Progress,
        brought: &mut Vec<String>,
    ) -> Result<(), Stop> {
        let all: u64 = blobs.iter().map(|entry| entry.bytes).sum();
        let mut done = 0;
        for batch in batches(blobs) {
            self.check_called_off()?;
            self.phase.set(Phase::Restoring(Progress {
                done,
                all,
                ..progress
            }));
            let keys: Vec<&str> = batch.iter().filter_map(hash_of).collect();
            let here = database.blobs(Store::Blobs, &keys).await?;
            let is_missing = |(entry, here): &(&Entry, Option<Picture>)| {
                here.as_ref().map(Picture::bytes_len) != Some(entry.bytes)
            };
            let missing = batch.iter().zip(here).filter(is_missing);
            let missing: Vec<&Entry> = missing.map(|(entry, _)| entry).collect();
            let mut ops = Vec::new();
            for some in missing.chunks(AT_ONCE) {
                for picture in join_all(some.iter().map(|entry| checked(file, entry))).await {
                    let picture = picture?;
                    ops.push(Op::PutBlob {
                        store: Store::Blobs,
                        key: picture.key().to_owned(),
                        blob: (&picture).into(),
                    });
                }
            }
            done += batch.iter().map(|entry| entry.bytes).sum::<u64>();
            if ops.is_empty() {
                continue;
            }
            let unfinished = Unfinished {
                v: VERSION,
                file: file.name(),
                done,
                all,
            };
            ops.push(put(Store::Meta, UNFINISHED, &unfinished)?);
            brought.extend(
                missing
                    .iter()
                    .filter_map(|entry| hash_of(entry))
                    .map(str::to_owned),
            );
            database.write(ops, Durability::Strict).await?;
        }
        Ok(())
    }

    /// Deletes what this restore has put there, unless something names it by now; decided in the transaction that deletes.
    async fn take_back(self, brought: &[String], database: &Database) -> Result<(), DatabaseError> {
        if brought.is_empty() {
            return Ok(());
        }
        let draft = local::get(DRAFT).unwrap_or_default();
        let decide = |_: &[Option<String>], ranges: &[Rows]| {
            let rows = ranges.iter().flatten().map(|(_, json)| json.as_str());
            let named: HashSet<&str> = rows.chain([draft.as_str()]).flat_map(blobs_named).collect();
            let free = brought.iter().filter(|key| !named.contains(key.as_str()));
            let delete = |store, key: &str| Op::Delete {
                store,
                key: key.to_owned(),
            };
            let deletions = free.map(|key| delete(Store::Blobs, key));
            Some(deletions.chain([delete(Store::Meta, UNFINISHED)]).collect())
        };
        let all = whole_store();
        let ranges = NAMING.map(|store| (store, &all));
        let scope = [Store::Blobs, Store::Meta];
        database
            .decide_over(&[], &ranges, &scope, Durability::Strict, decide)
            .await
            .map(drop)
    }
}

/// Reads and checks all of a part but its pictures.
async fn open(file: &ChosenFile) -> Result<OpenedPart, Stop> {
    let bytes = file.bytes_len();
    let head = file.stretch(0..bytes.min(4)).await?;
    let tail = file.stretch(End::tail_range(bytes)).await?;
    let end = End::read(bytes, &head, &tail)?;
    let directory = file.stretch(end.directory_range()).await?;
    let entries = end.entries(&directory, |name| Content::of(name).is_some())?;
    let last = manifest_of(&entries)?;
    let stretch = file.stretch(last.range()).await?;
    let manifest = Manifest::read(last.open(&stretch)?, &entries)?;
    let seal = sums::of_bytes(manifest.to_seal()?.as_bytes()).await?;
    if seal.sha256 != manifest.seal {
        return Err(BackupFault::Seal.into());
    }
    let hashes: HashSet<&str> = entries.iter().filter_map(hash_of).collect();
    let mut rows = Vec::new();
    for (entry, listed) in entries.iter().zip(&manifest.entries) {
        let Some(Content::Rows(kind)) = Content::of(&entry.name) else {
            continue;
        };
        if entry.bytes > MOST_TEXT_BYTES {
            return Err(ZipFault::TooLarge(entry.name.clone()).into());
        }
        let stretch = file.stretch(entry.range()).await?;
        let text = entry.open(&stretch)?;
        if sums::of_bytes(text).await?.sha256 != listed.sha256 {
            return Err(BackupFault::Damaged(entry.name.clone()).into());
        }
        rows.extend(read_rows(kind, text, |blob| hashes.contains(blob))?);
    }
    manifest.check_rows(&rows)?;
    let blobs = entries.iter().filter(|entry| hash_of(entry).is_some());
    Ok(OpenedPart {
        blobs: blobs.cloned().collect(),
        rows,
    })
}

/// A picture of a part, whose bytes have the hash that they are named by.
async fn checked(file: &ChosenFile, entry: &Entry) -> Result<Picture, Stop> {
    entry.check_header(&file.stretch(entry.header_range()).await?)?;
    let picture = file.picture_in(entry.data_range()).await?;
    match hash_of(entry) {
        Some(hash) if hash == picture.key() => Ok(picture),
        _ => Err(BackupFault::Damaged(entry.name.clone()).into()),
    }
}

fn hash_of(entry: &Entry) -> Option<&str> {
    match Content::of(&entry.name) {
        Some(Content::Blob(hash)) => Some(hash),
        _ => None,
    }
}

/// Some entries at a time: not too many, and not too many bytes.
fn batches(entries: &[Entry]) -> impl Iterator<Item = &[Entry]> {
    let mut rest = entries;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |entry: &&Entry| {
            bytes += entry.bytes;
            bytes <= BATCH_BYTES
        };
        let count = rest.iter().take(BATCH).take_while(fits).count().max(1);
        let (batch, after) = rest.split_at_checked(count)?;
        rest = after;
        Some(batch)
    })
}

/// Adds the rows that are not here yet; what is here is not touched.
async fn add_rows(
    rows: &[Incoming],
    database: &Database,
    restored: &mut Restored,
) -> Result<(), Stop> {
    let keys: Vec<(&Incoming, Vec<String>)> = rows.iter().map(|row| (row, asked(row))).collect();
    let places = |row: &Incoming| match row.kind {
        Kind::Pictures | Kind::Trash => &[Store::Pictures, Store::Trash][..],
        Kind::Attempts => &[Store::Attempts],
        Kind::Ledger => &[Store::Ledger],
    };
    let mut reads: Vec<(Store, &str)> = Vec::new();
    for (row, keys) in &keys {
        for store in places(row) {
            reads.extend(keys.iter().map(|key| (*store, key.as_str())));
        }
    }
    let counted = Cell::new(Restored::default());
    let decide = |stored: &[Option<String>]| {
        let mut stored = reads.iter().zip(stored);
        let (mut ops, mut count) = (Vec::new(), Restored::default());
        for (row, keys) in &keys {
            let asked = stored.by_ref().take(keys.len() * places(row).len());
            let here: Vec<(&str, &str)> = asked
                .filter_map(|((_, key), json)| Some((*key, json.as_deref()?)))
                .collect();
            let is_picture = matches!(row.kind, Kind::Pictures | Kind::Trash);
            if !is_added(row, &here) {
                count.here += u32::from(is_picture);
                continue;
            }
            let json = match row.kind {
                Kind::Ledger => imported(&row.json).ok()?,
                Kind::Attempts | Kind::Trash | Kind::Pictures => row.json.clone(),
            };
            ops.push(Op::Add {
                store: store_of(row.kind),
                key: row.key.clone(),
                json,
            });
            count.pictures += u32::from(is_picture);
            count.rows += u32::from(!is_picture);
        }
        counted.set(count);
        (!ops.is_empty()).then_some(ops)
    };
    let scope: Vec<Store> = rows.iter().map(|row| store_of(row.kind)).collect();
    database
        .decide(&reads, &scope, Durability::Strict, decide)
        .await?;
    let counted = counted.get();
    restored.pictures += counted.pictures;
    restored.rows += counted.rows;
    restored.here += counted.here;
    Ok(())
}
