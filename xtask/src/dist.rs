//! `cargo xtask dist`: a release build in dist/, ready for any static host, under any path.

use crate::compress;
use crate::failure::{Context, Failure, Result};
use crate::policy;
use crate::process;
use crate::project::{self, Project};
use crate::tools::BuildTools;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Flags for the wasm alone: the hook runs Cargo too, and would compile this program anew under general ones.
pub(crate) const WASM_FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";

/// What lies in the root of the project and does not change the build.
const NO_INPUT: [&str; 8] = [
    "target",
    "dist",
    "tests",
    "docs",
    "node_modules",
    ".git",
    ".github",
    ".ci",
];

pub(crate) fn command(arguments: &[String]) -> Result<()> {
    if let Some(unknown) = arguments.first() {
        return Err(Failure::new(format!("dist takes no argument `{unknown}`")));
    }
    let project = Project::find()?;
    build(&project)?;
    println!(
        "dist/ is ready for any static host, under any path; _headers is for hosts that read it."
    );
    Ok(())
}

/// Builds, whatever was built before.
pub(crate) fn build(project: &Project) -> Result<()> {
    policy::hosts()?;
    let _alone = alone(project)?;
    let tools = BuildTools::ensure(project)?;
    let inputs = stamp(project)?;
    println!("  building the release (the first time about three minutes on two cores)");
    let mut trunk = Command::new(&tools.trunk);
    trunk
        .args(["build", "--release"])
        .current_dir(&project.root)
        .env("PATH", tools.path()?);
    trunk.env("TRUNK_SKIP_VERSION_CHECK", "true");
    trunk.env(WASM_FLAGS, flags(project));
    // trunk stops on NO_COLOR=1, which it reads as a flag that must be true or false.
    trunk.env_remove("NO_COLOR");
    process::run(&mut trunk)
        .map_err(|failure| failure.remedy("mend what is said above, then run the same again"))?;
    project::write(&stamp_file(project), inputs)
}

/// Held while `dist/` is written: two builds at once would mix their files there.
fn alone(project: &Project) -> Result<File> {
    let path = project.own().join("dist.lock");
    project::write(&path, "")?;
    let lock = File::open(&path).context(|| format!("opening {}", path.display()))?;
    if lock.try_lock().is_err() {
        println!("  another build is writing dist/: waiting for it");
        lock.lock()
            .context(|| format!("locking {}", path.display()))?;
    }
    Ok(lock)
}

/// Panics name their place in the source: without the paths of this machine, which are nobody's business and would
/// make the same source another file on another machine.
pub(crate) fn flags(project: &Project) -> String {
    let set = std::env::var(WASM_FLAGS).unwrap_or_default();
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    format!(
        "{set} {} {}",
        remap(&project::cargo_home(), "cargo"),
        remap(&project.root, ".")
    )
    .trim()
    .to_owned()
}

/// Builds only when something that the build reads has changed since the last one.
pub(crate) fn build_if_stale(project: &Project) -> Result<()> {
    let fresh = project.dist().join("index.html").is_file()
        && std::fs::read_to_string(stamp_file(project))
            .is_ok_and(|old| stamp(project).is_ok_and(|new| old == new));
    if fresh {
        return Ok(());
    }
    build(project)
}

fn stamp_file(project: &Project) -> PathBuf {
    project.own().join("dist.stamp")
}

/// A hash over every file that the build reads, and its option: contents rather than dates, so that neither a
/// checkout nor a deleted file misleads it.
fn stamp(project: &Project) -> Result<String> {
    let mut all = std::env::var(policy::HOSTS).unwrap_or_default();
    for file in inputs(project)? {
        let relative = file
            .strip_prefix(&project.root)
            .unwrap_or(&file)
            .display()
            .to_string();
        all.push_str(&format!(
            "\n{relative} {}",
            compress::hex(&project::read_bytes(&file)?)
        ));
    }
    Ok(compress::hex(all.as_bytes()))
}

fn inputs(project: &Project) -> Result<Vec<PathBuf>> {
    let listed = std::fs::read_dir(&project.root)
        .map_err(|error| Failure::new(format!("listing {}: {error}", project.root.display())))?;
    let mut found = Vec::new();
    for path in listed
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| is_input(path))
    {
        if path.is_dir() {
            found.extend(project::files_under(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_input(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    !NO_INPUT.contains(&name.as_ref()) && !name.ends_with(".md") && !name.starts_with("LICENSE")
}
