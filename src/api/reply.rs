//! Reads a reply while it arrives: pictures go out as bytes, the figures around them come at the end.

use serde_json::Value;

use crate::api::error::{ApiError, Verdict, has_error};
use crate::api::lift::{Lift, LiftError, Lifted, picture_number};
use crate::api::sse::{Part, SseParser};
use crate::api::usage;
use crate::domain::usage::Usage;

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyKind {
    Json,
    EventStream,
}

/// What goes out while the body comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The next bytes of the picture now open, at most 48 KiB.
    Bytes(&'a [u8]),
    /// The open picture is whole. What it is comes before the next picture begins, or when its event ends.
    EndOfPicture,
    /// What ended since the last such word is a partial preview, counted from 0.
    Preview { index: u32 },
    /// What ended since the last such word is final, and stays good whatever error follows.
    Completed,
}

/// What stood around the pictures. Every field may be missing at compatible servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// One for each final picture, in the order in which they went out.
    pub pictures: Vec<PictureNotes>,
    /// `None` also where the figures cannot be true.
    pub usage: Option<Usage>,
    pub reported: Reported,
    /// Seconds since 1970.
    pub created: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PictureNotes {
    /// The prompt that the model made of the one sent (DALL·E 3).
    pub revised_prompt: Option<String>,
}

/// What the server says it drew, at most 64 characters each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reported {
    pub size: Option<String>,
    pub quality: Option<String>,
    pub background: Option<String>,
    pub output_format: Option<String>,
}

/// Why a body with a good status is no reply. Pictures that were `Completed` before it are good.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplyError {
    /// An error of the API, after so many previews.
    #[error("{error}")]
    Api { error: ApiError, previews: u32 },
    /// The body ended too early, after so many previews.
    #[error("the reply was cut short after {previews} previews")]
    CutShort { previews: u32 },
    #[error("the reply is not JSON")]
    NotJson,
    #[error("a picture in the reply is not base64")]
    Junk,
    /// Neither a picture nor an error.
    #[error("the reply holds no picture")]
    Empty,
    /// Addresses of pictures instead of pictures.
    #[error("the reply holds only addresses of pictures")]
    OnlyAddresses,
    /// Over 1 MiB of text around the pictures, or over 64 levels.
    #[error("the reply holds too much besides pictures")]
    TooMuch,
}

/// Reads one body, in chunks cut anywhere. After an error it only gives the same error again.
#[derive(Debug)]
pub struct ReplyReader {
    body: Body,
    failed: Option<ReplyError>,
}

impl ReplyKind {
    /// By the header; without one, JSON.
    #[must_use]
    pub fn of(content_type: Option<&str>) -> Self {
        let essence = content_type
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default();
        if essence.trim().eq_ignore_ascii_case("text/event-stream") {
            Self::EventStream
        } else {
            Self::Json
        }
    }
}

impl ReplyError {
    /// What the queue may do. An error of the API counts as what it is only before the first preview; the rest may be billed.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Api { error, previews: 0 } => error.verdict(),
            _ => Verdict::Unknown,
        }
    }

    /// The body was whole and is of no use: it was paid, and is worth keeping as it came.
    #[must_use]
    pub fn is_paid_and_broken(&self) -> bool {
        !matches!(self, Self::Api { .. } | Self::CutShort { .. })
    }
}

impl ReplyReader {
    #[must_use]
    pub fn new(kind: ReplyKind) -> Self {
        let body = match kind {
            ReplyKind::Json => Body::Json(Lift::default()),
            ReplyKind::EventStream => Body::Stream(SseParser::new(), Events::default()),
        };
        Self { body, failed: None }
    }

    /// Takes the next bytes of the body.
    ///
    /// # Errors
    /// As soon as the reply cannot become good. The rest of the body may still be read, and kept as it is.
    pub fn push(
        &mut self,
        chunk: &[u8],
        out: &mut impl FnMut(Piece<'_>),
    ) -> Result<(), ReplyError> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let pushed = match &mut self.body {
            Body::Json(lift) => push_json(lift, chunk, out),
            Body::Stream(parser, events) => parser.push(chunk, &mut |part| events.take(part, out)),
        };
        pushed.inspect_err(|error| self.failed = Some(error.clone()))
    }

