//! `cargo xtask test`: everything that CI checks, in the order in which a person wants to hear of a mistake.

use crate::browsers;
use crate::dist;
use crate::failure::{Failure, Result};
use crate::process;
use crate::project::Project;
use crate::tools;
use crate::torture;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub(crate) struct Context {
    pub(crate) project: Project,
    /// What stands after `--`: handed to the stories.
    pub(crate) rest: Vec<String>,
}

impl Context {
    pub(crate) fn new(rest: &[String]) -> Result<Self> {
        Ok(Self {
            project: Project::find()?,
            rest: rest.to_vec(),
        })
    }
}

enum Outcome {
    Passed,
    Skipped(&'static str),
}

struct Step {
    name: &'static str,
    what: &'static str,
    run: fn(&Context) -> Result<Outcome>,
}

const STEPS: [Step; 10] = [
    Step {
        name: "fmt",
        what: "the code is formatted",
        run: fmt,
    },
    Step {
        name: "clippy",
        what: "no warning on this machine's target",
        run: clippy,
    },
    Step {
        name: "clippy-wasm",
        what: "no warning on the browser's target",
        run: clippy_wasm,
    },
    Step {
        name: "deny",
        what: "licences, sources and advisories of the dependencies",
        run: deny,
    },
    Step {
        name: "unit",
        what: "native tests of the whole workspace",
        run: unit,
    },
    Step {
        name: "browser",
        what: "tests inside a browser",
        run: browser,
    },
    Step {
        name: "dist",
        what: "the release build and its size budget",
        run: release,
    },
    Step {
        name: "e2e-chromium",
        what: "the stories in Chromium",
        run: e2e_chromium,
    },
    Step {
        name: "e2e-firefox",
        what: "the stories in Firefox",
        run: e2e_firefox,
    },
    Step {
        name: "torture",
        what: "60 kills of the browser, and 200 lines that drop",
        run: torture_in_short,
    },
];

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let (own, rest) = match arguments.iter().position(|word| word == "--") {
        Some(at) => (
            arguments.get(..at).unwrap_or_default(),
            arguments.get(at + 1..).unwrap_or_default(),
        ),
        None => (arguments, &[][..]),
    };
    let steps = match own {
        [] => STEPS.iter().collect(),
        [flag, names] if flag == "--only" => chosen(names)?,
        [flag] if flag == "--list" => {
            STEPS
                .iter()
                .for_each(|step| println!("{:<14} {}", step.name, step.what));
            return Ok(());
        }
        _ => {
            return Err(
                Failure::new("test takes --only a,b or --list").remedy("see `cargo xtask help`")
            );
        }
    };
    let context = Context::new(rest)?;
    perform(&context, &steps)
}

fn chosen(names: &str) -> Result<Vec<&'static Step>> {
    for name in names.split(',') {
        if !STEPS.iter().any(|step| step.name == name) {
            let all: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
            return Err(Failure::new(format!("there is no step `{name}`"))
                .remedy(format!("choose of {}", all.join(","))));
        }
    }
    Ok(STEPS
        .iter()
        .filter(|step| names.split(',').any(|name| name == step.name))
        .collect())
}

/// One step after another, up to the first that fails.
fn perform(context: &Context, steps: &[&Step]) -> Result<()> {
    let start = Instant::now();
    let mut table: Vec<(&str, String, Duration)> = Vec::new();
    let (mut passed, mut failure) = (0, None);
    for (number, step) in steps.iter().enumerate() {
        println!(
            "\n── {}/{}  {}: {}",
            number + 1,
            steps.len(),
            step.name,
            step.what
        );
        let began = Instant::now();
        let result = (step.run)(context);
        let word = match &result {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::Skipped(why)) => format!("skipped ({why})"),
            Err(_) => "FAILED".to_owned(),
        };
        println!(
            "   {}: {word} in {:.1} s",
            step.name,
            began.elapsed().as_secs_f64()
        );
        table.push((step.name, word, began.elapsed()));
        match result {
            Ok(Outcome::Passed) => passed += 1,
            Ok(Outcome::Skipped(_)) => {}
            Err(error) => {
                failure = Some((step.name, error));
                break;
            }
        }
    }
    println!();
    for (name, word, time) in &table {
        println!("  {name:<14} {:>7.1} s  {word}", time.as_secs_f64());
    }
    println!(
        "\n{passed} passed, {} failed  ({:.0} s)",
        u8::from(failure.is_some()),
        start.elapsed().as_secs_f64()
    );
    failure.map_or(Ok(()), |(name, error)| {
        eprintln!("\nthe step `{name}` (again: cargo xtask test --only {name})");
        Err(error)
    })
}

