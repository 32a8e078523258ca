//! What is saved: attempts and pictures, each with its version, and how a stored text is read again.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::domain::date::{DAY_MILLIS, Date, Timestamp};
use crate::domain::money::Usd;
use crate::domain::provider::Provider;
use crate::domain::request::ImageRequest;

/// One request to a provider, written before it leaves. Its row alone says what may have been paid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    pub v: u32,
    pub id: String,
    /// The gesture it belongs to: one press of Generate.
    pub job: String,
    /// The key of its row in the queue.
    #[serde(default)]
    pub row: String,
    /// The Web Lock that its tab holds while it lives.
    pub tab: String,
    pub provider: Provider,
    pub state: AttemptState,
    pub started: Timestamp,
    /// What was asked, so that it can be asked again.
    pub request: ImageRequest,
    /// What it may cost at most, where that is known.
    pub upper_bound: Option<Usd>,
    /// How it ended, in the provider's own words.
    #[serde(default)]
    pub note: String,
    /// Where the raw reply lies, when it could not be read.
    #[serde(default)]
    pub raw: Option<String>,
}

/// Where an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Committed, perhaps sent: whoever finds it without its tab must call it unknown.
    Intent,
    Done,
    /// Proved not executed: nothing was paid.
    Failed,
    /// May have been billed.
    Unknown,
    /// Paid, and the reply could not be read: its bytes are kept.
    PaidBroken,
    /// The person has settled an unknown one.
    WrittenOff,
}

/// A picture and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureRecord {
    pub v: u32,
    /// Sorts by time (UUID v7).
    pub id: String,
    pub job: String,
    pub attempt: String,
    pub provider: Provider,
    pub made: Timestamp,
    pub request: ImageRequest,
    /// SHA-256 of the bytes as received.
    pub blob: String,
    pub media_type: String,
    pub width: u32,
    pub height: u32,
    pub bytes: u64,
    /// This picture's share of what the reply cost; `None` where that is unknown.
    pub cost: Option<Usd>,
    #[serde(default)]
    pub revised_prompt: Option<String>,
    #[serde(default)]
    pub deleted: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
}

/// What a person says of a picture, to find it again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    pub favourite: bool,
    pub tags: Vec<String>,
    /// The names of the collections that it is in; a collection is there as long as it holds a picture.
    pub collections: Vec<String>,
}

/// The words that are put on pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Label {
    Tag,
    Collection,
}

/// A change of what is said of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marking {
    Favourite(bool),
    Add(Label, String),
    Remove(Label, String),
}

/// The most characters of a tag or a collection's name.
const MOST_LABEL_CHARS: usize = 60;

impl Marks {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    #[must_use]
    pub fn labels(&self, label: Label) -> &[String] {
        match label {
            Label::Tag => &self.tags,
            Label::Collection => &self.collections,
        }
    }

    /// Does it; doing it twice changes nothing more. A name of spaces is none.
    pub fn change(&mut self, marking: &Marking) {
        let labels = |marks: &mut Self, label| match label {
            Label::Tag => std::mem::take(&mut marks.tags),
            Label::Collection => std::mem::take(&mut marks.collections),
        };
        let (label, changed) = match marking {
            Marking::Favourite(is_one) => {
                self.favourite = *is_one;
                return;
            }
            Marking::Add(label, name) => {
                let mut all = labels(self, *label);
                let name = label_name(name);
                if !name.is_empty() && !all.contains(&name) {
                    all.push(name);
                }
                (label, all)
            }
            Marking::Remove(label, name) => {
                let mut all = labels(self, *label);
                all.retain(|one| one != name);
                (label, all)
            }
        };
        match label {
            Label::Tag => self.tags = changed,
            Label::Collection => self.collections = changed,
        }
    }
}

/// A name as it is kept: without spaces around it, of one line, and not too long.
#[must_use]
pub fn label_name(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let cut: String = line.trim().chars().take(MOST_LABEL_CHARS).collect();
    cut.trim_end().to_owned()
}

/// The keys of the Blobs that a stored row names, as it is written: pictures, images and masks alike. Rather one too many
/// than one too few: what a row names is not deleted.
pub fn blobs_named(json: &str) -> impl Iterator<Item = &str> {
    const FIELD: &str = "\"blob\":\"";
    json.split(FIELD)
        .skip(1)
        .filter_map(|after| after.split('"').next())
}

/// The version that this build writes.
pub const VERSION: u32 = 1;

/// A stored row of a version that this build does not know, or one that is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a stored row cannot be read: {0}")]
pub struct UnreadableRow(pub String);

/// Reads a stored row.
///
/// # Errors
/// Text that is no such row.
pub fn read<T: DeserializeOwned>(json: &str) -> Result<T, UnreadableRow> {
    serde_json::from_str(json).map_err(|error| UnreadableRow(error.to_string()))
}

/// A row that holds its own key.
pub trait Stored: DeserializeOwned {
    fn key(&self) -> &str;
}

