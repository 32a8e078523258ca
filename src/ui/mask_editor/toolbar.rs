//! The tools of the mask editor, their settings, and what is done to the mask as a whole.

use leptos::ev::{Event as DomEvent, Targeted};
use leptos::prelude::*;
use leptos::web_sys::{File, HtmlInputElement};

use crate::domain::mask::hand::Finger;
use crate::domain::mask::keys::Command;
use crate::domain::mask::{Brush, Event, Tool, Unit};
use crate::state::mask::{Habits, MaskDesk, Tint};
use crate::state::words::{AllWords, fill};
use crate::ui::controls::check::check;
use crate::ui::controls::file::file_button;
use crate::ui::controls::icon::word_button;
use crate::ui::controls::number::number;
use crate::ui::controls::select::select;
use crate::ui::mask_editor::stage::{Stage, look};
use crate::ui::{derived, press, shown, use_all_words, with_text};

/// The tools, one of which is in the hand.
pub(super) fn tools() -> AnyView {
    let w = use_all_words();
    view! {
        <div class="mask-tools options" role="toolbar" aria-label=w.text(|w| w.mask_tools)>
            {Tool::ALL.map(tool).collect_view()}
        </div>
    }
    .into_any()
}

fn tool(tool: Tool) -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let name = w.text(match tool {
        Tool::Brush => |w| w.tool_brush,
        Tool::Eraser => |w| w.tool_eraser,
        Tool::Rectangle => |w| w.tool_rectangle,
        Tool::Ellipse => |w| w.tool_ellipse,
        Tool::Lasso => |w| w.tool_lasso,
        Tool::Polygon => |w| w.tool_polygon,
        Tool::MagicWand => |w| w.tool_wand,
        Tool::Fill => |w| w.tool_fill,
    });
    let is_chosen = derived(move || desk.habits.read().tool == tool);
    view! {
        <label class="option">
            <input
                type="radio"
                name="mask-tool"
                aria-label=name
                value=tool.as_str()
                prop:checked=is_chosen
                on:change=move |_| desk.change(|habits| habits.tool = tool)
            />
            <span class="option-label">{name}</span>
        </label>
    }
    .into_any()
}

/// What the tool in the hand can be told.
pub(super) fn settings() -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let is =
        move |tools: &'static [Tool]| derived(move || tools.contains(&desk.habits.read().tool));
    let size = derived(move || desk.habits.read().brush_in_hand().size);
    let hardness = derived(move || f32::from(desk.habits.read().brush_in_hand().hardness));
    let tolerance = derived(move || f32::from(desk.habits.read().wand.tolerance));
    let brush = move || {
        view! {
            {slider(w.text(|w| w.brush_size), derived(move || place_of(size.get())), (0.0, 100.0),
                derived(move || size_text(&desk.habits.read(), w.now())),
                move |place| desk.change(|habits| habits.brush_in_hand_mut().size = size_at(place)))}
            {unit()}
            {slider(w.text(|w| w.brush_hardness), hardness, (0.0, 100.0),
                derived(move || format!("{:.0} %", hardness.get())),
                move |value| desk.change(|habits| habits.brush_in_hand_mut().hardness = value as u8))}
        }
        .into_any()
    };
    let wand = move || {
        view! {
            {slider(w.text(|w| w.wand_tolerance), tolerance, (0.0, 255.0),
                derived(move || format!("{:.0}", tolerance.get())),
                move |value| desk.change(|habits| habits.wand.tolerance = value as u8))}
            {check(w.text(|w| w.wand_contiguous), derived(move || desk.habits.read().wand.contiguous),
                move |is_on| desk.change(|habits| habits.wand.contiguous = is_on))}
        }
        .into_any()
    };
    let opacity = derived(move || desk.habits.read().opacity as f32);
    view! {
        <div class="mask-settings">
            {shown(is(&[Tool::Brush, Tool::Eraser]), brush)}
            {shown(is(&[Tool::MagicWand]), wand)}
            {slider(w.text(|w| w.mask_opacity), opacity, (10.0, 100.0),
                derived(move || format!("{:.0} %", opacity.get())),
                move |value| desk.change(|habits| habits.opacity = value as u32))}
        </div>
    }
    .into_any()
}

