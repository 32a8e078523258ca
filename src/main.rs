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
    let bring =
        |started| -> app::Bringing { Box::pin(async { bring_rest(started).await.is_ok() }) };
    if let Err(error) = app::start(bring) {
        // Shown by the loader, with what to do.
        panic!("{error}");
    }
}

/// In a release, `app::rest` and what only it needs are the file that xtask's hook splits off.
#[cfg(not(debug_assertions))]
#[wasm_split_helpers::wasm_split(rest, fallible)]
fn bring_rest(started: Started) -> Result<(), wasm_split_helpers::SplitLoaderError> {
    app::rest(started);
    Ok(())
}

#[cfg(debug_assertions)]
async fn bring_rest(started: Started) -> Result<(), std::convert::Infallible> {
    app::rest(started);
    Ok(())
}
