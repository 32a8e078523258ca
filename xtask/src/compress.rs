//! Hashes and brotli; what was once compressed is kept, because the best quality takes seconds.

use crate::failure::{Context, Result};
use crate::project;
use base64::Engine;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Brotli at its best, as a static host would send it.
pub(crate) fn brotli(bytes: &[u8], cache: &Path) -> Result<Vec<u8>> {
    let kept = cache.join(hex(bytes));
    if let Ok(done) = std::fs::read(&kept) {
        return Ok(done);
    }
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)
        .context(|| "compressing".to_owned())?;
    // Two processes may do this at once: a rename is never seen half done.
    let unfinished = kept.with_extension(std::process::id().to_string());
    project::write(&unfinished, &out)?;
    std::fs::rename(&unfinished, &kept).context(|| format!("writing {}", kept.display()))?;
    Ok(out)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The value of an `integrity` attribute.
pub(crate) fn integrity(bytes: &[u8]) -> String {
    format!(
        "sha256-{}",
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integrity_is_what_browsers_compute() {
        assert_eq!(
            integrity(b""),
            "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }
}
