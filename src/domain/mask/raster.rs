//! The coverage of a mask, in tiles that are shared until they are written to.

use std::ops::Range;
use std::sync::Arc;

use crate::Pixels;

use super::geometry::Rect;
use super::tool::Combine;

/// The edge of a tile in pixels.
pub(super) const EDGE: usize = 64;
pub(super) const AREA: usize = EDGE * EDGE;

/// The coverage of a tile, row by row.
pub(super) type Block = [u8; AREA];

/// 64 x 64 pixels. A tile at the right or lower edge goes on outside of the mask, with zeros where it is varied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tile {
    Uniform(u8),
    Varied(Arc<Block>),
}

/// How much of each pixel is to be edited: 0 is kept, 255 is edited.
///
/// A copy shares its tiles and costs little. No edge is longer than [`Mask::MAX_EDGE`]: what is more is cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    pixels: Pixels,
    columns: usize,
    /// Row by row. A tile is uniform wherever its pixels in the mask are.
    tiles: Vec<Tile>,
}

/// Where most of a mask is, in thirds of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Place {
    TopLeft,
    Top,
    TopRight,
    Left,
    #[default]
    Centre,
    Right,
    BottomLeft,
    Bottom,
    BottomRight,
}

/// The sum of the coverage, and its moments in half pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    pub(super) covered: u64,
    x: u64,
    y: u64,
}

/// Where a tile is, and how much of it belongs to the mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) left: usize,
    pub(super) top: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl Tile {
    pub(super) fn get(&self, at: usize) -> u8 {
        match self {
            Self::Uniform(value) => *value,
            Self::Varied(block) => block.get(at).copied().unwrap_or_default(),
        }
    }

    pub(super) fn block(&self) -> Block {
        match self {
            Self::Uniform(value) => [*value; AREA],
            Self::Varied(block) => **block,
        }
    }

    /// Surely equal; pixels are not compared.
    pub(super) fn is_shared(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Uniform(one), Self::Uniform(other)) => one == other,
            (Self::Varied(one), Self::Varied(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// What a tile is where all of its pixels in the mask are equal, and the other pixels are 0 where they are not.
    pub(super) fn new(mut block: Block, extent: Extent) -> Self {
        if let Some(value) = uniform(&block, extent) {
            return Self::Uniform(value);
        }
        for (y, row) in block.chunks_exact_mut(EDGE).enumerate() {
            let inside = if y < extent.height { extent.width } else { 0 };
            row.iter_mut().skip(inside).for_each(|value| *value = 0);
        }
        Self::Varied(Arc::new(block))
    }

    /// Changes pixels that belong to the mask; whether there were any is what `change` says.
    fn edit(&mut self, extent: Extent, change: impl FnOnce(&mut Block) -> bool) -> bool {
        let is_changed = match self {
            Self::Varied(block) => change(Arc::make_mut(block)),
            Self::Uniform(value) => {
                let mut block = [*value; AREA];
                let is_changed = change(&mut block);
                if is_changed {
                    *self = Self::new(block, extent);
                }
                return is_changed;
            }
        };
        if is_changed
            && let Self::Varied(block) = self
            && let Some(value) = uniform(block, extent)
        {
            *self = Self::Uniform(value);
        }
        is_changed
    }

    pub(super) fn sums(&self, extent: Extent) -> Sums {
        // The sum of 2x + 1 over a range of x is the difference of the squares of its ends.
        let moment = |from: usize, length: usize| ((from + length).pow(2) - from.pow(2)) as u64;
        match self {
            Self::Uniform(value) => {
                let value = u64::from(*value);
                Sums {
                    covered: value * (extent.width * extent.height) as u64,
                    x: value * extent.height as u64 * moment(extent.left, extent.width),
                    y: value * extent.width as u64 * moment(extent.top, extent.height),
                }
            }
            Self::Varied(block) => {
                // Eight pixels at a time: the sums of the even and the odd ones, in 16 bits each.
                let mut columns = [[0_u64; 2]; EDGE / 8];
                let mut sums = Sums::default();
                for (y, row) in block.chunks_exact(EDGE).enumerate() {
                    let mut sum = 0;
                    for ([even, odd], word) in columns.iter_mut().zip(words(row)) {
                        let (first, second) = (word & EVEN, word >> 8 & EVEN);
                        *even += first;
                        *odd += second;
                        sum += first + second;
                    }
                    let sum = lanes(sum).into_iter().sum::<u64>();
                    sums.covered += sum;
                    sums.y += sum * (2 * (extent.top + y) + 1) as u64;
                }
                for (x, [even, odd]) in (extent.left..).step_by(8).zip(columns) {
                    for (at, (even, odd)) in lanes(even).into_iter().zip(lanes(odd)).enumerate() {
                        let x = (2 * (x + 2 * at) + 1) as u64;
                        sums.x += even * x + odd * (x + 2);
                    }
                }
                sums
            }
        }
    }
}

/// What all pixels of the mask are in a block.
fn uniform(block: &Block, extent: Extent) -> Option<u8> {
    let first = block[0];
    let mut rows = block.chunks_exact(EDGE).take(extent.height);
    rows.all(|row| is_all(&row[..extent.width], first))
        .then_some(first)
}

/// Eight pixels at a time.
pub(super) fn is_all(row: &[u8], value: u8) -> bool {
    let (eights, rest) = row.as_chunks::<8>();
    eights.iter().all(|eight| *eight == [value; 8]) && rest.iter().all(|it| *it == value)
}

const EVEN: u64 = 0x00ff_00ff_00ff_00ff;

/// Eight pixels each.
fn words(row: &[u8]) -> impl Iterator<Item = u64> {
    row.as_chunks()
        .0
        .iter()
        .map(|eight| u64::from_le_bytes(*eight))
}

fn lanes(word: u64) -> [u64; 4] {
    [0, 16, 32, 48].map(|shift| word >> shift & 0xffff)
}

impl Sums {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            covered: self.covered + other.covered,
            x: self.x + other.x,
            y: self.y + other.y,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            covered: self.covered.saturating_sub(other.covered),
            x: self.x.saturating_sub(other.x),
            y: self.y.saturating_sub(other.y),
        }
    }

    pub(super) fn place(self, pixels: Pixels) -> Place {
        if self.covered == 0 {
            return Place::Centre;
        }
        let third = |moment: u64, edge: u32| {
            let share = moment as f64 / (2.0 * self.covered as f64 * f64::from(edge.max(1)));
            (share * 3.0) as u8
        };
        match (third(self.x, pixels.width), third(self.y, pixels.height)) {
            (0, 0) => Place::TopLeft,
            (1, 0) => Place::Top,
            (_, 0) => Place::TopRight,
            (0, 1) => Place::Left,
            (1, 1) => Place::Centre,
            (_, 1) => Place::Right,
            (0, _) => Place::BottomLeft,
            (1, _) => Place::Bottom,
            (_, _) => Place::BottomRight,
        }
    }
}

