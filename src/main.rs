//! Starts the app, and brings the rest of it.
#![cfg_attr(
    not(debug_assertions),
    allow(
        unsafe_code,
        reason = "a call from one file of wasm into another is foreign to Rust; made by `wasm_split`"
    )
)]

use pentimento::app::{self, Started};

fn main() {
    if let Err(error) = app::start(|started| Box::pin(bring_rest(started))) {
        // Shown by the loader, with what to do.
        panic!("{error}");
    }
}

/// In a release, `app::rest` and what only it needs are the file that xtask's hook splits off.
#[cfg(not(debug_assertions))]
#[wasm_split_helpers::wasm_split(rest)]
fn bring_rest(started: Started) {
    app::rest(started);
}

#[cfg(debug_assertions)]
async fn bring_rest(started: Started) {
    app::rest(started);
}
