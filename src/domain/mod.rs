//! The rules: models, sizes, requests, prices, records. Plain values; no browser, no async, no input or output.

pub mod account;
pub mod backup;
pub mod broken;
pub mod built_in;
pub mod correction;
pub mod date;
pub mod gallery;
pub mod intake;
pub mod ledger;
pub mod limits;
pub mod listing;
pub mod metadata;
pub mod model;
pub mod money;
pub mod practice;
pub mod price_file;
pub mod pricing;
pub mod provider;
pub mod queue;
pub mod rebuild;
pub mod record;
pub mod request;
pub mod secret;
pub mod size;
pub mod spending;
pub mod usage;
pub mod zip;

/// Masks and their editor: a package of its own, compiled for speed.
pub use mask;
/// The tokens of a text: likewise.
pub use tokenizer;
