//! Paints the mask as a tint, and above it what the tool shows; a canvas has the pixels that it has on the screen.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::wasm_bindgen::{Clamped, JsCast};
use leptos::web_sys::{
    CanvasRenderingContext2d, ContextAttributes2d, HtmlCanvasElement, ImageData,
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::domain::mask::geometry::{ImagePoint, Rect, ViewPoint, Viewport};
use crate::domain::mask::tint::{Ink, Ring};
use crate::domain::mask::{Mask, Outline};
use crate::state::mask::Tint;
use crate::ui::mask_editor::pointer;

/// The edges of what is painted at once are multiples of it, in canvas pixels.
const PATCH_EDGE: u32 = 64;

/// What a tint is painted with.
pub(super) fn ink(tint: Tint, opacity: u32) -> Ink {
    let colours = match tint {
        // Seen on light and dark pictures, and not frequent in them.
        Tint::Pink => [[232, 46, 120]; 2],
        Tint::Green => [[0, 200, 83]; 2],
        Tint::Blue => [[41, 98, 255]; 2],
        Tint::Stripes => [[0; 3], [255; 3]],
    };
    Ink { colours, opacity }
}

#[wasm_bindgen]
extern "C" {
    /// The options of a canvas with one that `web_sys` does not know.
    type LayerOptions;

    /// An `ImageData` with its bytes as the browser has them: `web_sys` gives a copy.
    type PixelBytes;

    #[wasm_bindgen(method, getter)]
    fn data(this: &PixelBytes) -> Bytes;

    #[derive(Debug)]
    type Bytes;

    #[wasm_bindgen(method)]
    fn set(this: &Bytes, bytes: Clamped<&[u8]>);

    #[wasm_bindgen(method, setter)]
    fn set_desynchronized(this: &LayerOptions, is_desynchronized: bool);
}

/// A part of a canvas, in its own pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Part {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

impl Part {
    fn is_empty(self) -> bool {
        self.left >= self.right || self.top >= self.bottom
    }

    /// What holds both.
    pub(super) fn and(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// A canvas and what draws on it.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    /// What was painted last: to make one takes longer than to fill it.
    patch: Rc<RefCell<Option<Patch>>>,
}

/// Pixels on the browser's side.
#[derive(Debug)]
struct Patch {
    size: (u32, u32),
    image: ImageData,
    bytes: Bytes,
}

impl Patch {
    fn new(width: u32, height: u32) -> Option<Self> {
        let image = ImageData::new_with_sw(width, height).ok()?;
        let pixels: &PixelBytes = image.unchecked_ref();
        Some(Self {
            size: (width, height),
            bytes: pixels.data(),
            image,
        })
    }
}

impl Layer {
    /// One that is shown as soon as it is drawn. Where the browser can do that, it also tells of a pointer that is pressed on
    /// the canvas as soon as it moves, and not only before each frame.
    pub(super) fn of(canvas: HtmlCanvasElement) -> Option<Self> {
        let options: LayerOptions = ContextAttributes2d::new().unchecked_into();
        options.set_desynchronized(true);
        let context = canvas.get_context_with_context_options("2d", &options);
        let context = context.ok()??.dyn_into().ok()?;
        let patch = Rc::default();
        Some(Self {
            canvas,
            context,
            patch,
        })
    }

    pub(super) fn size(&self) -> (f32, f32) {
        (self.canvas.width() as f32, self.canvas.height() as f32)
    }

    /// Gives the canvas another size; it is empty then. False where it has that size.
    pub(super) fn resize(&self, width: u32, height: u32) -> bool {
        if (self.canvas.width(), self.canvas.height()) == (width, height) {
            return false;
        }
        self.canvas.set_width(width);
        self.canvas.set_height(height);
        true
    }

    pub(super) fn clear(&self) {
        let (width, height) = self.size();
        self.context
            .clear_rect(0.0, 0.0, width.into(), height.into());
    }

    pub(super) fn all(&self) -> Part {
        Part {
            right: self.canvas.width(),
            bottom: self.canvas.height(),
            ..Part::default()
        }
    }

    /// What shows a part of the image.
    pub(super) fn part_of(&self, rect: Rect, view: &Viewport) -> Part {
        let [from, to] = ends(rect, view);
        self.part([from.x, from.y, to.x, to.y])
    }

    /// The pixels that a rectangle touches, and one more around it.
    fn part(&self, [left, top, right, bottom]: [f32; 4]) -> Part {
        let all = self.all();
        // Negative ones become 0.
        Part {
            left: ((left - 1.0).floor() as u32).min(all.right),
            top: ((top - 1.0).floor() as u32).min(all.bottom),
            right: ((right + 1.0).ceil() as u32).min(all.right),
            bottom: ((bottom + 1.0).ceil() as u32).min(all.bottom),
        }
    }

    /// Where a ring is.
    pub(super) fn circled(&self, Ring { at, radius }: Ring) -> Part {
        let reach = radius + Ring::REACH;
        self.part([at.x - reach, at.y - reach, at.x + reach, at.y + reach])
    }

    /// Paints the mask in a part of the canvas, over whatever is there, and rings over it.
    pub(super) fn tint(
        &self,
        mask: &Mask,
        view: &Viewport,
        part: Part,
        ink: Ink,
        rings: &[Option<Ring>],
    ) {
        if part.is_empty() {
            return;
        }
        // In few sizes, so that mostly there is one already.
        let whole = |from: u32, to: u32| from..from + (to - from).next_multiple_of(PATCH_EDGE);
        let (columns, rows) = (whole(part.left, part.right), whole(part.top, part.bottom));
        let mut rgba = mask.tinted(*view, columns.clone(), rows.clone(), ink);
        for ring in rings.iter().flatten() {
            ring.draw(columns.clone(), rows.clone(), &mut rgba);
        }
        let (width, height) = (columns.len() as u32, rows.len() as u32);
        let mut patch = self.patch.borrow_mut();
        if patch.as_ref().is_none_or(|it| it.size != (width, height)) {
            *patch = Patch::new(width, height);
        }
        if let Some(patch) = &*patch {
            patch.bytes.set(Clamped(&rgba));
            self.context
                .put_image_data(&patch.image, part.left.into(), part.top.into())
                .ok();
        }
    }

    /// Shows the outline of what is being drawn.
    pub(super) fn outline(&self, outline: &Outline, view: &Viewport) {
        self.context.begin_path();
        match outline {
            Outline::Rectangle(rect) => {
                let [x, y, width, height] = corners(*rect, view);
                self.context.rect(x, y, width, height);
            }
            Outline::Ellipse(rect) => {
                let [x, y, width, height] = corners(*rect, view);
                let (across, down) = (width / 2.0, height / 2.0);
                self.context
                    .ellipse(
                        x + across,
                        y + down,
                        across,
                        down,
                        0.0,
                        0.0,
                        std::f64::consts::TAU,
                    )
                    .ok();
            }
            Outline::Path(points) => {
                for (at, point) in points.iter().enumerate() {
                    let ViewPoint { x, y } = view.view_from_image(*point);
                    if at == 0 {
                        self.context.move_to(x.into(), y.into());
                    } else {
                        self.context.line_to(x.into(), y.into());
                    }
                }
            }
        }
        self.stroke();
    }

    /// Shows a text in the middle of something.
    pub(super) fn label(&self, at: ViewPoint, text: &str) {
        let context = &self.context;
        let size = 14.0 * pointer::ratio();
        context.set_font(&format!("600 {size}px system-ui, sans-serif"));
        context.set_text_align("center");
        context.set_text_baseline("middle");
        context.set_line_join("round");
        context.set_line_width(size / 4.0);
        context.set_stroke_style_str("rgb(0 0 0 / .75)");
        context.set_fill_style_str("#fff");
        let (x, y) = (at.x.into(), at.y.into());
        context.stroke_text(text, x, y).ok();
        context.fill_text(text, x, y).ok();
    }

    /// Shows where the keyboard draws.
    pub(super) fn crosshair(&self, at: ImagePoint, view: &Viewport) {
        const ARM: f64 = 14.0;
        let ViewPoint { x, y } = view.view_from_image(at);
        let (x, y) = (f64::from(x), f64::from(y));
        self.context.begin_path();
        for (dx, dy) in [(ARM, 0.0), (0.0, ARM)] {
            self.context.move_to(x - dx, y - dy);
            self.context.line_to(x + dx, y + dy);
        }
        self.stroke();
    }

    /// Dark with a light line in it: seen on any ground.
    fn stroke(&self) {
        for (colour, width) in [("rgb(0 0 0 / .75)", 3.0), ("#fff", 1.0)] {
            self.context.set_stroke_style_str(colour);
            self.context.set_line_width(width);
            self.context.stroke();
        }
    }
}

/// Left, top, width and height on the canvas.
fn corners(rect: Rect, view: &Viewport) -> [f64; 4] {
    let [from, to] = ends(rect, view);
    [from.x, from.y, to.x - from.x, to.y - from.y].map(f64::from)
}

/// Where a part of the image begins and ends on the canvas.
fn ends(rect: Rect, view: &Viewport) -> [ViewPoint; 2] {
    [(rect.left, rect.top), (rect.right, rect.bottom)]
        .map(|(x, y)| view.view_from_image(ImagePoint::new(x as f32, y as f32)))
}
