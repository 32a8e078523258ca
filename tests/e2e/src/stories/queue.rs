//! The queue: it waits on disk, one tab sends it, and whichever tab is left goes on.

use std::time::Duration;

use simulator::{Match, Script};

use super::durability::{close_for, open_second};
use crate::app::{App, Kept, Screen};
use crate::browser::Kind;
use crate::failure::{Context, Result, ensure, equal};
use crate::torture::bell::Bell;
use crate::world::{World, key};

super::stories! {
    "two tabs press Generate: one sends for both, each request once" => two_tabs,
    "the tab that sends is closed: the other goes on, and what was under way may have been billed" => closed,
    "the tab that sends hangs: the other one takes over, and what wakes up later sends nothing" => taken_over,
    "a budget that is lowered in the last moment holds the request back, and nothing is sent until it is raised" => poorer,
    "no tab has the key any more: the queue says so, and goes on when it is entered" => no_key,
    "after a restart, what waits is asked about, told what it costs, and then sent" => restarted,
    "after a restart, what waits can be removed, and stays removed" => removed,
    "who chose so in Settings is not asked after a restart" => by_itself,
    "without a network a request waits, says so, and is asked about when the network is back" => offline,
    "Cancel in the other tab: what waits goes, what runs is looked away from or aborted" => cancelled_elsewhere,
    "a double click, or Enter held down, is one press" => one_press,
    "a long queue lists its first presses, and all that waits can be removed at once" => long,
    "a refused key pauses what waits, until the person continues" => paused,
}

const NOTE: &str = "Requests that wait";
const HELD: &str = "a stuck lift";
/// A page whose long intervals are a hundred times shorter, and whose clock can be put forward.
const HASTE: &str = "{
    const every = window.setInterval;
    window.setInterval = (f, ms, ...rest) => every(f, ms >= 10_000 ? ms / 100 : ms, ...rest);
    const now = performance.now.bind(performance);
    let ahead = 0;
    performance.now = () => now() + ahead;
    Object.defineProperty(window, 'hurry', { value: (ms) => { ahead += ms; }, enumerable: false });
}";
/// What happens between the commit of an intent and its request.
const AT_INTENT: &str = "const open = window.opened = IDBDatabase.prototype.transaction;
    const put = IDBObjectStore.prototype.put;
    let intends = null;
    IDBObjectStore.prototype.put = function (...values) {
      if (this.name === 'attempts' && JSON.parse(values[0]).state === 'intent') intends = this.transaction;
      return put.apply(this, values);
    };
    IDBDatabase.prototype.transaction = function (...values) {
      const opened = open.apply(this, values);
      opened.addEventListener('complete', () => {
        if (opened !== intends) return;
        intends = null;
        THEN
      });
      return opened;
    }";
/// The page stands still until the bell is answered.
const HANG: &str = "const request = new XMLHttpRequest();
        request.open('GET', 'BELL', false);
        try { request.send(); } catch (woken) { /* the line is closed: it goes on */ }";

/// The server takes what has this prompt, and never answers.
fn never_answered(prompt: &str) -> Script {
    let matching = Match {
        prompt: Some(prompt.into()),
        ..Match::default()
    };
    Script {
        matching,
        times: 0,
        never_answer: true,
        ..Script::default()
    }
}

/// Fills all places of those that may run at once, and puts these behind them.
async fn behind_four(world: &World<'_>, app: App<'_>, waiting: &[&str]) -> Result {
    world.simulator.script(never_answered(HELD));
    app.put_prompt(HELD).await?;
    app.press_generate(4).await?;
    world.until_bill("four run", |bill| bill.len() == 4).await?;
    for prompt in waiting {
        app.draw(prompt).await?;
    }
    app.until_jobs(4 + waiting.len()).await?;
    until_stored(app, 4 + waiting.len()).await
}

async fn until_stored(app: App<'_>, rows: usize) -> Result {
    app.until_stored("jobs", rows).await
}

async fn press_on_note(app: App<'_>, button: &'static str) -> Result {
    app.browser
        .click(&[("region", NOTE), ("button", button)])
        .await
}

