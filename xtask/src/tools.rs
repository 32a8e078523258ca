//! The tools of the build: used where the right version is at hand, else installed once for all clones.

use crate::failure::{Failure, Result};
use crate::process;
use crate::project::{self, Project};
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";
const TRUNK: &str = "0.21.14";
const WASM_SPLIT: &str = "0.2.4";
const BINARYEN: &str = "132";
const GECKODRIVER: &str = "0.37.1";
const AXE: &str = "4.14.1";
const LIGHTHOUSE: &str = "12.8.2";
const GPT_TOKENIZER: &str = "4.0.0";

/// What a build of the app needs; the hook finds wasm-opt itself.
pub(crate) struct BuildTools {
    pub(crate) trunk: PathBuf,
    pub(crate) wasm_bindgen: PathBuf,
}

impl BuildTools {
    pub(crate) fn ensure(project: &Project) -> Result<Self> {
        wasm_target()?;
        wasm_opt(project)?;
        wasm_split(project)?;
        let wasm_bindgen = wasm_bindgen(project)?;
        let trunk = from_crate(project, "trunk", "trunk", TRUNK, 10)?;
        Ok(Self {
            trunk,
            wasm_bindgen,
        })
    }

    /// A PATH on which trunk finds exactly these, and therefore downloads nothing.
    pub(crate) fn path(&self) -> Result<std::ffi::OsString> {
        let own = [&self.wasm_bindgen, &self.trunk]
            .into_iter()
            .filter_map(|tool| tool.parent())
            .map(Path::to_owned);
        let old = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(own.chain(std::env::split_paths(&old)))
            .map_err(|error| Failure::new(format!("putting the tools on PATH: {error}")))
    }
}

/// The target that the app is compiled for.
pub(crate) fn wasm_target() -> Result<()> {
    if has_wasm_target() {
        return Ok(());
    }
    println!("  installing the target {WASM_TARGET} (about half a minute)");
    let added = process::output(Command::new("rustup").args(["target", "add", WASM_TARGET]));
    match added {
        Ok(_) if has_wasm_target() => Ok(()),
        other => {
            let failure = other
                .err()
                .unwrap_or_else(|| Failure::new("the toolchain in use still has no such target"));
            Err(failure.remedy(format!(
                "`rustup target add {WASM_TARGET}` must be able to download from static.rust-lang.org. Where it \
                 cannot, any toolchain of Rust 1.95 or newer that holds the target does as well, linked by \
                 `rustup toolchain link` and chosen by `rustup override set` (Debian: packages rustc-web, cargo-web)"
            )))
        }
    }
}

fn has_wasm_target() -> bool {
    let asked = process::output(Command::new("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        WASM_TARGET,
    ]));
    asked.is_ok_and(|directory| {
        std::fs::read_dir(directory.trim()).is_ok_and(|files| {
            files
                .flatten()
                .any(|file| file.file_name().to_string_lossy().starts_with("libcore"))
        })
    })
}

/// wasm-bindgen must be of exactly the version that the app is linked with.
pub(crate) fn wasm_bindgen(project: &Project) -> Result<PathBuf> {
    let version = project.locked_version("wasm-bindgen")?;
    from_crate(project, "wasm-bindgen-cli", "wasm-bindgen", &version, 3)
}

/// Makes two files of the wasm. It answers no `--version`: so it is looked for only where it was installed by version.
pub(crate) fn wasm_split(project: &Project) -> Result<PathBuf> {
    const NAME: &str = "wasm_split_cli_support";
    let root = project.tools.join(format!("{NAME}-{WASM_SPLIT}"));
    let program = root.join("bin/wasm-split-cli");
    if !program.is_file() {
        install(
            project,
            NAME,
            WASM_SPLIT,
            &root,
            2,
            &["--features", "build-binary"],
        )?;
    }
    Ok(program)
}

pub(crate) fn geckodriver(project: &Project) -> Result<PathBuf> {
    from_crate(project, "geckodriver", "geckodriver", GECKODRIVER, 3)
}

/// A tool built from its crate. Compiling is slow, but crates.io is the one source that Rust users always reach.
fn from_crate(
    project: &Project,
    name: &str,
    binary: &str,
    version: &str,
    minutes: u32,
) -> Result<PathBuf> {
    let root = project.tools.join(format!("{name}-{version}"));
    if let Some(found) = find(binary, version, &root.join("bin")) {
        return Ok(found);
    }
    install(project, name, version, &root, minutes, &[])?;
    find(binary, version, &root.join("bin")).ok_or_else(|| {
        Failure::new(format!(
            "{name} {version} was installed but `{binary} --version` says otherwise"
        ))
    })
}

