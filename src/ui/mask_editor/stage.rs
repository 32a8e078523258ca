//! The canvas of the mask editor: the picture, the tint above it, and above that what the tool shows.

use std::time::Duration;

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent, resize};
use leptos::html::{Canvas, Div, Img};
use leptos::prelude::*;
use leptos::web_sys::{Element, HtmlElement};

use crate::domain::mask::geometry::{ViewPoint, Viewport};
use crate::domain::mask::hand::Kind;
use crate::domain::mask::keys::Command;
use crate::domain::mask::tint::Ring;
use crate::domain::mask::{Event, Outline, Tool};
use crate::domain::request::ImageRef;
use crate::domain::size::Pixels;
use crate::state::library::Library;
use crate::state::mask::{Dirty, MaskDesk};
use crate::state::tray::Tray;
use crate::state::words::AllWords;
use crate::ui::mask_editor::keys;
use crate::ui::mask_editor::paint::{self, Layer, Part};
use crate::ui::mask_editor::pointer::{self, Ground, Seen};
use crate::ui::mask_editor::toolbar::size_text;
use crate::ui::{Wording, derived, use_all_words};

/// How often is painted, at most: ink that lags behind the tip of a pen is seen, and the fastest screens show 120 pictures a
/// second. Of a mouse, nothing else on the screen tells where it is.
const PEN_MILLIS: f64 = 8.0;
const MOUSE_MILLIS: f64 = 16.0;
/// For how long the canvas is taken to be where it was: a page is rarely scrolled under a hand that draws.
const GROUND_MILLIS: f64 = 200.0;

/// What a press does while Space is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grip {
    Pan,
    ZoomIn,
    ZoomOut,
}

impl Grip {
    /// By what is held beside it.
    pub(super) fn of(event: &KeyboardEvent) -> Self {
        let zooms = event.ctrl_key() || event.meta_key();
        match (zooms, event.alt_key()) {
            (false, _) => Self::Pan,
            (true, false) => Self::ZoomIn,
            (true, true) => Self::ZoomOut,
        }
    }
}

/// The parts of the canvas, once they are in the page.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    pub(super) desk: MaskDesk,
    words: Wording<AllWords>,
    stage: NodeRef<Div>,
    picture: NodeRef<Img>,
    tint: NodeRef<Canvas>,
    above: NodeRef<Canvas>,
    layers: StoredValue<Option<[Layer; 2]>, LocalStorage>,
    is_drawn_above: StoredValue<bool>,
    /// Where rings of the brush are painted.
    circled: StoredValue<Part>,
    /// Measured now and then, and when: at each event the browser would have to lay the page out.
    ground: StoredValue<Option<(f64, Ground)>>,
    /// The pointer that was last seen.
    pointer: StoredValue<Option<(i32, Kind)>>,
    /// Where the cursor is.
    cursor: StoredValue<Option<ViewPoint>>,
    /// Space is held: the next drag pans or zooms.
    pub(super) grip: RwSignal<Option<Grip>>,
    /// The key itself is held: a pinch on a trackpad only says so.
    pub(super) ctrl: StoredValue<bool>,
    /// The picture is looked at without its mask.
    pub(super) peeks: RwSignal<bool>,
    pixels: Pixels,
    /// The picture as it is seen from afar, and in how many pixels.
    preview: RwSignal<Option<String>>,
    preview_pixels: Pixels,
    /// It was looked at closer than that.
    is_close: RwSignal<bool>,
    waiting: StoredValue<bool>,
    /// When it is time to paint again, between two frames, and whether that is to happen by itself.
    due: StoredValue<f64>,
    is_timed: StoredValue<bool>,
    /// A pointer has changed something since it was last painted.
    is_behind: StoredValue<bool>,
    fitted: StoredValue<bool>,
}

impl Stage {
    pub(super) fn new(desk: MaskDesk, image: &ImageRef) -> Self {
        let (preview, preview_pixels) = expect_context::<Tray>().preview(image);
        Self {
            desk,
            words: use_all_words(),
            stage: NodeRef::new(),
            picture: NodeRef::new(),
            tint: NodeRef::new(),
            above: NodeRef::new(),
            layers: StoredValue::new_local(None),
            is_drawn_above: StoredValue::new(false),
            circled: StoredValue::default(),
            ground: StoredValue::new(None),
            pointer: StoredValue::new(None),
            cursor: StoredValue::new(None),
            grip: RwSignal::new(None),
            ctrl: StoredValue::new(false),
            peeks: RwSignal::new(false),
            pixels: Pixels::new(image.width, image.height),
            preview,
            preview_pixels,
            is_close: RwSignal::new(false),
            waiting: StoredValue::new(false),
            due: StoredValue::new(0.0),
            is_timed: StoredValue::new(false),
            is_behind: StoredValue::new(false),
            fitted: StoredValue::new(false),
        }
    }

