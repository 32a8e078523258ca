//! What other apps share with the installed one: it waits for a yes, and is not lost until there is an answer.

use std::path::Path;

use serde_json::json;

use crate::app::{App, Screen};
use crate::browser::{PATIENCE, wait};
use crate::children::Scratch;
use crate::failure::{Context, Result, equal};
use crate::quota;
use crate::site::{Site, caches};
use crate::world::World;

use super::durability::{close_for, new_tab};
use super::images::{PNG, photo, write};
use super::offline::kept;

super::stories! {
    "shared images wait for a yes, and then are images of the request, also without a network" => added,
    "what a strange page sends comes to nothing without a yes" => discarded,
    "what is shared first of all is asked about at once" => first_of_all,
    "shared images outlast a reload, a newer version and the worker, and are erased with all else" => outlasting,
    "more than the app keeps is said, and each share that waits is asked about by itself" => too_much,
    "what is too large, too many or no form is not kept, and that is said" => no_room,
    "only a whole page can share: no script, no frame, no other address" => left_alone,
    "of two windows that ask about the same share, one adds it" => two_windows,
    "a shared image that finds no space is asked about again" => no_space,
    "shared files that are no pictures are refused by name, and a form without files is nothing" => no_pictures,
}

const WAITS: &str = "Images shared with Pentimento";
const ADD: [(&str, &str); 1] = [("button", "Add to the request")];
const DISCARD: [(&str, &str); 1] = [("button", "Discard")];
const NOT_KEPT: &str = "What was shared with Pentimento could not be kept";

/// Sends the form that the system sends, from a page of no origin: drivers have no other app to share from.
async fn share(world: &World<'_>, app: App<'_>, files: &[&Path]) -> Result {
    open_form(world, app).await?;
    if !files.is_empty() {
        let paths: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
        let field = "return document.querySelector('input')";
        let paths = paths.join("\n");
        world.browser.give_file(field, Path::new(&paths)).await?;
    }
    send(world, app, "").await
}

async fn open_form(world: &World<'_>, app: App<'_>) -> Result {
    let form = format!(
        "data:text/html,<form method=post enctype=multipart/form-data action={}share><input type=file name=images multiple></form>",
        app.address
    );
    world.browser.goto(&form).await
}

/// Sends the form after a script has changed it.
async fn send(world: &World<'_>, app: App<'_>, change: &str) -> Result {
    let send = format!(
        "const form = document.forms[0], field = form.elements[0]; {change}; setTimeout(() => form.submit())"
    );
    world.browser.script(&send, Vec::new()).await?;
    app.until_other_page().await
}

/// Waits until so many are asked about; for none, until nothing that was shared is kept either.
async fn until_asked(app: App<'_>, files: usize) -> Result {
    if files > 0 {
        return app.until_says(&format!("{WAITS}: {files}")).await;
    }
    app.until_says_no_more(WAITS).await?;
    wait(PATIENCE, async || {
        Ok(shares_kept(app).await?.is_empty().then_some(()))
    })
    .await
    .context(|| "what was shared is still kept".into())
}

/// The addresses of what is kept for this copy of the app.
async fn shares_kept(app: App<'_>) -> Result<Vec<String>> {
    let body = "return (async ([address]) => { const name = `pentimento ${new URL(address).pathname} shared`; \
        const has = await caches.has(name); \
        return has ? (await (await caches.open(name)).keys()).map((kept) => kept.url) : []; })(arguments)";
    let found = app.browser.script(body, vec![json!(app.address)]).await?;
    let kept = found.as_array().into_iter().flatten();
    Ok(kept
        .filter_map(|kept| kept.as_str().map(str::to_owned))
        .collect())
}

async fn added(world: &World<'_>) -> Result {
    let mut site = Site::open(world.options, "/a/b/")?;
    let address = site.address.clone();
    let app = App::new(world.browser, &address);
    kept(world, &site).await?;
    site.stop();
    share(
        world,
        app,
        &[&photo("rocket.jpg"), &photo("grace_hopper.jpg")],
    )
    .await?;
    until_asked(app, 2).await?;
    app.until_says("rocket.jpg").await?;
    app.until_images(&[]).await?;
    app.go(Screen::Library).await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["640x427", "512x600"]).await?;
    until_asked(app, 0).await?;
    app.reload().await?;
    app.until_images(&["640x427", "512x600"]).await?;
    until_asked(app, 0).await?;
    site.start()
}

