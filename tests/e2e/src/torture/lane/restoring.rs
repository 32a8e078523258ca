//! Kills while a backup is restored: what is there afterwards is whole, and the second attempt brings all of it.

use serde_json::{Value, json};

use super::{DUMP, Era, Lane, Moment, Point};
use crate::app::{App, PictureButton, Screen};
use crate::children::Scratch;
use crate::failure::{Context, Result, ensure, equal};
use crate::stories::backup::{SEED, STATE, as_before, give_backup};

/// Pictures of the backup: some transactions of them.
const PICTURES: usize = 180;
/// Their edge in pixels.
const EDGE: usize = 12;

impl Lane<'_> {
    /// One kill with a profile of its own: what came before on this engine is looked at, and begins anew afterwards.
    pub(super) async fn kill_in_restore(&mut self, era: &mut Era, point: &'static Point) -> Result {
        let old = std::mem::take(era);
        if old.profile.is_some() {
            self.finish(old).await?;
        }
        *era = self.begin()?;
        let restored = self.restore_twice(era, point).await;
        *era = self.begin()?;
        restored
    }

    async fn restore_twice(&mut self, era: &mut Era, point: &'static Point) -> Result {
        let folder = Scratch::new("backup")?;
        let path = folder.path().join("backup.zip");
        let machine = self.open_and_compare(era).await?;
        let app = App::new(&machine.browser, &self.app.address);
        for _ in 0..2 {
            self.draw(era, app, 0).await?;
        }
        let deleted = self.last_shown(era);
        app.press(&deleted, PictureButton::Delete).await?;
        app.until_results(&deleted, 0).await?;
        let seed = vec![json!(PICTURES), json!(EDGE), json!(256), json!(true)];
        app.browser.script(SEED, seed).await?;
        app.go(Screen::Settings).await?;
        app.press_button("Back up now").await?;
        // The one in the trash is not counted.
        let pictures = PICTURES + 1;
        app.until_says(&format!("Saved. Pictures: {pictures}"))
            .await?;
        let before = state(app).await?;
        std::fs::write(&path, written(app).await?)?;
        app.erase_everything().await?;
        app.go(Screen::Settings).await?;

        let armed = vec![point.armed()];
        let arm = "window.torture.armed = arguments[0]";
        app.browser.script(arm, armed).await?;
        let way = async {
            give_backup(app, &path).await?;
            std::future::pending().await
        };
        let reached = self.reached(point, way).await;
        self.killed(era, machine, Moment::Named(point))?;
        reached?;

        let machine = self.start(era, &Value::Null).await?;
        let app = App::new(&machine.browser, &self.app.address);
        app.open("").await?;
        let cut = state(app).await?;
        if let Err(torn) = ensure_part_of(&before, &cut) {
            self.tally.torn += 1;
            return Err(torn);
        }
        app.go(Screen::Settings).await?;
        if is_noted(app).await? {
            app.until_says("was interrupted at ").await?;
        }
        give_backup(app, &path).await?;
        app.until_says("Restored. Pictures added: ").await?;
        app.until_says_no_more("was interrupted at ").await?;
        let whole = as_before(state(app).await?) == as_before(before);
        ensure(whole, || {
            "after the second attempt it is not as it was".into()
        })?;
        equal("noted as interrupted", &is_noted(app).await?, &false)?;
        let profile = machine.kill()?;
        self.engine.ensure_used(profile.path())
    }
}

async fn state(app: App<'_>) -> Result<Value> {
    app.browser.script(STATE, Vec::new()).await
}

/// Whether a restore is noted as one that has not ended.
async fn is_noted(app: App<'_>) -> Result<bool> {
    let dump = app.browser.script(DUMP, Vec::new()).await?;
    let mut rows = dump["meta"].as_array().into_iter().flatten();
    Ok(rows.any(|row| row[0] == "restore"))
}

/// Every row that is there is whole, and was there before; every picture has its bytes and its attempt.
fn ensure_part_of(before: &Value, cut: &Value) -> Result {
    let (before, cut) = (as_before(before.clone()), as_before(cut.clone()));
    let rows = |store: &str| cut[store].as_object().cloned().unwrap_or_default();
    for store in ["pictures", "trash", "attempts", "ledger", "blobs"] {
        for (key, row) in rows(store) {
            equal(&format!("{store} {key}"), &row, &before[store][&key])?;
        }
    }
    for (key, row) in rows("pictures").into_iter().chain(rows("trash")) {
        let picture: Value = serde_json::from_str(row.as_str().unwrap_or_default())?;
        for (store, named) in [
            ("blobs", &picture["blob"]),
            ("attempts", &picture["attempt"]),
        ] {
            let name = named.as_str().unwrap_or_default();
            ensure(cut[store].get(name).is_some(), || {
                format!("the picture {key} is there without its {store}")
            })?;
        }
    }
    Ok(())
}

/// The bytes of the backup in the page's private folder.
async fn written(app: App<'_>) -> Result<Vec<u8>> {
    const READ: &str = "return (async () => {
        const folder = await navigator.storage.getDirectory();
        for await (const handle of folder.values()) {
          const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
          let text = '';
          for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
          return text;
        }
      })()";
    let found = app.browser.script(READ, Vec::new()).await?;
    let digits = found.as_str().context(|| "there is no backup".into())?;
    let byte = |pair: &[u8]| {
        let text = String::from_utf8_lossy(pair);
        u8::from_str_radix(&text, 16).unwrap_or_default()
    };
    Ok(digits.as_bytes().chunks(2).map(byte).collect())
}
