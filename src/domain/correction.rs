//! What the person's own bills teach: where they lie beside the estimates of a model. It is said beside the price; no
//! reservation, no upper bound and no budget ever follows it.

use crate::domain::account::{Account, Standing};
use crate::domain::money::Usd;
use crate::domain::pricing::tokens::Span;
use crate::domain::provider::Provider;

/// What the latest requests of one model taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    pub provider: Provider,
    pub model: String,
    pub requests: u32,
    /// Their estimates, added up.
    pub estimated: Span<Usd>,
    /// Their bills, added up.
    pub billed: Usd,
    /// All bills beside the middle of all estimates.
    pub difference: Ratio,
    /// Half of the bills lie in between, each beside the middle of its own estimate.
    pub spread: Span<Ratio>,
    /// Where the middle one of the bills lies: see [`place_of`].
    place: u64,
}

/// Parts per thousand of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ratio(pub u64);

/// Requests of a model that are learned from: the latest.
pub const MOST_LEARNED: u32 = 50;
/// Fewer teach nothing yet.
pub const LEAST_LEARNED: u32 = 3;
const ONE: u64 = 1_000;
/// A bill that is further away than this is no measure for the next one: from half of the least estimate to twice the most.
const PLAUSIBLE: [u64; 2] = [ONE / 2, 3 * ONE];
/// Ratios are cut here, a thousandfold, so that nothing overflows.
const MOST_RATIO: u64 = ONE * ONE;

/// What is learned from accounts, the newest first; the model with the most requests comes first.
///
/// A request counts where an estimate was given, all pictures came, and the provider reported what it used.
#[must_use]
pub fn learn(accounts: &[Account]) -> Vec<Correction> {
    let mut models: Vec<(Provider, &str, Vec<Lesson>)> = Vec::new();
    for (account, lesson) in accounts
        .iter()
        .filter_map(|one| Some((one, Lesson::of(one)?)))
    {
        let (provider, model) = (account.reservation.provider, &*account.reservation.model);
        let at = models
            .iter()
            .position(|one| (one.0, one.1) == (provider, model));
        let at = at.unwrap_or_else(|| {
            models.push((provider, model, Vec::new()));
            models.len() - 1
        });
        if models[at].2.len() < MOST_LEARNED as usize {
            models[at].2.push(lesson);
        }
    }
    let correction = |(provider, model, lessons): &(Provider, &str, Vec<Lesson>)| {
        Correction::of(*provider, model, lessons)
    };
    let mut all: Vec<Correction> = models.iter().map(correction).collect();
    all.sort_by_key(|correction| std::cmp::Reverse(correction.requests));
    all
}

/// One request: what was thought, and what it was.
struct Lesson {
    likely: Span<Usd>,
    bill: Usd,
}

impl Lesson {
    fn of(account: &Account) -> Option<Self> {
        // Whoever wrote a backup teaches nothing.
        let is_own = !account.imported;
        let [low, high] = account.reservation.likely.filter(|_| is_own)?;
        let settled = account.settlement.as_ref()?;
        // Without tokens, what is booked is the estimate itself, which teaches nothing.
        settled.usage?;
        let Standing::Billed(bill) = account.standing() else {
            return None;
        };
        let is_whole = settled.pictures == account.reservation.n;
        let likely = Span::new(low, high);
        (is_whole && middle(likely) > 0).then_some(Self { likely, bill })
    }

    fn ratio(&self) -> Ratio {
        Ratio::of(self.bill, middle(self.likely))
    }
}

impl Correction {
    fn of(provider: Provider, model: &str, lessons: &[Lesson]) -> Self {
        let sum = |of: fn(&Lesson) -> Usd| lessons.iter().map(of).fold(Usd::ZERO, Usd::plus);
        let estimated = Span::new(sum(|one| one.likely.low), sum(|one| one.likely.high));
        let billed = sum(|one| one.bill);
        let mut ratios: Vec<Ratio> = lessons.iter().map(Lesson::ratio).collect();
        ratios.sort_unstable();
        let mut places: Vec<u64> = lessons
            .iter()
            .map(|one| place_of(one.bill, one.likely))
            .collect();
        places.sort_unstable();
        Self {
            provider,
            model: model.into(),
            requests: u32::try_from(lessons.len()).unwrap_or(u32::MAX),
            estimated,
            billed,
            difference: Ratio::of(billed, middle(estimated)),
            spread: quartiles(&ratios),
            place: median(&places),
        }
    }

