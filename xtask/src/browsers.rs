//! The two browsers and their drivers: installed where apt and root are at hand, else named exactly.

use crate::failure::{Failure, Result};
use crate::process;
use crate::project::Project;
use crate::tools;
use std::path::PathBuf;
use std::process::Command;

const PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "firefox-esr"];

pub(crate) struct Chromium {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

pub(crate) struct Firefox {
    pub(crate) browser: PathBuf,
    pub(crate) driver: PathBuf,
}

pub(crate) fn chromium() -> Result<Chromium> {
    let browser = find_or_install(&[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ])?;
    let driver = find_or_install(&["chromedriver"])?;
    Ok(Chromium { browser, driver })
}

pub(crate) fn firefox(project: &Project) -> Result<Firefox> {
    let browser = find_or_install(&["firefox-esr", "firefox"])?;
    let driver = tools::geckodriver(project)?;
    Ok(Firefox { browser, driver })
}

fn find_or_install(names: &[&str]) -> Result<PathBuf> {
    let find = || names.iter().find_map(|name| tools::on_path(name).next());
    if let Some(found) = find() {
        return Ok(found);
    }
    install()?;
    find().ok_or_else(|| {
        Failure::new(format!("none of {} is on PATH", names.join(", ")))
            .remedy("install one of them, on PATH")
    })
}

fn install() -> Result<()> {
    let line = format!(
        "apt-get update && apt-get install -y {}",
        PACKAGES.join(" ")
    );
    let root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || tools::on_path("apt-get").next().is_none() {
        return Err(Failure::new("the tests need Chromium, its driver and Firefox").remedy(format!(
            "on Debian: `sudo sh -c '{line}'`; elsewhere: install chromium (or Chrome), chromedriver of the same \
             version, and firefox, all on PATH"
        )));
    }
    println!(
        "  installing {} by apt (about two minutes)",
        PACKAGES.join(", ")
    );
    process::with_progress(apt().arg("update"), &apt_log("update"))
        .map_err(|failure| failure.remedy(&line))?;
    process::with_progress(
        apt().args(["install", "-y"]).args(PACKAGES),
        &apt_log("install"),
    )
    .map_err(|failure| failure.remedy(format!("as root, by hand: {line}")))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn apt_log(step: &str) -> PathBuf {
    std::env::temp_dir().join(format!("pentimento-apt-{step}.log"))
}
