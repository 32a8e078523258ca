//! Requests to an Images API: sent once, read by chunk, limited in time and size, and never redirected.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Array, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, ReadableStreamDefaultReader, ReferrerPolicy, RequestCache, RequestCredentials,
    RequestRedirect,
};
use zeroize::Zeroizing;

use super::clock::{self, Breather};
use super::error::{FetchError, FileError, Limit};
use super::picture::{BlobHandle, RawBody, blob_of};
use super::{describe, property};
use crate::domain::provider::Address;
use crate::domain::secret::Secret;

/// The largest piece handed out at once: no task gets long over it.
const CHUNK_BYTES: u32 = 1 << 20;
/// Raw pieces are put together to one Blob when they are so many or so large: a drip of bytes costs no memory.
const LOOSE_PIECES: u32 = 1024;
const LOOSE_BYTES: u64 = 8 << 20;

/// What to send.
#[derive(Debug)]
pub struct Outgoing<'a> {
    pub url: &'a str,
    pub bearer: Option<&'a Secret>,
    /// With a body only.
    pub content_type: &'a str,
    pub body: Body,
    pub limits: Limits,
}

/// A GET without a body, a POST with one.
#[derive(Debug, Default)]
pub enum Body {
    #[default]
    Empty,
    Bytes(Vec<u8>),
    /// One after the other; pictures go from the browser's storage to the network without passing through here.
    Parts(Vec<BodyPart>),
}

#[derive(Debug)]
pub enum BodyPart {
    Bytes(Vec<u8>),
    Blob(BlobHandle),
}

/// How long and how large an answer may get.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    pub total_ms: f64,
    /// Between two pieces, from the first byte of the body on: a picture may take minutes to begin.
    pub idle_ms: f64,
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total_ms: 900_000.0,
            idle_ms: 120_000.0,
            bytes: 512 << 20,
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// Calls requests off; clones call off the same ones.
#[derive(Debug, Clone)]
pub struct Abort(SendWrapper<Rc<Calls>>);

#[derive(Debug, Default)]
struct Calls {
    aborted: Cell<bool>,
    running: RefCell<Vec<AbortController>>,
}

impl Abort {
    #[must_use]
    pub fn new() -> Self {
        Self(SendWrapper::new(Rc::default()))
    }

    pub fn abort(&self) {
        self.0.aborted.set(true);
        for call in self.0.running.take() {
            call.abort();
        }
    }

    #[must_use]
    pub fn is_aborted(&self) -> bool {
        self.0.aborted.get()
    }
}

impl Default for Abort {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the browser believes that there is a network; says nothing of this machine's own addresses.
#[must_use]
pub fn online() -> bool {
    super::window().is_none_or(|window| window.navigator().on_line())
}

/// Sends and waits for the head of the answer. Any status is an answer.
///
/// # Errors
/// When none came; only [`FetchError::NotSent`] proves that nothing left.
pub async fn send(outgoing: Outgoing<'_>, abort: &Abort) -> Result<Incoming, FetchError> {
    if abort.is_aborted() {
        return Err(FetchError::Aborted);
    }
    let controller = AbortController::new().map_err(not_sent)?;
    let call = Call {
        abort: abort.clone(),
        controller: controller.clone(),
        loopback: Address::parse(outgoing.url, &[]).is_ok_and(|url| url.is_loopback()),
        limits: outgoing.limits,
        started_ms: clock::monotonic_ms(),
    };
    let request = request(outgoing, &controller)?;
    abort.0.running.borrow_mut().push(controller);
    match clock::within(call.limits.total_ms, request.send()).await {
        Some(Ok(response)) => Ok(Incoming::new(call, &response)),
        Some(Err(error)) => Err(call.failure(error.to_string())),
        None => Err(call.timed_out(Limit::Total)),
    }
}

fn request(
    outgoing: Outgoing<'_>,
    controller: &AbortController,
) -> Result<gloo_net::http::Request, FetchError> {
    let mut builder = RequestBuilder::new(outgoing.url)
        .redirect(RequestRedirect::Error)
        .credentials(RequestCredentials::Omit)
        .referrer_policy(ReferrerPolicy::NoReferrer)
        .cache(RequestCache::NoStore)
        .abort_signal(Some(&controller.signal()));
    if let Some(bearer) = outgoing.bearer {
        let value = Zeroizing::new(format!("Bearer {}", bearer.expose()));
        builder = with_header(builder, "Authorization", &value)?;
    }
    let body = match outgoing.body {
        Body::Empty => {
            return builder
                .build()
                .map_err(|error| FetchError::NotSent(error.to_string()));
        }
        Body::Bytes(bytes) => Uint8Array::from(bytes.as_slice()).into(),
        Body::Parts(parts) => multi_part(&parts)?,
    };
    with_header(builder, "Content-Type", outgoing.content_type)?
        .method(Method::POST)
        .body(body)
        .map_err(|error| FetchError::NotSent(error.to_string()))
}

/// Sets a header; what gloo-net would panic on is refused before.
fn with_header(
    builder: RequestBuilder,
    name: &'static str,
    value: &str,
) -> Result<RequestBuilder, FetchError> {
    if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        Ok(builder.header(name, value))
    } else {
        Err(FetchError::NotSent(format!("{name} has odd characters")))
    }
}