    /// Whether it rests on enough to be said beside a price.
    #[must_use]
    pub fn is_sure_enough(&self) -> bool {
        self.requests >= LEAST_LEARNED
    }

    /// What the next bill is likely to be, told its estimate; `None` while too little is known.
    #[must_use]
    pub fn about(&self, likely: Span<Usd>) -> Option<Usd> {
        let [least, most] = PLAUSIBLE;
        let place = self.place.clamp(least, most);
        self.is_sure_enough().then(|| amount_at(place, likely))
    }
}

impl Ratio {
    fn of(part: Usd, whole: u64) -> Self {
        Self(parts(part.0, whole).min(MOST_RATIO))
    }

    /// How far it is from all of it: `+3 %`, `−0.5 %`. Tenths where they matter.
    #[must_use]
    pub fn shown(self) -> String {
        let away = self.0.abs_diff(ONE);
        let sign = match self.0.cmp(&ONE) {
            std::cmp::Ordering::Less => "−",
            std::cmp::Ordering::Equal => "±",
            std::cmp::Ordering::Greater => "+",
        };
        match (away / 10, away % 10) {
            (whole @ 0..10, tenths @ 1..) => format!("{sign}{whole}.{tenths} %"),
            (whole, tenths) => format!("{sign}{} %", whole + tenths / 5),
        }
    }
}

/// Where a bill lies, in parts per thousand: up to 1,000 of the least estimate, from there to 2,000 on the way to the most,
/// and above that of the most again. Unlike a plain ratio it says the same of narrow estimates as of wide ones: where two
/// figures are published, one of them is billed, at any size and quality.
fn place_of(bill: Usd, likely: Span<Usd>) -> u64 {
    let Span { low, high } = likely.map(|end| end.0);
    let place = match bill.0 {
        bill if bill <= low => parts(bill, low),
        bill if bill < high => ONE + parts(bill - low, high - low),
        bill => 2 * ONE + parts(bill - high, high),
    };
    place.min(MOST_RATIO)
}

/// The amount at a place: the way back.
fn amount_at(place: u64, likely: Span<Usd>) -> Usd {
    let Span { low, high } = likely.map(|end| end.0);
    let share = |of: u64, place: u64| {
        let share = (u128::from(of) * u128::from(place) + u128::from(ONE / 2)) / u128::from(ONE);
        u64::try_from(share).unwrap_or(u64::MAX)
    };
    Usd(match place {
        place if place <= ONE => share(low, place),
        place if place <= 2 * ONE => {
            low.saturating_add(share(high.saturating_sub(low), place - ONE))
        }
        place => high.saturating_add(share(high, place - 2 * ONE)),
    })
}

/// Parts per thousand, to the nearest.
fn parts(part: u64, whole: u64) -> u64 {
    let whole = u128::from(whole.max(1));
    let parts = (u128::from(part) * u128::from(ONE) + whole / 2) / whole;
    u64::try_from(parts).unwrap_or(u64::MAX)
}

fn middle(likely: Span<Usd>) -> u64 {
    likely.low.0.midpoint(likely.high.0)
}

/// Of sorted values; of an even number, halfway between the two in the middle.
fn median(sorted: &[u64]) -> u64 {
    let at = |at: usize| sorted.get(at).copied().unwrap_or(ONE);
    let last = sorted.len().saturating_sub(1);
    at(last / 2).midpoint(at(last.div_ceil(2)))
}

