//! From the last byte of an answer to pictures that are saved and seen.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::Picture;

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::App;
use crate::failure::{Context, Result};

const PAIRS: usize = 20;
const LARGE: usize = 20;

/// Notes when so many pictures are in the list of results and those in sight are decoded, and the longest task until then.
const WATCH: &str = "
const [wanted] = arguments;
performance.clearResourceTimings();
performance.setResourceTimingBufferSize(1000);
const seen = window.benchSeen = { longest: 0, visible: 0 };
new PerformanceObserver((list) => { for (const e of list.getEntries()) seen.longest = Math.max(seen.longest, e.duration); }).observe({ type: 'longtask' });
const inSight = (e) => { const r = e.getBoundingClientRect(); return r.width > 0 && r.bottom > 0 && r.right > 0 && r.top < innerHeight && r.left < innerWidth; };
const look = () => {
  const images = [...document.querySelectorAll('[aria-label=Results] img')];
  const ready = images.length === wanted && images.some(inSight) && images.filter(inSight).every((e) => e.complete && e.naturalWidth > 0);
  if (!ready) return requestAnimationFrame(look);
  Promise.all(images.filter(inSight).map((e) => e.decode())).then(() => requestAnimationFrame(() => { seen.visible = performance.now(); }));
};
requestAnimationFrame(look);";

/// When the answer had ended, when its pictures were there, and the longest task.
const SEEN: &str = "
const entry = performance.getEntriesByType('resource').findLast((e) => e.name.endsWith('/images/generations'));
return window.benchSeen.visible && entry ? [entry.responseEnd, window.benchSeen.visible, window.benchSeen.longest] : null;";

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    bench
        .simulator
        .configure(|config| config.picture = Picture::Noise { bytes: 1_500_000 });
    for count in [1, 10] {
        let name = format!("{count} × 1.5 MB: response end to visible and saved");
        figures.expect(&name, "ms", Some(1.3));
        for pair in 0..=PAIRS {
            for side in Side::BOTH {
                let [end, visible, _] = receive(bench, side, count, None)
                    .await
                    .context(|| format!("{name}, {side:?}"))?;
                if pair > 0 {
                    figures.add(&name, side, visible - end);
                }
            }
        }
    }
    bench
        .simulator
        .configure(|config| config.picture = Picture::Noise { bytes: 15_000_000 });
    figures.expect("10 × 4K of 15 MB: longest task", "ms", Some(100.0));
    figures.expect(
        "10 × 4K of 15 MB: response end to visible and saved",
        "ms",
        None,
    );
    for _ in 0..LARGE {
        let received = receive(bench, Side::App, 10, Some(("3840", "2160"))).await;
        let [end, visible, longest] = received.context(|| "10 × 4K".into())?;
        figures.add("10 × 4K of 15 MB: longest task", Side::App, longest);
        figures.add(
            "10 × 4K of 15 MB: response end to visible and saved",
            Side::App,
            visible - end,
        );
    }
    Ok(())
}

async fn receive(
    bench: &Bench<'_>,
    side: Side,
    count: usize,
    size: Option<(&str, &str)>,
) -> Result<[f64; 3]> {
    bench.erase(side).await?;
    bench.open(side).await?;
    bench.simulator.reset();
    let app = App::new(bench.browser, bench.address(side));
    if let Some((width, height)) = size {
        app.choose_model("gpt-image-2").await?;
        app.set_custom_size(width, height).await?;
    }
    app.set_count(&count.to_string()).await?;
    app.put_prompt("noise").await?;
    app.until_can_generate(true).await?;
    bench.browser.script(WATCH, vec![json!(count)]).await?;
    let press = "[...document.querySelectorAll('button')].find((b) => b.textContent.trim() === 'Generate').click()";
    bench.browser.script(press, Vec::new()).await?;
    let patience = Duration::from_secs(if size.is_some() { 120 } else { 30 });
    let seen = bench
        .browser
        .until_within(patience, "the pictures do not come", SEEN, Vec::new())
        .await?;
    let number = |at: usize| seen.get(at).and_then(Value::as_f64).unwrap_or_default();
    Ok([number(0), number(1), number(2)])
}
