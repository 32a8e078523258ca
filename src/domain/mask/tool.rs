//! The tools of the mask editor, their settings, and what a hand is in the middle of.

use serde::{Deserialize, Serialize};

use crate::Pixels;

use super::geometry::{ImagePoint, Rect, Viewport};
use super::raster::Mask;
use super::shape;
use super::stroke::Dab;

/// What a press begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Tool {
    #[default]
    Brush,
    Eraser,
    Rectangle,
    Ellipse,
    /// A freehand line around an area.
    Lasso,
    /// Corner by corner, until it is closed.
    Polygon,
    /// The pixels of the picture that are similar to the pressed one.
    MagicWand,
    /// What the mask encloses around the point.
    Fill,
}

impl Tool {
    pub const ALL: [Self; 8] = [
        Self::Brush,
        Self::Eraser,
        Self::Rectangle,
        Self::Ellipse,
        Self::Lasso,
        Self::Polygon,
        Self::MagicWand,
        Self::Fill,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Brush => "brush",
            Self::Eraser => "eraser",
            Self::Rectangle => "rectangle",
            Self::Ellipse => "ellipse",
            Self::Lasso => "lasso",
            Self::Polygon => "polygon",
            Self::MagicWand => "magic-wand",
            Self::Fill => "fill",
        }
    }
}

/// What the size of a brush is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Unit {
    /// Pixels of the image: the brush grows on the screen when it is looked at closer.
    #[default]
    Image,
    /// Pixels of the screen, as a page counts them: there the brush has one size, and in the image it becomes finer.
    Screen,
}

impl Unit {
    pub const ALL: [Self; 2] = [Self::Image, Self::Screen];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Screen => "screen",
        }
    }

    /// How many pixels of the image one of them is, on a canvas with `density` pixels for one of the screen.
    #[must_use]
    pub fn image_pixels(self, view: Viewport, density: f32) -> f32 {
        match self {
            Self::Image => 1.0,
            Self::Screen => density / view.zoom,
        }
    }
}

/// A round brush.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Brush {
    /// The diameter, 1 to 2000; what is outside is taken as the nearer end. In image pixels, where it is drawn with.
    pub size: f32,
    /// 100: a sharp edge (of one pixel); 0: soft from the middle on.
    pub hardness: u8,
    /// The pressure of a pen makes it smaller.
    pub pressure: bool,
}

impl Brush {
    pub const MIN_SIZE: f32 = 1.0;
    pub const MAX_SIZE: f32 = 2000.0;

    /// By so much, as far as brushes go.
    pub fn enlarge(&mut self, by: f32) {
        self.size = (self.size + by).clamp(Self::MIN_SIZE, Self::MAX_SIZE);
    }

    /// So many times as large, as far as brushes go.
    #[must_use]
    pub fn scaled(self, factor: f32) -> Self {
        Self {
            size: (self.size * factor).clamp(Self::MIN_SIZE, Self::MAX_SIZE),
            ..self
        }
    }

    /// By so many percent.
    pub fn harden(&mut self, by: i32) {
        self.hardness = (i32::from(self.hardness) + by).clamp(0, 100) as u8;
    }

    /// In image pixels, at a pressure of 0 to 1; half a pixel at least.
    #[must_use]
    pub fn radius(self, pressure: f32) -> f32 {
        let size = if self.size.is_finite() {
            self.size.clamp(Self::MIN_SIZE, Self::MAX_SIZE)
        } else {
            Self::MIN_SIZE
        };
        let share = if self.pressure && pressure.is_finite() {
            pressure.clamp(0.0, 1.0)
        } else {
            1.0
        };
        (size * share / 2.0).max(0.5)
    }
}

impl Default for Brush {
    fn default() -> Self {
        Self {
            size: 60.0,
            hardness: 80,
            pressure: true,
        }
    }
}

/// What becomes of a new shape and the mask that was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Combine {
    #[default]
    Add,
    Subtract,
    Replace,
    Intersect,
}

/// What is similar for the magic wand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wand {
    /// The largest difference in any of the four channels, 0 to 255.
    pub tolerance: u8,
    /// Only what is connected with the pressed pixel (by its edges).
    pub contiguous: bool,
}

impl Default for Wand {
    fn default() -> Self {
        Self {
            tolerance: 32,
            contiguous: true,
        }
    }
}

/// What the hand is in the middle of.
#[derive(Debug, Clone, Default)]
pub enum Gesture {
    #[default]
    Idle,
    Painting(Stroke),
    Shaping(Shaping),
    Polygon(Corners),
}

/// A stroke of the brush or the eraser that is not finished.
#[derive(Debug, Clone)]
pub struct Stroke {
    pub(super) brush: Brush,
    pub(super) combine: Combine,
    /// Where it is, and whether that is drawn.
    pub(super) last: Dab,
    pub(super) is_begun: bool,
    /// The coverage of this stroke alone.
    pub(super) stamp: Mask,
    /// The mask as it was before.
    pub(super) before: Mask,
}

/// A rectangle, an ellipse or a lasso that is being drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Shaping {
    pub(super) tool: Tool,
    pub(super) combine: Combine,
    /// The first point and the last; all points of a lasso.
    pub(super) points: Vec<ImagePoint>,
}

/// The corners of a polygon so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Corners {
    pub(super) combine: Combine,
    pub(super) points: Vec<ImagePoint>,
    /// Where the next one would be.
    pub(super) next: ImagePoint,
}

/// What a tool shows while it is used, in image coordinates.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    Rectangle(Rect),
    /// The ellipse inside of it.
    Ellipse(Rect),
    Path(Vec<ImagePoint>),
}

impl Shaping {
    /// A lasso keeps its way, the others only where they began.
    pub(super) fn go_to(&mut self, at: ImagePoint) {
        if self.tool != Tool::Lasso {
            self.points.truncate(1);
        }
        if self.points.last() != Some(&at) {
            self.points.push(at);
        }
    }

    /// From the pixel that was pressed to the one under the pointer, both with all of their area.
    fn rect(&self) -> Rect {
        let pixel = |point: Option<&ImagePoint>| {
            let (x, y) = point.map_or((0.0, 0.0), |point| (point.x, point.y));
            let (left, top) = (x.floor() as i32, y.floor() as i32);
            Rect::new(left, top, left + 1, top + 1)
        };
        pixel(self.points.first()).union(pixel(self.points.last()))
    }

    /// Its area; `None` where nothing was drawn: a press without a way.
    pub(super) fn stamp(&self, pixels: Pixels) -> Option<Mask> {
        match self.tool {
            _ if self.points.len() < 2 => None,
            Tool::Rectangle => Some(shape::rectangle(pixels, self.rect())),
            Tool::Ellipse => Some(shape::ellipse(pixels, self.rect())),
            _ => Some(shape::polygon(pixels, &self.points)),
        }
    }

    pub(super) fn outline(&self) -> Outline {
        match self.tool {
            Tool::Rectangle => Outline::Rectangle(self.rect()),
            Tool::Ellipse => Outline::Ellipse(self.rect()),
            _ => Outline::Path(self.points.clone()),
        }
    }
}
