//! Prices that are newer than the app: from a file that the person chose, and from the provider's own list.

use std::path::PathBuf;

use serde_json::{Value, json};
use simulator::{Config, Simulator};

use crate::app::{App, Kept, Screen};
use crate::children::Scratch;
use crate::failure::{Context, Result, ensure, equal};
use crate::world::{World, key};

super::stories! {
    "a newer price file is seen first, used, kept and given back" => exchanged,
    "a price file that cannot be right changes nothing and says why" => refused,
    "a chosen model that the price file lacks stays chosen, without a price" => lacking,
    "the look for model changes happens once a day, and what it taught is kept" => daily,
}

/// Its tokens are approximated as they are counted.
const PROMPT: &str = "a red dot";
const CHOSEN: &str = "gpt-image-2";
const ADDED: &str = "brand-new-image";
const BUILT_IN: &str = include_str!("../../../../public/models.json");

fn built_in() -> Result<Value> {
    serde_json::from_str(BUILT_IN).context(|| "reading the built-in prices".into())
}

/// The built-in data as of the day after it; one day may be ahead of the clock.
fn newer() -> Result<Value> {
    let mut file = built_in()?;
    let version = file["version"].as_str().unwrap_or_default().to_owned();
    let (month, day) = version.rsplit_once('-').unwrap_or_default();
    let day: u32 = day.parse().unwrap_or_default();
    file["version"] = json!(format!("{month}-{:02}", day + 1));
    Ok(file)
}

fn models(file: &mut Value) -> Result<&mut Vec<Value>> {
    file["models"]
        .as_array_mut()
        .context(|| "the prices have no models".into())
}

fn position(models: &[Value], id: &str) -> Result<usize> {
    models
        .iter()
        .position(|model| model["id"] == id)
        .context(|| format!("the prices lack {id}"))
}

fn written(folder: &Scratch, text: &str) -> Result<PathBuf> {
    let path = folder.path().join("newer.json");
    std::fs::write(&path, text).context(|| format!("writing {}", path.display()))?;
    Ok(path)
}

/// The composer with a model whose price the files of these stories change; its price.
async fn composed(app: App<'_>) -> Result<String> {
    app.type_prompt(PROMPT).await?;
    app.choose_model(CHOSEN).await?;
    app.price().await
}

