//! What lies under the drawn things: nothing, a person's own picture, or a sketch that is enlarged; and the mask.

use super::{Raster, Scene};
use crate::domain::practice::colour::channels;
use crate::domain::practice::shape::blend;
use crate::domain::size::Pixels;

/// A rectangle in pixels: left, top, width, height.
pub(super) type Frame = [f32; 4];

/// The ground of a picture and where it may be drawn on.
pub(super) struct Source<'a> {
    base: Base<'a>,
    mask: Option<Mask<'a>>,
    pixels: Pixels,
    /// Where the things go.
    frame: Frame,
    transparent: bool,
}

enum Base<'a> {
    Empty,
    Canvas(&'a Raster),
    Sketch(Raster),
}

/// The mask, and the colours around its hole, from which the hole is filled.
struct Mask<'a> {
    raster: &'a Raster,
    /// Colours left, right, above and below of the hole.
    around: [Vec<[u8; 4]>; 4],
    /// The hole is the whole picture: nothing is around it.
    whole: bool,
}

impl<'a> Source<'a> {
    pub(super) fn of(scene: &Scene<'a>) -> Self {
        let pixels = scene.pixels;
        let whole = [0.0, 0.0, pixels.width as f32, pixels.height as f32];
        let mut source = Self {
            base: scene
                .inputs
                .first()
                .filter(|input| is_sound(input))
                .map_or(Base::Empty, Base::Canvas),
            mask: None,
            pixels,
            frame: whole,
            transparent: scene.transparent,
        };
        if let (Base::Canvas(_), Some(raster)) =
            (&source.base, scene.mask.filter(|mask| is_sound(mask)))
        {
            source.set_mask(raster);
        }
        source
    }

    /// A small picture, enlarged.
    pub(super) fn sketch(sketch: Raster, pixels: Pixels) -> Self {
        Self {
            base: Base::Sketch(sketch),
            mask: None,
            pixels,
            frame: [0.0; 4],
            transparent: true,
        }
    }

    pub(super) fn frame(&self) -> Backing {
        Backing {
            frame: self.frame,
            scenery: match (&self.base, &self.mask) {
                (Base::Empty, _) => true,
                (_, Some(mask)) => mask.whole,
                _ => false,
            },
            masked: self.mask.is_some(),
        }
    }

    fn set_mask(&mut self, raster: &'a Raster) {
        let Some([left, top, right, bottom]) = self.hole(raster) else {
            self.frame = [0.0; 4];
            self.mask = Some(Mask {
                raster,
                around: Default::default(),
                whole: false,
            });
            return;
        };
        self.frame = [
            left as f32,
            top as f32,
            (right - left) as f32,
            (bottom - top) as f32,
        ];
        let Pixels { width, height } = self.pixels;
        let line = |from: u32, to: u32, at: &dyn Fn(u32) -> (u32, u32)| -> Vec<[u8; 4]> {
            let raw: Vec<_> = (from..to)
                .map(at)
                .map(|(x, y)| self.canvas_at(x, y))
                .collect();
            smoothed(&raw)
        };
        let around = [
            line(top, bottom, &|y| (left.saturating_sub(3), y)),
            line(top, bottom, &|y| ((right + 2).min(width - 1), y)),
            line(left, right, &|x| (x, top.saturating_sub(3))),
            line(left, right, &|x| (x, (bottom + 2).min(height - 1))),
        ];
        let whole = left == 0 && top == 0 && right == width && bottom == height && {
            let corners = [
                (0, 0),
                (width - 1, 0),
                (0, height - 1),
                (width - 1, height - 1),
            ];
            corners
                .into_iter()
                .all(|(x, y)| self.openness(raster, x, y) == 255)
        };
        self.mask = Some(Mask {
            raster,
            around,
            whole,
        });
    }

    /// Left, top, right and bottom of where the mask is open, in pixels of the picture.
    fn hole(&self, mask: &Raster) -> Option<[u32; 4]> {
        let step = (self.pixels.short_edge() / 512).max(1);
        let mut hole: Option<[u32; 4]> = None;
        for y in (0..self.pixels.height).step_by(step as usize) {
            for x in (0..self.pixels.width).step_by(step as usize) {
                if self.openness(mask, x, y) > 127 {
                    let [left, top, right, bottom] = hole.unwrap_or([x, y, x, y]);
                    hole = Some([
                        left.min(x),
                        top.min(y),
                        right.max(x + step),
                        bottom.max(y + step),
                    ]);
                }
            }
        }
        hole.map(|[left, top, right, bottom]| {
            [
                left,
                top,
                right.min(self.pixels.width),
                bottom.min(self.pixels.height),
            ]
        })
    }

