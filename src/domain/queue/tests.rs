//! The rules one by one, and then tabs that open, freeze, die and take over at random.

use std::collections::BTreeMap;

use super::*;
use crate::domain::record::write;
use proptest::prelude::*;

fn row(job: &str) -> Queued {
    Queued {
        v: VERSION,
        job: job.into(),
        index: 0,
        of: 1,
        provider: Provider::OpenAi,
        address: "https://api.openai.com/v1".into(),
        keyed: true,
        destination: destination(Provider::OpenAi, "https://api.openai.com", true),
        made: Timestamp(1),
        request: ImageRequest::default(),
        likely: None,
        upper_bound: Some(Usd(5)),
        consent: Some("now".into()),
        not_before: None,
        repeats: 0,
        stage: Stage::Waiting,
        wish: None,
    }
}

fn attempt(id: &str, row: &Queued) -> Attempt {
    Attempt {
        v: VERSION,
        id: id.into(),
        job: row.job.clone(),
        row: row.key(),
        tab: String::new(),
        provider: row.provider,
        state: AttemptState::Intent,
        started: Timestamp(1),
        request: ImageRequest::default(),
        upper_bound: row.upper_bound,
        note: String::new(),
        raw: None,
    }
}

#[test]
fn rows_are_read_as_they_were_written_and_sort_by_their_order() {
    let taken = row("j").take("a", 3).unwrap();
    assert_eq!(Queued::read(&write(&taken).unwrap()), Some(taken.clone()));
    assert_eq!(Queued::read("{"), None);
    let newer = Queued { v: 9, ..taken };
    assert_eq!(Queued::read(&write(&newer).unwrap()), None);
    let keys: Vec<String> = (0..12)
        .map(|index| Queued { index, ..row("j") }.key())
        .collect();
    assert!(keys.is_sorted() && keys[0].starts_with(&prefix("j")));
}

#[test]
fn a_row_is_taken_once_and_only_its_own_attempt_ends_it() {
    let waiting = row("j");
    let taken = waiting.take("a", 1).unwrap();
    assert_eq!(taken.take("b", 2), None);
    assert_eq!(taken.end("b", End::Over), None);
    assert_eq!(waiting.end("a", End::Over), None);
    assert_eq!(taken.end("a", End::Over), Some(Change::Remove));
    let Some(Change::Keep(again)) = taken.end("a", End::Again(Timestamp(9))) else {
        panic!("a refused request is not kept");
    };
    assert!(again.is_waiting() && again.repeats == 1 && again.not_before == Some(Timestamp(9)));
}

#[test]
fn cancel_removes_what_waits_and_asks_for_what_runs() {
    assert_eq!(row("j").cancel(Wish::Abort), Change::Remove);
    let taken = row("j").take("a", 1).unwrap();
    let Change::Keep(wished) = taken.cancel(Wish::Abort) else {
        panic!("a request that runs is removed");
    };
    // Proved not to have been executed, it is not sent again after that.
    assert_eq!(
        wished.end("a", End::Again(Timestamp(9))),
        Some(Change::Remove)
    );
    let Change::Keep(waiting) = row("j").cancel(Wish::StopWaiting) else {
        panic!("looking away removes a request");
    };
    assert!(waiting.is_waiting());
}

/// "My laptop slept between the press and the request; when it woke, it sent what another tab had sent already." And: "I
/// lowered the budget in another tab, and this one still sent."
#[test]
fn a_request_leaves_only_while_all_that_its_intent_was_written_for_still_holds() {
    let over = Refusal::Day {
        left: Usd(1),
        needed: Usd(5),
    };
    let open = Gate {
        leads: true,
        millis: MOST_DELAY_MILLIS - 1,
        is_online: true,
        is_called_off: false,
        budget: Ok(()),
    };
    let (far, near) = (
        row("j"),
        Queued {
            address: "http://127.0.0.1:9/v1".into(),
            ..row("j")
        },
    );
    assert_eq!(open.opens(&far), Ok(()));
    let shut = [
        Gate {
            leads: false,
            ..open
        },
        Gate {
            millis: MOST_DELAY_MILLIS,
            ..open
        },
        Gate {
            is_called_off: true,
            ..open
        },
    ];
    for gate in shut {
        assert_eq!(gate.opens(&near), Err(Stays::Waits), "{gate:?}");
    }
    let cut_off = Gate {
        is_online: false,
        ..open
    };
    assert_eq!(cut_off.opens(&far), Err(Stays::Waits));
    assert_eq!(cut_off.opens(&near), Ok(()));
    let poorer = Gate {
        budget: Err(over),
        ..open
    };
    assert_eq!(poorer.opens(&far), Err(Stays::Budget(over)));
    // What waits for another reason is not told as one of money.
    let both = Gate {
        leads: false,
        ..poorer
    };
    assert_eq!(both.opens(&far), Err(Stays::Waits));
}

