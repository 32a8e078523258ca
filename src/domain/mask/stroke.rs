//! Round strokes: soft segments between two points of a pen, whose radii may differ.

use super::geometry::{ImagePoint, Rect};
use super::raster::{EDGE, Extent, Mask, Tile};

/// From the middle of a tile to the middle of its farthest pixel, and a little more.
const REACH: f32 = 45.0;

/// A point of a stroke.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dab {
    pub(super) at: ImagePoint,
    pub(super) radius: f32,
}

/// All discs from one dab to the other.
#[derive(Debug, Clone, Copy)]
struct Segment {
    from: Dab,
    /// From one middle to the other: a direction, and how far.
    axis: (f32, f32),
    length: f32,
    /// How much the radius grows for each pixel of the way, and where the nearest edge lies for that.
    growth: f32,
    slant: f32,
    /// How much of the radius is soft.
    softness: f32,
}

impl Segment {
    fn new(from: Dab, to: Dab, hardness: u8) -> Self {
        let softness = 1.0 - f32::from(hardness.min(100)) / 100.0;
        let length = from.at.distance(to.at);
        let growth = (to.radius - from.radius) / length;
        if length < 1e-3 || growth.abs() > 0.999 {
            // One of the discs holds all the others.
            let larger = if to.radius > from.radius { to } else { from };
            return Self {
                from: larger,
                axis: (1.0, 0.0),
                length: 0.0,
                growth: 0.0,
                slant: 0.0,
                softness,
            };
        }
        Self {
            from,
            axis: (
                (to.at.x - from.at.x) / length,
                (to.at.y - from.at.y) / length,
            ),
            length,
            growth,
            slant: growth / growth.mul_add(-growth, 1.0).sqrt(),
            softness,
        }
    }

    /// Along the axis and away from it.
    fn local(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.from.at.x, y - self.from.at.y);
        let (ux, uy) = self.axis;
        (dx * ux + dy * uy, (dx * uy - dy * ux).abs())
    }

    /// The square of the distance to the middle of that disc whose edge is nearest, and its radius.
    fn nearest(&self, x: f32, y: f32) -> (f32, f32) {
        let (along, away) = self.local(x, y);
        let way = (along + self.slant * away).clamp(0.0, self.length);
        let gap = along - way;
        (
            gap * gap + away * away,
            self.from.radius + self.growth * way,
        )
    }

    fn largest_radius(&self) -> f32 {
        self.from
            .radius
            .max(self.from.radius + self.growth * self.length)
    }

    fn coverage(&self, x: f32, y: f32) -> u8 {
        let (square, radius) = self.nearest(x, y);
        let outer = radius + 0.5;
        if square >= outer * outer {
            return 0;
        }
        let fade = (radius * self.softness).max(1.0);
        let inner = outer - fade;
        if inner >= 0.0 && square <= inner * inner {
            return 255;
        }
        let share = ((outer - square.sqrt()) / fade).clamp(0.0, 1.0);
        let share = if fade > 1.0 {
            share * share * (3.0 - 2.0 * share)
        } else {
            share
        };
        (share * 255.0 + 0.5) as u8
    }

    fn bounds(&self) -> Rect {
        let end = (
            self.from.at.x + self.axis.0 * self.length,
            self.from.at.y + self.axis.1 * self.length,
        );
        let reach = self.largest_radius() + 1.0;
        Rect {
            left: (self.from.at.x.min(end.0) - reach).floor() as i32,
            top: (self.from.at.y.min(end.1) - reach).floor() as i32,
            right: (self.from.at.x.max(end.0) + reach).ceil() as i32,
            bottom: (self.from.at.y.max(end.1) + reach).ceil() as i32,
        }
    }

    /// What is known of a whole tile without looking at its pixels.
    fn tile(&self, extent: Extent, is_continued: bool) -> Whole {
        let half = EDGE as f32 / 2.0;
        let (x, y) = (extent.left as f32 + half, extent.top as f32 + half);
        let (square, radius) = self.nearest(x, y);
        let distance = square.sqrt() - radius;
        if distance - REACH > 0.5 {
            return Whole::Outside;
        }
        let fade = (self.largest_radius() * self.softness).max(1.0);
        if distance + REACH <= 0.5 - fade {
            return Whole::Inside;
        }
        let (along, away) = self.local(x, y);
        let ends = along + REACH + self.slant.max(0.0) * (away + REACH);
        // The first disc alone covers it, and the segment before ended with that disc.
        if is_continued && self.length > 0.0 && ends <= 0.0 {
            return Whole::Outside;
        }
        Whole::Edge
    }
}

enum Whole {
    Outside,
    Inside,
    Edge,
}

/// Adds a segment to the coverage of a stroke, which nowhere gets less. Returns the tiles that changed and what holds them.
/// `is_continued`: the stroke has the disc at `from` already.
pub(super) fn stamp(
    stroke: &mut Mask,
    from: Dab,
    to: Dab,
    hardness: u8,
    is_continued: bool,
) -> (Vec<usize>, Rect) {
    let segment = Segment::new(from, to, hardness);
    let bounds = segment.bounds().clipped(stroke.pixels());
    let mut changed = Vec::new();
    for index in stroke.tiles_of(bounds) {
        let old = stroke.tile(index);
        if old == Tile::Uniform(255) {
            continue;
        }
        let extent = stroke.extent(index);
        match segment.tile(extent, is_continued) {
            Whole::Outside => continue,
            Whole::Inside => {
                stroke.set_tile(index, Tile::Uniform(255));
            }
            Whole::Edge => {
                let mut block = old.block();
                if !darken(&mut block, &segment, extent, bounds) {
                    continue;
                }
                stroke.set_block(index, block);
            }
        }
        changed.push(index);
    }
    (changed, bounds)
}

/// Whether a pixel changed. Only what is in the bounds of the segment, which lie in the mask, is looked at.
fn darken(block: &mut [u8], segment: &Segment, extent: Extent, bounds: Rect) -> bool {
    let range = |from: i32, to: i32, start: usize| {
        let within = |edge: i32| (edge.max(0) as usize).clamp(start, start + EDGE);
        within(from)..within(to)
    };
    let columns = range(bounds.left, bounds.right, extent.left);
    let mut is_changed = false;
    for y in range(bounds.top, bounds.bottom, extent.top) {
        let start = (y - extent.top) * EDGE;
        let row = block.get_mut(start..start + EDGE).unwrap_or_default();
        let values = row.iter_mut().skip(columns.start - extent.left);
        // Most of the way is covered by the segment before.
        for (x, value) in columns
            .clone()
            .zip(values)
            .filter(|(_, value)| **value < 255)
        {
            let coverage = segment.coverage(x as f32 + 0.5, y as f32 + 0.5);
            if coverage > *value {
                *value = coverage;
                is_changed = true;
            }
        }
    }
    is_changed
}
