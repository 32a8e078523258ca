//! Areas with smooth edges: rectangles, ellipses and polygons.

use std::convert::Infallible;

use crate::Pixels;

use super::geometry::{ImagePoint, Rect};
use super::raster::Mask;

/// Lines through each row of pixels; across, the area is exact.
const LINES: usize = 16;

/// A side of a polygon, from its upper end to its lower.
#[derive(Debug, Clone, Copy)]
struct Side {
    top: f32,
    bottom: f32,
    /// At the top, and for each pixel downwards.
    x: f32,
    slope: f32,
    winding: i32,
}

/// What a closed line goes around (nonzero winding): where it crosses itself, nothing is left out.
#[must_use]
pub(super) fn polygon(pixels: Pixels, points: &[ImagePoint]) -> Mask {
    let mut sides = sides(points);
    sides.sort_by(|one, other| one.top.total_cmp(&other.top));
    let top = sides.first().map_or(0.0, |side| side.top);
    let bottom = sides
        .iter()
        .fold(0.0, |lowest: f32, side| lowest.max(side.bottom));
    let rows = top.floor().max(0.0) as usize..bottom.ceil().max(0.0) as usize;
    let mut waiting = sides.into_iter().peekable();
    let mut active: Vec<Side> = Vec::new();
    let mut sums = vec![0.0_f32; pixels.width as usize + 2];
    let mut crossings = Vec::new();
    let drawn = Mask::from_rows(pixels, rows, |y, row| {
        let from = y as f32;
        while let Some(side) = waiting.next_if(|side| side.top < from + 1.0) {
            active.push(side);
        }
        active.retain(|side| side.bottom > from);
        sums.fill(0.0);
        for line in 0..LINES {
            let at = from + (line as f32 + 0.5) / LINES as f32;
            cross(&active, at, &mut crossings);
            add_spans(&crossings, &mut sums);
        }
        let mut sum = 0.0;
        for (value, change) in row.iter_mut().zip(&sums) {
            sum += change;
            *value = (sum * (255.0 / LINES as f32) + 0.5) as u8;
        }
        Ok::<(), Infallible>(())
    });
    drawn.unwrap_or_else(|never| match never {})
}

fn sides(points: &[ImagePoint]) -> Vec<Side> {
    let next = points.iter().cycle().skip(1);
    let pairs = points.iter().zip(next);
    let sides = pairs.filter(|(one, other)| one.y != other.y);
    let sides = sides.map(|(one, other)| {
        let (upper, lower, winding) = if one.y < other.y {
            (one, other, 1)
        } else {
            (other, one, -1)
        };
        Side {
            top: upper.y,
            bottom: lower.y,
            x: upper.x,
            slope: (lower.x - upper.x) / (lower.y - upper.y),
            winding,
        }
    });
    sides.collect()
}

/// Where sides cross a line, from left to right.
fn cross(sides: &[Side], at: f32, into: &mut Vec<(f32, i32)>) {
    into.clear();
    let met = sides
        .iter()
        .filter(|side| side.top <= at && at < side.bottom);
    into.extend(met.map(|side| (side.slope.mul_add(at - side.top, side.x), side.winding)));
    into.sort_by(|one, other| one.0.total_cmp(&other.0));
}

/// Adds what is inside as steps: the running sum over a row is the covered share of each pixel.
fn add_spans(crossings: &[(f32, i32)], sums: &mut [f32]) {
    let mut winding = 0;
    for (x, change) in crossings {
        let was_inside = winding != 0;
        winding += change;
        let is_inside = winding != 0;
        if was_inside != is_inside {
            let sign = if is_inside { 1.0 } else { -1.0 };
            let x = x.clamp(0.0, sums.len().saturating_sub(2) as f32);
            let part = x.fract();
            if let Some([here, beyond]) = sums.get_mut(x as usize..x as usize + 2) {
                *here += sign * (1.0 - part);
                *beyond += sign * part;
            }
        }
    }
}

/// The corners of whole pixels.
#[must_use]
pub(super) fn rectangle(pixels: Pixels, rect: Rect) -> Mask {
    let at = |x: i32, y: i32| ImagePoint::new(x as f32, y as f32);
    let rect = rect.clipped(pixels);
    if rect.is_empty() {
        return Mask::new(pixels);
    }
    let corners = [
        at(rect.left, rect.top),
        at(rect.right, rect.top),
        at(rect.right, rect.bottom),
        at(rect.left, rect.bottom),
    ];
    polygon(pixels, &corners)
}

/// The ellipse that fills a rectangle.
#[must_use]
pub(super) fn ellipse(pixels: Pixels, rect: Rect) -> Mask {
    let middle = |from: i32, to: i32| (from as f32 + to as f32) / 2.0;
    let (x, y) = (middle(rect.left, rect.right), middle(rect.top, rect.bottom));
    let (across, down) = (rect.width() as f32 / 2.0, rect.height() as f32 / 2.0);
    // As many corners as keep the sides within a fiftieth of a pixel.
    let count =
        (std::f32::consts::PI * (25.0 * across.max(down)).sqrt()).clamp(24.0, 2000.0) as u16;
    let corner = |step: u16| {
        let turn = std::f32::consts::TAU * f32::from(step) / f32::from(count);
        ImagePoint::new(across.mul_add(turn.cos(), x), down.mul_add(turn.sin(), y))
    };
    polygon(pixels, &(0..count).map(corner).collect::<Vec<_>>())
}
