//! What a backup holds: pictures and the rows that belong to them, in parts that can each be restored alone.
//!
//! A part is a zip archive: the bytes of pictures under their SHA-256, the rows as lines of JSON, and at the end a manifest
//! that names every entry with its size and its sums, sealed by a hash of its own. A backup is a list of what it may hold:
//! nothing that is not named here gets in or out, so no key, no address, no provider and no budget.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::domain::date::{DAY_MILLIS, Timestamp};
use crate::domain::ledger::{Entry as LedgerEntry, Keys, Said};
use crate::domain::record::{
    self, Attempt, AttemptState, PictureRecord, UnreadableRow, VERSION, time_of_id,
};
use crate::domain::zip::{Entry, ZipFault};

/// The number of the form that this build writes, and the only one that there has been.
pub const FORMAT: u32 = 1;
/// The name of the last entry.
pub const MANIFEST: &str = "manifest.json";
/// The most bytes of a manifest, and of one file of rows.
pub const MOST_TEXT_BYTES: u64 = 64 << 20;
/// The most characters of one row.
const MOST_ROW_BYTES: usize = 1 << 20;

/// The rows that a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Requests that ended, as far as a picture names them.
    Attempts,
    /// What was spent.
    Ledger,
    Trash,
    /// With what the person says of them.
    Pictures,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Attempts, Self::Ledger, Self::Trash, Self::Pictures];

    /// The name of its entry.
    #[must_use]
    pub fn file(self) -> &'static str {
        match self {
            Self::Attempts => "rows/attempts.ndjson",
            Self::Ledger => "rows/ledger.ndjson",
            Self::Trash => "rows/trash.ndjson",
            Self::Pictures => "rows/pictures.ndjson",
        }
    }

    fn of_file(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.file() == name)
    }
}

/// What an entry of a backup is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// The bytes of a picture, and their SHA-256 in hex.
    Blob(&'a str),
    Rows(Kind),
    Manifest,
}

impl<'a> Content<'a> {
    /// `None`: nothing of a backup is called so.
    #[must_use]
    pub fn of(name: &'a str) -> Option<Self> {
        if name == MANIFEST {
            return Some(Self::Manifest);
        }
        if let Some(kind) = Kind::of_file(name) {
            return Some(Self::Rows(kind));
        }
        let hash = name.strip_prefix("blobs/")?;
        is_hash(hash).then_some(Self::Blob(hash))
    }
}

/// The name of the entry that holds the bytes with that SHA-256.
#[must_use]
pub fn blob_name(hash: &str) -> String {
    format!("blobs/{hash}")
}

/// Whether a text is a SHA-256 in hex, as keys of pictures are.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(is_hex)
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// The last entry of a part: what all the others are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    /// The build that wrote it.
    pub app: String,
    /// The same in all parts of one backup.
    pub backup: String,
    pub made: Timestamp,
    /// From 1 on.
    pub part: u32,
    pub parts: u32,
    pub counts: Counts,
    pub ranges: Vec<KeyRange>,
    /// All entries but this one, as they lie in the archive.
    pub entries: Vec<Listed>,
    /// SHA-256 of this text while the seal is empty.
    pub seal: String,
}

/// How many there are in a part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub attempts: u32,
    pub ledger: u32,
    pub trash: u32,
    pub pictures: u32,
    pub blobs: u32,
}

impl Counts {
    fn rows(&mut self, kind: Kind) -> &mut u32 {
        match kind {
            Kind::Attempts => &mut self.attempts,
            Kind::Ledger => &mut self.ledger,
            Kind::Trash => &mut self.trash,
            Kind::Pictures => &mut self.pictures,
        }
    }

    /// Counts one more.
    pub fn add(&mut self, content: Content<'_>) {
        let count = match content {
            Content::Blob(_) => &mut self.blobs,
            Content::Rows(kind) => self.rows(kind),
            Content::Manifest => return,
        };
        *count = count.saturating_add(1);
    }
}

/// The rows of a part: those behind one key, up to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRange {
    pub kind: Kind,
    /// `None`: from the first on.
    pub after: Option<String>,
    pub last: String,
}

/// What the manifest says of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub name: String,
    pub bytes: u64,
    pub crc32: u32,
    pub sha256: String,
}

