//! Backups: saved, everything lost, restored as it was; and what is damaged, hostile or interrupted.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::{App, PictureButton, Screen};
use crate::browser::Kind;
use crate::children::Scratch;
use crate::failure::{Context, Result, ensure, equal};
use crate::world::{World, key};

super::stories! {
    "what was backed up and erased is restored: the same pictures, marks, trash and ledger" => round_trip,
    "a damaged backup is refused with a reason, and nothing changes" => damaged,
    "a restore that was interrupted goes on where it was, and one that is stopped leaves nothing" => interrupted,
    "where the browser lets a person choose a place, the backup is written there as it comes" => chosen_place,
    "each picture goes into the person's folder as well, with its recipe, and a folder that is gone is said once" => into_folder,
}

pub(crate) const SEED: &str = include_str!("../seed_pictures.js");
pub(crate) const STATE: &str = include_str!("../stored_state.js");
const KEPT: &str = "a lighthouse on a cliff";
const DELETED: &str = "a broken vase";
const MANY: usize = 300;

/// Without a place to choose, as in most browsers; a driver cannot answer the browser's own dialogue.
const NO_PLACES: &str =
    "Object.defineProperty(window, 'showSaveFilePicker', { value: undefined, configurable: true })";

async fn state(world: &World<'_>) -> Result<Value> {
    world.browser.script(STATE, Vec::new()).await
}

fn rows(state: &Value, store: &str) -> usize {
    state[store].as_object().map_or(0, serde_json::Map::len)
}

/// Two pictures that were paid for, one of them a favourite, the other one in the trash.
async fn two_pictures<'a>(world: &World<'a>) -> Result<App<'a>> {
    let app = world.app_with_simulator().await?;
    app.connect(&world.simulator.address(), &key()).await?;
    for prompt in [KEPT, DELETED] {
        app.draw(prompt).await?;
        app.until_results(prompt, 1).await?;
    }
    app.press(DELETED, PictureButton::Delete).await?;
    app.until_results(DELETED, 0).await?;
    app.go(Screen::Library).await?;
    let star = [
        ("list", "Library"),
        ("article", KEPT),
        ("button", "Favourite"),
    ];
    world.browser.click(&star).await?;
    let is_on = "return findAll(arguments[0])[0]?.getAttribute('aria-pressed') === 'true'";
    let until = world
        .browser
        .until("the star is on", is_on, vec![json!(star)]);
    until.await?;
    Ok(app)
}

/// Presses the button, and keeps the file that comes.
async fn saved(world: &World<'_>, app: App<'_>, folder: &Scratch) -> Result<(PathBuf, Vec<u8>)> {
    app.go(Screen::Settings).await?;
    world.browser.script(NO_PLACES, Vec::new()).await?;
    app.press_button("Back up now").await?;
    let (path, bytes) = world.browser.downloaded().await?;
    app.until_says("Saved. Pictures: ").await?;
    app.until_says("Last backup: today. New pictures since: 0.")
        .await?;
    let name = path
        .file_name()
        .context(|| "a file without a name".into())?;
    let kept = folder.path().join(name);
    std::fs::write(&kept, &bytes).context(|| format!("writing {}", kept.display()))?;
    Ok((kept, bytes))
}

async fn give(world: &World<'_>, path: &Path) -> Result {
    give_backup(world.app(), path).await
}

/// Chooses a backup to restore, in Settings.
pub(crate) async fn give_backup(app: App<'_>, path: &Path) -> Result {
    app.browser
        .find(&[("button", "Restore from a backup")])
        .await?;
    let field = "return document.querySelector('.backup input[type=file]')";
    app.browser.give_file(field, path).await
}

