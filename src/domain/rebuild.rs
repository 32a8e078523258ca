//! Adds up a day anew from the ledger's lines, where its sums can no longer be read.
//!
//! What became of an attempt follows from its lines alone, whatever the order they were written in. A line that cannot be
//! read never makes the sum smaller: the attempt counts at what was reserved; where even that is gone, it is said.

use crate::domain::date::{DAY_MILLIS, Date, Timestamp};
use crate::domain::ledger::{
    Day, Entry, Keys, Reservation, Row, Said, Settlement, date_of, day_key, day_row, is_imported,
    read_day,
};
use crate::domain::provider::Provider;
use crate::domain::record::{self, UnreadableRow, start_of_ids, time_of_id};

/// Sums as the lines give them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rebuilt {
    pub day: Day,
    /// Attempts that may have been billed at a price that no line tells any more. In the sums they are among the unbounded.
    pub unreadable: u32,
}

/// How far an attempt's id may be from its start, for those that were not written with the same time.
const SLACK_MILLIS: u64 = 60 * 60 * 1000;
/// What the lost name of a model or a quality is called.
const LOST: &str = "?";

/// The days whose stored sums cannot be read.
#[must_use]
pub fn damaged(days: &[(String, String)]) -> Vec<Date> {
    let is_damaged = |(_, json): &&(String, String)| read_day(Some(json)).is_err();
    let damaged = days.iter().filter(is_damaged);
    damaged.filter_map(|(key, _)| date_of(key)).collect()
}

/// The first key and the last of the lines that may belong to a day.
#[must_use]
pub fn lines_of(date: Date) -> [String; 2] {
    let midnight = date.midnight().0;
    let first = Timestamp(midnight.saturating_sub(SLACK_MILLIS));
    let last = Timestamp(midnight + DAY_MILLIS + SLACK_MILLIS);
    [start_of_ids(first), start_of_ids(last)]
}

/// The row that replaces a day's sums. `stored` is what lies there by now, `lines` are the rows under [`lines_of`]. `None`
/// where the sums are readable again, or where something is lost and that is not accepted.
#[must_use]
pub fn mend(
    date: Date,
    stored: Option<&str>,
    lines: &[(String, String)],
    accepts_loss: bool,
) -> (Option<Row>, Rebuilt) {
    if stored.is_some_and(|json| read_day(Some(json)).is_ok()) {
        return (None, Rebuilt::default());
    }
    let rebuilt = rebuild(date, lines);
    let may_write = accepts_loss || rebuilt.unreadable == 0;
    let row = may_write.then(|| day_row(day_key(date), &rebuilt.day));
    (row.flatten(), rebuilt)
}

/// Adds up the attempts of a day. `lines` are keys and JSON in the order of their keys; those of other days may be among them.
#[must_use]
pub fn rebuild(date: Date, lines: &[(String, String)]) -> Rebuilt {
    let mut rebuilt = Rebuilt::default();
    let is_same = |a: &(String, String), b: &(String, String)| attempt_of(&a.0) == attempt_of(&b.0);
    for lines in lines.chunk_by(is_same) {
        if lines.iter().any(|(_, json)| is_imported(json)) {
            continue;
        }
        let lines = Lines::of(lines);
        if lines.date() == Some(date) {
            rebuilt.add(lines);
        }
    }
    rebuilt
}

fn attempt_of(key: &str) -> &str {
    key.rsplit_once('.').map_or(key, |(attempt, _)| attempt)
}

type Written<T> = Option<Result<T, UnreadableRow>>;

/// The lines of one attempt.
struct Lines<'a> {
    attempt: &'a str,
    reserved: Written<(Timestamp, Reservation)>,
    settled: Written<Settlement>,
    released: Written<()>,
}

