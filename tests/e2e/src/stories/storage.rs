//! A browser that keeps nothing, has no space, clears everything, or holds the data of another version.

use std::time::Duration;

use serde_json::json;

use super::durability::{close_for, new_tab};
use crate::app::{App, Billed, Kept, PictureButton, Screen};
use crate::browser::wait;
use crate::failure::{Context, Result, ensure, equal};
use crate::quota::{self, Space};
use crate::world::World;

super::stories! {
    "without space a paid picture is held, downloaded and saved later, and never called saved" => no_space,
    "room held free takes a paid picture when the space has run out" => ballast,
    "in a browser that keeps nothing it is said, agreed to, and each paid picture is downloaded" => in_tab,
    "in a browser without locks nothing is sent until this is the only tab" => no_locks,
    "in a browser without a service worker the app says what does not work" => no_worker,
    "after the first paid picture the browser is asked to keep them, and Settings says the answer" => asked_to_keep,
    "damaged rows are set aside and offered, and the app starts" => damaged_rows,
    "a picture whose bytes are gone says so" => bytes_gone,
    "what the browser has cleared is told, and nothing is spent before that is seen" => cleared,
    "the data of a newer version is looked at and left alone" => newer_version,
    "a tab whose data a newer version takes over sends no more" => taken_over,
    "while another tab holds the old data, the app says so, and goes on when it is closed" => held_elsewhere,
}

const PROMPT: &str = "a paper lantern";

async fn no_space(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    const BYTES: u64 = 9_000_000;
    quota::prepare(app).await?;
    let mut held = 0;
    for steps in [0, 1, 20, 90, 180] {
        let outcome = quota::at_step(app, world.simulator, &Space::Quota, steps, BYTES).await?;
        ensure(!outcome.is_lost && !outcome.is_false, || {
            format!("at step {steps}: {outcome:?}")
        })?;
        held += u32::from(outcome.is_held);
    }
    ensure((3..5).contains(&held), || format!("held {held} of 5"))?;
    held_until_let_go(world, app).await?;
    // With no space from the beginning, nothing is sent at all.
    quota::limit(app, 0).await?;
    app.reload().await?;
    let posts = world.posts();
    app.draw("no room for this").await?;
    app.until_alert("There may be no room for a result.")
        .await?;
    world
        .nothing_more(posts, Duration::from_millis(500))
        .await?;
    quota::lift(app).await
}

/// While a result is held, nothing more is sent; the person may say that the file is enough.
async fn held_until_let_go(world: &World<'_>, app: App<'_>) -> Result {
    let posts = world.posts();
    world.simulator.script(simulator::Script {
        delay_ms: 1_500,
        ..simulator::Script::default()
    });
    app.draw("the last one").await?;
    world
        .until_bill("it is sent", |bill| bill.len() > posts)
        .await?;
    quota::limit(app, 0).await?;
    app.until_alert("could not be saved").await?;
    app.until_trouble("could not be saved", Billed::Paid)
        .await?;
    app.draw(PROMPT).await?;
    app.until_says("A result that came before waits to be saved.")
        .await?;
    world
        .nothing_more(posts + 1, Duration::from_millis(500))
        .await?;
    quota::room(app).await?;
    app.press_on_notice("Download").await?;
    app.browser.downloaded().await?;
    app.press_on_notice("I have the files").await?;
    app.until_says_no_more("could not be saved").await?;
    app.reload().await?;
    equal("doubts", &app.in_doubt().await?, &0)?;
    app.until_results(PROMPT, 0).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await
}

