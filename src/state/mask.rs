//! The mask that is being drawn: the open editor, what its controls show, and what becomes of it.

use std::sync::Arc;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser::clock::{self, Breather};
use crate::browser::database::{Durability, Op, Store};
use crate::browser::error::{DatabaseError, FileError};
use crate::browser::files::{self, ChosenFile};
use crate::browser::picture::{BlobHandle, Picture, PictureBuilder};
use crate::browser::{decode_image, local};
use crate::domain::intake;
use crate::domain::mask::geometry::{ImagePoint, Rect, ViewPoint, Viewport};
use crate::domain::mask::hand::{Act, Finger, Hand};
use crate::domain::mask::png::{self, ImportFault};
use crate::domain::mask::rehearsal::Rehearsal;
use crate::domain::mask::{
    Brush, Draft, Event, MaskEditor, MaskView, PicturePixels, Tool, Unit, Wand,
};
use crate::domain::request::{ImageRef, ImageRequestStoreFields as _};
use crate::domain::size::Pixels;
use crate::state::archive::Archive;
use crate::state::composer::Composer;
use crate::state::error::AppError;
use crate::state::jobs::Jobs;
use crate::state::notices::{Message, Notices};

/// How a person likes to draw; kept from one mask to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Habits {
    pub tool: Tool,
    pub brush: Brush,
    pub eraser: Brush,
    /// Of the sizes of both.
    pub unit: Unit,
    pub wand: Wand,
    /// Of the tint that shows the mask, in percent.
    pub opacity: u32,
    pub tint: Tint,
    pub finger: Finger,
}

/// How the mask is shown on the picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tint {
    #[default]
    Pink,
    Green,
    Blue,
    /// Black and white: seen on a picture of any colours.
    Stripes,
}

impl Tint {
    pub const ALL: [Self; 4] = [Self::Pink, Self::Green, Self::Blue, Self::Stripes];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pink => "pink",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Stripes => "stripes",
        }
    }
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            tool: Tool::default(),
            brush: Brush::default(),
            eraser: Brush::default(),
            unit: Unit::default(),
            wand: Wand::default(),
            opacity: 55,
            tint: Tint::default(),
            finger: Finger::default(),
        }
    }
}

impl Habits {
    /// The brush that the tool has, or would have.
    #[must_use]
    pub fn brush_in_hand(&self) -> Brush {
        match self.tool {
            Tool::Eraser => self.eraser,
            _ => self.brush,
        }
    }

    /// The same, to be changed.
    pub fn brush_in_hand_mut(&mut self) -> &mut Brush {
        match self.tool {
            Tool::Eraser => &mut self.eraser,
            _ => &mut self.brush,
        }
    }
}

/// The mask editor; copies are handles to the same one.
#[derive(Debug, Clone, Copy)]
pub struct MaskDesk {
    /// The image that is masked, while the editor is open.
    pub canvas: RwSignal<Option<ImageRef>>,
    pub view: RwSignal<MaskView>,
    pub habits: RwSignal<Habits>,
    pub viewport: RwSignal<Viewport>,
    /// Where the keyboard draws, in image pixels; `None` until an arrow key was pressed.
    pub crosshair: RwSignal<Option<ImagePoint>>,
    /// Whether the keyboard's pen is down.
    pub pen_is_down: RwSignal<bool>,
    /// By how many pixels the mask is grown, shrunk and feathered.
    pub by_pixels: RwSignal<u32>,
    /// Counts what the canvas has to show anew, but for what a pointer does: who asks for that paints it.
    pub frames: RwSignal<u32>,
    is_pointed_at: StoredValue<bool>,
    editor: StoredValue<Option<MaskEditor>, LocalStorage>,
    /// Editors that were closed, with their images, until their drafts are written.
    laid_aside: StoredValue<Vec<(ImageRef, MaskEditor)>, LocalStorage>,
    hand: StoredValue<Hand, LocalStorage>,
    dirty: StoredValue<Dirty>,
    /// Canvas pixels of a pixel of the screen.
    density: StoredValue<f32>,
    /// Counts changes, to know when they pause.
    edits: StoredValue<u32>,
    /// How many of them the stored draft holds.
    written: StoredValue<u32>,
    /// The mask is being made for the request: a second press adds nothing.
    is_finishing: StoredValue<bool>,
    is_rehearsed: StoredValue<bool>,
    composer: Composer,
    archive: Archive,
    notices: Notices,
    jobs: Jobs,
}

