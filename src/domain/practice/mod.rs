//! The practice provider's pictures: drawn from the words of a prompt, without a network, and marked as practice.

mod colour;
mod compose;
mod mark;
mod noise;
mod pen;
mod scenery;
mod shape;
mod source;
mod things;
mod words;

use crate::domain::size::Pixels;
use shape::Placed;
use source::Source;

/// What is to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub prompt: &'a str,
    /// Size of the picture.
    pub pixels: Pixels,
    /// No sky, no ground: the things alone.
    pub transparent: bool,
    /// Which of several pictures of one request: each is a little different.
    pub index: u32,
    pub stage: Stage,
    /// Pictures that came with the prompt; the first is the canvas.
    pub inputs: &'a [Raster],
    /// Where its alpha is 0 the canvas is drawn anew, elsewhere it stays as it is.
    pub mask: Option<&'a Raster>,
}

/// How far a picture has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Partial preview `index` (from 0) of `of`: blurred, less so each time.
    Preview { index: u32, of: u32 },
    #[default]
    Final,
}

/// Rows of RGBA, four bytes a pixel, from the top left; colours are not multiplied by alpha.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    pub pixels: Pixels,
    pub rgba: Vec<u8>,
}

/// A picture that is being drawn, some rows at a time.
pub struct Drawing<'a> {
    pixels: Pixels,
    rgba: Vec<u8>,
    /// The next row.
    row: u32,
    source: Source<'a>,
    shapes: Vec<Placed>,
    mark: Vec<Placed>,
}

/// Draws a whole picture at once. The same scene always gives the same picture.
#[must_use]
pub fn draw(scene: &Scene<'_>) -> Raster {
    let mut drawing = Drawing::new(scene);
    drawing.rows(scene.pixels.height);
    drawing.into_raster()
}

impl<'a> Drawing<'a> {
    /// Prepares a picture; no row is drawn yet.
    #[must_use]
    pub fn new(scene: &Scene<'a>) -> Self {
        let Pixels { width, height } = scene.pixels;
        let mut mark = Vec::new();
        mark::practice(&mut mark, width as f32, height as f32);
        let (source, shapes) = match scene.stage {
            Stage::Preview { index, of } => {
                let sketch = draw_sketch(scene, index, of);
                (Source::sketch(sketch, scene.pixels), Vec::new())
            }
            Stage::Final => {
                let source = Source::of(scene);
                let shapes = compose::shapes(scene, source.frame());
                (source, shapes)
            }
        };
        Self {
            pixels: scene.pixels,
            rgba: Vec::with_capacity(width as usize * height as usize * 4),
            row: 0,
            source,
            shapes,
            mark,
        }
    }

    /// Draws up to `count` more rows; true when the picture is finished. 16 rows of 3840 pixels take a few milliseconds.
    pub fn rows(&mut self, count: u32) -> bool {
        let width = self.pixels.width as usize * 4;
        let end = self.row.saturating_add(count).min(self.pixels.height);
        let mut fresh = vec![0; width];
        for y in self.row..end {
            let start = self.rgba.len();
            self.rgba.resize(start + width, 0);
            let row = &mut self.rgba[start..];
            self.source.lay_row(row, y);
            fresh.copy_from_slice(row);
            self.source.clear_row(&mut fresh, y);
            for shape in &self.shapes {
                shape.paint_row(&mut fresh, y);
            }
            self.source.take_row(row, &fresh, y);
            for shape in &self.mark {
                shape.paint_row(row, y);
            }
        }
        self.row = end;
        end == self.pixels.height
    }

    /// The picture; rows that were not drawn are transparent.
    #[must_use]
    pub fn into_raster(mut self) -> Raster {
        let whole = self.pixels.width as usize * self.pixels.height as usize * 4;
        self.rgba.resize(whole, 0);
        Raster {
            pixels: self.pixels,
            rgba: self.rgba,
        }
    }
}

