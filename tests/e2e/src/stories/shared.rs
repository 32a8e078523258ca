//! What other apps share with the installed one: it waits for a yes, and is not lost until there is an answer.

use std::path::Path;

use serde_json::json;

use crate::app::{App, Screen};
use crate::browser::{PATIENCE, wait};
use crate::children::Scratch;
use crate::failure::{Context, Result, equal};
use crate::site::{Site, caches};
use crate::world::World;

use super::images::{PNG, photo, write};
use super::offline::kept;

super::stories! {
    "shared images wait for a yes, and then are images of the request, also without a network" => added,
    "what a strange page sends comes to nothing without a yes" => put_away,
    "what is shared first of all is asked about at once" => first_of_all,
    "shared images outlast a reload, a newer version and the worker, and are erased with all else" => outlasting,
    "more than the app keeps is said, and what waits stays" => too_much,
    "shared files that are no pictures are refused by name, and a form without files is nothing" => no_pictures,
}

const WAITS: &str = "Images shared with Pentimento";
const ADD: [(&str, &str); 1] = [("button", "Add to the request")];
const PUT_AWAY: [(&str, &str); 1] = [("button", "Put away")];

/// Sends the form that the system sends, from a page of no origin: drivers have no other app to share from.
async fn share(world: &World<'_>, app: App<'_>, files: &[&Path]) -> Result {
    let form = format!(
        "data:text/html,<form method=post enctype=multipart/form-data action={}share><input type=file name=images multiple></form>",
        app.address
    );
    world.browser.goto(&form).await?;
    if !files.is_empty() {
        let paths: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
        let field = "return document.querySelector('input')";
        let paths = paths.join("\n");
        world.browser.give_file(field, Path::new(&paths)).await?;
    }
    let send = "setTimeout(() => document.forms[0].submit())";
    world.browser.script(send, Vec::new()).await?;
    app.until_other_page().await
}

/// Waits until so many are asked about; for none, until nothing that was shared is kept either.
async fn until_asked(world: &World<'_>, app: App<'_>, files: usize) -> Result {
    if files > 0 {
        return app.until_says(&format!("{WAITS}: {files}")).await;
    }
    app.until_says_no_more(WAITS).await?;
    let body = "return (async () => { for (const name of await caches.keys()) { \
        if (!name.endsWith(' shared')) continue; \
        if ((await (await caches.open(name)).keys()).length > 0) return false; } return true; })()";
    wait(PATIENCE, async || {
        let found = world.browser.script(body, Vec::new()).await?;
        Ok((found == json!(true)).then_some(()))
    })
    .await
    .context(|| "what was shared is still kept".into())
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
    until_asked(world, app, 2).await?;
    app.until_says("rocket.jpg").await?;
    app.until_images(&[]).await?;
    app.go(Screen::Library).await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["640x427", "512x600"]).await?;
    until_asked(world, app, 0).await?;
    app.reload().await?;
    app.until_images(&["640x427", "512x600"]).await?;
    until_asked(world, app, 0).await?;
    site.start()
}

async fn put_away(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    share(world, app, &[&photo("rocket.jpg")]).await?;
    until_asked(world, app, 1).await?;
    world.browser.click(&PUT_AWAY).await?;
    until_asked(world, app, 0).await?;
    app.reload().await?;
    app.until_works_offline().await?;
    until_asked(world, app, 0).await?;
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
    until_asked(world, app, 1).await
}

async fn outlasting(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    share(world, app, &[&photo("rocket.jpg")]).await?;
    until_asked(world, app, 1).await?;
    app.reload().await?;
    until_asked(world, app, 1).await?;
    site.release(2)?;
    app.look_at_tab().await?;
    app.until_newer_version().await?;
    app.take_newer_version().await?;
    until_asked(world, app, 1).await?;
    equal("caches", &caches(world.browser).await?.len(), &2)?;
    app.mark_page().await?;
    site.kill_worker()?;
    app.look_at_tab().await?;
    app.until_other_page().await?;
    until_asked(world, app, 1).await?;
    app.go(Screen::Settings).await?;
    app.erase_everything().await?;
    until_asked(world, app, 0).await
}

async fn too_much(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    for files in 1..=3 {
        share(world, app, &[&photo("rocket.jpg")]).await?;
        until_asked(world, app, files).await?;
    }
    share(world, app, &[&photo("rocket.jpg")]).await?;
    app.until_says("What was shared with Pentimento could not be kept")
        .await?;
    until_asked(world, app, 3).await
}

async fn no_pictures(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    share(world, app, &[]).await?;
    app.until_works_offline().await?;
    until_asked(world, app, 0).await?;
    let folder = Scratch::new("shared")?;
    let (note, dot) = (
        write(&folder, "note.png", b"milk, bread")?,
        write(&folder, "dot.png", &PNG)?,
    );
    share(world, app, &[&note, &dot]).await?;
    until_asked(world, app, 2).await?;
    world.browser.click(&ADD).await?;
    app.until_images(&["4x4"]).await?;
    app.until_says("note.png was not added").await
}
