//! Coverage of a mask in sparse tiles, copied on write.

use crate::domain::size::Pixels;

use super::geometry::Rect;

/// How much of each pixel is to be edited: 0 is kept, 255 is edited.
#[derive(Debug, Clone)]
pub struct Mask {
    pixels: Pixels,
}

/// Where most of a mask is, in thirds of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    TopLeft,
    Top,
    TopRight,
    Left,
    #[default]
    Centre,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

impl Mask {
    /// Empty: all is kept.
    #[must_use]
    pub fn new(pixels: Pixels) -> Self {
        Self { pixels }
    }

    #[must_use]
    pub fn pixels(&self) -> Pixels {
        self.pixels
    }

    /// 0 outside.
    #[must_use]
    pub fn coverage(&self, _x: i32, _y: i32) -> u8 {
        0
    }

    /// The coverage of a rectangle row by row, for painting; 0 outside of the mask. What does not fit is left out.
    pub fn read(&self, _rect: Rect, into: &mut [u8]) {
        into.fill(0);
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        true
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        false
    }

    /// The sum of the coverage of all pixels.
    #[must_use]
    pub fn covered(&self) -> u64 {
        0
    }

    /// Where its centroid is; the centre where it is empty.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::Centre
    }

    /// For a draft in the database: versioned and compressed.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    /// # Errors
    /// The bytes are damaged, or of a version that is not known.
    pub fn from_bytes(_bytes: &[u8]) -> Result<Self, DraftFault> {
        Err(DraftFault::Damaged)
    }
}

/// Why a stored mask cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftFault {
    #[error("a stored mask of a version that is not known")]
    Version,
    #[error("a stored mask is damaged")]
    Damaged,
}