async fn two_tabs(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(Script {
        times: 0,
        delay_ms: 400,
        ..Script::default()
    });
    let (first, second) = open_second(world, app).await?;
    let driver = world.browser.driver();
    for tab in [&second, &first, &second] {
        driver.switch_to_window(tab.clone()).await?;
        app.put_prompt("a pair of gloves").await?;
        app.press_generate(3).await?;
    }
    let bill = world
        .until_bill("all came", |bill| {
            bill.len() == 9 && bill.iter().all(|entry| entry.finished)
        })
        .await?;
    let at_once = |at: u64| {
        let runs = bill
            .iter()
            .filter(|entry| entry.at_ms <= at && entry.done_ms.is_none_or(|done| done > at));
        runs.count()
    };
    let most = bill.iter().map(|entry| at_once(entry.at_ms)).max();
    ensure(most.is_some_and(|most| most <= 4), || {
        format!("{most:?} requests ran at once")
    })?;
    for tab in [&first, &second] {
        driver.switch_to_window(tab.clone()).await?;
        app.until_results("a pair of gloves", 9).await?;
        app.until_jobs(0).await?;
    }
    until_stored(app, 0).await?;
    close_for(world, first).await?;
    world.nothing_more(9, Duration::from_millis(500)).await
}

async fn closed(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let (first, second) = open_second(world, app).await?;
    world.browser.driver().switch_to_window(first).await?;
    behind_four(world, app, &["a fifth wheel", "a sixth sense"]).await?;
    close_for(world, second).await?;
    for prompt in ["a fifth wheel", "a sixth sense"] {
        app.until_results(prompt, 1).await?;
    }
    app.until_in_doubt(4).await?;
    app.until_jobs(0).await?;
    until_stored(app, 0).await?;
    world.nothing_more(6, Duration::from_millis(500)).await
}

/// "The tab that sends had hung, and everything waited for it. Then I let another one go on: I do not want to pay twice when the
/// first one comes back to itself."
///
/// In Chromium: there a script can be put before the page's own. It lets the tab's own clocks run faster, and holds the one that
/// sends between its intent and its request, as a debugger or a sleeping laptop would.
async fn taken_over(world: &World<'_>) -> Result {
    if world.browser.kind == Kind::Firefox {
        return Ok(());
    }
    let app = world.app_with_simulator().await?;
    let bell = Bell::hang().await?;
    let (first, second) = open_second(world, app).await?;
    app.reload_after(HASTE).await?;
    let driver = world.browser.driver();
    driver.switch_to_window(first.clone()).await?;
    let hang = HANG.replace("BELL", &format!("{}reached", bell.address));
    let hang = AT_INTENT.replace("THEN", &hang);
    world.browser.script(&hang, Vec::new()).await?;
    app.put_prompt("a broken leg").await?;
    // Pressed when the driver is gone again: it would wait for a page that stands still.
    let press = "setTimeout(() => findAll([['button', 'Generate']])[0].click(), 50)";
    let (hung, pressed) = tokio::join!(bell.reached(), world.browser.script(press, Vec::new()));
    hung?;
    pressed?;
    let stopped = std::time::Instant::now();
    driver.switch_to_window(second).await?;
    app.draw("a spare wheel").await?;
    app.until_jobs(2).await?;
    world.nothing_more(0, Duration::from_millis(500)).await?;
    let later = "window.hurry(91_000)";
    world.browser.script(later, Vec::new()).await?;
    app.until_says("The tab that sends the requests does not answer")
        .await?;
    press_on_note(app, "Take over").await?;
    app.until_results("a spare wheel", 1).await?;
    // Nobody here can know that the other tab has sent nothing.
    app.until_in_doubt(1).await?;
    let asleep = Duration::from_secs(2).saturating_sub(stopped.elapsed());
    world.nothing_more(1, asleep).await?;
    drop(bell);
    driver.switch_to_window(first.clone()).await?;
    app.until_results("a spare wheel", 1).await?;
    // It knows, and says so: there is no doubt any more.
    app.until_in_doubt(0).await?;
    app.until_jobs(0).await?;
    world.nothing_more(1, Duration::from_secs(1)).await?;
    // It stands at the end of the line; what it asks for is sent by the tab that leads.
    app.draw("a third wheel").await?;
    app.until_results("a third wheel", 1).await?;
    world.nothing_more(2, Duration::from_millis(500)).await?;
    let mut tabs = driver.windows().await?.into_iter();
    let other = tabs.rfind(|tab| *tab != first);
    driver
        .switch_to_window(other.context(|| "the second tab is gone".into())?)
        .await?;
    close_for(world, first).await
}

