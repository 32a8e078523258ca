//! A mask as it is shown over its picture: a tint, in the pixels of the canvas.

use std::ops::Range;

use super::geometry::{ViewPoint, Viewport};
use super::raster::Mask;

/// How wide a stripe is, in canvas pixels.
const STRIPE: u32 = 6;

/// What the mask is painted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ink {
    /// Red, green and blue; two that differ make stripes.
    pub colours: [[u8; 3]; 2],
    /// In percent.
    pub opacity: u32,
}

/// The ring of a brush, in canvas pixels: dark with a light line in it, which is seen on any ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ring {
    pub at: ViewPoint,
    pub radius: f32,
}

impl Ring {
    /// Half of the width of the dark and of the light line.
    const DARK: f32 = 1.5;
    const LIGHT: f32 = 0.5;
    const DARKNESS: f32 = 0.75;
    /// How far from the radius there is something of it.
    pub const REACH: f32 = Self::DARK + 0.5;

    /// On what is there: a part of the canvas as of `Mask::tinted`.
    pub fn draw(self, columns: Range<u32>, rows: Range<u32>, rgba: &mut [u8]) {
        let width = columns.len();
        if width == 0 {
            return;
        }
        let lines = rgba.as_chunks_mut().0.chunks_exact_mut(width);
        let outer = self.radius + Self::REACH;
        let inner = (self.radius - Self::REACH).max(0.0);
        for (y, line) in rows.zip(lines) {
            let dy = y as f32 + 0.5 - self.at.y;
            let half = (outer * outer - dy * dy).max(0.0).sqrt();
            let hole = (inner * inner - dy * dy).max(0.0).sqrt();
            let place = |x: f32| {
                (x.max(0.0) as usize)
                    .saturating_sub(columns.start as usize)
                    .min(width)
            };
            let (from, to) = (place(self.at.x - half), place(self.at.x + half + 1.0));
            let (left, right) = (place(self.at.x - hole + 1.0), place(self.at.x + hole));
            for range in [
                from..left.clamp(from, to),
                right.clamp(left.clamp(from, to), to)..to,
            ] {
                for (x, pixel) in range.clone().zip(&mut line[range]) {
                    let dx = (columns.start as usize + x) as f32 + 0.5 - self.at.x;
                    self.ink(dx.mul_add(dx, dy * dy).sqrt(), pixel);
                }
            }
        }
    }

    fn ink(self, distance: f32, pixel: &mut [u8; 4]) {
        let off = (distance - self.radius).abs();
        let covers = |half: f32| (half + 0.5 - off).clamp(0.0, 1.0);
        let (dark, light) = (covers(Self::DARK) * Self::DARKNESS, covers(Self::LIGHT));
        // Each over what is below it, not multiplied by alpha.
        for (value, share) in [(0.0, dark), (255.0, light)] {
            let [.., alpha] = *pixel;
            let below = f32::from(alpha) / 255.0 * (1.0 - share);
            let all = share + below;
            if share > 0.0 {
                let mixed =
                    |under: u8| ((value * share + f32::from(under) * below) / all + 0.5) as u8;
                let [red, green, blue, _] = *pixel;
                *pixel = [
                    mixed(red),
                    mixed(green),
                    mixed(blue),
                    (all * 255.0 + 0.5) as u8,
                ];
            }
        }
    }
}

impl Mask {
    /// A part of the canvas, row by row, four bytes for each of its pixels; nothing is seen where nothing is masked.
    #[must_use]
    pub fn tinted(
        &self,
        view: Viewport,
        columns: Range<u32>,
        rows: Range<u32>,
        ink: Ink,
    ) -> Vec<u8> {
        // Points rather than areas: at the size on screen the difference is not seen, and it costs a tenth.
        let place = |at: u32, origin: f32| ((at as f32 + 0.5 - origin) / view.zoom).floor() as i32;
        let places: Vec<i32> = columns.clone().map(|x| place(x, view.origin.x)).collect();
        let mut rgba = vec![0; places.len() * rows.len() * 4];
        let mut pixels = rgba.as_chunks_mut().0.iter_mut();
        for y in rows {
            let row = place(y, view.origin.y);
            let inked = (columns.start + y..).zip(&places).zip(&mut pixels);
            for ((stripe, x), pixel) in inked {
                let [red, green, blue] = ink.colours[(stripe / STRIPE % 2) as usize];
                let alpha = u32::from(self.coverage(*x, row)) * ink.opacity / 100;
                *pixel = [red, green, blue, alpha as u8];
            }
        }
        rgba
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pixels;
    use crate::geometry::ViewPoint;

    #[test]
    fn each_pixel_of_the_canvas_shows_what_is_under_its_middle() {
        let mut mask = Mask::new(Pixels::new(4, 4));
        mask.set_block(0, std::array::from_fn(|at| [0, 100, 200, 255][at % 4]));
        let view = Viewport {
            zoom: 0.5,
            origin: ViewPoint::new(1.0, 0.0),
        };
        let ink = Ink {
            colours: [[1, 2, 3], [4, 5, 6]],
            opacity: 50,
        };
        let shown = mask.tinted(view, 0..5, 1..3, ink);
        let alpha: Vec<u8> = shown.iter().skip(3).step_by(4).copied().collect();
        assert_eq!(alpha, [0, 50, 127, 0, 0, 0, 0, 0, 0, 0]);
        let red: Vec<u8> = shown.iter().step_by(4).copied().collect();
        assert_eq!(red, [1, 1, 1, 1, 1, 1, 1, 1, 1, 4]);
    }

    #[test]
    fn a_ring_is_dark_with_a_light_line() {
        let at = ViewPoint::new(20.5, 12.5);
        let mut rgba = vec![0; 30 * 20 * 4];
        Ring { at, radius: 8.0 }.draw(5..35, 3..23, &mut rgba);
        let pixel = |x: usize, y: usize| {
            let at = ((y - 3) * 30 + x - 5) * 4;
            [rgba[at], rgba[at + 3]]
        };
        for (x, y) in [(12, 12), (28, 12), (20, 4), (20, 20)] {
            assert_eq!(pixel(x, y), [255, 255], "{x} {y}");
        }
        // Beside the line it is dark, and nothing is in the middle and outside.
        assert_eq!([pixel(11, 12), pixel(13, 12)], [[0, 191]; 2]);
        assert_eq!([pixel(20, 12), pixel(8, 12), pixel(31, 19)], [[0, 0]; 3]);
        // As it would be if each pixel were looked at.
        let mut all = vec![[0_u8; 4]; 30 * 20];
        for (at, pixel) in all.iter_mut().enumerate() {
            let (x, y) = ((at % 30 + 5) as f32 + 0.5, (at / 30 + 3) as f32 + 0.5);
            Ring {
                at: ViewPoint::new(20.5, 12.5),
                radius: 8.0,
            }
            .ink((x - 20.5).hypot(y - 12.5), pixel);
        }
        assert_eq!(all.as_flattened(), rgba);
        // One that is cut off by the edge, and one smaller than its line.
        let mut part = vec![0; 10 * 20 * 4];
        Ring { at, radius: 8.0 }.draw(5..15, 3..23, &mut part);
        assert_eq!(part[..40], rgba[..40]);
        let mut dot = vec![0; 30 * 20 * 4];
        Ring { at, radius: 1.0 }.draw(5..35, 3..23, &mut dot);
        assert!(dot.iter().any(|value| *value > 0));
    }
}
