//! How long the Costs view takes to open over a long ledger.

use serde_json::json;

use super::figures::Figures;
use super::{Bench, Side};
use crate::failure::Result;

const ENTRIES: u32 = 100_000;
const SAMPLES: usize = 20;

/// Writes lines and sums as the app does: two lines for each request, a year of days.
const FILL: &str = "return (async () => {
  const [lines] = arguments;
  const opening = indexedDB.open('studio');
  const db = await new Promise((done, fail) => { opening.onsuccess = () => done(opening.result); opening.onerror = fail; });
  const provider = 'openai', model = 'gpt-image-2', quality = 'high';
  for (let from = 0; from < lines / 2; from += 5000) {
    const tx = db.transaction(['ledger', 'meta'], 'readwrite');
    const ledger = tx.objectStore('ledger');
    for (let i = from; i < from + 5000; i += 1) {
      const attempt = `0193-${String(i).padStart(12, '0')}`, at = Date.now() - i * 60000;
      const reserved = { provider, model, quality, size: '1024x1024', n: 1, likely: [1e11, 2e11], most: 2e11 };
      ledger.put(JSON.stringify({ v: 1, attempt, at, said: { reserved } }), `${attempt}.1-reserved`);
      const settled = { usage: { input_tokens: 9, output_tokens: 272 }, cost: 2e11, pictures: 1, prices: '2026-11-22' };
      ledger.put(JSON.stringify({ v: 1, attempt, at, said: { settled } }), `${attempt}.2-settled`);
    }
    await new Promise((done) => { tx.oncomplete = done; });
  }
  const tx = db.transaction('meta', 'readwrite');
  for (let day = 0; day < 365; day += 1) {
    const date = new Date(Date.now() - day * 86400000).toISOString().slice(0, 10);
    const group = { provider, model, quality, requests: 137, pictures: 137, confirmed: 137 * 2e11, possible: 0, unbounded: 0 };
    tx.objectStore('meta').put(JSON.stringify({ v: 1, groups: [group, { ...group, quality: 'low' }] }), `spent:${date}`);
  }
  await new Promise((done) => { tx.oncomplete = done; });
  db.close();
  return true;
})()";

/// From the press on the link until the latest requests stand there and the frame is drawn.
const OPEN: &str = "return (async () => {
  const start = performance.now();
  location.hash = '#/costs';
  while (document.querySelectorAll('.wide-table tbody tr').length < 90) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const time = performance.now() - start;
  location.hash = '#/create';
  while (document.querySelector('.wide-table')) await new Promise(requestAnimationFrame);
  return time;
})()";

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let name = "Costs over 100,000 lines: opened";
    figures.expect(name, "ms", Some(1000.0));
    bench.erase(Side::App).await?;
    bench.open(Side::App).await?;
    bench.browser.script(FILL, vec![json!(ENTRIES)]).await?;
    bench.open(Side::App).await?;
    for _ in 0..SAMPLES {
        let time = bench.browser.script(OPEN, Vec::new()).await?;
        figures.add(name, Side::App, time.as_f64().unwrap_or_default());
    }
    Ok(())
}