#[test]
fn what_a_row_waits_for() {
    let visits = HashSet::from(["now".to_owned()]);
    let here = Here {
        now: Timestamp(100),
        is_online: true,
        visits: &visits,
        by_itself: false,
        is_served: true,
        paused: None,
    };
    assert_eq!(row("j").waits(&here), Some(Waits::Turn));
    assert_eq!(row("j").take("a", 1).unwrap().waits(&here), None);
    let earlier = Queued {
        consent: Some("an earlier visit".into()),
        ..row("j")
    };
    assert_eq!(earlier.waits(&here), Some(Waits::Consent));
    let free = Queued {
        provider: Provider::Practice,
        ..earlier.clone()
    };
    assert_eq!(free.waits(&here), Some(Waits::Turn));
    let by_itself = Here {
        by_itself: true,
        ..here
    };
    assert_eq!(earlier.waits(&by_itself), Some(Waits::Turn));
    let told = Queued {
        not_before: Some(Timestamp(101)),
        ..row("j")
    };
    assert_eq!(told.waits(&here), Some(Waits::Until(Timestamp(101))));
    let offline = Here {
        is_online: false,
        ..here
    };
    assert_eq!(row("j").waits(&offline), Some(Waits::Network));
    for near in ["http://127.0.0.1:9/v1", "http://localhost/v1"] {
        let near = Queued {
            address: near.into(),
            ..row("j")
        };
        assert_eq!(near.waits(&offline), Some(Waits::Turn));
    }
    let no_key = Here {
        is_served: false,
        ..offline
    };
    assert_eq!(earlier.waits(&no_key), Some(Waits::Key));
    let paused = Here {
        paused: Some(Pause::Refused),
        ..here
    };
    assert_eq!(row("j").waits(&paused), Some(Waits::Paused(Pause::Refused)));
}

#[test]
fn the_pace_halves_and_comes_back_slowly() {
    let mut pace = Pace::default();
    let mut limits = Vec::new();
    for _ in 0..3 {
        pace.too_many();
        limits.push(pace.limit());
    }
    for _ in 0..45 {
        pace.went_well();
    }
    limits.push(pace.limit());
    assert_eq!(limits, [2, 1, 1, 4]);
}

#[test]
fn a_seat_is_claimed_once_and_lost_to_whoever_claims_after() {
    let first = Leader::seat(None, "a", false).unwrap();
    assert_eq!(first.epoch, 1);
    let stored = write(&first).unwrap();
    assert_eq!(Leader::seat(Some(&stored), "a", true), Some(first.clone()));
    // Two transactions of the first moment agree.
    assert_eq!(Leader::seat(Some(&stored), "a", false), Some(first));
    let second = Leader::seat(Some(&stored), "b", false).unwrap();
    assert_eq!(second.epoch, 2);
    assert_eq!(
        Leader::seat(Some(&write(&second).unwrap()), "a", true),
        None
    );
}