/// Why a part of a backup is not restored. Nothing of it is taken then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackupFault {
    #[error("{0}")]
    Zip(#[from] ZipFault),
    /// A zip archive, and no backup.
    #[error("there is no manifest")]
    NoManifest,
    #[error("the manifest cannot be read: {0}")]
    Manifest(String),
    /// A newer version of the app wrote it.
    #[error("its format is {0}")]
    Newer(u32),
    #[error("the manifest was changed after it was written")]
    Seal,
    /// The manifest and the archive do not say the same of an entry.
    #[error("the manifest says something else of {0}")]
    Listing(String),
    /// Other bytes than were written.
    #[error("damaged: {0}")]
    Damaged(String),
    #[error("line {line} of {file} cannot be used")]
    Row { file: &'static str, line: usize },
    #[error("the picture of line {line} of {file} is not in this part")]
    PictureMissing { file: &'static str, line: usize },
}

impl Manifest {
    /// The text whose SHA-256 is the seal.
    ///
    /// # Errors
    /// None for this type; the type says that serialising can fail.
    pub fn to_seal(&self) -> Result<String, UnreadableRow> {
        record::write(&Self {
            seal: String::new(),
            ..self.clone()
        })
    }

    /// Reads a manifest and holds it against the archive's own directory. Whether the seal is right remains to be seen.
    ///
    /// # Errors
    /// It is of another format, damaged, or of another archive.
    pub fn read(json: &[u8], entries: &[Entry]) -> Result<Self, BackupFault> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let unread = |error: serde_json::Error| BackupFault::Manifest(error.to_string());
        let Format { format } = serde_json::from_slice(json).map_err(unread)?;
        if format > FORMAT {
            return Err(BackupFault::Newer(format));
        }
        let manifest: Self = serde_json::from_slice(json).map_err(unread)?;
        let others = entries.split_last().map_or(&[][..], |(_, others)| others);
        let mut counted = Counts::default();
        let all = manifest.entries.iter().map(Some).chain([None]);
        for (entry, listed) in others.iter().map(Some).chain([None]).zip(all) {
            let is_same = match (entry, listed) {
                (Some(entry), Some(listed)) => {
                    let content = Content::of(&entry.name);
                    if let Some(content @ Content::Blob(_)) = content {
                        counted.add(content);
                    }
                    let is_hashed = match content {
                        Some(Content::Blob(hash)) => hash == listed.sha256,
                        _ => is_hash(&listed.sha256),
                    };
                    is_hashed
                        && (&*entry.name, entry.bytes, entry.crc32)
                            == (&*listed.name, listed.bytes, listed.crc32)
                }
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            };
            if !is_same {
                let name = entry.map(|entry| entry.name.clone());
                let name = name.or_else(|| listed.map(|listed| listed.name.clone()));
                return Err(BackupFault::Listing(name.unwrap_or_default()));
            }
        }
        let is_part = (1..=manifest.parts).contains(&manifest.part);
        if format == 0 || !is_part || counted.blobs != manifest.counts.blobs {
            return Err(BackupFault::Manifest("its numbers are wrong".into()));
        }
        Ok(manifest)
    }

    /// Whether it has as many rows as it says.
    ///
    /// # Errors
    /// It has more or fewer.
    pub fn check_rows(&self, rows: &[Incoming]) -> Result<(), BackupFault> {
        let mut counted = Counts {
            blobs: self.counts.blobs,
            ..Counts::default()
        };
        for row in rows {
            counted.add(Content::Rows(row.kind));
        }
        if counted == self.counts {
            Ok(())
        } else {
            Err(BackupFault::Manifest("its numbers are wrong".into()))
        }
    }
}

/// The entry that holds the manifest: the last one.
///
/// # Errors
/// There is none, or it is too large.
pub fn manifest_of(entries: &[Entry]) -> Result<&Entry, BackupFault> {
    let last = entries.last().filter(|entry| entry.name == MANIFEST);
    let manifest = last.ok_or(BackupFault::NoManifest)?;
    if manifest.bytes > MOST_TEXT_BYTES {
        return Err(ZipFault::TooLarge(MANIFEST.to_owned()).into());
    }
    Ok(manifest)
}

/// A row that comes out of a backup, in the form in which it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    pub kind: Kind,
    pub key: String,
    pub json: String,
}

/// A row as it is written into a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub json: String,
    /// The picture that the row is of: without it, the row is not written.
    pub own: Option<String>,
    /// The pictures that it was made from, which may be gone by now.
    pub given: Vec<String>,
}

