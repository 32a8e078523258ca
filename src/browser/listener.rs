//! Events of the page as plain callbacks that end with their owner.

use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventTarget};

/// A callback on an event; removed when dropped.
#[derive(Debug)]
pub struct Listener {
    _inner: SendWrapper<Inner>,
}

#[derive(Debug)]
struct Inner {
    target: EventTarget,
    event: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens, where there is something to listen to.
    pub(super) fn new(
        target: Option<&EventTarget>,
        event: &'static str,
        f: impl FnMut(Event) + 'static,
    ) -> Option<Self> {
        let target = target?.clone();
        let callback = Closure::<dyn FnMut(Event)>::new(f);
        target
            .add_event_listener_with_callback(event, callback.as_ref().unchecked_ref())
            .ok()?;
        Some(Self {
            _inner: SendWrapper::new(Inner {
                target,
                event,
                callback,
            }),
        })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        drop(self.target.remove_event_listener_with_callback(
            self.event,
            self.callback.as_ref().unchecked_ref(),
        ));
    }
}
