//! Byte-pair merge: of all neighbours that form a token, those of the lowest rank become one, again and again.
//!
//! It begins with bytes, or with a whole character where that leads to the same. A character may be taken whole if it
//! is a token and no token that ends or begins within a character spans either of its borders
//! ([`Vocabulary::may_be_torn`] asks that of the two bytes at a border). Why:
//!
//! - No merge then joins a proper part of it with anything outside: its bytes merge as they would alone, to itself.
//! - Let `w` be a token that holds it and something beyond one of its borders. Tokens are numbered as they are merged:
//!   merging the bytes of `w` alone leads to `w` over tokens of lower rank (tests/tokens/table.rs asserts it), and by
//!   the first point the character was among them. So each merge within the character has a lower rank than `w`.
//! - What a whole character offers before its bytes would is always such a `w`: of a higher rank than the merge that is
//!   still due within the character. Merging bytes takes that one first, or a lower one, which both ways offer. So
//!   both take the same merges in the same order, those within the character left out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::pieces::width;
use super::vocabulary::{Vocabulary, append};

const NONE: u32 = u32::MAX;
/// So many parts are looked through for the lowest rank; of more, a heap knows it.
const FEW: usize = 48;

/// Counts the tokens of pieces, one after another; keeps its room between them.
#[derive(Debug, Default)]
pub(super) struct Merger {
    /// Hashes of the piece up to each byte.
    hashes: Vec<u64>,
    /// Where parts begin, and the end of the last.
    bounds: Vec<u32>,
    /// Of each part, the rank of it and the next one as one.
    ranks: Vec<u32>,
    many: Many,
}

/// Many parts.
#[derive(Debug, Default)]
struct Many {
    /// By number.
    parts: Vec<Part>,
    /// Rank and number of what can be merged, the lowest first; what has changed since is told by its rank.
    heap: BinaryHeap<Reverse<(u32, u32)>>,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    start: u32,
    end: u32,
    /// The number of the one before and of the one after.
    before: u32,
    after: u32,
    /// Of it and the one after it as one.
    rank: u32,
}

/// A piece with the hashes of what it begins with.
#[derive(Clone, Copy)]
struct Hashed<'a> {
    vocabulary: &'a Vocabulary,
    bytes: &'a [u8],
    hashes: &'a [u64],
}

impl Hashed<'_> {
    fn rank(self, start: u32, end: u32) -> u32 {
        let (start, end) = (start as usize, end as usize);
        let look_up = || {
            let bytes = self.bytes.get(start..end)?;
            let (before, up_to) = (*self.hashes.get(start)?, *self.hashes.get(end)?);
            let hash = self.vocabulary.hash_between(before, up_to, bytes.len())?;
            self.vocabulary.rank(bytes, hash)
        };
        look_up().unwrap_or(NONE)
    }
}

impl Merger {
    /// The tokens of a piece.
    pub(super) fn count(&mut self, vocabulary: &Vocabulary, piece: &[u8]) -> u32 {
        if piece.len() <= 1 {
            return piece.len() as u32;
        }
        if vocabulary.is_token(piece) {
            return 1;
        }
        self.begin(vocabulary, piece);
        self.merge(vocabulary, piece)
    }

    fn hash(&mut self, piece: &[u8]) {
        self.hashes.clear();
        self.hashes.push(0);
        let mut hash = 0;
        self.hashes.extend(piece.iter().map(|byte| {
            hash = append(hash, *byte);
            hash
        }));
    }

    /// What merging begins with.
    fn begin(&mut self, vocabulary: &Vocabulary, piece: &[u8]) {
        self.hash(piece);
        self.bounds.clear();
        let (mut at, mut torn) = (0, false);
        while let Some(first) = piece.get(at) {
            let len = width(*first);
            let end = (at + len).min(piece.len());
            let torn_before = torn;
            torn = match (piece.get(end - 1), piece.get(end)) {
                (Some(last), Some(next)) => vocabulary.may_be_torn(*last, *next),
                _ => false,
            };
            let hashed = Hashed {
                vocabulary,
                bytes: piece,
                hashes: &self.hashes,
            };
            let (from, to) = (at as u32, end as u32);
            if len == 1 || (!torn && !torn_before && hashed.rank(from, to) != NONE) {
                self.bounds.push(from);
            } else {
                self.bounds.extend(from..to);
            }
            at = end;
        }
        self.bounds.push(piece.len() as u32);
    }