/// The whole scene at a small size: enlarged, it is a blurred preview.
fn draw_sketch(scene: &Scene<'_>, index: u32, of: u32) -> Raster {
    let share = (index + 1) as f32 / (of.max(index + 1) + 1) as f32;
    let cells = 8.0 + 100.0 * share * share;
    let scale = (cells / scene.pixels.short_edge().max(1) as f32).min(1.0);
    let edge = |length: u32| ((length as f32 * scale) as u32).max(1);
    let small = Scene {
        pixels: Pixels::new(edge(scene.pixels.width), edge(scene.pixels.height)),
        stage: Stage::Final,
        ..*scene
    };
    let mut drawing = Drawing::new(&small);
    drawing.mark.clear();
    drawing.rows(small.pixels.height);
    drawing.into_raster()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scene(prompt: &str, pixels: Pixels) -> Scene<'_> {
        Scene {
            prompt,
            pixels,
            transparent: false,
            index: 0,
            stage: Stage::Final,
            inputs: &[],
            mask: None,
        }
    }

    fn plain(pixels: Pixels, colour: [u8; 4]) -> Raster {
        Raster {
            pixels,
            rgba: colour.repeat(pixels.count() as usize),
        }
    }

    const SMALL: Pixels = Pixels::new(96, 64);

    #[test]
    fn a_picture_is_the_same_each_time_and_by_rows() {
        let scene = scene("a cat and a moon", SMALL);
        let whole = draw(&scene);
        let mut drawing = Drawing::new(&scene);
        while !drawing.rows(7) {}
        assert_eq!(drawing.into_raster(), whole);
        assert!(
            whole
                .rgba
                .iter()
                .skip(3)
                .step_by(4)
                .all(|alpha| *alpha == 255)
        );
    }

    #[test]
    fn pictures_of_one_request_differ_and_previews_come_nearer() {
        let first = scene("a house", Pixels::new(300, 200));
        let last = draw(&first);
        assert_ne!(last, draw(&Scene { index: 1, ..first }));
        let gap = |index| {
            let stage = Stage::Preview { index, of: 3 };
            let preview = draw(&Scene { stage, ..first });
            let gaps = preview.rgba.iter().zip(&last.rgba);
            gaps.map(|(a, b)| u64::from(a.abs_diff(*b))).sum::<u64>()
        };
        assert!(gap(0) > gap(1) && gap(1) > gap(2) && gap(2) > 0);
    }

    #[test]
    fn transparent_pictures_have_no_surroundings() {
        let picture = draw(&Scene {
            transparent: true,
            ..scene("a forest by the sea", SMALL)
        });
        assert_eq!(picture.rgba[3], 0);
        assert!(
            picture
                .rgba
                .iter()
                .skip(3)
                .step_by(4)
                .any(|alpha| *alpha == 255)
        );
    }

    #[test]
    fn a_mask_keeps_what_it_covers() {
        let pixels = Pixels::new(64, 64);
        let canvas = [plain(pixels, [10, 200, 30, 255])];
        let mut mask = plain(pixels, [0, 0, 0, 255]);
        for y in 10..30 {
            for x in 5..25 {
                mask.rgba[(y * 64 + x) * 4 + 3] = 0;
            }
        }
        let picture = draw(&Scene {
            inputs: &canvas,
            mask: Some(&mask),
            ..scene("a red heart", pixels)
        });
        let changed =
            |x: usize, y: usize| picture.rgba[(y * 64 + x) * 4..][..4] != canvas[0].rgba[..4];
        let inside = (10..30).any(|y| (5..25).any(|x| changed(x, y)));
        // Above the mark.
        let outside = (0..30).any(|y| (25..64).any(|x| changed(x, y)));
        assert!(inside && !outside);
    }

    #[test]
    fn any_scene_is_drawn() {
        let odd = Raster {
            pixels: SMALL,
            rgba: vec![1, 2, 3],
        };
        let inputs = [odd.clone()];
        for pixels in [
            Pixels::new(0, 0),
            Pixels::new(1, 1),
            Pixels::new(48, 1),
            Pixels::new(3, 90),
        ] {
            for prompt in [
                "",
                "sea sun city cat",
                "fish",
                "rocket",
                "cup",
                "rain forest mountain",
            ] {
                for inputs in [&[][..], &inputs, &[plain(Pixels::new(2, 3), [9; 4])]] {
                    for stage in [Stage::Final, Stage::Preview { index: 5, of: 0 }] {
                        let mask = Some(&odd);
                        let picture = draw(&Scene {
                            inputs,
                            mask,
                            stage,
                            ..scene(prompt, pixels)
                        });
                        assert_eq!(picture.rgba.len() as u64, pixels.count() * 4);
                    }
                }
            }
        }
    }
}
