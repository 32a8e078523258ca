//! Newer versions: nothing changes without a yes, nothing is broken off, nothing is mixed, and a bad deploy harms nobody.

use std::time::Duration;

use simulator::Script;

use crate::app::{App, Kept};
use crate::browser::{PATIENCE, wait};
use crate::failure::{Context, Result, ensure, equal};
use crate::site::{Fault, Site, caches, versions};
use crate::world::World;

use super::durability::{close_for, open_second};

super::stories! {
    "a newer version waits for a yes, and then comes to both tabs" => consent,
    "it does not come while something runs" => while_running,
    "nor while a mask is open" => while_masked,
    "one that is put off is offered again at the next visit" => put_off,
    "a broken deploy changes nothing, and the mended one comes" => broken,
    "a host whose files are kept too long mixes no versions" => stale,
    "a version is taken back, and nothing is lost" => rollback,
    "the kill switch takes the worker away, and leaves what was made" => kill_switch,
}

const PROMPT: &str = "a bridge over a river";
const OTHER_PROMPT: &str = "a tunnel under it";

/// The app on a host of its own: kept, and answered by its worker.
async fn kept<'a>(world: &World<'a>, site: &'a Site, kept: Kept) -> Result<App<'a>> {
    let app = App::new(world.browser, &site.address);
    app.open_fresh(Some(kept)).await?;
    app.until_works_offline().await?;
    app.reload().await?;
    // Who looks for newer versions comes with the rest of the app.
    app.until_works_offline().await?;
    Ok(app)
}

async fn are(world: &World<'_>, what: &str, version: u64) -> Result {
    equal(what, &versions(world.browser).await?, &[version; 3])
}

async fn consent(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/a/b/")?;
    let app = kept(world, &site, Kept::default()).await?;
    app.put_prompt(OTHER_PROMPT).await?;
    let (first, second) = open_second(world, app).await?;
    app.until_works_offline().await?;
    app.put_prompt(PROMPT).await?;
    site.release(2)?;
    app.look_at_tab().await?;
    app.until_newer_version().await?;
    are(world, "what is open", 1).await?;
    app.reload().await?;
    are(world, "after a plain reload", 1).await?;
    // Not that of the other tab, which was left before its draft was written.
    equal("the draft", &app.prompt_text().await?, &PROMPT.to_owned())?;
    app.until_newer_version().await?;
    let driver = world.browser.driver();
    driver.switch_to_window(first.clone()).await?;
    app.until_newer_version().await?;
    app.mark_page().await?;
    driver.switch_to_window(second).await?;
    app.take_newer_version().await?;
    are(world, "after the yes", 2).await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    driver.switch_to_window(first.clone()).await?;
    app.until_other_page().await?;
    are(world, "the other tab", 2).await?;
    let prompt = app.prompt_text().await?;
    equal("its prompt", &prompt, &OTHER_PROMPT.to_owned())?;
    equal("caches", &caches(world.browser).await?.len(), &1)?;
    ensure(!app.says_newer_version().await?, || {
        "the newest version offers itself".into()
    })?;
    // One reload, and no more.
    app.mark_page().await?;
    let again = wait(Duration::from_millis(800), async || {
        Ok((!app.is_marked_page().await.unwrap_or_default()).then_some(()))
    });
    ensure(again.await.is_err(), || "the page goes on reloading".into())?;
    let others = driver.windows().await?;
    for other in others.into_iter().filter(|window| *window != first) {
        driver.switch_to_window(other).await?;
        close_for(world, first.clone()).await?;
    }
    Ok(())
}

async fn while_running(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site, Kept::server(&world.simulator.address())).await?;
    let (first, second) = open_second(world, app).await?;
    app.until_works_offline().await?;
    world.simulator.script(Script {
        delay_ms: 3_000,
        ..Script::default()
    });
    app.draw(PROMPT).await?;
    world
        .until_bill("the request came", |bill| bill.len() == 1)
        .await?;
    site.release(2)?;
    app.look_at_tab().await?;
    app.until_says("It waits until nothing runs").await?;
    app.mark_page().await?;
    // The yes comes from the other tab, where nothing runs.
    let driver = world.browser.driver();
    driver.switch_to_window(first.clone()).await?;
    app.until_newer_version().await?;
    app.mark_page().await?;
    app.press_update().await?;
    app.until_says("It waits until nothing runs").await?;
    equal(
        "the tab is still there",
        &app.is_marked_page().await?,
        &true,
    )?;
    driver.switch_to_window(second).await?;
    let jobs = app.job_text(PROMPT).await?;
    ensure(!jobs.is_empty(), || "the job is over too early".into())?;
    equal("the tab that draws", &app.is_marked_page().await?, &true)?;
    app.until_other_page().await?;
    are(world, "the tab that drew", 2).await?;
    app.until_results(PROMPT, 1).await?;
    equal("doubts", &app.in_doubt().await?, &0)?;
    close_for(world, first).await?;
    app.until_other_page().await?;
    are(world, "the tab of the yes", 2).await?;
    equal("requests", &world.posts(), &1)
}

