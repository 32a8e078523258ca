//! Web Locks: a name that one tab holds until it lets go, closes or dies. Whoever looks sees who lives.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Reflect};
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::error::LockError;
use super::{describe, property};

#[wasm_bindgen]
extern "C" {
    // web-sys has these behind a global cfg.
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        callback: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn query(this: &LockManager) -> Result<Promise, JsValue>;
}

/// A lock in hand; dropped, it is free.
#[derive(Debug)]
pub struct Held(SendWrapper<Hold>);

#[derive(Debug)]
struct Hold {
    release: Function,
    stop_waiting: AbortController,
    lost: Rc<Cell<bool>>,
}

impl Held {
    /// Whether another tab took it away ("take over").
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.0.lost.get()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        drop(self.release.call0(&JsValue::UNDEFINED));
        self.stop_waiting.abort();
    }
}

/// Whether the browser has any.
#[must_use]
pub fn are_there() -> bool {
    manager().is_some()
}

/// Waits for the lock, first come first served. Dropping the future leaves the queue.
///
/// # Errors
/// Where the browser has no locks, or refuses this one.
pub async fn hold(name: &str) -> Result<Held, LockError> {
    request_lock(name, Mode::Wait)
        .await?
        .ok_or_else(|| LockError::Refused("not granted".to_owned()))
}

/// Takes the lock if it is free; `None` where somebody has it.
///
/// # Errors
/// Where the browser has no locks, or refuses this one.
pub async fn try_hold(name: &str) -> Result<Option<Held>, LockError> {
    request_lock(name, Mode::IfFree).await
}

/// Takes the lock from whoever has it (a tab that hangs): there, [`Held::is_lost`] says so.
///
/// # Errors
/// Where the browser has no locks, or refuses this one.
pub async fn take_over(name: &str) -> Result<Held, LockError> {
    request_lock(name, Mode::TakeOver)
        .await?
        .ok_or_else(|| LockError::Refused("not granted".to_owned()))
}

/// Waits until nobody has it alone, and has it beside others.
///
/// # Errors
/// Where the browser has no locks, or refuses this one.
pub async fn share(name: &str) -> Result<Held, LockError> {
    request_lock(name, Mode::Share)
        .await?
        .ok_or_else(|| LockError::Refused("not granted".to_owned()))
}

/// The names that any tab of this origin holds; `None` where the browser cannot say.
pub async fn held_names() -> Option<Vec<String>> {
    let snapshot = JsFuture::from(manager()?.query().ok()?).await.ok()?;
    let held: Array = property(&snapshot, "held")?.dyn_into().ok()?;
    Some(
        held.iter()
            .filter_map(|lock| property(&lock, "name")?.as_string())
            .collect(),
    )
}

#[derive(Debug, Clone, Copy)]
enum Mode {
    Wait,
    IfFree,
    TakeOver,
    Share,
}

async fn request_lock(name: &str, mode: Mode) -> Result<Option<Held>, LockError> {
    let refused = |thrown: JsValue| LockError::Refused(describe(&thrown));
    let manager = manager().ok_or(LockError::Missing)?;
    let stop_waiting = AbortController::new().map_err(refused)?;
    let (held, release) = open_promise();
    let (granted, grant) = open_promise();
    let lost = Rc::new(Cell::new(false));
    let hold = Held(SendWrapper::new(Hold {
        release,
        stop_waiting: stop_waiting.clone(),
        lost: Rc::clone(&lost),
    }));
    let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        drop(grant.call1(&JsValue::UNDEFINED, &lock));
        held.into()
    });
    let options = Object::new();
    let (option, value) = match mode {
        Mode::Wait | Mode::Share => ("signal", stop_waiting.signal().into()),
        Mode::IfFree => ("ifAvailable", JsValue::TRUE),
        Mode::TakeOver => ("steal", JsValue::TRUE),
    };
    drop(Reflect::set(&options, &option.into(), &value));
    if matches!(mode, Mode::Share) {
        drop(Reflect::set(&options, &"mode".into(), &"shared".into()));
    }
    let request = manager
        .request(name, &options, &callback)
        .map_err(refused)?;
    // The request ends when the lock does: an error before that means that the lock is not ours (any more).
    let ended = Promise::race(&Array::of2(&granted, &request));
    spawn_local(async move {
        lost.set(JsFuture::from(request).await.is_err());
    });
    let lock = JsFuture::from(ended).await.map_err(refused)?;
    Ok((!lock.is_null()).then_some(hold))
}

/// A promise and what settles it.
fn open_promise() -> (Promise, Function) {
    let mut settle = None;
    let promise = Promise::new(&mut |resolve, _| settle = Some(resolve));
    (promise, settle.unwrap_or_default())
}

fn manager() -> Option<LockManager> {
    let navigator = super::window()?.navigator();
    property(&navigator, "locks").map(JsCast::unchecked_into)
}
