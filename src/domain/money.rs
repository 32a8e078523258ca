//! Money as whole pico-dollars: a token of $0.20 per million costs 200,000 of them, so nothing is ever rounded.

use serde::{Deserialize, Serialize};

/// An amount in US dollars, counted in pico-dollars (10⁻¹² $).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Usd(pub u64);

const PICO_PER_DOLLAR: u64 = 1_000_000_000_000;

impl Usd {
    pub const ZERO: Self = Self(0);

    /// Reads a decimal such as `"0.0125"`; at most twelve decimals, no sign. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 12 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let padded = format!("{fraction:0<12}");
        let whole = whole.parse::<u64>().ok()?.checked_mul(PICO_PER_DOLLAR)?;
        whole.checked_add(padded.parse().ok()?).map(Self)
    }

    /// This many of it, or the largest amount there is.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// Dollars as people read them, to the nearest shown digit: two decimals from $1, three from $0.10, four below.
    #[must_use]
    pub fn shown(self) -> String {
        self.show(|amount, step| (amount + step / 2) / step)
    }

    /// The same, never less than the truth: for upper bounds.
    #[must_use]
    pub fn shown_up(self) -> String {
        self.show(u64::div_ceil)
    }

    /// All of it as a decimal without a sign, for tables: `0.002194`.
    #[must_use]
    pub fn decimal(self) -> String {
        let (whole, rest) = (self.0 / PICO_PER_DOLLAR, self.0 % PICO_PER_DOLLAR);
        let text = format!("{whole}.{rest:012}");
        let short = text.trim_end_matches('0');
        short.strip_suffix('.').unwrap_or(short).to_owned()
    }

    fn show(self, round: fn(u64, u64) -> u64) -> String {
        let decimals = match self.0 {
            0 => return "$0.00".into(),
            amount if amount >= PICO_PER_DOLLAR => 2,
            amount if amount >= PICO_PER_DOLLAR / 10 => 3,
            amount if amount >= PICO_PER_DOLLAR / 20_000 => 4,
            _ => return "< $0.0001".into(),
        };
        let per_dollar = 10_u64.pow(decimals);
        let steps = round(self.0.min(u64::MAX / 2), PICO_PER_DOLLAR / per_dollar);
        let digits = decimals as usize;
        format!("${}.{:0digits$}", steps / per_dollar, steps % per_dollar)
    }
}

/// Records and the built-in model data hold whole pico-dollars; a data file writes decimals, as price pages do.
impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl serde::de::Visitor<'_> for Written {
            type Value = Usd;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an amount in pico-dollars, or a decimal in quotes")
            }
            fn visit_u64<E>(self, pico: u64) -> Result<Usd, E> {
                Ok(Usd(pico))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Usd, E> {
                Usd::parse(text).ok_or_else(|| E::custom(format!("{text:?} is not an amount")))
            }
        }
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Written)
        } else {
            deserializer.deserialize_u64(Written)
        }
    }
}

/// A price per token, from dollars per million tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Rate(Usd);

impl Rate {
    /// Reads `"8.00"`, dollars per million tokens; at most six decimals, so that one token is a whole number.
    #[must_use]
    pub fn per_million(text: &str) -> Option<Self> {
        let Usd(pico) = Usd::parse(text)?;
        (pico % 1_000_000 == 0).then_some(Self(Usd(pico / 1_000_000)))
    }

    #[must_use]
    pub fn of(self, tokens: u64) -> Usd {
        self.0.times(tokens)
    }

    /// Dollars per million tokens, as published.
    #[must_use]
    pub fn shown_per_million(self) -> String {
        self.0.times(1_000_000).shown()
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Usd::deserialize(deserializer).map(Self);
        }
        let text = String::deserialize(deserializer)?;
        Self::per_million(&text)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is not a price per million")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(dollars: &str, expected: &str) {
        assert_eq!(Usd::parse(dollars).unwrap().shown(), expected);
    }

    #[test]
    fn amounts_read_well() {
        check("0", "$0.00");
        check("0.00001", "< $0.0001");
        check("0.002176", "$0.0022");
        check("0.1664", "$0.166");
        check("1.5", "$1.50");
        check("1234.567", "$1234.57");
        assert_eq!(Usd::parse("0.00501").unwrap().shown_up(), "$0.0051");
    }

    #[test]
    fn a_rate_is_exact_per_token() {
        assert_eq!(
            Rate::per_million("8.00").unwrap().of(272),
            Usd::parse("0.002176").unwrap()
        );
        assert_eq!(Rate::per_million("0.0125").unwrap().of(1), Usd(12_500));
        assert_eq!(Rate::per_million("-1"), None);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(pico in 0_u64..u64::MAX / 4) {
            let text = format!("{}.{:012}", pico / PICO_PER_DOLLAR, pico % PICO_PER_DOLLAR);
            prop_assert_eq!(Usd::parse(&text), Some(Usd(pico)));
        }
    }
}