/// What of the canvas no longer shows the mask as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Dirty {
    #[default]
    Nothing,
    /// Not the mask, but what the tool shows above it.
    Above,
    Part(Rect),
    All,
}

impl Dirty {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Self::All,
            (Self::Part(one), Self::Part(other)) => Self::Part(one.union(other)),
            (Self::Part(rect), _) | (_, Self::Part(rect)) => Self::Part(rect),
            (Self::Above, _) | (_, Self::Above) => Self::Above,
            (Self::Nothing, Self::Nothing) => Self::Nothing,
        }
    }
}

const HABITS: &str = "pentimento.mask";
/// The unfinished mask, by the image that it belongs to.
const DRAFT_PREFIX: &str = "mask-draft:";
const DRAFT_DELAY_MILLIS: u32 = 600;
const IDLE_MILLIS: u32 = 1_000;
/// In canvas pixels: a corner so near to the first one closes a polygon.
const CLOSE_WITHIN: f32 = 10.0;

impl MaskDesk {
    #[must_use]
    pub fn new(composer: Composer, archive: Archive, notices: Notices, jobs: Jobs) -> Self {
        let habits = local::get(HABITS).and_then(|json| serde_json::from_str(&json).ok());
        Self {
            canvas: RwSignal::new(None),
            view: RwSignal::default(),
            habits: RwSignal::new(habits.unwrap_or_default()),
            viewport: RwSignal::default(),
            crosshair: RwSignal::new(None),
            pen_is_down: RwSignal::new(false),
            by_pixels: RwSignal::new(8),
            frames: RwSignal::new(0),
            is_pointed_at: StoredValue::new(false),
            editor: StoredValue::new_local(None),
            laid_aside: StoredValue::new_local(Vec::new()),
            hand: StoredValue::new_local(Hand::default()),
            dirty: StoredValue::default(),
            density: StoredValue::new(1.0),
            edits: StoredValue::new(0),
            written: StoredValue::new(0),
            is_finishing: StoredValue::new(false),
            is_rehearsed: StoredValue::new(false),
            composer,
            archive,
            notices,
            jobs,
        }
    }

    /// Opens the editor on an image, with the mask that was drawn for it before.
    pub fn open(self, image: ImageRef) {
        let aside = self.take_back(&image);
        let is_whole = aside.is_some();
        let editor =
            aside.unwrap_or_else(|| MaskEditor::new(Pixels::new(image.width, image.height)));
        self.view.set(editor.view());
        self.editor.set_value(Some(editor));
        self.crosshair.set(None);
        self.pen_is_down.set(false);
        self.take_up(self.habits.get_untracked());
        self.canvas.set(Some(image.clone()));
        // Who presses Generate now means the mask that is being drawn.
        let finish = move || self.done_and(Some(|desk| desk.jobs.generate()));
        self.jobs.finish_first(Some(Arc::new(finish)));
        self.refresh(Dirty::All);
        self.rehearse();
        if is_whole {
            return self.keep_draft();
        }
        self.written.set_value(self.edits.get_value());
        leptos::task::spawn_local(async move {
            match self.earlier(&image).await {
                Ok(Some(draft)) => self.take_up_draft(draft),
                Ok(None) => {}
                Err(error) => self.notices.trouble(AppError::Database(error)),
            }
        });
    }

