//! The benchmark: the app beside the bare page, both published the same way, in one run, one after the other in turns.

mod backup;
mod costs;
mod counting;
mod figures;
mod library;
mod lighthouse;
mod masks;
mod offline;
mod queue;
mod quota;
mod receiving;
mod refusals;
mod start;
mod typing;

use std::path::Path;

use serde_json::{Value, json};
use simulator::{Config, Simulator};

use crate::app::{App, Kept};
use crate::browser::Browser;
use crate::children::Served;
use crate::failure::{Context, Result};
use crate::options::Options;
use figures::Figures;

const BARE_PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../bench/bare-page");

/// The two that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    App,
    /// The bare page, or what a figure names in its place.
    Other,
}

impl Side {
    /// In turns, so that what slows the machine down slows both.
    const BOTH: [Self; 2] = [Self::App, Self::Other];
}

/// A browser, both pages, and the server that both ask.
#[derive(Clone, Copy)]
struct Bench<'a> {
    options: &'a Options,
    browser: &'a Browser,
    simulator: &'a Simulator,
    app: &'a Served,
    bare: &'a Served,
}

impl Bench<'_> {
    fn address(&self, side: Side) -> &str {
        match side {
            Side::App => &self.app.address,
            Side::Other => &self.bare.address,
        }
    }

    /// Whether figures of that name were asked for.
    fn wants(&self, name: &str) -> bool {
        let only = self.options.only.as_ref();
        only.is_none_or(|only| name.contains(only.as_str()))
    }

    async fn cdp(&self, method: &str, parameters: Value) -> Result<Value> {
        let cdp = self
            .browser
            .cdp()
            .context(|| "the bench runs in Chromium".into())?;
        cdp.send_raw(method, parameters)
            .await
            .context(|| method.to_owned())
    }

    /// Nothing kept and nothing cached; then what each needs to know where the server is.
    async fn erase(&self, side: Side) -> Result {
        let app = App::new(self.browser, self.address(side));
        app.erase().await?;
        self.cdp("Network.clearBrowserCache", json!({})).await?;
        let server = self.simulator.address();
        match side {
            Side::App => app.keep(&Kept::server(&server)).await,
            Side::Other => {
                let body = "localStorage.base = arguments[0]; localStorage.key = 'none'";
                self.browser
                    .script(body, vec![json!(format!("{server}/v1"))])
                    .await
                    .map(drop)
            }
        }
    }

    /// Opens the page and waits until it can be used.
    async fn open(&self, side: Side) -> Result {
        self.browser.goto(self.address(side)).await?;
        let body = "return [...document.querySelectorAll('button')].some((b) => b.textContent.trim() === 'Generate')";
        self.browser
            .until("the page does not start", body, Vec::new())
            .await?;
        match side {
            Side::App => {
                App::new(self.browser, self.address(side))
                    .until_ready()
                    .await
            }
            Side::Other => {
                let body = "return !!document.querySelector('textarea').oninput";
                let started = self
                    .browser
                    .until("the bare page does not start", body, Vec::new());
                started.await.map(drop)
            }
        }
    }
}

/// Measures everything, prints the table, and writes the figures.
pub(crate) async fn run(options: &Options) -> Result<bool> {
    let app = Served::start(&options.xtask, &options.dist, "/")?;
    let bare = Served::start(&options.xtask, Path::new(BARE_PAGE), "/")?;
    let simulator =
        Simulator::start(Config::default()).context(|| "starting the simulator".into())?;
    let browser = Browser::start(options, false).await?;
    let bench = Bench {
        options,
        browser: &browser,
        simulator: &simulator,
        app: &app,
        bare: &bare,
    };
    let mut figures = Figures::default();
    let measured = measure(&bench, &mut figures).await;
    browser.quit().await?;
    figures.print();
    let file = options.target.join("bench.json");
    std::fs::write(&file, format!("{:#}\n", figures.json()))
        .context(|| format!("writing {}", file.display()))?;
    println!("\n{}", file.display());
    // What was measured until something failed is told all the same.
    measured.map(|()| true)
}

/// Everything that was asked for.
async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let options = bench.options;
    bench.cdp("Network.enable", json!({})).await?;
    bench.cdp("Performance.enable", json!({})).await?;
    if bench.wants("start") {
        start::measure(bench, figures).await?;
    }
    if bench.wants("typing") {
        typing::measure(bench, figures).await?;
    }
    if bench.wants("counting") {
        counting::measure(bench, figures).await?;
    }
    if bench.wants("receiving") {
        receiving::measure(bench, figures).await?;
    }
    if bench.wants("masks") {
        masks::measure(bench, figures).await?;
    }
    if bench.wants("costs") {
        costs::measure(bench, figures).await?;
    }
    library::measure(bench, figures).await?;
    if bench.wants("backup") {
        backup::measure(bench, figures).await?;
    }
    if bench.wants("offline") {
        offline::measure(bench, figures).await?;
    }
    queue::measure(bench, figures).await?;
    if bench.wants("quota") {
        quota::measure(bench, figures).await?;
    }
    if bench.wants("full disk") {
        quota::full_disk(bench, figures).await?;
    }
    if bench.wants("refusals") {
        refusals::measure(bench, figures).await?;
    }
    if options.lighthouse {
        lighthouse::measure(options, bench.app, figures)?;
    }
    Ok(())
}
