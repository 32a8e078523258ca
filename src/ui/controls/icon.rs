//! Icons as inlined paths (Lucide, ISC licence).

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::ui::{derived, press};

/// The icons in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    Create,
    Library,
    Costs,
    Settings,
    Download,
    Reuse,
    Delete,
    Details,
    Close,
    Copy,
}

impl Icon {
    /// Its drawing.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Create => {
                "M9.94 14.06a2 2 0 0 0-1.44-1.44L2.37 11.04a.5.5 0 0 1 0-.96L8.5 8.5a2 2 0 0 0 1.44-1.44l1.58-6.13a.5.5 0 0 1 .96 0L14.06 7.06A2 2 0 0 0 15.5 8.5l6.13 1.58a.5.5 0 0 1 0 .96L15.5 12.62a2 2 0 0 0-1.44 1.44l-1.58 6.13a.5.5 0 0 1-.96 0zM20 18v4M22 20h-4"
            }
            Self::Library => {
                "M3 5a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM9 11a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM21 15l-3.1-3.1a2 2 0 0 0-2.8 0L6 21"
            }
            Self::Costs => "M3 3v16a2 2 0 0 0 2 2h16M8 17v-3M13 17V9M18 17V5",
            Self::Settings => {
                "M21 4h-7M10 4H3M21 12h-9M8 12H3M21 20h-5M12 20H3M14 2v4M8 10v4M16 18v4"
            }
            Self::Download => "M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4M7 10l5 5 5-5M12 15V3",
            Self::Reuse => "M3 12a9 9 0 1 0 9-9 9.75 9.75 0 0 0-6.74 2.74L3 8M3 3v5h5",
            Self::Delete => {
                "M3 6h18M19 6v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V6M8 6V4a2 2 0 0 1 2-2h4a2 2 0 0 1 2 2v2M10 11v6M14 11v6"
            }
            Self::Details => "M12 22a10 10 0 1 0 0-20 10 10 0 0 0 0 20zM12 16v-4M12 8h.01",
            Self::Close => "M18 6 6 18M6 6l12 12",
            Self::Copy => {
                "M8 10a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H10a2 2 0 0 1-2-2zM4 16a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2"
            }
        }
    }
}

/// One icon; it says nothing to a screen reader.
pub fn glyph(icon: Icon) -> AnyView {
    drawing(icon.path())
}

fn drawing(path: &'static str) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=path />
        </svg>
    }
    .into_any()
}

/// A button that shows an icon and is named by its text.
pub fn icon_button(
    icon: Icon,
    label: Signal<&'static str>,
    pressed: impl FnMut() + 'static,
) -> AnyView {
    drawn_button(icon.path(), label, derived(|| false), pressed)
}

/// The same with an icon that only one view has. While it is off it stays in its place and does nothing.
pub fn drawn_button(
    path: &'static str,
    label: Signal<&'static str>,
    is_off: Signal<bool>,
    mut pressed: impl FnMut() + 'static,
) -> AnyView {
    let pressed = press(move || {
        if !is_off.get_untracked() {
            pressed();
        }
    });
    drawn(path, label, is_off, pressed)
}

fn drawn(
    path: &'static str,
    label: Signal<&'static str>,
    is_off: Signal<bool>,
    pressed: Box<dyn FnMut(MouseEvent)>,
) -> AnyView {
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=label
            title=label
            aria-disabled=derived(move || is_off.get().then_some("true"))
            on:click=pressed
        >
            {drawing(path)}
        </button>
    }
    .into_any()
}

/// The same, named by a text that stays: for parts that are made anew with another language.
pub fn fixed_button(
    path: &'static str,
    label: &'static str,
    pressed: impl FnMut() + 'static,
) -> AnyView {
    fixed(path, label, press(pressed))
}

fn fixed(path: &'static str, label: &'static str, pressed: Box<dyn FnMut(MouseEvent)>) -> AnyView {
    view! {
        <button type="button" class="icon-button" aria-label=label title=label on:click=pressed>
            {drawing(path)}
        </button>
    }
    .into_any()
}

/// A button with words on it.
pub fn word_button(
    class: &'static str,
    label: Signal<&'static str>,
    pressed: impl FnMut() + 'static,
) -> AnyView {
    view! { <button type="button" class=class on:click=press(pressed)>{label}</button> }.into_any()
}