/// The same, but for what says of a line that it was restored.
pub(crate) fn as_before(mut state: Value) -> Value {
    for (name, _) in state.clone()["ledger"].as_object().into_iter().flatten() {
        let line = state["ledger"][name].as_str().unwrap_or_default();
        let line = line.replace(r#","imported":true"#, "");
        state["ledger"][name] = json!(line);
    }
    // Which tab asked is of that tab.
    for (name, _) in state.clone()["attempts"].as_object().into_iter().flatten() {
        let row = state["attempts"][name].as_str().unwrap_or_default();
        let mut row: Value = serde_json::from_str(row).unwrap_or_default();
        row["tab"] = json!("");
        state["attempts"][name] = row;
    }
    state
}

async fn round_trip(world: &World<'_>) -> Result {
    let folder = Scratch::new("backup")?;
    let app = two_pictures(world).await?;
    let before = state(world).await?;
    for (store, wanted) in [
        ("pictures", 1),
        ("trash", 1),
        ("attempts", 2),
        ("ledger", 4),
    ] {
        equal(store, &rows(&before, store), &wanted)?;
    }
    ensure(before["pictures"].to_string().contains("favourite"), || {
        "no favourite".into()
    })?;
    let (file, bytes) = saved(world, app, &folder).await?;
    let text = String::from_utf8_lossy(&bytes);
    ensure(text.contains(KEPT), || "the prompt is not in it".into())?;
    for secret in [key().as_str(), "127.0.0.1", "\"budget"] {
        ensure(!text.contains(secret), || format!("{secret} is in it"))?;
    }

    app.erase_everything().await?;
    app.go(Screen::Settings).await?;
    equal("pictures", &rows(&state(world).await?, "blobs"), &0)?;
    give(world, &file).await?;
    app.until_says("Restored. Pictures added: 2.").await?;
    app.until_says("Restored costs are shown, and count in no budget.")
        .await?;
    let after = state(world).await?;
    equal(
        "what was kept",
        &as_before(after.clone()),
        &as_before(before),
    )?;
    for (hash, digest) in after["blobs"].as_object().into_iter().flatten() {
        equal("the hash of a picture", digest, &json!(hash))?;
    }
    let days = app.days().await?;
    ensure(days.is_empty(), || {
        format!("restored costs count: {days:?}")
    })?;

    // Its own backup brings nothing new.
    give(world, &file).await?;
    app.until_says("Restored. Pictures added: 0.").await?;
    app.until_says("Here already, and left as they are: 2.")
        .await?;
    equal("after its own backup", &state(world).await?, &after)?;

    app.go(Screen::Library).await?;
    app.until_in_library(KEPT, 1).await?;
    world
        .browser
        .click(&[("checkbox", "Favourites only")])
        .await?;
    app.until_in_library(KEPT, 1).await?;
    app.press_button("Trash").await?;
    world.browser.find(&[("article", DELETED)]).await?;
    app.go(Screen::Costs).await?;
    app.until_costs_say("gpt-image-1-mini").await?;
    app.until_says("From backups: $").await
}

async fn damaged(world: &World<'_>) -> Result {
    let folder = Scratch::new("damaged")?;
    let app = two_pictures(world).await?;
    let (_, bytes) = saved(world, app, &folder).await?;
    app.erase_everything().await?;
    app.go(Screen::Create).await?;
    app.draw("something else").await?;
    app.until_results("something else", 1).await?;
    app.go(Screen::Settings).await?;
    let before = state(world).await?;
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        bytes
    };
    let picture = "it is damaged";
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("picture.zip", flipped(5000), picture),
        ("end.zip", flipped(bytes.len() - 30), ""),
        (
            "cut.zip",
            bytes[..bytes.len() / 2].to_vec(),
            "its end is missing",
        ),
        ("longer.zip", [&bytes[..], b"x"].concat(), "another program"),
        (
            "page.zip",
            b"<p>Not found</p>".repeat(40),
            "it is no backup of this app",
        ),
        ("empty.zip", Vec::new(), "it is no backup of this app"),
    ];
    for (name, bytes, why) in cases {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).context(|| format!("writing {name}"))?;
        give(world, &path).await?;
        app.until_says(&format!("{name} was not restored: {why}"))
            .await?;
        app.until_says("what was here is unchanged.").await?;
        equal(name, &state(world).await?, &before)?;
    }
    Ok(())
}

