//! A Chromium that is to be killed: started by us as the first of its process group, without a driver that would notice.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::{Browser, chromium_arguments, listens, wait};
use crate::children::{Process, Scratch, free_port};
use crate::failure::{Context, Failure, Result, ensure};
use crate::options::Options;

/// Where IndexedDB keeps its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    LevelDb,
    Sqlite,
}

impl Engine {
    pub(super) const BOTH: [Self; 2] = [Self::LevelDb, Self::Sqlite];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LevelDb => "LevelDB",
            Self::Sqlite => "SQLite",
        }
    }

    /// Those that were asked for.
    pub(super) fn parse(text: &str) -> Result<Vec<Self>> {
        match text {
            "leveldb" => Ok(vec![Self::LevelDb]),
            "sqlite" => Ok(vec![Self::Sqlite]),
            "both" => Ok(Self::BOTH.to_vec()),
            _ => Err(Failure::new(format!(
                "--engine takes leveldb, sqlite or both, not {text}"
            ))),
        }
    }

    fn flag(self) -> &'static str {
        match self {
            Self::LevelDb => "--disable-features=IdbSqliteBackingStore,IdbSqliteOnDiskRollout",
            Self::Sqlite => "--enable-features=IdbSqliteBackingStore,IdbSqliteOnDiskRollout",
        }
    }

    /// What a profile shows of the engine that wrote it: a browser may have forgotten the flag.
    pub(super) fn ensure_used(self, profile: &Path) -> Result {
        let files = files_under(&profile.join("Default"));
        let has = |part: &str| files.iter().any(|file| file.contains(part));
        let found = (has("indexeddb.leveldb/CURRENT"), has_sqlite(&files));
        let wanted = match self {
            Self::LevelDb => found.0 && !found.1,
            Self::Sqlite => found.1 && !found.0,
        };
        ensure(wanted, || {
            format!("the profile is not one of {}: {files:?}", self.name())
        })
    }
}

fn has_sqlite(files: &[String]) -> bool {
    files
        .iter()
        .any(|file| !file.contains("indexeddb.leveldb/") && !file.contains("indexeddb.blob/"))
}

fn files_under(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_under(&path));
        } else if path.to_string_lossy().contains("/IndexedDB/") {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found
}

/// A running browser.
pub(super) struct Machine {
    pub(super) browser: Browser,
    process: Process,
    _driver: Process,
}

impl Machine {
    /// Starts it with a profile and a script that is put before every page's own.
    pub(super) async fn start(
        options: &Options,
        engine: Engine,
        profile: Scratch,
        script: &str,
    ) -> Result<Self> {
        const PORT_FILE: &str = "DevToolsActivePort";
        let file = profile.path().join(PORT_FILE);
        // Of the one that was killed.
        std::fs::remove_file(&file).ok();
        let driver_port = free_port()?;
        let mut command = Command::new(&options.driver);
        command.arg(format!("--port={driver_port}"));
        let mut driver = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let mut command = Command::new(&options.browser);
        command
            .args(chromium_arguments(profile.path()))
            .args(["--remote-debugging-port=0", engine.flag(), "about:blank"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut process = Process::lead(&mut command)?;
        let port = wait(Duration::from_secs(30), async || {
            ensure(!process.has_ended(), || "it has ended".into())?;
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            Ok(text.lines().next().and_then(|line| line.parse().ok()))
        });
        let port = port.await.context(|| "starting the browser".into())?;
        listens(driver_port, &mut driver)
            .await
            .context(|| format!("waiting for {}", options.driver.display()))?;
        let address = format!("http://127.0.0.1:{driver_port}");
        let browser = Browser::attach(&address, port, profile).await?;
        let cdp = browser.cdp().context(|| "no such protocol".into())?;
        let added = cdp.send_raw(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": script}),
        );
        added.await.context(|| "putting the script first".into())?;
        Ok(Self {
            browser,
            process,
            _driver: driver,
        })
    }

    /// Its name and version.
    pub(super) async fn version(&self) -> Result<String> {
        let cdp = self.browser.cdp().context(|| "no such protocol".into())?;
        let version = cdp.send_raw("Browser.getVersion", json!({})).await?;
        Ok(version["product"].as_str().map_or_else(
            || Value::to_string(&version),
            |product| product.replace('/', " "),
        ))
    }

    /// kill -9 of the whole group; the profile stays as it is then.
    pub(super) fn kill(mut self) -> Result<Scratch> {
        self.process.kill_group()?;
        let profile = self.browser.abandon();
        // What has left the group: the crash handler, which writes nothing of ours.
        profile.end_processes();
        Ok(profile)
    }
}
