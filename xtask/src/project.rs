//! Where things are: the project, its build directory, and the cache of tools that all clones share.

use crate::failure::{Context, Failure, Result};
use std::path::{Path, PathBuf};

pub(crate) struct Project {
    pub(crate) root: PathBuf,
    /// Cargo's build directory.
    pub(crate) target: PathBuf,
    /// Tools by name and version; a second clone on the same machine finds them here.
    pub(crate) tools: PathBuf,
}

impl Project {
    pub(crate) fn find() -> Result<Self> {
        let here =
            std::env::current_dir().context(|| "asking for the current directory".to_owned())?;
        let root = here
            .ancestors()
            .find(|directory| directory.join("Trunk.toml").is_file())
            .ok_or_else(|| {
                Failure::new("no Trunk.toml here or above")
                    .remedy("call this inside the repository")
            })?
            .to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |set| root.join(set));
        let tools = cache_home().join("pentimento").join("tools");
        Ok(Self {
            root,
            target,
            tools,
        })
    }

    pub(crate) fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// What these commands keep between two calls.
    pub(crate) fn own(&self) -> PathBuf {
        self.target.join("xtask")
    }

    /// The version that Cargo.lock holds of a crate.
    pub(crate) fn locked_version(&self, name: &str) -> Result<String> {
        let lock = read(&self.root.join("Cargo.lock"))?;
        let mut lines = lock.lines();
        lines
            .find(|line| *line == format!("name = \"{name}\""))
            .and_then(|_| {
                lines
                    .next()?
                    .strip_prefix("version = \"")?
                    .strip_suffix('"')
            })
            .map(str::to_owned)
            .ok_or_else(|| {
                Failure::new(format!("Cargo.lock names no `{name}`"))
                    .remedy("run `cargo check` once")
            })
    }
}

fn cache_home() -> PathBuf {
    std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .unwrap_or_else(|| home().join(".cache"))
}

/// Cargo's own directory: downloaded crates, and what was installed for every project.
pub(crate) fn cargo_home() -> PathBuf {
    std::env::var_os("CARGO_HOME").map_or_else(|| home().join(".cargo"), PathBuf::from)
}

fn home() -> PathBuf {
    std::env::home_dir().unwrap_or_else(std::env::temp_dir)
}

pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).context(|| format!("reading {}", path.display()))
}

pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).context(|| format!("reading {}", path.display()))
}

pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).context(|| format!("making {}", parent.display()))?;
    }
    std::fs::write(path, contents).context(|| format!("writing {}", path.display()))
}

/// Every file under a directory, sorted, so that what is made of them does not depend on the disk.
pub(crate) fn files_under(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries =
        std::fs::read_dir(directory).context(|| format!("listing {}", directory.display()))?;
    for entry in entries {
        let path = entry
            .context(|| format!("listing {}", directory.display()))?
            .path();
        if path.is_dir() {
            found.extend(files_under(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
