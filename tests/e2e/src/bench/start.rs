//! How much is loaded, and how long it takes until the prompt can be used.

use serde_json::json;

use super::figures::Figures;
use super::{Bench, Side};
use crate::browser::Browser;
use crate::failure::{Context, Result};

const USABLE: &str = include_str!("usable.js");
const PAIRS: usize = 20;

/// A processor of a quarter of the speed on a slow line.
const SLOW: (u32, u32, u32) = (4, 9_000_000 / 8, 165);

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    first_load(bench, figures).await?;
    starts(bench, figures, "cold start, prompt usable", 2.0, false).await?;
    let name = "the same at CPU/4, 9 Mbit/s, 165 ms";
    starts(bench, figures, name, 1.6, true).await
}

async fn first_load(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let name = "first load, brotli";
    figures.expect(name, "kB", None);
    for side in Side::BOTH {
        let browser = Browser::start(bench.options, false).await?;
        let cold = Bench {
            browser: &browser,
            ..*bench
        };
        cold.open(side).await?;
        let body = "const own = performance.getEntriesByType('resource').filter((e) => e.name.startsWith(location.origin)); \
            return [...performance.getEntriesByType('navigation'), ...own].reduce((sum, e) => sum + e.encodedBodySize, 0)";
        let bytes = browser.script(body, Vec::new()).await?;
        browser.quit().await?;
        figures.add(name, side, bytes.as_f64().unwrap_or_default() / 1000.0);
    }
    Ok(())
}

/// Starts in a browser that was never here: its own process, an empty profile, nothing cached.
async fn starts(
    bench: &Bench<'_>,
    figures: &mut Figures,
    name: &str,
    goal: f64,
    is_slow: bool,
) -> Result {
    figures.expect(name, "ms", Some(goal));
    for pair in 0..=PAIRS {
        for side in Side::BOTH {
            let browser = Browser::start(bench.options, false).await?;
            let cold = Bench {
                browser: &browser,
                ..*bench
            };
            let millis = start(&cold, side, is_slow).await;
            browser.quit().await?;
            let millis = millis.context(|| format!("{name}, {side:?}"))?;
            // The first of each compresses the files and warms the machine.
            if pair > 0 {
                figures.add(name, side, millis);
            }
        }
    }
    Ok(())
}

async fn start(cold: &Bench<'_>, side: Side, is_slow: bool) -> Result<f64> {
    let script = json!({"source": USABLE});
    cold.cdp("Page.addScriptToEvaluateOnNewDocument", script)
        .await?;
    if is_slow {
        let (rate, bytes, latency) = SLOW;
        let line = json!({"offline": false, "latency": latency, "downloadThroughput": bytes, "uploadThroughput": bytes});
        cold.cdp("Emulation.setCPUThrottlingRate", json!({"rate": rate}))
            .await?;
        cold.cdp("Network.enable", json!({})).await?;
        cold.cdp("Network.emulateNetworkConditions", line).await?;
    }
    cold.browser.goto(cold.address(side)).await?;
    let usable = cold
        .browser
        .until(
            "the page is never usable",
            "return window.usableAt ?? null",
            Vec::new(),
        )
        .await?;
    Ok(usable.as_f64().unwrap_or_default())
}