    /// How far the mask is open at a pixel: 255 where its alpha is 0.
    fn openness(&self, mask: &Raster, x: u32, y: u32) -> u8 {
        let [from_x, from_y, scale] = covering(mask.pixels, self.pixels);
        255 - sample(
            mask,
            (x as f32 + 0.5) * scale + from_x,
            (y as f32 + 0.5) * scale + from_y,
        )[3]
    }

    fn canvas_at(&self, x: u32, y: u32) -> [u8; 4] {
        let Base::Canvas(canvas) = &self.base else {
            return [0; 4];
        };
        let [from_x, from_y, scale] = covering(canvas.pixels, self.pixels);
        let mut pixel = averaged(
            canvas,
            (x as f32 + 0.5) * scale + from_x,
            (y as f32 + 0.5) * scale + from_y,
            scale,
        );
        if !self.transparent && pixel[3] < 255 {
            let mut white = [255; 4];
            blend(
                &mut white,
                [pixel[0], pixel[1], pixel[2]],
                f32::from(pixel[3]) / 255.0,
            );
            pixel = white;
        }
        pixel
    }

    /// Lays the row of the base.
    pub(super) fn lay_row(&self, row: &mut [u8], y: u32) {
        let pixels = row.as_chunks_mut::<4>().0.iter_mut().zip(0..);
        match &self.base {
            Base::Empty => {}
            Base::Canvas(_) => pixels.for_each(|(pixel, x)| *pixel = self.canvas_at(x, y)),
            Base::Sketch(sketch) => {
                let across = sketch.pixels.width as f32 / self.pixels.width as f32;
                let down = sketch.pixels.height as f32 / self.pixels.height as f32;
                let y = (y as f32 + 0.5) * down;
                pixels.for_each(|(pixel, x): (_, u32)| {
                    *pixel = sample(sketch, (x as f32 + 0.5) * across, y);
                });
            }
        }
    }

    /// Clears the row for drawing: the hole is filled from its edges; without a mask the canvas is tinted.
    pub(super) fn clear_row(&self, row: &mut [u8], y: u32) {
        let pixels = row.as_chunks_mut::<4>().0;
        match (&self.base, &self.mask) {
            (Base::Canvas(_), None) => {
                let tint = channels(0xFF_E2B8);
                for pixel in pixels.iter_mut().filter(|pixel| pixel[3] > 0) {
                    let alpha = pixel[3];
                    blend(pixel, tint, 0.22);
                    pixel[3] = alpha;
                }
            }
            (Base::Canvas(_), Some(mask)) => {
                let [left, top, width, height] = self.frame.map(|length| length as usize);
                if let Some(line) = (y as usize).checked_sub(top).filter(|line| *line < height) {
                    let hole = &mut pixels[left..left + width];
                    for (x, pixel) in hole.iter_mut().enumerate() {
                        *pixel = mask.filled(x, line, width, height);
                    }
                }
            }
            _ => {}
        }
    }

    /// Takes from the freshly drawn row what the mask leaves open.
    pub(super) fn take_row(&self, row: &mut [u8], fresh: &[u8], y: u32) {
        let Some(mask) = &self.mask else {
            row.copy_from_slice(fresh);
            return;
        };
        let rows = row
            .as_chunks_mut::<4>()
            .0
            .iter_mut()
            .zip(fresh.as_chunks::<4>().0);
        for (x, (pixel, new)) in (0..).zip(rows) {
            match self.openness(mask.raster, x, y) {
                0 => {}
                255 => *pixel = *new,
                open => {
                    for (old, new) in pixel.iter_mut().zip(new) {
                        let blended = u32::from(*old) * (255 - u32::from(open))
                            + u32::from(*new) * u32::from(open);
                        *old = ((blended + 127) / 255) as u8;
                    }
                }
            }
        }
    }
}

/// Where the things of a scene go, and whether sky and ground are drawn behind them.
pub(super) struct Backing {
    pub(super) frame: Frame,
    pub(super) scenery: bool,
    pub(super) masked: bool,
}

