//! The counting of tokens by itself, for the benchmark: the app's own code, compiled as the app is.

use tokenizer::{Counter, Vocabulary};
use wasm_bindgen::prelude::wasm_bindgen;

/// Counts one text after another.
#[derive(Debug)]
#[wasm_bindgen]
pub struct Counting(Option<Counter>);

#[wasm_bindgen]
impl Counting {
    /// Reads the token table.
    #[must_use]
    #[wasm_bindgen(constructor)]
    pub fn new(table: Vec<u8>) -> Self {
        Self(Vocabulary::read(table).ok().map(Counter::new))
    }

    /// Forgets what it counted before, as if it had just been made.
    pub fn forget(&mut self) {
        self.0 = self
            .0
            .take()
            .map(|counter| Counter::new(counter.into_vocabulary()));
    }

    /// The tokens of a text; nothing where the table could not be read.
    pub fn count(&mut self, text: &str) -> Option<u32> {
        let tokens = self.0.as_mut()?.count(text);
        u32::try_from(tokens).ok()
    }
}
