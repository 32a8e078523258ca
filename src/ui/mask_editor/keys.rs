//! Keys in the mask editor: never while something is typed, and let go of when the canvas is left.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, EventTarget};

use crate::domain::mask::Event;
use crate::domain::mask::keys::{Command, Key, command, stride};
use crate::state::mask::MaskDesk;
use crate::ui::mask_editor::stage::{Grip, Stage, look};

/// A key goes down somewhere in the editor.
pub(super) fn down(
    stage: Stage,
    repeats: StoredValue<u32>,
    help: RwSignal<bool>,
    event: &KeyboardEvent,
) {
    // The list of shortcuts is a dialog over the editor: nothing is done behind it.
    let is_elsewhere = help.get_untracked() || is_typing(event.target().as_ref());
    if event.is_composing() || is_elsewhere {
        return;
    }
    let (code, written) = (event.code(), event.key());
    if written == "Control" {
        stage.ctrl.set_value(true);
    }
    regrip(stage, event);
    let key = Key {
        code: &code,
        key: &written,
        ctrl: event.ctrl_key() || event.meta_key(),
        shift: event.shift_key(),
        alt: event.alt_key(),
    };
    let Some(asked) = command(key) else {
        return;
    };
    // Buttons and sliders keep the keys that are theirs.
    if belongs_to_the_canvas(asked) && !is_canvas(event.target().as_ref()) {
        return;
    }
    event.prevent_default();
    repeats.update_value(|count| *count = if event.repeat() { *count + 1 } else { 0 });
    if event.repeat() && !may_repeat(asked) {
        return;
    }
    if asked == Command::Help {
        help.set(true);
    } else if asked == Command::Hand {
        stage.grip.set(Some(Grip::of(event)));
    } else if !look(stage, asked) {
        act(stage, asked, repeats.get_value());
    }
}

fn act(stage: Stage, asked: Command, repeat: u32) {
    let desk = stage.desk;
    match asked {
        Command::Choose(tool) => desk.change(|habits| habits.tool = tool),
        Command::Size(steps) => resize(desk, steps),
        Command::Hardness(steps) => harden(desk, steps),
        Command::Undo => desk.edit(Event::Undo),
        Command::Redo => desk.edit(Event::Redo),
        Command::Invert => desk.edit(Event::Invert),
        Command::Clear => desk.edit(Event::Clear),
        Command::CoverAll => desk.edit(Event::CoverAll),
        Command::Feather => desk.edit_by_pixels(Event::Feather),
        Command::Step { dx, dy } => {
            let long_edge = desk
                .canvas
                .with_untracked(|image| image.as_ref().map_or(1, |i| i.width.max(i.height)));
            let stride = stride(repeat, long_edge) as i32;
            desk.step(dx * stride, dy * stride);
        }
        Command::Draw => desk.press_at_crosshair(),
        Command::ClosePath => desk.edit(Event::ClosePolygon),
        Command::Cancel => desk.cancel(),
        Command::Peek => stage.peeks.set(true),
        Command::ShowOrHide => desk.show_or_hide(),
        Command::Help
        | Command::Hand
        | Command::Fit
        | Command::ActualSize
        | Command::Magnify(_)
        | Command::Zoom(_) => {}
    }
}

/// A key goes up.
pub(super) fn up(stage: Stage, event: &KeyboardEvent) {
    match event.code().as_str() {
        // With Command held, a Mac does not tell that another key goes up.
        "Space" | "MetaLeft" | "MetaRight" => stage.grip.set(None),
        "KeyX" => stage.peeks.set(false),
        "ControlLeft" | "ControlRight" => stage.ctrl.set_value(false),
        _ => {}
    }
    regrip(stage, event);
}

/// Another key is held beside Space, or no longer.
fn regrip(stage: Stage, event: &KeyboardEvent) {
    if stage.grip.get_untracked().is_some() {
        stage.grip.set(Some(Grip::of(event)));
    }
}

/// Keys that are held somewhere else are held no longer.
pub(super) fn let_go(stage: Stage) {
    stage.grip.set(None);
    stage.peeks.set(false);
    stage.ctrl.set_value(false);
}

/// A twelfth larger or smaller a step, one pixel at least.
pub(super) fn resize(desk: MaskDesk, steps: i32) {
    desk.change(|habits| {
        let brush = habits.brush_in_hand_mut();
        let step = (brush.size / 12.0).max(1.0).round();
        brush.size = brush.size.round();
        brush.enlarge(step * steps as f32);
    });
}

fn harden(desk: MaskDesk, steps: i32) {
    desk.change(|habits| habits.brush_in_hand_mut().harden(10 * steps));
}

fn may_repeat(asked: Command) -> bool {
    matches!(
        asked,
        Command::Step { .. }
            | Command::Size(_)
            | Command::Hardness(_)
            | Command::Zoom(_)
            | Command::Undo
            | Command::Redo
    )
}

fn belongs_to_the_canvas(asked: Command) -> bool {
    matches!(
        asked,
        Command::Step { .. }
            | Command::Draw
            | Command::ClosePath
            | Command::Hand
            | Command::Peek
            | Command::Cancel
    )
}

fn is_canvas(target: Option<&EventTarget>) -> bool {
    element(target).is_some_and(|element| element.class_list().contains("mask-stage"))
}

fn is_typing(target: Option<&EventTarget>) -> bool {
    const FIELDS: &str = "textarea, select, input:not([type=radio], [type=checkbox], [type=range])";
    element(target).is_some_and(|element| element.matches(FIELDS).unwrap_or(false))
}

fn element(target: Option<&EventTarget>) -> Option<&Element> {
    target?.dyn_ref()
}