/// What becomes of a pixel when a shape covers it so much.
pub(super) fn combined(before: u8, stamp: u8, combine: Combine) -> u8 {
    let times = |one: u8, other: u8| ((u32::from(one) * u32::from(other) + 127) / 255) as u8;
    match combine {
        Combine::Add => 255 - times(255 - before, 255 - stamp),
        Combine::Subtract => times(before, 255 - stamp),
        Combine::Replace => stamp,
        Combine::Intersect => times(before, stamp),
    }
}

impl Mask {
    pub const MAX_EDGE: u32 = 16_384;

    /// Empty: all is kept.
    #[must_use]
    pub fn new(pixels: Pixels) -> Self {
        Self::uniform(pixels, 0)
    }

    pub(super) fn uniform(pixels: Pixels, coverage: u8) -> Self {
        let pixels = Pixels {
            width: pixels.width.min(Self::MAX_EDGE),
            height: pixels.height.min(Self::MAX_EDGE),
        };
        let columns = (pixels.width as usize).div_ceil(EDGE);
        let rows = (pixels.height as usize).div_ceil(EDGE);
        Self {
            pixels,
            columns,
            tiles: vec![Tile::Uniform(coverage); columns * rows],
        }
    }

    /// `write` gets a row of zeros for each of these rows, in order; the other rows are empty.
    ///
    /// # Errors
    /// The first of `write`.
    pub(super) fn from_rows<E>(
        pixels: Pixels,
        rows: Range<usize>,
        mut write: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut mask = Self::new(pixels);
        let (width, height) = mask.edges();
        let rows = rows.start.min(height)..rows.end.min(height);
        if width == 0 || rows.is_empty() {
            return Ok(mask);
        }
        let mut band = vec![0; width * EDGE];
        for tile_row in rows.start / EDGE..rows.end.div_ceil(EDGE) {
            band.fill(0);
            for (y, row) in (tile_row * EDGE..).zip(band.chunks_exact_mut(width)) {
                if rows.contains(&y) {
                    write(y, row)?;
                }
            }
            mask.set_band(tile_row, &band);
        }
        Ok(mask)
    }

