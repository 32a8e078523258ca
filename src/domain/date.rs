//! Calendar days in UTC, as the model data and the budgets count them.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00Z. Always handed in; only `browser::clock` knows the time.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

/// A day, `2026-12-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

pub const DAY_MILLIS: u64 = 86_400_000;
/// What [`Date::days`] gives for 1970-01-01.
const DAYS_BEFORE_1970: u32 = 719_469;

impl Timestamp {
    /// The UTC day (Howard Hinnant's `civil_from_days`).
    #[must_use]
    pub fn date(self) -> Date {
        let days = self.0 / DAY_MILLIS + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        Date {
            year: u16::try_from(year).unwrap_or(u16::MAX),
            month: u8::try_from(month).unwrap_or(12),
            day: u8::try_from(day_of_year - (153 * shifted_month + 2) / 5 + 1).unwrap_or(31),
        }
    }

    /// ISO 8601 in UTC, to the second: `2026-11-22T09:30:00Z`.
    #[must_use]
    pub fn iso(self) -> String {
        let seconds = self.0 / 1000 % 86_400;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!(
            "{}T{hours:02}:{minutes:02}:{:02}Z",
            self.date(),
            seconds % 60
        )
    }

    #[must_use]
    pub fn millis_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Date {
    /// Days since 0000-03-01, for differences (Howard Hinnant's `days_from_civil`).
    #[must_use]
    pub fn days(self) -> u32 {
        let (year, month, day) = (
            u32::from(self.year),
            u32::from(self.month),
            u32::from(self.day),
        );
        // January and February end the year before; the year 0 has none.
        let year = (year + u32::from(month > 2)).saturating_sub(1);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day;
        year * 365 + year / 4 - year / 100 + year / 400 + of_year
    }

    /// Its first moment, in UTC.
    #[must_use]
    pub fn midnight(self) -> Timestamp {
        Timestamp(u64::from(self.days().saturating_sub(DAYS_BEFORE_1970)) * DAY_MILLIS)
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self { day: 1, ..self }
    }

    #[must_use]
    pub fn is_same_month(self, other: Self) -> bool {
        self.first_of_month() == other.first_of_month()
    }
}

impl Date {
    /// Whether the calendar has it: `2026-02-30` can be written.
    #[must_use]
    pub fn is_real(self) -> bool {
        let is_leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        let days = match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 31,
        };
        (1..=12).contains(&self.month) && (1..=days).contains(&self.day)
    }
}

impl TryFrom<String> for Date {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut parts = text.splitn(3, '-');
        let mut part = |digits: usize| {
            parts
                .next()
                .filter(|part| part.len() == digits)?
                .parse::<u16>()
                .ok()
        };
        match (part(4), part(2), part(2)) {
            (Some(year), Some(month @ 1..=12), Some(day @ 1..=31)) => Ok(Self {
                year,
                month: month as u8,
                day: day as u8,
            }),
            _ => Err(format!("{text:?} is not a date like 2026-12-01")),
        }
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_timestamps() {
        let day = |millis| Timestamp(millis).date().to_string();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(951_782_400_000), "2000-02-29");
        assert_eq!(day(1_795_305_599_999), "2026-11-21");
        assert_eq!(day(1_795_305_600_000), "2026-11-22");
    }

    #[test]
    fn days_are_counted() {
        for days in [0, 58, 59, 60, 11_016, 11_017, 20_778, 20_779, 47_540] {
            let date = |days: u64| Timestamp(days * 86_400_000).date();
            assert_eq!(date(days + 1).days() - date(days).days(), 1);
            assert_eq!(date(days + 400).days() - date(days).days(), 400);
        }
    }

    #[test]
    fn the_calendar_has_every_day_of_the_clock_and_no_other() {
        for days in 0..50_000 {
            assert!(Timestamp(days * 86_400_000).date().is_real());
        }
        for unreal in ["2026-02-29", "2100-02-29", "2026-04-31", "2026-11-31"] {
            assert!(!Date::try_from(unreal.to_owned()).unwrap().is_real());
        }
    }

    #[test]
    fn a_day_begins_at_its_midnight() {
        for days in [0, 59, 11_016, 20_778, 20_779, 47_540] {
            let midnight = Timestamp(days * DAY_MILLIS);
            let last = Timestamp(midnight.0 + DAY_MILLIS - 1);
            assert_eq!(last.date().midnight(), midnight);
        }
    }

    #[test]
    fn only_dates_are_read() {
        assert!(Date::try_from("2026-12-01".to_owned()).is_ok());
        for bad in ["", "2026-13-01", "2026-1-1", "tomorrow", "2026-12-01T00"] {
            assert!(Date::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
