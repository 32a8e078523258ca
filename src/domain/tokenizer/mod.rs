//! How many tokens a text has, exactly: OpenAI's o200k_base, over a table that is read at run time.
//!
//! A text is cut into [`pieces`]; a piece that is no token itself is put together by [`merge`]. Special tokens such as
//! `<|endoftext|>` are ordinary text in a prompt.

mod cache;
mod classes;
mod counter;
mod merge;
mod pieces;
mod vocabulary;
mod words;

pub use counter::Counter;
pub use vocabulary::{Damaged, Reading, Step, Vocabulary};
