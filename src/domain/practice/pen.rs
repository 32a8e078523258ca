//! A pen in an object's own coordinates: the origin at its place, lengths in its own units, colours under the scene's light.

use super::colour::{Ink, Rgb, mix};
use super::noise::{cosine, sine};
use super::shape::{Form, Placed, Shape};

/// Lays shapes onto the list, the first lowest.
pub(super) struct Pen<'l> {
    shapes: &'l mut Vec<Placed>,
    x: f32,
    y: f32,
    /// Pixels per unit.
    unit: f32,
    /// 1, or -1 for a mirrored object.
    side: f32,
    /// The colour of the light, and how much of it falls on every ink.
    light: (Rgb, f32),
}

impl<'l> Pen<'l> {
    /// A pen at a place in pixels, with so many pixels per unit.
    pub(super) fn new(shapes: &'l mut Vec<Placed>, x: f32, y: f32, unit: f32) -> Self {
        Self {
            shapes,
            x,
            y,
            unit,
            side: 1.0,
            light: (0, 0.0),
        }
    }

    pub(super) fn lit(mut self, light: (Rgb, f32)) -> Self {
        self.light = light;
        self
    }

    pub(super) fn mirrored(mut self, mirrored: bool) -> Self {
        self.side = if mirrored { -1.0 } else { 1.0 };
        self
    }

    /// The same pen at a place of its own units, with another size.
    pub(super) fn at(&mut self, [x, y]: [f32; 2], scale: f32) -> Pen<'_> {
        Pen {
            x: self.x + x * self.unit * self.side,
            y: self.y + y * self.unit,
            unit: self.unit * scale,
            side: self.side,
            light: self.light,
            shapes: self.shapes,
        }
    }

    fn add(&mut self, at: [f32; 2], turn: f32, edge: f32, form: Form, ink: Ink) {
        let turn = turn * self.side;
        let (light, share) = self.light;
        let shape = Shape {
            form,
            x: self.x + at[0] * self.unit * self.side,
            y: self.y + at[1] * self.unit,
            turn: if turn == 0.0 {
                [0.0, 1.0]
            } else {
                [sine(turn), cosine(turn)]
            },
            ink: Ink {
                top: mix(ink.top, light, share),
                bottom: mix(ink.bottom, light, share),
                ..ink
            },
            edge,
        };
        self.shapes.push(shape.into());
    }

    pub(super) fn disc(&mut self, at: [f32; 2], radius: f32, ink: impl Into<Ink>) {
        self.oval(at, [radius, radius], 0.0, ink);
    }

    /// An oval, turned by so many turns clockwise.
    pub(super) fn oval(&mut self, at: [f32; 2], radii: [f32; 2], turn: f32, ink: impl Into<Ink>) {
        let (rx, ry) = (radii[0] * self.unit, radii[1] * self.unit);
        self.add(at, turn, 1.2, Form::Oval { rx, ry }, ink.into());
    }

    /// A round glow that fades from its centre to its radius.
    pub(super) fn glow(&mut self, at: [f32; 2], radius: f32, ink: impl Into<Ink>) {
        let half = radius * self.unit / 2.0;
        self.add(
            at,
            0.0,
            half * 2.0,
            Form::Oval { rx: half, ry: half },
            ink.into(),
        );
    }

    /// A soft shadow on the ground.
    pub(super) fn shadow(&mut self, at: [f32; 2], radii: [f32; 2]) {
        let (rx, ry) = (radii[0] * self.unit, radii[1] * self.unit);
        let ink = Ink::from(0x1A_2440).at(0.22);
        self.add(at, 0.0, ry * 1.3, Form::Oval { rx, ry }, ink);
    }

    pub(super) fn block(&mut self, at: [f32; 2], half: [f32; 2], round: f32, ink: impl Into<Ink>) {
        self.turned_block(at, half, round, 0.0, ink);
    }

    pub(super) fn turned_block(
        &mut self,
        at: [f32; 2],
        half: [f32; 2],
        round: f32,
        turn: f32,
        ink: impl Into<Ink>,
    ) {
        let form = Form::Block {
            half_width: half[0] * self.unit,
            half_height: half[1] * self.unit,
            round: (round * self.unit).min(half[0].min(half[1]) * self.unit),
        };
        self.add(at, turn, 1.2, form, ink.into());
    }

    /// A polygon whose corners are rounded outwards.
    pub(super) fn polygon(&mut self, corners: &[[f32; 2]], round: f32, ink: impl Into<Ink>) {
        let count = corners.len().max(1) as f32;
        let middle = corners.iter().fold([0.0, 0.0], |sum, at| {
            [sum[0] + at[0] / count, sum[1] + at[1] / count]
        });
        let form = Form::Polygon {
            corners: corners
                .iter()
                .map(|at| {
                    [
                        (at[0] - middle[0]) * self.unit * self.side,
                        (at[1] - middle[1]) * self.unit,
                    ]
                })
                .collect(),
            round: round * self.unit,
        };
        self.add(middle, 0.0, 1.2, form, ink.into());
    }

    /// A stroke through points.
    pub(super) fn path(&mut self, points: &[[f32; 2]], half_width: f32, ink: impl Into<Ink>) {
        let ink = ink.into();
        for pair in points.windows(2) {
            let to = [
                (pair[1][0] - pair[0][0]) * self.unit * self.side,
                (pair[1][1] - pair[0][1]) * self.unit,
            ];
            let half_width = half_width * self.unit;
            self.add(pair[0], 0.0, 1.2, Form::Line { to, half_width }, ink);
        }
    }

    /// A bow around a centre, `reach` turns to each side of its direction; 0 turns point up.
    pub(super) fn arc(
        &mut self,
        at: [f32; 2],
        [radius, half_width]: [f32; 2],
        [turn, reach]: [f32; 2],
        ink: impl Into<Ink>,
    ) {
        let form = Form::Arc {
            radius: radius * self.unit,
            half_width: half_width * self.unit,
            reach: [sine(reach), cosine(reach)],
        };
        self.add(at, turn, 1.2, form, ink.into());
    }

    pub(super) fn dome(&mut self, at: [f32; 2], radius: f32, turn: f32, ink: impl Into<Ink>) {
        let radius = radius * self.unit;
        self.add(at, turn, 1.2, Form::Dome { radius }, ink.into());
    }

    pub(super) fn crescent(
        &mut self,
        at: [f32; 2],
        radius: f32,
        bite: [f32; 3],
        ink: impl Into<Ink>,
    ) {
        let form = Form::Crescent {
            radius: radius * self.unit,
            bite: bite.map(|length| length * self.unit),
        };
        self.add(at, 0.0, 1.2, form, ink.into());
    }

    /// Ground below a wavy line; height, length and phase of its waves, and how deep its gradient runs.
    pub(super) fn ground(
        &mut self,
        y: f32,
        [height, length, phase, depth]: [f32; 4],
        ink: impl Into<Ink>,
    ) {
        let form = Form::Ground {
            height: height * self.unit,
            length: length * self.unit,
            phase,
            depth: depth * self.unit,
        };
        self.add([0.0, y], 0.0, 1.2, form, ink.into());
    }
}
