//! What painting a mask costs, what the page holds in memory after it, how fast a stroke is undone, and how long the mask
//! takes to be on its way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::App;
use crate::browser::Browser;
use crate::children::{Scratch, memory};
use crate::failure::{Context, Result, ensure};

const PAIRS: usize = 5;
const STROKES: usize = 10;
const MOVES: usize = 200;
const UNDOS: usize = 20;
/// Drafts are written a moment after a stroke: that is part of what painting costs.
const SETTLE: Duration = Duration::from_millis(2_000);
const SIZES: [(u32, u32); 2] = [(1024, 1536), (4096, 4096)];
/// A brush as wide as the bare page's, and as sharp.
const HABITS: &str = r#"{"tool":"Brush","brush":{"size":64,"hardness":100,"pressure":false}}"#;

/// A picture of that size, as the bytes of a JPEG: a photo's weight, and a frame to be redrawn in each of its parts.
const PICTURE: &str = "return (async () => {
  const [width, height] = arguments;
  const canvas = new OffscreenCanvas(width, height), context = canvas.getContext('2d');
  for (let i = 0; i < 4000; i += 1) {
    context.fillStyle = `hsl(${(i * 37) % 360} 50% ${20 + (i * 13) % 60}%)`;
    context.fillRect((i * 997) % width, (i * 1499) % height, width / 20, height / 20);
  }
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
  return [...new Uint8Array(await blob.arrayBuffer())];
})()";

/// Where the picture is on the screen: left, top, width and height.
const PLACE: &str = "
  const shown = document.querySelector('.mask-picture, [aria-label=Mask]');
  shown?.parentElement.scrollIntoView({ block: 'center' });
  const r = shown?.getBoundingClientRect();
  return r?.width > 100 && (shown.complete ?? true) ? [r.left, r.top, r.width, r.height] : null";

/// From the key to the end of the main thread's work on the frame that it changes, without the wait for that frame.
const WATCH_KEYS: &str = "
  const times = window.benchKeys = [];
  let start = 0, handled = 0;
  addEventListener('keydown', (event) => {
    if (event.key === 'Control') return;
    start = performance.now();
    requestAnimationFrame((_) => {
      const frame = performance.now(), channel = new MessageChannel();
      channel.port1.onmessage = () => times.push(handled - start + performance.now() - frame);
      channel.port2.postMessage(0);
    });
  }, true);
  addEventListener('keydown', () => { handled = performance.now(); });";

/// From the press of the app's Done and then Generate (the bare page's Edit) to the request, and the longest task.
const SEND: &str = "return (async () => {
  let longest = 0;
  const observer = new PerformanceObserver((list) => { for (const e of list.getEntries()) longest = Math.max(longest, e.duration); });
  observer.observe({ type: 'longtask' });
  const turn = () => new Promise((done) => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
  const button = (name) => [...document.querySelectorAll('button')].find((b) => b.textContent.trim() === name);
  let time = 0;
  if (button('Done')) {
    const start = performance.now();
    button('Done').click();
    while (document.querySelector('.mask-editor')) await turn();
    time = performance.now() - start;
  }
  const start = performance.now();
  (button('Edit') ?? button('Generate')).click();
  let sent;
  while (!sent) {
    await new Promise((done) => setTimeout(done, 50));
    sent = performance.getEntriesByType('resource').find((e) => e.name.endsWith('/images/edits'));
  }
  for (const e of observer.takeRecords()) longest = Math.max(longest, e.duration);
  return [time + sent.startTime - start, longest];
})()";

/// What one sitting at a picture gave.
struct Sitting {
    millis_per_move: f64,
    megabytes: f64,
    undo_millis: Vec<f64>,
    send_millis: f64,
    longest_task_millis: f64,
}

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let folder = Scratch::new("canvases")?;
    for (width, height) in SIZES {
        let picture = picture(bench, folder.path(), width, height).await?;
        let name = |what: &str| format!("mask {width}x{height}: {what}");
        let painting = name("main-thread CPU per move");
        let memory = name("renderer's memory after painting");
        let undo = name("undo of a large stroke");
        let sending = name("to the request leaving");
        let longest = name("longest task until then");
        let is_large = width > 4000;
        figures.expect(&painting, "ms", Some(1.2));
        if is_large {
            figures.expect_alone(&memory, "MB", Some(120.0));
            figures.expect(&undo, "ms", Some(16.0));
            figures.expect(&sending, "ms", Some(1.2));
            figures.expect_alone(&longest, "ms", Some(100.0));
        }
        for pair in 0..=PAIRS {
            for side in Side::BOTH {
                let sitting = sit(bench, side, &picture).await;
                let sitting = sitting.context(|| format!("{painting}, {side:?}"))?;
                if pair == 0 {
                    continue;
                }
                figures.add(&painting, side, sitting.millis_per_move);
                figures.add(&memory, side, sitting.megabytes);
                figures.add(&sending, side, sitting.send_millis);
                figures.add(&longest, side, sitting.longest_task_millis);
                for millis in sitting.undo_millis {
                    figures.add(&undo, side, millis);
                }
            }
        }
    }
    Ok(())
}

