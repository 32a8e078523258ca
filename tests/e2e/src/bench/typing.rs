//! What typing, pasting and changing a setting cost.

use std::time::Duration;

use serde_json::json;

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::{App, Group};
use crate::failure::Result;

const KEYS: usize = 200;
const ROUNDS: usize = 10;
/// Drafts are written and the price is spoken a moment later: that is part of what a key costs.
const SETTLE: Duration = Duration::from_millis(1_600);

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    figures.expect("typing: main-thread CPU per key", "ms", Some(1.3));
    figures.expect("pasting 30,000 characters, to the frame", "ms", None);
    figures.expect("pasting 30,000 characters, longest task", "ms", None);
    figures.expect("re-pricing a setting", "ms", Some(1.0));
    for round in 0..=ROUNDS {
        for side in Side::BOTH {
            bench.erase(side).await?;
            bench.open(side).await?;
            let per_key = keys(bench).await?;
            if round > 0 {
                figures.add("typing: main-thread CPU per key", side, per_key);
            }
        }
    }
    for pair in 0..=20 {
        for side in Side::BOTH {
            bench.erase(side).await?;
            bench.open(side).await?;
            let (frame, longest) = paste(bench).await?;
            if pair > 0 {
                figures.add("pasting 30,000 characters, to the frame", side, frame);
                figures.add("pasting 30,000 characters, longest task", side, longest);
            }
        }
    }
    reprice(bench, figures).await
}

/// What the main thread has worked since the page opened.
pub(super) async fn main_thread_millis(bench: &Bench<'_>) -> Result<f64> {
    let metrics = bench.cdp("Performance.getMetrics", json!({})).await?;
    let all = metrics["metrics"].as_array().cloned().unwrap_or_default();
    let duration = all.iter().find(|metric| metric["name"] == "TaskDuration");
    Ok(duration
        .and_then(|metric| metric["value"].as_f64())
        .unwrap_or_default()
        * 1000.0)
}

/// Milliseconds of the main thread for each key of a text.
async fn keys(bench: &Bench<'_>) -> Result<f64> {
    bench
        .browser
        .script("document.querySelector('textarea').focus()", Vec::new())
        .await?;
    tokio::time::sleep(SETTLE).await;
    let before = main_thread_millis(bench).await?;
    let text = "the quick brown fox jumps over a lazy dog and ";
    for letter in text.chars().cycle().take(KEYS) {
        let letter = letter.to_string();
        bench
            .cdp(
                "Input.dispatchKeyEvent",
                json!({"type": "keyDown", "text": letter, "key": letter}),
            )
            .await?;
        bench
            .cdp(
                "Input.dispatchKeyEvent",
                json!({"type": "keyUp", "key": letter}),
            )
            .await?;
    }
    tokio::time::sleep(SETTLE).await;
    let spent = main_thread_millis(bench).await? - before;
    Ok(spent / KEYS as f64)
}

/// Milliseconds from a paste to the frame that shows it, and of the longest task, which browsers tell from 50 on.
async fn paste(bench: &Bench<'_>) -> Result<(f64, f64)> {
    let body = "return (async () => {
        let longest = 0;
        const observer = new PerformanceObserver((list) => { for (const e of list.getEntries()) longest = Math.max(longest, e.duration); });
        const text = 'a long text about pictures, in words '.repeat(1000).slice(0, 30000);
        const field = document.querySelector('textarea');
        field.focus();
        await new Promise(requestAnimationFrame);
        observer.observe({ type: 'longtask' });
        const start = performance.now();
        document.execCommand('insertText', false, text);
        await new Promise((done) => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); }));
        const frame = performance.now() - start;
        await new Promise((done) => setTimeout(done, 700));
        for (const e of observer.takeRecords()) longest = Math.max(longest, e.duration);
        return [frame, longest, field.value.length];
    })()";
    let found = bench.browser.script(body, Vec::new()).await?;
    let number = |at: usize| found[at].as_f64().unwrap_or_default();
    crate::failure::ensure(number(2) >= 30_000.0, || {
        format!("the paste did not arrive: {found}")
    })?;
    Ok((number(0), number(1)))
}

/// Milliseconds from the press of an option to the new price, which the bare page does not show.
async fn reprice(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    bench.erase(Side::App).await?;
    bench.open(Side::App).await?;
    let app = App::new(bench.browser, bench.address(Side::App));
    app.put_prompt("a red dot").await?;
    app.choose(Group::Quality, "medium").await?;
    let body = "return (async () => {
        const price = document.querySelector('output');
        const radio = (value) => findAll([['radiogroup', 'Quality'], ['radio', `*${value}`]])[0];
        const both = [radio('low'), radio('high')];
        const samples = [];
        for (let i = 0; i < 60; i += 1) {
          const before = price.textContent;
          const start = performance.now();
          both[i % 2].click();
          for (let turn = 0; turn < 200 && price.textContent === before; turn += 1) await null;
          while (price.textContent === before) await new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
          samples.push(performance.now() - start);
          await new Promise(requestAnimationFrame);
        }
        return samples.slice(20);
    })()";
    let samples = bench.browser.script(body, Vec::new()).await?;
    for sample in samples.as_array().into_iter().flatten() {
        figures.add(
            "re-pricing a setting",
            Side::App,
            sample.as_f64().unwrap_or_default(),
        );
    }
    Ok(())
}