fn multi_part(parts: &[BodyPart]) -> Result<JsValue, FetchError> {
    let array = Array::new();
    for part in parts {
        match part {
            BodyPart::Bytes(bytes) => array.push(&Uint8Array::from(bytes.as_slice())),
            BodyPart::Blob(blob) => array.push(&blob.0),
        };
    }
    blob_of(&array, "")
        .map(JsValue::from)
        .map_err(|error| FetchError::NotSent(error.to_string()))
}

fn not_sent(thrown: JsValue) -> FetchError {
    FetchError::NotSent(describe(&thrown))
}

/// What holds for a request and its answer.
#[derive(Debug)]
struct Call {
    abort: Abort,
    controller: AbortController,
    loopback: bool,
    limits: Limits,
    started_ms: f64,
}

impl Call {
    fn failure(&self, message: String) -> FetchError {
        if self.abort.is_aborted() {
            FetchError::Aborted
        } else if !online() && !self.loopback {
            FetchError::Offline
        } else {
            FetchError::Network(message)
        }
    }

    fn timed_out(&self, limit: Limit) -> FetchError {
        self.controller.abort();
        FetchError::TimedOut {
            limit,
            after_ms: (clock::monotonic_ms() - self.started_ms) as u64,
        }
    }
}

impl Drop for Call {
    /// Nobody reads on: the connection may go. The person's abort forgets this request.
    fn drop(&mut self) {
        self.controller.abort();
        let mut running = self.abort.0.running.borrow_mut();
        running.retain(|controller| *controller != self.controller);
    }
}

/// An answer: its head, and its body to be read chunk by chunk. Dropped early, it is called off.
#[derive(Debug)]
pub struct Incoming {
    pub status: u16,
    pub content_type: Option<String>,
    pub retry_after: Option<String>,
    pub retry_after_ms: Option<String>,
    pub request_id: Option<String>,
    call: Call,
    reader: Option<ReadableStreamDefaultReader>,
    /// What was read and not yet handed out, and from where on.
    rest: Option<(Uint8Array, u32)>,
    received: u64,
    last_ms: Option<f64>,
    breather: Breather,
    raw: Option<RawParts>,
}

/// A piece of a body, of at most 1 MiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    pub bytes: Vec<u8>,
}

impl Incoming {
    fn new(call: Call, response: &Response) -> Self {
        let header = |name| response.headers().get(name);
        let reader = response
            .body()
            .map(|body| body.get_reader().unchecked_into());
        Self {
            status: response.status(),
            content_type: header("content-type"),
            retry_after: header("retry-after"),
            retry_after_ms: header("retry-after-ms"),
            request_id: header("x-request-id"),
            call,
            reader,
            rest: None,
            received: 0,
            last_ms: None,
            breather: Breather::new(),
            raw: Some(RawParts::default()),
        }
    }