async fn ballast(world: &World<'_>) -> Result {
    let app = world.app();
    app.erase().await?;
    app.keep(&Kept::server(&world.simulator.address())).await?;
    let eight = "localStorage.setItem('pentimento.ballast', '8')";
    app.browser.script(eight, Vec::new()).await?;
    app.open("").await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let held = async || Ok((ballast_bytes(app).await? == 8 << 20).then_some(()));
    wait(Duration::from_secs(20), held)
        .await
        .context(|| "no room is held free".into())?;
    quota::prepare(app).await?;
    let outcome = quota::at_step(app, world.simulator, &Space::Quota, 0, 5_000_000).await?;
    quota::lift(app).await?;
    equal("what became of it", &outcome, &quota::Outcome::default())?;
    equal("bytes held free", &ballast_bytes(app).await?, &0)
}

async fn ballast_bytes(app: App<'_>) -> Result<u64> {
    let body = "return new Promise((done, failed) => {
        const opening = indexedDB.open('studio');
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          const asked = database.transaction('ballast').objectStore('ballast').getAll();
          asked.onsuccess = () => { database.close(); done(asked.result.reduce((sum, blob) => sum + blob.size, 0)); };
        };
      })";
    let found = app.browser.script(body, Vec::new()).await?;
    Ok(found.as_u64().unwrap_or_default())
}

/// Ways in which browsers refuse to keep anything.
const KEEP_NOTHING: [(&str, &str); 4] = [
    (
        "the property throws",
        "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('denied', 'SecurityError'); } })",
    ),
    (
        "there is none",
        "Object.defineProperty(window, 'indexedDB', { value: undefined })",
    ),
    (
        "opening throws",
        "IDBFactory.prototype.open = () => { throw new DOMException('a private window', 'InvalidStateError'); }",
    ),
    (
        "opening fails",
        "IDBFactory.prototype.open = function () { const request = new EventTarget(); setTimeout(() => { Object.defineProperty(request, 'error', { value: new DOMException('broken', 'UnknownError') }); request.onerror?.({ target: request }); }); return request; }",
    ),
];

async fn in_tab(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    for (how, script) in KEEP_NOTHING {
        told_and_agreed(world, app, script)
            .await
            .context(|| how.into())?;
    }
    app.reload().await
}

async fn told_and_agreed(world: &World<'_>, app: App<'_>, script: &str) -> Result {
    let posts = world.posts();
    app.reload_after(script).await?;
    app.until_says("This browser keeps no data here.").await?;
    app.draw(PROMPT).await?;
    app.until_alert("This browser keeps no data here.").await?;
    world
        .nothing_more(posts, Duration::from_millis(300))
        .await?;
    app.press_button("Go on in this tab").await?;
    app.until_says("Each one that is paid for is downloaded")
        .await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let (path, bytes) = app.browser.downloaded().await?;
    ensure(bytes.starts_with(b"\x89PNG"), || {
        format!("{} is no picture", path.display())
    })?;
    equal("requests", &world.posts(), &(posts + 1))?;
    let asks = "const event = new Event('beforeunload', { cancelable: true }); return !dispatchEvent(event)";
    let asked = app.browser.script(asks, Vec::new()).await?;
    equal("leaving is asked about", &asked, &json!(true))?;
    // The whole app works in the tab: deleted and brought back, and the budget is kept.
    app.press(PROMPT, PictureButton::Delete).await?;
    app.until_results(PROMPT, 0).await?;
    app.undo().await?;
    app.until_results(PROMPT, 1).await?;
    app.go(Screen::Costs).await?;
    app.until_costs_say("Requests: 1").await?;
    app.go(Screen::Create).await
}

async fn no_locks(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    let script = "Object.defineProperty(Navigator.prototype, 'locks', { get: () => undefined })";
    app.reload_after(script).await?;
    app.until_says("cannot tell the tabs of this app apart")
        .await?;
    app.draw(PROMPT).await?;
    app.until_alert("cannot tell the tabs of this app apart")
        .await?;
    world.nothing_more(0, Duration::from_millis(300)).await?;
    app.press_button("This is the only tab").await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    equal("requests", &world.posts(), &1)
}

