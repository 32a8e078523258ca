//! Lines that drop after the bill: at 40 points of replies with five statuses.

use std::collections::BTreeMap;

use serde_json::json;
use simulator::{Config, Entry, Picture, Script, Simulator};

use super::lane::{DUMP, settled};
use super::oracle::{self, Asked, judge};
use super::{prompt, write};
use crate::app::{App, Kept};
use crate::browser::{Browser, PATIENCE, wait};
use crate::children::Served;
use crate::failure::{Context, Result};
use crate::options::Options;

/// The reply whose line drops: its name, the error that it is (none: a picture), and how many previews are asked for.
const REPLIES: [(&str, Option<&str>, u32); 5] = [
    ("200, one document", None, 0),
    ("200, a stream", None, 2),
    ("500 of the API", Some("server_error"), 0),
    ("502, a page", Some("html_502"), 0),
    ("429 of the API", Some("rate_limit"), 0),
];
/// Bytes of the status line and the headers after which it drops.
const IN_HEAD: [u64; 3] = [9, 40, 120];
/// Points of the body, its ends among them.
const IN_BODY: u64 = 36;

/// What becomes of the line.
#[derive(Debug, Clone, Copy)]
enum Cut {
    BeforeHead,
    Head(u64),
    Body(u64),
}

fn cuts(length: u64) -> impl Iterator<Item = Cut> {
    let body = (0..IN_BODY).map(move |k| Cut::Body(length * k / (IN_BODY - 1)));
    [Cut::BeforeHead]
        .into_iter()
        .chain(IN_HEAD.map(Cut::Head))
        .chain(body)
}

fn script(error: Option<&str>, cut: Option<Cut>) -> Script {
    let mut script = error.map_or_else(Script::default, Script::error);
    script.execute = Some(true);
    // Soon enough for whoever would send it again.
    script.seconds = Some(0.3);
    match cut {
        None => {}
        Some(Cut::BeforeHead) => script.hang_up = true,
        Some(Cut::Head(bytes)) => script.cut_head_at = Some(bytes),
        Some(Cut::Body(bytes)) => script.cut_at = Some(bytes),
    }
    script
}

pub(super) async fn run(options: &Options, app: &Served) -> Result<bool> {
    let config = Config {
        picture: Picture::Signed { bytes: 60_000 },
        ..Config::default()
    };
    let simulator = Simulator::start(config).context(|| "starting the simulator".into())?;
    let browser = Browser::start(options, false).await?;
    let app = App::new(&browser, &app.address);
    app.open_fresh(Some(Kept::server(&simulator.address())))
        .await?;
    // So the browser has no reason of its own to send anything again, and what is counted is the app's doing.
    simulator.configure(|config| config.one_request_a_connection = true);
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    println!(
        "{:<20} {:>11} {:>10} {:>8} {:>7} {:>8} {:>12}",
        "reply", "submissions", "executions", "pictures", "unknown", "not said", "ledger short"
    );
    for (name, error, previews) in REPLIES {
        let row = drop_lines(app, &simulator, (error, previews)).await;
        let row = row.context(|| name.to_owned())?;
        println!(
            "{name:<20} {:>11} {:>10} {:>8} {:>7} {:>8} {:>12}",
            row.submissions, row.executions, row.pictures, row.unknown, row.hidden, row.undercount
        );
        wrong.extend(row.wrong.iter().map(|line| format!("{name}: {line}")));
        rows.push(json!({
            "reply": name, "submissions": row.submissions, "executions": row.executions,
            "pictures": row.pictures, "unknown": row.unknown, "unknown_not_shown": row.hidden,
            "ledger_undercount_pico": row.undercount,
        }));
    }
    let repeats = repeats_of_the_browser(app, &simulator).await?;
    browser.quit().await?;
    println!(
        "Closed before a header on a connection that was in use before, one request was sent {repeats} times by the browser itself."
    );
    wrong.iter().for_each(|line| println!("  WRONG {line}"));
    write(
        options,
        "drops.json",
        &json!({"replies": rows, "sent_by_the_browser_itself": repeats, "wrong": wrong}),
    )?;
    Ok(wrong.is_empty())
}

/// How often a request leaves that the app sends once, when its connection, in use before, is closed without a header: Chromium
/// takes that for a connection that has grown old, and sends again what it has.
async fn repeats_of_the_browser(app: App<'_>, simulator: &Simulator) -> Result<usize> {
    simulator.configure(|config| config.one_request_a_connection = false);
    app.erase().await?;
    app.keep(&Kept::server(&simulator.address())).await?;
    app.open("").await?;
    app.set_previews("0").await?;
    simulator.reset();
    simulator.script(script(None, Some(Cut::BeforeHead)));
    submit(app, simulator, &prompt('b', 0)).await?;
    settled(app).await?;
    Ok(simulator.bill().len())
}

/// What came out for one kind of reply.
#[derive(Debug, Default)]
struct Row {
    submissions: usize,
    executions: usize,
    pictures: usize,
    unknown: usize,
    hidden: usize,
    undercount: u64,
    wrong: Vec<String>,
}

async fn drop_lines(
    app: App<'_>,
    simulator: &Simulator,
    (error, previews): (Option<&str>, u32),
) -> Result<Row> {
    app.erase().await?;
    app.keep(&Kept::server(&simulator.address())).await?;
    app.open("").await?;
    app.set_previews(&previews.to_string()).await?;
    simulator.reset();
    simulator.script(script(error, None));
    let entry = submit(app, simulator, &prompt('w', 0)).await?;
    // Released or refused, it says nothing of a line that drops.
    app.erase().await?;
    app.keep(&Kept::server(&simulator.address())).await?;
    app.open("").await?;
    app.set_previews(&previews.to_string()).await?;
    simulator.reset();
    let (mut asked, mut row) = (BTreeMap::new(), Row::default());
    for (number, cut) in cuts(entry.bytes_sent).enumerate() {
        let prompt = prompt('d', number);
        simulator.script(script(error, Some(cut)));
        asked.insert(prompt.clone(), Asked::default());
        submit(app, simulator, &prompt)
            .await
            .context(|| format!("{cut:?}"))?;
        let said = settled(app).await.context(|| format!("{cut:?}"))?;
        row.submissions += 1;
        let is_saved = app.results().await? > row.pictures;
        row.pictures += usize::from(is_saved);
        if !is_saved && !said.contains(&prompt) {
            row.wrong.push(format!("{cut:?}: nothing is said of it"));
        }
        simulator.withdraw();
    }
    app.reload().await?;
    let said = settled(app).await?;
    let bill = simulator.bill();
    let dump = app.browser.script(DUMP, Vec::new()).await?;
    let found = judge(&dump, &bill, &asked, &said);
    row.wrong.extend(found.lines());
    row.executions = bill.iter().filter(|entry| entry.execution_started).count();
    row.unknown = found.unknown;
    row.hidden = found.hidden.len();
    row.undercount = found.undercount;
    Ok(row)
}

/// Sends one request; gives the end of it as the server sees it.
async fn submit(app: App<'_>, simulator: &Simulator, prompt: &str) -> Result<Entry> {
    app.draw(prompt).await?;
    // Patiently: the first one comes while the app is still being put into the cache.
    let ended = wait(PATIENCE * 3, async || {
        let bill = simulator.bill();
        let of = |entry: &&Entry| oracle::prompt_of(entry) == prompt && entry.done_ms.is_some();
        Ok(bill.iter().find(of).cloned())
    });
    ended.await.context(|| "the request has no end".into())
}
