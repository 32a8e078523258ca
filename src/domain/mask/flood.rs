//! Connected regions: what the magic wand and the fill select.

use std::convert::Infallible;

use super::PicturePixels;
use super::geometry::ImagePoint;
use super::raster::Mask;
use super::tool::Wand;

const WORD: usize = u64::BITS as usize;

/// A bit for each pixel.
struct Bits {
    width: usize,
    height: usize,
    /// Words of a row.
    stride: usize,
    words: Vec<u64>,
}

impl Bits {
    fn new(width: usize, height: usize) -> Self {
        let stride = width.div_ceil(WORD);
        Self {
            width,
            height,
            stride,
            words: vec![0; stride * height],
        }
    }

    fn has(&self, x: usize, y: usize) -> bool {
        let word = self.words.get(y * self.stride + x / WORD);
        x < self.width && word.is_some_and(|word| word >> (x % WORD) & 1 == 1)
    }

    fn set(&mut self, x: usize, y: usize) {
        if let Some(word) = self.words.get_mut(y * self.stride + x / WORD) {
            *word |= 1 << (x % WORD);
        }
    }

    fn set_row(&mut self, y: usize, mut is_set: impl Iterator<Item = bool>) {
        for word in self
            .words
            .iter_mut()
            .skip(y * self.stride)
            .take(self.stride)
        {
            let bits = is_set.by_ref().take(WORD).enumerate();
            *word = bits.fold(0, |word, (bit, is_set)| word | u64::from(is_set) << bit);
        }
    }

    /// What is connected with a pixel by edges: span by span.
    fn connected(&self, x: usize, y: usize) -> Self {
        let mut found = Self::new(self.width, self.height);
        let mut seeds = vec![(x, y)];
        while let Some((x, y)) = seeds.pop() {
            let is_open = |x: usize, found: &Self| self.has(x, y) && !found.has(x, y);
            if !is_open(x, &found) {
                continue;
            }
            let mut left = x;
            while left > 0 && is_open(left - 1, &found) {
                left -= 1;
            }
            let mut right = left;
            while is_open(right, &found) {
                found.set(right, y);
                right += 1;
            }
            for next in [y.checked_sub(1), Some(y + 1)].into_iter().flatten() {
                let mut was_open = false;
                for x in left..right {
                    let is_open = next < self.height && self.has(x, next) && !found.has(x, next);
                    if is_open && !was_open {
                        seeds.push((x, next));
                    }
                    was_open = is_open;
                }
            }
        }
        found
    }

    fn neighbours(&self, x: usize, y: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (width, height) = (self.width, self.height);
        let around = [
            (x.wrapping_sub(1), y),
            (x + 1, y),
            (x, y.wrapping_sub(1)),
            (x, y + 1),
        ];
        around
            .into_iter()
            .filter(move |(x, y)| *x < width && *y < height)
    }

    /// The pixels that have a neighbour which is not set. Words in the middle of a region are not looked at closer.
    fn border(&self) -> Vec<(usize, usize)> {
        let mut border = Vec::new();
        for (at, word) in self
            .words
            .iter()
            .enumerate()
            .filter(|(_, word)| **word != 0)
        {
            let (column, y) = (at % self.stride, at / self.stride);
            let is_all = |at: Option<usize>| {
                at.and_then(|at| self.words.get(at))
                    .is_some_and(|word| *word == u64::MAX)
            };
            let around = [
                at.checked_sub(1),
                Some(at + 1),
                at.checked_sub(self.stride),
                Some(at + self.stride),
            ];
            if *word == u64::MAX && around.into_iter().all(is_all) {
                continue;
            }
            let pixels = (0..WORD).filter(|bit| word >> bit & 1 == 1);
            let pixels = pixels.map(|bit| (column * WORD + bit, y));
            border.extend(
                pixels.filter(|(x, y)| self.neighbours(*x, *y).any(|(x, y)| !self.has(x, y))),
            );
        }
        border
    }

    fn mask(&self, like: &Mask) -> Mask {
        let drawn = Mask::from_rows(like.pixels(), 0..self.height, |y, row| {
            let words = self.words.iter().skip(y * self.stride);
            for (pixels, word) in row
                .chunks_mut(WORD)
                .zip(words)
                .filter(|(_, word)| **word != 0)
            {
                for (bit, value) in pixels.iter_mut().enumerate() {
                    *value = if word >> bit & 1 == 1 { 255 } else { 0 };
                }
            }
            Ok::<(), Infallible>(())
        });
        drawn.unwrap_or_else(|never| match never {})
    }
}

/// The pixel that holds a point.
fn pixel(mask: &Mask, at: ImagePoint) -> Option<(usize, usize)> {
    let (width, height) = mask.edges();
    let is_inside = at.x >= 0.0 && at.y >= 0.0;
    let (x, y) = (at.x as usize, at.y as usize);
    (is_inside && x < width && y < height).then_some((x, y))
}

/// The pixels of the picture that differ from the pressed one by no more than the tolerance in any channel.
#[must_use]
pub(super) fn similar(
    mask: &Mask,
    picture: &PicturePixels,
    at: ImagePoint,
    wand: Wand,
) -> Option<Mask> {
    let (x, y) = pixel(mask, at)?;
    let (width, height) = mask.edges();
    if picture.pixels != mask.pixels() || picture.rgba.len() != width * height * 4 {
        return None;
    }
    let start = (y * width + x) * 4;
    let wanted: [u8; 4] = picture.rgba.get(start..start + 4)?.try_into().ok()?;
    let mut similar = Bits::new(width, height);
    for (y, row) in picture.rgba.chunks_exact(width * 4).enumerate() {
        let pixels = row.chunks_exact(4);
        similar.set_row(
            y,
            pixels.map(|pixel| {
                let mut pairs = pixel.iter().zip(wanted);
                pairs.all(|(one, other)| one.abs_diff(other) <= wand.tolerance)
            }),
        );
    }
    let found = if wand.contiguous {
        similar.connected(x, y)
    } else {
        similar
    };
    Some(found.mask(mask))
}

/// The region around a point that the mask encloses, or the covered one (`of_covered`), up to the ridge of its soft edge.
#[must_use]
pub(super) fn enclosed(mask: &Mask, at: ImagePoint, of_covered: bool) -> Option<Mask> {
    let (x, y) = pixel(mask, at)?;
    let (width, height) = mask.edges();
    let side = |coverage: u8| if of_covered { 255 - coverage } else { coverage };
    let mut open = Bits::new(width, height);
    let mut row = vec![0; width];
    for y in 0..height {
        mask.read_row(y, 0..width, &mut row);
        open.set_row(y, row.iter().map(|coverage| side(*coverage) < 128));
    }
    if !open.has(x, y) {
        return None;
    }
    let mut found = open.connected(x, y);
    drop(open);
    let height_of = |x: usize, y: usize| side(mask.coverage(x as i32, y as i32));
    let mut border = found.border();
    while let Some((x, y)) = border.pop() {
        for (near_x, near_y) in found.neighbours(x, y) {
            if !found.has(near_x, near_y) && height_of(near_x, near_y) > height_of(x, y) {
                found.set(near_x, near_y);
                border.push((near_x, near_y));
            }
        }
    }
    Some(found.mask(mask))
}
