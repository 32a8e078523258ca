//! How much is loaded, and how long it takes until the prompt can be used.

use serde_json::json;

use super::figures::Figures;
use super::{Bench, Side};
use crate::failure::{Context, Result};

const USABLE: &str = include_str!("usable.js");
const PAIRS: usize = 20;

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    first_load(bench, figures).await?;
    let added = bench
        .cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": USABLE}),
        )
        .await?;
    starts(bench, figures, "cold start, prompt usable", 2.0).await?;
    bench
        .cdp("Emulation.setCPUThrottlingRate", json!({"rate": 4}))
        .await?;
    let line = json!({"offline": false, "latency": 165, "downloadThroughput": 9_000_000 / 8, "uploadThroughput": 9_000_000 / 8});
    bench.cdp("Network.emulateNetworkConditions", line).await?;
    starts(bench, figures, "the same at CPU/4, 9 Mbit/s, 165 ms", 1.6).await?;
    let line =
        json!({"offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
    bench.cdp("Network.emulateNetworkConditions", line).await?;
    bench
        .cdp("Emulation.setCPUThrottlingRate", json!({"rate": 1}))
        .await?;
    bench
        .cdp("Page.removeScriptToEvaluateOnNewDocument", added)
        .await
        .map(drop)
}

async fn first_load(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let name = "first load, brotli";
    figures.expect(name, "kB", None);
    for side in Side::BOTH {
        bench.erase(side).await?;
        bench.open(side).await?;
        let body = "const own = performance.getEntriesByType('resource').filter((e) => e.name.startsWith(location.origin)); \
            return [...performance.getEntriesByType('navigation'), ...own].reduce((sum, e) => sum + e.encodedBodySize, 0)";
        let bytes = bench.browser.script(body, Vec::new()).await?;
        figures.add(name, side, bytes.as_f64().unwrap_or_default() / 1000.0);
    }
    Ok(())
}

async fn starts(bench: &Bench<'_>, figures: &mut Figures, name: &str, goal: f64) -> Result {
    figures.expect(name, "ms", Some(goal));
    for pair in 0..=PAIRS {
        for side in Side::BOTH {
            bench.erase(side).await?;
            bench.browser.goto(bench.address(side)).await?;
            let usable = bench
                .browser
                .until(
                    "the page is never usable",
                    "return window.usableAt ?? null",
                    Vec::new(),
                )
                .await;
            let millis = usable
                .context(|| format!("{name}, {side:?}"))?
                .as_f64()
                .unwrap_or_default();
            // The first of each compresses the files and warms the machine.
            if pair > 0 {
                figures.add(name, side, millis);
            }
        }
    }
    Ok(())
}
