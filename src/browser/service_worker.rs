//! The service worker: registers it, looks for a newer build of the app, and puts that in place when told to.
//!
//! Everything is read by its name: each typed import would be a line of glue in the first load.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventTarget;

use super::listener::Listener;
use super::{call, called, property};

const SCRIPT: &str = "./sw.js";
/// What `sw.js` listens for.
const PUT_IN_PLACE: &str = "put in place";

/// Where a build that has been found stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// All of it is kept, and it waits until it may answer.
    Whole,
    /// The next load of the page is of this build.
    InPlace,
    /// It did not come as it was published, or another one has taken its place.
    Dropped,
}

/// A build that has been found, and where it stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub step: Step,
    /// Another one was in place before.
    pub is_newer: bool,
}

/// The registration of this copy.
#[derive(Debug, Clone)]
pub struct Registration(JsValue);

/// Registers the worker that stands beside the page; `None` where the browser has none, or refuses it.
pub async fn register() -> Option<Registration> {
    let navigator = super::window()?.navigator();
    let container = property(&navigator, "serviceWorker")?;
    let options = Object::new();
    // Else a host's cache could keep an old worker for a day.
    Reflect::set(&options, &"updateViaCache".into(), &"none".into()).ok()?;
    let registered = called(&container, "register", &[SCRIPT.into(), options.into()]).await;
    registered.map(Registration)
}

impl Registration {
    /// Whether a build is in place, so that the next load needs no network.
    #[must_use]
    pub fn has_one_in_place(&self) -> bool {
        self.worker("active").is_some()
    }

    /// Whether a newer build waits.
    #[must_use]
    pub fn has_one_waiting(&self) -> bool {
        self.worker("waiting").is_some()
    }

    /// Asks the server whether there is a newer build. Without a network there is none.
    pub async fn look(&self) {
        called(&self.0, "update", &[]).await;
    }

    /// Has the build that waits take its place, in all tabs; gives whether there was one.
    pub fn put_in_place(&self) -> bool {
        self.worker("waiting")
            .and_then(|worker| call(&worker, "postMessage", &[PUT_IN_PLACE.into()]))
            .is_some()
    }

    /// Tells each step of what is on its way now and of what is found from here on, until the answer is dropped.
    #[must_use]
    pub fn follow(&self, tell: impl Fn(Found) + 'static) -> Option<Listener> {
        let (tell, registration) = (Rc::new(tell), self.clone());
        let followed = RefCell::new(Vec::new());
        let begin = move |place| {
            let (tell, worker) = (Rc::clone(&tell), registration.worker(place));
            let is_newer = registration.has_one_in_place();
            let listener = worker.and_then(|worker| steps_of(worker, is_newer, tell));
            followed.borrow_mut().extend(listener);
        };
        begin("waiting");
        begin("installing");
        Listener::new(target(&self.0), "updatefound", move |_| begin("installing"))
    }

    fn worker(&self, place: &str) -> Option<JsValue> {
        property(&self.0, place)
    }
}

fn steps_of(worker: JsValue, is_newer: bool, tell: Rc<dyn Fn(Found)>) -> Option<Listener> {
    let followed = worker.clone();
    Listener::new(target(&worker), "statechange", move |_| {
        let state = property(&followed, "state").and_then(|state| state.as_string());
        let step = match state.as_deref() {
            Some("installed") => Step::Whole,
            Some("activated") => Step::InPlace,
            Some("redundant") => Step::Dropped,
            _ => return,
        };
        tell(Found { step, is_newer });
    })
}

fn target(object: &JsValue) -> Option<&EventTarget> {
    Some(object.unchecked_ref())
}
