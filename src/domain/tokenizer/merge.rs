//! Byte-pair merge: of all neighbours that form a token, those of the lowest rank become one, again and again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::vocabulary::{Vocabulary, append};

const NONE: u32 = u32::MAX;

/// Counts the tokens of pieces, one after another; keeps its room between them.
#[derive(Debug, Default)]
pub(super) struct Merger {
    /// Hashes of the piece up to each byte.
    hashes: Vec<u64>,
    /// By where a part begins: where the one before it begins, where it ends, and the rank of it and the next one as one.
    parts: Vec<Part>,
    /// Rank and place of what can be merged, the lowest first; what has changed since is told by its rank.
    heap: BinaryHeap<Reverse<(u32, u32)>>,
}

#[derive(Debug, Clone, Copy)]
struct Part {
    before: u32,
    end: u32,
    rank: u32,
}

impl Merger {
    /// The tokens of the piece between two places of a text.
    pub(super) fn count(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        start: usize,
        end: usize,
    ) -> u32 {
        let piece = text.get(start..end).unwrap_or_default();
        if piece.len() <= 1 {
            return piece.len() as u32;
        }
        self.hashes.clear();
        self.hashes.push(0);
        let mut hash = 0;
        for byte in piece {
            hash = append(hash, *byte);
            self.hashes.push(hash);
        }
        if piece.len() <= vocabulary.longest() && vocabulary.rank(piece, hash).is_some() {
            return 1;
        }
        self.merge(vocabulary, piece)
    }

    fn merge(&mut self, vocabulary: &Vocabulary, piece: &[u8]) -> u32 {
        let len = piece.len() as u32;
        self.parts.clear();
        self.heap.clear();
        for at in 0..len {
            let rank = self.rank(vocabulary, piece, at, at + 2);
            self.parts.push(Part {
                before: at.wrapping_sub(1),
                end: at + 1,
                rank,
            });
            if rank != NONE {
                self.heap.push(Reverse((rank, at)));
            }
        }
        let mut count = len;
        while let Some(Reverse((rank, at))) = self.heap.pop() {
            let Some(part) = self.part(at).filter(|part| part.rank == rank) else {
                continue;
            };
            let Some(next) = self.part(part.end) else {
                continue;
            };
            count -= 1;
            if let Some(gone) = self.parts.get_mut(part.end as usize) {
                gone.rank = NONE;
            }
            if let Some(after) = self.parts.get_mut(next.end as usize) {
                after.before = at;
            }
            if let Some(merged) = self.parts.get_mut(at as usize) {
                merged.end = next.end;
            }
            self.renew(vocabulary, piece, at);
            self.renew(vocabulary, piece, part.before);
        }
        count
    }

    fn part(&self, at: u32) -> Option<Part> {
        self.parts.get(at as usize).copied()
    }

    /// Looks up anew what a part and the one after it are as one.
    fn renew(&mut self, vocabulary: &Vocabulary, piece: &[u8], at: u32) {
        let Some(part) = self.part(at) else {
            return;
        };
        let next = self.part(part.end);
        let rank = next.map_or(NONE, |next| self.rank(vocabulary, piece, at, next.end));
        if let Some(part) = self.parts.get_mut(at as usize) {
            part.rank = rank;
        }
        if rank != NONE {
            self.heap.push(Reverse((rank, at)));
        }
    }

    fn rank(&self, vocabulary: &Vocabulary, piece: &[u8], start: u32, end: u32) -> u32 {
        let (start, end) = (start as usize, end as usize);
        let look_up = || {
            let bytes = piece.get(start..end)?;
            let (before, up_to) = (*self.hashes.get(start)?, *self.hashes.get(end)?);
            let hash = vocabulary.hash_between(before, up_to, bytes.len())?;
            vocabulary.rank(bytes, hash)
        };
        look_up().unwrap_or(NONE)
    }
}