/// "I set the budget to nearly nothing in my other window, because this one was still sending. It sent one more."
async fn poorer(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let lower = "localStorage.setItem('pentimento.budget', JSON.stringify({ day: 1 }));";
    let lower = AT_INTENT.replace("THEN", lower);
    world.browser.script(&lower, Vec::new()).await?;
    let prompt = "a shrinking purse";
    app.draw(prompt).await?;
    app.until_says("Paused: what waits would exceed your budget")
        .await?;
    app.until_alert("Nothing was billed").await?;
    world.nothing_more(0, Duration::from_millis(500)).await?;
    until_stored(app, 1).await?;
    equal("spent", &app.ledger_total().await?, &0)?;
    app.keep_budget_per_day(1_000_000_000_000).await?;
    let as_before = "IDBDatabase.prototype.transaction = window.opened";
    world.browser.script(as_before, Vec::new()).await?;
    press_on_note(app, "Continue").await?;
    app.until_results(prompt, 1).await?;
    world.nothing_more(1, Duration::from_millis(500)).await
}

async fn no_key(world: &World<'_>) -> Result {
    world.simulator.configure(|config| config.key = Some(key()));
    let app = world.app();
    app.open_fresh(Some(Kept::server(&world.simulator.address())))
        .await?;
    app.connect(&world.simulator.address(), &key()).await?;
    let (first, second) = open_second(world, app).await?;
    world.browser.driver().switch_to_window(first).await?;
    behind_four(world, app, &["a lost umbrella"]).await?;
    close_for(world, second).await?;
    app.until_says("Enter the key to continue").await?;
    ensure(
        app.job_text("a lost umbrella").await?.contains("the key"),
        || "the job does not say what it waits for".into(),
    )?;
    world.nothing_more(4, Duration::from_millis(500)).await?;
    app.go(Screen::Settings).await?;
    app.save_key(&key()).await?;
    app.go(Screen::Create).await?;
    app.until_results("a lost umbrella", 1).await?;
    app.until_in_doubt(4).await?;
    world.nothing_more(5, Duration::from_millis(500)).await
}

async fn restarted(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let prompts = ["a second breakfast", "a third party"];
    behind_four(world, app, &prompts).await?;
    app.reload().await?;
    app.until_in_doubt(4).await?;
    app.until_says("Requests that wait to be sent: 2. Together they cost at most $")
        .await?;
    app.until_jobs(2).await?;
    world.nothing_more(4, Duration::from_secs(1)).await?;
    press_on_note(app, "Send").await?;
    for prompt in prompts {
        app.until_results(prompt, 1).await?;
    }
    app.until_jobs(0).await?;
    world.nothing_more(6, Duration::from_millis(500)).await
}

async fn removed(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    behind_four(world, app, &["one too many"]).await?;
    app.reload().await?;
    app.until_says("Requests that wait to be sent: 1.").await?;
    press_on_note(app, "Remove").await?;
    app.until_jobs(0).await?;
    until_stored(app, 0).await?;
    app.reload().await?;
    app.until_in_doubt(4).await?;
    app.until_jobs(0).await?;
    world.nothing_more(4, Duration::from_millis(500)).await
}

async fn by_itself(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.go(Screen::Settings).await?;
    app.choose_option(NOTE, "Send them by themselves, itself")
        .await?;
    app.go(Screen::Create).await?;
    behind_four(world, app, &["no questions asked"]).await?;
    app.reload().await?;
    app.until_results("no questions asked", 1).await?;
    app.until_in_doubt(4).await?;
    world.nothing_more(5, Duration::from_millis(500)).await
}

/// Synthetic: drivers have no switch for it that both browsers know. Sent it is not: that would leave this machine.
async fn offline(world: &World<'_>) -> Result {
    let app = world.app();
    app.open_fresh(Some(Kept {
        provider: "openai",
        ..Kept::default()
    }))
    .await?;
    app.go(Screen::Settings).await?;
    app.save_key(&key()).await?;
    app.go(Screen::Create).await?;
    let network = async |is_there: bool| {
        let body = "Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => arguments[0] }); \
            dispatchEvent(new Event(arguments[0] ? 'online' : 'offline'))";
        world.browser.script(body, vec![is_there.into()]).await
    };
    let prompt = "a cabin without a road";
    network(false).await?;
    app.draw(prompt).await?;
    app.until_jobs(1).await?;
    until_stored(app, 1).await?;
    ensure(app.job_text(prompt).await?.contains("the network"), || {
        "the job does not say what it waits for".into()
    })?;
    equal("alerts", &app.alerts().await?, &0)?;
    network(true).await?;
    app.until_says("Requests that wait to be sent: 1. Together they cost at most $")
        .await?;
    press_on_note(app, "Remove").await?;
    app.until_jobs(0).await?;
    until_stored(app, 0).await
}

