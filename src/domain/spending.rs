//! A month of the ledger at a glance: sums by day, by model and by quality.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::account::{Account, Standing};
use crate::domain::date::Date;
use crate::domain::ledger::{Day, Group, date_of, read_day};
use crate::domain::money::Usd;

/// Sums of some part of a month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// A day of the month, a model or a quality.
    pub name: String,
    pub requests: u32,
    pub pictures: u32,
    pub confirmed: Usd,
    /// It may have been billed, at most.
    pub possible: Usd,
    /// Requests that may have been billed, and nobody knows how much.
    pub unbounded: u32,
}

/// One month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Month {
    pub all: Sum,
    /// Every day up to the last with an entry, in order.
    pub by_day: Vec<Sum>,
    /// The dearest first.
    pub by_model: Vec<Sum>,
    pub by_quality: Vec<Sum>,
}

/// Reads stored sums, in the order of their keys; those that cannot be read are left out.
#[must_use]
pub fn read_days(rows: &[(String, String)]) -> Vec<(Date, Day)> {
    let read = |(key, json): &(String, String)| Some((date_of(key)?, read_day(Some(json)).ok()?));
    rows.iter().filter_map(read).collect()
}

/// Sums of what came out of backups, by the day of each request, oldest first.
#[must_use]
pub fn restored_days(accounts: &[Account]) -> Vec<(Date, Day)> {
    let mut days = BTreeMap::<Date, Day>::new();
    for account in accounts.iter().filter(|account| account.imported) {
        let (reservation, standing) = (&account.reservation, account.standing());
        if standing == Standing::NotBilled {
            continue;
        }
        let group = days
            .entry(account.at.date())
            .or_default()
            .group(reservation);
        group.requests += 1;
        group.pictures += account.settlement.as_ref().map_or(0, |said| said.pictures);
        match standing {
            Standing::Billed(cost) => group.confirmed = group.confirmed.plus(cost),
            Standing::Possible(_) => group.reserve(reservation),
            Standing::NotBilled => {}
        }
    }
    days.into_iter().collect()
}

/// The months that have entries among any of these, newest first, as `2026-11`.
#[must_use]
pub fn months(lists: &[&[(Date, Day)]]) -> Vec<String> {
    let days = lists.iter().flat_map(|days| days.iter());
    let months: BTreeSet<String> = days.map(|(date, _)| month_of(*date)).collect();
    months.into_iter().rev().collect()
}

#[must_use]
pub fn month_of(date: Date) -> String {
    format!("{:04}-{:02}", date.year, date.month)
}

impl Month {
    /// The sums of the month that is written so.
    #[must_use]
    pub fn of(days: &[(Date, Day)], month: &str) -> Self {
        let mut sums = Self::default();
        for (date, day) in days.iter().filter(|(date, _)| month_of(*date) == month) {
            while sums.by_day.len() < usize::from(date.day) {
                let name = (sums.by_day.len() + 1).to_string();
                sums.by_day.push(Sum {
                    name,
                    ..Sum::default()
                });
            }
            for group in &day.groups {
                sums.all.add(group);
                if let Some(day) = sums.by_day.last_mut() {
                    day.add(group);
                }
                named(&mut sums.by_model, &group.model).add(group);
                named(&mut sums.by_quality, &group.quality).add(group);
            }
        }
        for list in [&mut sums.by_model, &mut sums.by_quality] {
            list.sort_by_key(|sum| std::cmp::Reverse(sum.total()));
        }
        sums
    }
}

impl Sum {
    #[must_use]
    pub fn total(&self) -> Usd {
        self.confirmed.plus(self.possible)
    }

    fn add(&mut self, group: &Group) {
        self.requests += group.requests;
        self.pictures += group.pictures;
        self.confirmed = self.confirmed.plus(group.confirmed);
        self.possible = self.possible.plus(group.possible);
        self.unbounded += group.unbounded;
    }
}

