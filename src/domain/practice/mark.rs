//! The word PRACTICE in a corner, so that no drawn picture passes for a model's.

use super::colour::Ink;
use super::pen::Pen;
use super::shape::Placed;

/// Letters as strokes on a grid of 4 by 6, two digits a point, strokes apart by spaces.
const WORD: [&str; 8] = [
    "0600304142330303",
    "0600304142330303 2346",
    "06204620 1434",
    "4130100105163645",
    "0040 2026",
    "2026",
    "4130100105163645",
    "4000064646 0333",
];

/// The height of the letters in pixels: legible at 256 pixels, modest at 4K.
fn letter_height(short_edge: f32) -> f32 {
    (short_edge * 0.022).max(9.0)
}

/// Draws the mark into the lower right corner.
pub(super) fn practice(shapes: &mut Vec<Placed>, width: f32, height: f32) {
    let tall = letter_height(width.min(height));
    let grid = tall / 6.0;
    let (step, margin) = (grid * 6.2, tall * 1.1);
    let advance = |letter: &str| if letter == "2026" { 0.5 } else { 1.0 };
    let wide = WORD.iter().map(|letter| advance(letter)).sum::<f32>() * step - grid * 2.0;
    let (pad_x, pad_y) = (tall * 0.95, tall * 0.75);
    let left = width - margin - pad_x - wide;
    let top = height - margin - pad_y - tall;
    let mut pen = Pen::new(shapes, left, top, 1.0);
    pen.block(
        [wide / 2.0, tall / 2.0],
        [wide / 2.0 + pad_x, tall / 2.0 + pad_y],
        tall / 2.0 + pad_y,
        Ink::from(0x1B_2030).at(0.56),
    );
    let mut x = 0.0;
    for letter in WORD {
        // A narrow letter stands in the middle of the grid: pull it to its own left edge.
        let inset = if letter == "2026" { 1.5 } else { 0.0 };
        for stroke in letter.split(' ') {
            let points: Vec<[f32; 2]> = stroke
                .as_bytes()
                .chunks_exact(2)
                .map(|at| {
                    [
                        x + (f32::from(at[0] - b'0') - inset) * grid,
                        f32::from(at[1] - b'0') * grid,
                    ]
                })
                .collect();
            pen.path(
                &points,
                (grid * 0.52).max(0.8),
                Ink::from(0xFF_FFFF).at(0.96),
            );
        }
        x += advance(letter) * step;
    }
}