async fn exchanged(world: &World<'_>) -> Result {
    let folder = Scratch::new("prices")?;
    let mut file = newer()?;
    let date = file["version"].as_str().unwrap_or_default().to_owned();
    let models = models(&mut file)?;
    let at = position(models, CHOSEN)?;
    let mut added = models[at].clone();
    added["id"] = json!(ADDED);
    added["snapshots"] = json!([]);
    models[at]["rates"]["image_out"] = json!("60.00");
    // The list of models becomes another one around the chosen one.
    let removed = models.remove(0)["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    models.push(added);
    let path = written(&folder, &file.to_string())?;

    let app = world.app();
    app.open_fresh(None).await?;
    let before = composed(app).await?;
    app.go(Screen::Settings).await?;
    app.until_says("built into this copy").await?;
    app.give_price_file(&path).await?;
    for told in [
        "What newer.json would change",
        &format!("become those of {date}."),
        &format!("New models: {ADDED}."),
        &format!("Models that go: {removed}."),
        "Models whose prices change: 1.",
        &format!("{CHOSEN}: $"),
    ] {
        app.until_says(told).await?;
    }
    app.press_button("Keep the present ones").await?;
    app.until_says_no_more("What newer.json would change")
        .await?;
    app.go(Screen::Create).await?;
    equal("the price after a no", &app.price().await?, &before)?;

    app.go(Screen::Settings).await?;
    app.give_price_file(&path).await?;
    app.press_button("Use these prices").await?;
    app.until_says(&format!("The prices of {date} are in use."))
        .await?;
    app.go(Screen::Create).await?;
    let after = app.price_other_than(&before).await?;
    let (chosen, offered) = app.models().await?;
    equal("the chosen model", &chosen, &CHOSEN.to_owned())?;
    ensure(offered.iter().any(|id| id == ADDED), || {
        format!("offered: {offered:?}")
    })?;
    app.show_cost_details().await?;
    app.until_says(&format!("Prices as of {date}.")).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;

    app.reload().await?;
    equal(
        "the price after a reload",
        &app.price_other_than(&before).await?,
        &after,
    )?;
    app.go(Screen::Settings).await?;
    app.until_says("from the file newer.json, loaded on")
        .await?;
    app.press_button("Go back to the built-in prices").await?;
    app.until_says("The built-in prices of").await?;
    app.go(Screen::Create).await?;
    equal(
        "the price after going back",
        &app.price_other_than(&after).await?,
        &before,
    )?;
    app.reload().await?;
    app.go(Screen::Settings).await?;
    app.until_says("built into this copy").await?;
    app.go(Screen::Create).await?;
    equal("the price at last", &app.price().await?, &before)
}

async fn refused(world: &World<'_>) -> Result {
    let folder = Scratch::new("prices")?;
    let changed = |part: &str, value: Value| -> Result<String> {
        let mut file = newer()?;
        let place = file.pointer_mut(part);
        *place.context(|| format!("the prices have no {part}"))? = value;
        Ok(file.to_string())
    };
    let first = built_in()?["models"][0]["id"].clone();
    let rate = "/models/0/rates/image_out";
    let cases = [
        ("prices".to_owned(), "This is not a price file"),
        (
            format!("{}{BUILT_IN}", " ".repeat(1 << 20)),
            "larger than 1 MB",
        ),
        (BUILT_IN.to_owned(), "it is not newer than what is in use"),
        (
            changed("/version", json!("2999-01-01"))?,
            "a day that has not come yet",
        ),
        (changed("/format", json!(2))?, "The file is of format 2"),
        (changed(rate, json!("-8.00"))?, "This is not a price file"),
        (changed(rate, json!("8000.00"))?, "a price per token of"),
        (changed("/models/1/id", first)?, "twice"),
        (
            changed("/models/1/id", json!(""))?,
            "an empty or impossible name",
        ),
        (changed("/models", json!([]))?, "The file holds no models"),
        (
            changed("/sources/pricing/read", json!("2026-02-30"))?,
            "the date of pricing cannot be right",
        ),
    ];
    let app = world.app();
    app.open_fresh(None).await?;
    let before = composed(app).await?;
    app.go(Screen::Settings).await?;
    for (text, says) in cases {
        app.give_price_file(&written(&folder, &text)?).await?;
        app.until_alert(says).await?;
        app.until_says("Nothing has changed").await?;
    }
    app.until_says("built into this copy").await?;
    app.reload().await?;
    app.until_says("built into this copy").await?;
    app.go(Screen::Create).await?;
    equal("the price", &app.price().await?, &before)
}

async fn lacking(world: &World<'_>) -> Result {
    let folder = Scratch::new("prices")?;
    let mut file = newer()?;
    let models = models(&mut file)?;
    models.remove(position(models, CHOSEN)?);
    let path = written(&folder, &file.to_string())?;
    let app = world.app();
    app.open_fresh(None).await?;
    composed(app).await?;
    app.go(Screen::Settings).await?;
    app.give_price_file(&path).await?;
    app.press_button("Use these prices").await?;
    app.go(Screen::Create).await?;
    for _ in ["at once", "after a reload"] {
        app.until_says("price unknown").await?;
        equal(
            "the model typed by hand",
            &app.typed_model().await?,
            &CHOSEN.to_owned(),
        )?;
        app.until_can_generate(true).await?;
        app.reload().await?;
    }
    app.go(Screen::Settings).await?;
    app.press_button("Go back to the built-in prices").await?;
    app.go(Screen::Create).await?;
    app.price_other_than("price unknown").await?;
    equal(
        "the chosen model",
        &app.models().await?.0,
        &CHOSEN.to_owned(),
    )
}

async fn daily(world: &World<'_>) -> Result {
    const NEW: &str = "gpt-image-next";
    let mut server =
        Simulator::start(Config::default()).context(|| "starting another simulator".into())?;
    let looks = |server: &Simulator| {
        let hits = server.hits();
        let is_look = |method: &str, path: &str| method == "GET" && path == "/v1/models";
        hits.iter()
            .filter(|hit| is_look(&hit.method, &hit.path))
            .count()
    };
    let app = world.app();
    app.open_fresh(Some(Kept::server(&server.address())))
        .await?;
    app.go(Screen::Settings).await?;
    equal("looks without being told to", &looks(&server), &0)?;
    // Nobody answers: nothing is said, and it does not count.
    server.stop();
    app.switch_daily_look().await?;
    app.until_asks_no_more().await?;
    equal("alerts", &app.alerts().await?, &0)?;
    server
        .start_again()
        .context(|| "starting it again".into())?;
    app.reload().await?;
    app.until_says("New names: 1.").await?;
    app.until_says("Asked on").await?;
    equal("looks", &looks(&server), &1)?;
    // The same day, with a key and after a reload: no other.
    app.reload().await?;
    app.until_says("Asked on").await?;
    app.save_key(&key()).await?;
    app.go(Screen::Create).await?;
    app.type_prompt(PROMPT).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    equal("looks on the same day", &looks(&server), &1)?;
    app.choose_model(NEW).await?;
    app.until_says("price unknown").await?;
    app.reload().await?;
    app.until_says("price unknown").await?;
    app.until_model(NEW).await
}
