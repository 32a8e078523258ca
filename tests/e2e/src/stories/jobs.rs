//! Several jobs at once, and the two meanings of Cancel.

use simulator::{Match, Script};

use crate::app::{App, Billed, Kept};
use crate::failure::{Result, ensure, equal};
use crate::world::World;

super::stories! {
    "several jobs run at once, and each brings its picture" => several,
    "Cancel, then Stop waiting: the picture is saved when it comes" => stop_waiting,
    "Cancel, then Abort: it may have been billed" => abort,
    "a job that waits for its turn is simply removed" => queued,
    "Practice can be slow, refuse and break off" => moods,
    "I looked away while a picture was made, came back, and the tab still said that it had just come" => looked_away,
}

fn slow(prompt: &str, delay_ms: u64) -> Script {
    let matching = Match {
        prompt: Some(prompt.into()),
        ..Match::default()
    };
    Script {
        matching,
        delay_ms,
        ..Script::default()
    }
}

async fn several(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let prompts = ["a red apple", "a green pear", "a yellow lemon"];
    for prompt in prompts {
        world.simulator.script(slow(prompt, 2_000));
        app.draw(prompt).await?;
    }
    app.until_jobs(3).await?;
    world
        .until_bill("all three run", |bill| {
            bill.len() == 3 && bill.iter().all(|entry| !entry.finished)
        })
        .await?;
    for prompt in prompts {
        app.until_results(prompt, 1).await?;
    }
    app.until_jobs(0).await
}

async fn stop_waiting(world: &World<'_>) -> Result {
    let (app, prompt) = (world.app_with_simulator().await?, "a ship in a bottle");
    world.simulator.script(slow(prompt, 2_500));
    app.draw(prompt).await?;
    world
        .until_bill("the request came", |bill| bill.len() == 1)
        .await?;
    app.cancel(prompt).await?;
    let text = app.job_text(prompt).await?;
    ensure(text.contains('$'), || {
        format!("Cancel does not say what it may cost: {text}")
    })?;
    app.stop_waiting(prompt).await?;
    app.until_results(prompt, 1).await?;
    app.until_jobs(0).await?;
    equal("doubts", &app.in_doubt().await?, &0)?;
    equal("requests", &world.posts(), &1)
}

async fn abort(world: &World<'_>) -> Result {
    let (app, prompt) = (world.app_with_simulator().await?, "a clock without hands");
    world.simulator.script(slow(prompt, 30_000));
    app.draw(prompt).await?;
    world
        .until_bill("the request came", |bill| bill.len() == 1)
        .await?;
    app.cancel(prompt).await?;
    app.abort(prompt).await?;
    app.until_trouble("Aborted", Billed::Possible).await?;
    app.until_jobs(0).await?;
    app.until_in_doubt(1).await?;
    world
        .until_bill("the connection is closed", |bill| {
            bill[0].client_gone_at.is_some() || bill[0].finished || bill[0].status.is_none()
        })
        .await?;
    equal("the prompt", &app.prompt_text().await?, &prompt.to_owned())?;
    app.reload().await?;
    app.until_in_doubt(1).await?;
    equal("requests", &world.posts(), &1)
}

async fn queued(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let prompts = ["one", "two", "three", "four", "five"];
    for prompt in prompts {
        world.simulator.script(slow(prompt, 3_000));
        app.draw(prompt).await?;
    }
    app.until_jobs(5).await?;
    world.until_bill("four run", |bill| bill.len() == 4).await?;
    app.cancel("five").await?;
    app.until_jobs(4).await?;
    app.until_results("four", 1).await?;
    app.until_jobs(0).await?;
    equal("requests", &world.posts(), &4)?;
    equal("doubts", &app.in_doubt().await?, &0)
}

async fn mood<'a>(world: &World<'a>, mood: &'static str) -> Result<App<'a>> {
    let app = world.app();
    app.open_fresh(Some(Kept {
        mood,
        ..Kept::default()
    }))
    .await?;
    app.draw("a tree").await?;
    Ok(app)
}

async fn moods(world: &World<'_>) -> Result {
    for (name, title) in [
        ("refusing", "The provider blocked this prompt"),
        ("dropping", "The connection failed"),
    ] {
        let app = mood(world, name).await?;
        let lines = app.alert().await?;
        let text = lines.join(" ");
        ensure(
            text.contains(title) && text.contains("Practice costs nothing."),
            || format!("{name}: {text}"),
        )?;
        equal("results", &app.results().await?, &0)?;
        equal("doubts", &app.in_doubt().await?, &0)?;
    }
    let app = mood(world, "slow").await?;
    app.until_jobs(1).await?;
    // It costs nothing, so Cancel asks nothing.
    app.cancel("a tree").await?;
    app.until_jobs(0).await
}

/// Synthetic: drivers hide no tab.
async fn looked_away(world: &World<'_>) -> Result {
    let (app, prompt) = (world.app_with_simulator().await?, "a slow boat");
    let hide = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => arguments[0] }); \
        document.dispatchEvent(new Event('visibilitychange'))";
    let is_hidden = |hidden: bool| world.browser.script(hide, vec![hidden.into()]);
    let until_title = async |title: &str| {
        let body = "return document.title === arguments[0]";
        let what = format!("the tab says “{title}”");
        world.browser.until(&what, body, vec![title.into()]).await
    };
    is_hidden(true).await?;
    app.draw(prompt).await?;
    until_title("✓ Pentimento").await?;
    is_hidden(false).await?;
    until_title("Pentimento").await?;
    app.until_results(prompt, 1).await
}
