//! How long to wait before a request that was not executed is sent again.

/// Milliseconds to wait. `attempt` counts the repeats already made (0 before the first); `told_ms` is what the server
/// asked for; `random_0_to_1` is drawn anew each time. Full jitter over a ceiling that doubles from 1 s to 5 min, and never
/// earlier than told, up to a day (`reliability.md` 2.4, T4: a server that says 3600 s is given them).
#[must_use]
pub fn delay_ms(attempt: u32, told_ms: Option<u64>, random_0_to_1: f64) -> u64 {
    let ceiling = FIRST_MS
        .saturating_mul(1_u64.checked_shl(attempt).unwrap_or(u64::MAX))
        .min(CEILING_MS);
    let share = if random_0_to_1.is_finite() {
        random_0_to_1.clamp(0.0, 1.0)
    } else {
        1.0
    };
    let own = (ceiling as f64 * share) as u64;
    own.max(told_ms.unwrap_or(0).min(LONGEST_TOLD_MS))
}

const FIRST_MS: u64 = 1_000;
const CEILING_MS: u64 = 5 * 60_000;
/// No server means more than a day; beyond it the figure is a mistake.
const LONGEST_TOLD_MS: u64 = 24 * 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ceiling_doubles_from_a_second_to_five_minutes() {
        let ceilings: Vec<u64> = (0..11)
            .map(|attempt| delay_ms(attempt, None, 1.0))
            .collect();
        assert_eq!(ceilings[..4], [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(ceilings[8..], [256_000, 300_000, 300_000]);
        assert_eq!(delay_ms(u32::MAX, None, 1.0), 300_000);
        assert_eq!(delay_ms(3, None, 0.5), 4_000);
    }

    #[test]
    fn what_the_server_says_is_kept() {
        assert_eq!(delay_ms(0, Some(3_600_000), 0.5), 3_600_000);
        assert_eq!(delay_ms(0, Some(u64::MAX), 0.5), 24 * 3_600_000);
        assert_eq!(delay_ms(9, Some(10), 0.5), 150_000);
    }

    proptest! {
        #[test]
        fn never_earlier_than_told(attempt: u32, told in 0_u64..86_400_000, random: f64) {
            let delay = delay_ms(attempt, Some(told), random);
            prop_assert!(delay >= told && delay <= told.max(CEILING_MS));
        }
    }
}
