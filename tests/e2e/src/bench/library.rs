//! How the app starts, shows, scrolls and searches with many pictures; beside it the same app with none.

use std::time::Duration;

use serde_json::{Value, json};

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::App;
use crate::browser::Browser;
use crate::failure::{Context, Result, equal};

const USABLE: &str = include_str!("usable.js");
const SEED: &str = include_str!("../seed_pictures.js");
/// What the ratios are taken to: the start of the same app that holds nothing.
const EMPTY: &str = "the empty app";
const PAIRS: usize = 20;
/// Pictures whose small ones weigh 18 kB, as those of photographs do (7 and 18 for the two of `tests/fixtures/photos`).
const GRAINY: Seeds = Seeds {
    edge: 340,
    grain: 48,
    own: false,
};
const PATIENCE: Duration = Duration::from_secs(600);

/// Notes when every picture in the window is drawn.
const SHOWN: &str = "
const inSight = (e) => { const r = e.getBoundingClientRect(); return r.bottom > 0 && r.top < innerHeight; };
const look = () => {
  const images = [...document.querySelectorAll('.library article img')].filter(inSight);
  if (images.length < 2 || !images.every((e) => e.complete && e.naturalWidth > 0)) return requestAnimationFrame(look);
  Promise.all(images.map((e) => e.decode())).then(() => requestAnimationFrame(() => { window.shownAt = performance.now(); }));
};
requestAnimationFrame(look);";

/// Scrolls through the whole list, two windows a step, and gives the longest task.
const SCROLL: &str = "return (async () => {
  let longest = 0;
  const tasks = new PerformanceObserver((list) => { for (const e of list.getEntries()) longest = Math.max(longest, e.duration); });
  tasks.observe({ type: 'longtask' });
  const steps = 60, whole = document.documentElement.scrollHeight - innerHeight;
  for (let step = 1; step <= steps; step += 1) {
    scrollTo(0, whole * step / steps);
    for (let frame = 0; frame < 6; frame += 1) await new Promise(requestAnimationFrame);
  }
  await new Promise((done) => setTimeout(done, 300));
  tasks.disconnect();
  scrollTo(0, 0);
  return longest;
})()";

/// From a typed word to the drawn list of what it finds; arguments: the word, and how many it finds.
const SEARCH: &str = "return (async () => {
  const [word, found] = arguments;
  const field = document.querySelector('input[type=search]');
  const line = [...document.querySelectorAll('[role=status]')].find((e) => e.innerText.startsWith('Pictures'));
  const start = performance.now();
  field.value = word;
  field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText' }));
  while (!line.innerText.startsWith(found)) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
})()";

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    if bench.wants("library: 1,000") {
        beside_empty(bench, figures).await?;
    }
    if bench.wants("library: 10,000") {
        ten_thousand(bench, figures).await?;
    }
    Ok(())
}

async fn filled(bench: &Bench<'_>, pictures: u32) -> Result<Browser> {
    filled_with(bench, pictures, GRAINY).await
}

/// What pictures are put into the app: see `seed_pictures.js`.
pub(super) struct Seeds {
    pub(super) edge: u32,
    pub(super) grain: u32,
    /// Each another file.
    pub(super) own: bool,
}

/// A browser with that many pictures in the app.
pub(super) async fn filled_with(bench: &Bench<'_>, pictures: u32, seeds: Seeds) -> Result<Browser> {
    let browser = Browser::start(bench.options, false).await?;
    let app = App::new(&browser, &bench.app.address);
    let Seeds { edge, grain, own } = seeds;
    app.open_fresh(None).await?;
    app.draw("a first picture").await?;
    app.until_results("a first picture", 1).await?;
    // Some at a time: one script may take half a minute.
    if pictures > 0 {
        let body = format!(
            "window.seeded = (async () => {{ {SEED} }})().then(() => {{ window.seededAt = true; }})"
        );
        let body = body.replace(
            "= arguments;",
            &format!("= [{pictures}, {edge}, {grain}, {own}];"),
        );
        browser.script(&body, Vec::new()).await?;
        let done = browser.until_within(
            PATIENCE,
            "the pictures are not there",
            "return window.seededAt ?? null",
            Vec::new(),
        );
        done.await?;
    }
    Ok(browser)
}

async fn noting(browser: &Browser) -> Result {
    let cdp = browser
        .cdp()
        .context(|| "the bench runs in Chromium".into())?;
    for source in [USABLE, SHOWN] {
        let script = json!({"source": format!("(() => {{ {source} }})()")});
        let added = cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", script);
        added
            .await
            .context(|| "adding a script to the page".into())?;
    }
    Ok(())
}

