//! A mask as the PNG that the API takes, and back: what is transparent is edited.

use crate::domain::size::Pixels;

use super::raster::Mask;

/// A PNG for the API: RGBA, as large as the mask, with fewer than 4,000,000 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub bytes: Vec<u8>,
    /// 256, or fewer (16, 2) where it would have been too large: say so.
    pub alpha_levels: u16,
}

/// Why a mask cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    #[error("a mask without pixels")]
    NoPixels,
    /// Even with two levels of alpha: noise, of which there is too much.
    #[error("the mask has {bytes} bytes, and fewer than 4,000,000 are allowed")]
    TooLarge { bytes: u64 },
    #[error("the mask cannot be written as PNG")]
    Encoding,
}

/// Why a picture cannot be used as a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    #[error("not a PNG")]
    NotAPng,
    #[error("a damaged PNG")]
    Damaged,
    #[error("of {found}, where the picture has {wanted}")]
    AnotherSize { found: Pixels, wanted: Pixels },
    /// By its header, before anything is decoded.
    #[error("too large")]
    TooLarge,
}

/// # Errors
/// `ExportFault`: nothing to write, or too much noise for the API's limit.
pub fn export(_mask: &Mask) -> Result<Exported, ExportFault> {
    Err(ExportFault::Encoding)
}

/// A PNG of this size: its transparency is what is edited; without any (or all opaque), what is white.
///
/// # Errors
/// `ImportFault`: not a PNG, damaged, of another size, or too large.
pub fn import(_bytes: &[u8], _pixels: Pixels) -> Result<Mask, ImportFault> {
    Err(ImportFault::Damaged)
}
