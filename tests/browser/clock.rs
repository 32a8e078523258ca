//! Time and randomness.

use std::cell::Cell;
use std::rc::Rc;

use pentimento::browser::clock::{self, Breather};
use pentimento::browser::{intl, random};
use pentimento::domain::date::Timestamp;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn time_passes_and_intervals_stop() {
    let start = clock::monotonic_ms();
    let ticks = Rc::new(Cell::new(0));
    let counter = Rc::clone(&ticks);
    let interval = clock::every(5, move || counter.set(counter.get() + 1));
    clock::sleep(60).await;
    drop(interval);
    let counted = ticks.get();
    clock::sleep(30).await;
    assert!(counted >= 2, "{counted}");
    assert_eq!(ticks.get(), counted);
    assert!(clock::monotonic_ms() - start >= 85.0);
    assert!(clock::now() > Timestamp(1_700_000_000_000));
}

#[wasm_bindgen_test]
async fn waiting_has_an_end() {
    assert_eq!(clock::within(5.0, std::future::pending::<()>()).await, None);
    assert_eq!(clock::within(0.0, async { 7 }).await, Some(7));
}

#[wasm_bindgen_test]
async fn long_work_lets_timers_in() {
    let ticks = Rc::new(Cell::new(0));
    let counter = Rc::clone(&ticks);
    let _interval = clock::every(1, move || counter.set(counter.get() + 1));
    let mut breather = Breather::new();
    let start = clock::monotonic_ms();
    while clock::monotonic_ms() - start < 300.0 {
        breather.breathe().await;
    }
    assert!(ticks.get() >= 2, "{}", ticks.get());
}

#[wasm_bindgen_test]
fn ids_sort_and_numbers_lie_between() {
    let ids: Vec<String> = (0..1000).map(|_| random::id()).collect();
    assert!(ids.is_sorted() && ids.windows(2).all(|two| two[0] != two[1]));
    assert!((0..1000).all(|_| (0.0..1.0).contains(&random::unit())));
}

#[wasm_bindgen_test]
fn numbers_and_times_follow_the_language() {
    assert_eq!(intl::format_number(1_234_567, "de"), "1.234.567");
    assert_eq!(
        intl::format_number(u64::MAX, "en"),
        "18,446,744,073,709,551,615"
    );
    assert!(intl::format_time(Timestamp(1_795_305_600_000), "en").contains("2026"));
    assert!(intl::format_time(Timestamp(1_795_305_600_000), "ja").contains("2026"));
    assert!(intl::format_time(Timestamp(0), "no such language").contains("19"));
}
