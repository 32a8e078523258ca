//! Lifts base64 pictures out of JSON text while it arrives, and keeps the rest of it as a small skeleton.

use std::borrow::Cow;

use serde_json::Value;

use crate::api::pictures::{Base64, NotBase64};
use crate::api::scan::find_either;

/// Reads JSON text, cut anywhere. Every string under the key `b64_json`, at any depth, is decoded and handed on; in the
/// skeleton its place is taken by its number, as a string: `"0"`, `"1"` … (an empty string: by `null`).
#[derive(Debug, Default)]
pub(crate) struct Lift {
    state: State,
    /// One bit for each open bracket, the innermost lowest; set: an object.
    objects: u64,
    depth: u32,
    /// The next string is a key.
    key_next: bool,
    /// The last key was `b64_json`, and its value has not begun.
    armed: bool,
    skeleton: Vec<u8>,
    pictures: usize,
    base64: Base64,
}

/// What was lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifted<'a> {
    Bytes(&'a [u8]),
    EndOfPicture,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LiftError {
    /// A picture is not base64.
    Junk,
    /// More text or nesting around the pictures than any reply has.
    TooMuch,
}

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Between,
    /// In a string that is kept; a key, where its place in the skeleton is noted.
    Text {
        key_from: Option<usize>,
    },
    TextEscape {
        key_from: Option<usize>,
    },
    Picture,
    PictureEscape,
    /// After `\u`: the digits so far and their value.
    PictureHex {
        digits: u32,
        value: u32,
    },
}

const MOST_SKELETON: usize = 1024 * 1024;
const MOST_DEPTH: u32 = 64;
const KEY: &str = "b64_json";

impl Lift {
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        out: &mut impl FnMut(Lifted<'_>),
    ) -> Result<(), LiftError> {
        while let Some(first) = bytes.first() {
            let taken = match self.state {
                State::Between => self.between(*first)?,
                State::Text { key_from } => self.text(bytes, key_from),
                State::TextEscape { key_from } => {
                    self.skeleton.push(*first);
                    self.state = State::Text { key_from };
                    1
                }
                State::Picture => self.picture(bytes, out)?,
                State::PictureEscape | State::PictureHex { .. } => self.unescape(*first, out)?,
            };
            bytes = &bytes[taken..];
            if self.skeleton.len() > MOST_SKELETON {
                return Err(LiftError::TooMuch);
            }
        }
        Ok(())
    }

    /// The text without its pictures.
    pub(crate) fn skeleton(&self) -> &[u8] {
        &self.skeleton
    }

    /// Ready for another text; the numbers of pictures begin again.
    pub(crate) fn reset(&mut self) {
        self.skeleton.clear();
        self.base64.clear();
        *self = Self {
            skeleton: std::mem::take(&mut self.skeleton),
            base64: std::mem::take(&mut self.base64),
            ..Self::default()
        };
    }

    /// Pictures lifted out of this text.
    pub(crate) fn pictures(&self) -> usize {
        self.pictures
    }

    fn between(&mut self, byte: u8) -> Result<usize, LiftError> {
        match byte {
            b'"' if self.armed => {
                self.armed = false;
                self.state = State::Picture;
                return Ok(1);
            }
            b'"' => {
                let key_from = self.key_next.then_some(self.skeleton.len());
                self.state = State::Text { key_from };
            }
            b'{' | b'[' => {
                if self.depth == MOST_DEPTH {
                    return Err(LiftError::TooMuch);
                }
                self.depth += 1;
                self.objects = self.objects << 1 | u64::from(byte == b'{');
                self.key_next = byte == b'{';
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.objects >>= 1;
                self.key_next = false;
            }
            b',' => self.key_next = self.objects & 1 == 1,
            _ => (),
        }
        self.armed &= matches!(byte, b':' | b' ' | b'\t' | b'\r' | b'\n');
        self.skeleton.push(byte);
        Ok(1)
    }

