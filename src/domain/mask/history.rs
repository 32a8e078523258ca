//! Steps that can be taken back and forth: what each has changed, packed once it is a while ago.

use ::png::DeflateCompression;

use super::draft::{add, join, pack, subtract, unpack};
use super::raster::{AREA, Mask, Tile};

/// What the latest steps may hold as they are; the last one always is.
const AT_HAND: usize = 8 << 20;

/// One change of a mask, in both directions.
#[derive(Debug, Clone)]
enum Step {
    /// The tiles before and after it.
    AtHand(Vec<(u32, Tile, Tile)>),
    Packed {
        /// The values before and after it.
        uniform: Box<[(u32, u8, u8)]>,
        varied: Box<[u32]>,
        /// What was before less what came after: nothing where the step did nothing, and the same bytes for both ways.
        differences: Box<[u8]>,
    },
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

impl Step {
    fn packed(self) -> Self {
        let Self::AtHand(tiles) = self else {
            return self;
        };
        let (mut uniform, mut varied, mut differences) = (Vec::new(), Vec::new(), Vec::new());
        for (at, before, after) in &tiles {
            if let (Tile::Uniform(before), Tile::Uniform(after)) = (before, after) {
                uniform.push((*at, *before, *after));
            } else {
                varied.push(*at);
                let mut block = before.block();
                join(&mut block, &after.block(), subtract);
                differences.push(block);
            }
        }
        // Several times slower than the fastest, and a fifth less: it stays in memory.
        match pack(differences.iter(), DeflateCompression::Level(1)) {
            Some(differences) => Self::Packed {
                uniform: uniform.into(),
                varied: varied.into(),
                differences: differences.into(),
            },
            None => Self::AtHand(tiles),
        }
    }

    /// Does it, or undoes it. Returns the tiles that changed, with what was there.
    fn go(&self, way: Way, mask: &mut Mask) -> Vec<(usize, Tile)> {
        let mut changed = Vec::new();
        let mut set = |at: u32, tile: Tile, mask: &mut Mask| {
            changed.push((at as usize, mask.set_tile(at as usize, tile)));
        };
        match self {
            Self::AtHand(tiles) => {
                for (at, before, after) in tiles {
                    let tile = if way == Way::Back { before } else { after };
                    set(*at, tile.clone(), mask);
                }
            }
            Self::Packed {
                uniform,
                varied,
                differences,
            } => {
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
        matches!(self, Self::AtHand(_))
    }

    fn bytes(&self) -> usize {
        match self {
            Self::AtHand(tiles) => {
                let sides = tiles.iter().flat_map(|(_, before, after)| [before, after]);
                let varied = sides.filter(|tile| matches!(tile, Tile::Varied(_)));
                varied.count() * AREA + size_of_val(tiles.as_slice())
            }
            Self::Packed {
                uniform,
                varied,
                differences,
            } => size_of_val(&**uniform) + size_of_val(&**varied) + differences.len(),
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
                let taken = std::mem::replace(step, Step::AtHand(Vec::new()));
                *step = taken.packed();
            }
        }
        self.steps.push(Step::AtHand(changes));
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

    pub(super) fn can(&self, way: Way) -> bool {
        match way {
            Way::Back => self.done > 0,
            Way::Forth => self.done < self.steps.len(),
        }
    }
}
