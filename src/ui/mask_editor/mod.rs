//! The mask editor: a canvas with its tools around it, on the stage while the first image is being masked.

mod box_form;
mod help;
mod keys;
mod paint;
mod pointer;
mod stage;
mod toolbar;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use crate::domain::mask::Place;
use crate::domain::request::ImageRef;
use crate::state::mask::MaskDesk;
use crate::state::words::{AllWords, fill};
use crate::ui::{derived, live, use_all_words};
use stage::{Stage, stage_view};

/// The editor, while an image is being masked.
pub fn mask_editor() -> AnyView {
    let desk = expect_context::<MaskDesk>();
    live(move || desk.canvas.get().map(|image| editor(&image)).into_any())
}

fn editor(image: &ImageRef) -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let stage = Stage::new(desk, image);
    let (repeats, help) = (StoredValue::new(0), RwSignal::new(false));
    let pressed: Box<dyn FnMut(KeyboardEvent)> =
        Box::new(move |event| keys::down(stage, repeats, help, &event));
    view! {
        <section class="mask-editor" aria-label=w.text(|w| w.mask_editor) on:keydown=pressed>
            <div class="mask-head">
                {toolbar::tools()}
                {toolbar::done()}
            </div>
            {toolbar::settings()}
            {stage_view(stage, image)}
            <div class="mask-below">
                {coverage()}
                {toolbar::views(stage)}
            </div>
            <p class="hint" id="mask-how">{w.text(|w| w.mask_how)}</p>
            {crosshair()}
            {toolbar::whole(help)}
            {toolbar::more()}
            {box_form::box_form(image)}
            {help::help(help)}
        </section>
    }
    .into_any()
}

/// How much is masked, and where, in words.
fn coverage() -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let text = Memo::new(move |_| {
        let (w, view) = (w.now(), desk.view.get());
        if view.is_empty {
            return w.mask_empty.to_owned();
        }
        if view.is_full {
            return w.mask_full.to_owned();
        }
        let percent = match view.covered_percent {
            little if little < 1.0 => "< 1".to_owned(),
            percent => format!("{percent:.0}"),
        };
        let places = [("percent", &*percent), ("place", place(view.place, w))];
        fill(w.mask_covers, &places)
    });
    view! {
        <output class="mask-coverage" role="status" aria-label=w.text(|w| w.mask_coverage)>
            {text}
        </output>
    }
    .into_any()
}

/// Where the keyboard draws, for those who do not see it.
fn crosshair() -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let text = derived(move || {
        let Some(at) = desk.crosshair.get() else {
            return String::new();
        };
        let (x, y) = (format!("{:.0}", at.x), format!("{:.0}", at.y));
        let text = if desk.pen_is_down.get() {
            w.now().mask_crosshair_draws
        } else {
            w.now().mask_crosshair
        };
        fill(text, &[("x", &x), ("y", &y)])
    });
    view! { <p class="visually-hidden" aria-live="polite">{text}</p> }.into_any()
}

fn place(place: Place, w: &AllWords) -> &'static str {
    match place {
        Place::TopLeft => w.place_top_left,
        Place::Top => w.place_top,
        Place::TopRight => w.place_top_right,
        Place::Left => w.place_left,
        Place::Centre => w.place_centre,
        Place::Right => w.place_right,
        Place::BottomLeft => w.place_bottom_left,
        Place::Bottom => w.place_bottom,
        Place::BottomRight => w.place_bottom_right,
    }
}
