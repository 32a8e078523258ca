//! Randomness: ids that sort by time, and a number for back-off.

use std::cell::Cell;

use super::clock;

/// A uuid v7: ids made later in this tab sort later, even within a millisecond or when the clock is set back.
#[must_use]
pub fn id() -> String {
    let mut bytes = [0; 10];
    fill(&mut bytes);
    let moment = LAST_MOMENT.get().next(clock::now().0, bytes[0]);
    LAST_MOMENT.set(moment);
    moment.into_id(bytes)
}

/// A number from 0 to below 1.
#[must_use]
pub fn unit() -> f64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    (u64::from_le_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
}

thread_local! {
    static LAST_MOMENT: Cell<Moment> = const { Cell::new(Moment { millis: 0, count: 0 }) };
}

/// The time of an id, and a 12-bit counter within the millisecond (RFC 9562, method 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Moment {
    millis: u64,
    count: u16,
}

impl Moment {
    fn next(self, now: u64, seed: u8) -> Self {
        if now > self.millis {
            Self {
                millis: now,
                count: seed.into(),
            }
        } else if self.count < 0xFFF {
            Self {
                count: self.count + 1,
                ..self
            }
        } else {
            Self {
                millis: self.millis + 1,
                count: 0,
            }
        }
    }

    fn into_id(self, mut random: [u8; 10]) -> String {
        let [high, low] = self.count.to_be_bytes();
        random[0] = high;
        random[1] = low;
        uuid::Builder::from_unix_timestamp_millis(self.millis, &random)
            .into_uuid()
            .to_string()
    }
}

/// The most bytes that browsers give at once.
const MOST_AT_ONCE: u32 = 1 << 16;

/// Fills all of it.
pub(super) fn fill_all(target: &js_sys::Uint8Array) {
    let mut some = vec![0; MOST_AT_ONCE as usize];
    let mut at = 0;
    while at < target.length() {
        let end = (at + MOST_AT_ONCE).min(target.length());
        let bytes = &mut some[..(end - at) as usize];
        fill(bytes);
        target.subarray(at, end).copy_from(bytes);
        at = end;
    }
}

fn fill(bytes: &mut [u8]) {
    let filled = super::window()
        .and_then(|window| window.crypto().ok())
        .is_some_and(|crypto| crypto.get_random_values_with_u8_array(bytes).is_ok());
    if !filled {
        fill_plainly(bytes);
    }
}

/// Ids must differ, not be secret.
#[expect(clippy::disallowed_methods, reason = "this is the seam")]
fn fill_plainly(bytes: &mut [u8]) {
    for byte in bytes {
        *byte = (js_sys::Math::random() * 256.0) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_order_they_were_made_in() {
        let mut moment = Moment {
            millis: 0,
            count: 0,
        };
        let mut last = String::new();
        for now in [1_795_305_600_000; 9000].into_iter().chain([5, 7]) {
            moment = moment.next(now, 255);
            let id = moment.into_id([255; 10]);
            assert!(id > last && id.len() == 36 && &id[14..15] == "7", "{id}");
            last = id;
        }
    }
}
