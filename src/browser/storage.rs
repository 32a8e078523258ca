//! How safe and how full the browser's storage is.

use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{StorageEstimate, StorageManager};

/// What the browser says that this origin uses and may use, in bytes. The second is a guess: never show it as free space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    pub used: u64,
    pub quota: u64,
}

/// Asks that the browser never clears this origin by itself, and tells the answer. The browser may ask the person: nothing waits for it.
pub fn persist(on_answer: impl FnOnce(bool) + 'static) {
    spawn_local(async move {
        let promise = manager().and_then(|manager| manager.persist().ok());
        on_answer(truth(promise).await);
    });
}

/// Whether the browser has promised that.
pub async fn is_persisted() -> bool {
    truth(manager().and_then(|manager| manager.persisted().ok())).await
}

/// What is used, where the browser says so.
pub async fn estimate() -> Option<Estimate> {
    let answer = JsFuture::from(manager()?.estimate().ok()?).await.ok()?;
    let answer: StorageEstimate = wasm_bindgen::JsCast::unchecked_into(answer);
    Some(Estimate {
        used: answer.get_usage()? as u64,
        quota: answer.get_quota()? as u64,
    })
}

async fn truth(promise: Option<js_sys::Promise>) -> bool {
    match promise {
        Some(promise) => JsFuture::from(promise)
            .await
            .is_ok_and(|answer| answer.is_truthy()),
        None => false,
    }
}

/// Missing where the page is not served safely.
fn manager() -> Option<StorageManager> {
    let navigator = super::window()?.navigator();
    super::property(&navigator, "storage").map(wasm_bindgen::JsCast::unchecked_into)
}
