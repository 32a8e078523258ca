//! Without a network: the app opens, shows what was made, and draws.

use crate::app::{App, Kept, Screen};
use crate::browser::Kind;
use crate::failure::{Context, Result, ensure, equal};
use crate::proxy::Proxy;
use crate::site::{Site, Told, caches, told};
use crate::world::{World, key};

super::stories! {
    "with its server stopped the app opens at every address, shows what was made, and draws" => stopped,
    "the same under a path, in a new tab" => stopped_under_path,
    "the app says plainly that it is offline" => sign,
    "where no worker can be had, Settings say so, and the app works" => no_worker,
    "the worker answers for files of the app, and for nothing else" => only_files,
    "what the browser has dropped of it comes from the server again" => dropped,
    "the browser finds nothing that keeps the app from being installed" => installable,
    "files that the system opens with the app become images" => launched,
}

const PROMPT: &str = "a lighthouse in the fog";

/// The app on a host of its own, kept for offline use.
pub(super) async fn kept<'a>(world: &World<'a>, site: &'a Site) -> Result<App<'a>> {
    let app = App::new(world.browser, &site.address);
    app.open_fresh(Some(Kept::default())).await?;
    app.until_works_offline().await?;
    Ok(app)
}

async fn stopped(world: &World<'_>) -> Result {
    let mut site = Site::open(world.options, "/")?;
    let address = site.address.clone();
    let app = App::new(world.browser, &address);
    {
        let app = kept(world, &site).await?;
        app.draw(PROMPT).await?;
        app.until_results(PROMPT, 1).await?;
    }
    site.stop();
    app.reload().await?;
    app.until_results(PROMPT, 1).await?;
    for deep in [
        "#/library",
        "?from=elsewhere#/library",
        "index.html#/library",
    ] {
        world.browser.goto("about:blank").await?;
        app.open(deep).await.context(|| deep.to_owned())?;
        app.until_in_library(PROMPT, 1)
            .await
            .context(|| deep.to_owned())?;
    }
    world.browser.goto("about:blank").await?;
    app.open("#/settings").await?;
    app.until_says("Ready to work offline").await?;
    app.go(Screen::Create).await?;
    app.put_prompt("a second lighthouse").await?;
    app.show_cost_details().await?;
    app.until_counts_exactly().await?;
    app.generate().await?;
    app.until_results("a second lighthouse", 1).await?;
    site.start()
}

async fn stopped_under_path(world: &World<'_>) -> Result {
    let mut site = Site::open(world.options, "/a/b/")?;
    let address = site.address.clone();
    let app = App::new(world.browser, &address);
    kept(world, &site).await?.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    site.stop();
    let (first, _) = super::durability::open_second(world, app).await?;
    let shown = app.until_results(PROMPT, 1).await;
    super::durability::close_for(world, first).await?;
    site.start()?;
    shown
}

/// Synthetic: drivers have no switch for it that both browsers know.
async fn sign(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    let tell = async |event: &str| {
        let body = "dispatchEvent(new Event(arguments[0]))";
        world.browser.script(body, vec![event.into()]).await
    };
    let text = "everything works but sending";
    app.until_says_no_more(text).await?;
    // Who listens comes with the rest of the app.
    app.until_works_offline().await?;
    tell("offline").await?;
    app.until_says(text).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    tell("online").await?;
    app.until_says_no_more(text).await
}

async fn no_worker(world: &World<'_>) -> Result {
    let proxy = Proxy::start(&world.root.address).await?;
    let app = App::new(world.browser, &proxy.address);
    app.open_fresh(Some(Kept::default())).await?;
    app.go(Screen::Settings).await?;
    app.until_says("Not ready to work offline").await?;
    app.go(Screen::Create).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await
}

async fn only_files(world: &World<'_>) -> Result {
    world.simulator.configure(|config| config.key = Some(key()));
    let site = Site::open(world.options, "/")?;
    site.spy_on_worker()?;
    let app = kept(world, &site).await?;
    // What has a query is no file by the rules that some browsers answer by: the worker itself answers.
    app.open("?from=elsewhere").await?;
    app.connect(&world.simulator.address(), &key()).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let (asked, answered) = told(world.browser).await?;
    ensure(!answered.is_empty(), || "it answers nothing".into())?;
    let is_ours = |told: &&Told| {
        told.method == "GET"
            && told.address.starts_with(&site.address)
            && !told.headers.contains("uthorization")
    };
    let strange: Vec<&Told> = answered.iter().filter(|told| !is_ours(told)).collect();
    ensure(strange.is_empty(), || format!("it answers {strange:?}"))?;
    if world.browser.kind == Kind::Chromium {
        // There the rules keep from the worker what goes elsewhere.
        let strange: Vec<&Told> = asked.iter().filter(|told| !is_ours(told)).collect();
        ensure(strange.is_empty(), || format!("it is asked {strange:?}"))?;
    }
    // A page of this origin that is not the app's comes from the host.
    world
        .browser
        .goto(&format!("{}no-such-page", site.address))
        .await?;
    let body = "return document.documentElement.innerText";
    let text = world.browser.script(body, Vec::new()).await?;
    ensure(
        text.as_str().is_some_and(|text| text.contains("404")),
        || format!("an unknown page is answered with {text}"),
    )?;
    equal("caches", &caches(world.browser).await?.len(), &1)?;
    equal(
        "places of the key",
        &world.sweep(&key()).await?,
        &Vec::new(),
    )
}

async fn dropped(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site).await?;
    let drop_all = "return (async () => { for (const name of await caches.keys()) await caches.delete(name); })()";
    for (address, results) in [("", 1), ("?from=elsewhere", 2)] {
        world.browser.script(drop_all, Vec::new()).await?;
        world.browser.goto("about:blank").await?;
        app.open(address).await?;
        app.draw(PROMPT).await?;
        app.until_results(PROMPT, results).await?;
    }
    Ok(())
}

async fn installable(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/a/b/")?;
    let app = kept(world, &site).await?;
    let Some(cdp) = world.browser.cdp() else {
        return Ok(());
    };
    app.reload().await?;
    let nothing = serde_json::json!({});
    let manifest = cdp.send_raw("Page.getAppManifest", nothing.clone()).await?;
    equal(
        "faults of the manifest",
        &manifest["errors"],
        &serde_json::json!([]),
    )?;
    let found = cdp
        .send_raw("Page.getInstallabilityErrors", nothing)
        .await?;
    let errors = found["installabilityErrors"].as_array();
    let errors: Vec<_> = errors
        .into_iter()
        .flatten()
        .map(|error| error["errorId"].to_string())
        .collect();
    equal("what is in the way", &errors, &Vec::<String>::new())
}

/// Synthetic: the system opens nothing in a driver's browser.
async fn launched(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::default())).await?;
    if world.browser.kind != Kind::Chromium {
        return Ok(());
    }
    let photo = super::images::read(&super::images::photo("rocket.jpg"))?;
    app.launch_with(&[("rocket.jpg", &photo)]).await?;
    app.until_images(&["640x427"]).await
}
