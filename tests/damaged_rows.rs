//! Rows of the database damaged at random: whatever they have become, they are read or refused, and nothing panics.

#![expect(clippy::unwrap_used, reason = "a test: what cannot be read fails it")]

use std::hint::black_box;

use pentimento::domain::account::{Account, csv};
use pentimento::domain::correction::learn;
use pentimento::domain::date::{Date, Timestamp};
use pentimento::domain::gallery::searched_text;
use pentimento::domain::ledger::{Budget, date_of, release, reserve};
use pentimento::domain::rebuild::{damaged, mend};
use pentimento::domain::record::{Attempt, PictureRecord, blobs_named, read_row, write};
use pentimento::domain::spending::{months, read_days};

/// Rows as the first schema's build has written them.
const FIXTURE: &str = include_str!("browser/fixtures/schema-1.json");
const TIMES: u64 = 10_000;

type Rows = Vec<(String, String)>;

fn stored(store: &str) -> Rows {
    let whole: serde_json::Value = serde_json::from_str(FIXTURE).unwrap();
    let rows = whole["stores"][store].as_array().unwrap();
    rows.iter()
        .map(|row| {
            let text = |at: usize| row[at].as_str().unwrap().to_owned();
            (text(0), text(1))
        })
        .collect()
}

/// Numbers that follow from a seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % most.max(1)
    }

    /// A text with one to four places changed, cut out or put in.
    fn damage(&mut self, text: &str) -> String {
        const PUT_IN: [&str; 16] = [
            "",
            "\"",
            "{",
            "]",
            ",",
            "-1",
            "1e999",
            "null",
            "18446744073709551616",
            "\u{0}",
            "é",
            "🌂",
            "\\u0000",
            "[[[[",
            "0",
            "\"blob\":\"",
        ];
        let mut chars: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(4) {
            let at = self.below(chars.len());
            let end = (at + self.below(12)).min(chars.len());
            let put: Vec<char> = PUT_IN[self.below(PUT_IN.len())].chars().collect();
            match self.below(5) {
                0 => chars.truncate(at),
                1 => drop(chars.splice(at..end, put)),
                2 => drop(chars.splice(at..at, put)),
                3 => {
                    let digit = char::from_digit(self.below(10) as u32, 10).unwrap();
                    if let Some(place) = chars.iter_mut().skip(at).find(|c| c.is_ascii_digit()) {
                        *place = digit;
                    }
                }
                _ => drop(chars.drain(at..end)),
            }
        }
        chars.into_iter().collect()
    }
}

/// Each row damaged in turn; how many of them can still be read.
fn damaged_rows(rows: &Rows, mut read: impl FnMut(&str, &str) -> bool) -> u64 {
    let mut chance = Chance(0x9E37_79B9_7F4A_7C15);
    let all = (0..TIMES).map(|_| {
        let (key, json) = &rows[chance.below(rows.len())];
        (key.clone(), chance.damage(json))
    });
    all.map(|(key, json)| u64::from(read(&key, &json))).sum()
}

#[test]
fn pictures() {
    let rows: Rows = [stored("pictures"), stored("trash")].concat();
    let readable = damaged_rows(&rows, |key, json| {
        assert!(blobs_named(json).count() < 100);
        let Ok(record) = read_row::<PictureRecord>(key, json) else {
            return false;
        };
        let name = record.file_name();
        assert!(name.len() < 80 && name.is_ascii(), "{name}");
        black_box(searched_text(&record));
        assert_eq!(read_row(key, &write(&record).unwrap()), Ok(record));
        true
    });
    assert!((1..TIMES).contains(&readable), "{readable}");
}

#[test]
fn attempts() {
    let today = Date::try_from("2026-11-26".to_owned()).unwrap();
    let budget = Budget::default();
    let readable = damaged_rows(&stored("attempts"), |key, json| {
        let Ok(attempt) = read_row::<Attempt>(key, json) else {
            return false;
        };
        let dated = attempt.on_or_after(today);
        let booked = reserve(&dated, None, &budget, &[], &[]);
        assert!(booked.is_ok(), "{booked:?}");
        true
    });
    assert!((1..TIMES).contains(&readable), "{readable}");
}

#[test]
fn lines_of_the_ledger() {
    let rows = stored("ledger");
    let today = Date::try_from("2026-11-26".to_owned()).unwrap();
    let mut lines = rows.clone();
    let mut at = 0;
    let readable = damaged_rows(&rows, |key, json| {
        at = (at + 1) % lines.len();
        lines[at] = (key.to_owned(), json.to_owned());
        let accounts = Account::read_all(&lines);
        black_box(csv(&accounts));
        black_box(learn(&accounts));
        black_box(mend(today, None, &lines, true));
        black_box(mend(today, Some(json), &lines, false));
        !Account::read_all(&[(key.to_owned(), json.to_owned())]).is_empty()
    });
    assert!((1..TIMES).contains(&readable), "{readable}");
}

#[test]
fn sums_of_days() {
    let attempts = stored("attempts");
    let attempt: Attempt = read_row(&attempts[0].0, &attempts[0].1).unwrap();
    let readable = damaged_rows(&stored("meta"), |key, json| {
        let rows = vec![(key.to_owned(), json.to_owned())];
        assert!(date_of(key).is_some());
        black_box(damaged(&rows));
        let days = read_days(&rows);
        black_box(months(&[&days]));
        let stored = [None, None, None, Some(json.to_owned())];
        black_box(release(&attempt, Timestamp(1), &stored));
        black_box(reserve(&attempt, None, &Budget::default(), &rows, &[])).ok();
        !days.is_empty()
    });
    assert!((1..TIMES).contains(&readable), "{readable}");
}