impl Stored for PictureRecord {
    fn key(&self) -> &str {
        &self.id
    }
}

impl Stored for Attempt {
    fn key(&self) -> &str {
        &self.id
    }
}

/// Reads a row that is stored under that key.
///
/// # Errors
/// Text that is no such row, or one that belongs elsewhere.
pub fn read_row<T: Stored>(key: &str, json: &str) -> Result<T, UnreadableRow> {
    let row: T = read(json)?;
    if row.key() == key {
        Ok(row)
    } else {
        Err(UnreadableRow(format!("it belongs to {}", row.key())))
    }
}

/// Writes a row.
///
/// # Errors
/// None for the records of this module; the type says that serialising can fail.
pub fn write<T: Serialize>(row: &T) -> Result<String, UnreadableRow> {
    serde_json::to_string(row).map_err(|error| UnreadableRow(error.to_string()))
}

/// When an id was made: the first 48 bits of a uuid v7. `None` where it is none.
#[must_use]
pub fn time_of_id(id: &str) -> Option<Timestamp> {
    let (high, low) = (id.get(..8)?, id.get(9..13)?);
    let is_uuid = id.len() == 36 && id.get(8..9) == Some("-") && id.get(14..15) == Some("7");
    let parse = |digits: &str| u64::from_str_radix(digits, 16).ok();
    let millis = (parse(high)? << 16) | parse(low)?;
    is_uuid.then_some(Timestamp(millis))
}

/// What every id of that millisecond begins with: ids sort by it.
#[must_use]
pub fn start_of_ids(at: Timestamp) -> String {
    format!("{:08x}-{:04x}", at.0 >> 16, at.0 & 0xFFFF)
}

impl Attempt {
    /// The same, started on that day or later. Its id says the same time as it, so that the ledger's lines sort by their days:
    /// a clock that was set back in an open tab leaves the ids ahead.
    #[must_use]
    pub fn on_or_after(mut self, day: Date) -> Self {
        if self.started.date() < day {
            self.started = Timestamp(day.midnight().0 + self.started.0 % DAY_MILLIS);
        }
        let is_of_day = |time: Timestamp| time.date() == self.started.date();
        if time_of_id(&self.id).is_some_and(|time| !is_of_day(time)) {
            self.id = format!("{}{}", start_of_ids(self.started), &self.id[13..]);
        }
        self
    }
}

impl PictureRecord {
    /// A file name of plain letters: the first words of the prompt, then the id's last digits.
    #[must_use]
    pub fn file_name(&self) -> String {
        let words: String = self
            .request
            .prompt
            .to_ascii_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let slug: Vec<&str> = words
            .split('-')
            .filter(|word| !word.is_empty())
            .take(6)
            .collect();
        let slug = if slug.is_empty() {
            "picture".to_owned()
        } else {
            slug.join("-")
        };
        let slug = &slug[..slug.len().min(48)];
        let id = self
            .id
            .get(self.id.len().saturating_sub(6)..)
            .unwrap_or_default();
        format!("{slug}-{id}.{}", extension(&self.media_type))
    }
}

/// What is written beside a picture's file: how it was made.
#[derive(Debug, Serialize)]
struct Recipe<'a> {
    file: &'a str,
    sha256: &'a str,
    made: String,
    provider: Provider,
    /// In US dollars.
    cost: Option<String>,
    request: &'a ImageRequest,
    revised_prompt: Option<&'a str>,
}

impl PictureRecord {
    /// The recipe as a text to keep beside the file of that name.
    ///
    /// # Errors
    /// None for this type; the type says that serialising can fail.
    pub fn recipe(&self, file: &str) -> Result<String, UnreadableRow> {
        let recipe = Recipe {
            file,
            sha256: &self.blob,
            made: self.made.iso(),
            provider: self.provider,
            cost: self.cost.map(Usd::decimal),
            request: &self.request,
            revised_prompt: self.revised_prompt.as_deref(),
        };
        serde_json::to_string_pretty(&recipe).map_err(|error| UnreadableRow(error.to_string()))
    }
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/svg+xml" => "svg",
        _ => "bin",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(prompt: &str) -> PictureRecord {
        PictureRecord {
            v: VERSION,
            id: "0193-aaaa-abcdef".into(),
            job: "j".into(),
            attempt: "a".into(),
            provider: Provider::OpenAi,
            made: Timestamp(1),
            request: ImageRequest {
                prompt: prompt.into(),
                ..ImageRequest::default()
            },
            blob: "00".into(),
            media_type: "image/webp".into(),
            width: 1,
            height: 1,
            bytes: 1,
            cost: Some(Usd(5)),
            revised_prompt: None,
            deleted: None,
            marks: Marks::default(),
        }
    }

