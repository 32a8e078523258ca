//! What the app knows and does: stores with memos beside them, and the verbs that change them.

pub mod archive;
pub mod attempt;
pub mod composer;
pub mod error;
pub mod hints;
pub mod jobs;
pub mod leaving;
pub mod ledger;
pub mod library;
pub mod listing;
pub mod lists;
pub mod mask;
pub mod network;
pub mod notices;
pub mod practice;
pub mod prices;
pub mod route;
pub mod settings;
pub mod time;
pub mod tokens;
pub mod tray;
pub mod unsettled;
pub mod update;
pub mod words;
