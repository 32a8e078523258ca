//! Hints between the tabs of this app: "something changed, read again". The database is the truth.

use send_wrapper::SendWrapper;
use web_sys::{BroadcastChannel, MessageEvent};

use super::listener::Listener;

/// A named channel; closed when dropped.
#[derive(Debug)]
pub struct Channel {
    channel: SendWrapper<Option<BroadcastChannel>>,
    _listener: Option<Listener>,
}

impl Channel {
    /// Joins; the callback gets what other tabs post.
    #[must_use]
    pub fn new(name: &str, on_message: impl Fn(String) + 'static) -> Self {
        let channel = BroadcastChannel::new(name).ok();
        let listener = Listener::new(
            channel.as_ref().map(AsRef::as_ref),
            "message",
            move |event| {
                let event: MessageEvent = wasm_bindgen::JsCast::unchecked_into(event);
                if let Some(text) = event.data().as_string() {
                    on_message(text);
                }
            },
        );
        Self {
            channel: SendWrapper::new(channel),
            _listener: listener,
        }
    }

    /// Tells the other tabs; a browser without channels tells nobody.
    pub fn post(&self, text: &str) {
        if let Some(channel) = &*self.channel {
            drop(channel.post_message(&text.into()));
        }
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        if let Some(channel) = &*self.channel {
            channel.close();
        }
    }
}