impl<'a> Lines<'a> {
    fn of(lines: &'a [(String, String)]) -> Self {
        let attempt = lines.first().map_or("", |(key, _)| attempt_of(key));
        let keys = Keys::of_id(attempt);
        let find = |wanted: &str| {
            let (_, json) = lines.iter().find(|(key, _)| key == wanted)?;
            Some(record::read::<Entry>(json))
        };
        let other = || UnreadableRow("it says something else than its key".into());
        Self {
            attempt,
            reserved: find(&keys.reserved).map(|line| match line?.reserved() {
                Some(reserved) => Ok(reserved),
                None => Err(other()),
            }),
            settled: find(&keys.settled).map(|line| match line?.said {
                Said::Settled(settlement) => Ok(settlement),
                Said::Reserved(_) | Said::Released => Err(other()),
            }),
            released: find(&keys.released).map(|line| match line?.said {
                Said::Released => Ok(()),
                Said::Reserved(_) | Said::Settled(_) => Err(other()),
            }),
        }
    }

    /// The day it counts on: that of its start, else that of its id.
    fn date(&self) -> Option<Date> {
        let start = match &self.reserved {
            Some(Ok((at, _))) => Some(*at),
            Some(Err(_)) | None => time_of_id(self.attempt),
        };
        start.map(Timestamp::date)
    }
}

impl Entry {
    fn reserved(self) -> Option<(Timestamp, Reservation)> {
        match self.said {
            Said::Reserved(reservation) => Some((self.at, reservation)),
            Said::Settled(_) | Said::Released => None,
        }
    }
}

impl Rebuilt {
    fn add(&mut self, lines: Lines<'_>) {
        let known = lines.reserved.and_then(Result::ok).map(|(_, known)| known);
        let settled = lines.settled;
        let cost = settled.as_ref().and_then(|line| line.as_ref().ok()?.cost);
        // Without a cost: free only where that is proved, and nothing came after all.
        let is_free = settled.is_none() && matches!(lines.released, Some(Ok(())));
        let is_open = cost.is_none() && !is_free;
        self.unreadable += u32::from(known.is_none() && is_open);
        let reservation = known.unwrap_or_else(lost);
        let group = self.day.group(&reservation);
        group.requests += 1;
        if is_open {
            group.reserve(&reservation);
        }
        group.confirmed = group.confirmed.plus(cost.unwrap_or_default());
        let settled = settled.and_then(Result::ok);
        group.pictures += settled.map_or(0, |settled| settled.pictures);
    }
}

