//! How soon a bad file is refused, and what it leaves in memory: from the drop to the notice.

use corpus::{Specimen, bombs, broken};
use serde_json::json;

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::App;
use crate::children::memory;
use crate::failure::{Context, Result};

const GOAL_MS: f64 = 50.0;
const GOAL_MB: f64 = 64.0;

/// The slowest of each kind. A broken file may wait for the browser to have tried it; what is a bomb is never tried.
pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let broken = broken::all().into_iter().map(|one| one.file).collect();
    let large: Vec<Specimen> = bombs::large_pngs()
        .into_iter()
        .chain(bombs::large_others())
        .chain(bombs::lying_webps())
        .collect();
    let groups: [(&str, Vec<Specimen>); 4] = [
        ("a broken PNG", broken),
        ("a bomb", large),
        ("10,000 frames", bombs::moving(10_000)),
        ("a document", bombs::documents()),
    ];
    let added = "memory added by all of them";
    for (kind, _) in &groups {
        figures.expect(&slowest(kind), "ms", Some(GOAL_MS));
    }
    figures.expect(added, "MB", Some(GOAL_MB));
    for _ in 0..3 {
        bench.erase(Side::App).await?;
        bench.open(Side::App).await?;
        let app = App::new(bench.browser, bench.address(Side::App));
        app.browser.find(&[("button", "Add images")]).await?;
        // Once, so that the code is there.
        drop_on(app, "first.png", b"").await?;
        let before = memory(bench.browser.profile())?;
        for (kind, files) in &groups {
            let mut worst = 0.0_f64;
            for (number, file) in files.iter().enumerate() {
                let name = format!("{number}.png");
                let took = drop_on(app, &name, &file.bytes).await;
                worst = worst.max(took.context(|| file.name.clone())?);
            }
            figures.add(&slowest(kind), Side::App, worst);
        }
        let after = memory(bench.browser.profile())?;
        let megabytes = after.saturating_sub(before) as f64 / 1e6;
        figures.add(added, Side::App, megabytes);
    }
    Ok(())
}

fn slowest(kind: &str) -> String {
    format!("from the drop of {kind} to its refusal, the slowest")
}

/// Milliseconds from the drop until a notice names the file.
async fn drop_on(app: App<'_>, name: &str, bytes: &[u8]) -> Result<f64> {
    let body = "return (async () => {
        const [name, bytes] = arguments;
        document.querySelectorAll('.notice .icon-button').forEach((close) => close.click());
        await new Promise((done) => setTimeout(done));
        const carried = new DataTransfer();
        carried.items.add(new File([new Uint8Array(bytes)], name));
        const said = () => [...document.querySelectorAll('.notice')].some((notice) => notice.textContent.includes(name));
        if (said()) throw new Error('an earlier notice is still there');
        const start = performance.now();
        const refused = new Promise((done, fail) => {
          const observer = new MutationObserver(() => { if (said()) { observer.disconnect(); done(performance.now() - start); } });
          observer.observe(document.body, { childList: true, subtree: true, characterData: true });
          setTimeout(() => fail(new Error(name + ' is not refused')), 10000);
        });
        document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: carried }));
        return refused;
    })()";
    let took = app
        .browser
        .script(body, vec![json!(name), json!(bytes)])
        .await?;
    Ok(took.as_f64().unwrap_or_default())
}
