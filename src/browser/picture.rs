//! Pictures as the browser holds them: one Blob with its key, type and size. The bytes stay outside wasm memory.

use std::cell::Cell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use js_sys::{Array, JsString, Promise, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Url};

use super::error::FileError;
use super::{clock, random, sniff};
use crate::domain::size::Pixels;

/// Bytes collected on this side before they go over to the browser's.
const PART_BYTES: usize = 1 << 20;
/// From here on a picture is worked on in several tasks.
const LARGE_BYTES: u64 = 4 << 20;
/// What is kept of the beginning, for a size that stands behind a photo's metadata.
pub(super) const HEAD_BYTES: usize = 256 << 10;

/// A picture, or whatever the bytes turned out to be. Cheap to clone; equal when its key is.
#[derive(Clone)]
pub struct Picture {
    key: String,
    media_type: &'static str,
    pixels: Option<Pixels>,
    blob: SendWrapper<Blob>,
}

impl Picture {
    /// SHA-256 of the bytes in hex, or `r-` and an id where the browser has no digest.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// As the bytes show it.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    #[must_use]
    pub fn bytes_len(&self) -> u64 {
        self.blob.size() as u64
    }

    /// As the header says; `None` where it does not, or where a stored picture was not measured again.
    #[must_use]
    pub fn pixels(&self) -> Option<Pixels> {
        self.pixels
    }

    /// All the bytes, copied into wasm memory.
    ///
    /// # Errors
    /// When the browser has lost them.
    pub async fn read(&self) -> Result<Vec<u8>, FileError> {
        Ok(read_blob(&self.blob).await?.to_vec())
    }

    /// An address that holds the bytes themselves: for a small picture of which many are shown. One of a Blob costs a
    /// question to another process, and a request later.
    ///
    /// # Errors
    /// When the browser has lost them.
    pub async fn data_address(&self) -> Result<String, FileError> {
        let mut address = format!("data:{};base64,", self.media_type);
        STANDARD.encode_string(self.read().await?, &mut address);
        Ok(address)
    }

    /// The same picture with its size read from the header, where it was not known.
    ///
    /// # Errors
    /// When the browser has lost the bytes.
    pub async fn measured(mut self) -> Result<Self, FileError> {
        if self.pixels.is_none() {
            self.pixels = sniff::pixels(&read_head(&self.blob, HEAD_BYTES).await?);
        }
        Ok(self)
    }

    /// What the database gave back.
    pub(super) fn stored(key: &str, blob: Blob) -> Self {
        Self {
            key: key.to_owned(),
            media_type: known_type(&blob.type_()),
            pixels: None,
            blob: SendWrapper::new(blob),
        }
    }

    /// Takes over a Blob that the browser made: reads it once, for type, key and size.
    pub(super) async fn adopt(blob: Blob) -> Result<Self, FileError> {
        let bytes = read_blob(&blob).await?;
        of_parts(&Array::of1(&blob), &bytes, &head_of(&bytes)).await
    }

    /// Reads a Blob whose bytes lie elsewhere, in a file that may change or go, and keeps them.
    pub(super) async fn copied(blob: &Blob) -> Result<Self, FileError> {
        let bytes = read_blob(blob).await?;
        of_parts(&Array::of1(&bytes), &bytes, &head_of(&bytes)).await
    }

    pub(super) fn blob(&self) -> &Blob {
        &self.blob
    }
}

impl PartialEq for Picture {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Picture {}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture")
            .field("key", &self.key)
            .field("media_type", &self.media_type)
            .field("pixels", &self.pixels)
            .finish_non_exhaustive()
    }
}

/// An answer as it came, unread: kept whole when nothing else can be made of what was paid for.
#[derive(Debug, Clone)]
pub struct RawBody(SendWrapper<Blob>);

impl RawBody {
    pub(super) fn new(blob: Blob) -> Self {
        Self(SendWrapper::new(blob))
    }

    #[must_use]
    pub fn bytes_len(&self) -> u64 {
        self.0.size() as u64
    }
}

/// What a database stores as a Blob.
#[derive(Debug, Clone)]
pub struct BlobHandle(pub(super) SendWrapper<Blob>);

