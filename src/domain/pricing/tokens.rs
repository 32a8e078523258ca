//! How many tokens: of a picture by size and quality, of a prompt by an approximation that says so.

use crate::domain::model::{Certainty, Formula, Model, Tiles};
use crate::domain::request::AUTO;
use crate::domain::size::{Pixels, Size};

/// From the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<T> {
    pub low: T,
    pub high: T,
}

impl<T: Copy + Ord> Span<T> {
    #[must_use]
    pub fn new(low: T, high: T) -> Self {
        Self { low, high }
    }

    #[must_use]
    pub fn exactly(value: T) -> Self {
        Self::new(value, value)
    }

    /// The span of several values; `None` of none.
    pub fn over(values: impl IntoIterator<Item = T>) -> Option<Self> {
        values.into_iter().map(Self::exactly).reduce(Self::join)
    }

    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self::new(self.low.min(other.low), self.high.max(other.high))
    }

    #[must_use]
    pub fn map<U>(self, f: impl Fn(T) -> U) -> Span<U> {
        Span {
            low: f(self.low),
            high: f(self.high),
        }
    }
}

/// Output tokens of one picture, and how sure that is; `None` where nothing is published for it.
#[must_use]
pub fn output_tokens(model: &Model, size: Size, quality: &str) -> (Option<Span<u64>>, Certainty) {
    let Some(rule) = &model.output_tokens else {
        return (None, Certainty::Unknown);
    };
    let row = &model.endpoints.generations;
    let all = row
        .quality
        .as_ref()
        .map_or(&[][..], |options| &options.values);
    let qualities = all
        .iter()
        .map(String::as_str)
        .filter(|name| *name != AUTO && (quality == AUTO || quality == *name));
    let sizes = match size {
        Size::Auto => row
            .sizes
            .listed
            .iter()
            .filter_map(|size| size.pixels())
            .collect(),
        Size::Pixels(pixels) => vec![pixels],
    };
    let cell = |pixels: Pixels, quality: &str| {
        let tabled = rule
            .table
            .get(&pixels.to_string())
            .and_then(|cells| cells.get(quality))
            .copied();
        let tokens =
            Span::exactly(tabled.or_else(|| rule.formula.as_ref()?.tokens(pixels, quality))?);
        let [low, high] = rule.percent.get(quality).copied().unwrap_or([100, 100]);
        Some(Span::new(
            tokens.low * low / 100,
            (tokens.high * high).div_ceil(100),
        ))
    };
    let spans = qualities.flat_map(|quality| {
        sizes
            .iter()
            .filter_map(move |pixels| cell(*pixels, quality))
    });
    (spans.reduce(Span::join), rule.certainty)
}

/// Input tokens of one given image, and how sure that is; `None` where nothing is known.
#[must_use]
pub fn image_tokens(
    model: &Model,
    pixels: Pixels,
    is_high_fidelity: bool,
) -> (Option<Span<u64>>, Certainty) {
    let Some(rule) = &model.input_images else {
        return (None, Certainty::Unknown);
    };
    let high = rule.high_fidelity.filter(|_| is_high_fidelity);
    let added = high.map_or(0, |high| match pixels.width == pixels.height {
        true => high.square,
        false => high.other,
    });
    let tiled = rule.tiles.map(|tiles| Span::exactly(tiles.tokens(pixels)));
    let seen = rule.seen.map(|[low, high]| Span::new(low, high));
    let tokens = tiled.or(seen).map(|span| span.map(|tokens| tokens + added));
    (tokens, rule.certainty)
}

impl Tiles {
    /// `base + each · ceil(long / short)`: one tile across, the image is so many tiles long, whatever its size.
    #[must_use]
    pub fn tokens(&self, pixels: Pixels) -> u64 {
        let (short, long) = (pixels.short_edge().max(1), pixels.long_edge());
        self.base + self.each * u64::from(long.div_ceil(short))
    }
}

impl Formula {
    /// `ceil(F · u · (2,000,000 + W·H) / 4,000,000)`, `u = round-half-to-even(F · short / long)`; `None` for an unknown quality.
    #[must_use]
    pub fn tokens(&self, pixels: Pixels, quality: &str) -> Option<u64> {
        let factor = *self.factors.get(quality)?;
        let (short, long) = (
            u64::from(pixels.short_edge()),
            u64::from(pixels.long_edge()),
        );
        if short == 0 {
            return None;
        }
        let u = round_half_to_even(factor * short, long);
        Some((factor * u * (2_000_000 + pixels.count())).div_ceil(4_000_000))
    }
}

fn round_half_to_even(numerator: u64, denominator: u64) -> u64 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole % 2,
    }
}

/// How many tokens a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextCount {
    pub tokens: u64,
    /// Counted with the token table, and not approximated.
    pub is_exact: bool,
}

impl TextCount {
    #[must_use]
    pub fn exact(tokens: u64) -> Self {
        Self {
            tokens,
            is_exact: true,
        }
    }
}

