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

/// The piece that begins at `start`, which no text before it has a say in; `None` at the end of the text.
pub(super) fn piece(text: &str, start: usize, classes: &Classes) -> Option<Piece> {
    let mut scan = Scan {
        text,
        classes,
        seen: start,
    };
    let first = scan.at(start)?;
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
    text: &'a str,
    classes: &'a Classes,
    seen: usize,
}

/// A character, and where it ends.
#[derive(Clone, Copy)]
struct Char {
    c: char,
    class: Class,
    end: usize,
}

impl Char {
    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
    fn may_begin(self) -> bool {
        matches!(self.class, Class::Upper | Class::Caseless | Class::Mark)
    }

    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
    fn may_follow(self) -> bool {
        matches!(self.class, Class::Lower | Class::Caseless | Class::Mark)
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
    fn at(&mut self, at: usize) -> Option<Char> {
        let Some(c) = self.text.get(at..).and_then(|rest| rest.chars().next()) else {
            self.seen = self.text.len() + 1;
            return None;
        };
        let end = at + c.len_utf8();
        self.seen = self.seen.max(end);
        Some(Char {
            c,
            class: self.classes.of(c),
            end,
        })
    }

    /// Where a run of such characters ends.
    fn run(&mut self, mut at: usize, fits: impl Fn(Char) -> bool) -> usize {
        while let Some(next) = self.at(at).filter(|next| fits(*next)) {
            at = next.end;
        }
        at
    }

    /// The first two alternatives; each is tried with a leading character before it is tried without.
    fn word(&mut self, start: usize, first: Char) -> Option<usize> {
        let lead = first.may_lead().then_some(first.end);
        let plain = (first.may_begin() || first.may_follow()).then_some(start);
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
        while let Some(next) = self.at(at) {
            if next.class == Class::Lower {
                return Some(self.run(next.end, Char::may_follow));
            }
            if !next.may_begin() {
                break;
            }
            at = next.end;
            if next.may_follow() {
                given_back = Some(at);
            }
        }
        given_back
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
        let apostrophe = self.at(at).filter(|next| next.c == '\'')?;
        let first = self.at(apostrophe.end)?;
        let wanted = match first.c {
            // Unicode folds the long s to s.
            's' | 'S' | 'ſ' | 't' | 'T' | 'm' | 'M' | 'd' | 'D' => return Some(first.end),
            'r' | 'R' | 'v' | 'V' => 'e',
            'l' | 'L' => 'l',
            _ => return None,
        };
        let second = self.at(first.end)?;
        second.c.eq_ignore_ascii_case(&wanted).then_some(second.end)
    }

    /// `\p{N}{1,3}`
    fn number(&mut self, start: usize, first: Char) -> Option<usize> {
        if first.class != Class::Number {
            return None;
        }
        let mut end = start;
        for _ in 0..3 {
            match self.at(end) {
                Some(next) if next.class == Class::Number => end = next.end,
                _ => break,
            }
        }
        Some(end)
    }

    /// ` ?[^\s\p{L}\p{N}]+[\r\n/]*`
    fn symbols(&mut self, start: usize, first: Char) -> Option<usize> {
        let from = if first.c == ' ' { first.end } else { start };
        let end = self.run(from, Char::is_symbol);
        let tail = |next: Char| next.class == Class::Newline || next.c == '/';
        (end > from).then(|| self.run(end, tail))
    }

    /// The last three: up to the last line break of a run; else all but its last, which may lead a word; else all.
    fn white_space(&mut self, start: usize) -> usize {
        let (mut at, mut last, mut line_end) = (start, start, None);
        let mut ends_text = true;
        while let Some(next) = self.at(at) {
            if !next.is_white_space() {
                ends_text = false;
                break;
            }
            last = at;
            at = next.end;
            if next.class == Class::Newline {
                line_end = Some(at);
            }
        }
        match line_end {
            Some(end) => end,
            None if ends_text || last == start => at,
            None => last,
        }
    }
}
