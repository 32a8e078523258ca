//! Places in the picture and on the canvas, as types that cannot be mixed, and the way from one to the other.

use serde::{Deserialize, Serialize};

use crate::Pixels;

/// In pixels of the mask: pixel (0, 0) covers 0 to 1 in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ImagePoint {
    pub x: f32,
    pub y: f32,
}

/// In pixels of the canvas, from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ViewPoint {
    pub x: f32,
    pub y: f32,
}

/// Whole pixels of the mask; half-open: `right` and `bottom` are the first that do not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rect {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

/// What part of the picture the canvas shows: the canvas pixels of an image pixel, and where the image's corner is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Viewport {
    pub zoom: f32,
    pub origin: ViewPoint,
}

impl ImagePoint {
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    #[must_use]
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

impl ViewPoint {
    #[must_use]
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }
}

impl Rect {
    #[must_use]
    pub const fn new(left: i32, top: i32, right: i32, bottom: i32) -> Self {
        Self {
            left,
            top,
            right,
            bottom,
        }
    }

    /// All of a mask.
    #[must_use]
    pub fn of(pixels: Pixels) -> Self {
        let edge = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        Self::new(0, 0, edge(pixels.width), edge(pixels.height))
    }

    #[must_use]
    pub fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// 0 where it is empty.
    #[must_use]
    pub fn width(self) -> u32 {
        if self.is_empty() {
            0
        } else {
            self.right.abs_diff(self.left)
        }
    }

    /// 0 where it is empty.
    #[must_use]
    pub fn height(self) -> u32 {
        if self.is_empty() {
            0
        } else {
            self.bottom.abs_diff(self.top)
        }
    }

    /// What both have; empty where they do not meet.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    /// The smallest that holds both; an empty one adds nothing.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() {
            other
        } else if other.is_empty() {
            self
        } else {
            Self {
                left: self.left.min(other.left),
                top: self.top.min(other.top),
                right: self.right.max(other.right),
                bottom: self.bottom.max(other.bottom),
            }
        }
    }

    /// The part inside a mask of this size.
    #[must_use]
    pub fn clipped(self, pixels: Pixels) -> Self {
        self.intersection(Self::of(pixels))
    }

    /// `None` where it is empty.
    #[must_use]
    pub fn some(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }
}

impl Default for Viewport {
    fn default() -> Self {
        Self {
            zoom: 1.0,
            origin: ViewPoint::default(),
        }
    }
}

impl Viewport {
    pub const MIN_ZOOM: f32 = 0.1;
    pub const MAX_ZOOM: f32 = 32.0;

    #[must_use]
    pub fn image_from_view(self, at: ViewPoint) -> ImagePoint {
        ImagePoint {
            x: (at.x - self.origin.x) / self.zoom,
            y: (at.y - self.origin.y) / self.zoom,
        }
    }

    #[must_use]
    pub fn view_from_image(self, at: ImagePoint) -> ViewPoint {
        ViewPoint {
            x: at.x.mul_add(self.zoom, self.origin.x),
            y: at.y.mul_add(self.zoom, self.origin.y),
        }
    }

    /// Nearer by `factor`, within 0.1 to 32; what is under `at` stays there.
    #[must_use]
    pub fn zoomed_at(self, at: ViewPoint, factor: f32) -> Self {
        if !factor.is_finite() {
            return self;
        }
        self.zoomed_to(at, self.zoom * factor)
    }

    /// The same, to so many canvas pixels of an image pixel.
    #[must_use]
    pub fn zoomed_to(self, at: ViewPoint, zoom: f32) -> Self {
        let zoom = zoom.clamp(Self::MIN_ZOOM, Self::MAX_ZOOM);
        let still = self.image_from_view(at);
        Self {
            zoom,
            origin: ViewPoint {
                x: still.x.mul_add(-zoom, at.x),
                y: still.y.mul_add(-zoom, at.y),
            },
        }
    }

    /// Moved by canvas pixels.
    #[must_use]
    pub fn panned(self, dx: f32, dy: f32) -> Self {
        Self {
            zoom: self.zoom,
            origin: ViewPoint::new(self.origin.x + dx, self.origin.y + dy),
        }
    }

