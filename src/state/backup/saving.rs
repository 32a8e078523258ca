//! Saving: rows and pictures are read page by page and written as they come, each picture held against its own name.

use std::collections::HashSet;

use futures::future::join_all;
use leptos::prelude::*;

use super::{Backup, LAST, Outcome, Phase, Progress, Saved, Stop, store_of};
use crate::browser::archive_file::{self, ArchiveFile};
use crate::browser::database::{Database, Order, Store};
use crate::browser::picture::Picture;
use crate::browser::sums::{self, Sums};
use crate::browser::{clock, random};
use crate::domain::backup::{
    Content, Counts, FORMAT, Kind, LastBackup, Limits, Listed, MANIFEST, Manifest, Part, Planner,
    blob_name, blobs_of, outgoing,
};
use crate::domain::date::Timestamp;
use crate::domain::record::{self, PictureRecord, VERSION};
use crate::domain::zip;
use crate::state::archive::put;

/// Rows that are read at a time.
const PAGE: u32 = 100;
/// Pictures that are read at a time.
const AT_ONCE: usize = 8;

/// What is to be saved: all its parts, and what those that are done already came to.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    id: String,
    made: Timestamp,
    parts: Vec<Part>,
    next: usize,
    /// The attempts that pictures name.
    attempts: HashSet<String>,
    newest: String,
    saved: Saved,
}

impl Plan {
    fn number(&self) -> (u32, u32) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (number(self.next + 1), number(self.parts.len()))
    }

    fn file_name(&self) -> String {
        let date = self.made.date();
        match self.number() {
            (_, 1) => format!("pentimento-backup-{date}.zip"),
            (part, parts) => format!("pentimento-backup-{date}-part-{part}-of-{parts}.zip"),
        }
    }
}

impl Backup {
    /// Saves everything: into a file where the person says, or else as downloads.
    pub fn save(self) {
        if self.begins(Phase::Counting) {
            leptos::task::spawn_local(async move {
                let end = self.save_first().await;
                self.part_ended(end);
            });
        }
    }

    /// Saves the part that waits for a press.
    pub fn save_next(self) {
        let Some(plan) = self.plan.get_value() else {
            return;
        };
        if self.begins(Phase::Counting) {
            leptos::task::spawn_local(async move {
                let end = match self.opened(&plan.file_name()).await {
                    Ok(Some(file)) => self.save_part(plan, file).await,
                    Ok(None) => Err(Stop::CalledOff),
                    Err(stop) => Err(stop),
                };
                self.part_ended(end);
            });
        }
    }

    fn part_ended(self, end: Result<Option<Plan>, Stop>) {
        match end {
            Ok(None) => self.ended(Ok(Some(Outcome::NothingToSave))),
            Ok(Some(plan)) if plan.next < plan.parts.len() => {
                let (part, parts) = plan.number();
                self.plan.set_value(Some(plan));
                self.phase.set(Phase::Next { part, parts });
            }
            Ok(Some(plan)) => self.ended(Ok(Some(Outcome::Saved(plan.saved)))),
            Err(stop) => self.ended(Err(stop)),
        }
    }

    /// Asking where a file goes needs the gesture: it comes first.
    async fn save_first(self) -> Result<Option<Plan>, Stop> {
        let name = format!("pentimento-backup-{}.zip", clock::now().date());
        let Some(file) = self.opened(&name).await? else {
            return Err(Stop::CalledOff);
        };
        let plan = match self.plan_all().await {
            Ok(plan) => plan,
            Err(stop) => {
                file.abandon().await;
                return Err(stop);
            }
        };
        if plan.parts.is_empty() {
            file.abandon().await;
            return Ok(None);
        }
        self.save_part(plan, file).await
    }

    async fn opened(self, name: &str) -> Result<Option<ArchiveFile>, Stop> {
        if !archive_file::can_choose_place() {
            return Ok(Some(ArchiveFile::download()));
        }
        Ok(ArchiveFile::choose(name).await?)
    }