/// Opens a view anew, and waits until the page has noted that moment.
async fn opened(bench: &Bench<'_>, browser: &Browser, view: &str, noted: &str) -> Result<f64> {
    let cdp = browser
        .cdp()
        .context(|| "the bench runs in Chromium".into())?;
    browser.goto("about:blank").await?;
    let cleared = cdp.send_raw("Network.clearBrowserCache", json!({}));
    cleared.await.context(|| "clearing the cache".into())?;
    browser
        .goto(&format!("{}{view}", bench.app.address))
        .await?;
    let body = format!("return window.{noted} ?? null");
    let what = format!("no {noted}");
    let at = browser.until(&what, &body, Vec::new()).await?;
    Ok(number(&at))
}

/// Reloads a view, and waits until the page has noted that moment.
async fn reloaded(bench: &Bench<'_>, browser: &Browser, view: &str, noted: &str) -> Result<f64> {
    browser
        .goto(&format!("{}{view}", bench.app.address))
        .await?;
    browser.driver().refresh().await?;
    let body = format!("return window.{noted} ?? null");
    let what = format!("no {noted}");
    let at = browser.until(&what, &body, Vec::new()).await?;
    Ok(number(&at))
}

async fn beside_empty(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let names = ["usable", "library shown"].map(|what| format!("1,000 pictures: reload, {what}"));
    figures.expect_beside(EMPTY, &names[0], "ms", Some(1.3));
    figures.expect_beside(EMPTY, &names[1], "ms", Some(2.0));
    let (full, empty) = (filled(bench, 1_000).await?, filled(bench, 0).await?);
    noting(&full).await?;
    noting(&empty).await?;
    for pair in 0..=PAIRS {
        let usable = reloaded(bench, &full, "", "usableAt").await?;
        let shown = reloaded(bench, &full, "#/library", "shownAt").await?;
        // What one does when it has time must not slow the other down.
        full.goto("about:blank").await?;
        let nothing = reloaded(bench, &empty, "", "usableAt").await?;
        empty.goto("about:blank").await?;
        if pair > 0 {
            for (name, millis) in names.iter().zip([usable, shown]) {
                figures.add(name, Side::App, millis);
                figures.add(name, Side::Other, nothing);
            }
        }
    }
    full.quit().await?;
    empty.quit().await.map(drop)
}

async fn ten_thousand(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let names = [
        ("grid shown, nothing cached", "ms", 1000.0),
        ("longest task of scrolling through", "ms", 50.0),
        ("search", "ms", 100.0),
        ("heap and wasm memory", "MB", 150.0),
    ]
    .map(|(what, unit, goal)| (format!("10,000 pictures: {what}"), unit, goal));
    for (name, unit, goal) in &names {
        figures.expect(name, unit, Some(*goal));
    }
    let browser = filled(bench, 10_000).await?;
    noting(&browser).await?;
    let app = App::new(&browser, &bench.app.address);
    for _ in 0..PAIRS {
        let shown = opened(bench, &browser, "#/library", "shownAt").await?;
        figures.add(&names[0].0, Side::App, shown);
        app.until_says("Pictures: 10001").await?;
        let longest = browser.script(SCROLL, Vec::new()).await?;
        figures.add(&names[1].0, Side::App, number(&longest));
        for (word, line) in [
            ("umbrella 12", "Pictures: 154 "),
            ("", "Pictures: 10001"),
            ("mountain", "Pictures: 2500 "),
        ] {
            let took = browser
                .script(SEARCH, vec![json!(word), json!(line)])
                .await?;
            figures.add(&names[2].0, Side::App, number(&took));
        }
        figures.add(&names[3].0, Side::App, memory(&browser).await?);
    }
    let count = browser
        .count(&[("list", "Library"), ("article", "")])
        .await?;
    equal("only a part of it is made", &(count < 100), &true)?;
    browser.quit().await.map(drop)
}

/// Of scripts, with the memory of wasm and other buffers, in MB.
pub(super) async fn memory(browser: &Browser) -> Result<f64> {
    let cdp = browser
        .cdp()
        .context(|| "the bench runs in Chromium".into())?;
    let usage = cdp.send_raw("Runtime.getHeapUsage", json!({})).await;
    let usage = usage.context(|| "asking for the heap".into())?;
    let bytes = ["usedSize", "embedderHeapUsedSize", "backingStorageSize"]
        .iter()
        .filter_map(|part| usage.get(part).and_then(Value::as_f64))
        .sum::<f64>();
    Ok(bytes / 1e6)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}
