//! The mask editor without a screen: what a hand does goes in, and what has to be painted again comes out.

use std::sync::Arc;

mod draft;
mod flood;
pub mod geometry;
pub mod hand;
mod history;
pub mod keys;
mod pixels;
pub mod png;
pub mod raster;
pub mod rehearsal;
mod runs;
mod shape;
mod stroke;
pub mod tint;
pub mod tool;
mod veil;
mod whole;

pub use draft::{Draft, DraftFault};
pub use geometry::{ImagePoint, Rect, ViewPoint, Viewport};
pub use pixels::Pixels;
pub use raster::{Mask, Place};
pub use tool::{Brush, Combine, Gesture, Outline, Tool, Unit, Wand};

use history::{History, Way};
use raster::{Sums, Tile};
use stroke::Dab;
use tool::{Corners, Shaping, Stroke};
use veil::Veil;

/// What a hand does. Points are in image pixels, and may lie outside of the image.
#[derive(Debug, Clone)]
pub enum Event {
    Press {
        at: ImagePoint,
        /// 0 to 1; of a mouse, 1 (or what it gives: `Brush::pressure` decides).
        pressure: f32,
        /// With Shift: a straight line from the last point of the stroke before.
        line: bool,
        /// With Alt, or with the right button: takes away what it would add.
        subtract: bool,
    },
    Move {
        at: ImagePoint,
        pressure: f32,
    },
    Release,
    /// Escape, a second finger, a pointer that the browser takes away: the mask is as before the gesture.
    Cancel,
    ClosePolygon,
    /// Of a polygon that is not closed: its last corner.
    Undo,
    Redo,
    Clear,
    CoverAll,
    Invert,
    /// By so many pixels.
    Grow(u32),
    Shrink(u32),
    /// By a radius in pixels.
    Feather(u32),
    SelectBox(Rect, Combine),
    /// In place of what is there; one of another size changes nothing.
    Import(Mask),
}

/// The picture under the mask, for the magic wand: four bytes for each pixel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PicturePixels {
    pub pixels: Pixels,
    pub rgba: Vec<u8>,
}

/// What controls show of the editor. As of the last finished gesture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MaskView {
    pub can_undo: bool,
    pub can_redo: bool,
    /// 0 to 100.
    pub covered_percent: f32,
    pub place: Place,
    pub is_empty: bool,
    pub is_full: bool,
    /// The person looks at the picture without it.
    pub is_hidden: bool,
}

/// A mask, its tools and its history.
#[derive(Debug, Clone)]
pub struct MaskEditor {
    pub tool: Tool,
    pub brush: Brush,
    /// The eraser has a size of its own.
    pub eraser: Brush,
    /// For shapes, the wand and the fill.
    pub combine: Combine,
    pub wand: Wand,
    /// A corner of a polygon so near to the first one, in image pixels, closes it.
    pub close_within: f32,
    mask: Mask,
    /// Of the mask as it is between gestures.
    sums: Sums,
    gesture: Gesture,
    /// Where the last stroke ended.
    last: Option<Dab>,
    history: History,
    picture: Option<Arc<PicturePixels>>,
    veil: Veil,
}

impl MaskEditor {
    /// An empty mask of this size.
    #[must_use]
    pub fn new(pixels: Pixels) -> Self {
        Self::with(Mask::new(pixels))
    }

    /// A mask from a draft: nothing can be taken back.
    #[must_use]
    pub fn with(mask: Mask) -> Self {
        Self {
            tool: Tool::default(),
            brush: Brush::default(),
            eraser: Brush::default(),
            combine: Combine::default(),
            wand: Wand::default(),
            close_within: 0.0,
            sums: mask.sums(),
            mask,
            gesture: Gesture::Idle,
            last: None,
            history: History::default(),
            picture: None,
            veil: Veil::default(),
        }
    }

