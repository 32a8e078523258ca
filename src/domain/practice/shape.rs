//! Shapes by their signed distance in pixels, painted row by row with smooth edges.

use super::colour::{Ink, channels};
use super::noise::sine;

/// A shape in pixels, and what fills it.
pub(super) struct Shape {
    pub(super) form: Form,
    pub(super) x: f32,
    pub(super) y: f32,
    /// Sine and cosine of its turn.
    pub(super) turn: [f32; 2],
    pub(super) ink: Ink,
    /// Width of the edge in pixels: 1 is crisp.
    pub(super) edge: f32,
}

/// Outlines around the origin; lengths in pixels.
pub(super) enum Form {
    Oval {
        rx: f32,
        ry: f32,
    },
    Block {
        half_width: f32,
        half_height: f32,
        round: f32,
    },
    Polygon {
        corners: Vec<[f32; 2]>,
        round: f32,
    },
    Line {
        to: [f32; 2],
        half_width: f32,
    },
    /// A bow that opens downwards, `reach` being sine and cosine of its half angle.
    Arc {
        radius: f32,
        half_width: f32,
        reach: [f32; 2],
    },
    /// The upper half of a disc.
    Dome {
        radius: f32,
    },
    /// A disc from which another is bitten.
    Crescent {
        radius: f32,
        bite: [f32; 3],
    },
    /// Everything below a wavy line; its gradient ends `depth` below it.
    Ground {
        height: f32,
        length: f32,
        phase: f32,
        depth: f32,
    },
}

fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

impl Form {
    /// Distance from the outline: negative inside.
    fn distance(&self, x: f32, y: f32) -> f32 {
        match self {
            Self::Oval { rx, ry } => oval(x, y, *rx, *ry),
            Self::Block {
                half_width,
                half_height,
                round,
            } => {
                let (dx, dy) = (x.abs() - half_width + round, y.abs() - half_height + round);
                length(dx.max(0.0), dy.max(0.0)) + dx.max(dy).min(0.0) - round
            }
            Self::Polygon { corners, round } => polygon(x, y, corners) - round,
            Self::Line { to, half_width } => segment(x, y, *to) - half_width,
            Self::Arc {
                radius,
                half_width,
                reach: [sin, cos],
            } => {
                let (x, up) = (x.abs(), -y);
                let beyond = cos * x > sin * up;
                let gap = if beyond {
                    length(x - sin * radius, up - cos * radius)
                } else {
                    (length(x, up) - radius).abs()
                };
                gap - half_width
            }
            Self::Dome { radius } => (length(x, y) - radius).max(y),
            Self::Crescent {
                radius,
                bite: [bx, by, r],
            } => (length(x, y) - radius).max(r - length(x - bx, y - by)),
            Self::Ground {
                height,
                length,
                phase,
                ..
            } => {
                let at = x / length + phase;
                (height * (sine(at) + 0.4 * sine(at * 2.3 + 0.2)) - y) * 0.7
            }
        }
    }

    /// Left, top, right and bottom, seen from the centre, whatever the turn.
    fn bounds(&self) -> [f32; 4] {
        let around = |r: f32| [-r, -r, r, r];
        match self {
            Self::Oval { rx, ry } => around(rx.max(*ry)),
            Self::Block {
                half_width,
                half_height,
                ..
            } => around(length(*half_width, *half_height)),
            Self::Polygon { corners, round } => around(
                corners
                    .iter()
                    .map(|[x, y]| length(*x, *y))
                    .fold(0.0, f32::max)
                    + round,
            ),
            Self::Line { to, half_width } => [
                to[0].min(0.0) - half_width,
                to[1].min(0.0) - half_width,
                to[0].max(0.0) + half_width,
                to[1].max(0.0) + half_width,
            ],
            Self::Arc {
                radius, half_width, ..
            } => around(radius + half_width),
            Self::Dome { radius } | Self::Crescent { radius, .. } => around(*radius),
            Self::Ground { height, .. } => [-1e9, -1.4 * height.abs(), 1e9, 1e9],
        }
    }

    /// How many times faster than the true distance the measured one may grow.
    fn haste(&self) -> f32 {
        match self {
            Self::Oval { rx, ry } => 1.2 * rx.max(*ry) / rx.min(*ry).max(0.1),
            _ => 1.0,
        }
    }
}

