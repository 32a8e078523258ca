//! `cargo xtask bench`: the speed figures in one run, beside the bare page's.

use crate::counting;
use crate::dist;
use crate::failure::Result;
use crate::process;
use crate::project::Project;
use crate::test;
use crate::tools;
use std::process::Command;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let rest = arguments
        .strip_prefix(&["--".to_owned()][..])
        .unwrap_or(arguments);
    let project = Project::find()?;
    dist::build_if_stale(&project)?;
    let mut build = process::cargo();
    build
        .args([
            "build",
            "--release",
            "--package",
            "simulator",
            "--package",
            "e2e",
        ])
        .current_dir(&project.root);
    // The release profile is made for the size of the wasm; these two run here, and should only not be slow.
    build
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    build.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "2");
    process::run(&mut build)?;
    let programs = project.target.join("release");
    let mut command = Command::new(programs.join("e2e"));
    command
        .args(["--bench", "--browser", "chromium", "--dist", "dist"])
        .current_dir(&project.root);
    test::equip(&mut command, &project, &programs, "chromium")?;
    if rest.iter().any(|word| word == "--lighthouse") {
        command.env("PENTIMENTO_LIGHTHOUSE", tools::lighthouse(&project)?);
    }
    let only = rest.iter().skip_while(|word| *word != "--only").nth(1);
    if only.is_none_or(|only| "counting".contains(only.as_str())) {
        command.env("PENTIMENTO_COUNTING", counting::page(&project)?);
    }
    process::run(command.args(rest))
}
