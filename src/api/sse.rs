//! Server-sent events as they arrive, in chunks cut anywhere (WHATWG HTML, 9.2); data is passed on, never collected.

use crate::api::scan::find_either;

/// A part of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A piece of the open event's data; the lines of one event come joined by `\n`.
    Data(&'a [u8]),
    /// The open event is over, and this is its name (empty: it has none).
    End { name: &'a str },
}

/// Cuts a stream into parts. Each byte is looked at once, whatever the length of its line.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Line,
    /// The last byte ended a line with CR: an LF now belongs to it.
    after_cr: bool,
    /// The event's name, at most `MOST_NAME` bytes.
    name: Vec<u8>,
    /// Lines of data in the open event.
    data_lines: bool,
    /// Some field of an event was read since the last one ended.
    open: bool,
    first_line_read: bool,
}

#[derive(Debug)]
enum Line {
    /// The field's name so far, at most `MOST_FIELD` bytes.
    Field(Vec<u8>),
    /// After the colon: one space is not part of the value.
    Value(Target),
    In(Target),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Data,
    Name,
    Ignored,
}

const MOST_FIELD: usize = 16;
const MOST_NAME: usize = 128;
const BOM: &[u8] = b"\xEF\xBB\xBF";

impl SseParser {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// The first error of `out`; what came after it in the chunk is lost.
    pub fn push<E>(
        &mut self,
        mut bytes: &[u8],
        out: &mut impl FnMut(Part<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(first) = bytes.first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let end = self.text_end(bytes);
            let (text, rest) = bytes.split_at(end);
            self.text(text, out)?;
            bytes = rest;
            match rest.first() {
                Some(b'\r' | b'\n') => {
                    self.after_cr = rest[0] == b'\r';
                    bytes = &rest[1..];
                    self.end_line(out)?;
                }
                Some(b':') if matches!(self.line, Line::Field(_)) => {
                    bytes = &rest[1..];
                    self.end_field(out)?;
                }
                _ => (),
            }
        }
        Ok(())
    }