    #[test]
    fn rows_are_read_as_they_were_written() {
        let row = picture("a cat");
        assert_eq!(
            read::<PictureRecord>(&write(&row).unwrap()),
            Ok(row.clone())
        );
        assert!(read::<PictureRecord>("{}").is_err());
        // A row of before there were marks, and one with some.
        assert!(!write(&row).unwrap().contains("marks"));
        let mut marked = row;
        marked.marks.change(&Marking::Favourite(true));
        marked
            .marks
            .change(&Marking::Add(Label::Tag, " sea \n".into()));
        assert_eq!(
            read::<PictureRecord>(&write(&marked).unwrap()),
            Ok(marked.clone())
        );
        assert_eq!(marked.marks.tags, ["sea"]);
    }

    #[test]
    fn marking_twice_is_marking_once() {
        let (sea, none) = (
            Marking::Add(Label::Tag, "sea".into()),
            Marking::Add(Label::Collection, " \t".into()),
        );
        let mut marks = Marks::default();
        for _ in 0..2 {
            marks.change(&sea);
            marks.change(&none);
        }
        assert_eq!(marks.labels(Label::Tag), ["sea"]);
        assert!(marks.labels(Label::Collection).is_empty());
        marks.change(&Marking::Remove(Label::Tag, "hill".into()));
        assert_eq!(marks.labels(Label::Tag), ["sea"]);
        marks.change(&Marking::Remove(Label::Tag, "sea".into()));
        assert!(marks.is_empty());
        let long = Marking::Add(Label::Tag, "長".repeat(500));
        marks.change(&long);
        assert_eq!(marks.tags[0].chars().count(), MOST_LABEL_CHARS);
    }

    #[test]
    fn a_row_names_the_blobs_of_its_picture_its_images_and_its_mask() {
        let image = |blob: &str| crate::domain::request::ImageRef {
            blob: blob.into(),
            media_type: "image/png".into(),
            width: 1,
            height: 1,
            bytes: 1,
        };
        let mut row = picture(r#"says "blob":"ff" in words"#);
        row.request.images = vec![image("01"), image("02")];
        row.request.mask = Some(image("03"));
        let json = write(&row).unwrap();
        let mut named: Vec<&str> = blobs_named(&json).collect();
        named.sort_unstable();
        assert_eq!(named, ["00", "01", "02", "03"]);
        assert_eq!(blobs_named("").count(), 0);
    }

    #[test]
    fn an_attempt_is_dated_with_its_id() {
        let day = |text: &str| Date::try_from(text.to_owned()).unwrap();
        let attempt = |id: &str, started| Attempt {
            v: VERSION,
            id: id.into(),
            job: String::new(),
            row: String::new(),
            tab: String::new(),
            provider: Provider::OpenAi,
            state: AttemptState::Intent,
            started: Timestamp(started),
            request: ImageRequest::default(),
            upper_bound: None,
            note: String::new(),
            raw: None,
        };
        let id = "01a20000-0001-7000-8000-000000000009";
        let midnight = time_of_id(id).unwrap();
        let made = attempt(id, midnight.0 + 5);
        let same = made.clone().on_or_after(midnight.date());
        assert_eq!(same, made);
        let later = made.on_or_after(day("2999-12-01"));
        assert_eq!(later.started.date(), day("2999-12-01"));
        assert_eq!(later.started.0 % DAY_MILLIS, (midnight.0 + 5) % DAY_MILLIS);
        assert_eq!(time_of_id(&later.id), Some(later.started));
        assert!(later.id.ends_with("-7000-8000-000000000009"));
        // The id is ahead of the clock: it follows.
        let behind = attempt(id, midnight.0 - 2 * DAY_MILLIS);
        let dated = behind.clone().on_or_after(behind.started.date());
        assert_eq!(time_of_id(&dated.id), Some(behind.started));
        for id in [
            "",
            "a",
            "01a20000-0001-4000-8000-000000000009",
            "é".repeat(18).as_str(),
        ] {
            assert_eq!(time_of_id(id), None, "{id}");
            let kept = attempt(id, 7).on_or_after(day("2026-11-22"));
            assert_eq!(kept.id, id);
        }
    }

    #[test]
    fn a_recipe_says_how_a_picture_was_made() {
        let recipe = picture("a cat").recipe("a-cat.png").unwrap();
        let read: serde_json::Value = serde_json::from_str(&recipe).unwrap();
        assert_eq!(read["file"], "a-cat.png");
        assert_eq!(read["request"]["prompt"], "a cat");
        assert_eq!(read["made"], "1970-01-01T00:00:00Z");
        assert!(!recipe.contains("address") && !recipe.contains("key"));
    }

    #[test]
    fn file_names_are_plain() {
        assert_eq!(
            picture("A red/../ \"umbrella\"\u{202e}!").file_name(),
            "a-red-umbrella-abcdef.webp"
        );
        assert_eq!(picture("赤い傘").file_name(), "picture-abcdef.webp");
        assert!(picture(&"x".repeat(500)).file_name().len() < 64);
    }
}