fn oval(x: f32, y: f32, rx: f32, ry: f32) -> f32 {
    if rx == ry {
        return length(x, y) - rx;
    }
    let near = length(x / rx, y / ry);
    let slope = length(x / (rx * rx), y / (ry * ry));
    if slope < 1e-6 {
        -rx.min(ry)
    } else {
        near * (near - 1.0) / slope
    }
}

fn segment(x: f32, y: f32, [tx, ty]: [f32; 2]) -> f32 {
    let along = ((x * tx + y * ty) / (tx * tx + ty * ty).max(1e-6)).clamp(0.0, 1.0);
    length(x - tx * along, y - ty * along)
}

fn polygon(x: f32, y: f32, corners: &[[f32; 2]]) -> f32 {
    let Some(mut last) = corners.last().copied() else {
        return 1e9;
    };
    let (mut nearest, mut inside) = (1e9_f32, false);
    for &corner in corners {
        let to = [last[0] - corner[0], last[1] - corner[1]];
        nearest = nearest.min(segment(x - corner[0], y - corner[1], to));
        let crosses = (corner[1] > y) != (last[1] > y);
        if crosses && x < to[0] * (y - corner[1]) / to[1] + corner[0] {
            inside = !inside;
        }
        last = corner;
    }
    if inside { -nearest } else { nearest }
}

/// The shape with its reach on the page, so that rows beyond it cost nothing.
pub(super) struct Placed {
    shape: Shape,
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
    /// Over how many pixels its gradient runs.
    fade: f32,
    haste: f32,
}

impl From<Shape> for Placed {
    fn from(shape: Shape) -> Self {
        let margin = shape.edge / 2.0 + 1.0;
        let [left, top, right, bottom] = shape.form.bounds();
        Self {
            left: shape.x + left - margin,
            top: shape.y + top - margin,
            right: shape.x + right + margin,
            bottom: shape.y + bottom + margin,
            fade: match shape.form {
                Form::Ground { depth, .. } => depth,
                _ => bottom - top + margin,
            }
            .max(1.0),
            haste: shape.form.haste(),
            shape,
        }
    }
}

impl Placed {
    /// Paints the part of the shape that lies on row `y` of an RGBA picture. Long runs are stepped over by their distance.
    pub(super) fn paint_row(&self, row: &mut [u8], y: u32) {
        let middle = y as f32 + 0.5;
        let width = (row.len() / 4) as f32;
        if middle < self.top || middle > self.bottom || self.right < 0.0 || self.left > width {
            return;
        }
        let Shape { ink, edge, .. } = &self.shape;
        let height = (middle - self.top) / self.fade;
        let colour = channels(ink.colour(height));
        let end = self.right.min(width) as usize;
        let mut x = self.left.max(0.0) as usize;
        while x < end {
            let distance = self.distance(x as f32 + 0.5, middle);
            let clear = ((distance.abs() - edge / 2.0) / self.haste).max(0.0) as usize;
            let run = clear.clamp(1, end - x);
            let cover = cover(distance, *edge) * ink.alpha;
            if cover > 0.002 {
                for pixel in row[x * 4..(x + run) * 4].as_chunks_mut::<4>().0 {
                    blend(pixel, colour, cover);
                }
            }
            x += run;
        }
    }

    fn distance(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - self.shape.x, y - self.shape.y);
        let [sin, cos] = self.shape.turn;
        self.shape
            .form
            .distance(x * cos + y * sin, y * cos - x * sin)
    }
}

/// How much of a pixel a shape hides, by the distance of its edge.
fn cover(distance: f32, edge: f32) -> f32 {
    let share = (0.5 - distance / edge).clamp(0.0, 1.0);
    if edge > 2.5 {
        share * share * (3.0 - 2.0 * share)
    } else {
        share
    }
}

/// Lays a colour over a pixel, hiding `share` (0 to 1) of it.
pub(super) fn blend(pixel: &mut [u8; 4], colour: [u8; 3], share: f32) {
    let above = (share * 256.0 + 0.5) as u32;
    if above >= 256 {
        *pixel = [colour[0], colour[1], colour[2], 255];
        return;
    }
    let below = u32::from(pixel[3]) * (256 - above) / 255;
    let whole = above + below;
    if whole == 0 {
        return;
    }
    for (old, new) in pixel.iter_mut().zip(colour) {
        *old = ((u32::from(*old) * below + u32::from(new) * above + whole / 2) / whole) as u8;
    }
    pixel[3] = (whole * 255 / 256).min(255) as u8;
}
