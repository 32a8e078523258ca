//! When the app broke: after two times within a short while nothing is sent by itself until the person says so.

use crate::domain::date::Timestamp;

/// Where the page's loader keeps the last two moments, in milliseconds and separated by a space.
pub const STORED_AS: &str = "pentimento.broke";
/// Two breaks within this time are one too many.
const SHORT_MILLIS: u64 = 5 * 60_000;

/// Whether what waits is held, by what is kept.
#[must_use]
pub fn holds(stored: Option<&str>) -> bool {
    let moments = stored.unwrap_or_default().split_whitespace();
    let moments: Vec<Timestamp> = moments
        .filter_map(|moment| moment.parse().ok().map(Timestamp))
        .collect();
    // The clock may have been set back in between.
    matches!(moments[..], [.., first, second] if first.0.abs_diff(second.0) <= SHORT_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_breaks_within_five_minutes_hold_the_queue() {
        let held = ["5 5", "1000 301000", "301000 1000", "7 1000 301000"];
        let free = ["", "1000", "1000 301001", "junk", "1000 junk", "-1 5"];
        assert!(!holds(None));
        assert_eq!(held.map(|kept| holds(Some(kept))), [true; 4]);
        assert_eq!(free.map(|kept| holds(Some(kept))), [false; 6]);
    }
}
