//! Whether a file may become an image of a request, by what its first bytes say; and what it can be made into where it may not.

use crate::domain::mask::Mask;
use crate::domain::mask::png::{ImportFault, import};
use crate::domain::metadata::{Damaged, without_metadata};
use crate::domain::model::ImageLimits;
use crate::domain::size::Pixels;

/// No edge of a person's picture is longer, and no picture larger: more would be decoded into too much memory.
pub const MOST_EDGE: u32 = 8192;
pub const MOST_PIXELS: u64 = 50_000_000;
/// What is still decoded to be made smaller, when the person asks for it.
const MOST_CONVERTED_EDGE: u32 = 16_384;
const MOST_CONVERTED_PIXELS: u64 = 120_000_000;
/// As large as a picture is made that is too large: no model draws a longer edge.
const CONVERTED_EDGE: u32 = 3840;

/// What is known of a file before anything of it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// As the bytes show it.
    pub media_type: &'static str,
    /// As the header says.
    pub pixels: Option<Pixels>,
    pub bytes: u64,
}

/// Why something does not become an image of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    Empty,
    NotAPicture,
    /// A drawing in SVG.
    Drawing,
    /// A picture that models do not take.
    Kind,
    Animated,
    /// A JPEG in the four colours of print (CMYK): not every model takes it.
    ForPrint,
    /// The header names no size, or the file contradicts itself.
    Damaged,
    CutShort,
    TooLarge(Pixels),
    TooHeavy {
        bytes: u64,
        max_bytes: u64,
    },
    TooMany {
        max: usize,
    },
    /// The model makes pictures from text only.
    NoEdits,
    /// The browser does not open it.
    NotOpened,
}

/// What a file can be made into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    pub media_type: &'static str,
    pub pixels: Pixels,
    /// It moves, and only its beginning is taken.
    pub is_first_frame: bool,
}

impl From<Damaged> for Unfit {
    fn from(damaged: Damaged) -> Self {
        match damaged {
            Damaged::CutShort => Self::CutShort,
            Damaged::Malformed => Self::Damaged,
        }
    }
}

/// Looks at a file.
///
/// # Errors
/// What a person should mend first.
pub fn examine(facts: Facts, limits: &ImageLimits) -> Result<Pixels, Unfit> {
    let Facts {
        media_type,
        pixels,
        bytes,
    } = facts;
    match media_type {
        _ if bytes == 0 => return Err(Unfit::Empty),
        "image/svg+xml" => return Err(Unfit::Drawing),
        _ if !media_type.starts_with("image/") => return Err(Unfit::NotAPicture),
        _ => {}
    }
    let pixels = pixels.ok_or(Unfit::Damaged)?;
    let kind = media_type.trim_start_matches("image/");
    if !limits.types.iter().any(|taken| taken == kind) {
        return Err(Unfit::Kind);
    }
    if !fits(pixels, MOST_EDGE, MOST_PIXELS) {
        return Err(Unfit::TooLarge(pixels));
    }
    if bytes >= limits.max_bytes {
        let max_bytes = limits.max_bytes;
        return Err(Unfit::TooHeavy { bytes, max_bytes });
    }
    Ok(pixels)
}

/// The mask in a file: its pixels as they are read, and all of the file whole, which reading them does not show.
///
/// # Errors
/// What it lacks for a mask of a picture of that size.
pub fn mask(bytes: &[u8], pixels: Pixels) -> Result<Mask, ImportFault> {
    let mask = import(bytes, pixels)?;
    match without_metadata(bytes) {
        Ok(_bare) => Ok(mask),
        Err(_damaged) => Err(ImportFault::Damaged),
    }
}

/// What the browser could make of a file that is not fit, if anything.
#[must_use]
pub fn conversion(unfit: Unfit, facts: Facts) -> Option<Conversion> {
    let pixels = facts
        .pixels
        .filter(|pixels| fits(*pixels, MOST_CONVERTED_EDGE, MOST_CONVERTED_PIXELS))?;
    let is_large = !fits(pixels, MOST_EDGE, MOST_PIXELS);
    let (moves, is_large) = match unfit {
        Unfit::Kind | Unfit::Animated => (true, is_large),
        Unfit::ForPrint => (false, is_large),
        Unfit::TooLarge(_) | Unfit::TooHeavy { .. } => (false, true),
        _ => return None,
    };
    Some(Conversion {
        media_type: match facts.media_type {
            "image/jpeg" => "image/jpeg",
            _ => "image/png",
        },
        pixels: match is_large {
            true => within(pixels, CONVERTED_EDGE),
            false => pixels,
        },
        is_first_frame: moves,
    })
}

fn fits(pixels: Pixels, edge: u32, count: u64) -> bool {
    pixels.long_edge() <= edge && pixels.count() <= count
}

/// The same shape with no edge longer than that.
#[must_use]
pub fn within(pixels: Pixels, edge: u32) -> Pixels {
    let long = u64::from(pixels.long_edge().max(1));
    if long <= u64::from(edge) {
        return pixels;
    }
    let scaled = |length: u32| {
        let length = (u64::from(length) * u64::from(edge) + long / 2) / long;
        u32::try_from(length).unwrap_or(edge).max(1)
    };
    Pixels::new(scaled(pixels.width), scaled(pixels.height))
}

