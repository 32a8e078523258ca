//! `cargo xtask mutants`: breaks each rule on purpose, in a scratch copy, and asks whether the test that keeps it fails.

mod list;

use crate::failure::{Context, Failure, Result};
use crate::process;
use crate::project::{self, Project};
use crate::tools;
use list::{MUTANTS, Mutant, Test};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let only = match arguments {
        [] => "",
        [flag, name] if flag == "--only" => name,
        [flag] if flag == "--list" => {
            MUTANTS
                .iter()
                .for_each(|mutant| println!("{}", mutant.name));
            return Ok(());
        }
        _ => return Err(Failure::new("mutants takes --only name or --list")),
    };
    let project = Project::find()?;
    let copy = Copy::of(&project)?;
    let chosen: Vec<&Mutant> = MUTANTS
        .iter()
        .filter(|mutant| mutant.name.contains(only))
        .collect();
    // A test that fails anyway catches nothing.
    let mut green: Vec<Test> = Vec::new();
    for mutant in &chosen {
        if !green.contains(&mutant.test) {
            if !copy.passes(&project, mutant.test)? {
                let name = mutant.name;
                return Err(Failure::new(format!(
                    "the test of “{name}” fails without it"
                )));
            }
            green.push(mutant.test);
        }
    }
    println!("{} tests pass on the project as it is", green.len());
    let (mut caught, mut missed) = (0, Vec::new());
    for mutant in chosen {
        let start = Instant::now();
        copy.refresh(&project)?;
        copy.put(mutant)?;
        let is_caught = !copy.passes(&project, mutant.test)?;
        let word = if is_caught { "caught" } else { "MISSED" };
        let seconds = start.elapsed().as_secs();
        println!("{word:<8} {} ({seconds} s)", mutant.name);
        if is_caught {
            caught += 1;
        } else {
            missed.push(mutant.name);
        }
    }
    println!("\n{caught} caught, {} not", missed.len());
    if missed.is_empty() && caught > 0 {
        Ok(())
    } else {
        Err(Failure::new(format!("not caught: {}", missed.join(", "))))
    }
}

/// Where nothing is but what git knows.
const SOURCES: [&str; 5] = ["src", "tests", "xtask", "style", "public"];

/// The project's files once more, in the build directory: what is built of it stays for the next mutant.
struct Copy(PathBuf);

impl Copy {
    fn of(project: &Project) -> Result<Self> {
        let copy = Self(project.own().join("mutants"));
        copy.refresh(project)?;
        Ok(copy)
    }

    /// As in the project. What is the same is not touched, so that it is not built again.
    fn refresh(&self, project: &Project) -> Result<()> {
        let mut git = Command::new("git");
        git.args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(&project.root);
        let mut kept = BTreeSet::new();
        for name in process::output(&mut git)?.lines() {
            let (from, to) = (project.root.join(name), self.0.join(name));
            if !from.is_file() {
                continue;
            }
            kept.insert(to.clone());
            let bytes = project::read_bytes(&from)?;
            if std::fs::read(&to).is_ok_and(|there| there == bytes) {
                continue;
            }
            project::write(&to, bytes)?;
        }
        // What has moved must not be there twice.
        for folder in SOURCES.map(|folder| self.0.join(folder)) {
            for file in project::files_under(&folder)? {
                if !kept.contains(&file) {
                    std::fs::remove_file(&file)
                        .context(|| format!("removing {}", file.display()))?;
                }
            }
        }
        Ok(())
    }

    fn put(&self, mutant: &Mutant) -> Result<()> {
        let file = self.0.join(mutant.file);
        let text = project::read(&file)?;
        project::write(&file, text.replacen(mutant.text, mutant.with, 1))
    }

    /// Whether a test passes on the copy. What does not compile is no mutant.
    fn passes(&self, project: &Project, test: Test) -> Result<bool> {
        let target = project.own().join("mutants-target");
        let cargo = |words: &[&str]| {
            let mut command = process::cargo();
            command
                .args(words)
                .current_dir(&self.0)
                // In the project's own, cargo takes what was built of a mutant for the project itself.
                .env("CARGO_TARGET_DIR", &target);
            command
        };
        let log = project.own().join("mutants.log");
        let mut run = match test {
            Test::Unit(filter) => {
                let words = ["test", "--package", "pentimento", "--lib"];
                builds(cargo(&words).arg("--no-run"), &log)?;
                let mut command = cargo(&words);
                command.arg(filter);
                command
            }
            Test::File(file, filter) => {
                let words = ["test", "--package", "pentimento", "--test", file];
                builds(cargo(&words).arg("--no-run"), &log)?;
                let mut command = cargo(&words);
                command.arg(filter);
                command
            }
            Test::Browser(filter) => {
                let words = ["test", "--target", tools::WASM_TARGET, "--test", "browser"];
                builds(cargo(&words).arg("--no-run"), &log)?;
                let bindgen = tools::wasm_bindgen(project)?;
                let chromium = crate::browsers::chromium()?;
                let mut command = cargo(&words);
                command
                    .env(
                        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                        bindgen.with_file_name("wasm-bindgen-test-runner"),
                    )
                    .env("CHROMEDRIVER", chromium.driver)
                    .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
                    .arg(filter);
                command
            }
            Test::Story(part) => {
                let words = ["xtask", "test", "--only"];
                builds(cargo(&words).arg("dist"), &log)?;
                let mut command = cargo(&words);
                command.args(["e2e-chromium", "--", "--only", part]);
                command
            }
            Test::Torture(words) => {
                builds(cargo(&["xtask", "test", "--only"]).arg("dist"), &log)?;
                let mut command = cargo(&["xtask", "torture"]);
                command.args(words);
                command
            }
        };
        quiet(&mut run, &log)
    }
}

/// Runs with its output in a file; gives whether it ended well.
fn quiet(command: &mut Command, log: &Path) -> Result<bool> {
    let naming = |error| Failure::new(format!("writing {}: {error}", log.display()));
    let out = std::fs::File::create(log).map_err(naming)?;
    let err = out.try_clone().map_err(naming)?;
    let status = command.stdout(out).stderr(err).status();
    let shown = process::shown(command);
    let status = status.map_err(|error| Failure::new(format!("`{shown}`: {error}")))?;
    Ok(status.success())
}

fn builds(command: &mut Command, log: &Path) -> Result<()> {
    if quiet(command, log)? {
        return Ok(());
    }
    let output = project::read(log)?;
    Err(Failure::new(format!("`{}` failed", process::shown(command))).output(&output))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_true() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        assert!(MUTANTS.len() >= 25);
        for mutant in MUTANTS {
            let text = std::fs::read_to_string(root.join(mutant.file)).unwrap();
            let found = text.matches(mutant.text).count();
            assert_eq!(found, 1, "{}: its text in {}", mutant.name, mutant.file);
            assert_ne!(mutant.text, mutant.with, "{}", mutant.name);
            let of_that_name = MUTANTS.iter().filter(|other| other.name == mutant.name);
            assert_eq!(of_that_name.count(), 1, "{}", mutant.name);
        }
    }
}
