//! What the command line and the environment say.

use std::path::{Path, PathBuf};

use crate::browser::Kind;
use crate::failure::{Context, Failure, Result};

/// How this program was called.
pub(crate) struct Options {
    pub(crate) kind: Kind,
    pub(crate) driver: PathBuf,
    pub(crate) browser: PathBuf,
    pub(crate) xtask: PathBuf,
    pub(crate) axe: Option<PathBuf>,
    pub(crate) dist: PathBuf,
    /// Only stories whose name contains this.
    pub(crate) only: Option<String>,
    pub(crate) bench: bool,
    /// Writes what a build keeps, for the tests of later ones.
    pub(crate) fixture: Option<PathBuf>,
    /// Kills and line drops in place of stories.
    pub(crate) torture: Option<Torture>,
    /// Writes the README's picture.
    pub(crate) screenshot: bool,
    pub(crate) lighthouse: bool,
    /// Where pictures and reports go.
    pub(crate) target: PathBuf,
}

/// How much torture.
#[derive(Debug, Clone)]
pub(crate) struct Torture {
    /// Of both engines together.
    pub(crate) kills: usize,
    pub(crate) seed: u64,
    /// `leveldb`, `sqlite` or both.
    pub(crate) engine: String,
    /// Whether lines are dropped.
    pub(crate) drops: bool,
}

impl Default for Torture {
    fn default() -> Self {
        Self {
            kills: 1_000,
            seed: 1,
            engine: "both".into(),
            drops: false,
        }
    }
}

pub(crate) const HELP: &str = "\
e2e --browser chromium|firefox --dist DIR [--driver PATH] [--only TEXT] [--screenshot]
    [--bench [--lighthouse] | --fixture FILE]
    [--torture [--kills N] [--seed S] [--engine leveldb|sqlite|both] [--drops]]

Environment: PENTIMENTO_XTASK, PENTIMENTO_CHROMIUM, PENTIMENTO_FIREFOX, PENTIMENTO_CHROMEDRIVER,
PENTIMENTO_GECKODRIVER, PENTIMENTO_AXE (axe.min.js); without them the programs are looked for on PATH.";

impl Options {
    pub(crate) fn read() -> Result<Self> {
        let (mut kind, mut dist, mut driver, mut only) =
            (Kind::Chromium, PathBuf::from("dist"), None, None);
        let mut fixture = None;
        let (mut bench, mut screenshot, mut lighthouse) = (false, false, false);
        let mut torture = None::<Torture>;
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || {
                words
                    .next()
                    .context(|| format!("{word} needs a value\n\n{HELP}"))
            };
            match word.as_str() {
                "--browser" => kind = Kind::parse(&value()?)?,
                "--dist" => dist = value()?.into(),
                "--driver" => driver = Some(PathBuf::from(value()?)),
                "--only" => only = Some(value()?),
                "--bench" => bench = true,
                "--fixture" => fixture = Some(value()?.into()),
                "--torture" => drop(torture.get_or_insert_default()),
                "--kills" => torture.get_or_insert_default().kills = number(&word, &value()?)?,
                "--seed" => torture.get_or_insert_default().seed = number(&word, &value()?)?,
                "--engine" => torture.get_or_insert_default().engine = value()?,
                "--drops" => torture.get_or_insert_default().drops = true,
                "--screenshot" => screenshot = true,
                "--lighthouse" => lighthouse = true,
                _ => return Err(Failure::new(format!("{word} is unknown\n\n{HELP}"))),
            }
        }
        ensure_app(&dist)?;
        let (driver_variable, driver_names) = kind.driver();
        let (browser_variable, browser_names) = kind.program();
        let driver = driver.map_or_else(|| program(driver_variable, driver_names), Ok)?;
        Ok(Self {
            browser: program(browser_variable, browser_names)?,
            xtask: xtask()?,
            axe: std::env::var_os("PENTIMENTO_AXE").map(PathBuf::from),
            target: PathBuf::from("target"),
            kind,
            driver,
            dist,
            only,
            bench,
            fixture,
            torture,
            screenshot,
            lighthouse,
        })
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T> {
    let number = text.parse().ok();
    number.context(|| format!("{name} takes a number, not {text}"))
}

fn ensure_app(dist: &Path) -> Result {
    let page = dist.join("index.html");
    crate::failure::ensure(page.is_file(), || {
        format!("there is no {}: cargo xtask dist makes it", page.display())
    })
}

/// From the environment, or the first of these names on PATH.
fn program(variable: &str, names: &[&str]) -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)))
        .find(|file| file.is_file())
        .context(|| {
            format!(
                "{variable} is not set, and none of {} is on PATH",
                names.join(", ")
            )
        })
}

/// The program of the project's commands, which serves a directory: it lies beside this one.
fn xtask() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PENTIMENTO_XTASK") {
        return Ok(path.into());
    }
    let beside = std::env::current_exe()?.with_file_name("xtask");
    beside
        .is_file()
        .then_some(beside)
        .context(|| "PENTIMENTO_XTASK is not set, and no xtask lies beside this program".into())
}
