//! Check sums of bytes: SHA-256 by the browser, CRC-32 by the way.

use js_sys::Uint8Array;

use super::error::FileError;
use super::picture::{Picture, read_blob, sha256};

/// What archives and keys say of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    pub bytes: u64,
    pub crc32: u32,
    /// In hex.
    pub sha256: String,
}

/// Bytes that cross into wasm memory at a time.
const STRETCH_BYTES: u32 = 256 << 10;

/// Those of a picture, which is read once for it.
///
/// # Errors
/// The browser has lost the bytes, or has no digest here.
pub async fn of_picture(picture: &Picture) -> Result<Sums, FileError> {
    let bytes = read_blob(picture.blob()).await?;
    let mut stretch = vec![0; bytes.length().min(STRETCH_BYTES) as usize];
    let mut crc32 = crc32fast::Hasher::new();
    let mut at = 0;
    while at < bytes.length() {
        let end = at.saturating_add(STRETCH_BYTES).min(bytes.length());
        let part = &mut stretch[..(end - at) as usize];
        bytes.subarray(at, end).copy_to(part);
        crc32.update(part);
        at = end;
    }
    Ok(Sums {
        bytes: bytes.length().into(),
        crc32: crc32.finalize(),
        sha256: digest(&bytes).await?,
    })
}

/// Those of bytes in wasm memory.
///
/// # Errors
/// The browser has no digest here.
pub async fn of_bytes(bytes: &[u8]) -> Result<Sums, FileError> {
    Ok(Sums {
        bytes: bytes.len() as u64,
        crc32: crc32fast::hash(bytes),
        sha256: digest(&Uint8Array::from(bytes)).await?,
    })
}

async fn digest(bytes: &Uint8Array) -> Result<String, FileError> {
    let missing = || FileError::Other {
        operation: "compare bytes",
        message: "the page is not served safely, so this browser offers no SHA-256".to_owned(),
    };
    sha256(bytes).await.ok_or_else(missing)
}
