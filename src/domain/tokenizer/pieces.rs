//! Where a text is cut before its bytes are merged: o200k_base's pattern, written out.
//!
//! The pattern, whose first alternative that fits wins:
//! ```text
//! [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//! \p{N}{1,3}
//!  ?[^\s\p{L}\p{N}]+[\r\n/]*
//! \s*[\r\n]+
//! \s+(?!\S)
//! \s+
//! ```

use super::classes::{Class, Classes};

/// One piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) end: usize,
    /// How far its finding looked; one more than the text is long where the end of the text mattered.
    pub(super) seen: usize,
}

/// The bytes of a character, from its first.
#[inline]
pub(super) fn width(first: u8) -> usize {
    match first {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0.. => 4,
    }
}

/// The piece that begins at `start`, which no text before it has a say in; `None` at the end of the text.
///
/// A place is always where a character begins.
pub(super) fn piece(text: &[u8], start: usize, classes: &Classes) -> Option<Piece> {
    let first = classes.at(text, start);
    if first == Class::End {
        return None;
    }
    narrow(text, start, first, classes).or_else(|| wide(text, start, classes))
}

/// The piece of characters of one byte, if it and what ends it are such: the same rules, without what only wider
/// characters need.
#[inline]
fn narrow(text: &[u8], start: usize, first: Class, classes: &Classes) -> Option<Piece> {
    let class = |at: usize| classes.at(text, at);
    let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
    // What may be wide, or belong to a word in a way that only wide characters do.
    let is_told = |class| !matches!(class, Class::Part | Class::Caseless | Class::Mark);
    let leads = matches!(first, Class::Other | Class::Space);
    let mut at = start + usize::from(leads);
    let mut next = if leads { class(at) } else { first };
    if matches!(next, Class::Upper | Class::Lower) {
        while next == Class::Upper {
            at += 1;
            next = class(at);
        }
        while next == Class::Lower {
            at += 1;
            next = class(at);
        }
        return (is_told(next) && !is(at, b'\'')).then_some(Piece {
            end: at,
            seen: at + 1,
        });
    }
    if first == Class::Number {
        at = start + 1;
        while at < start + 3 && class(at) == Class::Number {
            at += 1;
        }
        return (at == start + 3 || is_told(class(at))).then_some(Piece {
            end: at,
            seen: at + 1,
        });
    }
    if first == Class::Other || (is(start, b' ') && next == Class::Other) {
        while next == Class::Other {
            at += 1;
            next = class(at);
        }
        if !is_told(next) {
            return None;
        }
        while next == Class::Newline || is(at, b'/') {
            at += 1;
            next = class(at);
        }
        return Some(Piece {
            end: at,
            seen: at + 1,
        });
    }
    // One space before what is no word and no symbol: nearly all white space that is a piece of its own.
    (first == Class::Space && matches!(next, Class::Number | Class::End)).then_some(Piece {
        end: at,
        seen: at + 1,
    })
}

fn wide(text: &[u8], start: usize, classes: &Classes) -> Option<Piece> {
    let mut scan = Scan {
        text,
        classes,
        seen: start,
    };
    let first = scan.at(start);
    let end = scan
        .word(start, first)
        .or_else(|| scan.number(start, first))
        .or_else(|| scan.symbols(start, first))
        .unwrap_or_else(|| scan.white_space(start));
    Some(Piece {
        // Every class has its alternative: a piece is never empty.
        end: end.max(first.end),
        seen: scan.seen,
    })
}

struct Scan<'a> {
    text: &'a [u8],
    classes: &'a Classes,
    seen: usize,
}

/// A character, and where it ends.
#[derive(Clone, Copy)]
struct Char {
    c: u32,
    class: Class,
    end: usize,
}

impl Char {
    fn is(self, byte: u8) -> bool {
        self.c == u32::from(byte)
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
    fn may_begin(self) -> bool {
        matches!(self.class, Class::Upper | Class::Caseless | Class::Mark)
    }

    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
    fn may_follow(self) -> bool {
        matches!(self.class, Class::Lower | Class::Caseless | Class::Mark)
    }

    /// What a word is made of.
    fn is_of_word(self) -> bool {
        self.may_begin() || self.class == Class::Lower
    }

    /// `[^\r\n\p{L}\p{N}]`
    fn may_lead(self) -> bool {
        matches!(self.class, Class::Other | Class::Mark | Class::Space)
    }

    /// `[^\s\p{L}\p{N}]`
    fn is_symbol(self) -> bool {
        matches!(self.class, Class::Other | Class::Mark)
    }

    fn is_white_space(self) -> bool {
        matches!(self.class, Class::Space | Class::Newline)
    }
}

impl Scan<'_> {
    // Inlined everywhere: each character of most scripts comes through here.
    #[inline(always)]
    fn at(&mut self, at: usize) -> Char {
        let class = self.classes.at(self.text, at);
        let first = self.text.get(at).copied().unwrap_or_default();
        if class == Class::End {
            self.seen = self.text.len() + 1;
            return Char {
                c: 0,
                class,
                end: at,
            };
        }
        let (c, len) = if class == Class::Part {
            self.decoded(at, first)
        } else {
            (u32::from(first), 1)
        };
        let end = at + len;
        self.seen = self.seen.max(end);
        let class = if len == 1 { class } else { self.classes.of(c) };
        Char { c, class, end }
    }