    fn text(&mut self, bytes: &[u8], key_from: Option<usize>) -> usize {
        let Some(end) = find_either(bytes, b'"', b'\\') else {
            let kept = bytes.len().min(MOST_SKELETON + 1);
            self.skeleton.extend_from_slice(&bytes[..kept]);
            return bytes.len();
        };
        let kept = end.min(MOST_SKELETON);
        self.skeleton.extend_from_slice(&bytes[..kept]);
        self.skeleton.push(bytes[end]);
        if bytes[end] == b'\\' {
            self.state = State::TextEscape { key_from };
        } else {
            self.state = State::Between;
            if let Some(from) = key_from {
                self.key_next = false;
                self.armed = is_key(&self.skeleton[from..]);
            }
        }
        end + 1
    }

    fn picture(
        &mut self,
        bytes: &[u8],
        out: &mut impl FnMut(Lifted<'_>),
    ) -> Result<usize, LiftError> {
        let end = find_either(bytes, b'"', b'\\').unwrap_or(bytes.len());
        self.decode(&bytes[..end], out)?;
        match bytes.get(end) {
            Some(b'"') => self.end_picture(out)?,
            Some(_) => self.state = State::PictureEscape,
            None => return Ok(end),
        }
        Ok(end + 1)
    }

    fn decode(&mut self, text: &[u8], out: &mut impl FnMut(Lifted<'_>)) -> Result<(), LiftError> {
        self.base64
            .push(text, &mut |bytes| out(Lifted::Bytes(bytes)))
            .map_err(LiftError::from)
    }

    fn end_picture(&mut self, out: &mut impl FnMut(Lifted<'_>)) -> Result<(), LiftError> {
        let any = self.base64.finish(&mut |bytes| out(Lifted::Bytes(bytes)))?;
        self.state = State::Between;
        if any {
            out(Lifted::EndOfPicture);
            let marker = format!("\"{}\"", self.pictures);
            self.skeleton.extend_from_slice(marker.as_bytes());
            self.pictures += 1;
        } else {
            self.skeleton.extend_from_slice(b"null");
        }
        Ok(())
    }

    /// One byte of an escape in a picture: `\/` and `\u002b` are what a careful server may write; no other is base64.
    fn unescape(&mut self, byte: u8, out: &mut impl FnMut(Lifted<'_>)) -> Result<usize, LiftError> {
        self.state = match (self.state, byte) {
            (State::PictureEscape, b'u') => State::PictureHex {
                digits: 0,
                value: 0,
            },
            (State::PictureEscape, b'/') => {
                self.decode(b"/", out)?;
                State::Picture
            }
            (State::PictureHex { digits, value }, byte) => {
                let digit = char::from(byte).to_digit(16).ok_or(LiftError::Junk)?;
                let (digits, value) = (digits + 1, value << 4 | digit);
                if digits == 4 {
                    let byte = u8::try_from(value).map_err(|_wide| LiftError::Junk)?;
                    self.decode(&[byte], out)?;
                    State::Picture
                } else {
                    State::PictureHex { digits, value }
                }
            }
            _ => return Err(LiftError::Junk),
        };
        Ok(1)
    }
}

impl From<NotBase64> for LiftError {
    fn from(_: NotBase64) -> Self {
        Self::Junk
    }
}

/// The number of a picture that a skeleton names in this place.
pub(crate) fn picture_number(item: &Value) -> Option<usize> {
    item.get(KEY)?.as_str()?.parse().ok()
}

/// Whether a key with its quotes is the one; escapes in keys are legal, and rare.
fn is_key(quoted: &[u8]) -> bool {
    if quoted.contains(&b'\\') {
        serde_json::from_slice::<Cow<'_, str>>(quoted).is_ok_and(|key| key == KEY)
    } else {
        &quoted[1..quoted.len() - 1] == KEY.as_bytes()
    }
}