    /// What is to be painted again, in image pixels inside of the mask; `None` where the mask did not change. What has no
    /// meaning in the middle of a gesture changes nothing. A mask that is hidden is seen again.
    pub fn handle(&mut self, event: Event) -> Option<Rect> {
        let (was_hidden, veil) = (self.is_hidden(), self.veil.after(&event));
        self.veil = veil;
        let dirty = self.go_on(event);
        if veil.is_hidden() == was_hidden {
            return dirty;
        }
        Rect::of(self.mask.pixels()).some()
    }

    fn go_on(&mut self, event: Event) -> Option<Rect> {
        match (std::mem::take(&mut self.gesture), event) {
            (Gesture::Idle, event) => self.begin(event),
            (Gesture::Painting(stroke), event) => self.paint(stroke, event),
            (Gesture::Shaping(shaping), event) => self.shape(shaping, event),
            (Gesture::Polygon(corners), event) => self.add_corner(corners, event),
        }
    }

    fn begin(&mut self, event: Event) -> Option<Rect> {
        match event {
            Event::Press {
                at,
                pressure,
                line,
                subtract,
            } => self.press(within_reach(at)?, pressure, line, subtract),
            Event::Undo => self.step(Way::Back),
            Event::Redo => self.step(Way::Forth),
            Event::Clear => self.change(|mask| *mask = Mask::new(mask.pixels())),
            Event::CoverAll => self.change(|mask| {
                *mask = Mask::new(mask.pixels());
                mask.invert();
            }),
            Event::Invert => self.change(Mask::invert),
            Event::Grow(radius) => self.change(|mask| mask.grow(radius)),
            Event::Shrink(radius) => self.change(|mask| mask.shrink(radius)),
            Event::Feather(radius) => self.change(|mask| mask.feather(radius)),
            Event::SelectBox(rect, combine) => {
                let stamp = shape::rectangle(self.mask.pixels(), rect);
                self.combine_with(&stamp, combine)
            }
            Event::Import(mask) if mask.pixels() == self.mask.pixels() => {
                self.change(|now| *now = mask)
            }
            Event::Import(_)
            | Event::Move { .. }
            | Event::Release
            | Event::Cancel
            | Event::ClosePolygon => None,
        }
    }

    fn press(&mut self, at: ImagePoint, pressure: f32, line: bool, subtract: bool) -> Option<Rect> {
        let combine = if subtract {
            Combine::Subtract
        } else {
            self.combine
        };
        match self.tool {
            Tool::Brush if !subtract => {
                self.press_brush(self.brush, Combine::Add, at, pressure, line)
            }
            Tool::Brush => self.press_brush(self.brush, Combine::Subtract, at, pressure, line),
            Tool::Eraser => self.press_brush(self.eraser, Combine::Subtract, at, pressure, line),
            tool @ (Tool::Rectangle | Tool::Ellipse | Tool::Lasso) => {
                self.gesture = Gesture::Shaping(Shaping {
                    tool,
                    combine,
                    points: vec![at],
                });
                None
            }
            Tool::Polygon => {
                self.gesture = Gesture::Polygon(Corners {
                    combine,
                    points: vec![at],
                    next: at,
                });
                None
            }
            Tool::MagicWand => {
                let picture = self.picture.clone()?;
                let stamp = flood::similar(&self.mask, &picture, at, self.wand)?;
                self.combine_with(&stamp, combine)
            }
            Tool::Fill => {
                let of_covered = combine == Combine::Subtract;
                let stamp = flood::enclosed(&self.mask, at, of_covered)?;
                self.combine_with(&stamp, combine)
            }
        }
    }

    fn press_brush(
        &mut self,
        brush: Brush,
        combine: Combine,
        at: ImagePoint,
        pressure: f32,
        line: bool,
    ) -> Option<Rect> {
        let dab = Dab {
            at,
            radius: brush.radius(pressure),
        };
        let from = self.last.filter(|_| line).map_or(dab, |last| Dab {
            at: last.at,
            radius: dab.radius,
        });
        let mut stroke = Stroke {
            brush,
            combine,
            last: from,
            is_begun: false,
            stamp: Mask::new(self.mask.pixels()),
            before: self.mask.clone(),
        };
        let dirty = stroke::draw(&mut self.mask, &mut stroke, dab);
        self.gesture = Gesture::Painting(stroke);
        dirty
    }

