//! What is done to a whole mask: invert, grow, shrink, feather.

use std::ops::Range;

use super::geometry::Rect;
use super::raster::{AREA, EDGE, Mask, Tile};

/// More is done in several steps, so that the neighbours of a tile are enough.
const STEP: usize = 32;
const MAX_GROWTH: u32 = 1024;
const MAX_FEATHER: u32 = 1024;

impl Mask {
    /// What was kept is edited, and the other way round.
    pub fn invert(&mut self) {
        for index in 0..self.tiles().len() {
            match self.tile(index) {
                Tile::Uniform(value) => {
                    self.set_tile(index, Tile::Uniform(255 - value));
                }
                Tile::Varied(block) => self.set_block(index, block.map(|value| 255 - value)),
            }
        }
    }

    /// Each pixel gets the most that a disc of this radius in pixels around it has; 1024 at most.
    pub fn grow(&mut self, radius: u32) {
        let mut rest = radius.min(MAX_GROWTH) as usize;
        while rest > 0 {
            let step = rest.min(STEP);
            let disc = Disc::new(step);
            let before = self.clone();
            for index in 0..before.tiles().len() {
                if !is_alike(&before, index) && before.tile(index) != Tile::Uniform(255) {
                    self.set_block(index, disc.most(&before, index));
                }
            }
            rest -= step;
        }
    }

    /// Each pixel keeps the least that a disc of this radius in pixels around it has; the edge of the picture takes nothing away.
    pub fn shrink(&mut self, radius: u32) {
        self.invert();
        self.grow(radius);
        self.invert();
    }

    /// Edges fade over so many pixels on either side, 1024 at most; at the edge of the picture nothing fades.
    pub fn feather(&mut self, radius: u32) {
        let radius = radius.min(MAX_FEATHER) as usize;
        // Three boxes in a row are nearly a Gaussian.
        let boxes = [radius / 3, (radius + 1) / 3, radius.div_ceil(3)];
        if radius > 0 {
            blur_across(self, radius, boxes);
            blur_down(self, radius, boxes);
        }
    }
}

/// A tile and the eight around it have one and the same value.
fn is_alike(mask: &Mask, index: usize) -> bool {
    let columns = mask.columns().max(1);
    let (column, row) = (index % columns, index / columns);
    let tile = mask.tile(index);
    let near = |at: usize, end: usize| at.saturating_sub(1)..(at + 2).min(end);
    matches!(tile, Tile::Uniform(_))
        && near(row, mask.rows()).all(|row| {
            near(column, columns).all(|column| mask.tile(row * columns + column) == tile)
        })
}

/// A disc as chords: half the length of each, by the distance from the middle.
struct Disc {
    radius: usize,
    chords: Vec<usize>,
}

impl Disc {
    fn new(radius: usize) -> Self {
        let reach = radius as f32 + 0.4;
        let chord = |distance: usize| {
            let distance = distance as f32;
            reach.mul_add(reach, -(distance * distance)).max(0.0).sqrt() as usize
        };
        Self {
            radius,
            chords: (0..=radius).map(chord).collect(),
        }
    }

    /// The most around each pixel of a tile.
    fn most(&self, mask: &Mask, index: usize) -> [u8; AREA] {
        let mut most = [0; AREA];
        let extent = mask.extent(index);
        let (wide, margin) = (EDGE + 2 * self.radius, self.radius as i32);
        let (left, top) = (extent.left as i32 - margin, extent.top as i32 - margin);
        let mut window = vec![0; wide * wide];
        let rect = Rect::new(left, top, left + wide as i32, top + wide as i32);
        mask.read(rect, &mut window);
        for (y, row) in window.chunks_exact(wide).enumerate() {
            if row.iter().all(|value| *value == 0) {
                continue;
            }
            let runs = Runs::new(row);
            for (into_y, into) in most.chunks_exact_mut(EDGE).enumerate() {
                let distance = (into_y + self.radius).abs_diff(y);
                if let Some(half) = self.chords.get(distance) {
                    runs.raise(into, self.radius - half, 2 * half + 1);
                }
            }
        }
        most
    }
}

/// The most of each run of 1, 2, 4, 8 ... pixels of a row.
struct Runs(Vec<Vec<u8>>);

impl Runs {
    fn new(row: &[u8]) -> Self {
        let mut runs = vec![row.to_vec()];
        let mut length = 1;
        while let Some(last) = runs.last().filter(|last| last.len() > length) {
            let shifted = last.get(length..).unwrap_or_default();
            let pairs = last.iter().zip(shifted);
            runs.push(pairs.map(|(one, other)| *one.max(other)).collect());
            length *= 2;
        }
        Self(runs)
    }

    /// Raises each pixel to the most of the `length` pixels from its own place plus `offset`.
    fn raise(&self, into: &mut [u8], offset: usize, length: usize) {
        let power = length.max(1).ilog2();
        let Some(run) = self.0.get(power as usize) else {
            return;
        };
        let first = run.get(offset..).unwrap_or_default();
        let second = run
            .get(offset + length - (1 << power)..)
            .unwrap_or_default();
        for (value, (one, other)) in into.iter_mut().zip(first.iter().zip(second)) {
            *value = (*value).max(*one).max(*other);
        }
    }
}

/// The mean of `2 * half + 1` values, rounded, without a division for each.
#[derive(Clone, Copy)]
struct Mean {
    half: usize,
    factor: u32,
}

impl Mean {
    fn new(half: usize) -> Self {
        let factor = (1 << 24) / (2 * half as u32 + 1);
        Self { half, factor }
    }

