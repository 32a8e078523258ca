//! Colours as 0xRRGGBB, and what is made of them: mixtures, tones, a row of gradient.

/// A colour, 0xRRGGBB.
pub(super) type Rgb = u32;

/// What a shape is filled with: a colour at its top, one at its bottom, and how much of what lies below it hides (0 to 1).
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub(super) top: Rgb,
    pub(super) bottom: Rgb,
    pub(super) alpha: f32,
}

impl Ink {
    /// The same, hiding only that share of what lies below.
    pub(super) fn at(self, alpha: f32) -> Self {
        Self { alpha, ..self }
    }

    /// The colour at a height, 0 at the top and 1 at the bottom.
    pub(super) fn colour(self, height: f32) -> Rgb {
        if self.top == self.bottom {
            self.top
        } else {
            mix(self.top, self.bottom, height)
        }
    }
}

impl From<Rgb> for Ink {
    fn from(colour: Rgb) -> Self {
        gradient(colour, colour)
    }
}

/// From one colour at the top to another at the bottom.
pub(super) fn gradient(top: Rgb, bottom: Rgb) -> Ink {
    Ink {
        top,
        bottom,
        alpha: 1.0,
    }
}

/// Red, green and blue.
pub(super) fn channels(colour: Rgb) -> [u8; 3] {
    [
        (colour >> 16 & 255) as u8,
        (colour >> 8 & 255) as u8,
        (colour & 255) as u8,
    ]
}

/// `share` (0 to 1) of `other` stirred into `colour`.
pub(super) fn mix(colour: Rgb, other: Rgb, share: f32) -> Rgb {
    let share = (share.clamp(0.0, 1.0) * 256.0) as u32;
    [16, 8, 0].into_iter().fold(0, |sum, shift| {
        let blended = (colour >> shift & 255) * (256 - share) + (other >> shift & 255) * share;
        sum | (blended + 128) >> 8 << shift
    })
}

pub(super) fn lighter(colour: Rgb, share: f32) -> Rgb {
    mix(colour, 0xFF_FFFF, share)
}

/// Darker and a little cooler, as shade is.
pub(super) fn darker(colour: Rgb, share: f32) -> Rgb {
    mix(colour, 0x1A_1C3A, share)
}
