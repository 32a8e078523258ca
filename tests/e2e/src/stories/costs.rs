//! Costs: what was spent stands beside the bill, and a budget holds.

use simulator::Script;

use super::durability::{close_for, open_second};

use crate::app::{Billed, Group, Screen};
use crate::failure::{Result, ensure, equal};
use crate::world::World;

super::stories! {
    "Costs say what the bill says, and what may have been billed" => beside_the_bill,
    "a budget holds: what would exceed it is not sent" => budget,
    "a budget for one press of Generate holds for all that it would send" => batch,
    "two tabs share one budget, and what is in flight counts" => two_tabs,
}

const PROMPT: &str = "a jar of honey";

async fn beside_the_bill(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.choose(Group::Quality, "high").await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    world.simulator.script(Script {
        error: Some("server_error".into()),
        ..Script::default()
    });
    app.generate().await?;
    app.until_trouble("The provider failed", Billed::Possible)
        .await?;
    app.until_in_doubt(1).await?;
    let pico: u64 = world
        .simulator
        .bill()
        .iter()
        .map(|entry| entry.billed_pico)
        .sum();
    let dollars = format!("${:.4}", pico as f64 / 1e12);
    app.go(Screen::Costs).await?;
    app.until_costs_say(&dollars).await?;
    app.until_costs_say("Requests: 2 · pictures: 1").await?;
    app.until_costs_say("It may have been billed: at most $")
        .await
}

/// Three pictures of low quality are at most $0.0151.
async fn batch(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.choose(Group::Quality, "low").await?;
    app.go(Screen::Costs).await?;
    app.set_budget_per_press("0.011").await?;
    app.go(Screen::Create).await?;
    app.set_count("3").await?;
    app.draw(PROMPT).await?;
    app.until_trouble("One press of Generate may cost", Billed::Nothing)
        .await?;
    equal("requests", &world.posts(), &0)?;
    app.set_count("2").await?;
    app.generate().await?;
    app.until_results(PROMPT, 2).await
}

/// Low quality of the default model costs $0.0022 and at most $0.0051.
async fn budget(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.choose(Group::Quality, "low").await?;
    app.go(Screen::Costs).await?;
    app.set_budget_per_day("0.008").await?;
    app.go(Screen::Create).await?;
    for pictures in 1..=2 {
        app.draw(PROMPT).await?;
        app.until_results(PROMPT, pictures).await?;
    }
    app.generate().await?;
    app.until_trouble("This would exceed your budget for today", Billed::Nothing)
        .await?;
    equal("requests", &world.posts(), &2)?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    app.press_on_notice("Open Costs").await?;
    app.until_costs_say("$0.0044 of $0.0080").await?;
    let bill: u64 = world
        .simulator
        .bill()
        .iter()
        .map(|entry| entry.billed_pico)
        .sum();
    ensure(bill <= 8_000_000_000, || format!("{bill} were billed"))
}

/// A budget of $0.016 holds three requests of at most $0.0051.
async fn two_tabs(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        times: 0,
        delay_ms: 4_000,
        ..Script::default()
    });
    app.choose(Group::Quality, "low").await?;
    app.go(Screen::Costs).await?;
    app.set_budget_per_day("0.016").await?;
    app.go(Screen::Create).await?;
    app.put_prompt(PROMPT).await?;
    app.generate().await?;
    app.generate().await?;
    app.until_jobs(2).await?;
    world
        .until_bill("both came", |bill| bill.len() == 2)
        .await?;
    let (first, _) = open_second(world, app).await?;
    app.choose(Group::Quality, "low").await?;
    app.put_prompt(PROMPT).await?;
    app.generate().await?;
    world
        .until_bill("the third came", |bill| bill.len() == 3)
        .await?;
    app.generate().await?;
    app.until_trouble("This would exceed your budget for today", Billed::Nothing)
        .await?;
    equal("requests", &world.posts(), &3)?;
    app.until_jobs_none().await?;
    close_for(world, first).await?;
    app.until_results(PROMPT, 3).await?;
    equal("requests", &world.posts(), &3)
}
