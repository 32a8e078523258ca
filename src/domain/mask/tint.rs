//! A mask as it is shown over its picture: a tint, in the pixels of the canvas.

use std::ops::Range;

use super::geometry::Viewport;
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
}