async fn picture(bench: &Bench<'_>, folder: &Path, width: u32, height: u32) -> Result<PathBuf> {
    bench.open(Side::Other).await?;
    let bytes = bench
        .browser
        .script(PICTURE, vec![json!(width), json!(height)])
        .await?;
    let bytes: Vec<u8> = serde_json::from_value(bytes)?;
    let file = folder.join(format!("{width}x{height}.jpg"));
    std::fs::write(&file, bytes)?;
    Ok(file)
}

/// In a browser of its own: what another page left in memory would count too.
async fn sit(bench: &Bench<'_>, side: Side, picture: &Path) -> Result<Sitting> {
    let browser = Browser::start(bench.options, false).await?;
    let own = Bench {
        browser: &browser,
        ..*bench
    };
    let sitting = sit_in(&own, side, picture).await;
    browser.quit().await?;
    sitting
}

async fn sit_in(own: &Bench<'_>, side: Side, picture: &Path) -> Result<Sitting> {
    let cpu = json!({"timeDomain": "threadTicks"});
    own.cdp("Performance.enable", cpu).await?;
    own.cdp("Network.enable", json!({})).await?;
    own.erase(side).await?;
    let keep = "localStorage.display = 1; localStorage.setItem('pentimento.mask', arguments[0])";
    own.browser.script(keep, vec![json!(HABITS)]).await?;
    own.open(side).await?;
    own.simulator.reset();
    let app = App::new(own.browser, own.address(side));
    app.put_prompt("a mask").await?;
    match side {
        Side::App => {
            app.add_images(&[picture]).await?;
            app.until_images_shown(1).await?;
            app.open_mask_editor().await?;
        }
        Side::Other => {
            let field = "return document.querySelector('#f')";
            own.browser.give_file(field, picture).await?;
        }
    }
    let place = own
        .browser
        .until("there is nothing to paint on", PLACE, Vec::new())
        .await?;
    tokio::time::sleep(SETTLE).await;
    let before = cpu_millis(own).await?;
    for stroke in 0..STROKES {
        let top = 0.1 + 0.8 * stroke as f64 / STROKES as f64;
        paint(own, &place, top).await?;
    }
    tokio::time::sleep(SETTLE).await;
    let spent = cpu_millis(own).await? - before;
    own.cdp("HeapProfiler.collectGarbage", json!({})).await?;
    let bytes = memory(own.browser.profile())?;
    let undo_millis = match side {
        Side::App => undo(own, &place).await?,
        Side::Other => Vec::new(),
    };
    let sent = own.browser.script(SEND, Vec::new()).await?;
    let number = |at: usize| sent[at].as_f64().unwrap_or_default();
    Ok(Sitting {
        millis_per_move: spent / (STROKES * MOVES) as f64,
        megabytes: bytes as f64 / 1e6,
        undo_millis,
        send_millis: number(0),
        longest_task_millis: number(1),
    })
}

async fn cpu_millis(own: &Bench<'_>) -> Result<f64> {
    super::typing::main_thread_millis(own).await
}

/// A wave across the picture, at so much of its height.
async fn paint(own: &Bench<'_>, place: &Value, top: f64) -> Result {
    let number = |at: usize| place[at].as_f64().unwrap_or_default();
    let at = |step: usize| {
        let share = step as f64 / MOVES as f64;
        let wave = (share * 12.0).sin() * 0.04;
        (
            number(0) + number(2) * (0.05 + 0.9 * share),
            number(1) + number(3) * (top + wave),
        )
    };
    let mouse = async |kind: &str, (x, y): (f64, f64), buttons: u8| {
        let event = json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1});
        own.cdp("Input.dispatchMouseEvent", event).await.map(drop)
    };
    mouse("mousePressed", at(0), 1).await?;
    for step in 1..=MOVES {
        mouse("mouseMoved", at(step), 1).await?;
    }
    mouse("mouseReleased", at(MOVES), 0).await
}

/// A stroke with a brush of about 400 pixels, undone and redone.
async fn undo(own: &Bench<'_>, place: &Value) -> Result<Vec<f64>> {
    let app = App::new(own.browser, own.address(Side::App));
    let widen = "const slider = document.querySelector('.mask-settings input[type=range]'); slider.value = 59; \
        slider.dispatchEvent(new Event('input', { bubbles: true }))";
    own.browser.script(widen, Vec::new()).await?;
    let before = app.mask_coverage().await?;
    paint(own, place, 0.5).await?;
    let after = app.mask_coverage_other_than(&before).await?;
    own.browser.script(WATCH_KEYS, Vec::new()).await?;
    for undone in 0..UNDOS {
        let states = [("z", &after, &before), ("y", &before, &after)];
        for (at, (key, from, to)) in states.into_iter().enumerate() {
            let code = format!("Key{}", key.to_uppercase());
            for kind in ["rawKeyDown", "keyUp"] {
                let key = json!({"type": kind, "modifiers": 2, "key": key, "code": code});
                own.cdp("Input.dispatchKeyEvent", key).await?;
            }
            let now = app.mask_coverage_other_than(from).await?;
            ensure(now == *to, || format!("{key} made {now} of {from}"))?;
            let body = "return benchKeys.length === arguments[0]";
            let done = json!(2 * undone + at + 1);
            own.browser.until("no frame", body, vec![done]).await?;
        }
    }
    let times = own.browser.script("return benchKeys", Vec::new()).await?;
    let times: Vec<f64> = serde_json::from_value(times)?;
    Ok(times.into_iter().step_by(2).collect())
}
