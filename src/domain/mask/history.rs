//! Steps that can be taken back and forth: what each has changed, packed once it is a while ago.

use std::cell::OnceCell;

use super::draft::{add, join, pack, subtract, unpack};
use super::raster::{AREA, Mask, Tile};

/// What the latest steps may hold as they are; the last one always is.
const AT_HAND: usize = 8 << 20;

/// One change of a mask, in both directions.
#[derive(Debug, Clone)]
enum Step {
    /// The tiles before and after it; packed as well once that was asked for.
    AtHand(Vec<(u32, Tile, Tile)>, OnceCell<Packed>),
    Packed(Packed),
}

#[derive(Debug, Clone)]
struct Packed {
    /// The values before and after it.
    uniform: Box<[(u32, u8, u8)]>,
    varied: Box<[u32]>,
    /// What was before less what came after: nothing where the step did nothing, and the same bytes for both ways.
    differences: Box<[u8]>,
}

/// All steps, and how many of them are done.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    steps: Vec<Step>,
    done: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Back,
    Forth,
}

/// The tiles that differ: where, what was and what is.
pub(super) fn changes(before: &Mask, after: &Mask) -> Vec<(u32, Tile, Tile)> {
    let pairs = (0..).zip(before.tiles().iter().zip(after.tiles()));
    let changed = pairs.filter(|(_, (before, after))| !before.is_shared(after) && before != after);
    changed
        .map(|(at, (before, after))| (at, before.clone(), after.clone()))
        .collect()
}

impl Packed {
    fn new(tiles: &[(u32, Tile, Tile)]) -> Option<Self> {
        let (mut uniform, mut varied, mut differences) = (Vec::new(), Vec::new(), Vec::new());
        for (at, before, after) in tiles {
            if let (Tile::Uniform(before), Tile::Uniform(after)) = (before, after) {
                uniform.push((*at, *before, *after));
            } else {
                varied.push(*at);
                let mut block = before.block();
                join(&mut block, &after.block(), subtract);
                differences.push(block);
            }
        }
        let differences = pack(differences.iter())?;
        Some(Self {
            uniform: uniform.into(),
            varied: varied.into(),
            differences: differences.into(),
        })
    }

    fn bytes(&self) -> usize {
        size_of_val(&*self.uniform) + size_of_val(&*self.varied) + self.differences.len()
    }

    /// Three lengths, and what has them.
    fn write(&self, into: &mut Vec<u8>) {
        let lengths = [
            self.uniform.len(),
            self.varied.len(),
            self.differences.len(),
        ];
        for length in lengths {
            into.extend((length as u32).to_le_bytes());
        }
        for (at, before, after) in &self.uniform {
            into.extend(at.to_le_bytes());
            into.extend([*before, *after]);
        }
        for at in &self.varied {
            into.extend(at.to_le_bytes());
        }
        into.extend(&self.differences);
    }

    fn written_bytes(&self) -> usize {
        12 + self.uniform.len() * 6 + self.varied.len() * 4 + self.differences.len()
    }

    /// Of a mask of so many tiles.
    fn read(from: &mut &[u8], tiles: usize) -> Option<Self> {
        let lengths = [word(from)?, word(from)?, word(from)?].map(|length| length as usize);
        let [uniform, varied, differences] = lengths;
        let uniform = from.split_off(..uniform.checked_mul(6)?)?;
        let varied = from.split_off(..varied.checked_mul(4)?)?;
        let differences = from.split_off(..differences)?;
        let uniform = uniform
            .as_chunks()
            .0
            .iter()
            .map(|[a, b, c, d, before, after]| {
                (u32::from_le_bytes([*a, *b, *c, *d]), *before, *after)
            });
        let varied = varied.as_chunks().0.iter().copied().map(u32::from_le_bytes);
        let packed = Self {
            uniform: uniform.collect(),
            varied: varied.collect(),
            differences: differences.into(),
        };
        let mut places = packed
            .uniform
            .iter()
            .map(|(at, ..)| at)
            .chain(&packed.varied);
        places.all(|at| (*at as usize) < tiles).then_some(packed)
    }
}

impl Step {
    fn packed(self) -> Self {
        let Self::AtHand(tiles, mut packed) = self else {
            return self;
        };
        match packed.take().or_else(|| Packed::new(&tiles)) {
            Some(packed) => Self::Packed(packed),
            None => Self::AtHand(tiles, packed),
        }
    }

    /// As it is kept: packed, once.
    fn as_packed(&self) -> Option<&Packed> {
        match self {
            Self::Packed(packed) => Some(packed),
            Self::AtHand(tiles, packed) => {
                if packed.get().is_none() {
                    packed.set(Packed::new(tiles)?).ok();
                }
                packed.get()
            }
        }
    }

    fn awaits_packing(&self) -> bool {
        matches!(self, Self::AtHand(_, packed) if packed.get().is_none())
    }