fn install(
    project: &Project,
    name: &str,
    version: &str,
    root: &Path,
    minutes: u32,
    options: &[&str],
) -> Result<()> {
    println!("  installing {name} {version} from crates.io (about {minutes} minutes on two cores)");
    let log = project
        .tools
        .join("logs")
        .join(format!("{name}-{version}.log"));
    let install = |locked: bool| {
        let mut command = process::cargo();
        command
            .args(["install", name, "--version", version, "--root"])
            .arg(root)
            .args(options);
        if locked {
            command.arg("--locked");
        }
        process::with_progress(&mut command, &log)
    };
    // The lock file inside a crate can name a version that a mirror of the index does not have yet.
    if let Err(first) = install(true) {
        println!("{first}\n\n    once more without --locked");
        install(false).map_err(|failure| {
            failure.remedy(format!(
                "check the connection to crates.io and the output above (also in {}), then run the same command again",
                log.display()
            ))
        })?;
    }
    Ok(())
}

/// wasm-opt, of the npm package binaryen: it runs on node, wherever that runs.
pub(crate) fn wasm_opt(project: &Project) -> Result<PathBuf> {
    let root = project.tools.join(format!("binaryen-{BINARYEN}"));
    let bin = root.join("node_modules/.bin");
    if let Some(found) = find("wasm-opt", BINARYEN, &bin) {
        return Ok(found);
    }
    from_npm(
        project,
        "binaryen",
        &format!("{BINARYEN}.0.0"),
        &root,
        "about a minute",
    )?;
    find("wasm-opt", BINARYEN, &bin).ok_or_else(|| {
        Failure::new("binaryen was installed but `wasm-opt --version` does not answer as expected")
            .remedy(format!(
                "remove {} and run the same command again; node must be 20 or newer",
                root.display()
            ))
    })
}

/// axe-core's one script, which the stories put into every screen.
pub(crate) fn axe(project: &Project) -> Result<PathBuf> {
    let root = project.tools.join(format!("axe-core-{AXE}"));
    let script = root.join("node_modules/axe-core/axe.min.js");
    if !script.is_file() {
        from_npm(project, "axe-core", AXE, &root, "some seconds")?;
    }
    Ok(script)
}

/// Lighthouse, for the bench alone.
pub(crate) fn lighthouse(project: &Project) -> Result<PathBuf> {
    let root = project.tools.join(format!("lighthouse-{LIGHTHOUSE}"));
    let program = root.join("node_modules/.bin/lighthouse");
    if !program.is_file() {
        from_npm(
            project,
            "lighthouse",
            LIGHTHOUSE,
            &root,
            "about half a minute",
        )?;
    }
    Ok(program)
}

/// The modules of gpt-tokenizer, which the bench counts beside.
pub(crate) fn gpt_tokenizer(project: &Project) -> Result<PathBuf> {
    const NAME: &str = "gpt-tokenizer";
    let root = project.tools.join(format!("{NAME}-{GPT_TOKENIZER}"));
    let modules = root.join("node_modules").join(NAME).join("esm");
    if !modules.join("encoding/o200k_base.js").is_file() {
        from_npm(project, NAME, GPT_TOKENIZER, &root, "some seconds")?;
    }
    Ok(modules)
}

fn from_npm(project: &Project, name: &str, version: &str, root: &Path, time: &str) -> Result<()> {
    println!("  installing {name} {version} from npm ({time})");
    std::fs::create_dir_all(root)
        .map_err(|error| Failure::new(format!("making {}: {error}", root.display())))?;
    let log = project
        .tools
        .join("logs")
        .join(format!("{name}-{version}.log"));
    let mut npm = Command::new("npm");
    npm.args([
        "install",
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--prefix",
    ])
    .arg(root);
    npm.arg(format!("{name}@{version}"));
    process::with_progress(&mut npm, &log).map_err(|failure| {
        failure.remedy("node 20 or newer with npm must be on PATH (https://nodejs.org), and registry.npmjs.org reachable")
    })
}

/// The first of PATH, Cargo's own directory and the cache that holds the right version.
fn find(binary: &str, version: &str, cache: &Path) -> Option<PathBuf> {
    let cargo_home = project::cargo_home().join("bin");
    on_path(binary)
        .chain([cargo_home.join(binary), cache.join(binary)])
        .find(|path| path.is_file() && answers(path, version))
}

/// Every program of this name on PATH, in order.
pub(crate) fn on_path(binary: &str) -> impl Iterator<Item = PathBuf> + use<> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found: Vec<PathBuf> = std::env::split_paths(&path)
        .map(|directory| directory.join(binary))
        .filter(|file| file.is_file())
        .collect();
    found.into_iter()
}

fn answers(program: &Path, version: &str) -> bool {
    process::output(Command::new(program).arg("--version"))
        .is_ok_and(|text| text.split_whitespace().any(|word| word == version))
}