#[test]
fn an_attempt_that_was_left_is_in_doubt_and_practice_begins_again() {
    let taken = row("j").take("a", 1).unwrap();
    let (left, change) = abandon(attempt("a", &taken), Some(&taken));
    assert_eq!(
        (left.state, change),
        (AttemptState::Unknown, Some(Change::Remove))
    );
    // The row is another attempt's by now.
    let other = row("j").take("b", 2).unwrap();
    let (left, change) = abandon(attempt("a", &taken), Some(&other));
    assert_eq!((left.state, change), (AttemptState::Unknown, None));
    let mut free = Queued {
        provider: Provider::Practice,
        ..row("j")
    };
    for _ in 0..MOST_PRACTICE_REPEATS {
        let taken = free.take("a", 1).unwrap();
        let (left, change) = abandon(attempt("a", &taken), Some(&taken));
        assert_eq!(left.state, AttemptState::Failed);
        let Some(Change::Keep(again)) = change else {
            panic!("it is not begun again");
        };
        free = *again;
    }
    let taken = free.take("a", 1).unwrap();
    let (_, change) = abandon(attempt("a", &taken), Some(&taken));
    assert_eq!(change, Some(Change::Remove));
}

#[test]
fn the_most_is_known_where_every_bound_is() {
    let dear = |bound| Queued {
        upper_bound: bound,
        ..row("j")
    };
    assert_eq!(most_of(&[]), Some(Usd::ZERO));
    assert_eq!(most_of([&dear(Some(Usd(2))), &row("k")]), Some(Usd(7)));
    assert_eq!(most_of([&dear(None), &row("k")]), None);
}

