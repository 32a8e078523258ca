//! What pointers mean: which of them draws, which moves the view, and what a tap of two fingers does.
//!
//! A pen and a mouse draw; with Alt and the right button, a mouse makes the brush larger and harder. With Space they pan,
//! and with Ctrl and Space they zoom: a click by a step, a drag as far as it goes. The middle button pans, and with Ctrl it
//! zooms. One finger draws until a pen was seen here, and pans from then on, or as the person chose. Two fingers pan and
//! zoom, and call off a stroke that the first of them began; their tap undoes, that of three redoes.

use serde::{Deserialize, Serialize};

use super::Event;
use super::geometry::{ViewPoint, Viewport};

/// What touches the canvas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mouse,
    Pen,
    Finger,
}

/// What one finger does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Finger {
    /// Draws until a pen was seen, and pans from then on.
    #[default]
    Guess,
    Draws,
    Pans,
}

impl Finger {
    pub const ALL: [Self; 3] = [Self::Guess, Self::Draws, Self::Pans];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guess => "guess",
            Self::Draws => "draws",
            Self::Pans => "pans",
        }
    }
}

/// Which button of a mouse, or which end of a pen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    Draw,
    /// The right button, and a pen's eraser.
    Erase,
    Middle,
}

/// A pointer comes down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Down {
    pub id: i32,
    pub kind: Kind,
    pub button: Button,
    pub at: ViewPoint,
    /// 0 to 1; 0.5 where the device does not say.
    pub pressure: f32,
    /// Shift: a straight line from the last point.
    pub line: bool,
    /// Alt: takes away, and zooms out.
    pub subtract: bool,
    /// Space is held.
    pub pans: bool,
    /// Ctrl, or Command on a Mac: what would pan zooms.
    pub zooms: bool,
    /// View pixels of a pixel of the screen.
    pub density: f32,
    pub millis: f64,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Act {
    Edit(Event),
    Pan {
        dx: f32,
        dy: f32,
    },
    Zoom {
        at: ViewPoint,
        factor: f32,
    },
    /// The brush becomes larger by so many view pixels.
    Resize {
        by: f32,
    },
    /// The brush becomes harder by so many percent.
    Harden {
        by: i32,
    },
}

/// The pointers that are down, and what they do.
#[derive(Debug, Default)]
pub struct Hand {
    pub finger: Finger,
    pen_seen: bool,
    fingers: Vec<(i32, ViewPoint)>,
    doing: Doing,
    tap: Option<Tap>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Doing {
    #[default]
    Nothing,
    Drawing(i32),
    Panning(i32, ViewPoint),
    Pinching,
    Resizing(Resizing),
    Zooming(Zooming),
}

/// A view that comes nearer, to the right and up, and goes away.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Zooming {
    id: i32,
    from: ViewPoint,
    /// Once it went far enough.
    last: Option<ViewPoint>,
    /// What it does where it does not.
    click: f32,
    per_doubling: f32,
}

/// A brush that is made larger or harder, by the direction that was taken first.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Resizing {
    id: i32,
    from: ViewPoint,
    last: ViewPoint,
    /// Once it went far enough: sideways, or up and down.
    sideways: Option<bool>,
}

/// Fingers that came down together and have not moved.
#[derive(Debug, Clone, Copy)]
struct Tap {
    since_millis: f64,
    fingers: usize,
}

const TAP_MILLIS: f64 = 300.0;
/// In view pixels: fingers are never quite still.
const TAP_SLOP: f32 = 12.0;
/// In view pixels: nearer than that, nothing is dragged.
const DRAG_SLOP: f32 = 5.0;
/// In view pixels, up: a percent of hardness.
const PIXELS_PER_PERCENT: f32 = 2.0;
/// In pixels of the screen: twice as near.
const PIXELS_PER_DOUBLING: f32 = 240.0;