/// The size of a picture once it stands upright: from 5 on, EXIF's orientations lie on their side.
#[must_use]
pub fn upright(pixels: Pixels, orientation: u8) -> Pixels {
    match orientation {
        5..=8 => Pixels::new(pixels.height, pixels.width),
        _ => pixels,
    }
}

/// The matrix (a, b, c, d, e, f) that draws a picture of that size upright.
#[must_use]
pub fn turn(orientation: u8, pixels: Pixels) -> [f64; 6] {
    let (w, h) = (f64::from(pixels.width), f64::from(pixels.height));
    match orientation {
        2 => [-1.0, 0.0, 0.0, 1.0, w, 0.0],
        3 => [-1.0, 0.0, 0.0, -1.0, w, h],
        4 => [1.0, 0.0, 0.0, -1.0, 0.0, h],
        5 => [0.0, 1.0, 1.0, 0.0, 0.0, 0.0],
        6 => [0.0, 1.0, -1.0, 0.0, h, 0.0],
        7 => [0.0, -1.0, -1.0, 0.0, h, w],
        8 => [0.0, -1.0, 1.0, 0.0, 0.0, w],
        _ => [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> ImageLimits {
        ImageLimits {
            max: 16,
            max_bytes: 50_000_000,
            types: ["png", "webp", "jpeg"].map(str::to_owned).to_vec(),
        }
    }

    fn facts(media_type: &'static str, (width, height): (u32, u32), bytes: u64) -> Facts {
        Facts {
            media_type,
            pixels: Some(Pixels::new(width, height)).filter(|pixels| pixels.width > 0),
            bytes,
        }
    }

    #[track_caller]
    fn check(facts: Facts, unfit: Unfit, made: Option<(&str, (u32, u32), bool)>) {
        assert_eq!(examine(facts, &limits()), Err(unfit));
        let conversion = conversion(unfit, facts);
        let conversion = conversion.map(|made| {
            let size = (made.pixels.width, made.pixels.height);
            (made.media_type, size, made.is_first_frame)
        });
        assert_eq!(conversion, made);
    }

    #[test]
    fn what_is_fit_is_taken() {
        for media_type in ["image/png", "image/jpeg", "image/webp"] {
            let fit = facts(media_type, (8192, 6000), 49_999_999);
            assert_eq!(examine(fit, &limits()), Ok(Pixels::new(8192, 6000)));
        }
    }

    #[test]
    fn what_is_not_fit_says_why_and_what_can_be_made_of_it() {
        let other = "application/octet-stream";
        check(facts(other, (0, 0), 0), Unfit::Empty, None);
        check(facts(other, (0, 0), 900), Unfit::NotAPicture, None);
        check(facts("image/svg+xml", (0, 0), 9), Unfit::Drawing, None);
        check(facts("image/png", (0, 0), 20), Unfit::Damaged, None);
        check(
            facts("image/gif", (640, 480), 9),
            Unfit::Kind,
            Some(("image/png", (640, 480), true)),
        );
        check(
            facts("image/jpeg", (12_000, 8_000), 9),
            Unfit::TooLarge(Pixels::new(12_000, 8_000)),
            Some(("image/jpeg", (3840, 2560), false)),
        );
        let heavy = Unfit::TooHeavy {
            bytes: 50_000_000,
            max_bytes: 50_000_000,
        };
        check(
            facts("image/png", (4000, 3000), 50_000_000),
            heavy,
            Some(("image/png", (3840, 2880), false)),
        );
        // What would take gigabytes to open is not opened at all.
        let bomb = Pixels::new(30_000, 30_000);
        check(
            facts("image/png", (30_000, 30_000), 9),
            Unfit::TooLarge(bomb),
            None,
        );
        let ribbon = Pixels::new(100, 1_000_000);
        check(
            facts("image/png", (100, 1_000_000), 9),
            Unfit::TooLarge(ribbon),
            None,
        );
    }

    #[test]
    fn every_orientation_lands_in_the_upright_frame() {
        let pixels = Pixels::new(30, 20);
        for orientation in 1..=8 {
            let [a, b, c, d, e, f] = turn(orientation, pixels);
            let upright = upright(pixels, orientation);
            let corners = [(0.0, 0.0), (30.0, 0.0), (0.0, 20.0), (30.0, 20.0)];
            let at = corners.map(|(x, y)| (a * x + c * y + e, b * x + d * y + f));
            let most = at.iter().fold((0.0_f64, 0.0_f64), |most, at| {
                (most.0.max(at.0), most.1.max(at.1))
            });
            let size = (f64::from(upright.width), f64::from(upright.height));
            assert_eq!(most, size, "{orientation}");
            assert!(at.iter().all(|(x, y)| *x >= 0.0 && *y >= 0.0));
        }
        // Number 6, as a phone held upright writes it: the stored left edge is the top.
        let [a, b, _, _, e, f] = turn(6, pixels);
        assert_eq!((a * 30.0 + e, b * 30.0 + f), (20.0, 30.0));
    }
}
