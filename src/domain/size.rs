//! Picture sizes in pixels, the rules that models put on them, and the nearest size that a rule allows.

use serde::{Deserialize, Serialize};

pub use super::mask::Pixels;

/// What is asked for: the model's choice, or so many pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Size {
    Auto,
    Pixels(Pixels),
}

/// The rule of a model that draws any size: both edges multiples of `multiple`, between `min_pixels` and `max_pixels`
/// in all, no edge over `max_edge`, the longer at most `max_ratio` times the shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SizeRule {
    pub multiple: u32,
    pub max_edge: u32,
    pub max_ratio: u32,
    pub min_pixels: u64,
    pub max_pixels: u64,
    /// Above this many pixels the provider calls it experimental.
    pub experimental_above_pixels: u64,
}

/// What is wrong with a size: one thing at a time, the first that a person would mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeFault {
    NotAMultiple(u32),
    EdgeTooLong(u32),
    TooNarrow(u32),
    TooFewPixels(u64),
    TooManyPixels(u64),
    /// The model draws only the sizes of its list.
    NotInList,
}

/// How far two sizes are apart: in pixels (squared), then in shape.
fn distance(one: Pixels, other: Pixels) -> (u64, u64) {
    let gap = |a: u32, b: u32| u64::from(a.abs_diff(b));
    let skew = (u64::from(one.width) * u64::from(other.height))
        .abs_diff(u64::from(one.height) * u64::from(other.width));
    (
        // What is typed may be of any size.
        (gap(one.width, other.width).pow(2)).saturating_add(gap(one.height, other.height).pow(2)),
        skew,
    )
}

impl SizeRule {
    /// The first fault of a size, or `None` where it is legal.
    #[must_use]
    pub fn fault(&self, size: Pixels) -> Option<SizeFault> {
        if size.short_edge() == 0 {
            Some(SizeFault::TooFewPixels(self.min_pixels))
        } else if size.long_edge() > self.max_edge {
            Some(SizeFault::EdgeTooLong(self.max_edge))
        } else if !size.width.is_multiple_of(self.multiple)
            || !size.height.is_multiple_of(self.multiple)
        {
            Some(SizeFault::NotAMultiple(self.multiple))
        } else if u64::from(size.long_edge())
            > u64::from(size.short_edge()) * u64::from(self.max_ratio)
        {
            Some(SizeFault::TooNarrow(self.max_ratio))
        } else if size.count() < self.min_pixels {
            Some(SizeFault::TooFewPixels(self.min_pixels))
        } else if size.count() > self.max_pixels {
            Some(SizeFault::TooManyPixels(self.max_pixels))
        } else {
            None
        }
    }

    /// The legal size nearest to a wish, in pixels of width and height together, and of the most similar shape where several are.
    #[must_use]
    pub fn nearest(&self, wish: Pixels) -> Option<Pixels> {
        self.widths()
            .filter_map(|width| self.nearest_with_width(width, wish))
            .min_by_key(|size| distance(wish, *size))
    }

    fn widths(&self) -> impl Iterator<Item = u32> + '_ {
        (1..=self.max_edge / self.multiple.max(1)).map(|steps| steps * self.multiple)
    }

    fn nearest_with_width(&self, width: u32, wish: Pixels) -> Option<Pixels> {
        let up = |value: u64| value.div_ceil(self.multiple.into()) * u64::from(self.multiple);
        let down = |value: u64| value / u64::from(self.multiple) * u64::from(self.multiple);
        let (wide, ratio) = (u64::from(width), u64::from(self.max_ratio));
        let lowest = up(self.min_pixels.div_ceil(wide).max(wide.div_ceil(ratio)));
        let highest = down(
            (self.max_pixels / wide)
                .min(wide * ratio)
                .min(self.max_edge.into()),
        );
        let nearest_step =
            (u64::from(wish.height) + u64::from(self.multiple) / 2) / u64::from(self.multiple);
        let height = (nearest_step * u64::from(self.multiple)).clamp(lowest.min(highest), highest);
        let size = Pixels::new(width, u32::try_from(height).ok()?);
        self.fault(size).is_none().then_some(size)
    }
}

impl Size {
    #[must_use]
    pub fn pixels(self) -> Option<Pixels> {
        match self {
            Self::Auto => None,
            Self::Pixels(pixels) => Some(pixels),
        }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Pixels(pixels) => pixels.fmt(f),
        }
    }
}

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let edge = |digits: &str| {
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| digits.parse().ok())
                .flatten()
        };
        match text.split_once('x') {
            None if text == "auto" => Ok(Self::Auto),
            Some((width, height)) => match (edge(width), edge(height)) {
                (Some(width), Some(height)) => Ok(Self::Pixels(Pixels { width, height })),
                _ => Err(format!("{text:?} is not a size")),
            },
            None => Err(format!("{text:?} is not a size")),
        }
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

/// Bytes with a unit.
#[must_use]
pub fn shown_bytes(bytes: u64) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: SizeRule = SizeRule {
        multiple: 16,
        max_edge: 3840,
        max_ratio: 3,
        min_pixels: 655_360,
        max_pixels: 8_294_400,
        experimental_above_pixels: 3_686_400,
    };

    #[track_caller]
    fn check(wish: (u32, u32), fault: Option<SizeFault>, nearest: (u32, u32)) {
        let wish = Pixels::new(wish.0, wish.1);
        assert_eq!(RULE.fault(wish), fault);
        assert_eq!(RULE.nearest(wish), Some(Pixels::new(nearest.0, nearest.1)));
    }

    #[test]
    fn the_nearest_legal_size_is_found() {
        check((1024, 1024), None, (1024, 1024));
        check((3840, 2160), None, (3840, 2160));
        check(
            (1000, 1000),
            Some(SizeFault::NotAMultiple(16)),
            (1008, 1008),
        );
        check(
            (4000, 2160),
            Some(SizeFault::EdgeTooLong(3840)),
            (3840, 2160),
        );
        check((0, 0), Some(SizeFault::TooFewPixels(655_360)), (816, 816));
        check(
            (3840, 3840),
            Some(SizeFault::TooManyPixels(8_294_400)),
            (2880, 2880),
        );
        check((3072, 512), Some(SizeFault::TooNarrow(3)), (2928, 976));
    }

    #[test]
    fn sizes_are_read_as_the_api_writes_them() {
        assert_eq!("auto".parse(), Ok(Size::Auto));
        assert_eq!(
            "1536x1024".parse(),
            Ok(Size::Pixels(Pixels::new(1536, 1024)))
        );
        for bad in ["", "x", "12", "1024X1024", "1024x", "+1x2", "1024x1024x3"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_proposed_is_legal_and_legal_sizes_stay(width in 0_u32..6000, height in 0_u32..6000) {
            let wish = Pixels::new(width, height);
            let nearest = RULE.nearest(wish).unwrap();
            prop_assert_eq!(RULE.fault(nearest), None);
            prop_assert_eq!(RULE.fault(wish).is_none(), nearest == wish);
        }
    }
}
