//! Counting while a text is typed: only what an edit touches is cut and merged anew.

use super::cache::Cache;
use super::merge::Merger;
use super::pieces::piece;
use super::vocabulary::Vocabulary;
use super::words::{shared_head, shared_tail};

/// Counts one text after another, each quickly when it is much like the one before.
#[derive(Debug)]
pub struct Counter {
    vocabulary: Vocabulary,
    merger: Merger,
    cache: Cache,
    text: String,
    pieces: Vec<Counted>,
    /// Room for those that an edit makes.
    fresh: Vec<Counted>,
    total: u64,
}

/// A piece by its length, so that what stands after an edit stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counted {
    bytes: u32,
    /// How far beyond its end its finding looked.
    ahead: u32,
    tokens: u32,
}

impl Counter {
    #[must_use]
    pub fn new(vocabulary: Vocabulary) -> Self {
        Self {
            vocabulary,
            merger: Merger::default(),
            cache: Cache::new(),
            text: String::new(),
            pieces: Vec::new(),
            fresh: Vec::new(),
            total: 0,
        }
    }

    /// Gives the table back, and forgets every text.
    #[must_use]
    pub fn into_vocabulary(self) -> Vocabulary {
        self.vocabulary
    }

    /// How many tokens a text has.
    pub fn count(&mut self, text: &str) -> u64 {
        let (head, tail) = same(self.text.as_bytes(), text.as_bytes());
        if head == text.len() && head == self.text.len() {
            return self.total;
        }
        let (first, start) = self.keep(head);
        let last = self.cut(text.as_bytes(), first, start, tail);
        let tokens = |pieces: &[Counted]| -> u64 {
            pieces.iter().map(|piece| u64::from(piece.tokens)).sum()
        };
        self.total += tokens(&self.fresh);
        self.total -= tokens(self.pieces.get(first..last).unwrap_or_default());
        self.pieces.splice(first..last, self.fresh.drain(..));
        text.clone_into(&mut self.text);
        self.total
    }

    /// How many pieces stay, and where the first that may change begins: those stay whose finding saw nothing but the
    /// first `head` bytes.
    fn keep(&self, head: usize) -> (usize, usize) {
        let (mut kept, mut start) = (0, 0);
        for piece in &self.pieces {
            let end = start + piece.bytes as usize;
            if end + piece.ahead as usize > head {
                break;
            }
            (kept, start) = (kept + 1, end);
        }
        (kept, start)
    }

    /// Makes the pieces from there on, until they meet an old one in the last `tail` bytes, which are as they were; gives
    /// which one that is.
    fn cut(&mut self, text: &[u8], first: usize, start: usize, tail: usize) -> usize {
        let (old_len, len) = (self.text.len(), text.len());
        let (mut old, mut old_at, mut at) = (first, start, start);
        loop {
            // Both are told by how much of the text is left.
            while let Some(piece) = self.pieces.get(old).filter(|_| old_len - old_at > len - at) {
                old_at += piece.bytes as usize;
                old += 1;
            }
            if len - at <= tail && len - at == old_len - old_at {
                return old;
            }
            let Some(found) = piece(text, at, &self.vocabulary.classes) else {
                return self.pieces.len();
            };
            let (merger, vocabulary) = (&mut self.merger, &self.vocabulary);
            let tokens = self
                .cache
                .tokens(text, at, found.end, |piece| merger.count(vocabulary, piece));
            self.fresh.push(Counted {
                bytes: (found.end - at) as u32,
                ahead: found.seen.saturating_sub(found.end) as u32,
                tokens,
            });
            at = found.end;
        }
    }
}

/// How many bytes two texts share at their beginnings, and of the rest at their ends.
fn same(old: &[u8], new: &[u8]) -> (usize, usize) {
    let head = shared_head(old, new);
    let [old, new] = [old, new].map(|text| text.get(head..).unwrap_or_default());
    (head, shared_tail(old, new))
}