async fn while_masked(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site, Kept::default()).await?;
    let photo = super::images::read(&super::images::photo("rocket.jpg"))?;
    app.hand_in("drop", &[("rocket.jpg", &photo)], None).await?;
    app.until_images_shown(1).await?;
    app.open_mask_editor().await?;
    site.release(2)?;
    app.look_at_tab().await?;
    app.until_newer_version().await?;
    app.mark_page().await?;
    app.press_update().await?;
    let gone = wait(Duration::from_secs(1), async || {
        Ok((!app.is_marked_page().await.unwrap_or_default()).then_some(()))
    });
    ensure(gone.await.is_err(), || "the mask is torn away".into())?;
    app.close_mask_editor().await?;
    app.until_other_page().await?;
    are(world, "once the mask is closed", 2).await?;
    app.until_images_shown(1).await
}

async fn put_off(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site, Kept::default()).await?;
    site.release(2)?;
    app.look_at_tab().await?;
    app.until_newer_version().await?;
    app.press_button("Later").await?;
    app.until_says_no_more("A new version is ready").await?;
    app.reload().await?;
    are(world, "after the reload", 1).await?;
    app.until_newer_version().await?;
    app.take_newer_version().await?;
    are(world, "after the yes", 2).await
}

/// Asks for the newer version, and waits until it has been fetched or refused.
async fn until_looked(world: &World<'_>) -> Result {
    let body = "return (async () => { const registration = await navigator.serviceWorker.getRegistration(); \
        await registration.update(); \
        while (registration.installing) await new Promise((next) => setTimeout(next, 10)); return true; })()";
    world
        .browser
        .script(body, Vec::new())
        .await
        .map(drop)
        .context(|| "looking for a newer version".into())
}

async fn broken(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site, Kept::default()).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let kept = caches(world.browser).await?;
    equal("caches", &kept.len(), &1)?;
    for (version, fault) in [
        (2, Fault::Missing),
        (3, Fault::PageInPlaceOfScript),
        (4, Fault::CutShort),
        (5, Fault::OneByteFlipped),
    ] {
        let what = || format!("{fault:?}");
        site.release(version)?;
        site.break_script(fault)?;
        until_looked(world).await.context(what)?;
        app.reload().await.context(what)?;
        are(world, "what is open", 1).await.context(what)?;
        app.until_results(PROMPT, 1).await.context(what)?;
        until_looked(world).await.context(what)?;
        equal("caches", &caches(world.browser).await?, &kept).context(what)?;
        ensure(!app.says_newer_version().await?, || {
            format!("a broken version offers itself: {fault:?}")
        })?;
    }
    site.release(6)?;
    app.look_at_tab().await?;
    app.until_newer_version().await?;
    app.take_newer_version().await?;
    are(world, "the mended one", 6).await?;
    app.until_results(PROMPT, 1).await
}

async fn stale(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    site.keep_everything_for_minutes()?;
    let app = App::new(world.browser, &site.address);
    app.open_fresh(Some(Kept::default())).await?;
    // From the host, before the worker is there: now the browser keeps its files for minutes.
    are(world, "what is open", 1).await?;
    app.until_works_offline().await?;
    app.reload().await?;
    app.until_works_offline().await?;
    site.release(2)?;
    app.look_at_tab().await?;
    app.until_newer_version().await?;
    are(world, "what is open", 1).await?;
    app.take_newer_version().await?;
    are(world, "after the yes", 2).await
}

async fn rollback(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site, Kept::default()).await?;
    for version in [2, 1] {
        app.draw(PROMPT).await?;
        app.until_results(PROMPT, if version == 2 { 1 } else { 2 })
            .await?;
        site.release(version)?;
        app.look_at_tab().await?;
        app.until_newer_version().await?;
        app.take_newer_version().await?;
        are(world, "after the yes", u64::from(version)).await?;
        app.until_works_offline().await?;
    }
    app.until_results(PROMPT, 2).await?;
    equal("caches", &caches(world.browser).await?.len(), &1)
}

async fn kill_switch(world: &World<'_>) -> Result {
    let site = Site::open(world.options, "/")?;
    let app = kept(world, &site, Kept::default()).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    site.release(2)?;
    site.kill_worker()?;
    app.mark_page().await?;
    app.look_at_tab().await?;
    app.until_other_page().await?;
    are(world, "what comes from the host", 2).await?;
    app.until_results(PROMPT, 1).await?;
    let body = "return (async () => (await navigator.serviceWorker.getRegistrations()).length + (await caches.keys()).length)()";
    let gone = wait(PATIENCE, async || {
        let left = world.browser.script(body, Vec::new()).await?;
        Ok((left == 0).then_some(()))
    });
    gone.await
        .context(|| "the worker or its cache stays".into())?;
    app.reload().await?;
    app.until_results(PROMPT, 1).await?;
    are(world, "what comes from the host", 2).await
}
