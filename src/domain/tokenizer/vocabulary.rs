//! The table of tokens: how its file is read, and how the rank of some bytes is found.
//!
//! The file: `PTV1`; the number of character ranges and of merges, four bytes each, little-endian; the ranges; the 256
//! tokens of one byte, by rank; and for each further token the ranks of the two it was merged from. Those of all
//! tokens stand in six planes, the high bytes of all left ones first: that packs better.

use super::classes::Classes;
use super::merge::Merger;
use super::pieces::piece;
use super::words::equal;

const MAGIC: &[u8] = b"PTV1";
const HEADER: usize = 12;
const SINGLES: usize = 256;
/// Six bytes each: two ranks of three bytes.
const PLANES: usize = 6;
/// How many merges one step reads: some milliseconds of a slow processor.
const STRETCH: usize = 2_048;

/// The file is no token table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token table is damaged")]
pub struct Damaged;

/// All tokens by rank, to be found by their bytes.
#[derive(Debug)]
pub struct Vocabulary {
    pub(super) classes: Classes,
    /// The bytes of all tokens, one after the other.
    bytes: Vec<u8>,
    /// Where each token begins, and the end of the last.
    bounds: Vec<u32>,
    /// Ranks by hash, each with some bits of its hash above.
    slots: Vec<u32>,
    powers: Vec<u64>,
    /// A bit for each two bytes that stand at the border of two characters in a token that ends or begins within one.
    torn: Vec<u64>,
}

const EMPTY: u32 = u32::MAX;
/// A rank is below two to the power of that; above stand bits of the hash, so that most of what does not fit is told
/// without a look at its bytes.
const RANK_BITS: u32 = 18;
const RANK: u32 = (1 << RANK_BITS) - 1;

/// The base of the hash: `hash(ab) = hash(a) · BASE^len(b) + hash(b)`, so the hash of a merged token needs no look at its
/// bytes, and that of any part of a text is the difference of two.
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX: u64 = 0xd6e8_feb8_6659_fd93;

/// The hash of a text that is one byte longer.
pub(super) fn append(hash: u64, byte: u8) -> u64 {
    hash.wrapping_mul(BASE).wrapping_add(u64::from(byte) + 1)
}

impl Vocabulary {
    /// Reads the whole file at once.
    ///
    /// # Errors
    /// The file is no token table.
    pub fn read(file: Vec<u8>) -> Result<Self, Damaged> {
        let mut reading = Reading::begin(file)?;
        loop {
            match reading.step()? {
                Step::More(more) => reading = more,
                Step::Done(vocabulary) => return Ok(vocabulary),
            }
        }
    }

    /// How many tokens a text has.
    #[must_use]
    pub fn count(&self, text: &str) -> u64 {
        let text = text.as_bytes();
        let mut merger = Merger::default();
        let (mut at, mut total) = (0, 0);
        while let Some(found) = piece(text, at, &self.classes) {
            let bytes = text.get(at..found.end).unwrap_or_default();
            total += u64::from(merger.count(self, bytes));
            at = found.end;
        }
        total
    }

    /// Whether these bytes are a token.
    pub(super) fn is_token(&self, bytes: &[u8]) -> bool {
        let hash = || bytes.iter().fold(0, |hash, byte| append(hash, *byte));
        bytes.len() <= self.longest() && self.rank(bytes, hash()).is_some()
    }

    /// Whether a token that ends or begins within a character may span a border between two, from the bytes on both
    /// sides.
    pub(super) fn may_be_torn(&self, last: u8, next: u8) -> bool {
        let (word, bit) = torn_at(last, next);
        self.torn.get(word).is_none_or(|word| word & bit != 0)
    }

    /// Notes the borders within a token that ends or begins within a character.
    fn note_torn(&mut self, start: usize, end: usize) {
        let Some(token) = self.bytes.get(start..end) else {
            return;
        };
        if std::str::from_utf8(token).is_ok() {
            return;
        }
        for pair in token.windows(2) {
            let &[last, next] = pair else { continue };
            if next & 0xc0 != 0x80 {
                let (word, bit) = torn_at(last, next);
                if let Some(word) = self.torn.get_mut(word) {
                    *word |= bit;
                }
            }
        }
    }

    /// Bytes of the longest token.
    pub(super) fn longest(&self) -> usize {
        self.powers.len() - 1
    }

    /// The hash of what lies between two places, from the hashes up to there; at most as long as the longest token.
    pub(super) fn hash_between(&self, before: u64, up_to: u64, len: usize) -> Option<u64> {
        Some(up_to.wrapping_sub(before.wrapping_mul(*self.powers.get(len)?)))
    }