/// How large a brush is, and in what.
pub(super) fn size_text(habits: &Habits, w: &AllWords) -> String {
    let text = match habits.unit {
        Unit::Image => w.image_pixels,
        Unit::Screen => w.screen_pixels,
    };
    fill(
        text,
        &[("n", &format!("{:.0}", habits.brush_in_hand().size))],
    )
}

/// What the size of a brush is measured in.
fn unit() -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let unit = derived(move || desk.habits.read().unit.as_str().to_owned());
    let units = Unit::ALL.map(|unit| {
        let name = w.text(match unit {
            Unit::Image => |w| w.unit_image,
            Unit::Screen => |w| w.unit_screen,
        });
        let is_chosen = desk.habits.read_untracked().unit == unit;
        view! { <option value=unit.as_str() selected=is_chosen>{name}</option> }
    });
    let choose = move |value: String| {
        let chosen = Unit::ALL.into_iter().find(|unit| unit.as_str() == value);
        desk.measure_brushes_in(chosen.unwrap_or_default());
    };
    let units = units.collect_view().into_any();
    select(w.text(|w| w.brush_unit), unit, units, choose)
}

/// How the mask is shown, and what a pen and a finger do.
pub(super) fn more() -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let tint = derived(move || desk.habits.read().tint.as_str().to_owned());
    let tints = Tint::ALL.map(|tint| {
        let name = w.text(match tint {
            Tint::Pink => |w| w.tint_pink,
            Tint::Green => |w| w.tint_green,
            Tint::Blue => |w| w.tint_blue,
            Tint::Stripes => |w| w.tint_stripes,
        });
        let is_chosen = desk.habits.read_untracked().tint == tint;
        view! { <option value=tint.as_str() selected=is_chosen>{name}</option> }
    });
    let finger = derived(move || desk.habits.read().finger.as_str().to_owned());
    let fingers = Finger::ALL.map(|finger| {
        let name = w.text(match finger {
            Finger::Guess => |w| w.finger_guess,
            Finger::Draws => |w| w.finger_draws,
            Finger::Pans => |w| w.finger_pans,
        });
        let is_chosen = desk.habits.read_untracked().finger == finger;
        view! { <option value=finger.as_str() selected=is_chosen>{name}</option> }
    });
    let choose_tint = move |value: String| {
        let chosen = Tint::ALL.into_iter().find(|tint| tint.as_str() == value);
        desk.change(|habits| habits.tint = chosen.unwrap_or_default());
    };
    let choose_finger = move |value: String| {
        let chosen = Finger::ALL
            .into_iter()
            .find(|finger| finger.as_str() == value);
        desk.change(|habits| habits.finger = chosen.unwrap_or_default());
    };
    let pressure = derived(move || desk.habits.read().brush_in_hand().pressure);
    view! {
        <details class="more">
            <summary>{w.text(|w| w.mask_more)}</summary>
            <div class="mask-settings">
                {select(w.text(|w| w.mask_tint), tint, tints.collect_view().into_any(), choose_tint)}
                {select(w.text(|w| w.one_finger), finger, fingers.collect_view().into_any(), choose_finger)}
                {check(w.text(|w| w.pen_pressure), pressure, move |is_on| desk.change(|habits| {
                    (habits.brush.pressure, habits.eraser.pressure) = (is_on, is_on);
                }))}
            </div>
        </details>
    }
    .into_any()
}

/// Small brushes need fine steps: the slider goes by the cube.
fn size_at(place: f32) -> f32 {
    let share = place / 100.0;
    (Brush::MIN_SIZE + (Brush::MAX_SIZE - Brush::MIN_SIZE) * share * share * share).round()
}

fn place_of(size: f32) -> f32 {
    ((size - Brush::MIN_SIZE) / (Brush::MAX_SIZE - Brush::MIN_SIZE)).cbrt() * 100.0
}