fn named<'a>(list: &'a mut Vec<Sum>, name: &str) -> &'a mut Sum {
    let at = list.iter().position(|sum| sum.name == name);
    let at = at.unwrap_or_else(|| {
        list.push(Sum {
            name: name.into(),
            ..Sum::default()
        });
        list.len() - 1
    });
    &mut list[at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::date::{DAY_MILLIS, Timestamp};
    use crate::domain::ledger::{Reservation, Settlement};
    use crate::domain::provider::Provider;

    fn day(date: &str, groups: &[(&str, &str, u64, u64)]) -> (Date, Day) {
        let group = |(model, quality, confirmed, possible): &(&str, &str, u64, u64)| Group {
            provider: Provider::OpenAi,
            model: (*model).into(),
            quality: (*quality).into(),
            requests: 1,
            pictures: 1,
            confirmed: Usd(*confirmed),
            possible: Usd(*possible),
            unbounded: 0,
        };
        let groups = groups.iter().map(group).collect();
        let date = Date::try_from(date.to_owned()).unwrap();
        let day = Day {
            groups,
            ..Day::default()
        };
        (date, day)
    }

    #[test]
    fn a_month_is_summed_by_day_model_and_quality() {
        let days = [
            day("2026-10-31", &[("mini", "low", 1, 0)]),
            day(
                "2026-11-01",
                &[("mini", "low", 5, 0), ("two", "high", 0, 90)],
            ),
            day("2026-11-03", &[("mini", "high", 7, 1)]),
        ];
        assert_eq!(months(&[&days[..1], &days]), ["2026-11", "2026-10"]);
        let month = Month::of(&days, "2026-11");
        assert_eq!(
            (month.all.confirmed, month.all.possible),
            (Usd(12), Usd(91))
        );
        let totals = |sums: &[Sum]| {
            let total = |sum: &Sum| (sum.name.clone(), sum.total().0);
            sums.iter().map(total).collect::<Vec<_>>()
        };
        let named = |name: &str, total| (name.to_owned(), total);
        assert_eq!(
            totals(&month.by_day),
            [named("1", 95), named("2", 0), named("3", 8)]
        );
        assert_eq!(
            totals(&month.by_model),
            [named("two", 90), named("mini", 13)]
        );
        assert_eq!(
            totals(&month.by_quality),
            [named("high", 98), named("low", 5)]
        );
        assert_eq!(Month::of(&days, "2026-12"), Month::default());
    }

    #[test]
    fn what_came_out_of_backups_is_summed_by_its_own_days() {
        let account = |at: u64, imported: bool, cost: Option<u64>, most: Option<u64>| Account {
            attempt: "a".into(),
            at: Timestamp(at * DAY_MILLIS),
            reservation: Reservation {
                provider: Provider::OpenAi,
                model: "m".into(),
                quality: "low".into(),
                size: "auto".into(),
                n: 1,
                likely: None,
                most: most.map(Usd),
            },
            settlement: cost.map(|cost| Settlement {
                usage: None,
                cost: Some(Usd(cost)),
                pictures: 2,
                prices: "2026-11-01".into(),
            }),
            released: cost.is_none() && most == Some(0),
            imported,
        };
        let accounts = [
            account(20_760, true, Some(5), Some(9)),
            account(20_760, true, None, Some(9)),
            account(20_700, true, None, None),
            account(20_700, true, None, Some(0)),
            account(20_760, false, Some(5), Some(9)),
        ];
        let days = restored_days(&accounts);
        let sums = |month: &str| {
            let all = Month::of(&days, month).all;
            (
                all.requests,
                all.pictures,
                all.confirmed,
                all.possible,
                all.unbounded,
            )
        };
        assert_eq!(months(&[&days]), ["2026-11", "2026-09"]);
        assert_eq!(sums("2026-11"), (2, 2, Usd(5), Usd(9), 0));
        assert_eq!(
            sums("2026-09"),
            (1, 0, Usd(0), Usd(0), 1),
            "what was released is nothing"
        );
    }
}
