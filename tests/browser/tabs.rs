//! What tabs know of each other.

use std::cell::RefCell;
use std::rc::Rc;

use pentimento::browser::tabs::Channel;
use pentimento::browser::{clock, locks, random};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_lock_is_seen_while_it_is_held() {
    let name = random::id();
    let seen = async || locks::held_names().await.unwrap().contains(&name);
    let held = locks::hold(&name).await.unwrap();
    assert!(seen().await && !held.is_lost());
    assert!(locks::try_hold(&name).await.unwrap().is_none());
    drop(held);
    while seen().await {
        clock::sleep(5).await;
    }
    let again = locks::try_hold(&name).await.unwrap();
    assert!(again.is_some() && seen().await);
}

#[wasm_bindgen_test]
async fn locks_are_handed_on_and_the_impatient_leave_the_queue() {
    let name = random::id();
    let first = locks::hold(&name).await.unwrap();
    assert!(clock::within(20.0, locks::hold(&name)).await.is_none());
    let next = Rc::new(RefCell::new(None));
    let (slot, waited) = (Rc::clone(&next), name.clone());
    wasm_bindgen_futures::spawn_local(async move {
        slot.replace(Some(locks::hold(&waited).await.unwrap()));
    });
    clock::sleep(20).await;
    assert!(next.borrow().is_none());
    drop(first);
    clock::sleep(50).await;
    assert!(next.borrow().is_some());
}

#[wasm_bindgen_test]
async fn a_lock_that_is_taken_over_is_lost() {
    let name = random::id();
    let hung = locks::hold(&name).await.unwrap();
    let taken = locks::take_over(&name).await.unwrap();
    while !hung.is_lost() {
        clock::sleep(5).await;
    }
    drop(hung);
    assert!(!taken.is_lost() && locks::try_hold(&name).await.unwrap().is_none());
}

#[wasm_bindgen_test]
async fn hints_reach_the_others_only() {
    let name = random::id();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let hear = |who: &'static str| {
        let heard = Rc::clone(&heard);
        move |text: String| heard.borrow_mut().push(format!("{who} {text}"))
    };
    let one = Channel::new(&name, hear("one"));
    let two = Channel::new(&name, hear("two"));
    one.post("jobs");
    clock::sleep(50).await;
    drop(two);
    one.post("more");
    clock::sleep(50).await;
    assert_eq!(*heard.borrow(), ["two jobs"]);
}