    /// Counts what there is, by its rows alone.
    async fn plan_all(self) -> Result<Plan, Stop> {
        let limits = match archive_file::can_choose_place() {
            true => Limits::STREAM,
            false => Limits::DOWNLOAD,
        };
        let mut planner = Planner::new(limits);
        let mut attempts = HashSet::new();
        let mut newest = String::new();
        let database = self.archive.database().await?;
        // Pictures say which attempts are wanted.
        for kind in [Kind::Pictures, Kind::Trash, Kind::Ledger, Kind::Attempts] {
            let mut pages = database.pages(store_of(kind), Order::OldestFirst, PAGE);
            while let Some(page) = pages.next().await? {
                self.check_called_off()?;
                for (key, json) in &page {
                    let mut blobs = Vec::new();
                    match kind {
                        Kind::Pictures | Kind::Trash => {
                            let Ok(picture) = record::read::<PictureRecord>(json) else {
                                continue;
                            };
                            blobs = blobs_of(&picture);
                            attempts.insert(picture.attempt);
                        }
                        Kind::Attempts if !attempts.contains(key) => continue,
                        Kind::Attempts | Kind::Ledger => {}
                    }
                    planner.add(kind, key, json.len() as u64, &blobs);
                }
                if kind == Kind::Pictures
                    && let Some((last, _)) = page.last()
                {
                    newest.clone_from(last);
                }
            }
        }
        Ok(Plan {
            id: random::id(),
            made: clock::now(),
            parts: planner.finish(),
            next: 0,
            attempts,
            newest,
            saved: Saved::default(),
        })
    }

    async fn save_part(self, mut plan: Plan, file: ArchiveFile) -> Result<Option<Plan>, Stop> {
        let mut writer = PartWriter::new(file);
        if let Err(stop) = self.write_part(&mut plan, &mut writer).await {
            writer.file.abandon().await;
            return Err(stop);
        }
        writer.file.finish(&plan.file_name()).await?;
        plan.next += 1;
        plan.saved.parts += 1;
        if plan.next == plan.parts.len() {
            let last = LastBackup {
                v: VERSION,
                at: plan.made,
                newest: plan.newest.clone(),
            };
            self.note(put(Store::Meta, LAST, &last)?).await?;
        }
        Ok(Some(plan))
    }

    async fn write_part(self, plan: &mut Plan, writer: &mut PartWriter) -> Result<(), Stop> {
        let Part { ranges, bytes } = plan.parts[plan.next].clone();
        let (part, parts) = plan.number();
        let database = self.archive.database().await?;
        for range in &ranges {
            let pages = database.pages(store_of(range.kind), Order::OldestFirst, PAGE);
            let mut pages = pages.behind(range.after.clone());
            while let Some(mut page) = pages.next().await? {
                let is_within = |(key, _): &(String, String)| *key <= range.last;
                let ends = !page.last().is_some_and(is_within);
                page.retain(is_within);
                if range.kind == Kind::Attempts {
                    page.retain(|(key, _)| plan.attempts.contains(key));
                }
                self.write_rows(range.kind, page, &database, plan, writer)
                    .await?;
                let done = writer.zip.bytes_len();
                self.phase.set(Phase::Saving(Progress {
                    part,
                    parts,
                    done: done.min(bytes),
                    all: bytes,
                }));
                if ends {
                    break;
                }
            }
        }
        let rows = std::mem::take(&mut writer.rows);
        for (kind, text) in Kind::ALL.into_iter().zip(rows) {
            if !text.is_empty() {
                writer.text(kind.file(), text.as_bytes()).await?;
            }
        }
        let mut manifest = Manifest {
            format: FORMAT,
            app: env!("CARGO_PKG_VERSION").to_owned(),
            backup: plan.id.clone(),
            made: plan.made,
            part,
            parts,
            counts: writer.counts,
            ranges,
            entries: std::mem::take(&mut writer.listed),
            seal: String::new(),
        };
        let seal = sums::of_bytes(manifest.to_seal()?.as_bytes()).await?;
        manifest.seal = seal.sha256;
        let json = record::write(&manifest)?;
        writer.text(MANIFEST, json.as_bytes()).await?;
        let directory = std::mem::take(&mut writer.zip).finish();
        writer.push(&directory, None).await?;
        plan.saved.pictures += writer.counts.pictures;
        plan.saved.bytes += writer.bytes;
        Ok(())
    }

