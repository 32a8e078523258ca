//! The page on which the bench counts tokens: the tokenizer as the app is built, and beside it npm's `gpt-tokenizer`.

use crate::dist;
use crate::failure::{Context, Result};
use crate::hook;
use crate::process;
use crate::project::{self, Project};
use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;

const CRATE: &str = "counter";
const PAGE: &str = "tests/bench/counter/page";
const TABLE: &str = "o200k_base.bin";

/// Makes the page, and gives the directory that it lies in.
pub(crate) fn page(project: &Project) -> Result<PathBuf> {
    let directory = project.own().join("counting");
    if directory.exists() {
        std::fs::remove_dir_all(&directory)
            .context(|| format!("removing {}", directory.display()))?;
    }
    let mut build = process::cargo();
    build
        .args(["build", "--release", "--target", tools::WASM_TARGET])
        .args(["--package", CRATE])
        .env(dist::WASM_FLAGS, dist::flags(project))
        .current_dir(&project.root);
    process::run(&mut build)?;
    let built = project.target.join(tools::WASM_TARGET).join("release");
    let mut bindgen = Command::new(tools::wasm_bindgen(project)?);
    bindgen
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(&directory)
        .arg(built.join(CRATE).with_extension("wasm"));
    process::output(&mut bindgen)?;
    hook::shrink(project, &directory.join(format!("{CRATE}_bg.wasm")))?;
    copy(&project.root.join(PAGE), &directory)?;
    copy(
        &tools::gpt_tokenizer(project)?,
        &directory.join("gpt-tokenizer"),
    )?;
    let table = project::read_bytes(&project.root.join("public").join(TABLE))?;
    project::write(&directory.join(TABLE), table)?;
    Ok(directory)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in project::files_under(from)? {
        let name = file.strip_prefix(from).unwrap_or(&file);
        project::write(&to.join(name), project::read_bytes(&file)?)?;
    }
    Ok(())
}
