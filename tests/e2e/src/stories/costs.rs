//! Costs: what was spent stands beside the bill, and a budget holds.

use simulator::{Garbage, Script};

use super::durability::{close_for, open_second};

use crate::app::{Billed, Group, Screen};
use crate::failure::{Result, ensure, equal};
use crate::world::World;

super::stories! {
    "Costs say what the bill says, and what may have been billed" => beside_the_bill,
    "a budget holds: what would exceed it is not sent" => budget,
    "a budget for one press of Generate holds for all that it would send" => batch,
    "two tabs share one budget, and what is in flight counts" => two_tabs,
    "what the bills taught stands in Costs and beside the price, until it is switched off" => learned,
    "damaged sums are added up anew, and a line that is lost stops a budget until the person decides" => damaged,
    "a clock that is behind the ledger makes no budget fresh, and is said" => clock_behind,
    "200 random requests in two tabs: never below the bill, never over the budget" => at_random,
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

const MINI: &str = "gpt-image-1-mini";

/// The simulator bills by tokens, which is the lower of the two figures that are published.
async fn learned(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.choose(Group::Quality, "low").await?;
    app.put_prompt(PROMPT).await?;
    for pictures in 1..=3 {
        app.until_learned_price(None).await?;
        app.generate().await?;
        app.until_results(PROMPT, pictures).await?;
    }
    app.until_learned_price(Some("$0.0022")).await?;
    equal(
        "the estimate",
        &app.price().await?.contains("$0.0051"),
        &true,
    )?;
    // It is learned for what was never asked for, too.
    app.choose(Group::Quality, "high").await?;
    app.until_learned_price(Some("$0.0333")).await?;
    app.generate().await?;
    app.until_results(PROMPT, 4).await?;
    app.go(Screen::Costs).await?;
    let row = app.learned_row(MINI).await?;
    let billed = format!("${:.4}", billed(world) as f64 / 1e12);
    for part in [&*billed, "From 4 requests", "−"] {
        ensure(row.contains(part), || {
            format!("“{row}” does not say {part}")
        })?;
    }
    ensure(app.uses_learned().await?, || "the switch is off".into())?;
    app.press_use_learned().await?;
    app.go(Screen::Create).await?;
    app.until_learned_price(None).await?;
    app.reload().await?;
    app.until_results(PROMPT, 4).await?;
    app.until_learned_price(None).await?;
    app.go(Screen::Costs).await?;
    app.learned_row(MINI).await?;
    ensure(!app.uses_learned().await?, || {
        "the switch is on again".into()
    })?;
    app.press_use_learned().await?;
    app.go(Screen::Create).await?;
    app.until_learned_price(Some("$0.0333")).await
}

/// What the simulator has billed, in pico-dollars.
fn billed(world: &World<'_>) -> u64 {
    let bill = world.simulator.bill();
    bill.iter().map(|entry| entry.billed_pico).sum()
}

/// Two requests fit the budget, and a third does not: by the sums, and by what they are added up from.
async fn damaged(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.choose(Group::Quality, "low").await?;
    app.go(Screen::Costs).await?;
    app.set_budget_per_day("0.008").await?;
    app.go(Screen::Create).await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.tear_days().await?;
    app.generate().await?;
    app.until_results(PROMPT, 2).await?;
    app.until_says("They were added up anew").await?;
    equal("the ledger", &app.ledger_total().await?, &billed(world))?;
    app.tear_days().await?;
    app.generate().await?;
    app.until_trouble("This would exceed your budget for today", Billed::Nothing)
        .await?;
    equal("requests", &world.posts(), &2)?;
    // Costs add up by themselves, too.
    app.tear_days().await?;
    app.go(Screen::Costs).await?;
    app.until_costs_say("$0.0044 of $0.0080").await?;
    // A request whose lines are lost: the last one, as if it had never been answered.
    app.go(Screen::Create).await?;
    world.simulator.script(Script::error("server_error"));
    app.go(Screen::Costs).await?;
    app.set_budget_per_day("0.02").await?;
    app.go(Screen::Create).await?;
    app.generate().await?;
    app.until_in_doubt(1).await?;
    app.tear_last_reservation().await?;
    app.tear_days().await?;
    app.generate().await?;
    app.until_trouble("ledger entries cannot be read: 1", Billed::Nothing)
        .await?;
    equal("requests", &world.posts(), &3)?;
    // What is left of the day stands in Costs until then.
    let unknown = "1 requests may have been billed at a price that nobody can say";
    app.go(Screen::Costs).await?;
    app.until_costs_say("$0.0044 of $0.0200").await?;
    app.until_costs_say(unknown).await?;
    app.go(Screen::Create).await?;
    app.press_on_notice("Go on without them").await?;
    app.until_days_are_whole().await?;
    app.generate().await?;
    app.until_results(PROMPT, 3).await?;
    app.go(Screen::Costs).await?;
    app.until_costs_say(unknown).await
}

async fn clock_behind(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.choose(Group::Quality, "low").await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 1).await?;
    app.copy_day_to("2999-12-01").await?;
    app.go(Screen::Costs).await?;
    app.set_budget_per_day("0.007").await?;
    app.until_costs_say("$0.0022 of $0.0070").await?;
    app.go(Screen::Create).await?;
    app.generate().await?;
    app.until_trouble("This would exceed your budget for today", Billed::Nothing)
        .await?;
    equal("requests", &world.posts(), &1)?;
    app.go(Screen::Costs).await?;
    app.set_budget_per_day("0.008").await?;
    app.go(Screen::Create).await?;
    app.generate().await?;
    app.until_results(PROMPT, 2).await?;
    let counted = "requests were already sent on 2999-12-01";
    ensure(app.alert().await?.concat().contains(counted), || {
        "nothing is said of the clock".into()
    })?;
    app.press_on_notice("The clock is right now").await?;
    app.go(Screen::Costs).await?;
    app.until_costs_say("$0.0022 of $0.0080").await?;
    app.go(Screen::Create).await?;
    app.generate().await?;
    app.until_results(PROMPT, 3).await?;
    equal("days", &app.days().await?.len(), &2)
}

