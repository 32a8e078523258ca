//! Strokes that nobody sees: a browser compiles well only what has run often, and a hand should not be what it learns from.

use super::geometry::{ImagePoint, Viewport};
use super::tint::{Ink, Ring};
use super::{Event, MaskEditor, Tool};
use crate::Pixels;

/// Draws on a mask of its own, until all that a stroke needs has run some hundred times.
#[derive(Debug)]
pub struct Rehearsal {
    editor: MaskEditor,
    moves: u16,
}

impl Rehearsal {
    const EDGE: u32 = 512;
    const MOVES: u16 = 600;
    const MOVES_OF_STROKE: u16 = 40;
    /// About a millisecond.
    const SLICE: u16 = 10;

    #[must_use]
    pub fn new() -> Self {
        Self {
            editor: MaskEditor::new(Pixels::new(Self::EDGE, Self::EDGE)),
            moves: 0,
        }
    }

    /// A few more moves; false once it is over.
    pub fn go_on(&mut self) -> bool {
        for _ in 0..Self::SLICE {
            self.draw();
        }
        let view = Viewport::default();
        let ink = Ink {
            colours: [[0; 3]; 2],
            opacity: 50,
        };
        let (at, radius) = (view.view_from_image(self.place()), 20.0);
        let mut shown = self.editor.mask().tinted(view, 0..64, 0..64, ink);
        Ring { at, radius }.draw(0..64, 0..64, &mut shown);
        self.moves < Self::MOVES
    }

    fn draw(&mut self) {
        let (at, pressure) = (self.place(), 1.0);
        if self.moves.is_multiple_of(Self::MOVES_OF_STROKE) {
            self.editor.handle(Event::Release);
            let takes_away = self.editor.tool == Tool::Brush;
            self.editor.tool = if takes_away {
                Tool::Eraser
            } else {
                Tool::Brush
            };
            self.editor.handle(Event::Press {
                at,
                pressure,
                line: false,
                subtract: false,
            });
        }
        self.editor.handle(Event::Move { at, pressure });
        self.moves += 1;
    }

    /// On a coil over the whole mask.
    fn place(&self) -> ImagePoint {
        let (middle, way) = (Self::EDGE as f32 / 2.0, f32::from(self.moves) / 8.0);
        let far = f32::from(self.moves % 200);
        ImagePoint::new(middle + far * way.cos(), middle + far * way.sin())
    }
}

impl Default for Rehearsal {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_draws_and_takes_away_and_ends() {
        let mut rehearsal = Rehearsal::new();
        let mut slices = 1;
        while rehearsal.go_on() {
            slices += 1;
        }
        assert_eq!(slices, Rehearsal::MOVES / Rehearsal::SLICE);
        assert!(rehearsal.editor.view().can_undo);
    }
}
