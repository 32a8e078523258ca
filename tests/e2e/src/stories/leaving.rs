//! Leaving: everything erased, and diagnostics that tell nothing private.

use serde_json::json;

use crate::app::{Kept, Screen};
use crate::failure::{Result, ensure, equal};
use crate::world::{World, key};

super::stories! {
    "everything on this computer is erased" => erase,
    "diagnostics hold no key and no prompt" => diagnostics,
}

const PROMPT: &str = "a private garden";

async fn erase(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept {
        theme: "dark",
        ..Kept::default()
    }))
    .await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.go(Screen::Settings).await?;
    app.erase_everything().await?;
    app.go(Screen::Create).await?;
    app.until_results(PROMPT, 0).await?;
    equal("the prompt", &app.prompt_text().await?, &String::new())?;
    equal(
        "places that hold the prompt",
        &world.sweep(PROMPT).await?,
        &Vec::new(),
    )?;
    let theme = world
        .browser
        .script(
            "return document.documentElement.dataset.theme ?? null",
            Vec::new(),
        )
        .await?;
    equal("the theme", &theme, &json!(null))
}

async fn diagnostics(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    app.connect(&world.simulator.address(), &key()).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.go(Screen::Settings).await?;
    let listen = "navigator.clipboard.writeText = (text) => { window.copiedText = text; return Promise.resolve(); }";
    world.browser.script(listen, Vec::new()).await?;
    app.copy_diagnostics().await?;
    let text = world
        .browser
        .script(
            "const text = window.copiedText; delete window.copiedText; return text",
            Vec::new(),
        )
        .await?;
    let text = text.as_str().unwrap_or_default();
    ensure(text.contains("Pentimento"), || {
        format!("the diagnostics are “{text}”")
    })?;
    ensure(
        !text.contains(&key()) && !text.contains(PROMPT) && !text.contains("127.0.0.1"),
        || format!("the diagnostics tell too much: {text}"),
    )
}
