//! Pointers on the canvas: what the DOM says of them, in the words of the hand.

use leptos::ev::{MouseEvent, PointerEvent, WheelEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{self, Element};

use crate::domain::mask::geometry::ViewPoint;
use crate::domain::mask::hand::{Act, Button, Down, Kind};
use crate::state::mask::MaskDesk;
use crate::ui::mask_editor::keys::resize;

/// A step of a wheel, and of a pinch on a trackpad.
const WHEEL_PER_DOUBLING: f64 = 300.0;
const PINCH_PER_DOUBLING: f64 = 70.0;
/// `PointerEvent.button` of a pen's other end.
const PEN_ERASER: i16 = 5;

/// Where the canvas is on the page, for as long as that does not change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground {
    left: f64,
    top: f64,
    ratio: f64,
}

impl Ground {
    pub(super) fn of(stage: &Element) -> Self {
        let canvas = stage.get_bounding_client_rect();
        Self {
            left: canvas.left(),
            top: canvas.top(),
            ratio: ratio(),
        }
    }

    /// Where an event is on the canvas, in its own pixels.
    pub(super) fn place(self, event: &MouseEvent) -> ViewPoint {
        ViewPoint {
            x: ((f64::from(event.client_x()) - self.left) * self.ratio) as f32,
            y: ((f64::from(event.client_y()) - self.top) * self.ratio) as f32,
        }
    }
}

/// Pixels of the screen for one of the page.
pub(super) fn ratio() -> f64 {
    window().device_pixel_ratio()
}

pub(super) fn kind(event: &PointerEvent) -> Kind {
    match event.pointer_type().as_str() {
        "pen" => Kind::Pen,
        "touch" => Kind::Finger,
        _ => Kind::Mouse,
    }
}

/// What an event says of its pointer: each question goes out to the browser, and is asked once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) id: i32,
    pub(super) kind: Kind,
    pub(super) at: ViewPoint,
    pub(super) millis: f64,
}

/// A pointer comes down: it draws, or it moves the view.
pub(super) fn down(desk: MaskDesk, stage: &Element, seen: Seen, event: &PointerEvent, space: bool) {
    let button = match event.button() {
        0 => Button::Draw,
        1 => Button::Middle,
        2 | PEN_ERASER => Button::Erase,
        _ => return,
    };
    event.prevent_default();
    // The stroke goes on when the pointer leaves the canvas.
    stage.set_pointer_capture(seen.id).ok();
    if let Some(stage) = stage.dyn_ref::<web_sys::HtmlElement>() {
        stage.focus().ok();
    }
    let down = Down {
        id: seen.id,
        kind: seen.kind,
        button,
        at: seen.at,
        pressure: pressure(event, seen.kind),
        line: event.shift_key(),
        subtract: event.alt_key(),
        pans: space,
        zooms: event.ctrl_key() || event.meta_key(),
        density: ratio() as f32,
        millis: seen.millis,
    };
    desk.point(|hand, view| hand.down(down, view));
}

/// A pointer moves, through every place that the browser has put together.
pub(super) fn moved(desk: MaskDesk, ground: Ground, seen: Seen, event: &PointerEvent) {
    let go = |at: ViewPoint, pressure: f32| {
        desk.point(|hand, view| hand.moved(seen.id, at, pressure, view));
    };
    let together = event.get_coalesced_events();
    if together.length() < 2 {
        return go(seen.at, pressure(event, seen.kind));
    }
    for one in together.iter() {
        let one: &PointerEvent = one.unchecked_ref();
        go(ground.place(one), pressure(one, seen.kind));
    }
}

pub(super) fn up(desk: MaskDesk, event: &PointerEvent) {
    desk.point(|hand, _| hand.up(event.pointer_id(), event.time_stamp()));
}

pub(super) fn lost(desk: MaskDesk, event: &PointerEvent) {
    desk.point(|hand, _| hand.lost(event.pointer_id()));
}

/// A wheel zooms at the cursor, and with Ctrl, Command or Alt it makes the brush larger. A pinch on a trackpad comes as a
/// wheel with Ctrl, while that key (`ctrl`) is not held.
pub(super) fn wheel(desk: MaskDesk, stage: &Element, event: &WheelEvent, ctrl: bool) {
    event.prevent_default();
    if event.alt_key() || event.meta_key() || (event.ctrl_key() && ctrl) {
        // With Alt some browsers turn it sideways.
        let delta = event.delta_y() + event.delta_x();
        return resize(desk, if delta < 0.0 { 1 } else { -1 });
    }
    let lines = event.delta_mode() == WheelEvent::DOM_DELTA_LINE;
    let delta = event.delta_y() * if lines { 16.0 } else { 1.0 };
    let per_doubling = if event.ctrl_key() {
        PINCH_PER_DOUBLING
    } else {
        WHEEL_PER_DOUBLING
    };
    let at = Ground::of(stage).place(event);
    let factor = (-delta / per_doubling).exp2() as f32;
    desk.act([Act::Zoom { at, factor }]);
}

/// A mouse knows no pressure, and says one half while it is pressed.
fn pressure(event: &PointerEvent, kind: Kind) -> f32 {
    if kind == Kind::Pen {
        event.pressure()
    } else {
        1.0
    }
}
