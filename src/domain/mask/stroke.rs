//! Round strokes: soft segments between two points of a pen, whose radii may differ.

use std::ops::Range;

use super::geometry::{ImagePoint, Rect};
use super::raster::{Block, EDGE, Extent, Mask, Tile, combined, is_all};
use super::tool::{Combine, Stroke};

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

    /// Of a pixel, by its middle.
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

    fn end(&self) -> ImagePoint {
        ImagePoint {
            x: self.from.at.x + self.axis.0 * self.length,
            y: self.from.at.y + self.axis.1 * self.length,
        }
    }

    /// For each of these rows, the pixels that may be covered, and those that surely are: by discs of one size, which is near
    /// to it where the pen hardly changes. `is_continued`: what the disc at its beginning covers is left out where that is
    /// easily told.
    fn rows(&self, rows: Range<i32>, is_continued: bool) -> Vec<[Range<usize>; 2]> {
        // For what the numbers are rounded by.
        const SURELY: f32 = 0.02;
        let last = self.growth.mul_add(self.length, self.from.radius);
        let (smallest, largest) = (self.from.radius.min(last), self.from.radius.max(last));
        let fade = (largest * self.softness).max(1.0);
        let reach = largest + 0.5 + SURELY;
        let outer = Capsule::new(self, reach);
        let inner = Capsule::new(self, smallest + 0.5 - fade - SURELY);
        // Behind that, the disc at the beginning is the nearest.
        let behind =
            (is_continued && self.length > 0.0).then(|| -self.slant.max(0.0) * reach - SURELY);
        let row = |y: i32| {
            let y = y as f32 + 0.5;
            let (mut from, mut to) = outer.row(y);
            if let Some(behind) = behind {
                let (ux, uy) = self.axis;
                let x = self.from.at.x + (behind - (y - self.from.at.y) * uy) / ux;
                if ux > 0.01 {
                    from = from.max(x);
                } else if ux < -0.01 {
                    to = to.min(x);
                }
            }
            let (outer, inner) = (middles((from, to)), middles(inner.row(y)));
            let inner =
                inner.start.clamp(outer.start, outer.end)..inner.end.clamp(outer.start, outer.end);
            if inner.is_empty() {
                [outer.clone(), outer.end..outer.end]
            } else {
                [outer, inner]
            }
        };
        rows.map(row).collect()
    }

    fn bounds(&self) -> Rect {
        let end = self.end();
        let reach = self.largest_radius() + 1.0;
        Rect {
            left: (self.from.at.x.min(end.x) - reach).floor() as i32,
            top: (self.from.at.y.min(end.y) - reach).floor() as i32,
            right: (self.from.at.x.max(end.x) + reach).ceil() as i32,
            bottom: (self.from.at.y.max(end.y) + reach).ceil() as i32,
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

/// Discs of one size along a segment.
#[derive(Debug, Clone, Copy)]
struct Capsule {
    ends: [ImagePoint; 2],
    /// `None` where there is nothing of it.
    square: Option<f32>,
    /// From the axis to a side.
    side: (f32, f32),
    /// Along a side, how far it is to the right for each row; `None` where it lies in one.
    slope: Option<f32>,
}

impl Capsule {
    fn new(segment: &Segment, radius: f32) -> Self {
        let (ux, uy) = segment.axis;
        let is_level = (uy * segment.length).abs() < 1e-3;
        Self {
            ends: [segment.from.at, segment.end()],
            square: (radius > 0.0).then_some(radius * radius),
            side: (-uy * radius, ux * radius),
            slope: (!is_level).then(|| ux / uy),
        }
    }

    /// Where it begins and ends at this height; where it is not, it ends before it begins.
    fn row(&self, y: f32) -> (f32, f32) {
        let mut row = (f32::INFINITY, f32::NEG_INFINITY);
        let Some(square) = self.square else {
            return row;
        };
        let [from, to] = self.ends;
        for end in self.ends {
            let rest = square - (y - end.y) * (y - end.y);
            if rest >= 0.0 {
                let half = rest.sqrt();
                row = (row.0.min(end.x - half), row.1.max(end.x + half));
            }
        }
        if let Some(slope) = self.slope {
            for (dx, dy) in [self.side, (-self.side.0, -self.side.1)] {
                let way = y - from.y - dy;
                let is_beside = (way >= 0.0) == (y <= to.y + dy);
                if is_beside {
                    let x = from.x + dx + way * slope;
                    row = (row.0.min(x), row.1.max(x));
                }
            }
        }
        row
    }
}

/// The pixels whose middles lie there; negative ones become 0, and what is nowhere is empty.
fn middles((from, to): (f32, f32)) -> Range<usize> {
    let start = (from - 0.5).ceil() as usize;
    start..start.max((to + 0.5).floor() as usize)
}

enum Whole {
    Outside,
    Inside,
    Edge,
}

/// Draws a stroke on to a dab: what the stroke covers nowhere gets less, and the mask is that put on what was before the stroke.
/// Returns what holds all that may have changed.
pub(super) fn draw(mask: &mut Mask, stroke: &mut Stroke, dab: Dab) -> Option<Rect> {
    let segment = Segment::new(stroke.last, dab, stroke.brush.hardness);
    let is_continued = std::mem::replace(&mut stroke.is_begun, true);
    stroke.last = dab;
    let bounds = segment.bounds().clipped(mask.pixels());
    let rows = segment.rows(bounds.top..bounds.bottom, is_continued);
    let top = bounds.top.max(0) as usize;
    let mut is_changed = false;
    for index in mask.tiles_of(bounds) {
        if stroke.stamp.tiles()[index] == Tile::Uniform(255) {
            continue;
        }
        let extent = mask.extent(index);
        match segment.tile(extent, is_continued) {
            Whole::Outside => continue,
            Whole::Inside => {
                stroke.stamp.set_tile(index, Tile::Uniform(255));
            }
            Whole::Edge => {
                let spans = spans(&rows, top, extent);
                let darken = |block: &mut Block| darken(block, &segment, extent, spans);
                if !stroke.stamp.edit_tile(index, darken) {
                    continue;
                }
            }
        }
        is_changed = true;
        let stamp = &stroke.stamp.tiles()[index];
        let whole = match stroke.combine {
            Combine::Subtract => 0,
            _ => 255,
        };
        if *stamp == Tile::Uniform(255) {
            mask.set_tile(index, Tile::Uniform(whole));
            continue;
        }
        let before = &stroke.before.tiles()[index];
        mask.edit_tile(index, |block| {
            for (row, edges, inner) in spans(&rows, top, extent) {
                for at in edges.into_iter().flatten() {
                    let at = row * EDGE + at;
                    block[at] = combined(before.get(at), stamp.get(at), stroke.combine);
                }
                block[row * EDGE..][inner].fill(whole);
            }
            true
        });
    }
    bounds.some().filter(|_| is_changed)
}

/// A row of a tile, its columns that may be covered, before and behind those that surely are, and these.
type Span = (usize, [Range<usize>; 2], Range<usize>);

/// What a segment's rows, from `top` on, have of a tile.
fn spans(
    rows: &[[Range<usize>; 2]],
    top: usize,
    extent: Extent,
) -> impl Iterator<Item = Span> + use<'_> {
    let within = move |pixels: &Range<usize>| {
        let within = |x: usize| x.saturating_sub(extent.left).min(extent.width);
        within(pixels.start)..within(pixels.end)
    };
    let end = extent.top + extent.height;
    (top..end)
        .zip(rows)
        .skip(extent.top.saturating_sub(top))
        .map(move |(y, [outer, inner])| {
            let (outer, inner) = (within(outer), within(inner));
            let edges = [outer.start..inner.start, inner.end..outer.end];
            (y - extent.top, edges, inner)
        })
}

/// Whether a pixel changed.
fn darken(
    block: &mut Block,
    segment: &Segment,
    extent: Extent,
    spans: impl Iterator<Item = Span>,
) -> bool {
    let mut is_changed = false;
    for (row, edges, inner) in spans {
        let y = (extent.top + row) as f32 + 0.5;
        let row = &mut block[row * EDGE..][..EDGE];
        for edge in edges {
            for (x, value) in (extent.left + edge.start..).zip(&mut row[edge]) {
                let coverage = segment.coverage(x as f32 + 0.5, y);
                if coverage > *value {
                    *value = coverage;
                    is_changed = true;
                }
            }
        }
        let row = &mut row[inner];
        // Most of the way is covered by the segment before.
        is_changed = is_changed || !is_all(row, 255);
        row.fill(255);
    }
    is_changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        /// "The brush leaves holes": what is skipped is what it would have been.
        #[test]
        fn nothing_is_left_out_of_a_stroke(
            from in (-40.0_f32..200.0, -40.0_f32..200.0, 0.5_f32..90.0),
            way in (-60.0_f32..60.0, -60.0_f32..60.0, -30.0_f32..30.0),
            hardness in 0_u8..=100,
            far in any::<bool>(),
        ) {
            let shift = if far { 12_000.0 } else { 0.0 };
            let dab = |x: f32, y: f32, radius: f32| Dab { at: ImagePoint::new(x + shift, y + shift), radius: radius.max(0.5) };
            let segment = Segment::new(
                dab(from.0, from.1, from.2),
                dab(from.0 + way.0, from.1 + way.1, from.2 + way.2),
                hardness,
            );
            let extent = Extent { left: shift as usize + 64, top: shift as usize + 64, width: EDGE, height: EDGE - 3 };
            let (left, top) = (extent.left as i32, extent.top as i32);
            // Where the stroke has the first disc already.
            let before = Segment::new(segment.from, segment.from, hardness);
            let bounds = Rect::new(left - 9, top - 9, left + 99, top + 99);
            for is_continued in [false, true] {
                let mut block = [0; EDGE * EDGE];
                let mut all = vec![(segment, is_continued)];
                if is_continued {
                    all.insert(0, (before, false));
                }
                for (segment, is_continued) in all {
                    let rows = segment.rows(bounds.top..bounds.bottom, is_continued);
                    darken(&mut block, &segment, extent, spans(&rows, bounds.top as usize, extent));
                }
                for (at, value) in block.iter().enumerate() {
                    let (x, y) = (extent.left + at % EDGE, extent.top + at / EDGE);
                    let coverage = segment.coverage(x as f32 + 0.5, y as f32 + 0.5);
                    let first = before.coverage(x as f32 + 0.5, y as f32 + 0.5);
                    let wanted = if is_continued { coverage.max(first) } else { coverage };
                    let wanted = if at / EDGE < extent.height { wanted } else { 0 };
                    // A distance along the axis and away from it is rounded otherwise than one in rows and columns.
                    let is_near = value.abs_diff(wanted) <= u8::from(is_continued);
                    prop_assert!(is_near, "{} {}: {} {} {}", x, y, value, wanted, is_continued);
                }
            }
        }
    }
}
