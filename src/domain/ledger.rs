//! What was spent: entries that are only ever added, and their sums by day, kept in the same transaction.
//!
//! An attempt is reserved at the most that it may cost before it is sent. It is settled by what the API reported, released
//! when it is proved that nothing was executed, and otherwise it stays reserved: it may have been billed. Whatever the order
//! of these, and however often each is tried, the ledger never says less than the bill.

use serde::{Deserialize, Serialize};

use crate::domain::date::{Date, Timestamp};
use crate::domain::model::Catalogue;
use crate::domain::money::Usd;
use crate::domain::pricing::actual;
use crate::domain::pricing::tokens::Span;
use crate::domain::provider::Provider;
use crate::domain::record::{self, Attempt, UnreadableRow, VERSION};
use crate::domain::usage::Usage;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub v: u32,
    pub attempt: String,
    pub at: Timestamp,
    pub said: Said,
    /// It came out of a backup: it is shown, and counts in no sum and no budget.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
}

/// What a line says of its attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Reserved(Reservation),
    Settled(Settlement),
    /// Proved: nothing was executed.
    Released,
}

/// What is known before a request is sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    pub provider: Provider,
    pub model: String,
    pub quality: String,
    pub size: String,
    pub n: u32,
    /// What was estimated, from the least to the most.
    pub likely: Option<[Usd; 2]>,
    /// What it counts as until it is settled: its upper bound, or the ceiling that the person gave; `None`: nobody knows.
    pub most: Option<Usd>,
}

/// What the API reported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    pub usage: Option<Usage>,
    /// By the reported tokens; `None` where none were reported: what was reserved may have been billed.
    pub cost: Option<Usd>,
    pub pictures: u32,
    /// The day of the model data that priced it.
    pub prices: String,
}

/// The sums of one UTC day: of the attempts that were started on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Day {
    pub v: u32,
    pub groups: Vec<Group>,
}

/// A day's sums for one model and quality.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    pub provider: Provider,
    pub model: String,
    pub quality: String,
    pub requests: u32,
    pub pictures: u32,
    pub confirmed: Usd,
    /// Reserved and not settled: in flight, or it may have been billed.
    pub possible: Usd,
    /// Reserved without a known bound and not settled.
    pub unbounded: u32,
}

/// What must not be exceeded. `None`: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    pub day: Option<Usd>,
    pub month: Option<Usd>,
    /// For all requests of one press of Generate.
    pub batch: Option<Usd>,
    /// What a request without a known upper bound counts as.
    pub ceiling: Option<Usd>,
}

/// Why a request is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    Day {
        left: Usd,
        needed: Usd,
    },
    Month {
        left: Usd,
        needed: Usd,
    },
    /// All requests of one press of Generate together.
    Batch {
        limit: Usd,
        needed: Usd,
    },
    /// A budget is set, and nobody knows what this may cost: a ceiling is needed.
    NoBound,
    /// The sums of this month cannot be read, so no budget can be kept.
    Damaged,
    /// Nor can so many requests among the lines that they would be added up from.
    Lines {
        lines: u32,
    },
}

/// What was spent so far, and what a further request adds to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    pub day: Usd,
    pub month: Usd,
}

/// An attempt that may be sent: the day that it counts on, what to write before, and what is spent then.
#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    pub attempt: Attempt,
    pub rows: Vec<Row>,
    pub spent: Spent,
}

/// A row to write: entries are added, sums are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    Entry { key: String, json: String },
    Day { key: String, json: String },
}

/// The keys of the lines that an attempt can have; they sort in the order of its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    pub reserved: String,
    pub settled: String,
    pub released: String,
    /// The sums that it counts in.
    pub day: String,
}

/// Whether a line came out of a backup: it is in no sum.
#[must_use]
pub fn is_imported(json: &str) -> bool {
    record::read::<Entry>(json).is_ok_and(|entry| entry.imported)
}

/// What the sums of days are stored under.
pub const DAY_PREFIX: &str = "spent:";

impl Keys {
    #[must_use]
    pub fn of(attempt: &Attempt) -> Self {
        Self {
            day: day_key(attempt.started.date()),
            ..Self::of_id(&attempt.id)
        }
    }

    /// Those of its lines.
    pub(super) fn of_id(attempt: &str) -> Self {
        Self {
            reserved: format!("{attempt}.1-reserved"),
            settled: format!("{attempt}.2-settled"),
            released: format!("{attempt}.3-released"),
            day: String::new(),
        }
    }
}

#[must_use]
pub fn day_key(date: Date) -> String {
    format!("{DAY_PREFIX}{date}")
}

/// The first key and the last of the sums that a request at that time is weighed by: of its month, and of all later days.
#[must_use]
pub fn days_from(started: Timestamp) -> [String; 2] {
    let first = day_key(started.date().first_of_month());
    [first, format!("{DAY_PREFIX}\u{FFFF}")]
}

