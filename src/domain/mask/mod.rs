//! The mask editor without a screen: what a hand does goes in, and what has to be painted again comes out.

use std::sync::Arc;

use crate::domain::size::Pixels;

pub mod geometry;
pub mod png;
pub mod raster;
pub mod tool;

pub use geometry::{ImagePoint, Rect, ViewPoint, Viewport};
pub use raster::{Mask, Place};
pub use tool::{Brush, Combine, Gesture, Outline, Tool, Wand};

/// What a hand does. Points are in image pixels, and may lie outside of the image.
#[derive(Debug, Clone)]
pub enum Event {
    Press {
        at: ImagePoint,
        /// 0 to 1; of a mouse, 1 (or what it gives: `Brush::pressure` decides).
        pressure: f32,
        /// With Shift: a straight line from the last point of the stroke before.
        line: bool,
        /// With Alt, or with the right button: takes away what it would add.
        subtract: bool,
    },
    Move {
        at: ImagePoint,
        pressure: f32,
    },
    Release,
    /// Escape, a second finger, a pointer that the browser takes away: the mask is as before the gesture.
    Cancel,
    ClosePolygon,
    /// Of a polygon that is not closed: its last corner.
    Undo,
    Redo,
    Clear,
    Invert,
    /// By so many pixels.
    Grow(u32),
    Shrink(u32),
    /// By a radius in pixels.
    Feather(u32),
    SelectBox(Rect, Combine),
    /// In place of what is there; one of another size changes nothing.
    Import(Mask),
}

/// The picture under the mask, for the magic wand: four bytes for each pixel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PicturePixels {
    pub pixels: Pixels,
    pub rgba: Vec<u8>,
}

/// What controls show of the editor. As of the last finished gesture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MaskView {
    pub can_undo: bool,
    pub can_redo: bool,
    /// 0 to 100.
    pub covered_percent: f32,
    pub place: Place,
    pub is_empty: bool,
    pub is_full: bool,
}

/// A mask, its tools and its history.
#[derive(Debug, Clone)]
pub struct MaskEditor {
    pub tool: Tool,
    pub brush: Brush,
    /// The eraser has a size of its own.
    pub eraser: Brush,
    /// For shapes, the wand and the fill.
    pub combine: Combine,
    pub wand: Wand,
    /// A corner of a polygon so near to the first one, in image pixels, closes it.
    pub close_within: f32,
    mask: Mask,
    gesture: Gesture,
    picture: Option<Arc<PicturePixels>>,
}

impl MaskEditor {
    /// An empty mask of this size.
    #[must_use]
    pub fn new(pixels: Pixels) -> Self {
        Self {
            tool: Tool::default(),
            brush: Brush::default(),
            eraser: Brush::default(),
            combine: Combine::default(),
            wand: Wand::default(),
            close_within: 0.0,
            mask: Mask::new(pixels),
            gesture: Gesture::Idle,
            picture: None,
        }
    }

    /// What is to be painted again, in image pixels inside of the mask; `None` where the mask did not change. What has no
    /// meaning in the middle of a gesture changes nothing.
    pub fn handle(&mut self, event: Event) -> Option<Rect> {
        drop(event);
        None
    }

    #[must_use]
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    #[must_use]
    pub fn view(&self) -> MaskView {
        MaskView::default()
    }

    /// What the tool shows while it is used; `None` while nothing is drawn but the mask.
    #[must_use]
    pub fn outline(&self) -> Option<Outline> {
        None
    }

    /// In the middle of a stroke, a shape or a polygon.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !matches!(self.gesture, Gesture::Idle)
    }

    /// What the magic wand looks at. One of another size than the mask selects nothing.
    pub fn set_picture(&mut self, picture: Option<Arc<PicturePixels>>) {
        self.picture = picture;
    }

    /// What the steps that can be taken back and forth hold in memory.
    #[must_use]
    pub fn history_bytes(&self) -> usize {
        0
    }
}