    /// 64 rows of the mask's width, cut into tiles.
    fn set_band(&mut self, tile_row: usize, band: &[u8]) {
        let width = self.pixels.width as usize;
        for column in 0..self.columns {
            let mut block = [0; AREA];
            for (into, row) in block.chunks_exact_mut(EDGE).zip(band.chunks_exact(width)) {
                let from = row.get(column * EDGE..).unwrap_or_default();
                into.iter_mut()
                    .zip(from)
                    .for_each(|(into, from)| *into = *from);
            }
            self.set_block(tile_row * self.columns + column, block);
        }
    }

    #[must_use]
    pub fn pixels(&self) -> Pixels {
        self.pixels
    }

    pub(super) fn edges(&self) -> (usize, usize) {
        (self.pixels.width as usize, self.pixels.height as usize)
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn rows(&self) -> usize {
        (self.pixels.height as usize).div_ceil(EDGE)
    }

    pub(super) fn tiles(&self) -> &[Tile] {
        &self.tiles
    }

    pub(super) fn tile(&self, index: usize) -> Tile {
        self.tiles.get(index).cloned().unwrap_or(Tile::Uniform(0))
    }

    /// The tile that was there.
    pub(super) fn set_tile(&mut self, index: usize, tile: Tile) -> Tile {
        match self.tiles.get_mut(index) {
            Some(place) => std::mem::replace(place, tile),
            None => tile,
        }
    }

    pub(super) fn set_block(&mut self, index: usize, block: Block) {
        let tile = Tile::new(block, self.extent(index));
        self.set_tile(index, tile);
    }

    /// Changes pixels of a tile, where nobody else has it; whether there were any is what `change` says.
    pub(super) fn edit_tile(
        &mut self,
        index: usize,
        change: impl FnOnce(&mut Block) -> bool,
    ) -> bool {
        let extent = self.extent(index);
        let tile = self.tiles.get_mut(index);
        tile.is_some_and(|tile| tile.edit(extent, change))
    }

    pub(super) fn extent(&self, index: usize) -> Extent {
        let columns = self.columns.max(1);
        let (left, top) = (index % columns * EDGE, index / columns * EDGE);
        let (width, height) = self.edges();
        Extent {
            left,
            top,
            width: EDGE.min(width.saturating_sub(left)),
            height: EDGE.min(height.saturating_sub(top)),
        }
    }

    /// The pixels of a tile that belong to the mask.
    pub(super) fn tile_rect(&self, index: usize) -> Rect {
        let extent = self.extent(index);
        let (left, top) = (extent.left as i32, extent.top as i32);
        Rect::new(
            left,
            top,
            left + extent.width as i32,
            top + extent.height as i32,
        )
    }

    /// The tiles that a rectangle touches.
    pub(super) fn tiles_of(&self, rect: Rect) -> impl Iterator<Item = usize> + use<> {
        let rect = rect.clipped(self.pixels);
        let range = |from: i32, to: i32| {
            let edge = EDGE as i32;
            from.max(0) as usize / EDGE..(to.max(0) as usize).div_ceil(edge as usize)
        };
        let (columns, rows, stride) = (
            range(rect.left, rect.right),
            range(rect.top, rect.bottom),
            self.columns,
        );
        let is_some = !rect.is_empty();
        rows.filter(move |_| is_some)
            .flat_map(move |row| columns.clone().map(move |column| row * stride + column))
    }

    /// 0 outside.
    #[must_use]
    pub fn coverage(&self, x: i32, y: i32) -> u8 {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return 0;
        };
        let (width, height) = self.edges();
        if x >= width || y >= height {
            return 0;
        }
        self.tiles
            .get(y / EDGE * self.columns + x / EDGE)
            .map_or(0, |tile| tile.get(y % EDGE * EDGE + x % EDGE))
    }