/// About how many o200k tokens a prompt has: words of the Latin alphabet by length, one for most other characters.
/// Within a quarter for ordinary English and Japanese; never a bound.
#[must_use]
pub fn approximate_text_tokens(prompt: &str) -> TextCount {
    let (mut thirds, mut word) = (0_u64, 0_u64);
    for c in prompt.chars() {
        if c.is_ascii_alphabetic() {
            word += 1;
            continue;
        }
        thirds += word_thirds(word);
        word = 0;
        thirds += match c {
            ' ' => 0,
            '0'..='9' => 1,
            '\u{3040}'..='\u{30ff}' => 2,
            c if u32::from(c) >= 0x1_f000 => 6,
            c if c.is_ascii() || u32::from(c) >= 0x2e80 => 3,
            _ => 2,
        };
    }
    thirds += word_thirds(word);
    TextCount {
        tokens: thirds.div_ceil(3).max(u64::from(!prompt.is_empty())),
        is_exact: false,
    }
}

/// A word of up to six letters is one token, longer ones are more.
fn word_thirds(letters: u64) -> u64 {
    match letters {
        0 => 0,
        1..=6 => 3,
        more => more / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::Catalogue;

    #[track_caller]
    fn check(model: &str, size: &str, quality: &str, expected: u64) {
        let catalogue = Catalogue::built_in().unwrap();
        let found = output_tokens(catalogue.model(model), size.parse().unwrap(), quality).0;
        assert_eq!(
            found,
            Some(Span::exactly(expected)),
            "{model} {size} {quality}"
        );
    }

    #[test]
    fn tokens_are_the_published_ones() {
        check("gpt-image-1-mini", "1024x1024", "low", 272);
        check("gpt-image-1-mini", "1024x1536", "high", 6240);
        check("gpt-image-1.5", "1536x1024", "medium", 1568);
        check("gpt-image-2", "1024x1024", "low", 196);
        check("gpt-image-2", "1024x1024", "medium", 1756);
        check("gpt-image-2", "1024x1024", "high", 7024);
        check("gpt-image-2.5-flare", "1024x1024", "high", 1756);
    }

    #[test]
    fn given_images_count_by_their_shape_and_fidelity() {
        #[track_caller]
        fn check(model: &str, (width, height): (u32, u32), high: bool, low: u64, most: u64) {
            let catalogue = Catalogue::built_in().unwrap();
            let pixels = Pixels::new(width, height);
            let (tokens, _) = image_tokens(catalogue.model(model), pixels, high);
            assert_eq!(tokens, Some(Span::new(low, most)));
        }
        // Measured: 194 for a square.
        check("gpt-image-1", (1024, 1024), false, 194, 194);
        check("gpt-image-1", (64, 64), false, 194, 194);
        check("gpt-image-1", (1536, 1024), false, 323, 323);
        check("gpt-image-1", (1000, 3001), false, 581, 581);
        check("gpt-image-1", (1024, 1024), true, 4354, 4354);
        check("gpt-image-1.5", (1024, 1536), true, 6563, 6563);
        check("gpt-image-1-mini", (1024, 1024), true, 194, 194);
        check("gpt-image-2", (3000, 2000), false, 1024, 1536);
        let catalogue = Catalogue::built_in().unwrap();
        let unknown = image_tokens(catalogue.model("flux"), Pixels::new(9, 9), false);
        assert_eq!(unknown, (None, Certainty::Unknown));
    }

    #[test]
    fn half_goes_to_the_even_one() {
        assert_eq!(
            [
                round_half_to_even(5, 2),
                round_half_to_even(7, 2),
                round_half_to_even(8, 3)
            ],
            [2, 4, 3]
        );
    }

    #[test]
    fn the_approximation_is_near_for_ordinary_prompts() {
        // Counted with o200k_base.
        let near = |text: &str, tokens: u64| {
            let about = approximate_text_tokens(text).tokens;
            assert!(
                about.abs_diff(tokens) * 4 <= tokens.max(4),
                "{text:?}: {about} for {tokens}"
            );
        };
        near("a red dot", 3);
        near(
            "A watercolor painting of a lighthouse on a rocky coast at sunset, with seagulls in the sky.",
            21,
        );
        near(
            "A photorealistic product shot of a ceramic coffee mug on a wooden table, soft morning light, 85mm lens.",
            26,
        );
        near("夕焼けの海辺に立つ白い灯台を水彩画で描いてください。", 22);
        near(
            "日本の伝統的な庭園、苔むした石灯籠、紅葉、静かな池に映る月。高精細な写真、広角レンズ。",
            40,
        );
        near(
            "Ein rotes Haus am See, im Hintergrund schneebedeckte Berge, Ölgemälde",
            21,
        );
        near("🦊🌲✨", 6);
        assert_eq!(approximate_text_tokens("").tokens, 0);
    }
}
