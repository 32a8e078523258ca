//! What counting tokens costs: a key in a long prompt, the building of the table, and whole texts beside npm's
//! gpt-tokenizer.

use std::path::Path;

use serde_json::json;

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::App;
use crate::children::Served;
use crate::failure::{Context, Result, ensure};

const OTHER: &str = "gpt-tokenizer";
const CHARACTERS: usize = 32_000;
const ROUNDS: usize = 30;
const TEXTS: [(&str, &str); 5] = [
    (
        "english",
        include_str!("../../../fixtures/prompts/english.txt"),
    ),
    (
        "japanese",
        include_str!("../../../fixtures/prompts/japanese.txt"),
    ),
    (
        "arabic",
        include_str!("../../../fixtures/prompts/arabic.txt"),
    ),
    ("emoji", include_str!("../../../fixtures/prompts/emoji.txt")),
    ("code", include_str!("../../../fixtures/prompts/code.txt")),
];

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    keys(bench, figures).await?;
    table(bench, figures).await?;
    texts(bench, figures).await
}

fn key_of(language: &str) -> String {
    format!("key in 32,000 characters of {language}, p99")
}

/// From a key in the middle of a long prompt to its new count in the cost details; the bare page counts nothing.
async fn keys(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    for language in ["English", "Japanese"] {
        figures.expect(&key_of(language), "ms", Some(2.0));
    }
    bench.erase(Side::App).await?;
    bench.open(Side::App).await?;
    let app = App::new(bench.browser, bench.address(Side::App));
    app.show_cost_details().await?;
    app.until_counts_exactly().await?;
    let body = "return (async () => {
        const field = document.querySelector('textarea');
        const count = () => document.querySelector('.breakdown tbody td')?.textContent;
        const turn = () => new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
        const text = arguments[0].repeat(32000).slice(0, 31700);
        const samples = [];
        for (let i = 0; i <= 220; i += 1) {
          const before = count();
          // Letters that are a token each: every key shows another count.
          field.value = text.slice(0, 16000) + ' a'.repeat(i) + text.slice(16000);
          await turn();
          const start = performance.now();
          field.dispatchEvent(new Event('input', { bubbles: true }));
          for (let wait = 0; wait < 200 && count() === before; wait += 1) await null;
          for (let wait = 0; wait < 1000 && count() === before; wait += 1) await turn();
          if (count() === before) throw new Error('the count stays ' + before);
          if (i > 20) samples.push(performance.now() - start);
        }
        samples.sort((a, b) => a - b);
        return samples[Math.ceil(samples.length * 0.99) - 1];
    })()";
    let texts = [
        ("English", "a long text about pictures, in many words. "),
        (
            "Japanese",
            "夕焼けの海辺に立つ白い灯台を、水彩画で描いてください。",
        ),
    ];
    for round in 0..=5 {
        for (language, text) in texts {
            let p99 = bench.browser.script(body, vec![json!(text)]).await?;
            if round > 0 {
                figures.add(
                    &key_of(language),
                    Side::App,
                    p99.as_f64().unwrap_or_default(),
                );
            }
        }
    }
    Ok(())
}

/// The longest task from the arrival of the table to the first exact count; browsers tell from 50 milliseconds on, and
/// where they tell nothing it is 0.
async fn table(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let body = "return (async () => {
        const arrived = performance.getEntriesByType('resource').find((e) => e.name.includes('o200k')).responseEnd;
        const tasks = await new Promise((done) => {
          new PerformanceObserver((list) => done(list.getEntries())).observe({ type: 'longtask', buffered: true });
          setTimeout(() => done([]), 200);
        });
        return Math.max(0, ...tasks.filter((e) => e.startTime + e.duration > arrived).map((e) => e.duration));
    })()";
    for (name, rate) in [
        ("building the token table, longest task", 1),
        ("the same at CPU/4", 4),
    ] {
        figures.expect(name, "ms", Some(50.0));
        for _ in 0..5 {
            bench.erase(Side::App).await?;
            bench
                .cdp("Emulation.setCPUThrottlingRate", json!({"rate": rate}))
                .await?;
            bench.open(Side::App).await?;
            let app = App::new(bench.browser, bench.address(Side::App));
            app.show_cost_details().await?;
            app.until_counts_exactly().await?;
            let longest = bench.browser.script(body, Vec::new()).await?;
            bench
                .cdp("Emulation.setCPUThrottlingRate", json!({"rate": 1}))
                .await?;
            figures.add(name, Side::App, longest.as_f64().unwrap_or_default());
        }
    }
    Ok(())
}

/// Both count the same texts, in turns, on one page.
async fn texts(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let directory = std::env::var_os("PENTIMENTO_COUNTING").context(|| {
        "PENTIMENTO_COUNTING is not set: cargo xtask bench makes that page and sets it".into()
    })?;
    let page = Served::start(&bench.options.xtask, Path::new(&directory), "/")?;
    bench.browser.goto(&page.address).await?;
    let ready = "return !!window.measure";
    bench
        .browser
        .until("the page does not count", ready, Vec::new())
        .await?;
    for (state, goal) in [
        ("again", Some(0.2)),
        ("nothing known", Some(0.2)),
        ("nothing known, shuffled", None),
    ] {
        for (language, text) in TEXTS {
            let long: Vec<char> = text.chars().cycle().take(CHARACTERS).collect();
            let text: String = if state.ends_with("shuffled") {
                shuffled(long)
            } else {
                long.into_iter().collect()
            };
            let name = format!("32,000 characters of {language}, {state}");
            figures.expect_beside(OTHER, &name, "ms", goal);
            let is_cold = state.starts_with("nothing");
            let body = "return measure(...arguments)";
            let arguments = vec![json!(text), json!(is_cold), json!(ROUNDS)];
            let found = bench.browser.script(body, arguments).await?;
            let counts = &found["counts"];
            ensure(counts[0].is_u64() && counts[0] == counts[1], || {
                format!("{name}: the two count {counts}")
            })?;
            for (side, samples) in [(Side::App, &found["ours"]), (Side::Other, &found["theirs"])] {
                for sample in samples.as_array().into_iter().flatten() {
                    figures.add(&name, side, sample.as_f64().unwrap_or_default());
                }
            }
        }
    }
    Ok(())
}

/// The same characters in an order without words, so that hardly a piece comes twice; in each run the same.
fn shuffled(mut text: Vec<char>) -> String {
    let mut state = 1_u64;
    for at in (1..text.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.swap(at, (state >> 33) as usize % (at + 1));
    }
    text.into_iter().collect()
}
