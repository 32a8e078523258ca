//! Lighthouse's scores of the page as it is served.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::Side;
use super::figures::Figures;
use crate::children::Served;
use crate::failure::{Context, Result, ensure};
use crate::options::Options;

const CATEGORIES: [&str; 3] = ["accessibility", "best-practices", "performance"];

pub(super) fn measure(options: &Options, app: &Served, figures: &mut Figures) -> Result {
    let program = std::env::var_os("PENTIMENTO_LIGHTHOUSE").context(|| {
        "PENTIMENTO_LIGHTHOUSE is not set: cargo xtask bench -- --lighthouse sets it".into()
    })?;
    for form in ["desktop", "mobile"] {
        let report = options.target.join(format!("lighthouse-{form}.json"));
        let mut command = Command::new(&program);
        command
            .arg(&app.address)
            .args([
                "--quiet",
                "--output=json",
                "--chrome-flags=--headless --no-sandbox --disable-gpu",
            ])
            .arg(format!("--output-path={}", report.display()))
            .arg(format!("--only-categories={}", CATEGORIES.join(",")))
            .env("CHROME_PATH", &options.browser)
            .stdout(Stdio::null());
        if form == "desktop" {
            command.arg("--preset=desktop");
        }
        let status = command.status().context(|| "running lighthouse".into())?;
        ensure(status.success(), || {
            format!("lighthouse ended with {status}")
        })?;
        let text =
            std::fs::read_to_string(&report).context(|| format!("reading {}", report.display()))?;
        let found: Value = serde_json::from_str(&text)?;
        for category in CATEGORIES {
            let name = format!("Lighthouse {form}: {category}");
            figures.expect(&name, "of 100", None);
            let score = found["categories"][category]["score"]
                .as_f64()
                .unwrap_or_default();
            figures.add(&name, Side::App, score * 100.0);
        }
    }
    Ok(())
}
