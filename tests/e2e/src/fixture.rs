//! `e2e --fixture FILE`: a small life with the app, and its database as a text that later builds are tested with.

use std::path::Path;

use serde_json::Value;
use simulator::{Config, Garbage, Picture, Script, Simulator};

use crate::app::{App, Kept, PictureButton, Screen};
use crate::browser::Browser;
use crate::children::Served;
use crate::failure::{Context, Result};
use crate::options::Options;

const DUMP: &str = include_str!("dump.js");
/// The picture on which an edit is made.
const CANVAS: &[u8] = include_bytes!("../../../public/icon-192.png");

pub(crate) async fn write(options: &Options, file: &Path) -> Result<bool> {
    let served = Served::start(&options.xtask, &options.dist, "/")?;
    let simulator =
        Simulator::start(Config::default()).context(|| "starting the simulator".into())?;
    simulator.configure(|config| config.picture = Picture::Noise { bytes: 600 });
    let browser = Browser::start(options, false).await?;
    let app = App::new(&browser, &served.address);
    live(app, &simulator).await?;
    let dumped = browser.script(DUMP, Vec::new()).await?;
    let text = as_lines(&dumped)?;
    std::fs::write(file, text).context(|| format!("writing {}", file.display()))?;
    browser.quit().await?;
    println!("{}", file.display());
    Ok(true)
}

/// A row of each kind that there is.
async fn live(app: App<'_>, simulator: &Simulator) -> Result {
    app.open_fresh(Some(Kept::server(&simulator.address())))
        .await?;
    for prompt in ["a red umbrella", "赤い傘", "one to be deleted"] {
        app.draw(prompt).await?;
        app.until_results(prompt, 1).await?;
    }
    app.press("one to be deleted", PictureButton::Delete)
        .await?;
    app.until_results("one to be deleted", 0).await?;
    app.dismiss_notices().await?;
    // Refused, perhaps billed, and paid for nothing.
    simulator.script(Script::error("invalid_request_error"));
    app.draw("refused").await?;
    app.until_alert("The provider refused").await?;
    simulator.script(Script {
        cut_at: Some(100),
        ..Script::default()
    });
    app.draw("broken off").await?;
    app.until_in_doubt(1).await?;
    simulator.script(Script::garbage(Garbage::NotAPicture));
    app.draw("no picture").await?;
    app.until_in_doubt(2).await?;
    app.dismiss_notices().await?;
    app.hand_in("drop", &[("canvas.png", CANVAS)], None).await?;
    app.until_images(&["192x192"]).await?;
    app.draw("the same at night").await?;
    app.until_results("the same at night", 1).await?;
    app.go(Screen::Library).await?;
    app.until_in_library("赤い傘", 1).await
}

/// One row a line, so that a difference can be read.
fn as_lines(dumped: &Value) -> Result<String> {
    let stores = dumped["stores"]
        .as_object()
        .context(|| format!("the dump is {dumped}"))?;
    let store = |(name, rows): (&String, &Value)| {
        let rows: Vec<String> = rows
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| format!("\n{row}"))
            .collect();
        format!("{}: [{}]", Value::from(name.as_str()), rows.join(","))
    };
    let stores: Vec<String> = stores.iter().map(store).collect();
    let version = &dumped["version"];
    Ok(format!(
        "{{\"version\": {version}, \"stores\": {{\n{}\n}}}}\n",
        stores.join(",\n")
    ))
}
