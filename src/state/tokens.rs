//! Brings the token table, and with it exact counts of text; without it the app counts approximately and says so.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;

use crate::browser::asset;
use crate::browser::clock::Breather;
use crate::domain::tokenizer::{Counter, Reading, Step};
use crate::state::composer::Composer;

/// The element of the page that names the table.
const TABLE: &str = "token-table";

/// Counts exactly as soon as the table is here. Where it does not come, the next start tries again.
pub fn load(composer: Composer) {
    leptos::task::spawn_local(async move {
        let Some(counter) = counter().await else {
            return;
        };
        let counter = RefCell::new(counter);
        let count = move |text: &str| counter.try_borrow_mut().ok().map(|mut c| c.count(text));
        composer.exact_text.set(Some(Rc::new(count)));
    });
}

async fn counter() -> Option<Counter> {
    let mut breather = Breather::new();
    let mut reading = Reading::begin(asset::fetch(TABLE).await?).ok()?;
    loop {
        breather.breathe_idly().await;
        match reading.step().ok()? {
            Step::More(more) => reading = more,
            Step::Done(vocabulary) => return Some(Counter::new(vocabulary)),
        }
    }
}
