//! Every error of the API: what is said, what was billed, how often it was sent.

use std::time::Duration;

use simulator::{Script, faults};

use crate::app::{App, Billed, Kept};
use crate::browser::Kind;
use crate::failure::{Context, Failure, Result, ensure, equal};
use crate::world::World;

super::stories! {
    "every error says what happened, what was billed and what to do" => every_error,
    "a rate limit is waited for as told, then the picture comes" => rate_limit,
    "slow down, and a rate limit inside a stream, are waited for" => slow_down,
    "a long rate limit is waited for, and Cancel ends the wait without a doubt" => keeps_refusing,
}

const PROMPT: &str = "a paper boat in the rain";

/// The title of the notice and what it says about the bill. The errors that are waited for have stories of their own.
fn expected(name: &str) -> Option<(&'static str, Billed)> {
    let nothing = |title| Some((title, Billed::Nothing));
    let possible = |title| Some((title, Billed::Possible));
    match name {
        "moderation_blocked" | "stream_moderation_blocked" => {
            nothing("The provider blocked this prompt")
        }
        "billing_hard_limit_reached" => nothing("The billing limit"),
        "invalid_request_error" => nothing("The provider refused the setting “size”"),
        "unknown_parameter" => nothing("The provider refused the setting “response_format”"),
        "string_error" | "unprocessable" => nothing("The provider refused the request"),
        "payload_too_large" | "unsupported_media_type" => {
            nothing("The provider refused the request")
        }
        "invalid_api_key" => nothing("The provider does not accept the key"),
        "unverified_organization" => nothing("Your organization must be verified"),
        "unsupported_country_region_territory" => {
            nothing("The provider does not serve your country")
        }
        "model_not_found" => nothing("The provider does not know"),
        "insufficient_quota"
        | "credit_balance_exhausted"
        | "project_spend_limit_exceeded"
        | "organization_usage_limit_exceeded" => nothing("Your account has no credit left"),
        "html_400" | "html_429" | "html_502" | "html_503" | "html_504" => {
            possible("Something other than the API answered")
        }
        "server_error" => possible("The provider failed"),
        "overloaded" => possible("The provider is overloaded"),
        "slow_down_503" | "stream_error" | "request_timeout" | "conflict" => possible(""),
        _ => None,
    }
}

const WAITED_FOR: [&str; 3] = ["rate_limit", "slow_down", "stream_rate_limit"];

async fn every_error(world: &World<'_>) -> Result {
    let mut failures = Vec::new();
    for (name, _) in faults::NAMES {
        if WAITED_FOR.contains(&name) {
            continue;
        }
        let (title, billed) = expected(name).context(|| format!("no expectation for {name}"))?;
        world.reset();
        if let Err(failure) = one_error(world, name, title, billed).await {
            failures.push(format!("{name}: {failure}"));
        }
    }
    ensure(failures.is_empty(), || failures.join("\n        "))
}

async fn one_error(world: &World<'_>, name: &str, title: &str, billed: Billed) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        times: 0,
        ..Script::error(name)
    });
    app.draw(PROMPT).await?;
    app.until_trouble(title, billed).await?;
    app.until_jobs(0).await?;
    equal("the prompt", &app.prompt_text().await?, &PROMPT.to_owned())?;
    equal("results", &app.results().await?, &0)?;
    // Chromium itself repeats what a connection in use before answers with 408, once for each such connection;
    // the app sends it once.
    let most = if name == "request_timeout" && world.browser.kind == Kind::Chromium {
        10
    } else {
        1
    };
    let posts = world.posts();
    ensure((1..=most).contains(&posts), || format!("{posts} requests"))?;
    if billed == Billed::Nothing {
        return equal("requests in doubt", &app.in_doubt().await?, &0);
    }
    app.until_in_doubt(1).await?;
    app.reload().await?;
    app.until_in_doubt(1).await?;
    world.nothing_more(posts, Duration::from_secs(1)).await
}

/// The picture comes with the second request, which was not sent earlier than told.
async fn second_try(world: &World<'_>, app: App<'_>, least_ms: u64) -> Result {
    app.until_results(PROMPT, 1).await?;
    equal("alerts", &app.alerts().await?, &0)?;
    let bill = world.simulator.bill();
    equal("requests", &bill.len(), &2)?;
    let refused = bill[0]
        .done_ms
        .context(|| "the first request has no end".into())?;
    let waited = bill[1].at_ms.saturating_sub(refused);
    ensure(waited >= least_ms, || {
        format!("sent again after {waited} ms, and told {least_ms}")
    })?;
    equal("requests in doubt", &app.in_doubt().await?, &0)
}

async fn rate_limit(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        seconds: Some(1.0),
        ..Script::error("rate_limit")
    });
    app.draw(PROMPT).await?;
    app.until_says("trying again in").await?;
    second_try(world, app, 1000).await
}

async fn slow_down(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script::error("slow_down"));
    app.draw(PROMPT).await?;
    second_try(world, app, 0).await?;
    world.reset();
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        seconds: Some(0.6),
        ..Script::error("stream_rate_limit")
    });
    app.draw(PROMPT).await?;
    second_try(world, app, 600).await
}

/// Told to wait 30 seconds, nothing more is sent, and Cancel simply ends it. How often it tries at most is not tested here.
async fn keeps_refusing(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept::server(&world.simulator.address())))
        .await?;
    world.simulator.script(Script {
        seconds: Some(30.0),
        times: 0,
        ..Script::error("rate_limit")
    });
    app.draw(PROMPT).await?;
    app.until_says("trying again in").await?;
    world.nothing_more(1, Duration::from_millis(1500)).await?;
    // Nothing was executed, so Cancel asks nothing.
    app.cancel(PROMPT).await?;
    app.until_jobs(0).await?;
    equal("requests in doubt", &app.in_doubt().await?, &0)?;
    if app.results().await? > 0 {
        return Err(Failure::new("a refused request has a result"));
    }
    Ok(())
}
