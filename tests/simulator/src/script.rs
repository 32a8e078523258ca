//! What is to go wrong, request by request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One request's fate. Everything can be combined; what is not set stays as usual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Script {
    /// Which request; without it, the next one that asks for pictures.
    #[serde(rename = "match")]
    pub matching: Match,
    /// For how many requests; 0 for all.
    pub times: u32,
    /// Before the headers.
    pub delay_ms: u64,
    /// Between the start of the execution and its bill.
    pub work_ms: Option<u64>,
    /// Before each event of a stream.
    pub event_delay_ms: Option<u64>,
    /// Sends the body in small pieces.
    pub drip: Option<Drip>,
    /// Closes the connection after so many bytes of the body, without its end.
    pub cut_at: Option<u64>,
    /// Sends nothing more after so many bytes of the body, and keeps the connection.
    pub stall_at: Option<u64>,
    /// Closes the connection after so many bytes of the status line and the headers.
    pub cut_head_at: Option<u64>,
    /// Closes the connection without a header.
    pub hang_up: bool,
    /// Keeps the connection without a header.
    pub never_answer: bool,
    /// One of the named errors (`faults::NAMES`).
    pub error: Option<String>,
    /// For errors that name a time to wait, such as `12`, `0.467` or `-5`.
    pub seconds: Option<f64>,
    /// Value of the `retry-after` header, as it stands.
    pub retry_after: Option<String>,
    pub status: Option<u16>,
    /// More headers, or other values.
    pub headers: BTreeMap<String, String>,
    /// The body as it stands.
    pub body: Option<String>,
    /// Sends `body` so many times.
    pub repeat: Option<u64>,
    pub garbage: Option<Garbage>,
    /// How many previews are really sent.
    pub previews: Option<u32>,
    /// Whether a picture is drawn and billed. Without it: unless an error, a status, a body or a broken line comes first.
    pub execute: Option<bool>,
}

/// Which requests a script is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Part of the path; without it, any that asks for pictures.
    pub path: Option<String>,
    /// Part of the prompt.
    pub prompt: Option<String>,
}

/// So many bytes, then a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drip {
    pub bytes: usize,
    pub every_ms: u64,
}

/// Answers with status 200 that are not what they should be. All are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    Html,
    EmptyBody,
    TruncatedJson,
    /// Characters in the base64 that do not belong there.
    JunkBase64,
    /// Base64 whose end is missing: half a picture.
    HalfPicture,
    /// Base64 of a text.
    NotAPicture,
    /// No `data` at all.
    NoData,
    EmptyData,
    /// `data` is an object.
    WrongTypes,
    NullPicture,
    /// `url` in place of `b64_json`.
    Url,
    NoUsage,
    NegativeUsage,
    StringUsage,
    HugeUsage,
    /// One picture fewer than asked.
    Fewer,
    /// Half as wide and high as asked.
    WrongSize,
    /// JPEG in place of PNG, PNG in place of the others; the reply does not say so.
    OtherFormat,
    /// Fields that nobody knows.
    UnknownFields,
    /// A stream without `.completed`.
    NoCompleted,
    /// A few kilobytes of gzip that become 256 MB.
    GzipBomb,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            matching: Match::default(),
            times: 1,
            delay_ms: 0,
            work_ms: None,
            event_delay_ms: None,
            drip: None,
            cut_at: None,
            stall_at: None,
            cut_head_at: None,
            hang_up: false,
            never_answer: false,
            error: None,
            seconds: None,
            retry_after: None,
            status: None,
            headers: BTreeMap::new(),
            body: None,
            repeat: None,
            garbage: None,
            previews: None,
            execute: None,
        }
    }
}

impl Script {
    /// A script that answers the next request with a named error.
    #[must_use]
    pub fn error(name: &str) -> Self {
        Self {
            error: Some(name.into()),
            ..Self::default()
        }
    }

    /// A script that spoils the next answer.
    #[must_use]
    pub fn garbage(garbage: Garbage) -> Self {
        Self {
            garbage: Some(garbage),
            ..Self::default()
        }
    }

    /// Whether the request is executed and billed.
    #[must_use]
    pub fn executes(&self) -> bool {
        let answers_otherwise =
            self.error.is_some() || self.status.is_some() || self.body.is_some();
        let never_begins = self.hang_up || self.never_answer;
        self.execute.unwrap_or(!answers_otherwise && !never_begins)
    }

    /// A stream begins well, with previews, and then says `event: error`.
    pub(crate) fn errs_midway(&self) -> bool {
        let in_stream = |name: &String| name.starts_with("stream_");
        self.previews.is_some() && self.error.as_ref().is_some_and(in_stream)
    }

    pub(crate) fn is_for(&self, path: &str, prompt: &str) -> bool {
        let path_fits = match &self.matching.path {
            Some(part) => path.contains(part),
            None => path.contains("/images/"),
        };
        path_fits
            && self
                .matching
                .prompt
                .as_ref()
                .is_none_or(|part| prompt.contains(part))
    }
}
