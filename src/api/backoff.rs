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
