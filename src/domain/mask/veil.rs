//! Whether the mask is seen: a person may hide it to see the picture, and must see what they paint.

use super::Event;

/// How the mask is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Veil {
    #[default]
    Shown,
    Hidden,
    /// Shown for something that may yet be called off: two fingers that move the picture begin as one that draws.
    Lifted,
}

impl Veil {
    /// Hidden if it is seen, and the other way round.
    pub(super) fn other(self) -> Self {
        if self.is_hidden() {
            Self::Shown
        } else {
            Self::Hidden
        }
    }

    pub(super) fn is_hidden(self) -> bool {
        self == Self::Hidden
    }

    /// Once something is done to the mask.
    pub(super) fn after(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Shown, _)
            | (_, Event::Move { .. })
            | (Self::Hidden, Event::Release | Event::ClosePolygon) => self,
            (_, Event::Cancel) => Self::Hidden,
            (Self::Hidden, Event::Press { .. }) => Self::Lifted,
            _ => Self::Shown,
        }
    }
}
