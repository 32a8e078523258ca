//! What else a request would cost, and what becomes of a model.

use crate::app::{Group, Screen};
use crate::failure::{Result, ensure, equal};
use crate::world::World;

super::stories! {
    "what else it would cost is compared, and one press switches" => compared,
    "a model near its end leads to its successor" => succeeded,
    "the provider's own list brings a new model" => listed,
}

const PROMPT: &str = "a lighthouse on a cliff at sunset";
const MINI: &str = "gpt-image-1-mini";

async fn compared(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    app.type_prompt(PROMPT).await?;
    app.choose_model("gpt-image-2").await?;
    app.show_cost_details().await?;
    app.compare("qualities").await?;
    let row = "gpt-image-2, high, 1024x1024";
    let before = app.price().await?;
    let promised = app.compared_price(row).await?;
    app.use_row(row).await?;
    let now = app.price_other_than(&before).await?;
    equal("the price after Use", &now, &promised)?;
    equal(
        "the present row",
        &app.row_in_use().await?,
        &format!("In use {row}"),
    )?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    app.until_says("1536x1024 has more pixels and costs")
        .await?;
    app.compare("sizes").await?;
    let row = "gpt-image-2, high, 1536x1024";
    let promised = app.compared_price(row).await?;
    app.use_row(row).await?;
    equal(
        "the price of the other size",
        &app.price_other_than(&now).await?,
        &promised,
    )?;
    app.compare("models").await?;
    let row = "gpt-image-2.5-flare, high, 1536x1024";
    let (before, promised) = (app.price().await?, app.compared_price(row).await?);
    app.use_row(row).await?;
    equal(
        "the price of the other model",
        &app.price_other_than(&before).await?,
        &promised,
    )?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await
}

async fn succeeded(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(None).await?;
    app.type_prompt(PROMPT).await?;
    // Before the day of its shutdown and after it, it can be named, and it leads on.
    let (chosen, offered) = app.models().await?;
    if chosen != MINI {
        ensure(!offered.iter().any(|id| id == MINI), || {
            format!("{MINI} is still offered")
        })?;
        app.type_model(MINI).await?;
    }
    app.choose(Group::Quality, "low").await?;
    app.until_says("per request").await?;
    let before = app.price().await?;
    app.press_button("Move to gpt-image-2.6-flare").await?;
    app.price_other_than(&before).await?;
    let (chosen, _) = app.models().await?;
    ensure([MINI, ""].iter().all(|old| *old != chosen), || {
        format!("the model is {chosen}")
    })?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    app.until_can_generate(true).await
}

async fn listed(world: &World<'_>) -> Result {
    const NEW: &str = "gpt-image-next";
    let app = world.app_with_simulator().await?;
    let (_, before) = app.models().await?;
    ensure(!before.iter().any(|id| id == NEW), || {
        format!("{NEW} is known before it is asked for")
    })?;
    app.go(Screen::Settings).await?;
    app.press_button("Ask for the list of models").await?;
    app.until_says("New names: 1.").await?;
    equal("requests that cost", &world.posts(), &0)?;
    app.go(Screen::Create).await?;
    app.type_prompt(PROMPT).await?;
    app.choose_model(NEW).await?;
    app.until_says("price unknown").await?;
    app.until_can_generate(true).await
}