    /// Ends the stream. An event that lacks only its empty line counts: whether it is whole, its data tells.
    ///
    /// # Errors
    /// The error of `out`.
    pub fn finish<E>(mut self, out: &mut impl FnMut(Part<'_>) -> Result<(), E>) -> Result<(), E> {
        if !matches!(&self.line, Line::Field(name) if name.is_empty()) {
            self.end_line(out)?;
        }
        self.end_event(out)
    }

    /// How many of the bytes belong to the line (or to its field's name) without a closer look.
    fn text_end(&self, bytes: &[u8]) -> usize {
        let end = match self.line {
            Line::Field(_) => bytes.iter().position(|b| b":\r\n".contains(b)),
            _ => find_either(bytes, b'\r', b'\n'),
        };
        end.unwrap_or(bytes.len())
    }

    fn text<E>(
        &mut self,
        text: &[u8],
        out: &mut impl FnMut(Part<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        if text.is_empty() {
            return Ok(());
        }
        match &mut self.line {
            Line::Field(name) => {
                let room = MOST_FIELD - name.len();
                name.extend_from_slice(&text[..room.min(text.len())]);
                Ok(())
            }
            Line::Value(target) => {
                let target = *target;
                self.line = Line::In(target);
                self.value(target, text.strip_prefix(b" ").unwrap_or(text), out)
            }
            Line::In(target) => {
                let target = *target;
                self.value(target, text, out)
            }
        }
    }

    fn value<E>(
        &mut self,
        target: Target,
        text: &[u8],
        out: &mut impl FnMut(Part<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match target {
            Target::Data if !text.is_empty() => out(Part::Data(text)),
            Target::Name => {
                let room = MOST_NAME - self.name.len();
                self.name.extend_from_slice(&text[..room.min(text.len())]);
                Ok(())
            }
            Target::Data | Target::Ignored => Ok(()),
        }
    }

    /// The field's name is read: decides where its value goes.
    fn end_field<E>(&mut self, out: &mut impl FnMut(Part<'_>) -> Result<(), E>) -> Result<(), E> {
        let Line::Field(field) = &self.line else {
            return Ok(());
        };
        let field = match field.strip_prefix(BOM) {
            Some(field) if !self.first_line_read => field,
            _ => field,
        };
        let target = match field {
            b"data" => Target::Data,
            b"event" => Target::Name,
            _ => Target::Ignored,
        };
        self.line = Line::Value(target);
        match target {
            Target::Data => {
                self.open = true;
                if std::mem::replace(&mut self.data_lines, true) {
                    out(Part::Data(b"\n"))?;
                }
            }
            Target::Name => {
                self.open = true;
                self.name.clear();
            }
            Target::Ignored => (),
        }
        Ok(())
    }

    fn end_line<E>(&mut self, out: &mut impl FnMut(Part<'_>) -> Result<(), E>) -> Result<(), E> {
        if let Line::Field(field) = &self.line {
            let blank = field.is_empty() || (!self.first_line_read && field == BOM);
            if blank {
                self.end_event(out)?;
            } else {
                self.end_field(out)?;
            }
        }
        self.first_line_read = true;
        self.line = Line::default();
        Ok(())
    }

    fn end_event<E>(&mut self, out: &mut impl FnMut(Part<'_>) -> Result<(), E>) -> Result<(), E> {
        self.data_lines = false;
        let name = std::mem::take(&mut self.name);
        if std::mem::take(&mut self.open) {
            out(Part::End {
                name: &String::from_utf8_lossy(&name),
            })?;
        }
        Ok(())
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::Field(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The events as `name|data`.
    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let (mut found, mut data) = (Vec::new(), Vec::new());
        let mut take = |part: Part<'_>| {
            match part {
                Part::Data(text) => data.extend_from_slice(text),
                Part::End { name } => {
                    let data = std::mem::take(&mut data);
                    found.push(format!("{name}|{}", String::from_utf8_lossy(&data)));
                }
            }
            Ok::<_, ()>(())
        };
        let mut parser = SseParser::new();
        for chunk in chunks {
            parser.push(chunk, &mut take).unwrap();
        }
        parser.finish(&mut take).unwrap();
        found
    }

    #[track_caller]
    fn check(stream: &str, expected: &[&str]) {
        assert_eq!(events(&[stream.as_bytes()]), expected, "{stream:?}");
        let singly: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(events(&singly), expected, "{stream:?} byte by byte");
    }

    #[test]
    fn what_the_standard_says() {
        check("data: a\n\ndata: b\n\n", &["|a", "|b"]);
        check("event: x\r\ndata:a\r\n\r\n", &["x|a"]);
        check("event: x\rdata:  a\r\r", &["x| a"]);
        check("data\ndata\n\ndata:\n\n", &["|\n", "|"]);
        check("data: 1\ndata: 2\r\ndata:3\n\n", &["|1\n2\n3"]);
        check(": a comment\n:data: x\n\ndata: y: z\n\n", &["|y: z"]);
        check("\u{feff}data: a\n\n\u{feff}data: b\n\n", &["|a"]);
        check("\u{feff}\ndata: a\n\n", &["|a"]);
        check("id: 1\nretry: 5\n\n\n\ndata: a\n\n", &["|a"]);
        check("dataX: a\nDATA: a\n data: a\n\n", &[]);
        check("event: a\nevent: b\ndata: c\n\ndata: d\n\n", &["b|c", "|d"]);
        check("data: 傘\n\n", &["|傘"]);
    }

    #[test]
    fn an_end_without_an_empty_line_still_ends_the_event() {
        check("data: a", &["|a"]);
        check("data: a\n", &["|a"]);
        check("event: error", &["error|"]);
        check("", &[]);
    }

    #[test]
    fn names_and_fields_have_a_bound() {
        let long = "e".repeat(5_000);
        check(&format!("{long}: x\ndata: a\n\n"), &["|a"]);
        let kept = format!("{}|a", "e".repeat(MOST_NAME));
        check(&format!("event: {long}\ndata: a\n\n"), &[&kept]);
    }

    proptest! {
        #[test]
        fn chunks_make_no_difference(stream in "(event|data|id|:|[\r\n ]|\u{feff}|[a-c]){0,60}", at: usize) {
            let bytes = stream.as_bytes();
            let (head, tail) = bytes.split_at(at % (bytes.len() + 1));
            let singly: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(events(&[head, tail]), events(&[bytes]));
            prop_assert_eq!(events(&singly), events(&[bytes]));
        }

        #[test]
        fn any_bytes_are_a_stream(bytes: Vec<u8>) {
            events(&[&bytes]);
        }
    }
}