impl Hand {
    /// A pointer comes down.
    pub fn down(&mut self, down: Down, view: &Viewport) -> Vec<Act> {
        self.pen_seen |= down.kind == Kind::Pen;
        if down.kind == Kind::Finger {
            if self.is_busy_without_fingers() {
                // A palm beside the pen.
                return Vec::new();
            }
            self.fingers.push((down.id, down.at));
            if self.fingers.len() > 1 {
                return self.more_fingers(down.millis);
            }
            self.tap = None;
        }
        if self.doing != Doing::Nothing {
            return Vec::new();
        }
        let finger_pans = match self.finger {
            Finger::Guess => self.pen_seen,
            Finger::Draws => false,
            Finger::Pans => true,
        };
        let pans = down.pans
            || down.button == Button::Middle
            || (down.kind == Kind::Finger && finger_pans);
        if pans {
            self.doing = if down.zooms {
                Doing::Zooming(Zooming::new(&down))
            } else {
                Doing::Panning(down.id, down.at)
            };
            return Vec::new();
        }
        if down.kind == Kind::Mouse && down.button == Button::Erase && down.subtract {
            self.doing = Doing::Resizing(Resizing {
                id: down.id,
                from: down.at,
                last: down.at,
                sideways: None,
            });
            return Vec::new();
        }
        self.doing = Doing::Drawing(down.id);
        vec![Act::Edit(Event::Press {
            at: view.image_from_view(down.at),
            pressure: down.pressure,
            line: down.line,
            subtract: down.subtract || down.button == Button::Erase,
        })]
    }