    fn of(self, sum: u32) -> u8 {
        ((sum * self.factor + (1 << 23)) >> 24) as u8
    }
}

/// Runs of tiles in a line that something other than their own value is near to, within `reach` tiles.
fn unequal(line: &[Tile], reach: usize) -> Vec<Range<usize>> {
    let is_unequal = |at: usize| {
        let near = at.saturating_sub(reach)..(at + reach + 1).min(line.len());
        let near = line.get(near).unwrap_or_default();
        let tile = line.get(at);
        !matches!(tile, Some(Tile::Uniform(_))) || near.iter().any(|other| Some(other) != tile)
    };
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in (0..line.len()).filter(|at| is_unequal(*at)) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// The line of pixels for a run of tiles and what is `reach` tiles around it.
fn window(run: &Range<usize>, reach: usize, edge: usize) -> Range<usize> {
    run.start.saturating_sub(reach) * EDGE..((run.end + reach) * EDGE).min(edge)
}

fn blur_across(mask: &mut Mask, radius: usize, boxes: [usize; 3]) {
    let (reach, columns) = (radius.div_ceil(EDGE), mask.columns());
    let before = mask.clone();
    for tile_row in 0..mask.rows() {
        let first = tile_row * columns;
        let line: Vec<Tile> = (first..first + columns).map(|at| before.tile(at)).collect();
        for run in unequal(&line, reach) {
            let range = window(&run, reach, before.edges().0);
            let wide = range.len();
            let mut pixels = vec![0; wide * EDGE];
            let mut spare = vec![0; wide];
            for (y, row) in pixels
                .chunks_exact_mut(wide)
                .take(mask.extent(first).height)
                .enumerate()
            {
                before.read_row(tile_row * EDGE + y, range.clone(), row);
                for half in boxes.into_iter().filter(|half| *half > 0) {
                    mean_of_row(row, &mut spare, Mean::new(half));
                    row.copy_from_slice(&spare);
                }
            }
            for column in run {
                let mut block = [0; AREA];
                let start = column * EDGE - range.start;
                for (into, row) in block.chunks_exact_mut(EDGE).zip(pixels.chunks_exact(wide)) {
                    let from = row.get(start..).unwrap_or_default();
                    into.iter_mut()
                        .zip(from)
                        .for_each(|(into, from)| *into = *from);
                }
                mask.set_block(first + column, block);
            }
        }
    }
}

/// The first and the last pixel go on outside of the row.
fn mean_of_row(row: &[u8], into: &mut [u8], mean: Mean) {
    let first = row.first().copied().map_or(0, u32::from);
    let last = row.last().copied().map_or(0, u32::from);
    let half = mean.half;
    let early = row.iter().take(half).map(|value| u32::from(*value));
    let missing = half.saturating_sub(row.len()) as u32;
    // What the box of the first pixel holds, but for its last.
    let mut sum = first * half as u32 + early.sum::<u32>() + missing * last;
    for (at, value) in into.iter_mut().enumerate() {
        let coming = row.get(at + half).map_or(last, |value| u32::from(*value));
        sum += coming;
        *value = mean.of(sum);
        let leaving = at.checked_sub(half).and_then(|at| row.get(at));
        sum -= leaving.map_or(first, |value| u32::from(*value));
    }
}

fn blur_down(mask: &mut Mask, radius: usize, boxes: [usize; 3]) {
    let (reach, columns, rows) = (radius.div_ceil(EDGE), mask.columns(), mask.rows());
    let before = mask.clone();
    for column in 0..columns {
        let at = |row: usize| row * columns + column;
        let line: Vec<Tile> = (0..rows).map(|row| before.tile(at(row))).collect();
        for run in unequal(&line, reach) {
            let range = window(&run, reach, mask.edges().1);
            let mut pixels = vec![[0; EDGE]; range.len()];
            let left = column * EDGE;
            let right = left + mask.extent(column).width;
            for (y, row) in range.clone().zip(&mut pixels) {
                before.read_row(y, left..right, row);
            }
            for half in boxes.into_iter().filter(|half| *half > 0) {
                pixels = mean_of_rows(&pixels, Mean::new(half));
            }
            for row in run {
                let mut block = [0; AREA];
                let from = pixels.iter().skip(row * EDGE - range.start);
                for (into, from) in block.chunks_exact_mut(EDGE).zip(from) {
                    into.copy_from_slice(from);
                }
                mask.set_block(at(row), block);
            }
        }
    }
}

/// As `mean_of_row`, for 64 columns at once.
fn mean_of_rows(rows: &[[u8; EDGE]], mean: Mean) -> Vec<[u8; EDGE]> {
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
        return Vec::new();
    };
    let half = mean.half;
    let mut sums = first.map(|value| u32::from(value) * half as u32);
    for at in 0..half {
        for (sum, value) in sums.iter_mut().zip(rows.get(at).unwrap_or(last)) {
            *sum += u32::from(*value);
        }
    }
    let means = (0..rows.len()).map(|at| {
        let coming = rows.get(at + half).unwrap_or(last);
        let leaving = at.checked_sub(half).and_then(|at| rows.get(at));
        let leaving = leaving.unwrap_or(first);
        let mut row = [0; EDGE];
        let ends = coming.iter().zip(leaving);
        for ((sum, value), (coming, leaving)) in sums.iter_mut().zip(&mut row).zip(ends) {
            *sum += u32::from(*coming);
            *value = mean.of(*sum);
            *sum -= u32::from(*leaving);
        }
        row
    });
    means.collect()
}