async fn no_worker(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    let script =
        "Object.defineProperty(Navigator.prototype, 'serviceWorker', { get: () => undefined })";
    app.reload_after(script).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.go(Screen::Settings).await?;
    app.until_says("Not ready to work offline").await?;
    // The sweep after each story looks for workers.
    app.go(Screen::Create).await?;
    app.reload().await
}

async fn asked_to_keep(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    let listen = "window.timesAsked = 0; \
        StorageManager.prototype.persisted = async () => false; \
        StorageManager.prototype.persist = async () => { window.timesAsked += 1; return window.timesAsked > 1; }";
    app.browser.script(listen, Vec::new()).await?;
    app.draw("for practice").await?;
    app.until_results("for practice", 1).await?;
    app.go(Screen::Settings).await?;
    app.until_says("when the first one that you paid for is saved")
        .await?;
    app.until_says("Used by this app:").await?;
    let times = async || {
        let found = app.browser.script("return window.timesAsked", Vec::new());
        found.await
    };
    equal("times asked", &times().await?, &json!(0))?;
    app.choose_provider("Compatible server").await?;
    app.put_address(&format!("{}/v1", world.simulator.address()))
        .await?;
    app.go(Screen::Create).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    equal("times asked", &times().await?, &json!(1))?;
    app.go(Screen::Settings).await?;
    app.until_says("The browser has made no promise").await?;
    app.press_button("Ask the browser now").await?;
    app.until_says("The browser has promised not to clear")
        .await?;
    equal("times asked", &times().await?, &json!(2))
}

/// Changes rows of several stores at random, as a damaged disk or a crafted file would; gives how many.
const DAMAGE: &str = "
const [seed] = arguments;
let state = seed;
const random = (n) => { state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0; return (state >>> 0) % n; };
return (async () => {
  const done = (request) => new Promise((ok, no) => { request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error); });
  const database = await done(indexedDB.open('studio'));
  const names = ['pictures', 'attempts', 'trash', 'jobs', 'drafts', 'meta', 'ledger'];
  const transaction = database.transaction(names, 'readwrite');
  let changed = 0;
  for (const name of names) {
    const store = transaction.objectStore(name);
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    const sample = values[0] ?? '{\"v\":1}';
    for (let n = 0; n < 40; n += 1) {
      const json = String(values[random(values.length || 1)] ?? sample);
      const spot = random(json.length);
      const changes = [json.slice(0, spot), json.slice(0, spot) + String.fromCharCode(random(65536)) + json.slice(spot + 1), { json }, n, '', null, new Blob([json])];
      store.put(changes[random(changes.length)], `zz-${seed}-${n}`);
      changed += 1;
    }
    store.put('{', 7);
    store.put('{', new Date(0));
  }
  await new Promise((ok, no) => { transaction.oncomplete = ok; transaction.onabort = () => no(transaction.error); });
  database.close();
  return changed;
})();";

async fn damaged_rows(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.draw("one to be deleted").await?;
    app.until_results("one to be deleted", 1).await?;
    app.press("one to be deleted", PictureButton::Delete)
        .await?;
    app.until_results("one to be deleted", 0).await?;
    for seed in [3, 5, 8] {
        let changed = app.browser.script(DAMAGE, vec![json!(seed)]).await?;
        ensure(changed.as_u64() > Some(200), || {
            format!("{changed} rows were changed")
        })?;
        app.reload().await?;
        app.until_says("stored entries cannot be read").await?;
        app.until_results(PROMPT, 1).await?;
        for screen in Screen::ALL {
            app.go(screen).await?;
        }
        app.until_says("set aside:").await?;
        app.go(Screen::Create).await?;
    }
    app.go(Screen::Settings).await?;
    app.until_says("set aside:").await?;
    app.press_button("Download them").await?;
    let (path, bytes) = app.browser.downloaded().await?;
    let lines = String::from_utf8_lossy(&bytes).lines().count();
    ensure(lines > 40, || {
        format!("{lines} lines in {}", path.display())
    })?;
    // Nothing of it is gone, and what is whole is where it was.
    let rows = app.stored("pictures", None).await?;
    ensure(rows.len() == 1, || format!("pictures: {rows:?}"))
}

