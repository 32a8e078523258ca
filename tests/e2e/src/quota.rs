//! A browser that has no more space, at a chosen byte, while a result that is paid for is on its way.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use serde_json::{Value, json};
use simulator::{Picture, Script, Simulator};

use crate::app::App;
use crate::browser::{PATIENCE, wait};
use crate::failure::{Context, Failure, Result, ensure};

const KEPT_RESULT: &str = include_str!("kept_result.js");
const STEP_BYTES: u64 = 64 << 10;

/// What became of one result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// It was held in memory, and said so.
    pub(crate) is_held: bool,
    /// It is neither on disk nor in the person's hands.
    pub(crate) is_lost: bool,
    /// It was shown as saved, and is not on disk.
    pub(crate) is_false: bool,
}

/// What there is too little of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Space {
    /// What the browser grants the page.
    Quota,
    /// What is free on the disk that the profile is on: this file takes the rest of it.
    Disk { filler: PathBuf },
}

impl Space {
    async fn limit(&self, app: App<'_>, more: u64) -> Result {
        match self {
            Self::Quota => limit(app, more).await,
            Self::Disk { filler } => fill(filler, more),
        }
    }

    async fn room(&self, app: App<'_>) -> Result {
        match self {
            Self::Quota => room(app).await,
            Self::Disk { filler } => {
                std::fs::remove_file(filler).context(|| format!("removing {}", filler.display()))
            }
        }
    }
}

/// Writes a file until nothing more fits, and gives back so many bytes.
fn fill(filler: &PathBuf, more: u64) -> Result {
    let naming = || format!("filling the disk with {}", filler.display());
    let mut file = File::create(filler).context(naming)?;
    // Smaller and smaller pieces, down to what a disk gives at once.
    for piece in [1 << 20, 1 << 12] {
        let piece = vec![0x5a; piece];
        while file
            .write_all(&piece)
            .and_then(|()| file.sync_data())
            .is_ok()
        {}
    }
    let length = file.metadata().context(naming)?.len();
    file.set_len(length.saturating_sub(more)).context(naming)
}

/// Has the browser look again at what is free, and asks for a large square.
pub(crate) async fn prepare(app: App<'_>) -> Result {
    app.choose_model("gpt-image-2").await?;
    app.set_custom_size("2048", "2048").await?;
    limit(app, 0).await?;
    room(app).await
}

/// Draws one picture of so many bytes with room for `steps` × 64 kB once it is sent. Afterwards there is room again, and what was
/// held is saved.
pub(crate) async fn at_step(
    app: App<'_>,
    simulator: &Simulator,
    space: &Space,
    steps: u64,
    bytes: u64,
) -> Result<Outcome> {
    let prompt = format!("quota {steps} of {bytes}");
    simulator.configure(|config| config.picture = Picture::Noise { bytes });
    simulator.script(Script {
        delay_ms: 1_500,
        ..Script::default()
    });
    let before = simulator.bill().len();
    app.draw(&prompt).await?;
    wait(PATIENCE, async || {
        Ok((simulator.bill().len() > before).then_some(()))
    })
    .await
    .context(|| format!("step {steps}: nothing is sent"))?;
    space.limit(app, steps * STEP_BYTES).await?;
    let is_held = settled(app, &prompt).await;
    let kept = match &is_held {
        Ok(false) => Some(kept(app, &prompt).await?),
        _ => None,
    };
    let mut outcome = Outcome {
        is_held: is_held.context(|| format!("step {steps}"))?,
        ..Outcome::default()
    };
    if outcome.is_held {
        ensure(self::kept(app, &prompt).await? == json!("nothing"), || {
            format!("step {steps}: held, and something of it is on disk")
        })?;
        let sum = downloaded(app).await?;
        space.room(app).await?;
        app.press_on_notice("Save again").await?;
        app.until_results(&prompt, 1).await?;
        let saved = self::kept(app, &prompt).await?;
        outcome.is_lost = saved != sum;
        outcome.is_false = !saved.is_array();
    } else {
        space.room(app).await?;
        outcome.is_false = !kept.is_some_and(|kept| kept.is_array());
        outcome.is_lost = outcome.is_false;
    }
    Ok(outcome)
}