impl Mask<'_> {
    /// The colour of a pixel of the hole: the nearer an edge, the more of the colour beyond it.
    fn filled(&self, x: usize, y: usize, width: usize, height: usize) -> [u8; 4] {
        let [left, right, above, below] = &self.around;
        let edges = [
            (left.get(y), x + 1),
            (right.get(y), width - x),
            (above.get(x), y + 1),
            (below.get(x), height - y),
        ];
        let (mut sums, mut total) = ([0.0_f32; 4], 0.0_f32);
        for (colour, distance) in edges {
            let weight = 1.0 / distance as f32;
            total += weight;
            for (sum, channel) in sums.iter_mut().zip(colour.copied().unwrap_or_default()) {
                *sum += f32::from(channel) * weight;
            }
        }
        sums.map(|sum| (sum / total + 0.5) as u8)
    }
}

/// Running means over a twelfth of the line, so that filling leaves no streaks.
fn smoothed(line: &[[u8; 4]]) -> Vec<[u8; 4]> {
    let reach = line.len() / 24 + 2;
    (0..line.len())
        .map(|at| {
            let near = &line[at.saturating_sub(reach)..(at + reach + 1).min(line.len())];
            let step = (near.len() / 16).max(1);
            let count = near.iter().step_by(step).count() as u32;
            [0, 1, 2, 3].map(|channel| {
                let sum: u32 = near
                    .iter()
                    .step_by(step)
                    .map(|pixel| u32::from(pixel[channel]))
                    .sum();
                (sum / count.max(1)) as u8
            })
        })
        .collect()
}

fn is_sound(raster: &Raster) -> bool {
    raster.pixels.short_edge() > 0 && raster.rgba.len() as u64 == raster.pixels.count() * 4
}

/// How a picture covers a size, cut off evenly where the shapes differ: its offset, and its pixels per pixel.
fn covering(from: Pixels, to: Pixels) -> [f32; 3] {
    let [width, height] = [from.width as f32, from.height as f32];
    let scale = (width / to.width as f32).min(height / to.height as f32);
    [
        (width - to.width as f32 * scale) / 2.0,
        (height - to.height as f32 * scale) / 2.0,
        scale,
    ]
}

/// A pixel between pixels; whole positions give the pixel itself.
fn sample(raster: &Raster, x: f32, y: f32) -> [u8; 4] {
    let (x, y) = ((x - 0.5).max(0.0), (y - 0.5).max(0.0));
    let (column, line) = (x as u32, y as u32);
    let (right, down) = (x - column as f32, y - line as f32);
    let here = pixel(raster, column, line);
    if right < 1e-3 && down < 1e-3 {
        return here;
    }
    let others = [
        pixel(raster, column + 1, line),
        pixel(raster, column, line + 1),
        pixel(raster, column + 1, line + 1),
    ];
    let weights = [
        (1.0 - right) * (1.0 - down),
        right * (1.0 - down),
        (1.0 - right) * down,
        right * down,
    ];
    [0, 1, 2, 3].map(|channel| {
        let first = f32::from(here[channel]) * weights[0];
        let rest = others
            .iter()
            .zip(&weights[1..])
            .map(|(other, weight)| f32::from(other[channel]) * weight);
        (first + rest.sum::<f32>() + 0.5) as u8
    })
}

/// The same over up to 16 places, where a picture is made smaller.
fn averaged(raster: &Raster, x: f32, y: f32, scale: f32) -> [u8; 4] {
    if scale <= 1.5 {
        return sample(raster, x, y);
    }
    let mut sums = [0_u32; 4];
    for tap in 0..16_u32 {
        let offset = |step: u32| ((step as f32 + 0.5) / 4.0 - 0.5) * scale;
        let taken = sample(raster, x + offset(tap % 4), y + offset(tap / 4));
        for (sum, channel) in sums.iter_mut().zip(taken) {
            *sum += u32::from(channel);
        }
    }
    sums.map(|sum| (sum / 16) as u8)
}

fn pixel(raster: &Raster, x: u32, y: u32) -> [u8; 4] {
    let x = x.min(raster.pixels.width - 1) as usize;
    let y = y.min(raster.pixels.height - 1) as usize;
    let at = (y * raster.pixels.width as usize + x) * 4;
    match raster.rgba.get(at..at + 4) {
        Some(bytes) => [bytes[0], bytes[1], bytes[2], bytes[3]],
        None => [0; 4],
    }
}