    /// A character of several bytes, and how many.
    #[inline]
    fn decoded(&self, at: usize, first: u8) -> (u32, usize) {
        let next = |after: usize| {
            let byte = self.text.get(at + after).copied();
            u32::from(byte.unwrap_or_default() & 0x3f)
        };
        let (first, width) = (u32::from(first), width(first));
        let c = match width {
            2 => (first & 0x1f) << 6 | next(1),
            3 => (first & 0xf) << 12 | next(1) << 6 | next(2),
            _ => (first & 0x7) << 18 | next(1) << 12 | next(2) << 6 | next(3),
        };
        (c, width)
    }

    /// Where a run of such characters ends.
    fn run(&mut self, mut at: usize, fits: impl Fn(Char) -> bool) -> usize {
        loop {
            let next = self.at(at);
            if !fits(next) {
                return at;
            }
            at = next.end;
        }
    }

    /// The first two alternatives; each is tried with a leading character before it is tried without.
    fn word(&mut self, start: usize, first: Char) -> Option<usize> {
        let lead = (first.may_lead() && self.at(first.end).is_of_word()).then_some(first.end);
        let plain = first.is_of_word().then_some(start);
        let end = lead
            .and_then(|from| self.lower_word(from))
            .or_else(|| self.lower_word(plain?))
            .or_else(|| self.upper_word(lead?))
            .or_else(|| self.upper_word(plain?))?;
        Some(self.contraction(end))
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+`: where no lower case follows, the first part gives
    /// back as much as the second one needs.
    fn lower_word(&mut self, from: usize) -> Option<usize> {
        let (mut at, mut given_back) = (from, None);
        loop {
            let next = self.at(at);
            if next.class == Class::Lower {
                return Some(self.run(next.end, Char::may_follow));
            }
            if !next.may_begin() {
                return given_back;
            }
            at = next.end;
            if next.may_follow() {
                given_back = Some(at);
            }
        }
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+`: what may follow in the pattern is lower case, and then the other one fits.
    fn upper_word(&mut self, from: usize) -> Option<usize> {
        let end = self.run(from, Char::may_begin);
        (end > from).then_some(end)
    }

    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
    fn contraction(&mut self, at: usize) -> usize {
        self.contracted(at).unwrap_or(at)
    }

    fn contracted(&mut self, at: usize) -> Option<usize> {
        let apostrophe = self.at(at);
        if !apostrophe.is(b'\'') {
            return None;
        }
        let first = self.at(apostrophe.end);
        let wanted = match char::from_u32(first.c)? {
            // Unicode folds the long s to s.
            's' | 'S' | 'ſ' | 't' | 'T' | 'm' | 'M' | 'd' | 'D' => return Some(first.end),
            'r' | 'R' | 'v' | 'V' => b'e',
            'l' | 'L' => b'l',
            _ => return None,
        };
        let second = self.at(first.end);
        (second.is(wanted) || second.is(wanted.to_ascii_uppercase())).then_some(second.end)
    }

    /// `\p{N}{1,3}`
    fn number(&mut self, start: usize, first: Char) -> Option<usize> {
        if first.class != Class::Number {
            return None;
        }
        let mut end = start;
        for _ in 0..3 {
            let next = self.at(end);
            if next.class != Class::Number {
                break;
            }
            end = next.end;
        }
        Some(end)
    }

    /// ` ?[^\s\p{L}\p{N}]+[\r\n/]*`
    fn symbols(&mut self, start: usize, first: Char) -> Option<usize> {
        let from = if first.is(b' ') { first.end } else { start };
        let end = self.run(from, Char::is_symbol);
        let tail = |next: Char| next.class == Class::Newline || next.is(b'/');
        (end > from).then(|| self.run(end, tail))
    }

    /// The last three: up to the last line break of a run; else all but its last, which may lead a word; else all.
    fn white_space(&mut self, start: usize) -> usize {
        let (mut at, mut last, mut line_end) = (start, start, None);
        let ends_text = loop {
            let next = self.at(at);
            if !next.is_white_space() {
                break next.class == Class::End;
            }
            last = at;
            at = next.end;
            if next.class == Class::Newline {
                line_end = Some(at);
            }
        };
        match line_end {
            Some(end) => end,
            None if ends_text || last == start => at,
            None => last,
        }
    }
}
