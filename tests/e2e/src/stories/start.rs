//! The start: the prompt is there before the app, and what is typed into it survives.

use std::time::Duration;

use serde_json::json;

use crate::app::{App, Group, Kept};
use crate::browser::wait;
use crate::failure::{Result, ensure, equal};
use crate::proxy::{Part, Proxy};
use crate::world::World;

super::stories! {
    "text typed before the app runs survives, with its caret" => typed_early,
    "text typed early beats a stored draft" => beats_draft,
    "Ctrl+Enter sends, once" => shortcut,
    "a first visit loads no more than it shows; the rest comes with the first gesture" => first_visit,
    "Generate pressed before the rest of the app has come draws one picture" => pressed_early,
}

const PROMPT: &str = "a kite over a beach";

/// The app behind a proxy that holds its wasm back.
async fn open_held<'a>(world: &World<'a>, proxy: &'a Proxy) -> Result<App<'a>> {
    let app = App::new(world.browser, &proxy.address);
    // The load event waits for the wasm in no browser: the module only starts its fetch.
    world.browser.goto(&proxy.address).await?;
    let ready = world
        .browser
        .script(
            "return document.documentElement.hasAttribute('data-ready')",
            Vec::new(),
        )
        .await?;
    ensure(ready == json!(false), || {
        "the app runs without its wasm".into()
    })?;
    Ok(app)
}

async fn typed_early(world: &World<'_>) -> Result {
    let proxy = Proxy::start(&world.root.address).await?;
    App::new(world.browser, &proxy.address).erase().await?;
    proxy.hold(Part::App);
    let app = open_held(world, &proxy).await?;
    app.type_prompt(PROMPT).await?;
    world
        .browser
        .script_at(&app.prompt(), "found[0].setSelectionRange(2, 6)")
        .await?;
    proxy.release();
    app.until_ready().await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    let caret = "const [field] = found; return [field.selectionStart, field.selectionEnd, document.activeElement === field]";
    equal(
        "caret and focus",
        &world.browser.script_at(&app.prompt(), caret).await?,
        &json!([2, 6, true]),
    )?;
    app.until_can_generate(true).await?;
    ensure(app.price().await?.contains('$'), || {
        "the price does not follow".into()
    })
}

async fn beats_draft(world: &World<'_>) -> Result {
    let proxy = Proxy::start(&world.root.address).await?;
    let app = App::new(world.browser, &proxy.address);
    app.open_fresh(Some(Kept::default())).await?;
    app.put_prompt("an older draft").await?;
    let stored =
        "return Object.values(localStorage).some((text) => text.includes('an older draft'))";
    world
        .browser
        .until("the draft is not kept", stored, Vec::new())
        .await?;
    app.reload().await?;
    equal(
        "the draft",
        &app.prompt_text().await?,
        &"an older draft".to_owned(),
    )?;
    proxy.hold(Part::App);
    let app = open_held(world, &proxy).await?;
    app.type_prompt(PROMPT).await?;
    proxy.release();
    app.until_ready().await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())
}

async fn shortcut(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.type_prompt(PROMPT).await?;
    app.until_can_generate(true).await?;
    app.type_prompt(&format!("{}{}", '\u{E009}', '\u{E007}'))
        .await?;
    app.until_results(PROMPT, 1).await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    equal("requests", &world.posts(), &1)
}

/// What a person on a slow line does: presses, sees nothing, and presses again.
async fn pressed_early(world: &World<'_>) -> Result {
    let proxy = Proxy::start(&world.root.address).await?;
    let app = App::new(world.browser, &proxy.address);
    app.open_fresh(Some(Kept::server(&world.simulator.address())))
        .await?;
    proxy.hold(Part::Rest);
    app.reload().await?;
    app.put_prompt(PROMPT).await?;
    app.until_can_generate(true).await?;
    app.generate().await?;
    app.until_can_generate(false).await?;
    equal("requests", &world.posts(), &0)?;
    proxy.release();
    app.until_results(PROMPT, 1).await?;
    app.until_can_generate(true).await?;
    equal("requests", &world.posts(), &1)
}

/// The first load is a promise to people on a slow line: what they do not use, they do not wait for.
async fn first_visit(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    let script = "return performance.getEntriesByType('resource').some((entry) => entry.name.includes('/rest-')) || null";
    let rest = async || world.browser.script(script, Vec::new()).await;
    equal("qualities", &app.options(Group::Quality).await?.len(), &4)?;
    let come = wait(Duration::from_millis(800), async || {
        Ok(Some(rest().await?).filter(|found| *found == json!(true)))
    });
    ensure(come.await.is_err(), || "the rest comes unasked".into())?;
    app.type_prompt(PROMPT).await?;
    world
        .browser
        .until("the rest does not come", script, Vec::new())
        .await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await
}