async fn discarded(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    share(world, app, &[&photo("rocket.jpg")]).await?;
    until_asked(app, 1).await?;
    // "Back" leads to where one came from, and not forward again.
    world.browser.script("history.back()", Vec::new()).await?;
    wait(PATIENCE, async || {
        let here = world.browser.script("return location.protocol", Vec::new());
        // In between there is no page that could answer.
        Ok(here.await.is_ok_and(|found| found == "data:").then_some(()))
    })
    .await
    .context(|| "one cannot go back".into())?;
    app.open("").await?;
    until_asked(app, 1).await?;
    world.browser.click(&DISCARD).await?;
    until_asked(app, 0).await?;
    app.reload().await?;
    app.until_works_offline().await?;
    until_asked(app, 0).await?;
    app.until_images(&[]).await
}

async fn first_of_all(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    // From a page of this origin that is not the app: it would keep its draft when it is left.
    let beside = format!("{}no-such-page", site.address);
    world.browser.goto(&beside).await?;
    let forget = "localStorage.clear(); indexedDB.deleteDatabase('studio')";
    world.browser.script(forget, Vec::new()).await?;
    share(world, app, &[&photo("rocket.jpg")]).await?;
    until_asked(app, 1).await
}

async fn outlasting(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    share(world, app, &[&photo("rocket.jpg")]).await?;
    until_asked(app, 1).await?;
    app.reload().await?;
    until_asked(app, 1).await?;
    site.release(2)?;
    app.look_at_tab().await?;
    app.until_newer_version().await?;
    app.take_newer_version().await?;
    until_asked(app, 1).await?;
    equal("caches", &caches(world.browser).await?.len(), &2)?;
    app.mark_page().await?;
    site.kill_worker()?;
    app.look_at_tab().await?;
    app.until_other_page().await?;
    until_asked(app, 1).await?;
    // What another copy under this origin keeps is none of ours.
    let other = "return caches.open('pentimento /other/ shared').then(() => true)";
    world.browser.script(other, Vec::new()).await?;
    app.go(Screen::Settings).await?;
    app.erase_everything().await?;
    until_asked(app, 0).await?;
    equal(
        "caches",
        &caches(world.browser).await?,
        &vec!["pentimento /other/ shared".to_owned()],
    )
}

async fn too_much(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    let (rocket, hopper) = (photo("rocket.jpg"), photo("grace_hopper.jpg"));
    share(world, app, &[&rocket, &hopper]).await?;
    until_asked(app, 2).await?;
    share(world, app, &[&hopper]).await?;
    app.until_says("More shares after this one: 1").await?;
    share(world, app, &[&rocket]).await?;
    app.until_says("More shares after this one: 2").await?;
    share(world, app, &[&rocket]).await?;
    app.until_says(NOT_KEPT).await?;
    app.until_says("More shares after this one: 2").await?;
    until_asked(app, 2).await?;
    // The second click of a double click is no answer to what comes next.
    let discard = world.browser.find(&DISCARD).await?;
    let hand = world.browser.driver().action_chain();
    hand.double_click_element(&discard).perform().await?;
    until_asked(app, 1).await?;
    app.until_says("More shares after this one: 1").await?;
    app.until_says("grace_hopper.jpg").await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["512x600"]).await?;
    app.until_says_no_more("More shares after this one").await?;
    app.until_says("rocket.jpg").await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["512x600", "640x427"]).await?;
    until_asked(app, 0).await
}

async fn no_room(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    let put = |files: &str| {
        format!(
            "const all = new DataTransfer(); {files}.forEach((file) => all.items.add(file)); field.files = all.files"
        )
    };
    let large = put("[new File([new Uint8Array(101 << 20)], 'large.png')]");
    let many = put("Array.from({ length: 33 }, (_, n) => new File(['x'], `${n}.png`))");
    let long = put("[new File(['x'], 'x'.repeat(300))]");
    let no_form = "form.enctype = 'text/plain'".to_owned();
    for change in [large, many, long, no_form] {
        open_form(world, app).await?;
        send(world, app, &change).await?;
        app.until_says(NOT_KEPT).await?;
        equal("shares", &shares_kept(app).await?, &Vec::new())?;
    }
    open_form(world, app).await?;
    let most = put("Array.from({ length: 32 }, (_, n) => new File(['x'], `${n}.png`))");
    send(world, app, &most).await?;
    until_asked(app, 32).await
}