/// The day whose budget holds: the clock's, or a later one that requests were sent on. So a clock that is set back makes no
/// budget fresh. Days in `set_aside` do not count: the person says that the clock was wrong then.
#[must_use]
pub fn present_day(clock: Date, known: impl IntoIterator<Item = Date>, set_aside: &[Date]) -> Date {
    let counted = known.into_iter().filter(|day| !set_aside.contains(day));
    counted.fold(clock, Date::max)
}

/// Reserves an attempt within a budget. `stored` are the sums under the keys of [`days_from`].
///
/// # Errors
/// Why it may not be sent; then nothing is to be written.
pub fn reserve(
    attempt: &Attempt,
    likely: Option<Span<Usd>>,
    budget: &Budget,
    stored: &[(String, String)],
    set_aside: &[Date],
) -> Result<Booking, Refusal> {
    let Before { date, today, spent } = before(attempt.started, budget, stored, set_aside)?;
    let attempt = attempt.clone().on_or_after(date);
    let most = budget.admit(spent, attempt.upper_bound)?;
    let reservation = Reservation {
        provider: attempt.provider,
        model: attempt.request.model.clone(),
        quality: attempt.request.quality.clone(),
        size: attempt.request.size.to_string(),
        n: attempt.request.n,
        likely: likely.map(|likely| [likely.low, likely.high]),
        most,
    };
    let keys = Keys::of(&attempt);
    let spent = spent.with(most);
    // Sums that cannot be read are left as they are: the lines say it all.
    let sums = today.ok().and_then(|mut day| {
        let group = day.group(&reservation);
        group.requests += 1;
        group.reserve(&reservation);
        day_row(keys.day, &day)
    });
    let said = Said::Reserved(reservation);
    let line = entry(&attempt, attempt.started, keys.reserved, said);
    Ok(Booking {
        rows: line.into_iter().chain(sums).collect(),
        attempt,
        spent,
    })
}

/// Whether further requests fit a budget, beside what is spent and what waits to be sent; both told by their upper bounds.
/// `stored` as for [`reserve`].
///
/// # Errors
/// Why they may not wait to be sent: none of them.
pub fn admit_all(
    now: Timestamp,
    budget: &Budget,
    stored: &[(String, String)],
    set_aside: &[Date],
    waiting: &[Option<Usd>],
    further: &[Option<Usd>],
) -> Result<(), Refusal> {
    if !budget.is_set() {
        return Ok(());
    }
    let mut spent = before(now, budget, stored, set_aside)?.spent;
    for bound in waiting {
        spent = spent.with(bound.or(budget.ceiling));
    }
    for bound in further {
        spent = spent.with(budget.admit(spent, *bound)?);
    }
    Ok(())
}

/// What a request at some time is weighed by.
struct Before {
    /// The day that it counts on, and that day's sums.
    date: Date,
    today: Result<Day, UnreadableRow>,
    spent: Spent,
}

fn before(
    at: Timestamp,
    budget: &Budget,
    stored: &[(String, String)],
    set_aside: &[Date],
) -> Result<Before, Refusal> {
    let dated = |(key, json): &(String, String)| Some((date_of(key)?, read_day(Some(json))));
    let known: Vec<(Date, Result<Day, UnreadableRow>)> = stored.iter().filter_map(dated).collect();
    let date = present_day(at.date(), known.iter().map(|(date, _)| *date), set_aside);
    let month = known.into_iter().filter(|(day, _)| day.is_same_month(date));
    let (mut today, mut all) = (Ok(Day::default()), Usd::ZERO);
    for (day, sums) in month {
        match &sums {
            Ok(sums) => all = all.plus(sums.total()),
            Err(_) if budget.is_set() => return Err(Refusal::Damaged),
            Err(_) => {}
        }
        if day == date {
            today = sums;
        }
    }
    let spent = Spent {
        day: today.as_ref().map_or(Usd::ZERO, Day::total),
        month: all,
    };
    Ok(Before { date, today, spent })
}

/// Settles an attempt by what the API reported. `stored` are the rows under its [`Keys`], in their order.
#[must_use]
pub fn settle(
    attempt: &Attempt,
    now: Timestamp,
    settlement: Settlement,
    stored: &[Option<String>],
) -> Vec<Row> {
    let [reserved, settled, released, day] = stored else {
        return Vec::new();
    };
    if settled.is_some() {
        return Vec::new();
    }
    let keys = Keys::of(attempt);
    let (cost, pictures) = (settlement.cost, settlement.pictures);
    let line = entry(attempt, now, keys.settled, Said::Settled(settlement));
    let sums = change(reserved.as_deref(), day.as_deref(), |group, reservation| {
        // A cost that nobody knows leaves the reservation standing, or puts it back.
        match (cost.is_some(), released.is_some()) {
            (true, false) => group.unreserve(reservation),
            (false, true) => group.reserve(reservation),
            (true, true) | (false, false) => {}
        }
        group.confirmed = group.confirmed.plus(cost.unwrap_or_default());
        group.pictures += pictures;
    });
    let sums = sums.and_then(|day| day_row(keys.day, &day));
    line.into_iter().chain(sums).collect()
}