/// A fresh app with many pictures, and their backup.
async fn many<'a>(world: &World<'a>, folder: &Scratch) -> Result<(App<'a>, PathBuf)> {
    let app = world.app();
    app.open_fresh(None).await?;
    app.draw(KEPT).await?;
    app.until_results(KEPT, 1).await?;
    let seed = vec![json!(MANY), json!(64), json!(256), json!(true)];
    world.browser.script(SEED, seed).await?;
    let (path, _) = saved(world, app, folder).await?;
    app.until_says(&format!("Saved. Pictures: {}", MANY + 1))
        .await?;
    Ok((app, path))
}

async fn interrupted(world: &World<'_>) -> Result {
    let folder = Scratch::new("interrupted")?;
    let (app, path) = many(world, &folder).await?;
    let before = state(world).await?;
    app.erase_everything().await?;
    app.go(Screen::Settings).await?;
    app.mark_page().await?;
    // The page goes as soon as some of it is there.
    let watch = "(async () => {
        const opening = indexedDB.open('studio');
        const db = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
        const noted = () => new Promise((done) => {
          const asked = db.transaction('meta').objectStore('meta').get('restore');
          asked.onsuccess = () => done(asked.result);
        });
        while (!(await noted())) await new Promise(requestAnimationFrame);
        location.reload();
      })()";
    world.browser.script(watch, Vec::new()).await?;
    give(world, &path).await?;
    app.until_other_page().await?;
    app.until_says("was interrupted at ").await?;
    let halfway = state(world).await?;
    equal("rows", &rows(&halfway, "pictures"), &0)?;
    let brought = rows(&halfway, "blobs");
    ensure((1..MANY).contains(&brought), || {
        format!("{brought} pictures are there")
    })?;
    give(world, &path).await?;
    app.until_says(&format!("Restored. Pictures added: {}.", MANY + 1))
        .await?;
    app.until_says_no_more("was interrupted at ").await?;
    equal(
        "what was kept",
        &as_before(state(world).await?),
        &as_before(before),
    )?;

    // Called off, it leaves nothing behind.
    app.erase_everything().await?;
    app.go(Screen::Settings).await?;
    let stop = "new MutationObserver((_, observer) => {
        const [button] = findAll([['button', 'Stop']]);
        if (button && /[1-9][0-9]* %/.test(document.querySelector('.backup').innerText)) {
          observer.disconnect();
          button.click();
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true })";
    world.browser.script(stop, Vec::new()).await?;
    give(world, &path).await?;
    app.until_says("Stopped. Nothing was changed.").await?;
    let left = state(world).await?;
    for store in ["blobs", "pictures", "trash", "ledger", "attempts"] {
        equal(store, &rows(&left, store), &0)?;
    }
    Ok(())
}

async fn chosen_place(world: &World<'_>) -> Result {
    let folder = Scratch::new("place")?;
    let app = two_pictures(world).await?;
    let before = state(world).await?;
    app.go(Screen::Settings).await?;
    // The dialogue is the browser's own: in its place stands a file of the page's private folder.
    let place = "window.showSaveFilePicker = async ({ suggestedName }) =>
        (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })";
    world.browser.script(place, Vec::new()).await?;
    app.press_button("Back up now").await?;
    app.until_says("Saved. Pictures: ").await?;
    let read = "return (async () => {
        const folder = await navigator.storage.getDirectory();
        for await (const [name, handle] of folder.entries()) {
          const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
          let text = '';
          for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
          await folder.removeEntry(name);
          return [name, text];
        }
      })()";
    let found = world.browser.script(read, Vec::new()).await?;
    let name = found[0].as_str().unwrap_or_default();
    ensure(name.starts_with("pentimento-backup-"), || {
        format!("the file is called {name}")
    })?;
    let digits = found[1].as_str().unwrap_or_default().as_bytes();
    let byte = |pair: &[u8]| {
        let text = String::from_utf8_lossy(pair);
        u8::from_str_radix(&text, 16).unwrap_or_default()
    };
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
    let path = folder.path().join(name);
    std::fs::write(&path, &bytes).context(|| format!("writing {name}"))?;
    app.erase_everything().await?;
    app.go(Screen::Settings).await?;
    give(world, &path).await?;
    app.until_says("Restored. Pictures added: 2.").await?;
    equal(
        "what was kept",
        &as_before(state(world).await?),
        &as_before(before),
    )
}