/// The ends of the middle half of sorted values; of two or three, of all.
fn quartiles(sorted: &[Ratio]) -> Span<Ratio> {
    let at = |at: usize| sorted.get(at).copied().unwrap_or(Ratio(ONE));
    let last = sorted.len().saturating_sub(1);
    Span::new(at(last / 4), at(last - last / 4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::date::Timestamp;
    use crate::domain::ledger::{Reservation, Settlement};
    use crate::domain::usage::Usage;
    use proptest::prelude::*;

    const MINI: &str = "gpt-image-1-mini";

    fn account(model: &str, likely: [u64; 2], bill: Option<u64>) -> Account {
        Account {
            attempt: String::new(),
            at: Timestamp(0),
            reservation: Reservation {
                provider: Provider::OpenAi,
                model: model.into(),
                quality: "low".into(),
                size: "1024x1024".into(),
                n: 1,
                likely: Some(likely.map(Usd)),
                most: Some(Usd(likely[1])),
            },
            settlement: Some(Settlement {
                usage: bill.map(|_| Usage::default()),
                cost: bill.map(Usd),
                pictures: 1,
                prices: String::new(),
            }),
            released: false,
            imported: false,
        }
    }

    fn bills(likely: [u64; 2], bills: &[u64]) -> Correction {
        let account = |bill: &u64| account(MINI, likely, Some(*bill));
        let accounts: Vec<Account> = bills.iter().map(account).collect();
        learn(&accounts).remove(0)
    }

    #[test]
    fn where_two_figures_are_published_the_billed_one_is_learned_for_every_size() {
        // Tokens and rates, and the published figure above them: low, then high.
        let low = [2_194_000_000, 5_018_000_000];
        let learned = bills(low, &[2_194_000_000; 3]);
        let high = Span::new(Usd(33_298_000_000), Usd(36_018_000_000));
        assert_eq!(learned.about(high), Some(high.low));
        let upper = bills(low, &[5_018_000_000; 3]);
        assert_eq!(upper.about(high), Some(high.high));
        assert_eq!(learned.difference.shown(), "−39 %");
        assert_eq!(
            learned.estimated,
            Span::new(Usd(3 * low[0]), Usd(3 * low[1]))
        );
        assert_eq!(learned.billed, Usd(3 * low[0]));
    }

    #[test]
    fn fewer_than_three_teach_nothing() {
        let estimate = Span::exactly(Usd(1_000));
        for (count, about) in [(1, None), (2, None), (3, Some(Usd(1_100)))] {
            let learned = bills([1_000, 1_000], &vec![1_100; count]);
            assert_eq!(
                (learned.requests as usize, learned.about(estimate)),
                (count, about)
            );
            assert_eq!(learned.is_sure_enough(), about.is_some());
        }
        assert_eq!(learn(&[]), []);
    }

    #[test]
    fn a_single_bill_out_of_all_proportion_changes_little() {
        let mut all = vec![1_030; 11];
        all.push(90_000_000_000_000);
        let learned = bills([1_000, 1_000], &all);
        assert_eq!(learned.about(Span::exactly(Usd(2_000))), Some(Usd(2_060)));
        let Span { low, high } = learned.spread;
        assert_eq!((low.shown(), high.shown()), ("+3 %".into(), "+3 %".into()));
        assert_eq!(learned.difference, Ratio(MOST_RATIO));
    }

    #[test]
    fn what_is_said_stays_plausible() {
        let estimate = Span::new(Usd(1_000), Usd(2_000));
        // Free of charge, and a hundred times too dear.
        assert_eq!(
            bills([1_000, 2_000], &[0; 5]).about(estimate),
            Some(Usd(500))
        );
        let dear = bills([1_000, 2_000], &[200_000; 5]);
        assert_eq!(dear.about(estimate), Some(Usd(4_000)));
        let huge = bills([u64::MAX - 1, u64::MAX], &[u64::MAX; 4]);
        assert_eq!(
            huge.about(Span::exactly(Usd(u64::MAX))),
            Some(Usd(u64::MAX))
        );
        assert_eq!(huge.billed, Usd(u64::MAX));
        assert_eq!(
            dear.about(Span::exactly(Usd(u64::MAX))),
            Some(Usd(u64::MAX))
        );
        assert_eq!(dear.about(Span::exactly(Usd(0))), Some(Usd(0)));
    }

    #[test]
    fn only_requests_that_say_what_they_used_and_came_whole_count() {
        let of = |change: fn(&mut Account)| {
            let mut account = account(MINI, [1_000, 1_000], Some(1_000));
            change(&mut account);
            account
        };
        let settlement = |account: &mut Account| account.settlement.clone().unwrap();
        let silent = [
            account(MINI, [1_000, 1_000], None),
            account(MINI, [0, 0], Some(1_000)),
            of(|account| account.settlement = None),
            of(|account| (account.settlement, account.released) = (None, true)),
            of(|account| account.reservation.likely = None),
            of(|account| account.reservation.n = 2),
        ];
        assert_eq!(learn(&silent), []);
        let mut by_picture = of(|_| ());
        let booked = Settlement {
            usage: None,
            ..settlement(&mut by_picture)
        };
        by_picture.settlement = Some(booked);
        assert_eq!(learn(&[by_picture]), []);
    }

    #[test]
    fn models_and_providers_are_learned_apart_and_the_latest_count() {
        let mut all = vec![account("other", [1_000, 1_000], Some(1_500))];
        all.extend(vec![account(MINI, [1_000, 1_000], Some(1_100)); 60]);
        all.extend(vec![account(MINI, [1_000, 1_000], Some(7_000)); 60]);
        let mut elsewhere = account(MINI, [1_000, 1_000], Some(1_000));
        elsewhere.reservation.provider = Provider::Compatible;
        all.push(elsewhere);
        let learned = learn(&all);
        let seen = learned
            .iter()
            .map(|one| (one.provider, &*one.model, one.requests));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [
                (Provider::OpenAi, MINI, MOST_LEARNED),
                (Provider::OpenAi, "other", 1),
                (Provider::Compatible, MINI, 1),
            ]
        );
        assert_eq!(learned[0].difference, Ratio(1_100));
    }

    #[test]
    fn differences_read_well() {
        let shown = |permille| Ratio(permille).shown();
        assert_eq!(shown(1_000), "±0 %");
        assert_eq!(shown(1_030), "+3 %");
        assert_eq!(shown(1_004), "+0.4 %");
        assert_eq!(shown(909), "−9.1 %");
        assert_eq!(shown(1_125), "+13 %");
        assert_eq!(shown(0), "−100 %");
        assert_eq!(shown(MOST_RATIO), "+99900 %");
    }

    #[test]
    fn the_middle_half_is_told() {
        let ratios: Vec<Ratio> = (1..=12).map(Ratio).collect();
        assert_eq!(quartiles(&ratios), Span::new(Ratio(3), Ratio(10)));
        assert_eq!(quartiles(&ratios[..3]), Span::new(Ratio(1), Ratio(3)));
        assert_eq!(quartiles(&ratios[..1]), Span::exactly(Ratio(1)));
        assert_eq!(median(&[1, 2, 9, 10]), 5);
        assert_eq!(median(&[1, 2, 9]), 2);
    }

    proptest! {
        /// A bill that comes again is foretold to a thousandth of its estimate.
        #[test]
        fn the_same_bill_is_foretold(low in 1_u64..1_000_000_000_000, more in 0_u64..1_000_000_000_000, at in 500_u64..3_000) {
            let likely = Span::new(Usd(low), Usd(low + more));
            let bill = amount_at(at, likely);
            let learned = bills([low, low + more], &[bill.0; 4]);
            let about = learned.about(likely).unwrap();
            prop_assert!(about.0.abs_diff(bill.0) <= (low + more) / 1_000 + 1, "{about:?} for {bill:?}");
        }

        /// Dearer bills are never foretold cheaper.
        #[test]
        fn places_rise_with_the_bill(low: u64, high: u64, bill: u64, more: u64) {
            let likely = Span::new(Usd(low.min(high)), Usd(high.max(low)));
            let (one, other) = (Usd(bill.min(more)), Usd(bill.max(more)));
            prop_assert!(place_of(one, likely) <= place_of(other, likely));
            prop_assert!(amount_at(bill.min(more) % 4_000, likely) <= amount_at(4_000, likely));
        }
    }
}
