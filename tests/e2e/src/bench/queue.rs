//! The queue: how soon a long one is there again, whether tabs that share one send anything twice, and how long nobody sends
//! when the tab that did is closed.

use std::time::Duration;

use simulator::{Entry, Script};

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::{App, Kept};
use crate::browser::{Browser, wait};
use crate::failure::{Context, Result};

const RESTORED: &str = "1,000 queued requests shown, from the app's start";
const GAP: &str = "the sending tab is closed: until the next request";
const TABS: [usize; 3] = [2, 5, 20];
const REQUESTS: usize = 1_000;
const RESTARTS: usize = 10;
const LATE: &str = "the sending tab is closed: gaps of more than 500 ms";
const CLOSINGS: usize = 200;
/// Enough that some are left when the next tab sends.
const REQUESTS_FOR_A_CLOSING: u64 = 32;
const PATIENCE: Duration = Duration::from_secs(900);

/// Notes when the app is there, and when it says what waits.
const NOTE: &str = "
const look = () => {
  if (document.documentElement?.hasAttribute('data-ready')) window.readyAt ??= performance.now();
  if (document.body?.innerText.includes('Requests that wait to be sent: 1000')) { window.restoredAt = performance.now(); return; }
  setTimeout(look, 4);
};
look();";

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    if bench.wants("queue: restored") {
        restored(bench, figures).await?;
    }
    for tabs in TABS {
        if bench.wants(&format!("queue: {tabs} tabs")) {
            shared(bench, figures, tabs).await?;
        }
    }
    if bench.wants("queue: closed") {
        closed(bench, figures).await?;
    }
    Ok(())
}

async fn opened<'a>(bench: &'a Bench<'_>, browser: &'a Browser) -> Result<App<'a>> {
    bench.simulator.reset();
    let app = App::new(browser, &bench.app.address);
    app.open_fresh(Some(Kept::server(&bench.simulator.address())))
        .await?;
    app.put_prompt("a thousand cranes").await?;
    Ok(app)
}

async fn restored(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    figures.expect(RESTORED, "ms", Some(300.0));
    let browser = Browser::start(bench.options, false).await?;
    let app = opened(bench, &browser).await?;
    bench.simulator.script(Script {
        times: 0,
        never_answer: true,
        ..Script::default()
    });
    app.press_generate(5).await?;
    app.until_stored("jobs", 5).await?;
    app.fill_queue(REQUESTS - 1).await?;
    for restart in 0..=RESTARTS {
        app.reload_after(&format!("(() => {{ {NOTE} }})()")).await?;
        let body = "return window.restoredAt ? window.restoredAt - window.readyAt : null";
        let took = browser
            .until("the queue is not restored", body, Vec::new())
            .await?;
        if restart > 0 {
            figures.add(RESTORED, Side::App, took.as_f64().unwrap_or_default());
        }
    }
    browser.quit().await.map(drop)
}

/// Opens more tabs of the app, the first one last in front.
async fn open_tabs(browser: &Browser, app: App<'_>, tabs: usize) -> Result {
    for _ in 1..tabs {
        let driver = browser.driver();
        let tab = driver.new_tab().await?;
        driver.switch_to_window(tab).await?;
        browser.prepare_tab().await?;
        app.open("").await?;
    }
    Ok(())
}

async fn until_sent(bench: &Bench<'_>, requests: usize) -> Result<Vec<Entry>> {
    let sent = wait(PATIENCE, async || {
        let bill = bench.simulator.bill();
        let is_done = bill.len() >= requests && bill.iter().all(|entry| entry.finished);
        Ok(is_done.then_some(bill))
    });
    sent.await
        .context(|| format!("{requests} requests are not sent"))
}

async fn shared(bench: &Bench<'_>, figures: &mut Figures, tabs: usize) -> Result {
    let twice = format!("{tabs} tabs, 1,000 requests: sent twice");
    let each = format!("{tabs} tabs, 1,000 requests: time for each");
    figures.expect(&twice, "requests", Some(0.0));
    figures.expect(&each, "ms", None);
    let browser = Browser::start(bench.options, false).await?;
    let app = opened(bench, &browser).await?;
    open_tabs(&browser, app, tabs).await?;
    let driver = browser.driver();
    for tab in driver.windows().await? {
        driver.switch_to_window(tab).await?;
        app.put_prompt("a thousand cranes").await?;
        app.press_generate((REQUESTS / tabs) as u64).await?;
    }
    let bill = until_sent(bench, REQUESTS).await?;
    app.until_stored("jobs", 0).await?;
    let more = bench.simulator.bill().len() - REQUESTS;
    figures.add(&twice, Side::App, more as f64);
    let first = bill.iter().map(|entry| entry.at_ms).min();
    let last = bill.iter().filter_map(|entry| entry.done_ms).max();
    let took = last.unwrap_or_default() - first.unwrap_or_default();
    figures.add(&each, Side::App, took as f64 / REQUESTS as f64);
    browser.quit().await.map(drop)
}

/// Of three tabs the one that sends is closed, and another one is opened, again and again.
async fn closed(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    figures.expect(GAP, "ms", Some(500.0));
    figures.expect(LATE, "of 200", Some(2.0));
    let mut late = 0.0;
    let browser = Browser::start(bench.options, false).await?;
    let app = opened(bench, &browser).await?;
    bench.simulator.script(Script {
        times: 0,
        delay_ms: 40,
        ..Script::default()
    });
    open_tabs(&browser, app, 3).await?;
    let driver = browser.driver();
    let mut tabs = driver.windows().await?;
    for _ in 0..CLOSINGS {
        let last = tabs.last().cloned().context(|| "no tab".into())?;
        driver.switch_to_window(last).await?;
        app.put_prompt("a thousand cranes").await?;
        app.press_generate(REQUESTS_FOR_A_CLOSING).await?;
        let before = bench.simulator.bill().len();
        let flows = wait(PATIENCE, async || {
            Ok((bench.simulator.bill().len() > before + 12).then_some(()))
        });
        flows.await.context(|| "nothing is sent".into())?;
        driver.switch_to_window(tabs.remove(0)).await?;
        let at = bench.simulator.bill().len();
        driver.close_window().await?;
        let first = tabs.first().cloned().context(|| "no tab".into())?;
        driver.switch_to_window(first).await?;
        let goes_on = wait(PATIENCE, async || {
            let bill = bench.simulator.bill();
            Ok((bill.len() > at + 10).then_some(bill))
        });
        let bill = goes_on.await.context(|| "nobody goes on".into())?;
        let times: Vec<u64> = bill[at.saturating_sub(1)..]
            .iter()
            .map(|entry| entry.at_ms)
            .collect();
        let gap = times
            .windows(2)
            .map(|pair| pair[1].saturating_sub(pair[0]))
            .max();
        let gap = gap.unwrap_or_default() as f64;
        figures.add(GAP, Side::App, gap);
        late += f64::from(u8::from(gap > 500.0));
        app.until_stored("jobs", 0).await?;
        let tab = driver.new_tab().await?;
        driver.switch_to_window(tab.clone()).await?;
        browser.prepare_tab().await?;
        app.open("").await?;
        tabs.push(tab);
    }
    figures.add(LATE, Side::App, late);
    browser.quit().await.map(drop)
}
