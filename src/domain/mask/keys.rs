//! What keys do in the mask editor, told by where they lie on the keyboard: `[` and `]` are not on every one.

use super::tool::Tool;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Command {
    Choose(Tool),
    /// The brush: so many steps larger.
    Size(i32),
    /// So many steps harder.
    Hardness(i32),
    Undo,
    Redo,
    Invert,
    Clear,
    CoverAll,
    /// By as many pixels as the person chose.
    Feather,
    Fit,
    ActualSize,
    /// So many canvas pixels for each pixel.
    Magnify(u8),
    /// So many steps nearer.
    Zoom(i32),
    /// The crosshair: so many steps to the right and down.
    Step {
        dx: i32,
        dy: i32,
    },
    /// Begins or ends a stroke, or a corner, at the crosshair.
    Draw,
    ClosePath,
    Cancel,
    /// Shows the picture without its mask, as long as the key is held.
    Peek,
    /// The same until it is asked for once more, or something is drawn.
    ShowOrHide,
    /// Pans, as long as the key is held, and with Ctrl zooms.
    Hand,
    Help,
}

/// A key that goes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// `KeyboardEvent.code`: where it lies.
    pub code: &'a str,
    /// `KeyboardEvent.key`: what it writes.
    pub key: &'a str,
    /// Ctrl, or Command on a Mac.
    pub ctrl: bool,
    pub shift: bool,
    pub alt: bool,
}

/// What a key asks for, if anything.
#[must_use]
pub fn command(key: Key<'_>) -> Option<Command> {
    if key.ctrl {
        return with_ctrl(key);
    }
    if key.key == "?" {
        return Some(Command::Help);
    }
    if key.alt {
        return None;
    }
    let command = match (key.code, key.shift) {
        ("KeyB", false) => Command::Choose(Tool::Brush),
        ("KeyE", false) => Command::Choose(Tool::Eraser),
        ("KeyR", false) => Command::Choose(Tool::Rectangle),
        ("KeyO", false) => Command::Choose(Tool::Ellipse),
        ("KeyL", false) => Command::Choose(Tool::Lasso),
        ("KeyP", false) => Command::Choose(Tool::Polygon),
        ("KeyW", false) => Command::Choose(Tool::MagicWand),
        ("KeyG", false) => Command::Choose(Tool::Fill),
        // Beside the brackets, for keyboards without them.
        ("BracketLeft" | "Comma", false) => Command::Size(-1),
        ("BracketRight" | "Period", false) => Command::Size(1),
        ("BracketLeft" | "Comma", true) => Command::Hardness(-1),
        ("BracketRight" | "Period", true) => Command::Hardness(1),
        ("KeyV", true) => Command::Invert,
        ("KeyC", true) => Command::Clear,
        ("F6", true) => Command::Feather,
        ("KeyH", true) => Command::ShowOrHide,
        ("Equal" | "NumpadAdd", _) => Command::Zoom(1),
        ("Minus" | "NumpadSubtract", _) => Command::Zoom(-1),
        ("ArrowLeft", shift) => step(-1, 0, shift),
        ("ArrowRight", shift) => step(1, 0, shift),
        ("ArrowUp", shift) => step(0, -1, shift),
        ("ArrowDown", shift) => step(0, 1, shift),
        ("KeyD", false) => Command::Draw,
        ("Enter", false) => Command::ClosePath,
        ("Escape", _) => Command::Cancel,
        ("KeyX", false) => Command::Peek,
        ("Space", _) => Command::Hand,
        _ => return None,
    };
    Some(command)
}

fn with_ctrl(key: Key<'_>) -> Option<Command> {
    match (key.code, key.shift) {
        ("KeyZ", false) => Some(Command::Undo),
        ("KeyZ", true) | ("KeyY", false) => Some(Command::Redo),
        ("KeyI", true) => Some(Command::Invert),
        ("KeyD", false) => Some(Command::Clear),
        ("KeyA", false) => Some(Command::CoverAll),
        ("Digit0" | "Numpad0", false) => Some(Command::Fit),
        ("Digit1" | "Numpad1", false) => Some(Command::ActualSize),
        // Alt may be held too.
        ("Space", _) => Some(Command::Hand),
        ("Digit2" | "Numpad2", false) => Some(Command::Magnify(2)),
        ("Digit3" | "Numpad3", false) => Some(Command::Magnify(4)),
        ("Digit4" | "Numpad4", false) => Some(Command::Magnify(8)),
        _ => None,
    }
}

fn step(dx: i32, dy: i32, is_far: bool) -> Command {
    let far = if is_far { 10 } else { 1 };
    Command::Step {
        dx: dx * far,
        dy: dy * far,
    }
}

/// How far the crosshair goes for the `repeat`th repetition of a held key, in image pixels: faster and faster, up to a
/// fiftieth of the longer edge.
#[must_use]
pub fn stride(repeat: u32, long_edge: u32) -> u32 {
    let most = (long_edge / 50).max(1);
    (1 + repeat * repeat / 16).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(code: &str, modifiers: &str) -> Option<Command> {
        command(Key {
            code,
            key: "",
            ctrl: modifiers.contains('c'),
            shift: modifiers.contains('s'),
            alt: modifiers.contains('a'),
        })
    }

    #[test]
    fn keys_do_what_paint_programs_taught() {
        assert_eq!(pressed("KeyB", ""), Some(Command::Choose(Tool::Brush)));
        assert_eq!(pressed("BracketLeft", ""), Some(Command::Size(-1)));
        assert_eq!(pressed("BracketRight", "s"), Some(Command::Hardness(1)));
        assert_eq!(pressed("KeyZ", "c"), Some(Command::Undo));
        assert_eq!(pressed("KeyZ", "cs"), Some(Command::Redo));
        assert_eq!(pressed("KeyY", "c"), Some(Command::Redo));
        assert_eq!(pressed("KeyI", "cs"), Some(Command::Invert));
        assert_eq!(pressed("KeyV", "s"), Some(Command::Invert));
        assert_eq!(pressed("Digit0", "c"), Some(Command::Fit));
        assert_eq!(pressed("Digit3", "c"), Some(Command::Magnify(4)));
        assert_eq!(pressed("Digit3", ""), None);
        assert_eq!(pressed("KeyH", "s"), Some(Command::ShowOrHide));
        assert_eq!(pressed("KeyA", "c"), Some(Command::CoverAll));
        for modifiers in ["", "c", "ca"] {
            assert_eq!(pressed("Space", modifiers), Some(Command::Hand));
        }
        assert_eq!(pressed("F6", "s"), Some(Command::Feather));
        assert_eq!(
            pressed("ArrowUp", "s"),
            Some(Command::Step { dx: 0, dy: -10 })
        );
    }

    #[test]
    fn what_belongs_to_the_browser_stays_with_it() {
        for (code, modifiers) in [
            ("KeyC", "c"),
            ("KeyV", "c"),
            ("KeyR", "c"),
            ("ArrowLeft", "a"),
            ("KeyB", "c"),
            ("Tab", ""),
            ("F5", ""),
            ("F6", ""),
            ("KeyA", "cs"),
        ] {
            assert_eq!(pressed(code, modifiers), None, "{code}");
        }
    }

    #[test]
    fn a_held_arrow_goes_faster_but_not_too_fast() {
        assert_eq!(stride(0, 1024), 1);
        assert!(stride(20, 1024) > stride(4, 1024));
        assert_eq!(stride(1_000, 1024), 20);
        assert_eq!(stride(1_000, 8), 1);
    }
}