    /// Paints in the next frame what has changed until then.
    fn paint_soon(self) {
        if self.waiting.get_value() {
            return;
        }
        self.waiting.set_value(true);
        request_animation_frame(move || {
            if self.waiting.try_get_value().is_some() {
                self.waiting.set_value(false);
                self.paint();
            }
        });
    }

    /// Paints what a pointer has changed by that moment (of its event, in milliseconds), or soon after it: both canvases are
    /// shown as soon as they are drawn, and the page around them has no part in that. While the pointer goes on, each event
    /// paints where it is time to; a timer sees to what the last of them has left.
    fn paint_between_frames(self, now: f64) {
        let pause = match self.pointer.get_value() {
            Some((_, Kind::Mouse)) => MOUSE_MILLIS,
            _ => PEN_MILLIS,
        };
        if self.due.get_value() <= now {
            self.due.set_value(now + pause);
            self.paint_changes();
        } else {
            self.is_behind.set_value(true);
            self.paint_the_rest(pause);
        }
    }

    /// Paints after two pauses what no event has painted by then.
    fn paint_the_rest(self, pause: f64) {
        if self.is_timed.get_value() {
            return;
        }
        self.is_timed.set_value(true);
        let due = self.due.get_value();
        let rest = move || {
            if self.is_timed.try_get_value().is_none() {
                return;
            }
            self.is_timed.set_value(false);
            if !self.is_behind.get_value() {
                return;
            }
            if self.due.get_value() == due {
                self.due.set_value(due + pause);
                self.paint_changes();
            } else {
                // The pointer went on.
                self.paint_the_rest(pause);
            }
        };
        set_timeout(rest, Duration::from_secs_f64(2.0 * pause / 1000.0));
    }

    /// What changes the picture too waits for the frame.
    fn paint_changes(self) {
        let is_for_frame = self.waiting.get_value() || self.desk.dirty() == Dirty::All;
        let is_drawn = !is_for_frame
            && self.layers.with_value(|layers| {
                let layers = layers.as_ref();
                layers.map(|layers| self.draw(layers, self.desk.take_dirty()))
            }) == Some(());
        if !is_drawn {
            self.paint_soon();
        }
    }

    fn paint(self) {
        let Some(layers) = self.layers() else {
            return;
        };
        let [tint, above] = &layers;
        self.desk.set_density(pointer::ratio() as f32);
        let (width, height) = self.view_size();
        let size = (width.max(1.0) as u32, height.max(1.0) as u32);
        above.resize(size.0, size.1);
        let mut dirty = self.desk.take_dirty();
        if tint.resize(size.0, size.1) {
            dirty = Dirty::All;
            if !self.fitted.get_value() {
                self.fitted.set_value(true);
                self.fit();
            }
        }
        if dirty == Dirty::All {
            self.show_picture(&self.desk.viewport.get_untracked());
        }
        self.draw(&layers, dirty);
    }

    fn draw(self, [tint, above]: &[Layer; 2], dirty: Dirty) {
        self.is_behind.set_value(false);
        let view = self.desk.viewport.get_untracked();
        let habits = self.desk.habits.get_untracked();
        let is_round = matches!(habits.tool, Tool::Brush | Tool::Eraser);
        let crosshair = self.desk.crosshair.get_untracked();
        // A brush that is made larger or harder stays where it was.
        let pointer = self.desk.resizes_at().or_else(|| self.cursor.get_value());
        let places = [pointer, crosshair.map(|at| view.view_from_image(at))];
        self.desk.with(|editor| {
            let radius = editor.brush_in_hand().radius(1.0) * view.zoom;
            let rings = places.map(|at| at.filter(|_| is_round).map(|at| Ring { at, radius }));
            // The rings stay while the mask is hidden.
            let opacity = if editor.is_hidden() {
                0
            } else {
                habits.opacity
            };
            let ink = paint::ink(habits.tint, opacity);
            let part = match dirty {
                Dirty::Nothing | Dirty::Above => Part::default(),
                Dirty::Part(rect) => tint.part_of(rect, &view),
                Dirty::All => tint.all(),
            };
            // The rings are on the same canvas, and go where the mask is painted again: a second one to be shown anew with each
            // frame would cost as much as the first.
            let circled = rings.iter().flatten().map(|ring| tint.circled(*ring));
            let circled = circled.fold(Part::default(), Part::and);
            tint.tint(
                editor.mask(),
                &view,
                part.and(self.circled.get_value()).and(circled),
                ink,
                &rings,
            );
            self.circled.set_value(circled);
            self.show_above(above, editor.outline().as_ref(), &view);
        });
    }

