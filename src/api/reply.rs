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
            ReplyKind::EventStream => Body::Stream(SseParser::new(), Box::default()),
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
                (*events).into_reply()
            }
        }
    }
}

#[derive(Debug)]
enum Body {
    Json(Lift),
    Stream(SseParser, Box<Events>),
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

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    /// What came out: each picture with what it was said to be.
    #[derive(Debug, Default, PartialEq)]
    struct Seen {
        open: Vec<u8>,
        ended: Vec<Vec<u8>>,
        previews: Vec<(u32, Vec<u8>)>,
        finals: Vec<Vec<u8>>,
    }

    impl Seen {
        fn take(&mut self, piece: Piece<'_>) {
            match piece {
                Piece::Bytes(bytes) => self.open.extend_from_slice(bytes),
                Piece::EndOfPicture => self.ended.push(std::mem::take(&mut self.open)),
                Piece::Preview { index } => {
                    let ended = self.ended.drain(..);
                    self.previews.extend(ended.map(|bytes| (index, bytes)));
                }
                Piece::Completed => self.finals.append(&mut self.ended),
            }
        }
    }

    fn read(kind: ReplyKind, chunks: &[&[u8]]) -> (Result<Reply, ReplyError>, Seen) {
        let (mut reader, mut seen) = (ReplyReader::new(kind), Seen::default());
        for chunk in chunks {
            let pushed = reader.push(chunk, &mut |piece| seen.take(piece));
            if pushed.is_err() {
                break;
            }
        }
        (reader.finish(&mut |piece| seen.take(piece)), seen)
    }

    #[track_caller]
    fn check(body: &str, expected: Result<usize, ReplyError>) {
        for kind in [ReplyKind::Json, ReplyKind::EventStream] {
            let is_stream = body.contains("data:") || body.contains("event:");
            if is_stream == (kind == ReplyKind::EventStream) {
                let (reply, _) = read(kind, &[body.as_bytes()]);
                assert_eq!(reply.map(|reply| reply.pictures.len()), expected, "{body}");
            }
        }
    }

    fn api(error: ApiError, previews: u32) -> Result<usize, ReplyError> {
        Err(ReplyError::Api { error, previews })
    }