/// Releases an attempt that was proved not to have been executed. `stored` as for [`settle`].
#[must_use]
pub fn release(attempt: &Attempt, now: Timestamp, stored: &[Option<String>]) -> Vec<Row> {
    let [reserved, None, None, day] = stored else {
        return Vec::new();
    };
    let keys = Keys::of(attempt);
    let line = entry(attempt, now, keys.released, Said::Released);
    let sums = change(reserved.as_deref(), day.as_deref(), Group::unreserve);
    let sums = sums.and_then(|day| day_row(keys.day, &day));
    line.into_iter().chain(sums).collect()
}

/// Changes the sums that a reservation counts in; `None` where one of the two cannot be read: the lines still say it all.
fn change(
    reserved: Option<&str>,
    day: Option<&str>,
    f: impl FnOnce(&mut Group, &Reservation),
) -> Option<Day> {
    let entry: Entry = record::read(reserved?).ok()?;
    let Said::Reserved(reservation) = entry.said else {
        return None;
    };
    if entry.imported {
        return None;
    }
    let mut day = read_day(day).ok()?;
    f(day.group(&reservation), &reservation);
    Some(day)
}

fn entry(attempt: &Attempt, at: Timestamp, key: String, said: Said) -> Option<Row> {
    let entry = Entry {
        v: VERSION,
        attempt: attempt.id.clone(),
        at,
        said,
        imported: false,
    };
    let json = record::write(&entry).ok()?;
    Some(Row::Entry { key, json })
}

pub(super) fn day_row(key: String, day: &Day) -> Option<Row> {
    let json = record::write(day).ok()?;
    Some(Row::Day { key, json })
}

/// The day that sums are stored under.
#[must_use]
pub fn date_of(key: &str) -> Option<Date> {
    Date::try_from(key.strip_prefix(DAY_PREFIX)?.to_owned()).ok()
}

pub(super) fn read_day(json: Option<&str>) -> Result<Day, UnreadableRow> {
    json.map_or_else(|| Ok(Day::default()), record::read)
}

impl Settlement {
    /// What an attempt cost: by the reported tokens, or by the published price where a model is sold by the picture.
    #[must_use]
    pub fn of(
        attempt: &Attempt,
        usage: Option<Usage>,
        pictures: usize,
        catalogue: &Catalogue,
    ) -> Self {
        let model = catalogue.model(&attempt.request.model);
        let reported = usage.and_then(|usage| actual(&usage, model));
        Self {
            usage,
            cost: reported.or(attempt.upper_bound.filter(|_| model.rates.is_none())),
            pictures: u32::try_from(pictures).unwrap_or(u32::MAX),
            prices: catalogue.version.to_string(),
        }
    }

    /// Each picture's share, rounded up; `None` where the cost is unknown.
    #[must_use]
    pub fn cost_of_one(&self) -> Option<Usd> {
        let pictures = u64::from(self.pictures.max(1));
        self.cost.map(|cost| Usd(cost.0.div_ceil(pictures)))
    }
}

impl Spent {
    fn with(self, more: Option<Usd>) -> Self {
        let more = more.unwrap_or_default();
        Self {
            day: self.day.plus(more),
            month: self.month.plus(more),
        }
    }
}

impl Budget {
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.day.is_some() || self.month.is_some() || self.batch.is_some()
    }

    /// Whether all requests of one press of Generate may be sent, told their upper bounds.
    ///
    /// # Errors
    /// Together they would exceed the limit, or nobody knows whether they would.
    pub fn admit_batch(&self, bounds: &[Option<Usd>]) -> Result<(), Refusal> {
        let Some(limit) = self.batch else {
            return Ok(());
        };
        let bounds = bounds.iter().map(|bound| bound.or(self.ceiling));
        let needed = bounds
            .reduce(|sum, bound| Some(sum?.plus(bound?)))
            .flatten();
        match needed.ok_or(Refusal::NoBound)? {
            needed if needed > limit => Err(Refusal::Batch { limit, needed }),
            _ => Ok(()),
        }
    }

    /// What a request is reserved at.
    ///
    /// # Errors
    /// It would exceed a limit, or nobody knows whether it would.
    pub fn admit(&self, before: Spent, bound: Option<Usd>) -> Result<Option<Usd>, Refusal> {
        if !self.is_set() {
            return Ok(bound);
        }
        let needed = bound.or(self.ceiling).ok_or(Refusal::NoBound)?;
        let too_little = |limit, spent| left_of(limit, spent).filter(|left| needed > *left);
        if let Some(left) = too_little(self.day, before.day) {
            return Err(Refusal::Day { left, needed });
        }
        if let Some(left) = too_little(self.month, before.month) {
            return Err(Refusal::Month { left, needed });
        }
        Ok(Some(needed))
    }

    /// Whether what is spent is still within it: it may have been made smaller since the last of it was admitted.
    ///
    /// # Errors
    /// Which limit is exceeded; `last` is what the last request was reserved at.
    pub fn holds(&self, spent: Spent, last: Option<Usd>) -> Result<(), Refusal> {
        let last = last.unwrap_or_default();
        let without = |sum: Usd| Usd(sum.0.saturating_sub(last.0));
        let before = Spent {
            day: without(spent.day),
            month: without(spent.month),
        };
        let over = |limit: Option<Usd>, spent: Usd| limit.is_some_and(|limit| spent > limit);
        let (left, needed) = (Usd::ZERO, last);
        if over(self.day, spent.day) {
            let left = left_of(self.day, before.day).unwrap_or(left);
            return Err(Refusal::Day { left, needed });
        }
        if over(self.month, spent.month) {
            let left = left_of(self.month, before.month).unwrap_or(left);
            return Err(Refusal::Month { left, needed });
        }
        Ok(())
    }

    /// What may still be spent, by the tighter of the two limits.
    #[must_use]
    pub fn left(&self, spent: Spent) -> Option<Usd> {
        let both = [
            left_of(self.day, spent.day),
            left_of(self.month, spent.month),
        ];
        both.into_iter().flatten().min()
    }

    /// Whether four fifths of a limit are spent.
    #[must_use]
    pub fn is_nearly_spent(&self, spent: Spent) -> bool {
        let near = |limit: Option<Usd>, spent: Usd| {
            limit.is_some_and(|limit| spent.0.saturating_mul(5) >= limit.0.saturating_mul(4))
        };
        near(self.day, spent.day) || near(self.month, spent.month)
    }
}