    /// The first stroke is as smooth as the others: what it needs has run before, while the page had nothing else to do.
    fn rehearse(self) {
        if self.is_rehearsed.get_value() {
            return;
        }
        self.is_rehearsed.set_value(true);
        leptos::task::spawn_local(async move {
            let mut rehearsal = Rehearsal::new();
            loop {
                clock::idle(IDLE_MILLIS).await;
                if !rehearsal.go_on() {
                    break;
                }
            }
        });
    }

    fn take_up_draft(self, draft: Draft) {
        let taken = self.editor.try_update_value(|editor| {
            let editor = editor.as_mut()?;
            editor.take_up(draft)?;
            Some(editor.view())
        });
        if let Some(view) = taken.flatten() {
            self.view.set(view);
            self.refresh(Dirty::All);
        }
    }

    /// The mask that was begun for an image, with its steps, or the one that was sent with it.
    async fn earlier(self, image: &ImageRef) -> Result<Option<Draft>, DatabaseError> {
        let pixels = Pixels::new(image.width, image.height);
        let database = self.archive.database().await?;
        let draft = database.blob(Store::Blobs, &draft_key(&image.blob)).await?;
        if let Some(bytes) = read(draft).await
            && let Ok(draft) = Draft::from_bytes(&bytes)
            && draft.pixels() == pixels
        {
            return Ok(Some(draft));
        }
        let Some(kept) = self.composer.request.mask().get_untracked() else {
            return Ok(None);
        };
        let bytes = read(database.blob(Store::Blobs, &kept.blob).await?).await;
        let mask = bytes.and_then(|bytes| png::import(&bytes, pixels).ok());
        Ok(mask.map(Draft::from))
    }

    /// Closes the editor, and gives its mask to the request.
    pub fn done(self) {
        self.done_and(None);
    }

    /// `then`: what cannot wait until the draft is written.
    fn done_and(self, then: Option<fn(Self)>) {
        let Some(image) = self.canvas.get_untracked() else {
            return;
        };
        if self.is_finishing.get_value() {
            return;
        }
        self.is_finishing.set_value(true);
        leptos::task::spawn_local(async move {
            let made = self.make().await;
            self.is_finishing.set_value(false);
            let Some(made) = made else { return };
            let mask = made.map(|(picture, levels)| {
                if levels < 256 {
                    self.notices.say(Message::MaskSimplified { levels });
                }
                mask_ref(&picture, &image)
            });
            // The canvas may have gone, or another image have taken its place.
            let canvas = self
                .composer
                .request
                .read_untracked()
                .images
                .first()
                .cloned();
            if canvas.as_ref() == Some(&image) {
                self.composer.request.mask().set(mask);
            }
            let Some(then) = then else {
                self.write_draft(&image).await;
                return self.close();
            };
            let editor = self.editor.try_update_value(Option::take).flatten();
            let aside = editor.map(|editor| (image.clone(), editor));
            self.laid_aside.update_value(|all| all.extend(aside));
            self.close();
            then(self);
            // The request goes first.
            clock::idle(DRAFT_DELAY_MILLIS).await;
            self.write_draft(&image).await;
            drop(self.take_back(&image));
        });
    }

    /// Closes the editor; the request keeps the mask that it had.
    pub fn close(self) {
        self.canvas.set(None);
        self.editor.set_value(None);
        self.jobs.finish_first(None);
    }

    /// Downloads the mask as it would be sent.
    pub fn export(self) {
        leptos::task::spawn_local(async move {
            if let Some(Some((picture, _))) = self.make().await
                && let Err(error) = files::save("mask.png", &picture)
            {
                self.notices.trouble(AppError::File(error));
            }
        });
    }

    /// Takes a mask out of a file.
    pub fn import(self, file: impl Into<ChosenFile>) {
        let file = file.into();
        let Some(image) = self.canvas.get_untracked() else {
            return;
        };
        leptos::task::spawn_local(async move {
            let bytes = file.bytes().await.map_err(|_gone| ImportFault::Damaged);
            let pixels = Pixels::new(image.width, image.height);
            match bytes.and_then(|bytes| intake::mask(&bytes, pixels)) {
                Ok(mask) => self.edit(Event::Import(mask)),
                Err(fault) => self.notices.say(Message::MaskRefused(fault)),
            }
        });
    }

