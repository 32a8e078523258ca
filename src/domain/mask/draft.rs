//! Masks and tiles in few bytes: for the database, and for the steps of the history.

use std::io::{Cursor, Write};
use std::sync::Arc;

use ::png::{BitDepth, ColorType, Decoder, DeflateCompression, Encoder, Filter, Limits, chunk};

use crate::Pixels;

use super::history::History;
use super::raster::{AREA, Block, EDGE, Mask, Tile};
use super::runs::Runs;

/// The format, and its version.
const MARK: [u8; 5] = *b"mask\x01";

/// The same for a mask with its steps.
const DRAFT_MARK: [u8; 5] = *b"edit\x01";
/// The filter type of a row that is written as it is (PNG, 9.2).
const NO_FILTER: u8 = 0;
/// What the steps of a stored draft have at most.
const MOST_STEP_BYTES: usize = 32 << 20;

/// A mask that is not finished, with what can be taken back and forth of it.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(super) mask: Mask,
    pub(super) history: History,
}

impl From<Mask> for Draft {
    /// Nothing of it can be taken back.
    fn from(mask: Mask) -> Self {
        let history = History::default();
        Self { mask, history }
    }
}

impl Draft {
    /// For the database: the mask and its length, and the steps, each with a version and a check sum of their own.
    pub(super) fn write(mask: &Mask, history: &History) -> Vec<u8> {
        let mask = mask.to_bytes();
        let length = (mask.len() as u32).to_le_bytes();
        let steps = history.to_bytes(MOST_STEP_BYTES);
        [&DRAFT_MARK[..], &length, &mask, &steps].concat()
    }

    /// What an editor has written, or a mask alone. Steps that are damaged are left out: the mask counts.
    ///
    /// # Errors
    /// The mask is damaged, or all is of a version that is not known.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DraftFault> {
        let (mark, version) = (&DRAFT_MARK[..4], &DRAFT_MARK[4..]);
        let Some(rest) = bytes.strip_prefix(mark) else {
            return Mask::from_bytes(bytes).map(Self::from);
        };
        let rest = rest.strip_prefix(version).ok_or(DraftFault::Version)?;
        let (length, rest) = rest.split_first_chunk().ok_or(DraftFault::Damaged)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (mask, steps) = rest.split_at_checked(length).ok_or(DraftFault::Damaged)?;
        let mask = Mask::from_bytes(mask)?;
        let history = History::from_bytes(steps, mask.tiles().len()).unwrap_or_default();
        Ok(Self { mask, history })
    }

    #[must_use]
    pub fn pixels(&self) -> Pixels {
        self.mask.pixels()
    }
}

/// Why a stored mask cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DraftFault {
    #[error("a stored mask of a version that is not known")]
    Version,
    #[error("a stored mask is damaged")]
    Damaged,
}

/// Blocks as a greyscale picture, each a row of it: where a block goes on as it is above, nothing is left. In little memory, and
/// soon. (PNG's own filter for what is beside leaves as many bytes of strokes, and takes as long as all the rest.)
pub(super) fn pack<'a>(blocks: impl ExactSizeIterator<Item = &'a Block>) -> Option<Vec<u8>> {
    deflated(blocks, Filter::NoFilter)
}

/// The same in less time, where strokes are all that there is: it is written after each pause of the hand.
fn pack_fast(blocks: &[&Block]) -> Option<Vec<u8>> {
    let mut runs = Runs::new();
    for block in blocks {
        runs.byte(NO_FILTER);
        let less = u8::wrapping_sub;
        runs.differences::<0>(&[0; EDGE], &block[..EDGE], less);
        runs.differences::<0>(&block[..AREA - EDGE], &block[EDGE..], less);
    }
    // Gradients have few runs, and are alike beside each other too.
    if runs.len() > AREA * blocks.len() / 2 {
        return deflated(blocks.iter().copied(), Filter::Sub);
    }
    let mut bytes = Vec::new();
    if blocks.is_empty() {
        return Some(bytes);
    }
    let mut writer = encoder(&mut bytes, blocks.len())?.write_header().ok()?;
    writer.write_chunk(chunk::IDAT, &runs.finish()).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

fn deflated<'a>(
    blocks: impl ExactSizeIterator<Item = &'a Block>,
    filter: Filter,
) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    if blocks.len() == 0 {
        return Some(bytes);
    }
    let mut encoder = encoder(&mut bytes, blocks.len())?;
    encoder.set_filter(filter);
    encoder.set_deflate_compression(DeflateCompression::Level(1));
    let mut writer = encoder.write_header().ok()?;
    let mut rows = writer.stream_writer().ok()?;
    for block in blocks {
        let mut above = [0; AREA];
        above[EDGE..].copy_from_slice(&block[..AREA - EDGE]);
        let mut differences = *block;
        join(&mut differences, &above, subtract);
        rows.write_all(&differences).ok()?;
    }
    rows.finish().ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

fn encoder(bytes: &mut Vec<u8>, height: usize) -> Option<Encoder<'_, &mut Vec<u8>>> {
    let height = u32::try_from(height).ok()?;
    let mut encoder = Encoder::new(bytes, AREA as u32, height);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::Eight);
    Some(encoder)
}

/// `count` blocks as `pack` has written them; `None` where they are damaged.
pub(super) fn unpack(bytes: &[u8], count: usize) -> Option<Vec<Arc<Block>>> {
    if count == 0 {
        return bytes.is_empty().then(Vec::new);
    }
    let limits = Limits { bytes: 1 << 20 };
    let mut reader = Decoder::new_with_limits(Cursor::new(bytes), limits)
        .read_info()
        .ok()?;
    let info = reader.info();
    let is_ours = info.width as usize == AREA && info.height as usize == count && !info.interlaced;
    if !is_ours || reader.output_color_type() != (ColorType::Grayscale, BitDepth::Eight) {
        return None;
    }
    let mut blocks = Vec::new();
    for _ in 0..count {
        let mut block: Block = reader.next_row().ok()??.data().try_into().ok()?;
        let mut above = [0; EDGE];
        for row in block.as_chunks_mut().0 {
            join(row, &above, add);
            above = *row;
        }
        blocks.push(Arc::new(block));
    }
    Some(blocks)
}