    fn merge(&mut self, vocabulary: &Vocabulary, piece: &[u8]) -> u32 {
        let hashed = Hashed {
            vocabulary,
            bytes: piece,
            hashes: &self.hashes,
        };
        self.ranks.clear();
        let pairs = self.bounds.windows(3).map(|bounds| match bounds {
            [start, _, end] => hashed.rank(*start, *end),
            _ => NONE,
        });
        self.ranks.extend(pairs);
        if self.bounds.len() > FEW {
            return self.many.merge(hashed, &self.bounds, &self.ranks);
        }
        let (bounds, ranks) = (&mut self.bounds, &mut self.ranks);
        loop {
            let (mut lowest, mut at) = (NONE, 0);
            for (number, rank) in ranks.iter().enumerate() {
                if *rank < lowest {
                    (lowest, at) = (*rank, number);
                }
            }
            if lowest == NONE {
                return bounds.len().saturating_sub(1) as u32;
            }
            bounds.remove(at + 1);
            ranks.remove(at);
            for changed in [at.checked_sub(1), Some(at)].into_iter().flatten() {
                if let (Some([start, _, end]), Some(rank)) =
                    (bounds.get(changed..changed + 3), ranks.get_mut(changed))
                {
                    *rank = hashed.rank(*start, *end);
                }
            }
        }
    }
}

impl Many {
    fn merge(&mut self, hashed: Hashed<'_>, bounds: &[u32], ranks: &[u32]) -> u32 {
        self.parts.clear();
        self.heap.clear();
        for (number, bounds) in (0_u32..).zip(bounds.windows(2)) {
            let &[start, end] = bounds else { continue };
            let rank = ranks.get(number as usize).copied().unwrap_or(NONE);
            self.parts.push(Part {
                start,
                end,
                before: number.wrapping_sub(1),
                after: number + 1,
                rank,
            });
            if rank != NONE {
                self.heap.push(Reverse((rank, number)));
            }
        }
        let mut count = self.parts.len() as u32;
        while let Some(Reverse((rank, number))) = self.heap.pop() {
            let Some(part) = self.part(number).filter(|part| part.rank == rank) else {
                continue;
            };
            let Some(next) = self.part(part.after) else {
                continue;
            };
            count -= 1;
            if let Some(gone) = self.parts.get_mut(part.after as usize) {
                gone.rank = NONE;
            }
            if let Some(after) = self.parts.get_mut(next.after as usize) {
                after.before = number;
            }
            if let Some(merged) = self.parts.get_mut(number as usize) {
                (merged.end, merged.after) = (next.end, next.after);
            }
            self.renew(hashed, number);
            self.renew(hashed, part.before);
        }
        count
    }

    fn part(&self, number: u32) -> Option<Part> {
        self.parts.get(number as usize).copied()
    }

    /// Looks up anew what a part and the one after it are as one.
    fn renew(&mut self, hashed: Hashed<'_>, number: u32) {
        let Some(part) = self.part(number) else {
            return;
        };
        let next = self.part(part.after);
        let rank = next.map_or(NONE, |next| hashed.rank(part.start, next.end));
        if let Some(part) = self.parts.get_mut(number as usize) {
            part.rank = rank;
        }
        if rank != NONE {
            self.heap.push(Reverse((rank, number)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
        Vocabulary::read(include_bytes!("../../../public/o200k_base.bin").to_vec()).unwrap()
    });

    fn tokens() -> impl Iterator<Item = &'static [u8]> {
        (0..).map_while(|rank| VOCABULARY.token(rank))
    }

    /// Characters that stand in tokens of several, as often as they do there: so that much is merged.
    static CHARACTERS: LazyLock<Vec<char>> = LazyLock::new(|| {
        tokens()
            .filter_map(|token| std::str::from_utf8(token).ok())
            .filter(|token| !token.is_ascii() && token.chars().count() > 1)
            .flat_map(str::chars)
            .collect()
    });

    fn from_characters(piece: &[u8]) -> u32 {
        let mut merger = Merger::default();
        merger.begin(&VOCABULARY, piece);
        merger.merge(&VOCABULARY, piece)
    }

    fn from_bytes(piece: &[u8]) -> u32 {
        let mut merger = Merger::default();
        merger.hash(piece);
        merger.bounds.extend(0..=piece.len() as u32);
        merger.merge(&VOCABULARY, piece)
    }

    #[test]
    fn every_token_is_merged_to_itself() {
        for token in tokens() {
            assert_eq!(from_bytes(token), 1, "{token:?}");
            if std::str::from_utf8(token).is_ok() {
                assert_eq!(from_characters(token), 1, "{token:?}");
            }
        }
    }

    #[test]
    fn two_tokens_are_merged_as_from_bytes() {
        let whole = || tokens().filter(|token| std::str::from_utf8(token).is_ok());
        let wide = || whole().filter(|token| !token.is_ascii());
        for (first, second) in wide()
            .zip(wide().skip(1))
            .chain(wide().zip(whole().skip(9_999)))
        {
            let both = [first, second, first].concat();
            assert_eq!(from_characters(&both), from_bytes(&both), "{both:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        #[test]
        fn characters_are_merged_as_their_bytes_are(
            places in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..6), 1..30),
            any in any::<String>(),
        ) {
            let run = |(place, len): &(prop::sample::Index, usize)| {
                let at = place.index(CHARACTERS.len());
                CHARACTERS.iter().skip(at).take(*len)
            };
            let text: String = places.iter().flat_map(run).collect();
            for piece in [text.as_bytes(), any.as_bytes()] {
                prop_assert_eq!(from_characters(piece), from_bytes(piece));
            }
        }
    }
}