    /// The mask as a stored picture, and its levels of alpha; the inner `None` where nothing is masked.
    async fn make(self) -> Option<Option<(Picture, u16)>> {
        let mask = self.with(|editor| editor.mask().clone())?;
        if mask.is_empty() {
            return Some(None);
        }
        let (mut export, mut breather) = (png::Export::new(mask), Breather::new());
        let exported = loop {
            // The page goes on while a large mask is written.
            breather.breathe().await;
            if let Some(exported) = export.go_on() {
                break exported;
            }
        };
        let exported = match exported {
            Ok(exported) => exported,
            Err(fault) => {
                self.notices.say(Message::MaskNotMade(fault));
                return None;
            }
        };
        let kept = async {
            let picture = picture_of(&exported.bytes).await.map_err(AppError::File)?;
            self.keep(picture.key(), (&picture).into()).await?;
            Ok(picture)
        };
        match kept.await {
            Ok(picture) => Some(Some((picture, exported.alpha_levels))),
            Err(error) => {
                self.notices.trouble(error);
                None
            }
        }
    }

    async fn keep(self, key: &str, blob: BlobHandle) -> Result<(), AppError> {
        let op = Op::PutBlob {
            store: Store::Blobs,
            key: key.into(),
            blob,
        };
        // Not waited for until it is on the disk: it costs nothing to draw again, and the attempt's own row, which is waited
        // for before anything is sent, comes after it.
        let database = self.archive.database().await.map_err(AppError::Database)?;
        let written = database.write(vec![op], Durability::Relaxed).await;
        written.map(drop).map_err(AppError::Database)
    }

    /// Does something to the mask.
    pub fn edit(self, event: Event) {
        let changed = self.editor.try_update_value(|editor| {
            let editor = editor.as_mut()?;
            let was_busy = editor.is_busy();
            let dirty = editor.handle(event);
            let is_over = !editor.is_busy() && (was_busy || dirty.is_some());
            Some((dirty, editor.view(), is_over))
        });
        let Some((dirty, view, is_over)) = changed.flatten() else {
            return;
        };
        if self.view.get_untracked() != view {
            self.view.set(view);
        }
        self.refresh(dirty.map_or(Dirty::Above, Dirty::Part));
        if is_over {
            self.keep_draft();
        }
    }

    /// Grows, shrinks or feathers the mask by as many pixels as the person chose.
    pub fn edit_by_pixels(self, event: fn(u32) -> Event) {
        self.edit(event(self.by_pixels.get_untracked()));
    }

    /// Hides the mask, or shows it.
    pub fn show_or_hide(self) {
        let view = self.editor.try_update_value(|editor| {
            let editor = editor.as_mut()?;
            editor.show_or_hide();
            Some(editor.view())
        });
        if let Some(view) = view.flatten() {
            self.view.set(view);
            self.refresh(Dirty::All);
        }
    }

    /// Does what a pointer asks for.
    pub fn act(self, acts: impl IntoIterator<Item = Act>) {
        for act in acts {
            match act {
                Act::Edit(event) => self.edit(event),
                Act::Pan { dx, dy } => self.look(|view| view.panned(dx, dy)),
                Act::Zoom { at, factor } => self.look(|view| view.zoomed_at(at, factor)),
                Act::Resize { by } => {
                    let zoom = self.viewport.get_untracked().zoom;
                    // The edge of the brush follows the pointer.
                    self.change(|habits| {
                        let by = 2.0 * by / zoom / self.image_pixels_of(habits);
                        habits.brush_in_hand_mut().enlarge(by);
                    });
                }
                Act::Harden { by } => self.change(|habits| habits.brush_in_hand_mut().harden(by)),
            }
        }
    }