/// Stands for a reservation that cannot be read.
fn lost() -> Reservation {
    Reservation {
        provider: Provider::OpenAi,
        model: LOST.into(),
        quality: LOST.into(),
        size: LOST.into(),
        n: 1,
        likely: None,
        most: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::Group;
    use crate::domain::money::Usd;

    const NOON: Timestamp = Timestamp(1_795_305_600_000 + DAY_MILLIS / 2);

    fn id(at: Timestamp, number: u32) -> String {
        format!("{}-7000-8000-{number:012x}", start_of_ids(at))
    }

    fn line(id: &str, suffix: &str, at: Timestamp, said: Said) -> (String, String) {
        let entry = Entry {
            v: record::VERSION,
            attempt: id.into(),
            at,
            said,
            imported: false,
        };
        (format!("{id}.{suffix}"), record::write(&entry).unwrap())
    }

    fn reserved(id: &str, at: Timestamp, most: u64) -> (String, String) {
        let reservation = Reservation {
            model: "mini".into(),
            quality: "low".into(),
            most: Some(Usd(most)),
            ..lost()
        };
        line(id, "1-reserved", at, Said::Reserved(reservation))
    }

    fn settled(id: &str, cost: Option<u64>) -> (String, String) {
        let settlement = Settlement {
            usage: None,
            cost: cost.map(Usd),
            pictures: 2,
            prices: String::new(),
        };
        line(id, "2-settled", NOON, Said::Settled(settlement))
    }

    fn released(id: &str) -> (String, String) {
        line(id, "3-released", NOON, Said::Released)
    }

    fn torn((key, json): (String, String)) -> (String, String) {
        (key, json[..json.len() / 2].to_owned())
    }

    /// Confirmed, possible, requests, pictures; then what nobody knows.
    #[track_caller]
    fn check(lines: &[(String, String)], sums: (u64, u64, u32, u32), unreadable: u32) {
        let rebuilt = rebuild(NOON.date(), lines);
        let count = |of: fn(&Group) -> u32| rebuilt.day.groups.iter().map(of).sum::<u32>();
        let found = (
            rebuilt.day.confirmed().0,
            rebuilt.day.possible().0,
            count(|group| group.requests),
            count(|group| group.pictures),
        );
        assert_eq!((found, rebuilt.unreadable), (sums, unreadable));
        assert_eq!(count(|group| group.unbounded), unreadable);
    }

    #[test]
    fn every_end_of_an_attempt_counts_as_it_was_booked() {
        let a = &id(NOON, 1);
        let all = [reserved(a, NOON, 50), settled(a, Some(20)), released(a)];
        check(&all[..1], (0, 50, 1, 0), 0);
        check(&all[..2], (20, 0, 1, 2), 0);
        check(&all, (20, 0, 1, 2), 0);
        check(&[all[0].clone(), all[2].clone()], (0, 0, 1, 0), 0);
        check(&[all[0].clone(), settled(a, None)], (0, 50, 1, 2), 0);
        let silent = [all[0].clone(), settled(a, None), all[2].clone()];
        check(&silent, (0, 50, 1, 2), 0);
    }

    #[test]
    fn what_cannot_be_read_counts_at_its_bound() {
        let a = &id(NOON, 1);
        let all = [reserved(a, NOON, 50), settled(a, Some(20)), released(a)];
        let [first, end, free] = all.clone();
        check(&[first.clone(), torn(end.clone())], (0, 50, 1, 0), 0);
        check(&[first.clone(), torn(end), free.clone()], (0, 50, 1, 0), 0);
        check(&[first, torn(free)], (0, 50, 1, 0), 0);
    }

    #[test]
    fn a_lost_reservation_is_said_unless_another_line_tells_the_cost() {
        let a = &id(NOON, 1);
        let lost = torn(reserved(a, NOON, 50));
        check(std::slice::from_ref(&lost), (0, 0, 1, 0), 1);
        check(&[lost.clone(), settled(a, None)], (0, 0, 1, 2), 1);
        check(&[lost.clone(), settled(a, Some(20))], (20, 0, 1, 2), 0);
        check(&[lost.clone(), released(a)], (0, 0, 1, 0), 0);
        check(&[settled(a, Some(20))], (20, 0, 1, 2), 0);
        // A line that says something else than its key is as good as none.
        let (key, _) = lost;
        let (_, other) = released(a);
        check(&[(key, other)], (0, 0, 1, 0), 1);
    }

    #[test]
    fn attempts_of_other_days_are_left_out() {
        let midnight = NOON.date().midnight();
        let before = Timestamp(midnight.0 - 1);
        let late = &id(before, 1);
        let lines = [
            // Its id was made just before midnight, and it was started just after.
            reserved(late, midnight, 50),
            reserved(&id(before, 2), before, 7),
            torn(reserved(&id(before, 3), before, 7)),
            reserved(
                &id(Timestamp(midnight.0 + DAY_MILLIS), 4),
                Timestamp(midnight.0 + DAY_MILLIS),
                7,
            ),
        ];
        check(&lines, (0, 50, 1, 0), 0);
        let [first, last] = lines_of(NOON.date());
        assert!(lines.iter().all(|(key, _)| first <= *key && *key <= last));
    }

    #[test]
    fn only_damaged_sums_are_replaced_and_a_loss_must_be_accepted() {
        let (a, b) = (&id(NOON, 1), &id(NOON, 2));
        let lines = [reserved(a, NOON, 50), torn(reserved(b, NOON, 9))];
        let date = NOON.date();
        let whole = record::write(&Day::default()).unwrap();
        assert_eq!(mend(date, Some(&whole), &lines, true).0, None);
        let (row, rebuilt) = mend(date, Some("torn"), &lines, false);
        assert_eq!((row, rebuilt.unreadable), (None, 1));
        let (row, rebuilt) = mend(date, Some("torn"), &lines[..1], false);
        assert_eq!(row, day_row(day_key(date), &rebuilt.day));
        assert!(mend(date, None, &lines, true).0.is_some());
        let stored = [
            (day_key(date), "torn".to_owned()),
            ("spent:x".into(), "torn".into()),
        ];
        assert_eq!(damaged(&stored), [date]);
        assert_eq!(damaged(&[(day_key(date), whole)]), []);
    }
}