    /// A pointer moves; one that is not down changes nothing.
    pub fn moved(&mut self, id: i32, at: ViewPoint, pressure: f32, view: &Viewport) -> Vec<Act> {
        let before = self.pair();
        let mut slipped = false;
        for (finger, place) in &mut self.fingers {
            if *finger == id {
                slipped = apart(*place, at) > TAP_SLOP;
                if self.doing != Doing::Pinching || self.tap.is_none() || slipped {
                    *place = at;
                }
            }
        }
        if slipped {
            self.tap = None;
        }
        match self.doing {
            Doing::Drawing(drawing) if drawing == id => vec![Act::Edit(Event::Move {
                at: view.image_from_view(at),
                pressure,
            })],
            Doing::Panning(panning, last) if panning == id => {
                self.doing = Doing::Panning(id, at);
                vec![Act::Pan {
                    dx: at.x - last.x,
                    dy: at.y - last.y,
                }]
            }
            Doing::Pinching if self.tap.is_none() => pinched(before, self.pair()),
            Doing::Resizing(mut resizing) if resizing.id == id => {
                let act = resizing.go_to(at);
                self.doing = Doing::Resizing(resizing);
                act.into_iter().collect()
            }
            Doing::Zooming(mut zooming) if zooming.id == id => {
                let act = zooming.go_to(at);
                self.doing = Doing::Zooming(zooming);
                act.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// Where the brush is that is made larger or harder: it stays there, wherever the pointer goes.
    #[must_use]
    pub fn resizes_at(&self) -> Option<ViewPoint> {
        match self.doing {
            Doing::Resizing(resizing) => Some(resizing.from),
            _ => None,
        }
    }

    /// A pointer goes up.
    pub fn up(&mut self, id: i32, millis: f64) -> Vec<Act> {
        self.fingers.retain(|(finger, _)| *finger != id);
        match self.doing {
            Doing::Drawing(drawing) if drawing == id => {
                self.doing = Doing::Nothing;
                vec![Act::Edit(Event::Release)]
            }
            Doing::Panning(panning, _) if panning == id => {
                self.doing = Doing::Nothing;
                Vec::new()
            }
            Doing::Pinching if self.fingers.is_empty() => {
                self.doing = Doing::Nothing;
                self.tapped(millis)
            }
            Doing::Resizing(resizing) if resizing.id == id => {
                self.doing = Doing::Nothing;
                Vec::new()
            }
            Doing::Zooming(zooming) if zooming.id == id => {
                self.doing = Doing::Nothing;
                zooming.clicked().into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The browser takes a pointer away.
    pub fn lost(&mut self, id: i32) -> Vec<Act> {
        self.fingers.retain(|(finger, _)| *finger != id);
        self.tap = None;
        let was_drawing = self.doing == Doing::Drawing(id);
        let is_over = match self.doing {
            Doing::Nothing => false,
            Doing::Drawing(one)
            | Doing::Panning(one, _)
            | Doing::Resizing(Resizing { id: one, .. })
            | Doing::Zooming(Zooming { id: one, .. }) => one == id,
            Doing::Pinching => self.fingers.is_empty(),
        };
        if is_over {
            self.doing = Doing::Nothing;
        }
        if was_drawing {
            vec![Act::Edit(Event::Cancel)]
        } else {
            Vec::new()
        }
    }

    fn is_busy_without_fingers(&self) -> bool {
        match self.doing {
            Doing::Drawing(one)
            | Doing::Panning(one, _)
            | Doing::Resizing(Resizing { id: one, .. })
            | Doing::Zooming(Zooming { id: one, .. }) => {
                !self.fingers.iter().any(|(finger, _)| *finger == one)
            }
            Doing::Nothing | Doing::Pinching => false,
        }
    }

    /// Another finger: whatever the first began is called off.
    fn more_fingers(&mut self, millis: f64) -> Vec<Act> {
        let since_millis = self.tap.map_or(millis, |tap| tap.since_millis);
        let is_new = self.doing != Doing::Pinching || self.tap.is_some();
        self.tap = is_new.then_some(Tap {
            since_millis,
            fingers: self.fingers.len(),
        });
        let was_drawing = matches!(self.doing, Doing::Drawing(_));
        self.doing = Doing::Pinching;
        if was_drawing {
            vec![Act::Edit(Event::Cancel)]
        } else {
            Vec::new()
        }
    }

    fn tapped(&mut self, millis: f64) -> Vec<Act> {
        match self.tap.take() {
            Some(tap) if millis - tap.since_millis <= TAP_MILLIS => match tap.fingers {
                2 => vec![Act::Edit(Event::Undo)],
                3 => vec![Act::Edit(Event::Redo)],
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn pair(&self) -> Option<(ViewPoint, ViewPoint)> {
        match self.fingers[..] {
            [(_, one), (_, other), ..] => Some((one, other)),
            _ => None,
        }
    }
}

impl Resizing {
    /// Whole percents, and what is left of one for the next time.
    fn go_to(&mut self, at: ViewPoint) -> Option<Act> {
        let sideways = self.sideways.or_else(|| {
            let (x, y) = (at.x - self.from.x, at.y - self.from.y);
            (x.abs().max(y.abs()) >= DRAG_SLOP).then_some(x.abs() >= y.abs())
        })?;
        if self.sideways.replace(sideways).is_none() {
            self.last = at;
            return None;
        }
        if sideways {
            let by = at.x - self.last.x;
            self.last = at;
            return Some(Act::Resize { by });
        }
        let by = ((self.last.y - at.y) / PIXELS_PER_PERCENT).trunc();
        self.last.y -= by * PIXELS_PER_PERCENT;
        (by != 0.0).then_some(Act::Harden { by: by as i32 })
    }
}

impl Zooming {
    fn new(down: &Down) -> Self {
        let click = match (down.button, down.subtract) {
            (Button::Middle, _) => 1.0,
            (_, false) => 2.0,
            (_, true) => 0.5,
        };
        Self {
            id: down.id,
            from: down.at,
            last: None,
            click,
            per_doubling: PIXELS_PER_DOUBLING * down.density,
        }
    }

    /// About where it began.
    fn go_to(&mut self, at: ViewPoint) -> Option<Act> {
        let is_click = self.last.is_none() && apart(self.from, at) < DRAG_SLOP;
        if is_click {
            return None;
        }
        // What it took to get going does not count.
        let last = self.last.replace(at)?;
        let nearer = (at.x - last.x) - (at.y - last.y);
        Some(Act::Zoom {
            at: self.from,
            factor: (nearer / self.per_doubling).exp2(),
        })
    }

    fn clicked(self) -> Option<Act> {
        let does = self.last.is_none() && self.click != 1.0;
        does.then_some(Act::Zoom {
            at: self.from,
            factor: self.click,
        })
    }
}

/// Two fingers move: the view follows their middle, and their distance.
fn pinched(
    before: Option<(ViewPoint, ViewPoint)>,
    after: Option<(ViewPoint, ViewPoint)>,
) -> Vec<Act> {
    let (Some(before), Some(after)) = (before, after) else {
        return Vec::new();
    };
    let middle = |(one, other): (ViewPoint, ViewPoint)| ViewPoint {
        x: f32::midpoint(one.x, other.x),
        y: f32::midpoint(one.y, other.y),
    };
    let (from, to) = (middle(before), middle(after));
    let apart = |(one, other): (ViewPoint, ViewPoint)| apart(one, other).max(1.0);
    vec![
        Act::Pan {
            dx: to.x - from.x,
            dy: to.y - from.y,
        },
        Act::Zoom {
            at: to,
            factor: apart(after) / apart(before),
        },
    ]
}

fn apart(one: ViewPoint, other: ViewPoint) -> f32 {
    (one.x - other.x).hypot(one.y - other.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Acts in words, to be compared.
    fn told(acts: &[Act]) -> String {
        let told = |act: &Act| match act {
            Act::Edit(Event::Press { subtract: true, .. }) => "erase".into(),
            Act::Edit(Event::Press { .. }) => "press".into(),
            Act::Edit(Event::Move { .. }) => "move".into(),
            Act::Edit(event) => format!("{event:?}").to_lowercase(),
            Act::Pan { dx, dy } => format!("pan {dx} {dy}"),
            Act::Zoom { at, factor } => format!("zoom {} {} by {factor}", at.x, at.y),
            Act::Resize { by } => format!("resize {by}"),
            Act::Harden { by } => format!("harden {by}"),
        };
        acts.iter().map(told).collect::<Vec<String>>().join("; ")
    }

    const VIEW: Viewport = Viewport {
        zoom: 1.0,
        origin: ViewPoint { x: 0.0, y: 0.0 },
    };

    fn at(x: f32, y: f32) -> ViewPoint {
        ViewPoint { x, y }
    }

    fn down(id: i32, kind: Kind, place: ViewPoint) -> Down {
        Down {
            id,
            kind,
            button: Button::Draw,
            at: place,
            pressure: 0.5,
            line: false,
            subtract: false,
            pans: false,
            zooms: false,
            density: 1.0,
            millis: 0.0,
        }
    }

    #[test]
    fn a_mouse_draws_and_its_middle_button_pans() {
        let mut hand = Hand::default();
        let mouse = down(1, Kind::Mouse, at(5.0, 5.0));
        assert_eq!(told(&hand.down(mouse, &VIEW)), "press");
        assert_eq!(told(&hand.moved(1, at(9.0, 5.0), 0.5, &VIEW)), "move");
        assert_eq!(told(&hand.up(1, 10.0)), "release");
        assert_eq!(told(&hand.moved(1, at(1.0, 1.0), 0.5, &VIEW)), "");
        let middle = Down {
            button: Button::Middle,
            ..mouse
        };
        assert_eq!(told(&hand.down(middle, &VIEW)), "");
        assert_eq!(told(&hand.moved(1, at(8.0, 4.0), 0.5, &VIEW)), "pan 3 -1");
        assert_eq!(told(&hand.up(1, 20.0)), "");
    }

    #[test]
    fn the_right_button_and_the_pens_eraser_take_away() {
        let right = Down {
            button: Button::Erase,
            ..down(1, Kind::Mouse, at(0.0, 0.0))
        };
        assert_eq!(told(&Hand::default().down(right, &VIEW)), "erase");
    }

    #[test]
    fn alt_and_the_right_button_change_the_brush() {
        let mut hand = Hand::default();
        let right = Down {
            button: Button::Erase,
            subtract: true,
            ..down(1, Kind::Mouse, at(50.0, 50.0))
        };
        let mut drag = |way: &[(f32, f32)]| {
            let mut acts = hand.down(right, &VIEW);
            assert_eq!(hand.resizes_at(), Some(at(50.0, 50.0)));
            for (x, y) in way {
                acts.extend(hand.moved(1, at(*x, *y), 0.5, &VIEW));
            }
            acts.extend(hand.up(1, 9.0));
            assert_eq!(hand.resizes_at(), None);
            told(&acts)
        };
        assert_eq!(drag(&[(53.0, 50.0)]), "", "too near for a direction");
        // The first direction counts, whatever comes after it.
        let way = [(56.0, 52.0), (60.0, 90.0), (57.0, 0.0)];
        assert_eq!(drag(&way), "resize 4; resize -3");
        let way = [
            (51.0, 45.0),
            (90.0, 42.0),
            (90.0, 41.0),
            (90.0, 40.0),
            (0.0, 46.0),
        ];
        assert_eq!(drag(&way), "harden 1; harden 1; harden -2");
        // A pen's other end with Alt still erases.
        let pen = Down {
            kind: Kind::Pen,
            ..right
        };
        assert_eq!(told(&Hand::default().down(pen, &VIEW)), "erase");
        hand.down(right, &VIEW);
        assert_eq!(told(&hand.lost(1)), "");
        assert_eq!(hand.resizes_at(), None);
    }

    #[test]
    fn ctrl_and_space_zoom_where_is_clicked() {
        let click = |down: Down| {
            let mut hand = Hand::default();
            let mut acts = hand.down(down, &VIEW);
            // It trembles.
            acts.extend(hand.moved(1, at(52.0, 39.0), 0.5, &VIEW));
            acts.extend(hand.up(1, 9.0));
            assert_eq!(hand.doing, Doing::Nothing);
            told(&acts)
        };
        let space = Down {
            pans: true,
            zooms: true,
            ..down(1, Kind::Mouse, at(50.0, 40.0))
        };
        assert_eq!(click(space), "zoom 50 40 by 2");
        let alt = Down {
            subtract: true,
            ..space
        };
        assert_eq!(click(alt), "zoom 50 40 by 0.5");
        let pen = Down {
            kind: Kind::Pen,
            ..space
        };
        assert_eq!(click(pen), "zoom 50 40 by 2");
        // Ctrl alone draws, and the middle button only drags.
        let ctrl = Down {
            pans: false,
            ..space
        };
        assert_eq!(click(ctrl), "press; move; release");
        let middle = Down {
            button: Button::Middle,
            ..ctrl
        };
        assert_eq!(click(middle), "");
    }

    #[test]
    fn ctrl_and_the_middle_button_zoom_about_where_the_drag_began() {
        let drag = |density: f32, way: &[(f32, f32)]| {
            let middle = Down {
                button: Button::Middle,
                zooms: true,
                density,
                ..down(1, Kind::Mouse, at(50.0, 600.0))
            };
            let mut hand = Hand::default();
            let mut acts = hand.down(middle, &VIEW);
            for (x, y) in way {
                acts.extend(hand.moved(1, at(*x, *y), 0.5, &VIEW));
            }
            acts.extend(hand.up(1, 9.0));
            told(&acts)
        };
        // To the right and up, each by 240 pixels, and half of it back.
        let way = [
            (60.0, 600.0),
            (300.0, 600.0),
            (300.0, 360.0),
            (180.0, 480.0),
        ];
        let all = "zoom 50 600 by 2; zoom 50 600 by 2; zoom 50 600 by 0.5";
        assert_eq!(drag(1.0, &way), all);
        // On a screen of twice as many pixels twice as far.
        let way = [(40.0, 600.0), (520.0, 600.0)];
        assert_eq!(drag(2.0, &way), "zoom 50 600 by 2");
        // What the browser takes away zooms no more.
        let mut hand = Hand::default();
        let space = Down {
            pans: true,
            zooms: true,
            ..down(1, Kind::Mouse, at(5.0, 5.0))
        };
        hand.down(space, &VIEW);
        assert_eq!(told(&hand.lost(1)), "");
        assert_eq!(hand.doing, Doing::Nothing);
    }

    #[test]
    fn a_finger_draws_until_a_pen_was_seen_or_as_the_person_chose() {
        let mut hand = Hand::default();
        let mut touch = |finger: Option<Finger>, id: i32, kind: Kind| {
            hand.finger = finger.unwrap_or(hand.finger);
            let acts = hand.down(down(id, kind, at(1.0, 1.0)), &VIEW);
            hand.up(id, 5.0);
            told(&acts)
        };
        assert_eq!(touch(None, 1, Kind::Finger), "press");
        assert_eq!(touch(None, 2, Kind::Pen), "press");
        assert_eq!(touch(None, 3, Kind::Finger), "");
        assert_eq!(touch(Some(Finger::Draws), 4, Kind::Finger), "press");
        assert_eq!(touch(Some(Finger::Pans), 5, Kind::Finger), "");
    }

    #[test]
    fn a_palm_does_not_disturb_a_pen() {
        let mut hand = Hand::default();
        hand.down(down(1, Kind::Pen, at(1.0, 1.0)), &VIEW);
        for palm in [2, 3] {
            let palm = down(palm, Kind::Finger, at(90.0, 90.0));
            assert_eq!(told(&hand.down(palm, &VIEW)), "");
        }
        assert_eq!(told(&hand.moved(1, at(2.0, 2.0), 0.7, &VIEW)), "move");
        assert_eq!(told(&hand.up(2, 9.0)), "");
        assert_eq!(told(&hand.up(1, 10.0)), "release");
    }

    #[test]
    fn a_second_finger_calls_the_stroke_off_and_two_pan_and_zoom() {
        let mut hand = Hand::default();
        hand.down(down(1, Kind::Finger, at(0.0, 0.0)), &VIEW);
        let second = down(2, Kind::Finger, at(100.0, 0.0));
        assert_eq!(told(&hand.down(second, &VIEW)), "cancel");
        let acts = hand.moved(2, at(200.0, 0.0), 0.5, &VIEW);
        assert_eq!(told(&acts), "pan 50 0; zoom 100 0 by 2");
        // Neither finger draws when the other is gone.
        assert_eq!(told(&hand.up(2, 900.0)), "");
        assert_eq!(told(&hand.moved(1, at(5.0, 5.0), 0.5, &VIEW)), "");
        assert_eq!(told(&hand.up(1, 950.0)), "");
    }

    #[test]
    fn a_tap_of_two_undoes_and_of_three_redoes() {
        let tap = |fingers: i32, millis: f64| {
            let mut hand = Hand::default();
            for id in 0..fingers {
                hand.down(down(id, Kind::Finger, at(id as f32 * 50.0, 0.0)), &VIEW);
            }
            // They tremble.
            assert_eq!(told(&hand.moved(0, at(3.0, 2.0), 0.5, &VIEW)), "");
            let ups: Vec<_> = (0..fingers).flat_map(|id| hand.up(id, millis)).collect();
            told(&ups)
        };
        assert_eq!(tap(2, 200.0), "undo");
        assert_eq!(tap(3, 200.0), "redo");
        assert_eq!(tap(2, 500.0), "", "too slow for a tap");
    }

    #[test]
    fn what_the_browser_takes_away_is_called_off() {
        let mut hand = Hand::default();
        hand.down(down(1, Kind::Finger, at(0.0, 0.0)), &VIEW);
        assert_eq!(told(&hand.lost(1)), "cancel");
        let mouse = down(2, Kind::Mouse, at(0.0, 0.0));
        assert_eq!(told(&hand.down(mouse, &VIEW)), "press");
    }
}
