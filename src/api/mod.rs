//! The Images API as bytes: requests out, replies and errors in, delays between repeats. No input or output, no browser.

pub mod backoff;
pub mod encode;
pub mod error;
pub mod http;
pub mod models;
pub mod multipart;
pub mod reply;
pub mod sse;

mod lift;
mod pictures;
mod scan;
mod usage;
