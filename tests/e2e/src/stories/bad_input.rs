//! Bad input, from the person and from the server: a clear notice, nothing lost.

use simulator::{Garbage, Script};

use crate::app::{App, Billed, Group, Kept, Screen};
use crate::children::free_port;
use crate::failure::{Context, Failure, Result, ensure, equal};
use crate::world::{World, key};

super::stories! {
    "an empty prompt, and one of 32,001 characters" => prompts,
    "an illegal size is mended with one press; n = 0 is not sent" => numbers,
    "a model that nobody knows: price unknown, sent all the same" => unknown_model,
    "replies that are of no use are kept, and said to be paid" => useless_replies,
    "replies that are odd but whole give their picture" => odd_replies,
    "a few bytes that become 256 MB are no picture" => bomb,
    "a picture of another size, and fewer pictures than asked" => other_than_asked,
    "a stream or a reply that breaks off may have been billed" => cut_short,
    "no server, and a server that allows no other origin" => unreachable,
    "a wrong key asks for another, and the work is kept" => wrong_key,
}

const PROMPT: &str = "a small house in the snow";

async fn prompts(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.until_can_generate(false).await?;
    app.put_prompt("   ").await?;
    app.until_can_generate(false).await?;
    let long = "é".repeat(32_000);
    app.put_prompt(&long).await?;
    app.until_can_generate(true).await?;
    let longer = format!("{long}x");
    app.put_prompt(&longer).await?;
    app.until_can_generate(false).await?;
    app.until_to_mend("32001").await?;
    equal(
        "characters kept",
        &app.prompt_text().await?.chars().count(),
        &32_001,
    )?;
    app.reload().await?;
    equal(
        "characters kept over a reload",
        &app.prompt_text().await?.chars().count(),
        &32_001,
    )?;
    equal("requests", &world.posts(), &0)
}

async fn numbers(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.put_prompt(PROMPT).await?;
    app.choose_model("gpt-image-2").await?;
    app.set_custom_size("1000", "1000").await?;
    app.until_to_mend("multiples of 16").await?;
    app.until_can_generate(false).await?;
    let name = app.use_nearest_size().await?;
    app.until_can_generate(true).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let sent = world.simulator.bill()[0].parameters["size"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    ensure(name.contains(&sent) && !sent.is_empty(), || {
        format!("“{name}” sent {sent}")
    })?;
    for wrong in ["0", "11", ""] {
        app.set_count(wrong).await?;
        if wrong.is_empty() {
            continue;
        }
        app.until_can_generate(false).await?;
        app.until_to_mend("between 1 and").await?;
    }
    app.set_count("2").await?;
    app.until_can_generate(true).await?;
    equal("requests", &world.posts(), &1)
}

async fn unknown_model(world: &World<'_>) -> Result {
    world.simulator.configure(|config| config.any_model = true);
    let app = world.app_with_simulator().await?;
    app.put_prompt(PROMPT).await?;
    app.type_model("my-own-model").await?;
    app.until_says("price unknown").await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    equal(
        "the model",
        &world.simulator.bill()[0].parameters["model"].as_str(),
        &Some("my-own-model"),
    )
}

/// Draws once, with the answer spoiled.
async fn spoiled<'a>(world: &World<'a>, script: Script) -> Result<App<'a>> {
    world.reset();
    let app = world.app_with_simulator().await?;
    world.simulator.script(script);
    app.draw(PROMPT).await?;
    Ok(app)
}

async fn useless_replies(world: &World<'_>) -> Result {
    let cases = [
        (Garbage::Html, "The reply is not what the API sends"),
        (Garbage::EmptyBody, ""),
        (Garbage::TruncatedJson, ""),
        (Garbage::JunkBase64, "A picture in the reply is damaged"),
        (Garbage::NotAPicture, ""),
        (Garbage::NoData, "The reply holds no picture"),
        (Garbage::EmptyData, "The reply holds no picture"),
        (Garbage::WrongTypes, ""),
        (Garbage::NullPicture, "The reply holds no picture"),
        (Garbage::Url, "The reply holds links"),
    ];
    let mut failures = Vec::new();
    for (garbage, title) in cases {
        if let Err(failure) = useless(world, garbage, title).await {
            failures.push(format!("{garbage:?}: {failure}"));
        }
    }
    ensure(failures.is_empty(), || failures.join("\n        "))
}

async fn useless(world: &World<'_>, garbage: Garbage, title: &str) -> Result {
    let app = spoiled(world, Script::garbage(garbage)).await?;
    // A reply that ends too early is no proof of anything; the others were paid.
    let cut = matches!(garbage, Garbage::TruncatedJson | Garbage::EmptyBody);
    let billed = if cut { None } else { Some(Billed::Paid) };
    match billed {
        Some(billed) => app.until_trouble(title, billed).await?,
        None => app
            .until_trouble(title, Billed::Possible)
            .await
            .or(app.until_trouble(title, Billed::Paid).await)?,
    }
    app.until_in_doubt(1).await?;
    equal("results", &app.results().await?, &0)?;
    equal("requests", &world.posts(), &1)?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    app.reload().await?;
    app.until_in_doubt(1).await?;
    if garbage == Garbage::Html {
        world
            .browser
            .click(&[
                ("region", "May have been billed"),
                ("button", "Download the reply"),
            ])
            .await?;
        let (_, bytes) = world.browser.downloaded().await?;
        ensure(
            String::from_utf8_lossy(&bytes).contains("Please log in"),
            || "the reply is not kept as it came".into(),
        )?;
    }
    Ok(())
}