/// What happens next; a number chooses among the tabs, another among what that tab has.
#[derive(Debug, Clone, Copy)]
enum Step {
    Press(usize),
    Begin(usize),
    Leave(usize, usize),
    Answer(usize, usize, Answered),
    Cancel(usize, usize),
    Sweep(usize),
    Beat(usize),
    TakeOver(usize),
    Freeze(usize),
    Wake(usize),
    Die(usize),
    Open(usize),
    /// Milliseconds go by.
    Time(u64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Answered {
    Well,
    TooMany,
    Cut,
}

#[derive(Debug, Clone, Default)]
struct Tab {
    is_open: bool,
    is_frozen: bool,
    /// What it holds the lock by, as far as it knows.
    holder: Option<String>,
    claimed: bool,
    flights: Vec<Flight>,
}

#[derive(Debug, Clone)]
struct Flight {
    row: String,
    attempt: String,
    intended: u64,
    is_sent: bool,
}

/// A request that the server has got.
#[derive(Debug, Clone)]
struct Post {
    row: String,
    attempt: String,
    /// Proved to whoever asks that nothing was executed.
    is_refused: bool,
}

#[derive(Debug, Default)]
struct World {
    now: u64,
    count: u64,
    rows: BTreeMap<String, Queued>,
    attempts: BTreeMap<String, Attempt>,
    leader: Option<String>,
    /// Who has the lock, and since when nothing was heard of it.
    lock: Option<usize>,
    heard: u64,
    tabs: [Tab; 3],
    posts: Vec<Post>,
    pressed: usize,
    cancelled: usize,
}

impl World {
    fn name(&mut self, what: &str) -> String {
        self.count += 1;
        format!("{what}{:05}", self.count)
    }

    fn acts(&self, tab: usize) -> bool {
        self.tabs[tab].is_open && !self.tabs[tab].is_frozen
    }

    fn grant(&mut self) {
        if self.lock.is_none()
            && let Some(next) = (0..3).find(|tab| self.acts(*tab))
        {
            self.give(next);
        }
    }

    fn give(&mut self, tab: usize) {
        let holder = self.name("holder");
        self.lock = Some(tab);
        self.heard = self.now;
        self.tabs[tab].holder = Some(holder);
        self.tabs[tab].claimed = false;
    }

    /// One transaction of a tab that believes that it leads.
    fn seat(&mut self, tab: usize) -> Option<Leader> {
        let holder = self.tabs[tab].holder.clone()?;
        let seat = Leader::seat(self.leader.as_deref(), &holder, self.tabs[tab].claimed);
        match &seat {
            Some(leader) => {
                self.leader = Some(write(leader).unwrap());
                self.tabs[tab].claimed = true;
            }
            None => self.tabs[tab].holder = None,
        }
        seat
    }

    fn change(&mut self, key: &str, change: Option<Change>) {
        match change {
            Some(Change::Keep(row)) => drop(self.rows.insert(key.into(), *row)),
            Some(Change::Remove) => drop(self.rows.remove(key)),
            None => {}
        }
    }

    fn end(&mut self, flight: &Flight, state: AttemptState, end: End) {
        if let Some(attempt) = self.attempts.get_mut(&flight.attempt) {
            attempt.state = state;
        }
        let row = self.rows.get(&flight.row);
        let change = row.and_then(|row| row.end(&flight.attempt, end));
        self.change(&flight.row, change);
    }

    fn sweep(&mut self, tab: usize) {
        let Some(leader) = self.seat(tab) else { return };
        let own: Vec<String> = (self.tabs[tab].flights.iter())
            .map(|flight| flight.row.clone())
            .collect();
        let left: Vec<Queued> = (self.rows.values())
            .filter(|row| row.is_orphan(leader.epoch) && !own.contains(&row.key()))
            .cloned()
            .collect();
        for row in left {
            let id = row.attempt().unwrap().to_owned();
            let (attempt, change) = abandon(self.attempts[&id].clone(), Some(&row));
            self.attempts.insert(id, attempt);
            self.change(&row.key(), change);
        }
    }

    fn begin(&mut self, tab: usize) {
        let Some(row) = self.rows.values().find(|row| row.is_waiting()).cloned() else {
            return;
        };
        let intended = self.now;
        let Some(leader) = self.seat(tab) else { return };
        self.heard = self.now;
        let id = self.name("attempt");
        let taken = row.take(&id, leader.epoch).unwrap();
        self.attempts.insert(id.clone(), attempt(&id, &taken));
        self.rows.insert(row.key(), taken);
        self.tabs[tab].flights.push(Flight {
            row: row.key(),
            attempt: id,
            intended,
            is_sent: false,
        });
    }

    fn leave(&mut self, tab: usize, at: usize) {
        let Some(flight) = self.tabs[tab].flights.get(at).cloned() else {
            return;
        };
        if flight.is_sent {
            return;
        }
        // The word that the lock was taken away may come late; the time does not.
        if self.now - flight.intended > MOST_DELAY_MILLIS {
            self.tabs[tab].flights.remove(at);
            self.end(&flight, AttemptState::Failed, End::Again(Timestamp(0)));
            return;
        }
        self.tabs[tab].flights[at].is_sent = true;
        self.posts.push(Post {
            row: flight.row,
            attempt: flight.attempt,
            is_refused: false,
        });
    }

    fn answer(&mut self, tab: usize, at: usize, answered: Answered) {
        let Some(flight) = self.tabs[tab].flights.get(at).cloned() else {
            return;
        };
        if !flight.is_sent {
            return;
        }
        self.tabs[tab].flights.remove(at);
        let (state, end) = match answered {
            Answered::Well => (AttemptState::Done, End::Over),
            Answered::TooMany => (AttemptState::Failed, End::Again(Timestamp(0))),
            Answered::Cut => (AttemptState::Unknown, End::Over),
        };
        if answered == Answered::TooMany {
            let post = self.posts.iter_mut();
            post.filter(|post| post.attempt == flight.attempt)
                .for_each(|post| post.is_refused = true);
        }
        self.end(&flight, state, end);
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Press(tab) if self.acts(tab) => {
                let job = self.name("job");
                self.rows.insert(row(&job).key(), row(&job));
                self.pressed += 1;
            }
            Step::Begin(tab) if self.acts(tab) => self.begin(tab),
            Step::Leave(tab, at) if self.acts(tab) => self.leave(tab, at),
            Step::Answer(tab, at, answered) if self.acts(tab) => self.answer(tab, at, answered),
            Step::Cancel(tab, at) if self.acts(tab) => {
                let Some(row) = self.rows.values().nth(at).cloned() else {
                    return;
                };
                let change = row.cancel(Wish::Abort);
                self.cancelled += 1;
                self.change(&row.key(), Some(change));
            }
            Step::Sweep(tab) if self.acts(tab) => self.sweep(tab),
            Step::Beat(tab) if self.acts(tab) && self.lock == Some(tab) => self.heard = self.now,
            Step::TakeOver(tab)
                if self.acts(tab)
                    && self.lock != Some(tab)
                    && (self.now - self.heard) as f64 > MOST_SILENCE_MILLIS =>
            {
                self.give(tab);
                self.sweep(tab);
            }
            Step::Freeze(tab) => self.tabs[tab].is_frozen = true,
            Step::Wake(tab) => self.tabs[tab].is_frozen = false,
            Step::Die(tab) => {
                self.tabs[tab] = Tab::default();
                if self.lock == Some(tab) {
                    self.lock = None;
                }
            }
            Step::Open(tab) => self.tabs[tab].is_open = true,
            Step::Time(millis) => self.now += millis,
            _ => {}
        }
        self.grant();
    }

    /// All tabs end; a new one does what is left.
    fn finish(&mut self) {
        (0..3).for_each(|tab| self.step(Step::Die(tab)));
        self.step(Step::Open(0));
        self.sweep(0);
        while !self.rows.is_empty() {
            self.begin(0);
            self.leave(0, 0);
            self.answer(0, 0, Answered::Well);
        }
    }

    /// Nothing is sent that may have been executed before.
    fn check_posts(&self) -> Result<(), String> {
        for (at, post) in self.posts.iter().enumerate() {
            let earlier = &self.posts[..at];
            if let Some(twice) = earlier
                .iter()
                .find(|other| other.row == post.row && !other.is_refused)
            {
                return Err(format!(
                    "{} was sent as {} already",
                    post.row, twice.attempt
                ));
            }
            if earlier.iter().any(|other| other.attempt == post.attempt) {
                return Err(format!("{} was sent twice", post.attempt));
            }
        }
        Ok(())
    }

    /// The attempts of what was sent say so.
    fn check(&self) -> Result<(), String> {
        self.check_posts()?;
        for post in &self.posts {
            let state = self.attempts[&post.attempt].state;
            if state == AttemptState::Intent || (state == AttemptState::Failed) != post.is_refused {
                return Err(format!("{} was sent and is {state:?}", post.attempt));
            }
        }
        Ok(())
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let tab = 0..3_usize;
    let at = 0..4_usize;
    let answered = prop_oneof![
        Just(Answered::Well),
        Just(Answered::TooMany),
        Just(Answered::Cut)
    ];
    let step = prop_oneof![
        4 => tab.clone().prop_map(Step::Press),
        6 => tab.clone().prop_map(Step::Begin),
        6 => (tab.clone(), at.clone()).prop_map(|(tab, at)| Step::Leave(tab, at)),
        4 => (tab.clone(), at.clone(), answered).prop_map(|(tab, at, how)| Step::Answer(tab, at, how)),
        1 => (tab.clone(), at).prop_map(|(tab, at)| Step::Cancel(tab, at)),
        2 => tab.clone().prop_map(Step::Sweep),
        1 => tab.clone().prop_map(Step::Beat),
        2 => tab.clone().prop_map(Step::TakeOver),
        2 => tab.clone().prop_map(Step::Freeze),
        3 => tab.clone().prop_map(Step::Wake),
        1 => tab.clone().prop_map(Step::Die),
        2 => tab.prop_map(Step::Open),
        2 => prop_oneof![Just(30), Just(1_500), Just(95_000)].prop_map(Step::Time),
    ];
    prop::collection::vec(step, 1..160)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn no_order_of_tabs_sends_a_request_twice_and_none_is_stuck(steps in steps()) {
        let mut world = World::default();
        world.step(Step::Open(0));
        for step in steps {
            world.step(step);
            prop_assert_eq!(world.check_posts(), Ok(()));
        }
        world.finish();
        prop_assert_eq!(world.check(), Ok(()));
        // What was pressed was sent, or is in doubt, or was cancelled.
        let mut ended: Vec<&str> = world.attempts.values().map(|attempt| attempt.row.as_str()).collect();
        ended.sort_unstable();
        ended.dedup();
        prop_assert!(ended.len() + world.cancelled >= world.pressed);
    }
}
