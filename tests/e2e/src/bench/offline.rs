//! The start with the server stopped, beside the same start with it; and what the service worker costs a start that has both.

use serde_json::{Value, json};

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::{App, Kept};
use crate::browser::Browser;
use crate::children::Scratch;
use crate::failure::{Context, Result};
use crate::site::Site;

const USABLE: &str = include_str!("usable.js");
const PAIRS: usize = 20;

const OFFLINE_PAINT: &str = "first paint, server stopped";
const OFFLINE_USABLE: &str = "prompt usable, server stopped";
const WORKER_PAINT: &str = "first paint, second visit";
const WORKER_USABLE: &str = "prompt usable, second visit";

/// Each sample is a browser process of its own, on a profile that has visited the app.
pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    for (beside, names) in [
        ("with the server", [OFFLINE_PAINT, OFFLINE_USABLE]),
        ("no worker", [WORKER_PAINT, WORKER_USABLE]),
    ] {
        // What is below one in twenty is the machine's.
        for name in names {
            let goal = (beside == "with the server").then_some(1.05);
            figures.expect_beside(beside, name, "ms", goal);
        }
    }
    let mut site = Site::open(bench.options, "/")?;
    let bare = Site::open(bench.options, "/")?;
    bare.remove_worker()?;
    let mut with_worker = visited(bench, &site, true).await?;
    let mut without = visited(bench, &bare, false).await?;
    for pair in 0..=PAIRS {
        site.stop();
        let (offline, profile) = start(bench, &site.address, with_worker).await?;
        site.start()?;
        let (online, profile) = start(bench, &site.address, profile).await?;
        let (plain, other) = start(bench, &bare.address, without).await?;
        (with_worker, without) = (profile, other);
        // The first of each warms the machine.
        if pair == 0 {
            continue;
        }
        for (names, app, other) in [
            ([OFFLINE_PAINT, OFFLINE_USABLE], offline, online),
            ([WORKER_PAINT, WORKER_USABLE], online, plain),
        ] {
            for at in [0, 1] {
                figures.add(names[at], Side::App, app[at]);
                figures.add(names[at], Side::Other, other[at]);
            }
        }
    }
    Ok(())
}

/// A profile whose browser has visited the app, and keeps it where it can.
async fn visited(bench: &Bench<'_>, site: &Site, is_kept: bool) -> Result<Scratch> {
    let browser = Browser::start(bench.options, false).await?;
    let app = App::new(&browser, &site.address);
    app.open_fresh(Some(Kept::default())).await?;
    if is_kept {
        app.until_works_offline().await?;
    }
    // What the browser makes of the wasm is kept after some visits only.
    for _ in 0..3 {
        app.reload().await?;
    }
    browser.quit().await
}

/// When the page was first painted and when it was usable, in milliseconds; and the profile for the next one.
async fn start(bench: &Bench<'_>, address: &str, profile: Scratch) -> Result<([f64; 2], Scratch)> {
    let browser = Browser::resume(bench.options, profile).await?;
    let cdp = browser
        .cdp()
        .context(|| "the bench runs in Chromium".into())?;
    cdp.send_raw(
        "Page.addScriptToEvaluateOnNewDocument",
        json!({"source": USABLE}),
    )
    .await?;
    browser.goto(address).await?;
    let body = "const painted = performance.getEntriesByName('first-contentful-paint')[0]; \
        return window.usableAt && painted ? [painted.startTime, window.usableAt] : null";
    let found = browser
        .until("the page is never usable", body, Vec::new())
        .await?;
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    let times = [number(&found[0]), number(&found[1])];
    Ok((times, browser.quit().await?))
}