    /// The body is over.
    ///
    /// # Errors
    /// Every way in which it is no reply.
    pub fn finish(self, out: &mut impl FnMut(Piece<'_>)) -> Result<Reply, ReplyError> {
        match (self.failed, self.body) {
            (Some(error), _) => Err(error),
            (None, Body::Json(lift)) => read_json(&lift),
            (None, Body::Stream(parser, mut events)) => {
                events.at_end = true;
                parser.finish(&mut |part| events.take(part, out))?;
                events.into_reply()
            }
        }
    }
}

#[derive(Debug)]
enum Body {
    Json(Lift),
    Stream(SseParser, Events),
}

fn push_json(
    lift: &mut Lift,
    chunk: &[u8],
    out: &mut impl FnMut(Piece<'_>),
) -> Result<(), ReplyError> {
    let pushed = lift.push(chunk, &mut |lifted| {
        out(lifted.into());
        if lifted == Lifted::EndOfPicture {
            out(Piece::Completed);
        }
    });
    let is_object = || lift.skeleton().trim_ascii_start().starts_with(b"{");
    match pushed {
        Err(LiftError::TooMuch) if !is_object() => Err(ReplyError::NotJson),
        pushed => pushed.map_err(ReplyError::from),
    }
}

fn read_json(lift: &Lift) -> Result<Reply, ReplyError> {
    let text = lift.skeleton().trim_ascii();
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    if text.is_empty() {
        return Err(ReplyError::Empty);
    }
    let reply: Value = serde_json::from_slice(text).map_err(|error| {
        if error.is_eof() {
            ReplyError::CutShort { previews: 0 }
        } else {
            ReplyError::NotJson
        }
    })?;
    if lift.pictures() > 0 {
        let mut notes = Reply::default();
        notes.add(&reply, lift.pictures());
        Ok(notes)
    } else if has_error(&reply) {
        let error = ApiError::within_reply(&reply);
        Err(ReplyError::Api { error, previews: 0 })
    } else if items(&reply).any(|item| item["url"].is_string()) {
        Err(ReplyError::OnlyAddresses)
    } else {
        Err(ReplyError::Empty)
    }
}

/// The events of a stream: at most one picture's text at a time, and what was learned.
#[derive(Debug, Default)]
struct Events {
    lift: Lift,
    previews: u32,
    reply: Reply,
    addresses: bool,
    /// The body is over: an event that is not whole was cut.
    at_end: bool,
}

impl Events {
    fn take(&mut self, part: Part<'_>, out: &mut impl FnMut(Piece<'_>)) -> Result<(), ReplyError> {
        match part {
            Part::Data(text) => {
                let lifted = self.lift.push(text, &mut |lifted| out(lifted.into()));
                lifted.map_err(ReplyError::from)
            }
            Part::End { name } => {
                let event = serde_json::from_slice::<Value>(self.lift.skeleton());
                let ended = match event {
                    Ok(event) => self.end(name, &event, out),
                    Err(_) => self.end_broken(name),
                };
                self.lift.reset();
                ended
            }
        }
    }

    fn end(
        &mut self,
        name: &str,
        event: &Value,
        out: &mut impl FnMut(Piece<'_>),
    ) -> Result<(), ReplyError> {
        let kind = event["type"].as_str().unwrap_or(name);
        let pictures = self.lift.pictures();
        if has_error(event) || kind == "error" || name == "error" {
            return self.fail(event);
        }
        self.addresses |= items(event).any(|item| item["url"].is_string());
        if pictures == 0 {
            return Ok(());
        }
        let counted = event["partial_image_index"].as_u64();
        let partial = kind.ends_with(".partial_image") || counted.is_some();
        if partial || !(kind.ends_with(".completed") || kind.is_empty()) {
            let index = counted.and_then(|index| u32::try_from(index).ok());
            out(Piece::Preview {
                index: index.unwrap_or(self.previews),
            });
            self.previews = self.previews.saturating_add(1);
        } else {
            out(Piece::Completed);
            self.reply.add(event, pictures);
        }
        Ok(())
    }

    /// An event that is not JSON: the end mark, a proxy's word, or the last one, cut.
    fn end_broken(&self, name: &str) -> Result<(), ReplyError> {
        if name == "error" {
            let text = String::from_utf8_lossy(self.lift.skeleton());
            self.fail(&serde_json::json!({ "error": text }))
        } else if self.at_end || !self.reply.pictures.is_empty() {
            Ok(())
        } else if self.lift.pictures() > 0 || name.starts_with("image_") {
            Err(ReplyError::NotJson)
        } else {
            Ok(())
        }
    }

    /// An error after the final picture takes nothing back.
    fn fail(&self, event: &Value) -> Result<(), ReplyError> {
        if !self.reply.pictures.is_empty() {
            return Ok(());
        }
        Err(ReplyError::Api {
            error: ApiError::within_reply(event),
            previews: self.previews,
        })
    }

    fn into_reply(self) -> Result<Reply, ReplyError> {
        if !self.reply.pictures.is_empty() {
            Ok(self.reply)
        } else if self.addresses {
            Err(ReplyError::OnlyAddresses)
        } else {
            Err(ReplyError::CutShort {
                previews: self.previews,
            })
        }
    }
}

impl Reply {
    /// Adds what an object says about so many pictures.
    fn add(&mut self, object: &Value, pictures: usize) {
        let first = self.pictures.len();
        self.pictures
            .resize_with(first + pictures, PictureNotes::default);
        for item in items(object).chain([object]) {
            let place = picture_number(item).and_then(|number| first.checked_add(number));
            if let Some(notes) = place.and_then(|place| self.pictures.get_mut(place)) {
                notes.revised_prompt = item["revised_prompt"].as_str().map(str::to_owned);
            }
        }
        self.usage = usage::read(&object["usage"]).or(self.usage);
        self.created = object["created"]
            .as_u64()
            .or(object["created_at"].as_u64())
            .or(self.created);
        let said = |name: &str| {
            let text = object[name].as_str()?;
            Some(text.chars().take(MOST_REPORTED).collect())
        };
        self.reported = Reported {
            size: said("size"),
            quality: said("quality"),
            background: said("background"),
            output_format: said("output_format"),
        };
    }
}

const MOST_REPORTED: usize = 64;

fn items(reply: &Value) -> impl Iterator<Item = &Value> {
    reply["data"].as_array().into_iter().flatten()
}

impl<'a> From<Lifted<'a>> for Piece<'a> {
    fn from(lifted: Lifted<'a>) -> Self {
        match lifted {
            Lifted::Bytes(bytes) => Self::Bytes(bytes),
            Lifted::EndOfPicture => Self::EndOfPicture,
        }
    }
}

impl From<LiftError> for ReplyError {
    fn from(error: LiftError) -> Self {
        match error {
            LiftError::Junk => Self::Junk,
            LiftError::TooMuch => Self::TooMuch,
        }
    }
}