    /// The coverage of a rectangle row by row, for painting; 0 outside of the mask. What does not fit is left out.
    pub fn read(&self, rect: Rect, into: &mut [u8]) {
        into.fill(0);
        let inside = rect.clipped(self.pixels);
        if inside.is_empty() {
            return;
        }
        let (stride, skipped) = (
            rect.width() as usize,
            inside.left.abs_diff(rect.left) as usize,
        );
        let (left, right) = (inside.left as usize, inside.right as usize);
        let rows = into.chunks_exact_mut(stride);
        let rows = rows.skip(inside.top.abs_diff(rect.top) as usize);
        for (y, row) in (inside.top as usize..inside.bottom as usize).zip(rows) {
            if let Some(row) = row.get_mut(skipped..) {
                self.read_row(y, left..right, row);
            }
        }
    }

    /// Pixels of a row that are all inside of the mask.
    pub(super) fn read_row(&self, y: usize, range: Range<usize>, into: &mut [u8]) {
        let mut rest = into;
        let mut x = range.start;
        while x < range.end {
            let length = (EDGE - x % EDGE).min(range.end - x).min(rest.len());
            let (now, later) = rest.split_at_mut(length);
            if length == 0 {
                return;
            }
            match self.tiles.get(y / EDGE * self.columns + x / EDGE) {
                Some(Tile::Uniform(value)) => now.fill(*value),
                Some(Tile::Varied(block)) => {
                    let start = y % EDGE * EDGE + x % EDGE;
                    if let Some(from) = block.get(start..start + length) {
                        now.copy_from_slice(from);
                    }
                }
                None => now.fill(0),
            }
            (rest, x) = (later, x + length);
        }
    }

    /// A shape is put on the mask as it was before.
    pub(super) fn compose(&mut self, before: &Self, stamp: &Self, combine: Combine) {
        for index in 0..self.tiles.len() {
            let (old, new) = (before.tile(index), stamp.tile(index));
            let tile = match (&old, &new, combine) {
                (_, Tile::Uniform(0), Combine::Add | Combine::Subtract)
                | (_, Tile::Uniform(255), Combine::Intersect) => old,
                (_, Tile::Uniform(255), Combine::Subtract)
                | (_, Tile::Uniform(0), Combine::Intersect) => Tile::Uniform(0),
                (_, Tile::Uniform(255), Combine::Add) => Tile::Uniform(255),
                (Tile::Uniform(0), _, Combine::Add)
                | (Tile::Uniform(255), _, Combine::Intersect)
                | (_, _, Combine::Replace) => new,
                (Tile::Uniform(0), _, Combine::Subtract | Combine::Intersect) => old,
                (Tile::Uniform(old), Tile::Uniform(new), _) => {
                    Tile::Uniform(combined(*old, *new, combine))
                }
                _ => {
                    let mut block = old.block();
                    for (value, stamp) in block.iter_mut().zip(&new.block()) {
                        *value = combined(*value, *stamp, combine);
                    }
                    Tile::new(block, self.extent(index))
                }
            };
            self.set_tile(index, tile);
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tiles.iter().all(|tile| *tile == Tile::Uniform(0))
    }

    /// All is to be edited; a mask without pixels is not.
    #[must_use]
    pub fn is_full(&self) -> bool {
        !self.tiles.is_empty() && self.tiles.iter().all(|tile| *tile == Tile::Uniform(255))
    }

    /// The sum of the coverage of all pixels.
    #[must_use]
    pub fn covered(&self) -> u64 {
        self.sums().covered
    }

    /// Where its centroid is; the centre where it is empty.
    #[must_use]
    pub fn place(&self) -> Place {
        self.sums().place(self.pixels)
    }

    pub(super) fn sums(&self) -> Sums {
        (0..self.tiles.len()).fold(Sums::default(), |sums, index| {
            sums.plus(self.tile_sums(index))
        })
    }

    pub(super) fn tile_sums(&self, index: usize) -> Sums {
        let tile = self.tiles.get(index);
        tile.map_or_else(Sums::default, |tile| tile.sums(self.extent(index)))
    }
}