async fn odd_replies(world: &World<'_>) -> Result {
    let mut failures = Vec::new();
    for garbage in [
        Garbage::NoUsage,
        Garbage::NegativeUsage,
        Garbage::StringUsage,
        Garbage::HugeUsage,
        Garbage::OtherFormat,
        Garbage::UnknownFields,
    ] {
        let told = async {
            let app = spoiled(world, Script::garbage(garbage)).await?;
            app.until_results(PROMPT, 1).await?;
            equal("alerts", &app.alerts().await?, &0)?;
            if garbage_of_usage(garbage) {
                app.until_says("did not say what this picture cost").await?;
            }
            app.go(Screen::Library).await?;
            app.until_in_library(PROMPT, 1).await
        };
        if let Err(failure) = told.await {
            failures.push(format!("{garbage:?}: {failure}"));
        }
    }
    ensure(failures.is_empty(), || failures.join("\n        "))
}

fn garbage_of_usage(garbage: Garbage) -> bool {
    use Garbage::{HugeUsage, NegativeUsage, NoUsage, StringUsage};
    matches!(garbage, NoUsage | NegativeUsage | StringUsage | HugeUsage)
}

async fn bomb(world: &World<'_>) -> Result {
    let app = spoiled(world, Script::garbage(Garbage::GzipBomb)).await?;
    app.until_jobs(0).await?;
    app.alert().await?;
    app.until_in_doubt(1).await?;
    equal("results", &app.results().await?, &0)?;
    equal("requests", &world.posts(), &1)
}

async fn other_than_asked(world: &World<'_>) -> Result {
    let app = spoiled(world, Script::garbage(Garbage::WrongSize)).await?;
    app.until_results(PROMPT, 1).await?;
    app.until_says("came instead of").await?;
    world.reset();
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script::garbage(Garbage::Fewer));
    app.set_count("4").await?;
    app.draw(PROMPT).await?;
    app.until_results(PROMPT, 3).await?;
    app.until_says("3 of 4 pictures came").await?;
    equal("requests", &world.posts(), &1)
}

async fn cut_short(world: &World<'_>) -> Result {
    let scripts = [
        (
            "cut in the picture",
            0,
            Script {
                cut_at: Some(3_000),
                ..Script::default()
            },
        ),
        (
            "hung up",
            0,
            Script {
                hang_up: true,
                times: 0,
                ..Script::default()
            },
        ),
        ("no completed", 1, Script::garbage(Garbage::NoCompleted)),
        (
            "stream cut",
            1,
            Script {
                cut_at: Some(20_000),
                ..Script::default()
            },
        ),
        (
            "stream with an error midway",
            1,
            Script {
                previews: Some(1),
                ..Script::error("stream_error")
            },
        ),
    ];
    let mut failures = Vec::new();
    for (name, previews, script) in scripts {
        let told = async {
            world.reset();
            let app = world.app_with_simulator().await?;
            world.simulator.script(script);
            if previews > 0 {
                app.set_previews(&previews.to_string()).await?;
            }
            app.draw(PROMPT).await?;
            app.until_trouble("", Billed::Possible).await?;
            app.until_in_doubt(1).await?;
            equal("results", &app.results().await?, &0)?;
            // Both browsers, not the app, repeat a request whose connection, in use before, is closed without an answer:
            // once for each of the six that they keep to a host. There is one attempt, as the list above says.
            let most = if name == "hung up" { 6 } else { 1 };
            ensure((1..=most).contains(&world.posts()), || {
                format!("{} requests", world.posts())
            })?;
            equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())
        };
        if let Err(failure) = told.await {
            failures.push(format!("{name}: {failure}"));
        }
    }
    ensure(failures.is_empty(), || failures.join("\n        "))
}

async fn unreachable(world: &World<'_>) -> Result {
    let nobody = format!("http://127.0.0.1:{}", free_port()?);
    let app = world.app();
    app.open_fresh(Some(Kept::server(&nobody))).await?;
    app.draw(PROMPT).await?;
    app.until_trouble("The connection failed", Billed::Possible)
        .await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    world.simulator.configure(|config| config.cors = false);
    let app = world.app_with_simulator().await?;
    app.draw(PROMPT).await?;
    app.until_trouble("The connection failed", Billed::Possible)
        .await?;
    equal(
        "paid requests",
        &world
            .simulator
            .bill()
            .iter()
            .filter(|entry| entry.execution_started)
            .count(),
        &0,
    )?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())
}

async fn wrong_key(world: &World<'_>) -> Result {
    world
        .simulator
        .configure(|config| config.key = Some(["other", "key"].concat()));
    let app = world.app();
    app.open_fresh(None).await?;
    app.connect(&world.simulator.address(), &key()).await?;
    app.choose(Group::Quality, "high").await?;
    app.draw(PROMPT).await?;
    app.until_trouble("The provider does not accept the key", Billed::Nothing)
        .await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    world.simulator.configure(|config| config.key = Some(key()));
    app.press_on_notice("Open Settings").await?;
    app.save_key(&key()).await?;
    app.go(Screen::Create).await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let bill = world.simulator.bill();
    let last = bill.last().context(|| "no request".into())?;
    if last.parameters["quality"].as_str() == Some("high") {
        Ok(())
    } else {
        Err(Failure::new("the settings were not kept"))
    }
}