    /// All of the picture, in the middle of a canvas of so many pixels.
    #[must_use]
    pub fn fitted(picture: Pixels, view_width: f32, view_height: f32) -> Self {
        let (width, height) = (picture.width.max(1) as f32, picture.height.max(1) as f32);
        let zoom = (view_width / width).min(view_height / height);
        Self::centred(zoom, (width, height), (view_width, view_height))
    }

    /// One canvas pixel for each pixel, with the middle of the picture in the middle of the canvas.
    #[must_use]
    pub fn at_actual_size(picture: Pixels, view_width: f32, view_height: f32) -> Self {
        let size = (picture.width as f32, picture.height as f32);
        Self::centred(1.0, size, (view_width, view_height))
    }

    fn centred(zoom: f32, picture: (f32, f32), view: (f32, f32)) -> Self {
        let zoom = zoom.clamp(Self::MIN_ZOOM, Self::MAX_ZOOM);
        Self {
            zoom,
            origin: ViewPoint {
                x: picture.0.mul_add(-zoom, view.0) / 2.0,
                y: picture.1.mul_add(-zoom, view.1) / 2.0,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rectangles_meet_and_join() {
        let (one, other) = (Rect::new(0, 0, 4, 4), Rect::new(2, 3, 9, 5));
        assert_eq!(one.intersection(other), Rect::new(2, 3, 4, 4));
        assert_eq!(one.union(other), Rect::new(0, 0, 9, 5));
        assert!(one.intersection(Rect::new(4, 0, 6, 4)).is_empty());
        assert_eq!(one.union(Rect::new(9, 9, 9, 9)), one);
        let cut = Rect::new(-3, 1, 90, 90).clipped(Pixels::new(8, 2));
        assert_eq!(
            (cut, cut.width(), cut.height()),
            (Rect::new(0, 1, 8, 2), 8, 1)
        );
        assert_eq!(Rect::new(5, 5, 2, 9).width(), 0);
    }

    #[test]
    fn the_picture_is_fitted_and_centred() {
        let wide = Viewport::fitted(Pixels::new(2000, 1000), 1000.0, 800.0);
        assert_eq!((wide.zoom, wide.origin), (0.5, ViewPoint::new(0.0, 150.0)));
        let actual = Viewport::at_actual_size(Pixels::new(400, 100), 1000.0, 800.0);
        assert_eq!(
            (actual.zoom, actual.origin),
            (1.0, ViewPoint::new(300.0, 350.0))
        );
        assert_eq!(Viewport::fitted(Pixels::new(0, 0), 10.0, 10.0).zoom, 10.0);
    }

    #[test]
    fn what_is_under_a_point_is_magnified_there() {
        let (middle, before) = (
            ViewPoint::new(50.0, 40.0),
            Viewport::default().panned(9.0, 3.0),
        );
        for zoom in [2.0, 4.0, 8.0] {
            let after = before.zoomed_to(middle, zoom);
            assert_eq!(after.zoom, zoom);
            let (was, is) = [before, after]
                .map(|view| view.image_from_view(middle))
                .into();
            assert!(was.distance(is) < 0.01, "{zoom}: {was:?}, {is:?}");
        }
        assert_eq!(before.zoomed_to(middle, 99.0).zoom, Viewport::MAX_ZOOM);
    }

    proptest! {
        #[test]
        fn there_and_back(zoom in 0.1_f32..32.0, dx in -4e3_f32..4e3, dy in -4e3_f32..4e3, x in -50_f32..5e3, y in -50_f32..5e3) {
            let viewport = Viewport { zoom, origin: ViewPoint::new(dx, dy) };
            let at = ViewPoint::new(x, y);
            let back = viewport.view_from_image(viewport.image_from_view(at));
            prop_assert!((back.x - x).abs() < 0.01 && (back.y - y).abs() < 0.01);
        }

        #[test]
        fn what_is_under_the_pointer_stays(zoom in 0.1_f32..32.0, factor in 0.01_f32..100.0, x in 0_f32..2e3, y in 0_f32..2e3) {
            let at = ViewPoint::new(x, y);
            let before = Viewport { zoom, origin: ViewPoint::new(30.0, -70.0) };
            let after = before.zoomed_at(at, factor);
            prop_assert!((Viewport::MIN_ZOOM..=Viewport::MAX_ZOOM).contains(&after.zoom));
            let moved = after.view_from_image(before.image_from_view(at));
            prop_assert!((moved.x - x).abs() < 0.05 && (moved.y - y).abs() < 0.05);
        }
    }
}
