//! Counting while a text is typed: only what an edit touches is cut and merged anew.

use super::merge::Merger;
use super::pieces::piece;
use super::vocabulary::Vocabulary;

/// Counts one text after another, each quickly when it is much like the one before.
#[derive(Debug)]
pub struct Counter {
    vocabulary: Vocabulary,
    merger: Merger,
    text: String,
    pieces: Vec<Counted>,
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
            text: String::new(),
            pieces: Vec::new(),
            total: 0,
        }
    }

    /// How many tokens a text has.
    pub fn count(&mut self, text: &str) -> u64 {
        if self.text == text {
            return self.total;
        }
        let (head, tail) = same(self.text.as_bytes(), text.as_bytes());
        let (first, start) = self.keep(head);
        let (last, fresh) = self.cut(text, first, start, tail);
        let tokens = |pieces: &[Counted]| -> u64 {
            pieces.iter().map(|piece| u64::from(piece.tokens)).sum()
        };
        self.total += tokens(&fresh);
        self.total -= tokens(self.pieces.get(first..last).unwrap_or_default());
        self.pieces.splice(first..last, fresh);
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

    /// The pieces from there on, until they meet an old one in the last `tail` bytes, which are as they were; and which
    /// one that is.
    fn cut(
        &mut self,
        text: &str,
        first: usize,
        start: usize,
        tail: usize,
    ) -> (usize, Vec<Counted>) {
        let (old_len, len) = (self.text.len(), text.len());
        let (mut old, mut old_at, mut at) = (first, start, start);
        let mut fresh = Vec::new();
        loop {
            // Both are told by how much of the text is left.
            while let Some(piece) = self.pieces.get(old).filter(|_| old_len - old_at > len - at) {
                old_at += piece.bytes as usize;
                old += 1;
            }
            if len - at <= tail && len - at == old_len - old_at {
                return (old, fresh);
            }
            let Some(found) = piece(text, at, &self.vocabulary.classes) else {
                return (self.pieces.len(), fresh);
            };
            let tokens = self
                .merger
                .count(&self.vocabulary, text.as_bytes(), at, found.end);
            fresh.push(Counted {
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
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let rest = |text: &'_ [u8]| text.len() - head;
    let most = rest(old).min(rest(new));
    let ends = old.iter().rev().zip(new.iter().rev()).take(most);
    (head, ends.take_while(|(a, b)| a == b).count())
}