    /// Asks the hand what a pointer means, and does it; the caller paints what is dirty then.
    pub fn point(self, ask: impl FnOnce(&mut Hand, &Viewport) -> Vec<Act>) {
        let view = self.viewport.get_untracked();
        let acts = self.hand.try_update_value(|hand| ask(hand, &view));
        self.is_pointed_at.set_value(true);
        self.act(acts.into_iter().flatten());
        self.is_pointed_at.set_value(false);
    }

    /// Where a brush is that a pointer makes larger or harder.
    #[must_use]
    pub fn resizes_at(self) -> Option<ViewPoint> {
        self.hand.with_value(Hand::resizes_at)
    }

    /// Looks at another part of the picture.
    pub fn look(self, at: impl FnOnce(Viewport) -> Viewport) {
        let (before, after) = (
            self.viewport.get_untracked(),
            at(self.viewport.get_untracked()),
        );
        if before != after {
            self.viewport.set(after);
            self.editor.update_value(|editor| {
                if let Some(editor) = editor {
                    editor.close_within = CLOSE_WITHIN / after.zoom;
                }
            });
            if before.zoom != after.zoom {
                self.give_brushes(&self.habits.get_untracked());
            }
            self.refresh(Dirty::All);
        }
    }

    /// Tells how many pixels the canvas has for one of the screen.
    pub fn set_density(self, density: f32) {
        if self.density.get_value() != density {
            self.density.set_value(density);
            self.give_brushes(&self.habits.get_untracked());
        }
    }

    /// How many image pixels there are in one of the unit that brushes are measured in.
    fn image_pixels_of(self, habits: &Habits) -> f32 {
        let view = self.viewport.get_untracked();
        habits.unit.image_pixels(view, self.density.get_value())
    }

    /// Gives the editor the brushes that it draws with.
    fn give_brushes(self, habits: &Habits) {
        let factor = self.image_pixels_of(habits);
        self.editor.update_value(|editor| {
            if let Some(editor) = editor {
                editor.brush = habits.brush.scaled(factor);
                editor.eraser = habits.eraser.scaled(factor);
            }
        });
    }

    /// Measures brushes in something else; as it is looked at now, they stay as large as they are.
    pub fn measure_brushes_in(self, unit: Unit) {
        let before = self.image_pixels_of(&self.habits.get_untracked());
        self.change(|habits| {
            habits.unit = unit;
            let factor = before / self.image_pixels_of(habits);
            habits.brush = habits.brush.scaled(factor);
            habits.eraser = habits.eraser.scaled(factor);
        });
    }

    /// Looks nearer, or from further off, at the middle of a canvas of that size.
    pub fn zoom(self, factor: f32, (width, height): (f32, f32)) {
        let middle = ViewPoint::new(width / 2.0, height / 2.0);
        self.look(|view| view.zoomed_at(middle, factor));
    }

    /// The same, to so many pixels of the canvas for each pixel.
    pub fn magnify(self, zoom: f32, (width, height): (f32, f32)) {
        let middle = ViewPoint::new(width / 2.0, height / 2.0);
        self.look(|view| view.zoomed_to(middle, zoom));
    }

    /// Changes how the person draws.
    pub fn change(self, change: impl FnOnce(&mut Habits)) {
        let mut habits = self.habits.get_untracked();
        change(&mut habits);
        self.take_up(habits);
        if let Ok(json) = serde_json::to_string(&habits) {
            local::set(HABITS, &json);
        }
    }

    fn take_up(self, habits: Habits) {
        self.editor.update_value(|editor| {
            if let Some(editor) = editor {
                editor.tool = habits.tool;
                editor.wand = habits.wand;
            }
        });
        self.give_brushes(&habits);
        let before = self.habits.get_untracked();
        if before != habits {
            self.habits.set(habits);
        }
        self.hand.update_value(|hand| hand.finger = habits.finger);
        let looks_different = (before.opacity, before.tint) != (habits.opacity, habits.tint);
        self.refresh(if looks_different {
            Dirty::All
        } else {
            Dirty::Above
        });
        if habits.tool == Tool::MagicWand {
            self.bring_pixels();
        }
    }

