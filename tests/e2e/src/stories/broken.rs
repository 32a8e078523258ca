//! Something in the app breaks: that page sends nothing more, and after two such pages in a short time none does by itself.

use std::time::Duration;

use simulator::{Match, Script};

use crate::app::{App, Screen};
use crate::failure::{Result, ensure};
use crate::world::World;

super::stories! {
    "the app breaks: nothing more is sent; when it breaks again, what waits is sent only after a word" => twice,
}

const HELD: &str = "a stuck lift";
const PAID: &str = "a cracked bell";
const SAYS: &str = "Something in this page broke";
/// A browser whose stream of a reply says that a few bytes are four billion: the app asks for that much memory, and panics.
const LIE: &str = "ReadableStreamDefaultReader.prototype.read = async () =>
    ({ done: false, value: { length: 9, subarray: () => ({ length: 0xffffffff }) } })";
/// A browser that throws where none does: the app is left in the middle of what it did, and no panic tells of it.
const THROW: &str = "window.Date.now = null";

async fn until_broken(app: App<'_>) -> Result {
    app.until_says(SAYS).await
}

/// "It froze in the middle, so I pressed Generate again and again. Then it began to send by itself whatever still waited, froze
/// again, and so on: each time it cost me something."
async fn twice(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.go(Screen::Settings).await?;
    app.choose_option("Requests that wait", "Send them by themselves, itself")
        .await?;
    app.go(Screen::Create).await?;
    for (prompt, never_answer) in [(HELD, true), (PAID, false)] {
        let matching = Match {
            prompt: Some(prompt.into()),
            ..Match::default()
        };
        world.simulator.script(Script {
            matching,
            times: 0,
            never_answer,
            delay_ms: 1_500,
            ..Script::default()
        });
    }

    // A panic, while the reply comes that is paid for, and something else is on its way.
    world.browser.script(LIE, Vec::new()).await?;
    app.draw(PAID).await?;
    app.draw(HELD).await?;
    world.until_bill("both run", |bill| bill.len() == 2).await?;
    until_broken(app).await?;
    let seen = world.browser.take_seen().await;
    let says_why = seen.errors.iter().any(|line| line.contains("capacity"));
    ensure(says_why, || format!("no panic was told: {:?}", seen.errors))?;
    // Neither what is pressed now nor what waits already leaves from here.
    app.fill_queue(1).await?;
    press_generate(app).await?;
    app.look_at_tab().await?;
    world.nothing_more(2, Duration::from_secs(1)).await?;
    app.reload().await?;
    app.until_says_no_more(SAYS).await?;
    app.until_in_doubt(2).await?;
    // Once is no reason to stop what waits.
    world
        .until_bill("it goes on", |bill| bill.len() == 3)
        .await?;

    // And what is no panic.
    app.put_prompt("a second try").await?;
    world.browser.script(THROW, Vec::new()).await?;
    press_generate(app).await?;
    until_broken(app).await?;
    app.fill_queue(1).await?;
    app.look_at_tab().await?;
    world.nothing_more(3, Duration::from_secs(1)).await?;
    app.reload().await?;
    app.until_says("Paused: the app broke twice").await?;
    world.nothing_more(3, Duration::from_secs(1)).await?;
    app.press_button("Continue").await?;
    world
        .until_bill("it goes on", |bill| bill.len() == 4)
        .await?;
    app.until_says_no_more("Paused: the app broke twice")
        .await?;
    // The errors of the pages that broke.
    world.browser.take_seen().await;
    Ok(())
}

/// By a script: what the page says of itself may lie over the button.
async fn press_generate(app: App<'_>) -> Result {
    let press = "findAll([['button', 'Generate']])[0]?.click()";
    app.browser.script(press, Vec::new()).await.map(drop)
}