impl BlobHandle {
    pub(super) fn of(blob: Blob) -> Self {
        Self(SendWrapper::new(blob))
    }

    /// Bytes that are no picture.
    ///
    /// # Errors
    /// When the browser refuses the memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        blob_of(&Array::of1(&Uint8Array::from(bytes)), "").map(Self::of)
    }

    #[must_use]
    pub fn bytes_len(&self) -> u64 {
        self.0.size() as u64
    }
}

impl From<&Picture> for BlobHandle {
    fn from(picture: &Picture) -> Self {
        Self(picture.blob.clone())
    }
}

impl From<&RawBody> for BlobHandle {
    fn from(raw: &RawBody) -> Self {
        Self(raw.0.clone())
    }
}

/// An address that holds a whole picture, as the browser has it: it is kept and shown without a copy in wasm memory.
#[derive(Debug, Clone)]
pub struct DataAddress(SendWrapper<JsString>);

impl DataAddress {
    pub(super) fn of(value: JsValue) -> Option<Self> {
        let text: JsString = value.dyn_into().ok()?;
        Some(Self(SendWrapper::new(text)))
    }
}

impl From<&str> for DataAddress {
    fn from(address: &str) -> Self {
        Self(SendWrapper::new(address.into()))
    }
}

/// For the property of the element that shows it.
impl From<DataAddress> for JsValue {
    fn from(address: DataAddress) -> Self {
        address.0.take().into()
    }
}

/// Collects the bytes of one picture as they are decoded.
#[derive(Debug, Default)]
pub struct PictureBuilder {
    head: Vec<u8>,
    pending: Vec<u8>,
    parts: Vec<Part>,
}

/// Some of a picture's bytes: as they are for its digest, and as a Blob. A Blob of Blobs copies nothing, so no task has to
/// hand over a large picture at once.
#[derive(Debug)]
struct Part {
    bytes: SendWrapper<Uint8Array>,
    /// `None` where the browser refused the memory: asked again at the end, where it is an error.
    blob: Option<SendWrapper<Blob>>,
}

impl Part {
    fn new(bytes: &[u8]) -> Self {
        let bytes = Uint8Array::from(bytes);
        let blob = blob_of(&Array::of1(&bytes), "").ok();
        Self {
            bytes: SendWrapper::new(bytes),
            blob: blob.map(SendWrapper::new),
        }
    }

    fn for_blob(&self) -> JsValue {
        match &self.blob {
            Some(blob) => (**blob).clone().into(),
            None => (*self.bytes).clone().into(),
        }
    }
}

impl PictureBuilder {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes. Large slices cross over at once, small ones are collected first.
    pub fn push(&mut self, bytes: &[u8]) {
        let missing = HEAD_BYTES - self.head.len();
        self.head
            .extend_from_slice(&bytes[..bytes.len().min(missing)]);
        if self.pending.is_empty() && bytes.len() >= PART_BYTES {
            self.parts.push(Part::new(bytes));
            return;
        }
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= PART_BYTES {
            self.flush();
        }
    }

    /// How many bytes there are by now.
    #[must_use]
    pub fn bytes_len(&self) -> u64 {
        let parts = self.parts.iter().map(|part| u64::from(part.bytes.length()));
        parts.sum::<u64>() + self.pending.len() as u64
    }

    /// Makes the picture: one Blob, its type from its bytes, its key from its digest.
    ///
    /// # Errors
    /// When the browser refuses the memory.
    pub async fn finish(mut self) -> Result<Picture, FileError> {
        if !self.pending.is_empty() || self.parts.is_empty() {
            self.flush();
        }
        turn_if_large(self.bytes_len()).await;
        let parts: Array = self.parts.iter().map(Part::for_blob).collect();
        let bytes = joined(&self.parts);
        self.parts.clear();
        of_parts(&parts, &bytes, &self.head).await
    }

    fn flush(&mut self) {
        self.parts.push(Part::new(&self.pending));
        self.pending.clear();
    }
}

/// An address for `<img>`; revoked when dropped.
#[derive(Debug, PartialEq, Eq)]
pub struct ObjectUrl(String);

