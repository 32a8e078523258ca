//! The kinds of characters that the cutting of a text tells apart, as the table lists them.

/// Of Unicode's general categories and white space, no more than the pattern asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Other,
    /// Upper and title case.
    Upper,
    Lower,
    /// Letters without case, such as those of Japanese.
    Caseless,
    Mark,
    Number,
    /// White space within a line.
    Space,
    /// Carriage return and line feed.
    Newline,
    /// Of a byte alone: it is part of a longer character.
    Part,
    /// The text is over.
    End,
}

impl Class {
    fn read(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Other,
            1 => Self::Upper,
            2 => Self::Lower,
            3 => Self::Caseless,
            4 => Self::Mark,
            5 => Self::Number,
            6 => Self::Space,
            7 => Self::Newline,
            _ => return None,
        })
    }
}

/// The class of every character.
#[derive(Debug)]
pub(super) struct Classes {
    /// Those of one byte.
    bytes: [Class; 256],
    /// Those below [`LISTED`], one by one.
    low: Vec<Class>,
    /// Where a class begins; it holds until the next begins.
    ranges: Vec<(u32, Class)>,
}

/// The planes of nearly every text: the first, and that of emoji.
const LISTED: u32 = 0x2_0000;

impl Classes {
    /// Reads entries of four bytes: the first character of a range (little-endian) and its class.
    pub(super) fn read(entries: &[u8]) -> Option<Self> {
        let mut ranges = Vec::with_capacity(entries.len() / 4);
        for entry in entries.chunks_exact(4) {
            let &[a, b, c, code] = entry else { return None };
            let start = u32::from_le_bytes([a, b, c, 0]);
            let follows = ranges.last().map_or(0, |(before, _)| before + 1);
            if start < follows || (ranges.is_empty() && start > 0) {
                return None;
            }
            ranges.push((start, Class::read(code)?));
        }
        let mut low = Vec::with_capacity(LISTED as usize);
        for (at, (start, class)) in ranges.iter().enumerate() {
            let end = ranges.get(at + 1).map_or(LISTED, |(next, _)| *next);
            let count = end.min(LISTED).saturating_sub(*start);
            low.resize(low.len() + count as usize, *class);
        }
        let mut bytes = [Class::Part; 256];
        for (class, listed) in bytes.iter_mut().zip(&low).take(128) {
            *class = *listed;
        }
        Some(Self { bytes, low, ranges })
    }

    /// The class of the character at a place of a text, as far as its first byte tells.
    pub(super) fn at(&self, text: &[u8], at: usize) -> Class {
        text.get(at)
            .map_or(Class::End, |byte| self.bytes[usize::from(*byte)])
    }

    pub(super) fn of(&self, c: u32) -> Class {
        let listed = self.low.get(c as usize).copied();
        listed.unwrap_or_else(|| self.search(c))
    }

    #[cold]
    fn search(&self, c: u32) -> Class {
        let after = self.ranges.partition_point(|(start, _)| *start <= c);
        let range = after.checked_sub(1).and_then(|at| self.ranges.get(at));
        range.map_or(Class::Other, |(_, class)| *class)
    }
}
