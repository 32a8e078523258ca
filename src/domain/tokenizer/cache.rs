//! The tokens of pieces that were counted before: most of a text is words that it holds again and again.
//!
//! Each piece has one place, which the next of another kind takes; it is compared in full, so it is never taken for
//! another, whatever the text.

use super::words::{equal, mixed};

/// Most pieces: words of Latin letters, signs, short words of other scripts. Each fits two machine words.
const SHORT: usize = 15;
const SHORT_PLACES: usize = 1 << 13;
/// Longer ones: sentences of scripts without spaces, runs of emoji.
const LONG: usize = 1_000;
const LONG_PLACES: usize = 1 << 10;

/// Counts by piece, in about 300 kB of common text.
#[derive(Debug)]
pub(super) struct Cache {
    short: Vec<Short>,
    long: Vec<Long>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Short {
    /// The bytes, filled up with nulls; the last is their number.
    piece: [u64; 2],
    tokens: u32,
}

#[derive(Debug, Clone, Default)]
struct Long {
    piece: Vec<u8>,
    tokens: u32,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self {
            short: vec![Short::default(); SHORT_PLACES],
            long: vec![Long::default(); LONG_PLACES],
        }
    }

    /// The tokens of the piece between two places of a text; counted where they are not known.
    #[inline]
    pub(super) fn tokens(
        &mut self,
        text: &[u8],
        start: usize,
        end: usize,
        count: impl FnOnce(&[u8]) -> u32,
    ) -> u32 {
        let len = end - start;
        if len > SHORT {
            return self.long(text.get(start..end).unwrap_or_default(), count);
        }
        let piece = packed(text, start, len);
        let place = mixed(mixed(0, piece[0]), piece[1]) >> 40;
        let Some(known) = self.short.get_mut(place as usize % SHORT_PLACES) else {
            return 0;
        };
        if known.piece != piece {
            let tokens = count(text.get(start..end).unwrap_or_default());
            *known = Short { piece, tokens };
        }
        known.tokens
    }

    fn long(&mut self, piece: &[u8], count: impl FnOnce(&[u8]) -> u32) -> u32 {
        let (words, rest) = piece.as_chunks::<8>();
        let last = rest
            .iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte));
        let words = words.iter().map(|word| u64::from_le_bytes(*word));
        let place = mixed(words.fold(0, mixed), last) >> 40;
        let known = self.long.get_mut(place as usize % LONG_PLACES);
        let Some(known) = known.filter(|_| piece.len() <= LONG) else {
            return count(piece);
        };
        if !equal(&known.piece, piece) {
            known.tokens = count(piece);
            known.piece.clear();
            known.piece.extend_from_slice(piece);
        }
        known.tokens
    }
}

/// What is left of two words when a piece has so many bytes.
const MASKS: [[u64; 2]; SHORT + 1] = {
    let mut masks = [[0; 2]; SHORT + 1];
    let mut len = 0;
    while len <= SHORT {
        let all = (1_u128 << (8 * len)) - 1;
        masks[len] = [all as u64, (all >> 64) as u64];
        len += 1;
    }
    masks
};

/// A short piece as two words.
#[inline]
fn packed(text: &[u8], start: usize, len: usize) -> [u64; 2] {
    let rest = text.get(start..).unwrap_or_default();
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
        // Near the end of the text.
        let mut bytes = [0; 16];
        bytes
            .iter_mut()
            .zip(rest)
            .for_each(|(to, from)| *to = *from);
        bytes
    });
    let all = u128::from_le_bytes(bytes);
    let [head, tail] = MASKS[len % MASKS.len()];
    [
        all as u64 & head,
        (all >> 64) as u64 & tail | (len as u64) << 56,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_never_taken_for_another() {
        let text = [&[0; 140][..], &[7; 140]].concat();
        let mut cache = Cache::new();
        for round in 0..2 {
            for start in [0, 60, 130, 140, 150] {
                for len in [1, 7, 8, 9, 14, 15, 16, 17, 64, 127, 128, 129] {
                    let sum = |piece: &[u8]| {
                        let bytes: u32 = piece.iter().map(|byte| u32::from(*byte)).sum();
                        bytes * 1_000 + piece.len() as u32
                    };
                    let end = start + len;
                    let found = cache.tokens(&text, start, end, sum);
                    assert_eq!(found, sum(&text[start..end]), "{round} {start} {len}");
                }
            }
        }
    }

    #[test]
    fn a_known_piece_is_not_counted_again() {
        let mut cache = Cache::new();
        for (start, end) in [(0, 5), (2, 40)] {
            let text = [b'a'; 40];
            assert_eq!(cache.tokens(&text, start, end, |_| 3), 3);
            assert_eq!(cache.tokens(&text, start, end, |_| 4), 3);
        }
    }
}