async fn left_alone(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    let form =
        "const form = new FormData(); form.append('images', new File(['abc'], 'a.png'), 'a.png')";
    let by_script = format!(
        "{form}; return fetch('./share', {{ method: 'POST', body: form }}).then((reply) => reply.ok)"
    );
    let taken = world.browser.script(&by_script, Vec::new()).await?;
    equal("a script shares", &taken, &json!(false))?;
    site.drop_policy()?;
    let beside = format!("{}no-such-page", site.address);
    let by_form = "const [address, target] = arguments; \
        const make = (name, more) => Object.assign(document.createElement(name), more); \
        const form = make('form', { method: 'post', enctype: 'multipart/form-data', action: address, target }); \
        const all = new DataTransfer(); all.items.add(new File(['abc'], 'a.png')); \
        form.append(make('input', { type: 'file', name: 'images', files: all.files })); \
        document.body.append(make('iframe', { name: 'frame' }), form); form.submit()";
    let answered = "const [address, target] = arguments; const at = target === 'frame' ? frames[0] : window; \
        return at.location.href === address && at.document.readyState === 'complete'";
    for (target, rest) in [("_self", "?more"), ("_self", "/more"), ("frame", "")] {
        world.browser.goto(&beside).await?;
        let address = format!("{}share{rest}", site.address);
        let to = vec![json!(address), json!(target)];
        world.browser.script(by_form, to.clone()).await?;
        wait(PATIENCE, async || {
            // In between there is no page that could answer.
            let there = world.browser.script(answered, to.clone()).await;
            Ok(there.is_ok_and(|found| found == json!(true)).then_some(()))
        })
        .await
        .context(|| format!("the host does not answer {address} in {target}"))?;
        equal("shares", &shares_kept(app).await?, &Vec::new())?;
    }
    Ok(())
}

async fn two_windows(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    share(world, app, &[&photo("rocket.jpg")]).await?;
    until_asked(app, 1).await?;
    let (first, second) = new_tab(world).await?;
    app.open("").await?;
    until_asked(app, 1).await?;
    // This one is not told that it is looked at again: as if both answered at the same time.
    let deaf =
        "addEventListener('visibilitychange', (event) => event.stopImmediatePropagation(), true)";
    world.browser.script(deaf, Vec::new()).await?;
    // And a third one is about to answer.
    let hold = "const [address] = arguments; return new Promise((held) => navigator.locks.request(address, \
        () => new Promise((letGo) => { window.letGo = letGo; held(true); })))";
    let kept = shares_kept(app).await?;
    let address = kept.first().context(|| "nothing is kept".into())?;
    world.browser.script(hold, vec![json!(address)]).await?;
    world.browser.click(&ADD).await?;
    app.until_says_no_more(WAITS).await?;
    until_asked(app, 1).await?;
    world.browser.script("letGo()", Vec::new()).await?;
    let driver = world.browser.driver();
    driver.switch_to_window(first.clone()).await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["640x427"]).await?;
    until_asked(app, 0).await?;
    driver.switch_to_window(second).await?;
    world.browser.click(&ADD).await?;
    until_asked(app, 0).await?;
    // Of what is added here next, nothing comes before it.
    app.add_images(&[&photo("grace_hopper.jpg")]).await?;
    app.until_images(&["512x600"]).await?;
    close_for(world, first).await
}

async fn no_space(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    if app.browser.cdp().is_none() {
        return Ok(());
    }
    share(world, app, &[&photo("rocket.jpg")]).await?;
    until_asked(app, 1).await?;
    quota::prepare(app).await?;
    quota::limit(app, 0).await?;
    world.browser.click(&ADD).await?;
    app.until_alert("The disk space for this browser is used up.")
        .await?;
    until_asked(app, 1).await?;
    app.until_images(&[]).await?;
    quota::lift(app).await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["640x427"]).await?;
    until_asked(app, 0).await
}

async fn no_pictures(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    share(world, app, &[]).await?;
    app.until_works_offline().await?;
    until_asked(app, 0).await?;
    let folder = Scratch::new("shared")?;
    let (note, dot) = (
        write(&folder, "note.png", b"milk, bread")?,
        write(&folder, "dot.png", &PNG)?,
    );
    share(world, app, &[&note, &dot]).await?;
    until_asked(app, 2).await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["4x4"]).await?;
    app.until_says("note.png was not added").await
}
