//! A copy of the published app on a host of its own: new versions are released there, broken, taken back; the host can be stopped.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::browser::Browser;
use crate::children::{Scratch, Served, free_port};
use crate::failure::{Context, Result, ensure};
use crate::options::Options;

/// A file whose name stays from version to version.
const MANIFEST: &str = "manifest.webmanifest";

/// What is wrong with a release.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    Missing,
    /// The host answers everything with its page.
    PageInPlaceOfScript,
    CutShort,
    OneByteFlipped,
}

/// The host and what lies on it.
pub(crate) struct Site {
    /// Ends in `/`.
    pub(crate) address: String,
    folder: Scratch,
    dist: PathBuf,
    xtask: PathBuf,
    base: &'static str,
    port: u16,
    server: Option<Served>,
}

impl Site {
    /// The app as it was built, under that path.
    pub(crate) fn open(options: &Options, base: &'static str) -> Result<Self> {
        let mut site = Self {
            address: String::new(),
            folder: Scratch::new("site")?,
            dist: options.dist.clone(),
            xtask: options.xtask.clone(),
            base,
            port: free_port()?,
            server: None,
        };
        copy(&site.dist, site.folder.path())?;
        site.start()?;
        Ok(site)
    }

    pub(crate) fn start(&mut self) -> Result {
        let folder = self.folder.path();
        let server = Served::start_at(&self.xtask, folder, self.base, self.port)?;
        self.address = server.address.clone();
        self.server = Some(server);
        Ok(())
    }

    /// From here on there is nobody at its address.
    pub(crate) fn stop(&mut self) {
        self.server = None;
    }

    /// Puts another version in the place of what is there, as a deploy does: 1 is the app as it was built. The page, its script
    /// and a file whose name stays say which version they are of.
    pub(crate) fn release(&self, version: u32) -> Result {
        let headers = std::fs::read(self.folder.path().join("_headers"))?;
        for entry in std::fs::read_dir(self.folder.path())?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                std::fs::remove_dir_all(path)?;
            } else {
                std::fs::remove_file(path)?;
            }
        }
        copy(&self.dist, self.folder.path())?;
        self.put("_headers", headers)?;
        if version == 1 {
            return Ok(());
        }
        let script = self.script()?;
        let page = self.text("index.html")?;
        let (before, tag) = page
            .split_once("<script")
            .context(|| "the page has no script".into())?;
        let (tag, after) = tag
            .split_once('>')
            .context(|| "the page ends in a tag".into())?;
        // The new script's hash stands in the worker's list, where it counts here.
        let tag: Vec<&str> = tag
            .split(' ')
            .filter(|part| !part.starts_with("integrity="))
            .collect();
        let page = format!("{before}<script{}>{after}", tag.join(" "));
        let page = page.replacen("<html", &format!("<html data-page=\"{version}\""), 1);
        let name = format!("boot-{version}.js");
        self.put("index.html", page.replace(&script, &name))?;
        let code = self.text(&script)?;
        let mark = format!("{code}\ndocument.documentElement.dataset.script = '{version}';\n");
        self.put(&name, mark)?;
        std::fs::remove_file(self.folder.path().join(script))?;
        let manifest = self.text(MANIFEST)?;
        let manifest = manifest.replacen('{', &format!("{{ \"version\": {version},"), 1);
        self.put(MANIFEST, manifest)?;
        self.seal()
    }

    /// The script that the page names.
    fn script(&self) -> Result<String> {
        let page = self.text("index.html")?;
        let names = page
            .split('"')
            .filter_map(|part| part.strip_prefix("./boot-"));
        let name = names.into_iter().find(|name| name.ends_with(".js"));
        name.map(|name| format!("boot-{name}"))
            .context(|| "the page names no boot script".into())
    }

    /// Lets the service worker's list follow a change of the files.
    fn seal(&self) -> Result {
        let status = Command::new(&self.xtask)
            .arg("seal")
            .arg(self.folder.path())
            .status()?;
        ensure(status.success(), || "xtask seal failed".into())
    }

    /// Breaks the script of what is there; the list of hashes says what it should have been.
    pub(crate) fn break_script(&self, fault: Fault) -> Result {
        let script = self.script()?;
        let mut bytes = std::fs::read(self.folder.path().join(&script))?;
        match fault {
            Fault::Missing => return Ok(std::fs::remove_file(self.folder.path().join(script))?),
            Fault::PageInPlaceOfScript => bytes = self.text("index.html")?.into_bytes(),
            Fault::CutShort => bytes.truncate(bytes.len() / 2),
            Fault::OneByteFlipped => {
                let middle = bytes.len() / 2;
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte ^= 1;
                }
            }
        }
        self.put(&script, bytes)
    }

    /// From here on every file may be kept for ten minutes, as on hosts that read no `_headers`.
    pub(crate) fn keep_everything_for_minutes(&self) -> Result {
        let headers = self.text("_headers")?;
        let kept = headers
            .lines()
            .filter(|line| !line.contains("Cache-Control"));
        let mut lines: Vec<&str> = kept.collect();
        lines.insert(1, "  Cache-Control: max-age=600");
        self.put("_headers", lines.join("\n"))
    }

    /// From here on the host sets no limits to its pages, as if it were not ours alone.
    pub(crate) fn drop_policy(&self) -> Result {
        let headers = self.text("_headers")?;
        let kept = headers.lines().filter(|line| !line.contains("-Policy"));
        self.put("_headers", kept.collect::<Vec<_>>().join("\n"))
    }

    /// Takes the service worker away, as the README says.
    pub(crate) fn kill_worker(&self) -> Result {
        let kill = self.text("sw-kill.js")?;
        self.put("sw.js", kill)
    }

    pub(crate) fn remove_worker(&self) -> Result {
        Ok(std::fs::remove_file(self.folder.path().join("sw.js"))?)
    }

    /// Lets the service worker note what it is asked and what it answers, for [`told`].
    pub(crate) fn spy_on_worker(&self) -> Result {
        let worker = self.text("sw.js")?;
        self.put("sw.js", format!("{SPY}{worker}"))?;
        self.seal()
    }

    fn text(&self, name: &str) -> Result<String> {
        std::fs::read_to_string(self.folder.path().join(name)).context(|| format!("reading {name}"))
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result {
        std::fs::write(self.folder.path().join(name), bytes).context(|| format!("writing {name}"))
    }
}