    #[test]
    fn bodies_of_json() {
        check(r#"{"data":[{"b64_json":"QUJD"}]}"#, Ok(1));
        check(
            r#"{"data":[{"b64_json":"QUI"},{"b64_json":"QQ=="}]}"#,
            Ok(2),
        );
        check(r#"{"a":{"b64_json":"QUJD"}}"#, Ok(1));
        check(r#"{"data":[{"b64\u005fjson":"QUJD"}]}"#, Ok(1));
        check(r#"{"data":["b64_json","QUJD"]}"#, Err(ReplyError::Empty));
        check(
            r#"{"data":[{"b64_json":null,"url":"https://x"}]}"#,
            Err(ReplyError::OnlyAddresses),
        );
        check(
            r#"{"data":[{"b64_json":"","url":"https://x"}]}"#,
            Err(ReplyError::OnlyAddresses),
        );
        check(r#"{"data":[]}"#, Err(ReplyError::Empty));
        check("{}", Err(ReplyError::Empty));
        check("", Err(ReplyError::Empty));
        let cut = Err(ReplyError::CutShort { previews: 0 });
        check(r#"{"data":[{"b64_json":"QUJD"}]"#, cut.clone());
        check(r#"{"data":[{"b64_json":"QUJ"#, cut);
        check("<!doctype html><p>{]}\"</p>", Err(ReplyError::NotJson));
        check(&"[".repeat(9_999), Err(ReplyError::NotJson));
        check(&"<p>".repeat(999_999), Err(ReplyError::NotJson));
        let deep = format!("{{\"a\":{}", "[".repeat(64));
        check(&deep, Err(ReplyError::TooMuch));
        let long = format!("{{\"a\":\"{}\"}}", "a".repeat(2_000_000));
        check(&long, Err(ReplyError::TooMuch));
    }

    #[test]
    fn junk_in_a_picture() {
        for junk in [
            "QU JD",
            "QU\\nJD",
            "QUJD\n",
            "!",
            "Q",
            "Q===",
            "====",
            "QQ==QQ==",
            "QQ==Q",
            "QU-_",
            "\\u00e9",
            "\\u0100",
            "\\x",
            "\\\"QUJ",
            "データ",
        ] {
            check(
                &format!(r#"{{"data":[{{"b64_json":"{junk}"}}]}}"#),
                Err(ReplyError::Junk),
            );
        }
    }

    #[test]
    fn escapes_in_a_picture_are_read() {
        let body = r#"{"data":[{"b64_json":"\/\u002B+\u002f\u0051Q\u003d="}]}"#;
        let (_, seen) = read(ReplyKind::Json, &[body.as_bytes()]);
        assert_eq!(seen.finals, [STANDARD.decode("/++/QQ==").unwrap()]);
    }

    #[test]
    fn streams() {
        let partial = "data: {\"b64_json\":\"QUJD\",\"type\":\"image_edit.partial_image\",\"partial_image_index\":0}\n\n";
        let completed =
            "event: image_edit.completed\ndata: {\"b64_json\":\"QUJD\",\"usage\":null}\n";
        let cut = |previews| Err(ReplyError::CutShort { previews });
        check(&format!("{partial}{completed}\n"), Ok(1));
        check(&format!(": hello\n\n{completed}\ndata: [DONE]\n\n"), Ok(1));
        check(completed, Ok(1));
        check(completed.trim_end(), Ok(1));
        check(&format!("{completed}\nevent: error\ndata: x\n\n"), Ok(1));
        check(&format!("{partial}{partial}"), cut(2));
        check(&format!("{partial}{}", &completed[..50]), cut(1));
        check("data: [DONE]\n\n", cut(0));
        check("data: ping\n\n", cut(0));
        check(
            "data: {\"data\":[{\"url\":\"https://x\"}]}\n\n",
            Err(ReplyError::OnlyAddresses),
        );
        check(
            &completed.replace("null}\n", "nul}\n\n"),
            Err(ReplyError::NotJson),
        );
        let failed = |message: &str| ApiError::Server {
            status: 200,
            message: message.into(),
        };
        check("event: error\ndata: oh\n\n", api(failed("oh"), 0));
        check(
            "data: {\"error\":{\"code\":\"moderation_blocked\"}}\n\n",
            api(
                ApiError::Moderated {
                    stage: None,
                    categories: vec![],
                    usage: None,
                },
                0,
            ),
        );
        check(
            &format!("{partial}data: {{\"type\":\"error\",\"message\":\"oh\"}}\n\n"),
            api(failed("oh"), 1),
        );
    }

    #[test]
    fn after_a_preview_an_error_proves_nothing() {
        let error = ApiError::InvalidKey;
        let verdict = |previews| {
            let error = error.clone();
            ReplyError::Api { error, previews }.verdict()
        };
        assert_eq!(
            (verdict(0), verdict(1)),
            (Verdict::StopQueue, Verdict::Unknown)
        );
    }

    #[test]
    fn an_error_stays() {
        let mut reader = ReplyReader::new(ReplyKind::Json);
        let mut push = |chunk: &[u8]| reader.push(chunk, &mut |_| ());
        assert_eq!(push(b"{\"b64_json\":\"!!!!\""), Err(ReplyError::Junk));
        assert_eq!(push(b"}"), Err(ReplyError::Junk));
        assert_eq!(reader.finish(&mut |_| ()), Err(ReplyError::Junk));
    }

    #[test]
    fn kinds_by_content_type() {
        let is_stream = |header| ReplyKind::of(header) == ReplyKind::EventStream;
        assert!(is_stream(Some("text/event-stream")));
        assert!(is_stream(Some("Text/Event-Stream; charset=utf-8")));
        assert!(!is_stream(Some("application/json")) && !is_stream(None));
    }

    #[test]
    fn figures_that_cannot_be_true_are_none() {
        let usage = |usage: &str| {
            let body = format!(r#"{{"data":[{{"b64_json":"QUJD"}}],"usage":{usage}}}"#);
            let reply = read(ReplyKind::Json, &[body.as_bytes()]).0;
            reply.unwrap().usage.map(|usage| usage.output_tokens)
        };
        assert_eq!(
            usage(r#"{"input_tokens":9,"output_tokens":272}"#),
            Some(272)
        );
        assert_eq!(
            usage(r#"{"output_tokens":272,"input_tokens_details":null,"x":[1]}"#),
            Some(272)
        );
        for wrong in [
            "null",
            "{}",
            "7",
            "\"many\"",
            "[]",
            r#"{"output_tokens":-1}"#,
            r#"{"output_tokens":"272"}"#,
            r#"{"output_tokens":2.5}"#,
            r#"{"output_tokens":1e300}"#,
            r#"{"output_tokens":18446744073709551615}"#,
            r#"{"output_tokens":0,"input_tokens":0,"total_tokens":0}"#,
        ] {
            assert_eq!(usage(wrong), None, "{wrong}");
        }
    }

    /// A body of random pictures, as the API would write it.
    fn bodies() -> impl Strategy<Value = (ReplyKind, Vec<u8>, Vec<Vec<u8>>)> {
        let picture = prop::collection::vec(any::<u8>(), 1..200);
        let newline = prop::sample::select(vec!["\n", "\r\n", "\r"]);
        (
            prop::collection::vec(picture, 1..4),
            any::<bool>(),
            any::<bool>(),
            newline,
        )
            .prop_map(|(pictures, stream, escaped, newline)| {
                let text = |bytes: &Vec<u8>| {
                    let text = STANDARD.encode(bytes);
                    if escaped {
                        text.replace('/', "\\/")
                    } else {
                        text
                    }
                };
                let texts: Vec<String> = pictures.iter().map(text).collect();
                if stream {
                    let body = stream_of(&texts, newline);
                    (ReplyKind::EventStream, body.into_bytes(), pictures)
                } else {
                    let items = texts
                        .iter()
                        .map(|text| format!("{{ \"b64_json\" :\n\"{text}\"}}"));
                    let items = items.collect::<Vec<_>>().join(" , ");
                    let body = format!(
                        "{{\"created\":1,\"data\":[{items}],\"usage\":{{\"output_tokens\":5}}}}"
                    );
                    (ReplyKind::Json, body.into_bytes(), pictures)
                }
            })
    }

    fn stream_of(texts: &[String], newline: &str) -> String {
        let event = |(index, text): (usize, &String)| {
            let kind = if index + 1 == texts.len() {
                "completed"
            } else {
                "partial_image"
            };
            format!(
                "event: image_generation.{kind}{newline}data: {{\"b64_json\":\"{text}\",{newline}data: \"type\":\"image_generation.{kind}\"}}{newline}{newline}"
            )
        };
        format!(
            "\u{feff}:hi{newline}{}",
            texts.iter().enumerate().map(event).collect::<String>()
        )
    }

    /// Cuts at these places, taken modulo the length.
    fn cut<'a>(body: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
        let mut places: Vec<usize> = places.iter().map(|at| at % (body.len() + 1)).collect();
        places.extend([0, body.len()]);
        places.sort_unstable();
        places
            .windows(2)
            .map(|pair| &body[pair[0]..pair[1]])
            .collect()
    }

    proptest! {
        #[test]
        fn pictures_come_through_whatever_the_chunks((kind, body, pictures) in bodies(), places: Vec<usize>) {
            let (reply, seen) = read(kind, &[&body]);
            let singly: Vec<&[u8]> = body.chunks(1).collect();
            for chunks in [cut(&body, &places), singly] {
                let again = read(kind, &chunks);
                prop_assert_eq!(&again.0, &reply);
                prop_assert_eq!(&again.1, &seen);
            }
            let drawn: Vec<_> = seen.previews.into_iter().map(|(_, bytes)| bytes).chain(seen.finals).collect();
            prop_assert_eq!(drawn, pictures);
            prop_assert!(reply.is_ok());
        }

        #[test]
        fn damage_ends_in_a_named_state_whatever_the_chunks(
            (kind, mut body, _) in bodies(),
            damage in prop::collection::vec((any::<usize>(), any::<u8>(), 0..3), 1..6),
            places: Vec<usize>,
        ) {
            for (at, byte, how) in damage {
                let at = at % body.len().max(1);
                match how {
                    0 if !body.is_empty() => body[at] = byte,
                    1 => body.insert(at.min(body.len()), byte),
                    _ => body.truncate(at),
                }
            }
            let (whole, seen) = read(kind, &[&body]);
            let (again, seen_again) = read(kind, &cut(&body, &places));
            prop_assert_eq!(&again, &whole);
            prop_assert_eq!(seen.finals, seen_again.finals);
            prop_assert_eq!(seen.previews, seen_again.previews);
            if let Ok(reply) = whole {
                prop_assert!(!reply.pictures.is_empty());
            }
        }
    }
}
