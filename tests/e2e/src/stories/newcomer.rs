//! A newcomer's first minutes: no key, a prompt, a picture that stays.

use std::path::Path;

use crate::app::{App, Group, PictureButton, Screen};
use crate::failure::{Result, ensure, equal};
use crate::world::World;

super::stories! {
    "a newcomer makes a picture with Practice, and it stays" => at_the_root,
    "the published copy works under a path" => under_a_path,
    "a picture is downloaded, deleted, brought back, and its settings are used again" => picture_buttons,
}

const PROMPT: &str = "a lighthouse on a cliff at sunset";

async fn at_the_root(world: &World<'_>) -> Result {
    first_picture(world, world.app()).await
}

async fn under_a_path(world: &World<'_>) -> Result {
    first_picture(world, App::new(world.browser, &world.sub_path.address)).await
}

async fn first_picture(world: &World<'_>, app: App<'_>) -> Result {
    app.open_fresh(None).await?;
    ensure(!app.can_generate().await?, || {
        "Generate can be pressed without a prompt".into()
    })?;
    let before = app.price().await?;
    app.type_prompt(PROMPT).await?;
    ensure(before.contains('$'), || {
        format!("the price is shown as “{before}”")
    })?;
    app.choose(Group::Quality, "low").await?;
    let low = app.price_other_than(&before).await?;
    app.put_prompt(&PROMPT.repeat(40)).await?;
    app.price_other_than(&low).await?;
    app.put_prompt(PROMPT).await?;
    app.price_other_than(&before).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    app.reload().await?;
    app.until_results(PROMPT, 1).await?;
    equal(
        "the prompt after a reload",
        &app.prompt_text().await?,
        &PROMPT.to_owned(),
    )?;
    app.go(Screen::Library).await?;
    app.until_in_library(PROMPT, 1).await?;
    equal("requests to any server", &world.posts(), &0)
}

async fn picture_buttons(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.press(PROMPT, PictureButton::Download).await?;
    let (path, bytes) = world.browser.downloaded().await?;
    is_picture(&path, &bytes)?;
    app.press(PROMPT, PictureButton::Delete).await?;
    app.until_results(PROMPT, 0).await?;
    app.undo().await?;
    app.until_results(PROMPT, 1).await?;
    app.put_prompt("something else").await?;
    app.press(PROMPT, PictureButton::ReuseSettings).await?;
    let shown = "return findAll([['textbox', 'Prompt']])[0]?.value === arguments[0]";
    world
        .browser
        .until("the prompt is not used again", shown, vec![PROMPT.into()])
        .await?;
    app.press(PROMPT, PictureButton::Delete).await?;
    app.until_results(PROMPT, 0).await?;
    app.reload().await?;
    app.go(Screen::Library).await?;
    app.until_in_library(PROMPT, 0).await
}

fn is_picture(path: &Path, bytes: &[u8]) -> Result {
    let ending = path
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let starts = match ending {
        "png" => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
        "jpg" | "jpeg" => bytes.starts_with(&[0xFF, 0xD8, 0xFF]),
        "webp" => bytes.starts_with(b"RIFF"),
        _ => false,
    };
    ensure(starts, || {
        format!("{} is no picture of its kind", path.display())
    })
}