fn slider(
    label: Signal<&'static str>,
    value: Signal<f32>,
    (min, max): (f32, f32),
    text: Signal<String>,
    change: impl Fn(f32) + 'static,
) -> AnyView {
    let typed: Box<dyn FnMut(Targeted<DomEvent, HtmlInputElement>)> =
        with_text(move |text| change(text.parse().unwrap_or(min)));
    view! {
        <label class="field slider">
            <span>{label}</span>
            <input
                type="range"
                aria-label=label
                aria-valuetext=text
                min=min.to_string()
                max=max.to_string()
                step="any"
                prop:value=derived(move || value.get().to_string())
                on:input:target=typed
            />
            <output>{text}</output>
        </label>
    }
    .into_any()
}

/// What is seen of the picture.
pub(super) fn views(stage: Stage) -> AnyView {
    let w = use_all_words();
    let zoom = derived(move || format!("{:.0} %", stage.desk.viewport.read().zoom * 100.0));
    let is_hidden = derived(move || stage.desk.view.read().is_hidden.to_string());
    let view = move |command: Command| {
        move || {
            look(stage, command);
        }
    };
    view! {
        <div class="mask-views">
            {word_button("quiet", w.text(|w| w.zoom_out), view(Command::Zoom(-2)))}
            <span class="mask-zoom">{zoom}</span>
            {word_button("quiet", w.text(|w| w.zoom_in), view(Command::Zoom(2)))}
            {word_button("quiet", w.text(|w| w.zoom_fit), view(Command::Fit))}
            {word_button("quiet", w.text(|w| w.zoom_actual), view(Command::ActualSize))}
            <button
                type="button"
                class="quiet"
                aria-pressed=is_hidden
                on:click=press(move || stage.desk.show_or_hide())
            >
                {w.text(|w| w.mask_hide)}
            </button>
        </div>
    }
    .into_any()
}

/// The way out: the mask goes to the request.
pub(super) fn done() -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    word_button("primary", w.text(|w| w.done), move || desk.done())
}

/// What is done to the mask as a whole.
pub(super) fn whole(help: RwSignal<bool>) -> AnyView {
    let (w, desk) = (use_all_words(), expect_context::<MaskDesk>());
    let pixels = desk.by_pixels;
    let change = move |event: fn(u32) -> Event| move || desk.edit_by_pixels(event);
    let take = move |files: Vec<File>| files.into_iter().for_each(|file| desk.import(file));
    let no_undo = derived(move || !desk.view.read().can_undo);
    let no_redo = derived(move || !desk.view.read().can_redo);
    view! {
        <div class="mask-whole">
            <button type="button" class="quiet" disabled=no_undo on:click=press(move || desk.edit(Event::Undo))>
                {w.text(|w| w.undo)}
            </button>
            <button type="button" class="quiet" disabled=no_redo on:click=press(move || desk.edit(Event::Redo))>
                {w.text(|w| w.redo)}
            </button>
            {word_button("quiet", w.text(|w| w.mask_invert), move || desk.edit(Event::Invert))}
            {word_button("quiet", w.text(|w| w.mask_clear), move || desk.edit(Event::Clear))}
            <div class="mask-by">
                {word_button("quiet", w.text(|w| w.mask_grow), change(Event::Grow))}
                {word_button("quiet", w.text(|w| w.mask_shrink), change(Event::Shrink))}
                {word_button("quiet", w.text(|w| w.mask_feather), change(Event::Feather))}
                {number(w.text(|w| w.mask_pixels), pixels.into(), (1, Signal::stored(500)), 1, move |n| pixels.set(n.clamp(1, 500)))}
            </div>
            {file_button(w.text(|w| w.mask_import), "image/png", false, take)}
            {word_button("quiet", w.text(|w| w.mask_export), move || desk.export())}
            {word_button("link", w.text(|w| w.shortcuts), move || help.set(true))}
        </div>
    }
    .into_any()
}