const SPY: &str = "{ const told = { asked: [], answered: [] }; \
    const line = ({ method, url, headers }) => [method, url, JSON.stringify([...headers])]; \
    addEventListener('fetch', (event) => told.asked.push(line(event.request))); \
    const answer = FetchEvent.prototype.respondWith; \
    FetchEvent.prototype.respondWith = function (reply) { told.answered.push(line(this.request)); return answer.call(this, reply); }; \
    addEventListener('message', (event) => event.ports[0]?.postMessage(told)); }\n";

/// A request as the worker sees it.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) method: String,
    pub(crate) address: String,
    pub(crate) headers: String,
}

/// What the spied-on worker was asked, and what it has answered.
pub(crate) async fn told(browser: &Browser) -> Result<(Vec<Told>, Vec<Told>)> {
    let body = "return new Promise((done) => { const { port1, port2 } = new MessageChannel(); \
        port1.onmessage = (event) => done(event.data); navigator.serviceWorker.controller.postMessage('', [port2]); })";
    let found = browser.script(body, Vec::new()).await?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |name: &str| {
        let rows = found[name].as_array().into_iter().flatten();
        rows.map(|row| Told {
            method: text(&row[0]),
            address: text(&row[1]),
            headers: text(&row[2]),
        })
        .collect()
    };
    Ok((list("asked"), list("answered")))
}

/// The versions of the page, of its script, and of a file whose name stays.
pub(crate) async fn versions(browser: &Browser) -> Result<[u64; 3]> {
    let body = "return (async () => { const { page, script } = document.documentElement.dataset; \
        const { version } = await (await fetch(arguments[0])).json(); \
        return [page, script, version].map((version) => Number(version ?? 1)); })()";
    let found = browser.script(body, vec![MANIFEST.into()]).await?;
    Ok([0, 1, 2].map(|at| found[at].as_u64().unwrap_or_default()))
}

/// The names of the caches of this origin.
pub(crate) async fn caches(browser: &Browser) -> Result<Vec<String>> {
    let found = browser.script("return caches.keys()", Vec::new()).await?;
    let names = found.as_array().into_iter().flatten();
    Ok(names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect())
}

fn copy(from: &Path, to: &Path) -> Result {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)
        .context(|| format!("listing {}", from.display()))?
        .flatten()
    {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy(&source, &target)?;
        } else {
            std::fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