/// How a stored row is written; `None` where it does not belong into a backup, or cannot be read.
#[must_use]
pub fn outgoing(kind: Kind, key: &str, json: &str) -> Option<Outgoing> {
    let row = understood(kind, json)?;
    let mut blobs = match kind {
        Kind::Trash | Kind::Pictures => blobs_of(&record::read(json).ok()?),
        Kind::Attempts | Kind::Ledger => Vec::new(),
    };
    blobs.retain(|(blob, _)| Some(blob) != row.blob.as_ref());
    (row.key == key).then(|| Outgoing {
        json: row.json,
        own: row.blob,
        given: blobs.into_iter().map(|(blob, _)| blob).collect(),
    })
}

/// Reads rows of a part. `has_blob` says which pictures the part brings.
///
/// # Errors
/// One of them is damaged, of a newer form, there twice, or without its picture.
pub fn read_rows(
    kind: Kind,
    text: &[u8],
    has_blob: impl Fn(&str) -> bool,
) -> Result<Vec<Incoming>, BackupFault> {
    let file = kind.file();
    let mut keys = HashSet::new();
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let row = |(at, line): (usize, &[u8])| {
        let line_of = || BackupFault::Row { file, line: at + 1 };
        let json = str::from_utf8(line)
            .ok()
            .filter(|line| line.len() <= MOST_ROW_BYTES);
        let row = json
            .and_then(|json| understood(kind, json))
            .ok_or_else(line_of)?;
        if let Some(blob) = row.blob
            && !has_blob(&blob)
        {
            return Err(BackupFault::PictureMissing { file, line: at + 1 });
        }
        if !keys.insert(row.key.clone()) {
            return Err(line_of());
        }
        Ok(Incoming {
            kind,
            key: row.key,
            json: row.json,
        })
    };
    lines.enumerate().map(row).collect()
}

/// A row, read and written again: what this build does not know is not in it.
struct Understood {
    key: String,
    json: String,
    /// The picture itself.
    blob: Option<String>,
}

fn understood(kind: Kind, json: &str) -> Option<Understood> {
    match kind {
        Kind::Attempts => {
            let mut attempt: Attempt = record::read(json).ok()?;
            // What is still open is of this computer: whoever restores is asked nothing about it.
            let is_over = matches!(attempt.state, AttemptState::Done | AttemptState::WrittenOff);
            attempt.tab = String::new();
            attempt.raw = None;
            row(is_over, attempt.v, attempt.id.clone(), None, &attempt)
        }
        Kind::Ledger => {
            let line: LedgerEntry = record::read(json).ok()?;
            let keys = Keys::of_id(&line.attempt);
            let key = match &line.said {
                Said::Reserved(_) => keys.reserved,
                Said::Settled(_) => keys.settled,
                Said::Released => keys.released,
            };
            let is_id = is_id(&line.attempt);
            Some(Understood {
                json: record::write(&line).ok()?,
                key,
                blob: None,
            })
            .filter(|_| is_id && line.v <= VERSION)
        }
        Kind::Trash | Kind::Pictures => {
            let mut picture: PictureRecord = record::read(json).ok()?;
            picture.deleted = match kind {
                Kind::Trash => picture.deleted.or(Some(picture.made)),
                _ => None,
            };
            let blob = picture.blob.clone();
            let (v, id) = (picture.v, picture.id.clone());
            row(is_hash(&blob), v, id, Some(blob), &picture)
        }
    }
}

fn row<T: Serialize>(
    is_fit: bool,
    version: u32,
    key: String,
    blob: Option<String>,
    row: &T,
) -> Option<Understood> {
    let is_fit = is_fit && version <= VERSION && is_id(&key);
    let json = record::write(row).ok()?;
    is_fit.then_some(Understood { key, json, blob })
}

/// An id as this app makes them: what sorts by time, and nothing else.
fn is_id(id: &str) -> bool {
    time_of_id(id).is_some() && id.bytes().all(|byte| is_hex(byte) || byte == b'-')
}

/// The keys that decide whether a row is added.
#[must_use]
pub fn asked(row: &Incoming) -> Vec<String> {
    match row.kind {
        Kind::Ledger => {
            let keys = Keys::of_id(row.key.split('.').next().unwrap_or_default());
            vec![keys.reserved, keys.settled, keys.released]
        }
        Kind::Attempts | Kind::Trash | Kind::Pictures => vec![row.key.clone()],
    }
}

