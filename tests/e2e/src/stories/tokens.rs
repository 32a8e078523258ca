//! The text of a prompt is counted exactly once the token table is there, and marked as approximate until then.

use crate::app::{App, JAPANESE, Kept};
use crate::browser::{PATIENCE, wait};
use crate::failure::{Context, Result, equal};
use crate::proxy::{Part, Proxy};
use crate::world::World;

super::stories! {
    "text tokens are exact in both languages, to the token of the bill" => exact,
    "text tokens are marked approximate as long as their table does not come" => blocked,
}

/// Prompts with their tokens by tiktoken (tests/tokens counts the same two), and what the API adds.
const ENGLISH: (&str, u64) = (
    "A watercolor painting of a lighthouse on a rocky coast at sunset, with seagulls in the sky.",
    21,
);
const JAPANESE_PROMPT: (&str, u64) = ("夕焼けの海辺に立つ白い灯台を水彩画で描いてください。", 22);
const ADDED: u64 = 6;

async fn until_tokens(app: App<'_>, (prompt, tokens): (&str, u64)) -> Result {
    app.put_prompt(prompt).await?;
    let wanted = (tokens + ADDED).to_string();
    let shown = async || Ok((app.text_tokens().await? == wanted).then_some(()));
    wait(PATIENCE, shown)
        .await
        .context(|| format!("“{prompt}” is not shown with {wanted} tokens"))
}

async fn exact(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.show_cost_details().await?;
    app.until_counts_exactly().await?;
    until_tokens(app, JAPANESE_PROMPT).await?;
    until_tokens(app, ENGLISH).await?;
    app.generate().await?;
    app.until_results(ENGLISH.0, 1).await?;
    let bill = world
        .until_bill("one picture", |bill| bill.len() == 1)
        .await?;
    let usage = bill.first().and_then(|entry| entry.usage.as_ref());
    let billed = usage.and_then(|usage| usage["input_tokens_details"]["text_tokens"].as_u64());
    equal("billed text tokens", &billed, &Some(ENGLISH.1 + ADDED))?;
    app.keep(&Kept {
        language: "ja",
        ..Kept::server(&world.simulator.address())
    })
    .await?;
    app.reload().await?;
    let app = app.named(&JAPANESE);
    app.show_cost_details().await?;
    app.until_counts_exactly().await?;
    until_tokens(app, JAPANESE_PROMPT).await
}

async fn blocked(world: &World<'_>) -> Result {
    let proxy = Proxy::start(&world.root.address).await?;
    App::new(world.browser, &proxy.address).erase().await?;
    proxy.hold(Part::Tokens);
    let app = App::new(world.browser, &proxy.address);
    app.keep(&Kept::server(&world.simulator.address())).await?;
    app.open("").await?;
    app.put_prompt(ENGLISH.0).await?;
    app.show_cost_details().await?;
    app.until_says("approximately until the token table has come")
        .await?;
    app.until_says("partly estimated").await?;
    app.generate().await?;
    app.until_results(ENGLISH.0, 1).await?;
    proxy.release();
    app.until_counts_exactly().await?;
    until_tokens(app, ENGLISH).await
}