    /// The magic wand looks at the picture itself, which is decoded when it is first taken.
    fn bring_pixels(self) {
        let Some(image) = self.canvas.get_untracked() else {
            return;
        };
        leptos::task::spawn_local(async move {
            let database = self.archive.database().await;
            let Ok(Some(picture)) = (match database {
                Ok(database) => database.blob(Store::Blobs, &image.blob).await,
                Err(error) => Err(error),
            }) else {
                return;
            };
            let pixels = Pixels::new(image.width, image.height);
            match decode_image::decode(&picture, pixels).await {
                Ok(rgba) => self.editor.update_value(|editor| {
                    if let Some(editor) = editor {
                        editor.set_picture(Some(Arc::new(PicturePixels { pixels, rgba })));
                    }
                }),
                Err(error) => self.notices.trouble(AppError::File(error)),
            }
        });
    }

    /// Moves the crosshair, and what the keyboard draws with it.
    pub fn step(self, dx: i32, dy: i32) {
        let Some(image) = self.canvas.get_untracked() else {
            return;
        };
        let (width, height) = (image.width as f32, image.height as f32);
        let at = self.crosshair.get_untracked().unwrap_or(ImagePoint {
            x: width / 2.0,
            y: height / 2.0,
        });
        let at = ImagePoint {
            x: (at.x + dx as f32).clamp(0.0, width),
            y: (at.y + dy as f32).clamp(0.0, height),
        };
        self.crosshair.set(Some(at));
        if self.pen_is_down.get_untracked() {
            self.edit(Event::Move { at, pressure: 1.0 });
        }
        self.refresh(Dirty::Above);
    }

    /// Puts the keyboard's pen down at the crosshair, or lifts it.
    pub fn press_at_crosshair(self) {
        let Some(at) = self.crosshair.get_untracked() else {
            return self.step(0, 0);
        };
        let was_down = self.pen_is_down.get_untracked();
        if was_down {
            self.edit(Event::Release);
        } else {
            self.edit(Event::Press {
                at,
                pressure: 1.0,
                line: false,
                subtract: false,
            });
        }
        // Corners and wands are pressed and released at once.
        let stays = matches!(
            self.habits.get_untracked().tool,
            Tool::Brush | Tool::Eraser | Tool::Rectangle | Tool::Ellipse | Tool::Lasso
        );
        if !was_down && !stays {
            self.edit(Event::Release);
        }
        self.pen_is_down.set(!was_down && stays);
    }

    /// Calls off what is being drawn.
    pub fn cancel(self) {
        self.pen_is_down.set(false);
        self.edit(Event::Cancel);
    }

    /// What has to be painted.
    #[must_use]
    pub fn dirty(self) -> Dirty {
        self.dirty.get_value()
    }

    /// The same, and asks for no more of it.
    #[must_use]
    pub fn take_dirty(self) -> Dirty {
        self.dirty
            .try_update_value(std::mem::take)
            .unwrap_or_default()
    }

    /// Looks at the mask, and at what the hand does to it.
    pub fn with<T>(self, look: impl FnOnce(&MaskEditor) -> T) -> Option<T> {
        self.editor.with_value(|editor| editor.as_ref().map(look))
    }

    /// Shows something anew.
    pub fn refresh(self, what: Dirty) {
        let is_first = self.dirty.try_update_value(|dirty| {
            let is_first = *dirty == Dirty::Nothing;
            *dirty = dirty.and(what);
            is_first
        });
        // Once is enough for a frame.
        if is_first == Some(true) && !self.is_pointed_at.get_value() {
            self.frames.update(|frames| *frames += 1);
        }
    }