    /// Writes some rows, and before them the pictures that they name.
    async fn write_rows(
        self,
        kind: Kind,
        page: Vec<(String, String)>,
        database: &Database,
        plan: &mut Plan,
        writer: &mut PartWriter,
    ) -> Result<(), Stop> {
        let rows: Vec<_> = page
            .iter()
            .map(|(key, json)| outgoing(kind, key, json))
            .collect();
        let mut wanted: Vec<&str> = Vec::new();
        let mut seen = HashSet::new();
        for row in rows.iter().flatten() {
            for blob in row.own.iter().chain(&row.given) {
                if !writer.blobs.contains(blob) && seen.insert(blob.as_str()) {
                    wanted.push(blob);
                }
            }
        }
        for keys in wanted.chunks(AT_ONCE) {
            self.check_called_off()?;
            let pictures = database.blobs(Store::Blobs, keys).await?;
            let pictures: Vec<Picture> = pictures.into_iter().flatten().collect();
            let read = join_all(pictures.iter().map(sums::of_picture)).await;
            for (picture, sums) in pictures.iter().zip(read) {
                // What does not have the sum that it is kept under is damaged.
                if let Ok(sums) = sums
                    && sums.sha256 == picture.key()
                {
                    writer.picture(picture, sums).await?;
                }
            }
        }
        for row in rows {
            let Some(row) = row else {
                // Attempts that are still open are left out without a word.
                plan.saved.left_out += u32::from(kind != Kind::Attempts);
                continue;
            };
            if row.own.is_some_and(|own| !writer.blobs.contains(&own)) {
                plan.saved.left_out += 1;
                continue;
            }
            let clean = self.settings.without_keys(&row.json);
            plan.saved.cleaned += u32::from(clean != row.json);
            writer.row(kind, &clean);
        }
        Ok(())
    }
}

/// One part on its way.
struct PartWriter {
    file: ArchiveFile,
    zip: zip::Writer,
    listed: Vec<Listed>,
    counts: Counts,
    /// The pictures that are in it.
    blobs: HashSet<String>,
    /// Its rows, in the order of [`Kind::ALL`].
    rows: [String; 4],
    bytes: u64,
}

impl PartWriter {
    fn new(file: ArchiveFile) -> Self {
        Self {
            file,
            zip: zip::Writer::new(),
            listed: Vec::new(),
            counts: Counts::default(),
            blobs: HashSet::new(),
            rows: Default::default(),
            bytes: 0,
        }
    }

    fn row(&mut self, kind: Kind, json: &str) {
        self.counts.add(Content::Rows(kind));
        let text = &mut self.rows[kind as usize];
        text.push_str(json);
        text.push('\n');
    }

    async fn picture(&mut self, picture: &Picture, sums: Sums) -> Result<(), Stop> {
        self.counts.add(Content::Blob(&sums.sha256));
        self.blobs.insert(sums.sha256.clone());
        let header = self.begin(&blob_name(&sums.sha256), sums)?;
        self.push(&header, Some(picture)).await
    }

    async fn text(&mut self, name: &str, bytes: &[u8]) -> Result<(), Stop> {
        let sums = sums::of_bytes(bytes).await?;
        let mut whole = self.begin(name, sums)?;
        whole.extend(bytes);
        self.push(&whole, None).await
    }

    fn begin(&mut self, name: &str, sums: Sums) -> Result<Vec<u8>, Stop> {
        let header = self.zip.begin(name, sums.bytes, sums.crc32)?;
        self.listed.push(Listed {
            name: name.to_owned(),
            bytes: sums.bytes,
            crc32: sums.crc32,
            sha256: sums.sha256,
        });
        Ok(header)
    }

    async fn push(&mut self, bytes: &[u8], picture: Option<&Picture>) -> Result<(), Stop> {
        self.bytes += bytes.len() as u64 + picture.map_or(0, Picture::bytes_len);
        Ok(self.file.push(bytes, picture).await?)
    }
}