    fn paint(&mut self, mut stroke: Stroke, event: Event) -> Option<Rect> {
        let dirty = match event {
            Event::Move { at, pressure } => within_reach(at).and_then(|at| {
                let radius = stroke.brush.radius(pressure);
                stroke::draw(&mut self.mask, &mut stroke, Dab { at, radius })
            }),
            Event::Release => {
                self.last = Some(stroke.last);
                self.commit(&stroke.before);
                return None;
            }
            Event::Cancel => {
                let changes = history::changes(&stroke.before, &self.mask);
                self.mask = stroke.before;
                return self.bounds(changes.into_iter().map(|(at, ..)| at as usize));
            }
            _ => None,
        };
        self.gesture = Gesture::Painting(stroke);
        dirty
    }

    fn shape(&mut self, mut shaping: Shaping, event: Event) -> Option<Rect> {
        match event {
            Event::Move { at, .. } => {
                if let Some(at) = within_reach(at) {
                    shaping.go_to(at);
                }
            }
            Event::Release => {
                let stamp = shaping.stamp(self.mask.pixels())?;
                return self.combine_with(&stamp, shaping.combine);
            }
            Event::Cancel => return None,
            _ => {}
        }
        self.gesture = Gesture::Shaping(shaping);
        None
    }

    fn add_corner(&mut self, mut corners: Corners, event: Event) -> Option<Rect> {
        match event {
            Event::Press { at, .. } => {
                let at = within_reach(at).unwrap_or(corners.next);
                let first = corners.points.first();
                let gap = first.map_or(0.0, |first| first.distance(at));
                if corners.points.len() > 2 && gap <= self.close_within {
                    return self.close(&corners);
                }
                corners.points.push(at);
                corners.next = at;
            }
            Event::Move { at, .. } => corners.next = within_reach(at).unwrap_or(corners.next),
            Event::ClosePolygon => return self.close(&corners),
            Event::Undo => {
                corners.points.pop();
                if corners.points.is_empty() {
                    return None;
                }
            }
            Event::Cancel => return None,
            _ => {}
        }
        self.gesture = Gesture::Polygon(corners);
        None
    }

    fn close(&mut self, corners: &Corners) -> Option<Rect> {
        if corners.points.len() < 3 {
            return None;
        }
        let stamp = shape::polygon(self.mask.pixels(), &corners.points);
        self.combine_with(&stamp, corners.combine)
    }

    fn combine_with(&mut self, stamp: &Mask, combine: Combine) -> Option<Rect> {
        let before = self.mask.clone();
        self.mask.compose(&before, stamp, combine);
        self.commit(&before)
    }

    fn change(&mut self, change: impl FnOnce(&mut Mask)) -> Option<Rect> {
        let before = self.mask.clone();
        change(&mut self.mask);
        self.commit(&before)
    }

    /// Makes one step of all that has changed.
    fn commit(&mut self, before: &Mask) -> Option<Rect> {
        let changes = history::changes(before, &self.mask);
        if changes.is_empty() {
            return None;
        }
        let tiles = changes
            .iter()
            .map(|(at, tile, _)| (*at as usize, tile.clone()));
        let tiles: Vec<_> = tiles.collect();
        self.history.push(changes);
        self.changed(&tiles)
    }

    fn step(&mut self, way: Way) -> Option<Rect> {
        let tiles = self.history.go(way, &mut self.mask)?;
        self.changed(&tiles)
    }

    /// Counts tiles anew that were something else before. Returns what holds them.
    fn changed(&mut self, tiles: &[(usize, Tile)]) -> Option<Rect> {
        for (index, before) in tiles {
            let gone = before.sums(self.mask.extent(*index));
            self.sums = self.sums.plus(self.mask.tile_sums(*index)).minus(gone);
        }
        self.bounds(tiles.iter().map(|(index, _)| *index))
    }

    fn bounds(&self, tiles: impl Iterator<Item = usize>) -> Option<Rect> {
        let rects = tiles.map(|index| self.mask.tile_rect(index));
        rects.fold(Rect::default(), Rect::union).some()
    }