/// What a limit leaves; `None` where there is none.
fn left_of(limit: Option<Usd>, spent: Usd) -> Option<Usd> {
    limit.map(|limit| Usd(limit.0.saturating_sub(spent.0)))
}

impl Default for Day {
    fn default() -> Self {
        Self {
            v: VERSION,
            groups: Vec::new(),
        }
    }
}

impl Day {
    /// Everything that was or may have been billed.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.confirmed().plus(self.possible())
    }

    #[must_use]
    pub fn confirmed(&self) -> Usd {
        let confirmed = self.groups.iter().map(|group| group.confirmed);
        confirmed.fold(Usd::ZERO, Usd::plus)
    }

    #[must_use]
    pub fn possible(&self) -> Usd {
        let possible = self.groups.iter().map(|group| group.possible);
        possible.fold(Usd::ZERO, Usd::plus)
    }

    pub(super) fn group(&mut self, of: &Reservation) -> &mut Group {
        let is_same = |group: &Group| {
            group.provider == of.provider && group.model == of.model && group.quality == of.quality
        };
        let at = self.groups.iter().position(is_same).unwrap_or_else(|| {
            self.groups.push(Group {
                provider: of.provider,
                model: of.model.clone(),
                quality: of.quality.clone(),
                requests: 0,
                pictures: 0,
                confirmed: Usd::ZERO,
                possible: Usd::ZERO,
                unbounded: 0,
            });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }
}

impl Group {
    pub(super) fn reserve(&mut self, reservation: &Reservation) {
        let most = reservation.most.unwrap_or_default();
        self.possible = self.possible.plus(most);
        self.unbounded += u32::from(reservation.most.is_none());
    }

    fn unreserve(&mut self, reservation: &Reservation) {
        let most = reservation.most.unwrap_or_default();
        self.possible = Usd(self.possible.0.saturating_sub(most.0));
        self.unbounded = self
            .unbounded
            .saturating_sub(u32::from(reservation.most.is_none()));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::date::DAY_MILLIS;
    use crate::domain::rebuild::{damaged, lines_of, mend, rebuild};
    use crate::domain::record::AttemptState;
    use crate::domain::request::ImageRequest;
    use crate::domain::spending::read_days;

    const TODAY: Timestamp = Timestamp(1_795_305_600_000);

    fn attempt(id: &str, bound: Option<u64>) -> Attempt {
        Attempt {
            v: VERSION,
            id: id.into(),
            job: "j".into(),
            row: String::new(),
            tab: "t".into(),
            provider: Provider::OpenAi,
            state: AttemptState::Intent,
            started: TODAY,
            request: ImageRequest {
                model: "gpt-image-1-mini".into(),
                ..ImageRequest::default()
            },
            upper_bound: bound.map(Usd),
            note: String::new(),
            raw: None,
        }
    }

    /// The database of two tabs: every call is one transaction.
    #[derive(Default)]
    struct Stored(BTreeMap<String, String>);

    impl Stored {
        fn between(&self, [first, last]: [String; 2]) -> Vec<(String, String)> {
            let rows = self.0.range(first..=last);
            rows.map(|(key, json)| (key.clone(), json.clone()))
                .collect()
        }

        fn get(&self, keys: &[String]) -> Vec<Option<String>> {
            keys.iter().map(|key| self.0.get(key).cloned()).collect()
        }

        fn put(&mut self, rows: Vec<Row>) {
            for row in rows {
                match row {
                    Row::Entry { key, json } => {
                        assert!(self.0.insert(key, json).is_none(), "a line was changed");
                    }
                    Row::Day { key, json } => drop(self.0.insert(key, json)),
                }
            }
        }

        fn reserve(&mut self, attempt: &Attempt, budget: &Budget) -> Result<Spent, Refusal> {
            self.book(attempt, budget, &[]).map(|booking| booking.spent)
        }

        fn book(
            &mut self,
            attempt: &Attempt,
            budget: &Budget,
            set_aside: &[Date],
        ) -> Result<Booking, Refusal> {
            let days = self.between(days_from(attempt.started));
            let booking = reserve(attempt, None, budget, &days, set_aside)?;
            self.put(booking.rows.clone());
            Ok(booking)
        }

        fn stored(&self, attempt: &Attempt) -> Vec<Option<String>> {
            let keys = Keys::of(attempt);
            self.get(&[keys.reserved, keys.settled, keys.released, keys.day])
        }

        fn settle(&mut self, attempt: &Attempt, cost: Option<u64>) {
            let settlement = Settlement {
                usage: None,
                cost: cost.map(Usd),
                pictures: 1,
                prices: String::new(),
            };
            self.put(settle(attempt, TODAY, settlement, &self.stored(attempt)));
        }

        fn release(&mut self, attempt: &Attempt) {
            self.put(release(attempt, TODAY, &self.stored(attempt)));
        }

        fn day(&self) -> Day {
            self.day_of(TODAY.date())
        }

        fn day_of(&self, date: Date) -> Day {
            let json = self.0.get(&day_key(date));
            read_day(json.map(String::as_str)).unwrap()
        }
    }

    #[test]
    fn a_budget_that_was_made_smaller_holds_back_what_was_admitted_before() {
        let spent = Spent {
            day: Usd(10),
            month: Usd(40),
        };
        let budget = |day, month| Budget {
            day,
            month,
            ..Budget::default()
        };
        let last = Some(Usd(4));
        for enough in [
            budget(None, None),
            budget(Some(Usd(10)), None),
            budget(Some(Usd(10)), Some(Usd(40))),
        ] {
            assert_eq!(enough.holds(spent, last), Ok(()));
        }
        let over_day = budget(Some(Usd(9)), Some(Usd(9))).holds(spent, last);
        let left = Usd(3);
        let needed = Usd(4);
        assert_eq!(over_day, Err(Refusal::Day { left, needed }));
        let over_month = budget(Some(Usd(10)), Some(Usd(39))).holds(spent, last);
        assert_eq!(over_month, Err(Refusal::Month { left, needed }));
        let far_over = budget(Some(Usd(1)), None).holds(spent, None);
        let (left, needed) = (Usd::ZERO, Usd::ZERO);
        assert_eq!(far_over, Err(Refusal::Day { left, needed }));
    }

    #[test]
    fn an_attempt_is_reserved_settled_and_never_booked_twice() {
        let (mut stored, first) = (Stored::default(), attempt("a", Some(50)));
        stored.reserve(&first, &Budget::default()).unwrap();
        assert_eq!(
            (stored.day().confirmed(), stored.day().possible()),
            (Usd(0), Usd(50))
        );
        stored.settle(&first, Some(20));
        stored.settle(&first, Some(20));
        // Beside it another one is in flight, which keeps what is reserved for it.
        let other = attempt("c", Some(30));
        stored.reserve(&other, &Budget::default()).unwrap();
        stored.release(&first);
        assert_eq!(
            (stored.day().confirmed(), stored.day().possible()),
            (Usd(20), Usd(30))
        );
        stored.release(&other);
        assert_eq!(stored.day().total(), Usd(20));
        let unknown = attempt("b", None);
        stored.reserve(&unknown, &Budget::default()).unwrap();
        assert_eq!(stored.day().groups[0].unbounded, 1);
        stored.settle(&unknown, None);
        assert_eq!(stored.day().groups[0].unbounded, 1);
    }

    #[test]
    fn a_late_result_is_booked_even_after_a_release() {
        let (mut stored, late) = (Stored::default(), attempt("a", Some(50)));
        stored.reserve(&late, &Budget::default()).unwrap();
        stored.release(&late);
        assert_eq!(stored.day().total(), Usd(0));
        stored.settle(&late, Some(20));
        assert_eq!(stored.day().total(), Usd(20));
        // One that does not say what it cost may have cost all of it.
        let silent = attempt("b", Some(50));
        stored.reserve(&silent, &Budget::default()).unwrap();
        stored.release(&silent);
        stored.settle(&silent, None);
        assert_eq!(
            (stored.day().confirmed(), stored.day().possible()),
            (Usd(20), Usd(50))
        );
    }

    #[test]
    fn a_budget_refuses_the_first_request_that_would_exceed_it() {
        let budget = Budget {
            day: Some(Usd(100)),
            month: Some(Usd(1_000)),
            ..Budget::default()
        };
        let mut stored = Stored::default();
        let spent = stored.reserve(&attempt("a", Some(60)), &budget).unwrap();
        assert!(!budget.is_nearly_spent(spent));
        let (left, needed) = (Usd(40), Usd(60));
        assert_eq!(
            stored.reserve(&attempt("b", Some(60)), &budget),
            Err(Refusal::Day { left, needed })
        );
        let spent = stored.reserve(&attempt("c", Some(40)), &budget).unwrap();
        assert!(budget.is_nearly_spent(spent));
        let ceiling = |ceiling| Budget { ceiling, ..budget };
        let unknown = attempt("d", None);
        assert_eq!(stored.reserve(&unknown, &budget), Err(Refusal::NoBound));
        assert!(matches!(
            stored.reserve(&unknown, &ceiling(Some(Usd(1)))),
            Err(Refusal::Day { .. })
        ));
        stored.0.insert(day_key(TODAY.date()), "torn".into());
        assert_eq!(
            stored.reserve(&attempt("e", Some(1)), &budget),
            Err(Refusal::Damaged)
        );
    }

    #[test]
    fn a_batch_is_weighed_as_a_whole() {
        let budget = Budget {
            batch: Some(Usd(100)),
            ..Budget::default()
        };
        let weigh = |bounds: &[Option<Usd>]| budget.admit_batch(bounds);
        assert_eq!(weigh(&[Some(Usd(50)), Some(Usd(50))]), Ok(()));
        let (limit, needed) = (Usd(100), Usd(101));
        assert_eq!(
            weigh(&[Some(Usd(50)), Some(Usd(51))]),
            Err(Refusal::Batch { limit, needed })
        );
        assert_eq!(weigh(&[Some(Usd(50)), None]), Err(Refusal::NoBound));
        let ceiling = Some(Usd(50));
        assert_eq!(
            Budget { ceiling, ..budget }.admit_batch(&[ceiling, None]),
            Ok(())
        );
        assert_eq!(Budget::default().admit_batch(&[None]), Ok(()));
    }

    #[test]
    fn what_was_reported_is_booked_and_nothing_else_is_called_confirmed() {
        let catalogue = Catalogue::built_in().unwrap();
        let book = |usage, pictures| {
            Settlement::of(
                &attempt("a", Some(9_000_000_000)),
                usage,
                pictures,
                &catalogue,
            )
        };
        let usage = Usage {
            input_tokens: 9,
            output_tokens: 272,
            ..Usage::default()
        };
        let reported = book(Some(usage), 3);
        assert_eq!(reported.cost, Usd::parse("0.002194"));
        assert_eq!(reported.cost_of_one(), Some(Usd(731_333_334)));
        assert_eq!(
            (book(None, 1).cost, book(None, 1).cost_of_one()),
            (None, None)
        );
        let mut by_picture = attempt("a", Some(40));
        by_picture.request.model = "dall-e-3".into();
        assert_eq!(
            Settlement::of(&by_picture, None, 1, &catalogue).cost,
            Some(Usd(40))
        );
    }

    #[test]
    fn a_reply_for_a_model_that_nobody_knows_stays_possibly_billed() {
        let catalogue = Catalogue::built_in().unwrap();
        let mut unknown = attempt("a", None);
        unknown.request.model = "my-own-model".into();
        let usage = Usage {
            input_tokens: 9,
            output_tokens: 272,
            ..Usage::default()
        };
        let settlement = Settlement::of(&unknown, Some(usage), 1, &catalogue);
        assert_eq!((settlement.usage, settlement.cost), (Some(usage), None));
        let mut stored = Stored::default();
        let budget = Budget {
            day: Some(Usd(100)),
            ceiling: Some(Usd(60)),
            ..Budget::default()
        };
        stored.reserve(&unknown, &budget).unwrap();
        stored.put(settle(
            &unknown,
            TODAY,
            settlement,
            &stored.stored(&unknown),
        ));
        assert_eq!(stored.day().possible(), Usd(60));
        assert_eq!(stored.day().groups[0].pictures, 1);
        let again = Attempt {
            id: "b".into(),
            ..unknown
        };
        assert!(stored.reserve(&again, &budget).is_err());
    }

    #[test]
    fn a_bill_above_all_that_was_thought_possible_is_booked_as_it_was_reported() {
        let mut stored = Stored::default();
        let budget = Budget {
            day: Some(Usd(100)),
            ..Budget::default()
        };
        stored.reserve(&attempt("a", Some(50)), &budget).unwrap();
        stored.settle(&attempt("a", Some(50)), Some(u64::MAX));
        assert_eq!(stored.day().total(), Usd(u64::MAX));
        let (left, needed) = (Usd(0), Usd(1));
        assert_eq!(
            stored.reserve(&attempt("b", Some(1)), &budget),
            Err(Refusal::Day { left, needed })
        );
    }

    /// xorshift64*: the same orders at every run.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, end: u64) -> u64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
        }
    }

    /// What the provider did with a request.
    #[derive(Clone, Copy, PartialEq)]
    enum Fate {
        Unsent,
        Refused,
        Billed(u64),
    }

    /// An id as the browser makes them.
    fn id(at: Timestamp, number: u64) -> String {
        format!("{}-7000-8000-{number:012x}", record::start_of_ids(at))
    }

    fn started(id: &str, at: Timestamp, bound: u64) -> Attempt {
        Attempt {
            started: at,
            ..attempt(id, Some(bound))
        }
    }

    fn at(day: &str) -> Timestamp {
        let midnight = Date::try_from(day.to_owned()).unwrap().midnight();
        Timestamp(midnight.0 + 5_000)
    }

    #[test]
    fn what_waits_counts_when_more_is_to_wait() {
        let days = Stored::default().between(days_from(TODAY));
        let budget = Budget {
            day: Some(Usd(10)),
            ..Budget::default()
        };
        let admit = |budget: &Budget, waiting: &[Option<Usd>], further: &[Option<Usd>]| {
            admit_all(TODAY, budget, &days, &[], waiting, further)
        };
        let (four, dear) = (Some(Usd(4)), Some(Usd(11)));
        assert_eq!(admit(&budget, &[four], &[four]), Ok(()));
        let refused = Refusal::Day {
            left: Usd(2),
            needed: Usd(4),
        };
        assert_eq!(admit(&budget, &[four, four], &[four]), Err(refused));
        assert_eq!(admit(&budget, &[], &[four, four, four]), Err(refused));
        assert_eq!(admit(&budget, &[], &[None]), Err(Refusal::NoBound));
        assert_eq!(admit(&Budget::default(), &[dear], &[dear, None]), Ok(()));
    }

    #[test]
    fn an_attempt_counts_on_the_day_it_was_started_whatever_the_clock_says_at_its_end() {
        let (mut stored, start) = (Stored::default(), at("2026-12-01"));
        let first = started(&id(start, 1), start, 50);
        stored.reserve(&first, &Budget::default()).unwrap();
        let now = at("2026-11-30");
        let settlement = Settlement {
            usage: None,
            cost: Some(Usd(20)),
            pictures: 1,
            prices: String::new(),
        };
        stored.put(settle(&first, now, settlement, &stored.stored(&first)));
        let second = started(&id(start, 2), start, 50);
        stored.reserve(&second, &Budget::default()).unwrap();
        stored.put(release(&second, now, &stored.stored(&second)));
        assert_eq!(stored.day_of(start.date()).total(), Usd(20));
        assert_eq!(stored.day_of(start.date()).groups[0].requests, 2);
        assert_eq!(stored.day_of(now.date()), Day::default());
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_budget_fresh() {
        let budget = Budget {
            day: Some(Usd(100)),
            month: Some(Usd(150)),
            ..Budget::default()
        };
        let mut stored = Stored::default();
        let (first, back) = (at("2026-12-01"), at("2026-11-30"));
        let attempt = |number, at, bound| started(&id(at, number), at, bound);
        stored.reserve(&attempt(1, first, 60), &budget).unwrap();
        let (left, needed) = (Usd(40), Usd(60));
        assert_eq!(
            stored.reserve(&attempt(2, back, 60), &budget),
            Err(Refusal::Day { left, needed })
        );
        // What fits counts on the later day, in its sums as in its lines and ids.
        let booked = stored.book(&attempt(3, back, 40), &budget, &[]).unwrap();
        assert_eq!(booked.attempt.started, first);
        assert_eq!(booked.attempt.id, id(first, 3));
        assert_eq!(booked.spent.day, Usd(100));
        assert_eq!(stored.day_of(first.date()).total(), Usd(100));
        assert_eq!(stored.day_of(back.date()), Day::default());
        // Back and forth: nothing is left on any day up to the latest.
        for day in ["2026-10-02", "2026-11-30", "2026-12-01"] {
            let again = attempt(4, at(day), 1);
            let refused = stored.reserve(&again, &budget);
            assert!(matches!(refused, Err(Refusal::Day { .. })), "{day}");
        }
        // A day later there is half of the month's budget.
        let next = at("2026-12-02");
        assert!(stored.reserve(&attempt(5, next, 51), &budget).is_err());
        stored.reserve(&attempt(5, next, 50), &budget).unwrap();
    }

    #[test]
    fn a_clock_that_was_ahead_is_forgiven_when_the_person_says_so() {
        let budget = Budget {
            day: Some(Usd(100)),
            ..Budget::default()
        };
        let mut stored = Stored::default();
        let (ahead, now) = (at("2030-01-01"), at("2026-11-22"));
        let attempt = |number, at, bound| started(&id(at, number), at, bound);
        stored.reserve(&attempt(1, ahead, 90), &budget).unwrap();
        assert!(stored.reserve(&attempt(2, now, 20), &budget).is_err());
        let aside = [ahead.date()];
        let booked = stored.book(&attempt(2, now, 20), &budget, &aside).unwrap();
        assert_eq!((booked.attempt.started, booked.spent.day), (now, Usd(20)));
        // Later days that are not set aside still count.
        let next = at("2026-11-23");
        stored.book(&attempt(3, next, 95), &budget, &aside).unwrap();
        assert!(stored.book(&attempt(4, now, 20), &budget, &aside).is_err());
    }

    /// The clock of a computer: it goes on, is set back over days and months, and comes right again.
    struct Clock {
        truth: u64,
        wrong_by: u64,
    }

    impl Clock {
        fn now(&self) -> Timestamp {
            Timestamp(self.truth - self.wrong_by)
        }

        fn tick(&mut self, dice: &mut Dice) {
            self.truth += dice.below(60_000);
            match dice.below(400) {
                0 => self.truth += DAY_MILLIS,
                1 => self.wrong_by = dice.below(40 * DAY_MILLIS),
                2 | 3 => self.wrong_by = 0,
                _ => {}
            }
        }
    }

    #[test]
    fn in_any_order_the_ledger_is_never_below_the_bill_and_no_budget_is_exceeded() {
        for seed in 1..=20_u64 {
            let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let (mut stored, mut bill) = (Stored::default(), 0);
            let mut clock = Clock {
                truth: TODAY.0,
                wrong_by: 0,
            };
            let mut sent: Vec<(Attempt, Fate)> = Vec::new();
            let (mut limit, mut newest) = (2_000, TODAY.date());
            for step in 0..10_000 {
                clock.tick(&mut dice);
                // The person raises the limit now and then, or nothing more would ever be sent.
                if dice.below(50) == 0 {
                    limit += 500;
                }
                let budget = Budget {
                    day: Some(Usd(limit)),
                    month: Some(Usd(limit * 2)),
                    batch: None,
                    ceiling: Some(Usd(90)),
                };
                let which = dice.below(sent.len().max(1) as u64) as usize;
                match (dice.below(6), sent.get_mut(which)) {
                    (0 | 1, _) | (_, None) => {
                        let bound = (dice.below(8) > 0).then(|| Usd(1 + dice.below(90)));
                        let now = clock.now();
                        let next = Attempt {
                            upper_bound: bound,
                            ..started(&id(now, step), now, 0)
                        };
                        let mut booked = stored.book(&next, &budget, &[]);
                        if booked == Err(Refusal::Damaged) {
                            stored.mend();
                            booked = stored.book(&next, &budget, &[]);
                        }
                        if let Ok(booking) = booked {
                            let day = booking.attempt.started.date();
                            assert!(day >= newest, "seed {seed}, step {step}: a fresh budget");
                            newest = day;
                            sent.push((booking.attempt, Fate::Unsent));
                        }
                    }
                    (2, Some((attempt, fate))) if *fate == Fate::Unsent => {
                        let most = attempt.upper_bound.map_or(90, |bound| bound.0);
                        *fate = if dice.below(4) == 0 {
                            Fate::Refused
                        } else {
                            Fate::Billed(dice.below(most + 1))
                        };
                        bill += if let Fate::Billed(cost) = *fate {
                            cost
                        } else {
                            0
                        };
                    }
                    // The tab hears of it: perhaps again, perhaps never, perhaps the other tab too.
                    (_, Some((attempt, Fate::Refused))) => {
                        stored.put(release(attempt, clock.now(), &stored.stored(attempt)));
                    }
                    (3 | 4, Some((attempt, Fate::Billed(cost)))) => {
                        // Now and then the reply does not say what it cost.
                        let is_said = dice.below(10) > 0;
                        stored.settle(attempt, is_said.then_some(*cost));
                    }
                    _ => {}
                }
                // The sums are lost now and then, and what comes before the next request is written to the lines alone.
                if dice.below(500) == 0 {
                    stored.0.insert(day_key(newest), "torn".into());
                }
                if step % 2_500 == 0 {
                    stored.mend();
                    stored.check(seed, step, bill, limit);
                }
            }
            stored.mend();
            stored.check(seed, 10_000, bill, limit);
            assert!(bill > 2_000 && newest > TODAY.date());
        }
    }

    impl Stored {
        /// As the app does when a budget cannot be kept.
        fn mend(&mut self) {
            for date in damaged(&self.between(days_from(Timestamp(0)))) {
                let torn = self.0.get(&day_key(date)).cloned();
                let lines = self.between(lines_of(date));
                let (row, _) = mend(date, torn.as_deref(), &lines, false);
                self.put(row.into_iter().collect());
            }
        }

        fn days(&self) -> Vec<(Date, Day)> {
            read_days(&self.between(days_from(Timestamp(0))))
        }

        /// All that must hold of what is stored.
        fn check(&self, seed: u64, step: u64, bill: u64, limit: u64) {
            let place = format!("seed {seed}, step {step}");
            let days = self.days();
            let sum = |days: &[&(Date, Day)]| {
                let totals = days.iter().map(|(_, day)| day.total());
                totals.fold(Usd::ZERO, Usd::plus)
            };
            let all = sum(&days.iter().collect::<Vec<_>>());
            assert!(all >= Usd(bill), "{place}: {all:?} < {bill}");
            for (date, day) in &days {
                assert!(day.total() <= Usd(limit), "{place}: over the day");
                let month = days.iter().filter(|(day, _)| day.is_same_month(*date));
                let month = sum(&month.collect::<Vec<_>>());
                assert!(month <= Usd(limit * 2), "{place}: over the month");
                let rebuilt = rebuild(*date, &self.between(lines_of(*date)));
                assert_eq!(rebuilt.unreadable, 0);
                assert_eq!(sorted(&rebuilt.day), sorted(day), "{place}: {date}");
            }
        }
    }

    /// The order of groups says nothing.
    fn sorted(day: &Day) -> Vec<Group> {
        let mut groups = day.groups.clone();
        groups.sort_by(|a, b| (&a.model, &a.quality).cmp(&(&b.model, &b.quality)));
        groups
    }
}