async fn bytes_gone(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let rows = app.stored("pictures", None).await?;
    let (_, row) = rows.first().context(|| "there is no picture".into())?;
    let row: serde_json::Value = serde_json::from_str(row)?;
    let hash = row["blob"].as_str().unwrap_or_default().to_owned();
    app.forget_blobs().await?;
    app.reload().await?;
    app.until_says("The bytes of this picture are no longer stored.")
        .await?;
    app.until_says(&hash).await?;
    app.go(Screen::Library).await?;
    app.until_says(&hash).await?;
    app.go(Screen::Create).await
}

/// Deletes the app's database from a page of its origin that is not the app; the small texts stay, as browsers do it.
const CLEAR: &str = "return new Promise((done, failed) => {
    const request = indexedDB.deleteDatabase('studio');
    request.onsuccess = () => done(true);
    request.onerror = () => failed(request.error);
  })";

async fn cleared(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.draw("another one").await?;
    app.until_results("another one", 1).await?;
    let elsewhere = format!("{}no-such-page", app.address);
    app.browser.goto(&elsewhere).await?;
    app.browser.script(CLEAR, Vec::new()).await?;
    app.open("").await?;
    app.until_says("This browser has cleared the data of this app.")
        .await?;
    app.until_says("Pictures that were here: 2.").await?;
    app.draw(PROMPT).await?;
    app.until_alert("This browser has cleared the data").await?;
    world.nothing_more(2, Duration::from_millis(300)).await?;
    // Said until it is seen.
    app.reload().await?;
    app.press_button("Open Settings").await?;
    let at = app
        .browser
        .script("return location.hash", Vec::new())
        .await?;
    equal("the view", &at, &json!(Screen::Settings.hash()))?;
    app.go(Screen::Create).await?;
    app.press_button("Go on without them").await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    equal("requests", &world.posts(), &3)?;
    app.reload().await?;
    app.until_results(PROMPT, 1).await?;
    app.until_says_no_more("has cleared the data").await?;
    cleared_while_open(world, app).await?;
    deleted_by_the_person(app).await
}

/// Under a running app, by the browser's own protocol.
async fn cleared_while_open(world: &World<'_>, app: App<'_>) -> Result {
    let Some(cdp) = app.browser.cdp() else {
        return Ok(());
    };
    let origin = app.address.trim_end_matches('/');
    let what = json!({"origin": origin, "storageTypes": "indexeddb"});
    cdp.send_raw("Storage.clearDataForOrigin", what).await?;
    let posts = world.posts();
    app.draw("after it was cleared").await?;
    app.until_says("This browser has cleared the data of this app.")
        .await?;
    world
        .nothing_more(posts, Duration::from_millis(500))
        .await?;
    app.press_button("Go on without them").await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 2).await?;
    app.reload().await?;
    app.until_results(PROMPT, 1).await
}

/// What the person has deleted for good is missed by nobody.
async fn deleted_by_the_person(app: App<'_>) -> Result {
    app.press(PROMPT, PictureButton::Delete).await?;
    app.until_results(PROMPT, 0).await?;
    app.empty_trash().await?;
    app.until_says("Deleted for good").await?;
    app.reload().await?;
    app.until_says("No pictures yet").await?;
    let cleared = "return document.body.innerText.includes('has cleared the data')";
    let said = app.browser.script(cleared, Vec::new()).await?;
    equal("cleared", &said, &json!(false))?;
    app.go(Screen::Create).await
}

/// Opens the database as a later build would, and gives way to nobody until it is told to.
const RAISE: &str = "const [version] = arguments;
  return new Promise((done, failed) => {
    const opening = indexedDB.open('studio', version);
    opening.onsuccess = () => { window.held = opening.result; done(opening.result.version); };
    opening.onerror = () => failed(opening.error);
  })";

