//! Everything that can go wrong, as the person meets it.

use crate::api::error::ApiError;
use crate::api::reply::ReplyError;
use crate::browser::error::{DatabaseError, FetchError, FileError};
use crate::domain::ledger::Refusal;
use crate::domain::provider::AddressFault;
use crate::state::storage::Hindrance;

/// One trouble. `explain` in `notices` gives it words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum AppError {
    #[error("{0:?}")]
    Api(ApiError),
    /// A 2xx reply that could not be read: paid, and its bytes are kept.
    #[error("{0:?}")]
    Reply(ReplyError),
    #[error("{0:?}")]
    Fetch(FetchError),
    /// The browser did not take a row before anything was sent.
    #[error("{0:?}")]
    NotRecorded(DatabaseError),
    #[error("{0:?}")]
    Database(DatabaseError),
    #[error("{0:?}")]
    File(FileError),
    #[error("{0:?}")]
    Address(AddressFault),
    /// The person's budget is against it; nothing was sent.
    #[error("over the budget: {0:?}")]
    Budget(Refusal),
    /// What it brings might not be kept; nothing was sent.
    #[error("not kept: {0:?}")]
    Hindered(Hindrance),
    #[error("no key")]
    NoKey,
    /// The model data have changed since the request was made, and do not allow it any more.
    #[error("no longer valid")]
    NoLongerValid,
    /// Another tab has taken over while this one slept, before the request had left.
    #[error("taken over")]
    TakenOver,
    /// The practice provider was told to refuse.
    #[error("practice refused")]
    PracticeRefused,
    /// The practice provider was told to break off.
    #[error("practice broke off")]
    PracticeDropped,
    /// The browser has no encoder for the format, and practice draws in the browser.
    #[error("practice cannot draw {format}")]
    PracticeFormat { format: String },
}