/// xorshift64*: the same orders at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }

    /// What becomes of a request.
    fn fate(&mut self) -> Script {
        let delay_ms = self.below(60);
        let script = match self.below(8) {
            0 => Script::error("server_error"),
            1 => Script::error("moderation_blocked"),
            2 => Script::garbage(Garbage::NoUsage),
            3 => Script {
                cut_at: Some(1 + self.below(3_000)),
                ..Script::default()
            },
            4 => Script::garbage(Garbage::EmptyData),
            _ => Script::default(),
        };
        Script { delay_ms, ..script }
    }
}

/// Both tabs press Generate at once, again and again, while the budget rises now and then. A request is at most $0.0051.
async fn at_random(world: &World<'_>) -> Result {
    const PRESSES: u64 = 200;
    let app = world.app_with_simulator().await?;
    app.choose(Group::Quality, "low").await?;
    app.put_prompt(PROMPT).await?;
    let (first, second) = open_second(world, app).await?;
    app.choose(Group::Quality, "low").await?;
    app.put_prompt(PROMPT).await?;
    let driver = world.browser.driver();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut pressed, mut limit, mut refused) = (0, 20_000_000_000, false);
    while pressed < PRESSES {
        limit += dice.below(3) * 10_000_000_000;
        app.keep_budget_per_day(limit).await?;
        for tab in [&first, &second] {
            driver.switch_to_window(tab.clone()).await?;
            let presses = 1 + dice.below(6);
            (0..presses).for_each(|_| world.simulator.script(dice.fate()));
            app.press_generate(presses).await?;
            pressed += presses;
        }
        for tab in [&first, &second] {
            driver.switch_to_window(tab.clone()).await?;
            app.until_jobs_none().await?;
        }
        let (ledger, bill) = (app.ledger_total().await?, billed(world));
        ensure(bill <= ledger && ledger <= limit, || {
            format!(
                "after {pressed} presses: {bill} were billed, the ledger has {ledger}, the budget is {limit}"
            )
        })?;
        refused |= (world.posts() as u64) < pressed;
    }
    ensure(refused && billed(world) > 100_000_000_000, || {
        format!(
            "the budget was never met, or too little was billed: {}",
            billed(world)
        )
    })?;
    // What the sums say, the lines say too.
    let before = app.ledger_total().await?;
    app.tear_days().await?;
    app.go(Screen::Costs).await?;
    app.until_says("They were added up anew").await?;
    equal(
        "the ledger, added up anew",
        &app.ledger_total().await?,
        &before,
    )?;
    close_for(world, first).await
}
