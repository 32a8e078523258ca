//! Ten thousand pictures backed up, everything erased, and restored: how fast, how much memory, and whether any byte differs.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::figures::Figures;
use super::library::{Seeds, filled_with, memory};
use super::{Bench, Side};
use crate::app::{App, Screen};
use crate::browser::Browser;
use crate::children::Scratch;
use crate::failure::{Context, Result, ensure, equal};

const PICTURES: u32 = 10_000;
/// 125 kB each, which no format makes smaller.
const NOISE: Seeds = Seeds {
    edge: 200,
    grain: 256,
    own: true,
};
const PATIENCE: Duration = Duration::from_secs(900);
/// In most browsers a backup is downloaded; a driver cannot answer the dialogue of the others.
const NO_PLACES: &str =
    "Object.defineProperty(window, 'showSaveFilePicker', { value: undefined, configurable: true })";

/// Counts what is kept, and compares each picture with the hash it is kept under; the answer is left in `window.checked`.
const CHECK: &str = "window.checked = null; (async () => {
  const opening = indexedDB.open('studio');
  const db = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const hash = async (bytes) => [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
    .map((b) => b.toString(16).padStart(2, '0')).join('');
  const store = (name) => db.transaction(name).objectStore(name);
  const rows = await asked(store('pictures').getAll());
  const keys = await asked(store('blobs').getAllKeys());
  let [mismatches, bytes] = [0, 0];
  for (const key of keys) {
    const blob = await asked(store('blobs').get(key));
    bytes += blob.size;
    if (await hash(await blob.arrayBuffer()) !== key) mismatches += 1;
  }
  const all = await hash(new TextEncoder().encode(rows.join('\\n')));
  db.close();
  window.checked = { pictures: rows.length, blobs: keys.length, bytes, mismatches, rows: all };
})()";

/// The longest task since this was run is in `window.longestTask`.
const TASKS: &str = "window.longestTask = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longestTask = Math.max(window.longestTask, entry.duration);
  }).observe({ type: 'longtask' })";

async fn checked(browser: &Browser) -> Result<Value> {
    browser.script(CHECK, Vec::new()).await?;
    let body = "return window.checked";
    browser
        .until_within(PATIENCE, "the pictures are not checked", body, Vec::new())
        .await
}

/// Waits until the app says one of these, and gives the most memory on the way.
async fn until_said(browser: &Browser, texts: &[&str]) -> Result<(String, f64)> {
    let start = Instant::now();
    let mut most: f64 = 0.0;
    loop {
        let body = "return document.querySelector('.backup')?.innerText ?? ''";
        let said = browser.script(body, Vec::new()).await?;
        let said = said.as_str().unwrap_or_default();
        most = most.max(memory(browser).await?);
        if let Some(text) = texts.iter().find(|text| said.contains(**text)) {
            return Ok(((*text).to_owned(), most));
        }
        ensure(start.elapsed() < PATIENCE, || format!("it says {said}"))?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A file of a gigabyte takes longer than any in a story.
async fn downloaded(browser: &Browser) -> Result<(PathBuf, Vec<u8>)> {
    let start = Instant::now();
    loop {
        match browser.downloaded().await {
            Err(_) if start.elapsed() < PATIENCE => {}
            found => return found,
        }
    }
}

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let names = [
        ("saving, MB/s", None),
        ("restoring, MB/s", None),
        ("restoring, pictures/s", None),
        ("hash mismatches", Some(0.0)),
        ("memory that saving adds, MB", Some(100.0)),
        ("memory that restoring adds, MB", Some(100.0)),
        ("longest task of saving, ms", None),
        ("longest task of restoring, ms", None),
    ]
    .map(|(what, goal)| (format!("10,000 pictures: {what}"), goal));
    for (name, goal) in &names {
        figures.expect(name, "", *goal);
    }
    let mut add = |at: usize, sample: f64| figures.add(&names[at].0, Side::App, sample);
    let browser = filled_with(bench, PICTURES, NOISE).await?;
    let app = App::new(&browser, &bench.app.address);
    let folder = Scratch::new("bench-backup")?;
    let before = checked(&browser).await?;
    let megabytes = before["bytes"].as_f64().unwrap_or_default() / 1e6;

    app.reload().await?;
    app.go(Screen::Settings).await?;
    browser.script(NO_PLACES, Vec::new()).await?;
    browser.script(TASKS, Vec::new()).await?;
    let (at_rest, mut most) = (memory(&browser).await?, 0.0_f64);
    let (mut files, mut seconds) = (Vec::new(), 0.0);
    let mut button = "Back up now";
    loop {
        let start = Instant::now();
        app.press_button(button).await?;
        let (said, used) = until_said(&browser, &["Save part ", "Saved in ", "Saved. "]).await?;
        seconds += start.elapsed().as_secs_f64();
        most = most.max(used);
        let (path, bytes) = downloaded(&browser).await?;
        let name = path
            .file_name()
            .context(|| "a file without a name".into())?;
        let kept = folder.path().join(name);
        std::fs::write(&kept, bytes).context(|| format!("writing {}", kept.display()))?;
        files.push(kept.to_string_lossy().into_owned());
        if said != "Save part " {
            break;
        }
        button = "Save part ";
    }
    add(0, megabytes / seconds);
    add(4, most - at_rest);
    let longest = "return window.longestTask";
    add(6, number(&browser.script(longest, Vec::new()).await?));

    app.erase_everything().await?;
    app.go(Screen::Settings).await?;
    browser.script(TASKS, Vec::new()).await?;
    let at_rest = memory(&browser).await?;
    let start = Instant::now();
    let field = "return document.querySelector('.backup input[type=file]')";
    let chosen = files.join("\n");
    browser.give_file(field, chosen.as_ref()).await?;
    let (_, most) = until_said(&browser, &["Restored. "]).await?;
    let seconds = start.elapsed().as_secs_f64();
    add(1, megabytes / seconds);
    add(2, f64::from(PICTURES) / seconds);
    add(5, most - at_rest);
    add(7, number(&browser.script(longest, Vec::new()).await?));
    let after = checked(&browser).await?;
    add(3, number(&after["mismatches"]));
    equal("what was restored", &after, &before)?;
    equal("pictures", &after["pictures"], &json!(PICTURES + 1))?;
    browser.quit().await.map(drop)
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_default()
}