/// Eight pixels at a time.
pub(super) fn join<const N: usize>(
    values: &mut [u8; N],
    others: &[u8; N],
    with: impl Fn(u64, u64) -> u64,
) {
    let pairs = values
        .as_chunks_mut()
        .0
        .iter_mut()
        .zip(others.as_chunks().0);
    for (value, other) in pairs {
        *value = with(u64::from_le_bytes(*value), u64::from_le_bytes(*other)).to_le_bytes();
    }
}

const HIGH: u64 = 0x8080_8080_8080_8080;

/// Each of eight bytes for itself, wrapping.
pub(super) fn add(one: u64, other: u64) -> u64 {
    ((one & !HIGH) + (other & !HIGH)) ^ ((one ^ other) & HIGH)
}

/// Each of eight bytes for itself, wrapping.
pub(super) fn subtract(one: u64, other: u64) -> u64 {
    ((one | HIGH) - (other & !HIGH)) ^ ((one ^ !other) & HIGH)
}

impl Mask {
    /// For the database: versioned, compressed, and with a check sum.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MARK.to_vec();
        bytes.extend(self.pixels().width.to_le_bytes());
        bytes.extend(self.pixels().height.to_le_bytes());
        // Runs of equal kinds: how many, whether varied, and the value otherwise.
        let kind = |tile: &Tile| match tile {
            Tile::Uniform(value) => [0, *value],
            Tile::Varied(_) => [1, 0],
        };
        for run in self.tiles().chunk_by(|one, other| kind(one) == kind(other)) {
            bytes.extend((run.len() as u32).to_le_bytes());
            bytes.extend(run.first().map_or([0; 2], kind));
        }
        let varied = self.tiles().iter().filter_map(|tile| match tile {
            Tile::Uniform(_) => None,
            Tile::Varied(block) => Some(&**block),
        });
        // Packing fails only for lack of memory, and then nothing goes on.
        let varied: Vec<&Block> = varied.collect();
        let packed = pack_fast(&varied);
        bytes.extend(packed.unwrap_or_default());
        bytes.extend(check_sum(&bytes).to_le_bytes());
        bytes
    }

    /// # Errors
    /// The bytes are damaged, or of a version that is not known.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DraftFault> {
        let (mark, version) = (&MARK[..4], &MARK[4..]);
        let rest = bytes.strip_prefix(mark).ok_or(DraftFault::Damaged)?;
        rest.strip_prefix(version).ok_or(DraftFault::Version)?;
        let (summed, sum) = bytes.split_last_chunk().ok_or(DraftFault::Damaged)?;
        let content = summed.get(MARK.len()..).ok_or(DraftFault::Damaged)?;
        if u32::from_le_bytes(*sum) != check_sum(summed) {
            return Err(DraftFault::Damaged);
        }
        Self::from_content(content).ok_or(DraftFault::Damaged)
    }

    fn from_content(mut bytes: &[u8]) -> Option<Self> {
        let mut word = || {
            let (word, rest) = bytes.split_first_chunk::<4>()?;
            bytes = rest;
            Some(u32::from_le_bytes(*word))
        };
        let pixels = Pixels::new(word()?, word()?);
        if pixels.long_edge() > Self::MAX_EDGE {
            return None;
        }
        let mut mask = Self::new(pixels);
        let mut varied = Vec::new();
        let mut at = 0;
        while at < mask.tiles().len() {
            let (head, rest) = bytes.split_first_chunk::<6>()?;
            let [a, b, c, d, kind, value] = *head;
            bytes = rest;
            let end = at + u32::from_le_bytes([a, b, c, d]) as usize;
            if end == at || end > mask.tiles().len() {
                return None;
            }
            for index in at..end {
                match kind {
                    0 => drop(mask.set_tile(index, Tile::Uniform(value))),
                    1 => varied.push(index),
                    _ => return None,
                }
            }
            at = end;
        }
        let blocks = unpack(bytes, varied.len())?;
        for (index, block) in varied.into_iter().zip(blocks) {
            mask.set_block(index, *block);
        }
        Some(mask)
    }
}

/// FNV-1a.
fn check_sum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn damaged_drafts_are_refused() {
        let mut mask = Mask::new(Pixels::new(150, 90));
        mask.set_block(1, std::array::from_fn(|at| (at * at / 77) as u8));
        let bytes = mask.to_bytes();
        assert_eq!(Mask::from_bytes(&bytes), Ok(mask));
        assert!(bytes.len() < AREA);
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 4;
            let fault = if at == 4 {
                DraftFault::Version
            } else {
                DraftFault::Damaged
            };
            assert_eq!(Mask::from_bytes(&damaged), Err(fault), "{at}");
            assert!(Mask::from_bytes(&bytes[..at]).is_err());
        }
    }

    proptest! {
        #[test]
        fn bytes_do_not_carry(one in any::<[u8; 8]>(), other in any::<[u8; 8]>()) {
            let with = |each: fn(u64, u64) -> u64| each(u64::from_le_bytes(one), u64::from_le_bytes(other)).to_le_bytes();
            prop_assert_eq!(with(add), std::array::from_fn(|at| one[at].wrapping_add(other[at])));
            prop_assert_eq!(with(subtract), std::array::from_fn(|at| one[at].wrapping_sub(other[at])));
        }
    }
}