    /// What is being drawn, and where the keyboard draws.
    fn show_above(self, above: &Layer, outline: Option<&Outline>, view: &Viewport) {
        let crosshair = self.desk.crosshair.get_untracked();
        let resizes_at = self.desk.resizes_at();
        let shows = outline.is_some() || crosshair.is_some() || resizes_at.is_some();
        // An empty canvas that is cleared is shown anew all the same.
        if shows || self.is_drawn_above.get_value() {
            above.clear();
        }
        self.is_drawn_above.set_value(shows);
        if let Some(outline) = outline {
            above.outline(outline, view);
        }
        if let Some(at) = resizes_at {
            let habits = self.desk.habits.get_untracked();
            let size = size_text(&habits, untrack(|| self.words.now()));
            let text = format!("{size}, {} %", habits.brush_in_hand().hardness);
            above.label(at, &text);
        }
        if let Some(at) = crosshair {
            above.crosshair(at, view);
        }
    }

    /// The picture itself is no canvas: the browser moves and scales it.
    fn show_picture(self, view: &Viewport) {
        let Some(picture) = self.picture.get_untracked() else {
            return;
        };
        let has_all = view.zoom * self.pixels.width as f32 <= self.preview_pixels.width as f32;
        if !has_all && !self.is_close.get_untracked() {
            self.is_close.set(true);
        }
        let ratio = pointer::ratio() as f32;
        let (x, y) = (view.origin.x / ratio, view.origin.y / ratio);
        let scale = view.zoom / ratio;
        let style = HtmlElement::style(&picture);
        let transform = format!("translate({x}px, {y}px) scale({scale})");
        style.set_property("transform", &transform).ok();
        let rendering = if scale > 2.0 { "pixelated" } else { "auto" };
        style.set_property("image-rendering", rendering).ok();
    }

    fn layers(self) -> Option<[Layer; 2]> {
        let made = self.layers.get_value();
        if made.is_some() {
            return made;
        }
        let layers = [
            Layer::of(self.tint.get_untracked()?)?,
            Layer::of(self.above.get_untracked()?)?,
        ];
        self.layers.set_value(Some(layers.clone()));
        Some(layers)
    }

    /// Of the canvas, in its own pixels.
    pub(super) fn view_size(self) -> (f32, f32) {
        let ratio = pointer::ratio() as f32;
        self.stage.get_untracked().map_or((1.0, 1.0), |stage| {
            let (width, height) = (stage.client_width(), stage.client_height());
            (width as f32 * ratio, height as f32 * ratio)
        })
    }

    pub(super) fn fit(self) {
        let (width, height) = self.view_size();
        self.desk
            .look(|_| Viewport::fitted(self.pixels, width, height));
    }

    pub(super) fn actual_size(self) {
        let (width, height) = self.view_size();
        self.desk
            .look(|_| Viewport::at_actual_size(self.pixels, width, height));
    }

    fn with_stage(self, f: impl FnOnce(&Element)) {
        if let Some(stage) = self.stage.get_untracked() {
            f(&stage);
        }
    }

    /// As it was when it was last measured, a moment before `now` (of an event, in milliseconds).
    fn ground(self, now: f64) -> Option<Ground> {
        match self.ground.get_value() {
            Some((since, ground)) if now - since < GROUND_MILLIS => Some(ground),
            _ => {
                let ground = Ground::of(&*self.stage.get_untracked()?);
                self.ground.set_value(Some((now, ground)));
                Some(ground)
            }
        }
    }

    /// Where a pointer is, and on what ground.
    fn seen(self, event: &PointerEvent) -> Option<(Ground, Seen)> {
        let (id, millis) = (event.pointer_id(), event.time_stamp());
        let ground = self.ground(millis)?;
        // What it is, is asked of each pointer once: that comes as a text.
        let kind = match self.pointer.get_value() {
            Some((known, kind)) if known == id => kind,
            _ => {
                let kind = pointer::kind(event);
                self.pointer.set_value(Some((id, kind)));
                kind
            }
        };
        let at = ground.place(event);
        let seen = Seen {
            id,
            kind,
            at,
            millis,
        };
        Some((ground, seen))
    }