    /// As it is seen: with the stroke that is not finished.
    #[must_use]
    pub fn mask(&self) -> &Mask {
        &self.mask
    }

    #[must_use]
    pub fn view(&self) -> MaskView {
        let all = self.mask.pixels().count() * 255;
        let covered = self.sums.covered;
        MaskView {
            can_undo: self.history.can(Way::Back),
            can_redo: self.history.can(Way::Forth),
            covered_percent: (covered as f64 * 100.0 / all.max(1) as f64) as f32,
            place: self.sums.place(self.mask.pixels()),
            is_empty: covered == 0,
            is_full: covered == all && all > 0,
            is_hidden: self.is_hidden(),
        }
    }

    /// What the tool shows while it is used; `None` while nothing is drawn but the mask.
    #[must_use]
    pub fn outline(&self) -> Option<Outline> {
        match &self.gesture {
            Gesture::Idle | Gesture::Painting(_) => None,
            Gesture::Shaping(shaping) => Some(shaping.outline()),
            Gesture::Polygon(corners) => {
                let points = corners.points.iter().copied();
                Some(Outline::Path(points.chain([corners.next]).collect()))
            }
        }
    }

    /// What is drawn with, or would be: a stroke keeps the brush that it began with.
    #[must_use]
    pub fn brush_in_hand(&self) -> Brush {
        match (&self.gesture, self.tool) {
            (Gesture::Painting(stroke), _) => stroke.brush,
            (_, Tool::Eraser) => self.eraser,
            _ => self.brush,
        }
    }

    /// In the middle of a stroke, a shape or a polygon.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !matches!(self.gesture, Gesture::Idle)
    }

    /// In the middle of a stroke.
    #[must_use]
    pub fn is_painting(&self) -> bool {
        matches!(self.gesture, Gesture::Painting(_))
    }

    /// Hides the mask, until it is asked for or something is done to it, or shows it.
    pub fn show_or_hide(&mut self) {
        self.veil = self.veil.other();
    }

    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.veil.is_hidden()
    }

    /// What the magic wand looks at. One of another size than the mask selects nothing.
    pub fn set_picture(&mut self, picture: Option<Arc<PicturePixels>>) {
        self.picture = picture;
    }

    /// For the database: the mask between gestures, with its steps. Best once `pack_step` has nothing to do.
    #[must_use]
    pub fn to_draft(&self) -> Vec<u8> {
        let mask = match &self.gesture {
            Gesture::Painting(stroke) => &stroke.before,
            _ => &self.mask,
        };
        Draft::write(mask, &self.history)
    }

    /// Packs a step for the draft, which takes a moment; false where all are.
    pub fn pack_step(&self) -> bool {
        self.history.pack_one()
    }

    /// Goes on with a draft. Whoever has drawn already gets it as one more step, and one of another size changes nothing.
    pub fn take_up(&mut self, draft: Draft) -> Option<Rect> {
        let is_new = !self.is_busy() && self.history.is_empty();
        if !is_new || draft.pixels() != self.mask.pixels() {
            return self.handle(Event::Import(draft.mask));
        }
        self.sums = draft.mask.sums();
        (self.mask, self.history) = (draft.mask, draft.history);
        Rect::of(self.mask.pixels()).some()
    }

    /// What the steps that can be taken back and forth hold in memory.
    #[must_use]
    pub fn history_bytes(&self) -> usize {
        self.history.bytes()
    }
}

/// A point that can be drawn to: a pointer may be far outside, but not nowhere.
fn within_reach(at: ImagePoint) -> Option<ImagePoint> {
    const FAR: f32 = 65_536.0;
    let is_somewhere = at.x.is_finite() && at.y.is_finite();
    is_somewhere.then(|| ImagePoint::new(at.x.clamp(-FAR, FAR), at.y.clamp(-FAR, FAR)))
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "time is measured natively; the browser's clock is elsewhere"
)]
mod measure;
#[cfg(test)]
mod tests;