/// Whether a row is added; `here` are the rows that lie under a key of [`asked`]. What is here stays as it is; lines of the
/// ledger join only those that came out of a backup too.
#[must_use]
pub fn is_added(row: &Incoming, here: &[(&str, &str)]) -> bool {
    here.iter().all(|(key, json)| {
        let may_join = row.kind == Kind::Ledger && *key != row.key;
        may_join && record::read::<LedgerEntry>(json).is_ok_and(|line| line.imported)
    })
}

/// How a line of the ledger is kept when it comes out of a backup: outside every sum and budget.
///
/// # Errors
/// It is none.
pub fn imported(json: &str) -> Result<String, UnreadableRow> {
    let line: LedgerEntry = record::read(json)?;
    record::write(&LedgerEntry {
        imported: true,
        ..line
    })
}

/// How large a part may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub bytes: u64,
    pub blobs: usize,
    /// Of the rows of one kind.
    pub row_bytes: u64,
}

impl Limits {
    /// For parts that are downloaded one after the other.
    pub const DOWNLOAD: Self = Self {
        bytes: 1_000_000_000,
        blobs: 90_000,
        row_bytes: 32 << 20,
    };
    /// For a file that is written as it comes.
    pub const STREAM: Self = Self {
        bytes: 16_000_000_000,
        ..Self::DOWNLOAD
    };
}

/// Divides rows into parts, each with all pictures that its rows name.
#[derive(Debug)]
pub struct Planner {
    limits: Limits,
    parts: Vec<Part>,
    /// The pictures of the last part.
    blobs: HashSet<String>,
    /// The bytes of its rows, by kind.
    rows: [u64; 4],
}

/// A part to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    pub ranges: Vec<KeyRange>,
    /// About how large it will be.
    pub bytes: u64,
}

impl Planner {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            parts: vec![Part::default()],
            blobs: HashSet::new(),
            rows: [0; 4],
        }
    }

    /// Adds the next row of a kind, in the order of keys, with the pictures it names and their sizes.
    pub fn add(&mut self, kind: Kind, key: &str, row_bytes: u64, blobs: &[(String, u64)]) {
        let last_of = |part: &Part| {
            let range = part.ranges.iter().find(|range| range.kind == kind);
            range.map(|range| range.last.clone())
        };
        let before = self.parts.iter().rev().find_map(last_of);
        let new_bytes = |here: &HashSet<String>| -> u64 {
            let new = blobs.iter().filter(|(blob, _)| !here.contains(blob));
            new.map(|(_, bytes)| bytes).sum()
        };
        let more = new_bytes(&self.blobs) + row_bytes;
        let filled = self.parts.last().map_or(0, |part| part.bytes);
        let is_full = filled > 0
            && (filled + more > self.limits.bytes
                || self.blobs.len() + blobs.len() > self.limits.blobs
                || self.rows[kind as usize] + row_bytes > self.limits.row_bytes);
        if is_full {
            self.parts.push(Part::default());
            self.blobs.clear();
            self.rows = [0; 4];
        }
        let more = new_bytes(&self.blobs) + row_bytes;
        self.blobs
            .extend(blobs.iter().map(|(blob, _)| blob.clone()));
        self.rows[kind as usize] += row_bytes;
        if let Some(part) = self.parts.last_mut() {
            part.bytes += more;
            match part.ranges.iter_mut().find(|range| range.kind == kind) {
                Some(range) => key.clone_into(&mut range.last),
                None => part.ranges.push(KeyRange {
                    kind,
                    after: before,
                    last: key.to_owned(),
                }),
            }
        }
    }

    /// All parts; none where there was nothing to keep.
    #[must_use]
    pub fn finish(mut self) -> Vec<Part> {
        self.parts.retain(|part| !part.ranges.is_empty());
        self.parts
    }
}

/// The pictures that a row names, with their sizes, as far as it tells them.
#[must_use]
pub fn blobs_of(picture: &PictureRecord) -> Vec<(String, u64)> {
    let given = picture.request.images.iter().chain(&picture.request.mask);
    let given = given.map(|image| (image.blob.clone(), image.bytes));
    let own = (picture.blob.clone(), picture.bytes);
    [own]
        .into_iter()
        .chain(given)
        .filter(|(blob, _)| is_hash(blob))
        .collect()
}

