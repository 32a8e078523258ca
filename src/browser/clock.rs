//! The time, waiting, and breathing: giving the browser a turn within long work.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use gloo_timers::future::TimeoutFuture;
use js_sys::Promise;
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdleRequestOptions, MessageChannel};

use super::page;
use crate::domain::date::Timestamp;

/// The wall clock. It may jump: for records and display.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the seam")]
pub fn now() -> Timestamp {
    Timestamp(js_sys::Date::now() as u64)
}

/// Milliseconds since the page opened; never goes back: for waits and measurements.
#[must_use]
pub fn monotonic_ms() -> f64 {
    super::window()
        .and_then(|window| window.performance())
        .map_or_else(|| now().0 as f64, |performance| performance.now())
}

/// Waits; in a hidden tab the browser may stretch it to a minute.
pub async fn sleep(ms: u32) {
    TimeoutFuture::new(ms).await;
}

/// Calls `f` every `ms` milliseconds until the answer is dropped.
#[must_use]
pub fn every(ms: u32, f: impl FnMut() + 'static) -> Interval {
    Interval {
        _timer: SendWrapper::new(gloo_timers::callback::Interval::new(ms, f)),
    }
}

/// A repeated call; stops when dropped.
#[derive(Debug)]
pub struct Interval {
    _timer: SendWrapper<gloo_timers::callback::Interval>,
}

/// What a future gives within so many milliseconds, else `None`. What is there already wins over a timer that is due.
pub async fn within<T>(ms: f64, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut timer = pin!(TimeoutFuture::new(ms.clamp(0.0, f64::from(i32::MAX)) as u32));
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Lets the browser take its turn (input, painting, timers) and comes back. By a message: `scheduler.yield()` starves
/// timers, and a hidden tab's timers wait up to a minute.
pub async fn yield_now() {
    let Ok(channel) = MessageChannel::new() else {
        return sleep(0).await;
    };
    let (here, there) = (channel.port1(), channel.port2());
    let arrival = Promise::new(&mut |resolve, _| here.set_onmessage(Some(&resolve)));
    if there.post_message(&JsValue::NULL).is_ok() {
        drop(JsFuture::from(arrival).await);
    }
    here.close();
}

/// Waits until the browser has nothing better to do, at most so long: for what may come a moment later than what is typed.
/// In a page that nobody looks at there is nothing better, and there the browser would stretch the wait to seconds.
pub async fn idle(most_ms: u32) {
    if page::is_hidden() {
        return yield_now().await;
    }
    let options = IdleRequestOptions::new();
    options.set_timeout(most_ms);
    let mut listening = None;
    let asked = Promise::new(&mut |resolve, reject| {
        let window = super::window();
        let handle = window.map(|window| {
            window.request_idle_callback_with_options(resolve.unchecked_ref(), &options)
        });
        // Not in every browser: there it is a turn, and no more.
        if !matches!(handle, Some(Ok(_))) {
            drop(reject.call0(&JsValue::NULL));
        }
        listening = page::on_visibility(move |is_hidden| {
            if is_hidden {
                drop(resolve.call0(&JsValue::NULL));
            }
        });
    });
    if JsFuture::from(asked).await.is_err() {
        yield_now().await;
    }
    drop(listening);
}

/// Keeps tasks short: call [`Breather::breathe`] between pieces of long work.
#[derive(Debug, Clone)]
pub struct Breather {
    since_ms: f64,
}

impl Breather {
    /// The longest stretch without a turn for the browser.
    const STRETCH_MS: f64 = 30.0;
    /// Half of a frame.
    const IDLE_STRETCH_MS: f64 = 8.0;
    /// It is done even where the browser is never idle.
    const IDLE_WAIT_MS: u32 = 500;

    #[must_use]
    pub fn new() -> Self {
        Self {
            since_ms: monotonic_ms(),
        }
    }

    /// Yields if the last yield is more than about 30 ms ago. Awaiting something else is no turn for the browser: what is
    /// there already (the next piece of an answer) comes back within the same task.
    pub async fn breathe(&mut self) {
        if monotonic_ms() - self.since_ms > Self::STRETCH_MS {
            yield_now().await;
            self.since_ms = monotonic_ms();
        }
    }

    /// The same for work that nobody waits for: in short stretches, each when the browser has nothing better to do.
    pub async fn breathe_idly(&mut self) {
        if monotonic_ms() - self.since_ms > Self::IDLE_STRETCH_MS {
            idle(Self::IDLE_WAIT_MS).await;
            self.since_ms = monotonic_ms();
        }
    }
}

impl Default for Breather {
    fn default() -> Self {
        Self::new()
    }
}