    /// Does it, or undoes it. Returns the tiles that changed, with what was there.
    fn go(&self, way: Way, mask: &mut Mask) -> Vec<(usize, Tile)> {
        let mut changed = Vec::new();
        let mut set = |at: u32, tile: Tile, mask: &mut Mask| {
            changed.push((at as usize, mask.set_tile(at as usize, tile)));
        };
        match self {
            Self::AtHand(tiles, _) => {
                for (at, before, after) in tiles {
                    let tile = if way == Way::Back { before } else { after };
                    set(*at, tile.clone(), mask);
                }
            }
            Self::Packed(Packed {
                uniform,
                varied,
                differences,
            }) => {
                for (at, before, after) in uniform {
                    let value = if way == Way::Back { before } else { after };
                    set(*at, Tile::Uniform(*value), mask);
                }
                // It was packed here: it is not damaged.
                let blocks = unpack(differences, varied.len()).unwrap_or_default();
                for (at, difference) in varied.iter().zip(blocks) {
                    let index = *at as usize;
                    let mut block = mask.tile(index).block();
                    match way {
                        Way::Back => join(&mut block, &difference, add),
                        Way::Forth => join(&mut block, &difference, subtract),
                    }
                    set(*at, Tile::new(block, mask.extent(index)), mask);
                }
            }
        }
        changed
    }

    fn is_at_hand(&self) -> bool {
        matches!(self, Self::AtHand(..))
    }

    fn bytes(&self) -> usize {
        match self {
            Self::AtHand(tiles, packed) => {
                let sides = tiles.iter().flat_map(|(_, before, after)| [before, after]);
                let varied = sides.filter(|tile| matches!(tile, Tile::Varied(_)));
                let packed = packed.get().map_or(0, Packed::bytes);
                varied.count() * AREA + size_of_val(tiles.as_slice()) + packed
            }
            Self::Packed(packed) => packed.bytes(),
        }
    }
}

impl History {
    /// A step that is done; what was taken back is forgotten.
    pub(super) fn push(&mut self, changes: Vec<(u32, Tile, Tile)>) {
        self.steps.truncate(self.done);
        let mut at_hand = 0;
        for step in self
            .steps
            .iter_mut()
            .rev()
            .take_while(|step| step.is_at_hand())
        {
            at_hand += step.bytes();
            if at_hand > AT_HAND {
                let taken = std::mem::replace(step, Step::AtHand(Vec::new(), OnceCell::new()));
                *step = taken.packed();
            }
        }
        self.steps.push(Step::AtHand(changes, OnceCell::new()));
        self.done = self.steps.len();
    }

    /// The tiles that changed, with what was there; `None` where there is no step.
    pub(super) fn go(&mut self, way: Way, mask: &mut Mask) -> Option<Vec<(usize, Tile)>> {
        let (at, done) = match way {
            Way::Back => (self.done.checked_sub(1)?, self.done - 1),
            Way::Forth => (self.done, self.done + 1),
        };
        let changed = self.steps.get(at)?.go(way, mask);
        self.done = done;
        Some(changed)
    }

    /// What all steps hold in memory.
    pub(super) fn bytes(&self) -> usize {
        self.steps
            .iter()
            .map(|step| step.bytes() + size_of::<Step>())
            .sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(super) fn can(&self, way: Way) -> bool {
        match way {
            Way::Back => self.done > 0,
            Way::Forth => self.done < self.steps.len(),
        }
    }

    /// Packs a step that is not; false where all are.
    pub(super) fn pack_one(&self) -> bool {
        let mut steps = self.steps.iter().rev();
        let step = steps.find(|step| step.awaits_packing());
        step.is_some_and(|step| step.as_packed().is_some())
    }

    /// For the database: how many steps, how many of them are done, and each; behind that, a check sum. Of steps that need
    /// more bytes together, those that are the furthest from being taken back or forth are left out.
    pub(super) fn to_bytes(&self, most_bytes: usize) -> Vec<u8> {
        // A step that cannot be packed ends what can be gone through.
        let length = |at: usize| Some(self.steps.get(at)?.as_packed()?.written_bytes());
        let (mut from, mut to, mut sum) = (self.done, self.done, 0);
        loop {
            let before = from.checked_sub(1);
            let is_before_nearer = self.done - from <= to - self.done;
            let fits = |at: usize| {
                length(at)
                    .map(|length| sum + length)
                    .filter(|sum| *sum <= most_bytes)
            };
            let back = before.and_then(fits);
            let forth = fits(to);
            match (back, forth) {
                (Some(more), None) => (from, sum) = (from - 1, more),
                (Some(more), Some(_)) if is_before_nearer => (from, sum) = (from - 1, more),
                (_, Some(more)) => (to, sum) = (to + 1, more),
                (None, None) => break,
            }
        }
        let steps = self.steps.get(from..to).unwrap_or_default();
        let mut bytes = Vec::with_capacity(sum + 12);
        bytes.extend((steps.len() as u32).to_le_bytes());
        bytes.extend(((self.done - from) as u32).to_le_bytes());
        for packed in steps.iter().filter_map(Step::as_packed) {
            packed.write(&mut bytes);
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// What `to_bytes` has written, of a mask of so many tiles; `None` where it is damaged.
    pub(super) fn from_bytes(bytes: &[u8], tiles: usize) -> Option<Self> {
        let (mut content, sum) = bytes.split_last_chunk()?;
        if u32::from_le_bytes(*sum) != crc32fast::hash(content) {
            return None;
        }
        let (count, done) = (word(&mut content)?, word(&mut content)? as usize);
        let mut steps = Vec::new();
        for _ in 0..count {
            steps.push(Step::Packed(Packed::read(&mut content, tiles)?));
        }
        (done <= steps.len() && content.is_empty()).then_some(Self { steps, done })
    }
}

fn word(from: &mut &[u8]) -> Option<u32> {
    let (word, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(u32::from_le_bytes(*word))
}