async fn cancelled_elsewhere(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let slow = |prompt: &str, delay_ms| Script {
        never_answer: false,
        delay_ms,
        ..never_answered(prompt)
    };
    world.simulator.script(slow("a slow snail", 4_000));
    world.simulator.script(slow("a long wait", 60_000));
    let (first, second) = open_second(world, app).await?;
    let driver = world.browser.driver();
    driver.switch_to_window(first.clone()).await?;
    for prompt in ["a slow snail", "a long wait", "a long wait", "a long wait"] {
        app.draw(prompt).await?;
    }
    app.draw("a change of mind").await?;
    world.until_bill("four run", |bill| bill.len() == 4).await?;
    driver.switch_to_window(second).await?;
    app.until_jobs(5).await?;
    app.cancel("a change of mind").await?;
    app.until_jobs(4).await?;
    app.cancel("a slow snail").await?;
    app.stop_waiting("a slow snail").await?;
    app.cancel("a long wait").await?;
    app.abort("a long wait").await?;
    app.until_in_doubt(1).await?;
    app.until_results("a slow snail", 1).await?;
    app.until_jobs(2).await?;
    driver.switch_to_window(first.clone()).await?;
    app.until_trouble("Aborted", crate::app::Billed::Possible)
        .await?;
    app.until_jobs(2).await?;
    for _ in 0..2 {
        app.cancel("a long wait").await?;
        app.abort("a long wait").await?;
    }
    app.until_jobs(0).await?;
    app.until_in_doubt(3).await?;
    driver
        .switch_to_window(
            (driver.windows().await?)
                .into_iter()
                .find(|tab| *tab != first)
                .context(|| "the second tab is gone".into())?,
        )
        .await?;
    close_for(world, first).await?;
    world.nothing_more(4, Duration::from_millis(500)).await
}

async fn one_press(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    app.put_prompt("a door bell").await?;
    app.double_click_generate().await?;
    app.until_results("a door bell", 1).await?;
    world.nothing_more(1, Duration::from_millis(500)).await?;
    if world.browser.kind == Kind::Chromium {
        app.hold_enter_on_generate().await?;
        app.until_results("a door bell", 2).await?;
        world.nothing_more(2, Duration::from_millis(500)).await?;
    }
    Ok(())
}

async fn long(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    world.simulator.script(never_answered(HELD));
    app.put_prompt(HELD).await?;
    app.press_generate(30).await?;
    app.until_jobs(20).await?;
    app.until_says("and 10 more").await?;
    until_stored(app, 30).await?;
    world.until_bill("four run", |bill| bill.len() == 4).await?;
    app.press_button("Remove all that wait").await?;
    app.until_jobs(4).await?;
    until_stored(app, 4).await?;
    world.nothing_more(4, Duration::from_millis(500)).await
}

async fn paused(world: &World<'_>) -> Result {
    let app = world.app_with_simulator().await?;
    let prompt = "a locked gate";
    world.simulator.script(Script {
        delay_ms: 600,
        times: 4,
        ..Script::error("insufficient_quota")
    });
    app.put_prompt(prompt).await?;
    app.press_generate(6).await?;
    app.until_says("Paused: the provider refuses").await?;
    app.until_jobs(2).await?;
    world.nothing_more(4, Duration::from_secs(1)).await?;
    app.reload().await?;
    // The pause is not forgotten; nor is the person's word taken for granted.
    app.until_says("Requests that wait to be sent: 2.").await?;
    press_on_note(app, "Send").await?;
    app.until_says("Paused: the provider refuses").await?;
    world.nothing_more(4, Duration::from_millis(500)).await?;
    press_on_note(app, "Continue").await?;
    app.until_results(prompt, 2).await?;
    world.nothing_more(6, Duration::from_millis(500)).await
}