    /// Keeps the mask and its steps over a reload, a moment after it has changed.
    fn keep_draft(self) {
        self.edits.update_value(|edits| *edits += 1);
        let last = self.edits.get_value();
        leptos::task::spawn_local(async move {
            // A hand that draws on is not held up.
            loop {
                clock::sleep(DRAFT_DELAY_MILLIS).await;
                if self.edits.get_value() != last {
                    return;
                }
                let editor = self.editor;
                if !editor.with_value(|it| it.as_ref().is_some_and(MaskEditor::is_painting)) {
                    break;
                }
            }
            if let Some(image) = self.canvas.get_untracked() {
                self.write_draft(&image).await;
            }
        });
    }

    /// Writes what has changed since it was last written.
    async fn write_draft(self, image: &ImageRef) {
        let last = self.edits.get_value();
        if self.written.get_value() == last {
            return;
        }
        // A large step takes a while: one at a time.
        while self.of(image, MaskEditor::pack_step) == Some(true) {
            clock::yield_now().await;
        }
        let last = self.edits.get_value();
        let Some(bytes) = self.of(image, MaskEditor::to_draft) else {
            return;
        };
        if let Ok(kept) = BlobHandle::from_bytes(&bytes)
            // A draft that could not be kept is no loss that a notice would mend.
            && self.keep(&draft_key(&image.blob), kept).await.is_ok()
            && self.is_open(image)
        {
            self.written.set_value(last);
        }
    }

    /// The editor of an image that was laid aside.
    fn take_back(self, image: &ImageRef) -> Option<MaskEditor> {
        let taken = self.laid_aside.try_update_value(|all| {
            let at = all.iter().position(|(of, _)| of == image)?;
            Some(all.swap_remove(at).1)
        });
        taken.flatten()
    }

    fn is_open(self, image: &ImageRef) -> bool {
        self.canvas
            .with_untracked(|now| now.as_ref() == Some(image))
    }

    /// Looks at the editor of an image, which is open or laid aside.
    fn of<T>(self, image: &ImageRef, look: impl FnOnce(&MaskEditor) -> T) -> Option<T> {
        if self.is_open(image) {
            return self.editor.with_value(|editor| editor.as_ref().map(look));
        }
        self.laid_aside.with_value(|all| {
            let (_, editor) = all.iter().find(|(of, _)| of == image)?;
            Some(look(editor))
        })
    }
}

async fn picture_of(bytes: &[u8]) -> Result<Picture, FileError> {
    let mut builder = PictureBuilder::new();
    builder.push(bytes);
    builder.finish().await
}

async fn read(picture: Option<Picture>) -> Option<Vec<u8>> {
    picture?.read().await.ok()
}

/// Where the unfinished mask of a stored image lies, among the Blobs.
#[must_use]
pub fn draft_key(blob: &str) -> String {
    format!("{DRAFT_PREFIX}{blob}")
}

fn mask_ref(picture: &Picture, image: &ImageRef) -> ImageRef {
    ImageRef {
        blob: picture.key().into(),
        media_type: picture.media_type().into(),
        width: image.width,
        height: image.height,
        bytes: picture.bytes_len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn habits_from_before_there_was_a_unit_are_kept() {
        let kept = r#"{"tool":"Eraser","brush":{"size":33.0,"hardness":70,"pressure":false},
            "eraser":{"size":90.0,"hardness":80,"pressure":true},"wand":{"tolerance":9,"contiguous":true},
            "opacity":40,"tint":"Stripes","finger":"Pans"}"#;
        let habits: Habits = serde_json::from_str(kept).unwrap();
        assert_eq!(habits.unit, Unit::Image);
        assert_eq!((habits.brush.size, habits.opacity), (33.0, 40));
        let screen = Habits {
            unit: Unit::Screen,
            ..habits
        };
        let kept = serde_json::to_string(&screen).unwrap();
        assert_eq!(serde_json::from_str::<Habits>(&kept).unwrap(), screen);
    }
}
