//! Steps that can be taken back and forth: the tiles that each has changed, packed once they are far away.

use super::draft::{pack, unpack};
use super::raster::{AREA, Mask, Tile};

/// What the steps at hand may hold as they are; more is packed.
const AT_HAND: usize = 12 << 20;

/// The tiles of a mask on the other side of a step.
#[derive(Debug, Clone)]
pub(super) enum Step {
    AtHand(Vec<(u32, Tile)>),
    Packed {
        uniform: Box<[(u32, u8)]>,
        varied: Box<[u32]>,
        blocks: Box<[u8]>,
    },
}

/// Steps in one direction, the nearest last.
#[derive(Debug, Clone, Default)]
struct Steps {
    steps: Vec<Step>,
    /// How many are packed, all of them farther away than the others.
    packed: usize,
    at_hand: usize,
}

#[derive(Debug, Clone, Default)]
pub(super) struct History {
    undo: Steps,
    redo: Steps,
}

impl Step {
    /// What turns the mask back into what it was; `None` where nothing has changed.
    pub(super) fn between(before: &Mask, now: &Mask) -> Option<Self> {
        let pairs = before.tiles().iter().zip(now.tiles()).enumerate();
        let changed = pairs.filter(|(_, (before, now))| !before.is_shared(now) && before != now);
        let tiles: Vec<_> = changed.map(|(at, (before, _))| (at as u32, before.clone())).collect();
        (!tiles.is_empty()).then_some(Self::AtHand(tiles))
    }

    /// The tiles that it changes.
    pub(super) fn indices(&self) -> Vec<usize> {
        match self {
            Self::AtHand(tiles) => tiles.iter().map(|(at, _)| *at as usize).collect(),
            Self::Packed { uniform, varied, .. } => {
                let uniform = uniform.iter().map(|(at, _)| at);
                uniform.chain(varied).map(|at| *at as usize).collect()
            }
        }
    }

    /// Puts its tiles in place of those of the mask. Returns the way back.
    fn swap(self, mask: &mut Mask) -> Self {
        let tiles = self.unpacked().into_iter();
        let swap = |(at, tile): (u32, Tile)| (at, mask.set_tile(at as usize, tile));
        Self::AtHand(tiles.map(swap).collect())
    }

    fn unpacked(self) -> Vec<(u32, Tile)> {
        match self {
            Self::AtHand(tiles) => tiles,
            Self::Packed { uniform, varied, blocks } => {
                let uniform = uniform.iter().map(|(at, value)| (*at, Tile::Uniform(*value)));
                // It was packed here: it is not damaged.
                let blocks = unpack(&blocks, varied.len()).unwrap_or_default();
                let varied = varied.iter().copied().zip(blocks.into_iter().map(Tile::Varied));
                uniform.chain(varied).collect()
            }
        }
    }

    fn packed(self) -> Self {
        let Self::AtHand(tiles) = self else {
            return self;
        };
        let uniform = tiles.iter().filter_map(|(at, tile)| match tile {
            Tile::Uniform(value) => Some((*at, *value)),
            Tile::Varied(_) => None,
        });
        let varied = tiles.iter().filter_map(|(at, tile)| match tile {
            Tile::Uniform(_) => None,
            Tile::Varied(block) => Some((*at, &**block)),
        });
        let (indices, blocks): (Vec<_>, Vec<_>) = varied.unzip();
        match pack(&blocks) {
            Some(blocks) => Self::Packed {
                uniform: uniform.collect(),
                varied: indices.into(),
                blocks: blocks.into(),
            },
            None => Self::AtHand(tiles),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::AtHand(tiles) => {
                let varied = tiles.iter().filter(|(_, tile)| matches!(tile, Tile::Varied(_)));
                varied.count() * AREA + size_of_val(tiles.as_slice())
            }
            Self::Packed { uniform, varied, blocks } => {
                size_of_val(&**uniform) + size_of_val(&**varied) + blocks.len()
            }
        }
    }
}

impl Steps {
    fn push(&mut self, step: Step) {
        self.at_hand += step.bytes();
        self.steps.push(step);
        while self.at_hand > AT_HAND {
            let Some(step) = self.steps.get_mut(self.packed) else {
                return;
            };
            self.at_hand = self.at_hand.saturating_sub(step.bytes());
            let taken = std::mem::replace(step, Step::AtHand(Vec::new()));
            *step = taken.packed();
            self.packed += 1;
        }
    }

    fn pop(&mut self) -> Option<Step> {
        let step = self.steps.pop()?;
        if self.packed > self.steps.len() {
            self.packed = self.steps.len();
        } else {
            self.at_hand = self.at_hand.saturating_sub(step.bytes());
        }
        Some(step)
    }

    fn bytes(&self) -> usize {
        self.steps.iter().map(|step| step.bytes() + size_of::<Step>()).sum()
    }
}

impl History {
    /// A new step: what was taken back is forgotten.
    pub(super) fn push(&mut self, step: Step) {
        self.redo = Steps::default();
        self.undo.push(step);
    }

    /// The tiles that change with the next undo; `None` where there is none.
    pub(super) fn next(&self, is_redo: bool) -> Option<Vec<usize>> {
        let steps = if is_redo { &self.redo } else { &self.undo };
        steps.steps.last().map(Step::indices)
    }

    pub(super) fn take(&mut self, mask: &mut Mask, is_redo: bool) {
        let (from, to) = if is_redo {
            (&mut self.redo, &mut self.undo)
        } else {
            (&mut self.undo, &mut self.redo)
        };
        if let Some(step) = from.pop() {
            to.push(step.swap(mask));
        }
    }

    /// What all steps hold in memory.
    pub(super) fn bytes(&self) -> usize {
        self.undo.bytes() + self.redo.bytes()
    }

    pub(super) fn can_undo(&self) -> bool {
        !self.undo.steps.is_empty()
    }

    pub(super) fn can_redo(&self) -> bool {
        !self.redo.steps.is_empty()
    }
}
