//! Bytes that take room and can be made no smaller: what holds space free, and what tries whether there is some.

use js_sys::{Array, Uint8Array};

use super::picture::{BlobHandle, blob_of};
use super::random;

/// One piece of noise, used again and again: no file system looks so far back for what repeats.
const PIECE_BYTES: u32 = 1 << 20;

/// So many bytes, rounded up to whole megabytes; `None` where the browser refuses the memory. A Blob of Blobs: nothing is copied.
#[must_use]
pub fn noise(bytes: u32) -> Option<BlobHandle> {
    let piece = Uint8Array::new_with_length(PIECE_BYTES);
    random::fill_all(&piece);
    let piece = blob_of(&Array::of1(&piece), "").ok()?;
    let parts: Array = (0..bytes.div_ceil(PIECE_BYTES)).map(|_| &piece).collect();
    Some(BlobHandle::of(blob_of(&parts, "").ok()?))
}