impl ObjectUrl {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Drop for ObjectUrl {
    fn drop(&mut self) {
        drop(Url::revoke_object_url(&self.0));
        LIVE_OBJECT_URLS.set(LIVE_OBJECT_URLS.get() - 1);
    }
}

/// Makes an address for a picture.
///
/// # Errors
/// When the browser refuses.
pub fn object_url(picture: &Picture) -> Result<ObjectUrl, FileError> {
    blob_url(&picture.blob)
}

/// How many addresses are alive: as many as pictures are shown.
#[must_use]
pub fn live_object_urls() -> usize {
    LIVE_OBJECT_URLS.get()
}

thread_local! {
    static LIVE_OBJECT_URLS: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn blob_url(blob: &Blob) -> Result<ObjectUrl, FileError> {
    let url = Url::create_object_url_with_blob(blob)
        .map_err(|thrown| FileError::other("show a picture", &thrown))?;
    LIVE_OBJECT_URLS.set(LIVE_OBJECT_URLS.get() + 1);
    Ok(ObjectUrl(url))
}

/// One Blob of parts (`Uint8Array` or `Blob`).
pub(super) fn blob_of(parts: &Array, media_type: &str) -> Result<Blob, FileError> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_blob_sequence_and_options(parts, &options)
        .map_err(|thrown| FileError::other("keep bytes", &thrown))
}

/// A picture of parts (Blobs, as a rule) that together are these bytes.
async fn of_parts(parts: &Array, bytes: &Uint8Array, head: &[u8]) -> Result<Picture, FileError> {
    let media_type = sniff::media_type(head);
    let blob = blob_of(parts, media_type)?;
    turn_if_large(bytes.length().into()).await;
    let digest = sha256(bytes).await;
    Ok(Picture {
        key: digest.unwrap_or_else(|| format!("r-{}", random::id())),
        media_type,
        pixels: sniff::pixels(head),
        blob: SendWrapper::new(blob),
    })
}

/// Copying 15 MB and handing it to the digest each hold the page for some ten milliseconds: one at a time.
async fn turn_if_large(bytes: u64) {
    if bytes > LARGE_BYTES {
        clock::yield_now().await;
    }
}

fn joined(parts: &[Part]) -> Uint8Array {
    if let [only] = parts {
        return (*only.bytes).clone();
    }
    let whole = Uint8Array::new_with_length(parts.iter().map(|part| part.bytes.length()).sum());
    let mut at = 0;
    for Part { bytes, .. } in parts {
        whole.set(bytes, at);
        at += bytes.length();
    }
    whole
}

/// `None` where the page is not served safely: browsers then hide `crypto.subtle`.
pub(super) async fn sha256(bytes: &Uint8Array) -> Option<String> {
    let crypto = super::window()?.crypto().ok()?;
    let subtle = super::property(&crypto, "subtle")?;
    let subtle: web_sys::SubtleCrypto = subtle.unchecked_into();
    let promise: Promise = subtle
        .digest_with_str_and_buffer_source("SHA-256", bytes)
        .ok()?;
    let digest = JsFuture::from(promise).await.ok()?;
    let digest = Uint8Array::new(&digest).to_vec();
    Some(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn head_of(bytes: &Uint8Array) -> Vec<u8> {
    let end = bytes.length().min(HEAD_BYTES as u32);
    bytes.subarray(0, end).to_vec()
}

/// The first bytes of a Blob.
pub(super) async fn read_head(blob: &Blob, bytes: usize) -> Result<Vec<u8>, FileError> {
    let head = blob
        .slice_with_f64_and_f64(0.0, bytes as f64)
        .map_err(|thrown| FileError::other("read a picture", &thrown))?;
    Ok(read_blob(&head).await?.to_vec())
}

pub(super) async fn read_blob(blob: &Blob) -> Result<Uint8Array, FileError> {
    JsFuture::from(blob.array_buffer())
        .await
        .map(|buffer| Uint8Array::new(&buffer))
        .map_err(|thrown| FileError::other("read a picture", &thrown))
}

fn known_type(text: &str) -> &'static str {
    const KNOWN: [&str; 5] = [
        "image/png",
        "image/jpeg",
        "image/webp",
        "image/gif",
        "image/svg+xml",
    ];
    KNOWN
        .into_iter()
        .find(|known| *known == text)
        .unwrap_or("application/octet-stream")
}