/// The files of the page's private folder of that name: their names, and what the texts among them say.
async fn files(world: &World<'_>) -> Result<Vec<(String, Value)>> {
    let body = "return (async () => {
        const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('pictures');
        const found = [];
        for await (const [name, handle] of folder.entries()) {
          // One that is being written has another name, or nothing in it yet.
          const file = await handle.getFile().catch(() => null);
          if (file?.size) found.push([name, name.endsWith('.json') ? JSON.parse(await file.text()) : file.size]);
        }
        return found.sort();
      })()";
    let found = world.browser.script(body, Vec::new()).await?;
    let found = found.as_array().cloned().unwrap_or_default();
    let pair = |pair: &Value| {
        (
            pair[0].as_str().unwrap_or_default().to_owned(),
            pair[1].clone(),
        )
    };
    Ok(found.iter().map(pair).collect())
}

async fn until_files(world: &World<'_>, wanted: usize) -> Result<Vec<(String, Value)>> {
    crate::browser::wait(crate::browser::PATIENCE, async || {
        // The browser gives a file its name when it is whole.
        let is_whole =
            |files: &Vec<(String, Value)>| files.iter().all(|(name, _)| !name.ends_with(".crswap"));
        Ok(Some(files(world).await?).filter(|files| files.len() == wanted && is_whole(files)))
    })
    .await
    .context(|| format!("there are not {wanted} files"))
}

async fn into_folder(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    app.go(Screen::Settings).await?;
    if world.options.kind == Kind::Firefox {
        return app
            .until_says("This browser lets a page write into no folder")
            .await;
    }
    // The dialogue is the browser's own: in its place stands a folder of the page's private ones.
    let choose = "window.showDirectoryPicker = async () =>
        (await navigator.storage.getDirectory()).getDirectoryHandle('pictures', { create: true })";
    world.browser.script(choose, Vec::new()).await?;
    app.press_button("Choose a folder").await?;
    app.until_says("Pictures go to the folder pictures.")
        .await?;
    app.go(Screen::Create).await?;
    app.draw(KEPT).await?;
    app.until_results(KEPT, 1).await?;
    let written = until_files(world, 2).await?;
    let (picture, recipe) = (&written[0], &written[1]);
    ensure(picture.0.starts_with("a-lighthouse-on-a-cliff-"), || {
        format!("the file is called {}", picture.0)
    })?;
    equal(
        "the recipe's name",
        &recipe.0,
        &format!("{}.json", picture.0),
    )?;
    equal("its prompt", &recipe.1["request"]["prompt"], &json!(KEPT))?;
    equal("its file", &recipe.1["file"], &json!(picture.0))?;
    let kept = state(world).await?;
    let hash = recipe.1["sha256"].as_str().unwrap_or_default();
    equal("its picture", &kept["blobs"][hash], &json!(hash))?;

    app.reload().await?;
    app.go(Screen::Settings).await?;
    app.until_says("Pictures go to the folder pictures.")
        .await?;
    app.go(Screen::Create).await?;
    app.draw("a second picture").await?;
    app.until_results("a second picture", 1).await?;
    until_files(world, 4).await?;

    let gone = "return navigator.storage.getDirectory().then((root) => root.removeEntry('pictures', { recursive: true }))";
    world.browser.script(gone, Vec::new()).await?;
    app.draw("a third picture").await?;
    app.until_results("a third picture", 1).await?;
    app.until_alert("could not be written into the folder pictures")
        .await?;
    app.dismiss_notices().await?;
    app.draw("a fourth picture").await?;
    app.until_results("a fourth picture", 1).await?;
    equal("alerts", &app.alerts().await?, &0)?;
    app.reload().await?;
    app.go(Screen::Library).await?;
    app.until_in_library("a fourth picture", 1).await
}