/// The last backup that was made here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBackup {
    pub v: u32,
    pub at: Timestamp,
    /// The newest picture in it: those behind it are new.
    pub newest: String,
}

/// From so many new pictures on, a person is reminded,
pub const REMIND_PICTURES: u64 = 100;
/// when the last backup, or else the first picture, is so many days old,
pub const REMIND_DAYS: u64 = 14;
/// and once said, not again for so many.
pub const REMIND_AGAIN_DAYS: u64 = 14;

/// Whether to say that a backup would be good. `since` is the time of the last one, or of the first picture.
#[must_use]
pub fn is_due(new: u64, since: Timestamp, said: Option<Timestamp>, now: Timestamp) -> bool {
    let is_past =
        |at: Timestamp, days: u64| now.0.saturating_sub(at.0) >= days.saturating_mul(DAY_MILLIS);
    let is_quiet = said.is_some_and(|said| !is_past(said, REMIND_AGAIN_DAYS));
    new >= REMIND_PICTURES && is_past(since, REMIND_DAYS) && !is_quiet
}

/// Whole days between two times.
#[must_use]
pub fn days_between(then: Timestamp, now: Timestamp) -> u64 {
    now.0.saturating_sub(then.0) / DAY_MILLIS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::zip::Writer;
    use proptest::prelude::*;

    fn id(number: usize) -> String {
        format!("01a20000-{number:04x}-7000-8000-{number:012x}")
    }

    fn hash(number: usize) -> String {
        format!("{number:064x}")
    }

    fn line(number: usize, said: &str, is_imported: bool) -> (String, String) {
        let imported = if is_imported {
            r#","imported":true"#
        } else {
            ""
        };
        let json = format!(
            r#"{{"v":1,"attempt":"{}","at":5,"said":"released"{imported}}}"#,
            id(number)
        );
        (format!("{}.{said}", id(number)), json)
    }

    #[test]
    fn names_say_what_an_entry_is() {
        for kind in Kind::ALL {
            assert_eq!(Content::of(kind.file()), Some(Content::Rows(kind)));
        }
        assert_eq!(Content::of(MANIFEST), Some(Content::Manifest));
        let name = blob_name(&hash(7));
        assert_eq!(Content::of(&name), Some(Content::Blob(&hash(7))));
        for name in [
            "blobs/",
            "rows/meta.ndjson",
            "",
            "../manifest.json",
            &name.to_uppercase(),
        ] {
            assert_eq!(Content::of(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_here_stays_and_only_restored_lines_are_joined() {
        let picture = Incoming {
            kind: Kind::Pictures,
            key: id(1),
            json: String::new(),
        };
        assert_eq!(asked(&picture), [id(1)]);
        assert!(is_added(&picture, &[]));
        assert!(!is_added(&picture, &[(&id(1), "{}")]));
        let (key, json) = line(1, "3-released", false);
        let released = Incoming {
            kind: Kind::Ledger,
            key,
            json,
        };
        let (own, restored) = (line(1, "1-reserved", false), line(1, "1-reserved", true));
        assert_eq!(asked(&released)[0], own.0);
        assert!(is_added(&released, &[]));
        assert!(is_added(&released, &[(&restored.0, &restored.1)]));
        assert!(!is_added(&released, &[(&own.0, &own.1)]));
        let same = imported(&released.json).unwrap();
        assert!(same.contains(r#""imported":true"#));
        assert!(!is_added(&released, &[(&released.key, &same)]));
        assert!(imported("{}").is_err());
    }

    #[test]
    fn open_attempts_are_of_this_computer() {
        let attempt = |state: &str| {
            format!(
                r#"{{"v":1,"id":"{}","job":"j","tab":"t","provider":"openai","state":"{state}","started":5,"request":{{}},"upper_bound":null,"raw":"x"}}"#,
                id(1)
            )
        };
        for (state, is_kept) in [
            ("done", true),
            ("written_off", true),
            ("intent", false),
            ("unknown", false),
            ("paid_broken", false),
            ("failed", false),
        ] {
            let row = outgoing(Kind::Attempts, &id(1), &attempt(state));
            assert_eq!(row.is_some(), is_kept, "{state}");
            assert!(row.is_none_or(|row| row.json.contains(r#""raw":null"#)));
        }
        // Under another key it is no row of this app.
        assert_eq!(outgoing(Kind::Attempts, &id(2), &attempt("done")), None);
    }

    #[test]
    fn parts_hold_all_pictures_of_their_rows() {
        let limits = Limits {
            bytes: 1000,
            blobs: 10,
            row_bytes: 500,
        };
        let mut planner = Planner::new(limits);
        for number in 0..10 {
            // Each was made from the one before it.
            let blobs = [(hash(number), 300), (hash(number + 1), 300)];
            planner.add(Kind::Pictures, &id(number), 10, &blobs);
        }
        planner.add(Kind::Ledger, "a.1-reserved", 10, &[]);
        let parts = planner.finish();
        assert!(
            parts.len() > 2 && parts.iter().all(|part| part.bytes <= 1000),
            "{parts:?}"
        );
        let mut after = None;
        for part in &parts {
            let range = &part.ranges[0];
            assert_eq!((range.kind, &range.after), (Kind::Pictures, &after));
            after = Some(range.last.clone());
        }
        assert_eq!(after, Some(id(9)));
        assert_eq!(parts.last().unwrap().ranges[1].kind, Kind::Ledger);
        assert!(Planner::new(limits).finish().is_empty());
        // What is larger than a part is a part of its own.
        let mut planner = Planner::new(limits);
        for number in 0..2 {
            planner.add(Kind::Pictures, &id(number), 10, &[(hash(number), 5000)]);
        }
        assert_eq!(planner.finish().len(), 2);
    }

    proptest! {
        #[test]
        fn no_row_is_in_two_parts_and_none_in_no_part(sizes in prop::collection::vec(1_u64..900, 1..60)) {
            let limits = Limits { bytes: 1000, blobs: 5, row_bytes: 60 };
            let mut planner = Planner::new(limits);
            for (number, size) in sizes.iter().enumerate() {
                planner.add(Kind::Pictures, &id(number), 10, &[(hash(number % 7), *size)]);
            }
            let parts = planner.finish();
            for number in 0..sizes.len() {
                let holds = |part: &&Part| {
                    let range = &part.ranges[0];
                    range.after.as_ref().is_none_or(|after| *after < id(number)) && id(number) <= range.last
                };
                prop_assert_eq!(parts.iter().filter(holds).count(), 1);
            }
            prop_assert!(parts.iter().all(|part| part.bytes <= 1000 + 910));
        }
    }

    #[test]
    fn a_far_directory_is_read_as_it_is_written() {
        // Twelve gigabytes of entries, of which only the directory is made.
        let mut zip = Writer::new();
        let sizes = [1 << 30; 12];
        for (number, bytes) in sizes.iter().enumerate() {
            zip.begin(&blob_name(&hash(number)), *bytes, 5).unwrap();
        }
        let starts = zip.bytes_len();
        let directory = zip.finish();
        let file = starts + directory.len() as u64;
        let head = 0x0403_4B50_u32.to_le_bytes();
        let from = |at: u64| &directory[(at - starts) as usize..];
        let tail_at = crate::domain::zip::End::tail_range(file).start;
        let tail = from(tail_at.max(starts));
        let end = crate::domain::zip::End::read(file, &head, tail).unwrap();
        let range = end.directory_range();
        let listed = &from(range.start)[..(range.end - range.start) as usize];
        let entries = end
            .entries(listed, |name| Content::of(name).is_some())
            .unwrap();
        assert_eq!(entries.len(), 12);
        assert_eq!(entries[11].data_range().end, starts);
        assert!(starts > u64::from(u32::MAX) * 2);
    }

    #[test]
    fn one_is_reminded_when_much_is_new_and_long_nothing_was_saved() {
        let day = |day: u64| Timestamp(day * DAY_MILLIS);
        assert!(is_due(REMIND_PICTURES, day(0), None, day(REMIND_DAYS)));
        assert!(!is_due(REMIND_PICTURES - 1, day(0), None, day(REMIND_DAYS)));
        assert!(!is_due(REMIND_PICTURES, day(1), None, day(REMIND_DAYS)));
        let again = |said| is_due(REMIND_PICTURES, day(0), Some(day(said)), day(100));
        assert!(!again(99) && again(100 - REMIND_AGAIN_DAYS));
        assert_eq!(days_between(day(3), day(15)), 12);
        assert_eq!(days_between(day(3), day(2)), 0);
    }
}