    /// The next piece of the body; `None` at its end. Gives the browser its turns.
    ///
    /// # Errors
    /// When the body breaks off, stalls, or grows over its limits.
    pub async fn next(&mut self) -> Result<Option<Chunk>, FetchError> {
        self.breather.breathe().await;
        if self.rest.is_none() && !self.read().await? {
            return Ok(None);
        }
        Ok(self.cut())
    }

    /// How many bytes have come.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// What came so far, byte for byte, for keeping; empty after [`Self::discard_raw`].
    ///
    /// # Errors
    /// When the browser refuses the memory.
    pub fn raw(mut self) -> Result<RawBody, FileError> {
        let parts = self.raw.take().unwrap_or_default();
        blob_of(&parts.parts, "application/octet-stream").map(RawBody::new)
    }

    /// Forgets what came and keeps no more: the caller has all that it needs.
    pub fn discard_raw(&mut self) {
        self.raw = None;
    }

    /// The first piece of what was read and not handed out.
    fn cut(&mut self) -> Option<Chunk> {
        let (piece, from) = self.rest.take()?;
        let to = piece.length().min(from + CHUNK_BYTES);
        let bytes = piece.subarray(from, to).to_vec();
        if to < piece.length() {
            self.rest = Some((piece, to));
        }
        Some(Chunk { bytes })
    }

    /// Waits for more of the body; false at its end.
    async fn read(&mut self) -> Result<bool, FetchError> {
        let Some(reader) = &self.reader else {
            return Ok(false);
        };
        let (limit, left_ms) = self.time_left();
        let read = clock::within(left_ms, JsFuture::from(reader.read())).await;
        let result = match read {
            Some(Ok(result)) => result,
            Some(Err(thrown)) => return Err(self.call.failure(describe(&thrown))),
            None => return Err(self.call.timed_out(limit)),
        };
        let piece = property(&result, "value").map(Uint8Array::unchecked_from_js);
        match piece {
            Some(piece) => self.take(piece),
            None => {
                self.reader = None;
                Ok(false)
            }
        }
    }

    fn take(&mut self, piece: Uint8Array) -> Result<bool, FetchError> {
        self.last_ms = Some(clock::monotonic_ms());
        self.received += u64::from(piece.length());
        if let Some(raw) = &mut self.raw {
            raw.push(&piece);
        }
        if self.received > self.call.limits.bytes {
            self.call.controller.abort();
            self.reader = None;
            return Err(FetchError::TooLarge);
        }
        self.rest = Some((piece, 0));
        Ok(true)
    }

    /// The limit that runs out first, and when. From timestamps: timers of a hidden tab are slow.
    fn time_left(&self) -> (Limit, f64) {
        let now = clock::monotonic_ms();
        let limits = &self.call.limits;
        let total = self.call.started_ms + limits.total_ms - now;
        match self.last_ms.map(|last| last + limits.idle_ms - now) {
            Some(idle) if idle < total => (Limit::Idle, idle),
            _ => (Limit::Total, total),
        }
    }
}

/// The pieces of a body as they came, outside wasm memory.
#[derive(Debug, Default)]
struct RawParts {
    parts: Array,
    loose_bytes: u64,
}

impl RawParts {
    fn push(&mut self, piece: &Uint8Array) {
        self.parts.push(piece);
        self.loose_bytes += u64::from(piece.length());
        if self.parts.length() > LOOSE_PIECES || self.loose_bytes > LOOSE_BYTES {
            self.gather();
        }
    }

    /// Everything in one Blob, which the browser may put on disk.
    fn gather(&mut self) {
        if let Ok(blob) = blob_of(&self.parts, "") {
            self.parts = Array::of1(&blob);
            self.loose_bytes = 0;
        }
    }
}
