//! The seams in a real browser.
#![cfg(target_arch = "wasm32")]
#![expect(
    clippy::unwrap_used,
    reason = "clippy knows these tests by no attribute of its own"
)]

mod clock;
mod database;
mod fetch;
mod page;
mod picture;
mod schema;
mod shared;
mod tabs;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[expect(clippy::disallowed_methods, reason = "tests look behind the seams")]
fn window() -> web_sys::Window {
    web_sys::window().unwrap()
}
