//! A tab that is reloaded, closed or doubled while something runs.

use std::time::Duration;

use simulator::Script;

use crate::app::{App, PictureButton};
use crate::browser::wait;
use crate::failure::{Context, Result, ensure, equal};
use crate::world::World;

super::stories! {
    "a reload while a request runs: may have been billed, never sent again" => reload,
    "a second tab leaves the first one's work alone" => second_tab,
    "a tab that is closed while it runs is found by the other" => closed_tab,
    "pictures of one tab appear in the other" => both_tabs,
}

const PROMPT: &str = "a quiet harbour at dawn";

/// Whether closing the tab asks first.
async fn asks_before_leaving(world: &World<'_>) -> Result<bool> {
    let body = "const event = new Event('beforeunload', { cancelable: true }); return !dispatchEvent(event)";
    Ok(world.browser.script(body, Vec::new()).await? == true)
}

async fn reload(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    ensure(!asks_before_leaving(world).await?, || {
        "leaving is asked about while nothing runs".into()
    })?;
    world.simulator.script(Script {
        never_answer: true,
        ..Script::default()
    });
    app.draw(PROMPT).await?;
    app.until_jobs(1).await?;
    world
        .until_bill("the request came", |bill| bill.len() == 1)
        .await?;
    ensure(asks_before_leaving(world).await?, || {
        "leaving is not asked about while a job runs".into()
    })?;
    equal("doubts while it runs", &app.in_doubt().await?, &0)?;
    app.reload().await?;
    app.until_in_doubt(1).await?;
    ensure(app.doubt_text().await?.contains(PROMPT), || {
        "the doubt does not name its prompt".into()
    })?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    world.nothing_more(1, Duration::from_secs(1)).await?;
    app.reload().await?;
    app.until_in_doubt(1).await?;
    world
        .browser
        .click(&[
            ("region", "May have been billed"),
            ("button", "Understood, remove"),
        ])
        .await?;
    app.until_in_doubt(0).await?;
    app.reload().await?;
    app.until_in_doubt(0).await?;
    world.nothing_more(1, Duration::from_millis(300)).await
}

/// Opens the app in a new tab and gives the handles of both, the first one's first.
pub(super) async fn open_second(
    world: &World<'_>,
    app: App<'_>,
) -> Result<(thirtyfour::WindowHandle, thirtyfour::WindowHandle)> {
    let tabs = new_tab(world).await?;
    app.open("").await?;
    Ok(tabs)
}

/// A new, empty tab in front; gives the handles of the one before and of it.
pub(super) async fn new_tab(
    world: &World<'_>,
) -> Result<(thirtyfour::WindowHandle, thirtyfour::WindowHandle)> {
    let driver = world.browser.driver();
    let first = driver.window().await?;
    world.browser.note().await;
    let second = driver.new_tab().await?;
    driver.switch_to_window(second.clone()).await?;
    world.browser.prepare_tab().await?;
    Ok((first, second))
}

/// Closes the tab in front and goes to another.
pub(super) async fn close_for(world: &World<'_>, other: thirtyfour::WindowHandle) -> Result {
    let driver = world.browser.driver();
    world.browser.note().await;
    driver.close_window().await?;
    driver
        .switch_to_window(other)
        .await
        .context(|| "going back to the other tab".into())?;
    world.browser.allow_downloads().await
}

async fn second_tab(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        delay_ms: 3_000,
        ..Script::default()
    });
    app.draw(PROMPT).await?;
    world
        .until_bill("the request came", |bill| bill.len() == 1)
        .await?;
    let (first, _) = open_second(world, app).await?;
    // Looks for long enough to be sure that the list has been read.
    let doubt = wait(Duration::from_millis(1200), async || {
        Ok((app.in_doubt().await? > 0).then_some(()))
    })
    .await;
    let (shown, running) = (doubt.is_ok(), app.alerts().await?);
    close_for(world, first).await?;
    ensure(!shown, || {
        "the second tab says that the first one's request may have been billed".into()
    })?;
    equal("alerts in the second tab", &running, &0)?;
    app.until_results(PROMPT, 1).await?;
    equal("doubts", &app.in_doubt().await?, &0)?;
    equal("requests", &world.posts(), &1)
}

async fn closed_tab(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let (first, second) = open_second(world, app).await?;
    world.simulator.script(Script {
        never_answer: true,
        ..Script::default()
    });
    app.draw(PROMPT).await?;
    world
        .until_bill("the request came", |bill| bill.len() == 1)
        .await?;
    ensure(second != first, || "there is one tab".into())?;
    close_for(world, first).await?;
    app.reload().await?;
    app.until_in_doubt(1).await?;
    world.nothing_more(1, Duration::from_secs(1)).await
}

async fn both_tabs(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(crate::app::Kept::default())).await?;
    let (first, second) = open_second(world, app).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    let driver = world.browser.driver();
    driver.switch_to_window(first.clone()).await?;
    app.until_results(PROMPT, 1).await?;
    app.press(PROMPT, PictureButton::Delete).await?;
    app.until_results(PROMPT, 0).await?;
    driver.switch_to_window(second).await?;
    app.until_results(PROMPT, 0).await?;
    close_for(world, first).await
}
