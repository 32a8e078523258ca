//! The release's wasm in two files: what the first paint needs, and the rest, which the app asks for once it has started.
//!
//! The border is `bring_rest` in src/main.rs. wasm-split-cli reads the linker's relocations and moves over what only
//! that function can reach: so nothing in the first file can call what has not come yet. It works on what the linker
//! made; wasm-bindgen comes after it, for the first file, and replaces what trunk had it make of the whole.

use crate::compress;
use crate::failure::{Failure, Result};
use crate::process;
use crate::project::{self, Project};
use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;

const NAME: &str = "pentimento";
/// What wasm-split-cli makes for the one border.
const REST: &str = "split_rest.wasm";
const LOADER: &str = include_str!("rest.js");

/// Puts the first file and its glue in the place of the whole; gives the place of the rest.
pub(crate) fn split(project: &Project, staging: &Path) -> Result<PathBuf> {
    let whole = project
        .target
        .join("wasm32-unknown-unknown/release")
        .join(format!("{NAME}.wasm"));
    let parts = project.own().join("split");
    if parts.exists() {
        std::fs::remove_dir_all(&parts)
            .map_err(|error| Failure::new(format!("removing {}: {error}", parts.display())))?;
    }
    let mut splitter = Command::new(tools::wasm_split(project)?);
    splitter.arg(&whole).arg(&parts);
    splitter.args(["--target", "web", "--out-name", NAME]);
    process::output(&mut splitter)?;
    let mut bindgen = Command::new(tools::wasm_bindgen(project)?);
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", NAME]);
    // The rest puts its functions into the table of the first file.
    bindgen.arg("--keep-lld-exports");
    bindgen.arg("--out-dir").arg(staging);
    bindgen.arg(parts.join(format!("{NAME}.wasm")));
    process::output(&mut bindgen)?;
    let rest = parts.join(REST);
    if rest.is_file() {
        Ok(rest)
    } else {
        Err(Failure::new(format!(
            "{} was not split: the splitter made no {REST}",
            whole.display()
        ))
        .remedy("look at `bring_rest` in src/main.rs"))
    }
}

/// The rest under its final name.
pub(crate) struct Rest {
    pub(crate) name: String,
    pub(crate) integrity: String,
}

/// The id of the tag that names the rest in the page.
pub(crate) const PLACE: &str = "rest-wasm";

/// Names the rest by its content, and puts its loader into the glue.
pub(crate) fn name_rest(staging: &Path, rest: &Path) -> Result<Rest> {
    let bytes = project::read_bytes(rest)?;
    let hash = compress::hex(&bytes);
    let name = format!("rest-{}.wasm", hash.get(..16).unwrap_or(&hash));
    project::write(&staging.join(&name), &bytes)?;
    let glue = staging.join(format!("{NAME}.js"));
    let text = with_loader(&project::read(&glue)?)?;
    project::write(&glue, text)?;
    let integrity = compress::integrity(&bytes);
    Ok(Rest { name, integrity })
}

/// The glue imports the splitter's own loader, which checks no hash, from a file: ours takes the place of that line.
fn with_loader(glue: &str) -> Result<String> {
    const FROM: &str = " from \"./__wasm_split.js\"";
    let import = glue.lines().find(|line| line.contains(FROM));
    let (line, binding) = import
        .and_then(|line| Some((line, line.strip_prefix("import * as ")?.split_once(FROM)?.0)))
        .ok_or_else(|| {
            Failure::new("wasm-bindgen's glue does not import the splitter's loader as expected")
                .remedy(
                    "see xtask/src/split.rs; a new version of wasm-bindgen may write it otherwise",
                )
        })?;
    let loader = LOADER
        .replace("__SPLIT__", binding)
        .replace("__PLACE__", PLACE);
    Ok(glue.replacen(line, loader.trim_end(), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loader_takes_the_place_of_the_import() {
        let glue = "import * as import1 from \"./__wasm_split.js\"\nlet wasm;\n";
        let text = with_loader(glue).unwrap();
        assert!(
            text.contains("const import1 = (function () {") && text.ends_with("})();\nlet wasm;\n")
        );
        assert!(text.contains("getElementById(\"rest-wasm\")"));
        assert!(!text.contains("__SPLIT__") && !text.contains(" from "));
        assert!(with_loader("let wasm;").is_err());
    }
}
