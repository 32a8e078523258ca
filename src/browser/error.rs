//! What can go wrong on the way out of the program, told apart where a person or the queue can act on it.

use thiserror::Error;

/// Why there is no answer, or not a whole one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FetchError {
    /// The request never left: the address or a header is not one that the browser takes.
    #[error("the browser did not send the request: {0}")]
    NotSent(String),
    /// It failed while the browser says that there is no network (never said of an address on this machine).
    #[error("there is no network")]
    Offline,
    /// The person or the program called it off.
    #[error("called off")]
    Aborted,
    #[error("no answer within {after_ms} ms ({limit:?})")]
    TimedOut { limit: Limit, after_ms: u64 },
    /// The connection failed: no such host, refused, cut, a redirect, or forbidden by a policy. Browsers do not say which.
    #[error("the connection failed: {0}")]
    Network(String),
    /// The answer is larger than the limit for all of it.
    #[error("the answer is too large")]
    TooLarge,
}

/// Which limit of time ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// From sending to the last byte.
    Total,
    /// Between two pieces of the body, counted once its first byte is there.
    Idle,
}

/// Why the database did not do it. Nothing of a failed write is kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DatabaseError {
    /// The browser offers no storage here, or refuses to open it.
    #[error("no storage: {0}")]
    Unavailable(String),
    /// Another tab holds it, or it does not answer.
    #[error("another tab holds the database")]
    Blocked,
    /// A newer version of the app made it.
    #[error("a newer version of the app wrote the database")]
    NewerSchema,
    /// Another tab runs a newer version of the app, or has erased everything.
    #[error("given up to another tab")]
    GivenUp,
    /// The browser, or the person through it, has cleared everything under the open app.
    #[error("the browser has cleared the data of this app")]
    Cleared,
    #[error("no space is left")]
    QuotaExceeded,
    /// An `Add` met a key that is there already.
    #[error("the key is there already")]
    KeyExists,
    #[error("{operation}: {message}")]
    Other {
        operation: &'static str,
        message: String,
    },
}

/// Why a picture or a file could not be made, read or saved.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FileError {
    /// The browser cannot write this format.
    #[error("this browser does not write {0}")]
    Format(String),
    #[error("{operation}: {message}")]
    Other {
        operation: &'static str,
        message: String,
    },
}

/// Why a lock is not to be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LockError {
    /// The browser has no Web Locks.
    #[error("this browser has no locks")]
    Missing,
    #[error("the lock was refused: {0}")]
    Refused(String),
}

impl FileError {
    pub(super) fn other(operation: &'static str, thrown: &wasm_bindgen::JsValue) -> Self {
        Self::Other {
            operation,
            message: super::describe(thrown),
        }
    }
}