    fn follow_cursor(self, seen: Seen) {
        // A finger covers what a ring would show.
        let shows = seen.kind != Kind::Finger;
        self.cursor.set_value(shows.then_some(seen.at));
        self.paint_between_frames(seen.millis);
    }
}

/// Picture, tint and cursor.
pub(super) fn stage_view(stage: Stage, image: &ImageRef) -> AnyView {
    let (w, library) = (use_all_words(), expect_context::<Library>());
    let desk = stage.desk;
    let all = library.url(image.blob.clone());
    let url = derived(move || {
        let all = all.get().filter(|_| stage.is_close.get());
        all.or_else(|| stage.preview.get())
    });
    Effect::new(move |_| {
        desk.frames.track();
        stage.paint_soon();
    });
    let resized = window_event_listener(resize, move |_| stage.paint_soon());
    on_cleanup(move || resized.remove());
    let down = boxed(move |event: PointerEvent| {
        // What is drawn begins where the canvas is now.
        stage.ground.set_value(None);
        let Some((_, seen)) = stage.seen(&event) else {
            return;
        };
        let space = stage.grip.get_untracked().is_some();
        stage.with_stage(|element| pointer::down(desk, element, seen, &event, space));
        stage.follow_cursor(seen);
    });
    let moved = boxed(move |event: PointerEvent| {
        let Some((ground, seen)) = stage.seen(&event) else {
            return;
        };
        pointer::moved(desk, ground, seen, &event);
        stage.follow_cursor(seen);
    });
    let up = boxed(move |event: PointerEvent| {
        pointer::up(desk, &event);
        stage.paint_between_frames(event.time_stamp());
    });
    let lost = boxed(move |event: PointerEvent| {
        pointer::lost(desk, &event);
        stage.paint_between_frames(event.time_stamp());
    });
    let left = boxed(move |event: PointerEvent| {
        stage.cursor.set_value(None);
        stage.paint_between_frames(event.time_stamp());
    });
    let wheel = boxed(move |event: WheelEvent| {
        let ctrl = stage.ctrl.get_value();
        stage.with_stage(|element| pointer::wheel(desk, element, &event, ctrl));
    });
    let closed = boxed(move |_: MouseEvent| desk.edit(Event::ClosePolygon));
    let key_up = boxed(move |event: KeyboardEvent| keys::up(stage, &event));
    let blurred = boxed(move |_: leptos::ev::FocusEvent| keys::let_go(stage));
    let peeks = stage.peeks;
    let grip = move |what: Grip| derived(move || stage.grip.get() == Some(what));
    view! {
        <div
            class="mask-stage"
            class:peeking=peeks
            class:panning=grip(Grip::Pan)
            class:zooming-in=grip(Grip::ZoomIn)
            class:zooming-out=grip(Grip::ZoomOut)
            node_ref=stage.stage
            tabindex="0"
            role="application"
            aria-label=w.text(|w| w.mask_canvas)
            aria-describedby="mask-how"
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=lost
            on:pointerleave=left
            on:wheel=wheel
            on:dblclick=closed
            on:contextmenu=move |event| event.prevent_default()
            on:keyup=key_up
            on:blur=blurred
        >
            <img
                class="mask-picture"
                node_ref=stage.picture
                src=url
                alt=""
                width=image.width.to_string()
                height=image.height.to_string()
                draggable="false"
                on:load=move |_| desk.refresh(Dirty::All)
            />
            <canvas class="mask-tint" node_ref=stage.tint></canvas>
            <canvas node_ref=stage.above></canvas>
        </div>
    }
    .into_any()
}

/// Does what a key asks for; whether it was for the view.
pub(super) fn look(stage: Stage, command: Command) -> bool {
    match command {
        Command::Fit => stage.fit(),
        Command::ActualSize => stage.actual_size(),
        Command::Magnify(zoom) => stage.desk.magnify(f32::from(zoom), stage.view_size()),
        Command::Zoom(steps) => {
            let factor = 1.25_f32.powi(steps);
            stage.desk.zoom(factor, stage.view_size());
        }
        _ => return false,
    }
    true
}

fn boxed<E>(f: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(f)
}
