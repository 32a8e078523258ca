//! What is sent and what is saved, byte for byte.

use serde_json::{Map, Value, json};
use simulator::{KeySeen, Script};

use crate::app::{Group, Screen};
use crate::failure::{Context, Result, ensure, equal};
use crate::world::{World, key};

super::stories! {
    "one picture without a stream: the request, the key, the bytes" => one,
    "four pictures in one request" => four,
    "a stream with previews, marked as not saved" => stream,
    "every setting reaches the request, and the model's own are offered only" => settings,
    "four pictures with previews are four requests" => four_streams,
}

const PROMPT: &str = "a red fox beside a river";

/// What the bill recorded of the only request, with its key and headers checked.
fn only_request(world: &World<'_>) -> Result<Map<String, Value>> {
    let bill = world.simulator.bill();
    equal("requests", &bill.len(), &1)?;
    let entry = bill.into_iter().next().context(|| "no request".into())?;
    equal("the key", &entry.key, &KeySeen::Matched)?;
    ensure(!entry.has_cookies && entry.referer.is_none(), || {
        "cookies or the page's address were sent".into()
    })?;
    // What every browser adds by itself; of the app's own, only these two.
    let usual = |name: &str| {
        name.starts_with("sec-")
            || [
                "host",
                "connection",
                "content-length",
                "user-agent",
                "accept",
                "accept-language",
                "accept-encoding",
                "origin",
                "dnt",
                "priority",
                "pragma",
                "cache-control",
            ]
            .contains(&name)
    };
    let mut own: Vec<&str> = entry
        .headers
        .iter()
        .map(String::as_str)
        .filter(|name| !usual(name))
        .collect();
    own.sort_unstable();
    equal("headers", &own, &vec!["authorization", "content-type"])?;
    Ok(entry.parameters)
}

fn keys(parameters: &Map<String, Value>) -> Vec<&str> {
    let mut keys: Vec<&str> = parameters.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The pictures in the database have the bytes that the server sends for this request.
async fn bytes_are_kept(world: &World<'_>, parameters: &Map<String, Value>) -> Result {
    let script = include_str!("../kept_bytes.js");
    let address = format!("{}/v1/images/generations", world.simulator.address());
    let found = world
        .browser
        .script(
            script,
            vec![json!(address), json!(parameters), json!(key())],
        )
        .await?;
    let (sent, kept) = (&found["sent"], &found["kept"]);
    ensure(sent.as_array().is_some_and(|sent| !sent.is_empty()), || {
        format!("the server sends no picture: {found}")
    })?;
    equal("hashes of the saved pictures", kept, sent)
}

async fn connected<'a>(world: &World<'a>) -> Result<crate::app::App<'a>> {
    world.simulator.configure(|config| config.key = Some(key()));
    let app = world.app();
    app.open_fresh(None).await?;
    app.connect(&world.simulator.address(), &key()).await?;
    Ok(app)
}

async fn one(world: &World<'_>) -> Result {
    let app = connected(world).await?;
    app.type_prompt(PROMPT).await?;
    app.choose(Group::Quality, "low").await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let parameters = only_request(world)?;
    equal("prompt", &parameters["prompt"], &json!(PROMPT))?;
    equal("model", &parameters["model"], &json!("gpt-image-1-mini"))?;
    equal("quality", &parameters["quality"], &json!("low"))?;
    let allowed = [
        "background",
        "model",
        "moderation",
        "n",
        "output_compression",
        "output_format",
        "prompt",
        "quality",
        "size",
    ];
    ensure(
        keys(&parameters).iter().all(|key| allowed.contains(key)),
        || format!("keys: {:?}", keys(&parameters)),
    )?;
    bytes_are_kept(world, &parameters).await?;
    app.go(Screen::Library).await?;
    app.until_in_library(PROMPT, 1).await
}

async fn four(world: &World<'_>) -> Result {
    let app = connected(world).await?;
    app.type_prompt(PROMPT).await?;
    app.choose(Group::Quality, "low").await?;
    app.set_count("4").await?;
    app.generate().await?;
    app.until_results(PROMPT, 4).await?;
    let parameters = only_request(world)?;
    equal("n", &parameters["n"], &json!(4))?;
    ensure(!parameters.contains_key("stream"), || {
        "a stream was asked for".into()
    })?;
    bytes_are_kept(world, &parameters).await?;
    app.reload().await?;
    app.until_results(PROMPT, 4).await
}

async fn stream(world: &World<'_>) -> Result {
    let app = connected(world).await?;
    world.simulator.script(Script {
        event_delay_ms: Some(700),
        ..Script::default()
    });
    app.type_prompt(PROMPT).await?;
    app.set_previews("2").await?;
    app.generate().await?;
    app.until_preview().await?;
    equal("results while previews come", &app.results().await?, &0)?;
    app.until_results(PROMPT, 1).await?;
    app.until_jobs(0).await?;
    let parameters = only_request(world)?;
    equal("stream", &parameters["stream"], &json!(true))?;
    equal("partial_images", &parameters["partial_images"], &json!(2))?;
    let mut plain = parameters.clone();
    plain.remove("stream");
    plain.remove("partial_images");
    bytes_are_kept(world, &plain).await
}

async fn four_streams(world: &World<'_>) -> Result {
    let app = connected(world).await?;
    app.type_prompt(PROMPT).await?;
    app.set_count("4").await?;
    app.set_previews("1").await?;
    app.generate().await?;
    app.until_results(PROMPT, 4).await?;
    let bill = world.simulator.bill();
    equal("requests", &bill.len(), &4)?;
    for entry in &bill {
        let n = entry.parameters.get("n").cloned().unwrap_or(json!(1));
        equal("n of each", &n, &json!(1))?;
        equal("stream of each", &entry.parameters["stream"], &json!(true))?;
    }
    Ok(())
}

async fn settings(world: &World<'_>) -> Result {
    let app = connected(world).await?;
    app.put_prompt(PROMPT).await?;
    app.show_more_settings().await?;
    let qualities = app.options(Group::Quality).await?.join("; ");
    ensure(
        !qualities.contains("xhigh") && qualities.contains("low"),
        || format!("gpt-image-1-mini is offered {qualities}"),
    )?;
    app.choose(Group::Quality, "low").await?;
    app.choose(Group::Size, "1024x1536").await?;
    app.choose(Group::Background, "transparent").await?;
    app.choose(Group::Format, "webp").await?;
    app.choose(Group::Moderation, "low").await?;
    app.generate().await?;
    app.until_results(PROMPT, 1).await?;
    let sent = only_request(world)?;
    for (key, value) in [
        ("quality", "low"),
        ("size", "1024x1536"),
        ("background", "transparent"),
        ("output_format", "webp"),
        ("moderation", "low"),
    ] {
        equal(key, &sent.get(key), &Some(&json!(value)))?;
    }
    app.choose_model("gpt-image-2.5-flare").await?;
    let qualities = app.options(Group::Quality).await?.join("; ");
    ensure(
        qualities.contains("xhigh") && qualities.contains("max"),
        || format!("gpt-image-2.5-flare is offered {qualities}"),
    )
}