fn cargo(context: &Context, arguments: &[&str]) -> Command {
    let mut command = process::cargo();
    command.args(arguments).current_dir(&context.project.root);
    command
}

fn passes(command: &mut Command) -> Result<Outcome> {
    process::run(command).map(|()| Outcome::Passed)
}

fn fmt(context: &Context) -> Result<Outcome> {
    process::run(&mut cargo(context, &["fmt", "--all", "--check"]))
        .map_err(|failure| failure.remedy("cargo fmt --all"))?;
    Ok(Outcome::Passed)
}

fn clippy(context: &Context) -> Result<Outcome> {
    passes(&mut cargo(
        context,
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ))
}

fn clippy_wasm(context: &Context) -> Result<Outcome> {
    tools::wasm_target()?;
    let mut command = cargo(
        context,
        &[
            "clippy",
            "--target",
            "wasm32-unknown-unknown",
            "-p",
            "pentimento",
        ],
    );
    command.args(["--lib", "--bins"]);
    if has_browser_tests(context) {
        command.args(["--test", "browser"]);
    }
    passes(command.args(["--", "-D", "warnings"]))
}

fn deny(context: &Context) -> Result<Outcome> {
    if tools::on_path("cargo-deny").next().is_none() {
        return Ok(Outcome::Skipped("cargo-deny is not installed"));
    }
    passes(&mut cargo(
        context,
        &["deny", "check", "licenses", "sources", "bans"],
    ))
}

fn unit(context: &Context) -> Result<Outcome> {
    passes(&mut cargo(context, &["test", "--workspace"]))
}

fn has_browser_tests(context: &Context) -> bool {
    context.project.root.join("tests/browser/main.rs").is_file()
}

fn browser(context: &Context) -> Result<Outcome> {
    if !has_browser_tests(context) {
        return Ok(Outcome::Skipped("no tests/browser/main.rs"));
    }
    tools::wasm_target()?;
    let bindgen = tools::wasm_bindgen(&context.project)?;
    let chromium = browsers::chromium()?;
    let mut command = cargo(
        context,
        &[
            "test",
            "--target",
            "wasm32-unknown-unknown",
            "--test",
            "browser",
        ],
    );
    command
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            bindgen.with_file_name("wasm-bindgen-test-runner"),
        )
        .env("CHROMEDRIVER", chromium.driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    passes(&mut command)
}

fn release(context: &Context) -> Result<Outcome> {
    dist::build(&context.project).map(|()| Outcome::Passed)
}

fn e2e_chromium(context: &Context) -> Result<Outcome> {
    passes(stories(context, "chromium")?.args(&context.rest))
}

fn e2e_firefox(context: &Context) -> Result<Outcome> {
    passes(stories(context, "firefox")?.args(&context.rest))
}

fn torture_in_short(context: &Context) -> Result<Outcome> {
    torture::short(context).map(|()| Outcome::Passed)
}

/// The program that tells the stories. It starts its own simulator, server and driver, and ends them; here it gets the paths.
pub(crate) fn stories(context: &Context, browser: &str) -> Result<Command> {
    dist::build_if_stale(&context.project)?;
    process::run(&mut cargo(
        context,
        &["build", "--package", "simulator", "--package", "e2e"],
    ))?;
    let programs = context.project.target.join("debug");
    let mut command = Command::new(programs.join("e2e"));
    command
        .args(["--browser", browser, "--dist", "dist"])
        .current_dir(&context.project.root);
    equip(&mut command, &context.project, &programs, browser)?;
    Ok(command)
}

/// Tells the end-to-end program where everything is.
pub(crate) fn equip(
    command: &mut Command,
    project: &Project,
    programs: &Path,
    browser: &str,
) -> Result<()> {
    let this = std::env::current_exe()
        .map_err(|error| Failure::new(format!("asking for this program: {error}")))?;
    command
        .env("PENTIMENTO_XTASK", this)
        .env("PENTIMENTO_SIMULATOR", programs.join("simulator"))
        .env("PENTIMENTO_AXE", tools::axe(project)?);
    let driver = if browser == "firefox" {
        let firefox = browsers::firefox(project)?;
        command
            .env("PENTIMENTO_FIREFOX", firefox.browser)
            .env("PENTIMENTO_GECKODRIVER", &firefox.driver);
        firefox.driver
    } else {
        let chromium = browsers::chromium()?;
        command
            .env("PENTIMENTO_CHROMIUM", chromium.browser)
            .env("PENTIMENTO_CHROMEDRIVER", &chromium.driver);
        chromium.driver
    };
    command.arg("--driver").arg(driver);
    Ok(())
}