/// Room for whatever comes, but not so much that the browser does not look again: what it has seen to be free it takes for
/// free for half a minute.
const ROOM_BYTES: u64 = 15 << 20;

/// Only so much more may be written from now on. Waits until the browser goes by that: what is used changes for a while after
/// something was deleted.
pub(crate) async fn limit(app: App<'_>, more: u64) -> Result {
    let body = "const [bytes] = arguments;
        return new Promise((done, failed) => {
          const opening = indexedDB.open('probe');
          opening.onupgradeneeded = () => opening.result.createObjectStore('rows');
          opening.onerror = () => failed(opening.error);
          opening.onsuccess = () => {
            const database = opening.result;
            const transaction = database.transaction('rows', 'readwrite');
            const rows = transaction.objectStore('rows');
            const piece = new Blob([new Uint8Array(1 << 20)]);
            rows.put(new Blob(Array(Math.ceil(bytes / (1 << 20))).fill(piece)), 1);
            transaction.onabort = () => { database.close(); done(true); };
            transaction.oncomplete = () => {
              const cleaned = database.transaction('rows', 'readwrite');
              cleaned.objectStore('rows').clear();
              cleaned.oncomplete = () => { database.close(); done(false); };
            };
          };
        })";
    let in_force = wait(PATIENCE * 6, async || {
        let before = usage(app).await?;
        set(app, Some(more)).await?;
        let bytes = vec![json!(more + (1 << 20))];
        let refused = app.browser.script(body, bytes).await?;
        // What was freed in the meantime would be room beyond what is meant.
        let is_less = usage(app).await? < before;
        Ok((refused == json!(true) && !is_less).then_some(()))
    });
    in_force
        .await
        .context(|| "the quota is not in force".into())
}

/// There is room again.
pub(crate) async fn room(app: App<'_>) -> Result {
    set(app, Some(ROOM_BYTES)).await
}

/// No limit but the disk's.
pub(crate) async fn lift(app: App<'_>) -> Result {
    set(app, None).await
}

async fn set(app: App<'_>, more: Option<u64>) -> Result {
    let mut set = json!({"origin": origin(app)});
    if let Some(more) = more {
        set["quotaSize"] = json!(usage(app).await? + more);
    }
    asked(app, "Storage.overrideQuotaForOrigin", set)
        .await
        .map(drop)
}

/// Bytes that the browser counts as used.
async fn usage(app: App<'_>) -> Result<u64> {
    let origin = json!({"origin": origin(app)});
    let found = asked(app, "Storage.getUsageAndQuota", origin).await?;
    Ok(found["usage"].as_f64().unwrap_or_default() as u64)
}

fn origin(app: App<'_>) -> &str {
    app.address.trim_end_matches('/')
}

async fn asked(app: App<'_>, method: &str, parameters: Value) -> Result<Value> {
    let cdp = app
        .browser
        .cdp()
        .context(|| "only Chromium's quota can be set".into())?;
    cdp.send_raw(method, parameters)
        .await
        .context(|| method.to_owned())
}

/// Whether the result is held (true) or shown as any other (false).
async fn settled(app: App<'_>, prompt: &str) -> Result<bool> {
    let body = "const held = document.body.innerText.includes('could not be saved'); \
        const shown = findAll([['list', 'Results'], ['article', arguments[0]]]).length > 0; \
        return held ? 'held' : shown ? 'shown' : null";
    // Patiently: the simulator makes a large picture the first time.
    let found = app.browser.until_within(
        PATIENCE * 6,
        "neither held nor shown",
        body,
        vec![json!(prompt)],
    );
    let found = found.await?;
    Ok(found == json!("held"))
}

/// What the database holds of it.
async fn kept(app: App<'_>, prompt: &str) -> Result<Value> {
    app.browser.script(KEPT_RESULT, vec![json!(prompt)]).await
}

/// Length and sum of the file that is offered, as `kept_result.js` says them.
async fn downloaded(app: App<'_>) -> Result<Value> {
    app.press_on_notice("Download").await?;
    let (path, bytes) = app.browser.downloaded().await?;
    let is_png = bytes.starts_with(b"\x89PNG");
    if !is_png {
        return Err(Failure::new(format!("{} is no PNG", path.display())));
    }
    let sum = bytes.iter().fold(0_u32, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(*byte))
    });
    Ok(json!([bytes.len(), sum]))
}
