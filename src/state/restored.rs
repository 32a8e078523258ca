//! Costs that came out of backups: shown by month, counted in no budget.

use leptos::prelude::*;

use crate::browser::database::{Order, Store};
use crate::browser::error::DatabaseError;
use crate::browser::{clock, local};
use crate::domain::account::Account;
use crate::domain::date::Date;
use crate::domain::ledger::{Day, is_imported};
use crate::domain::spending::restored_days;
use crate::state::archive::Archive;
use crate::state::error::AppError;
use crate::state::notices::Notices;

/// Whether the ledger may hold such lines: else nobody has to look through all of it.
const STORED_AS: &str = "pentimento.restored-costs";
const THERE: &str = "yes";
/// Lines that are read at a time.
const PAGE: u32 = 500;
const PAGE_WAIT_MILLIS: u32 = 200;

/// Says that there may be some from now on.
pub(super) fn note() {
    local::set(STORED_AS, THERE);
}

/// Their sums by day, oldest first, while the caller's owner lives; read when nothing else is to be done.
#[must_use]
pub fn days(archive: Archive, notices: Notices) -> RwSignal<Vec<(Date, Day)>> {
    let days = RwSignal::new(Vec::new());
    Effect::new(move |_| {
        archive.read_again.track();
        if local::get(STORED_AS).as_deref() != Some(THERE) {
            return;
        }
        leptos::task::spawn_local(async move {
            match read(archive).await {
                Ok(read) => drop(days.try_set(read)),
                Err(error) => notices.trouble(AppError::Database(error)),
            }
        });
    });
    days
}

async fn read(archive: Archive) -> Result<Vec<(Date, Day)>, DatabaseError> {
    let database = archive.database().await?;
    let mut pages = database.pages(Store::Ledger, Order::OldestFirst, PAGE);
    let mut lines = Vec::new();
    loop {
        clock::idle(PAGE_WAIT_MILLIS).await;
        let Some(page) = pages.next().await? else {
            return Ok(restored_days(&Account::read_all(&lines)));
        };
        lines.extend(page.into_iter().filter(|(_, json)| is_imported(json)));
    }
}