async fn newer_version(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let before = app.stored("pictures", None).await?;
    let elsewhere = format!("{}no-such-page", app.address);
    app.browser.goto(&elsewhere).await?;
    app.browser.script(RAISE, vec![json!(99)]).await?;
    app.open("").await?;
    app.until_says("A newer version of this app wrote the data.")
        .await?;
    app.until_results(PROMPT, 1).await?;
    app.draw("not to be sent").await?;
    app.until_alert("A newer version of this app wrote the data.")
        .await?;
    world.nothing_more(1, Duration::from_millis(300)).await?;
    app.press(PROMPT, PictureButton::Download).await?;
    app.browser.downloaded().await?;
    app.press(PROMPT, PictureButton::Delete).await?;
    app.reload().await?;
    app.until_results(PROMPT, 1).await?;
    equal("rows", &app.stored("pictures", None).await?, &before)
}

async fn taken_over(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    // Something is on its way while another tab brings the newer schema.
    world.simulator.script(simulator::Script {
        delay_ms: 2_500,
        ..simulator::Script::default()
    });
    app.draw("on its way").await?;
    world
        .until_bill("it is sent", |bill| bill.len() == 2)
        .await?;
    let (first, _) = beside(world, app).await?;
    app.browser.script(RAISE, vec![json!(99)]).await?;
    world.browser.driver().switch_to_window(first).await?;
    app.until_says("Another tab has taken over the data.")
        .await?;
    app.until_results("on its way", 1).await?;
    app.draw("not to be sent").await?;
    app.until_alert("Another tab has taken over the data.")
        .await?;
    world.nothing_more(2, Duration::from_millis(300)).await?;
    app.reload().await?;
    app.until_results("on its way", 1).await?;
    close_others(world).await
}

async fn held_elsewhere(world: &World<'_>) -> Result {
    let app = world.app();
    app.erase().await?;
    app.keep(&Kept::server(&world.simulator.address())).await?;
    // An old tab that hangs: it holds the first schema and hears nothing.
    let old = "return new Promise((done, failed) => {
        const opening = indexedDB.open('studio', 1);
        const names = ['meta', 'blobs', 'pictures', 'thumbs', 'jobs', 'attempts', 'ledger', 'drafts', 'trash', 'quarantine'];
        opening.onupgradeneeded = () => names.forEach((name) => opening.result.createObjectStore(name));
        opening.onsuccess = () => { window.held = opening.result; done(true); };
        opening.onerror = () => failed(opening.error);
      })";
    app.browser.script(old, Vec::new()).await?;
    let (first, second) = beside(world, app).await?;
    app.open("").await?;
    app.until_says("Close the other tabs of this app.").await?;
    app.draw(PROMPT).await?;
    app.until_alert("could not be recorded first").await?;
    world.nothing_more(0, Duration::from_millis(300)).await?;
    let driver = world.browser.driver();
    driver.switch_to_window(first).await?;
    close_for(world, second).await?;
    app.until_says_no_more("Close the other tabs of this app.")
        .await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    equal("requests", &world.posts(), &1)
}

/// A new tab in front, on a page of the app's origin that is not the app; the first tab and it.
async fn beside(
    world: &World<'_>,
    app: App<'_>,
) -> Result<(thirtyfour::WindowHandle, thirtyfour::WindowHandle)> {
    let tabs = new_tab(world).await?;
    app.browser
        .goto(&format!("{}no-such-page", app.address))
        .await?;
    Ok(tabs)
}

/// Closes every tab but the one in front.
async fn close_others(world: &World<'_>) -> Result {
    let driver = world.browser.driver();
    let front = driver.window().await?;
    for other in driver.windows().await? {
        if other != front {
            driver.switch_to_window(other).await?;
            close_for(world, front.clone()).await?;
        }
    }
    Ok(())
}