    /// The rank of these bytes with this hash, if they are a token.
    pub(super) fn rank(&self, bytes: &[u8], hash: u64) -> Option<u32> {
        let (mut slot, tag) = self.place(hash);
        loop {
            let entry = *self.slots.get(slot)?;
            if entry == EMPTY {
                return None;
            }
            if entry & !RANK == tag
                && self
                    .token(entry & RANK)
                    .is_some_and(|token| equal(token, bytes))
            {
                return Some(entry & RANK);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    pub(super) fn token(&self, rank: u32) -> Option<&[u8]> {
        let at = rank as usize;
        let (start, end) = (*self.bounds.get(at)?, *self.bounds.get(at + 1)?);
        self.bytes.get(start as usize..end as usize)
    }

    /// Where to look for a hash, and the bits of it that stand beside the rank.
    fn place(&self, hash: u64) -> (usize, u32) {
        let mixed = (hash ^ (hash >> 32)).wrapping_mul(MIX);
        let mask = self.slots.len() - 1;
        ((mixed >> 32) as usize & mask, (mixed as u32) & !RANK)
    }

    fn insert(&mut self, rank: u32, hash: u64) {
        let (mut slot, tag) = self.place(hash);
        while let Some(entry) = self.slots.get_mut(slot) {
            if *entry == EMPTY {
                *entry = tag | rank;
                return;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }
}

fn torn_at(last: u8, next: u8) -> (usize, u64) {
    let pair = usize::from(last) << 8 | usize::from(next);
    (pair / 64, 1 << (pair % 64))
}

/// A table that is being read, in steps that leave the browser its turns.
#[derive(Debug)]
pub struct Reading {
    file: Vec<u8>,
    /// Where the planes begin, and how long each is.
    planes: usize,
    merges: usize,
    vocabulary: Vocabulary,
    /// The hash of each token.
    hashes: Vec<u64>,
}

/// What a step of reading leads to.
#[derive(Debug)]
pub enum Step {
    More(Reading),
    Done(Vocabulary),
}

impl Reading {
    /// Reads what stands before the merges.
    ///
    /// # Errors
    /// The file is no token table.
    pub fn begin(file: Vec<u8>) -> Result<Self, Damaged> {
        let number = |at: usize| {
            let bytes = file.get(at..at + 4)?.try_into().ok()?;
            usize::try_from(u32::from_le_bytes(bytes)).ok()
        };
        let (ranges, merges) = number(4).zip(number(8)).ok_or(Damaged)?;
        let singles = ranges.checked_mul(4).ok_or(Damaged)? + HEADER;
        let planes = singles + SINGLES;
        let whole = merges.checked_mul(PLANES).ok_or(Damaged)? + planes;
        if !file.starts_with(MAGIC) || file.len() != whole || merges + SINGLES >= RANK as usize {
            return Err(Damaged);
        }
        let classes = file.get(HEADER..singles).and_then(Classes::read);
        let bytes = file.get(singles..planes).ok_or(Damaged)?.to_vec();
        let mut vocabulary = Vocabulary {
            classes: classes.ok_or(Damaged)?,
            bounds: (0..=SINGLES as u32).collect(),
            slots: vec![EMPTY; ((merges + SINGLES) * 2).next_power_of_two()],
            powers: vec![1, BASE],
            torn: vec![0; 1 << 10],
            bytes,
        };
        let hashes: Vec<u64> = vocabulary.bytes.iter().map(|b| append(0, *b)).collect();
        for (rank, hash) in (0..).zip(&hashes) {
            vocabulary.insert(rank, *hash);
        }
        Ok(Self {
            file,
            planes,
            merges,
            vocabulary,
            hashes,
        })
    }

    /// Reads some thousand tokens more.
    ///
    /// # Errors
    /// A token is made of such that come after it.
    pub fn step(mut self) -> Result<Step, Damaged> {
        for _ in 0..STRETCH {
            if self.hashes.len() == self.merges + SINGLES {
                return Ok(Step::Done(self.vocabulary));
            }
            self.read_one().ok_or(Damaged)?;
        }
        Ok(Step::More(self))
    }

    fn read_one(&mut self) -> Option<()> {
        let at = self.hashes.len() - SINGLES;
        let plane = |of: usize| {
            let byte = self.file.get(self.planes + of * self.merges + at)?;
            Some(u32::from(*byte))
        };
        let rank =
            |first: usize| Some(plane(first)? << 16 | plane(first + 1)? << 8 | plane(first + 2)?);
        let (left, right) = (rank(0)?, rank(3)?);
        let (head, tail) = (
            *self.hashes.get(left as usize)?,
            *self.hashes.get(right as usize)?,
        );
        let vocabulary = &mut self.vocabulary;
        let right_len = vocabulary.token(right)?.len();
        for part in [left, right] {
            let start = *vocabulary.bounds.get(part as usize)? as usize;
            let end = *vocabulary.bounds.get(part as usize + 1)? as usize;
            vocabulary.bytes.extend_from_within(start..end);
        }
        let begin = *vocabulary.bounds.last()?;
        let end = u32::try_from(vocabulary.bytes.len()).ok()?;
        vocabulary.bounds.push(end);
        vocabulary.note_torn(begin as usize, end as usize);
        while vocabulary.powers.len() <= (end - begin) as usize {
            let power = vocabulary.powers.last()?.wrapping_mul(BASE);
            vocabulary.powers.push(power);
        }
        let hash = head
            .wrapping_mul(*vocabulary.powers.get(right_len)?)
            .wrapping_add(tail);
        vocabulary.insert(u32::try_from(self.hashes.len()).ok()?, hash);
        self.hashes.push(hash);
        Some(())
    }
}
