//! A browser under WebDriver: pages, scripts, elements by role and name, waits on conditions, what was said and asked for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::cdp::Cdp;
use thirtyfour::error::{WebDriverErrorInner, WebDriverResult};
use thirtyfour::{Capabilities, WebDriver, WebElement};

use crate::children::{Process, Scratch, free_port};
use crate::failure::{Context, Failure, Result, ensure};
use crate::options::Options;

/// The browsers of the promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Chromium,
    Firefox,
}

impl Kind {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "chromium" => Ok(Self::Chromium),
            "firefox" => Ok(Self::Firefox),
            _ => Err(Failure::new(format!(
                "--browser takes chromium or firefox, not {text}"
            ))),
        }
    }

    pub(crate) fn driver(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Chromium => ("PENTIMENTO_CHROMEDRIVER", &["chromedriver"]),
            Self::Firefox => ("PENTIMENTO_GECKODRIVER", &["geckodriver"]),
        }
    }

    pub(crate) fn program(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Chromium => (
                "PENTIMENTO_CHROMIUM",
                &["chromium", "chromium-browser", "google-chrome"],
            ),
            Self::Firefox => ("PENTIMENTO_FIREFOX", &["firefox-esr", "firefox"]),
        }
    }
}

/// How long a condition may take to come true.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(10);
const FIND: &str = include_str!("find.js");
const PROBE: &str = include_str!("probe.js");

/// Where an element is: roles and names from the outside in. A name of "" is any, one that begins with `*` a part.
pub(crate) type Way<'a> = &'a [(&'a str, &'a str)];

/// What pages did that they should not have done, or what must not contain a secret.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) violations: Vec<String>,
    pub(crate) errors: Vec<String>,
    pub(crate) logs: Vec<String>,
    /// Origins that were asked for anything.
    pub(crate) origins: BTreeSet<String>,
}

/// A browser with a fresh profile, its driver, and the page that is in front.
pub(crate) struct Browser {
    pub(crate) kind: Kind,
    driver: WebDriver,
    seen: Mutex<Seen>,
    // Dropped in this order: the driver first, then the profile and whatever still works in it.
    _process: Option<Process>,
    profile: Scratch,
    downloads: Scratch,
}

impl Browser {
    /// Starts one. `logs` asks Chromium for its log of requests, which costs time.
    pub(crate) async fn start(options: &Options, logs: bool) -> Result<Self> {
        Self::start_in(options, logs, Scratch::new("profile")?).await
    }

    /// Starts one again, with the profile that [`Browser::quit`] left.
    pub(crate) async fn resume(options: &Options, profile: Scratch) -> Result<Self> {
        Self::start_in(options, false, profile).await
    }

    async fn start_in(options: &Options, logs: bool, profile: Scratch) -> Result<Self> {
        let downloads = Scratch::new("downloads")?;
        let port = free_port()?;
        let mut command = Command::new(&options.driver);
        match options.kind {
            Kind::Chromium => command.arg(format!("--port={port}")),
            Kind::Firefox => command
                .args(["--host", "127.0.0.1", "--port", &port.to_string()])
                .args(["--websocket-port", &free_port()?.to_string()]),
        };
        let mut process = Process::start(command.stdout(Stdio::null()).stderr(Stdio::null()))?;
        let address = format!("http://127.0.0.1:{port}");
        listens(port, &mut process)
            .await
            .context(|| format!("waiting for {}", options.driver.display()))?;
        let capabilities = match options.kind {
            Kind::Chromium => chromium(&options.browser, profile.path(), logs),
            Kind::Firefox => firefox(&options.browser, profile.path(), downloads.path()),
        };
        let driver = WebDriver::builder(address, capabilities)
            .connect()
            .await
            .context(|| format!("starting {}", options.browser.display()))?;
        let browser = Self {
            kind: options.kind,
            driver,
            seen: Mutex::default(),
            _process: Some(process),
            profile,
            downloads,
        };
        browser.prepare_tab().await?;
        browser.set_viewport(1440, 900).await?;
        Ok(browser)
    }

    /// Takes a Chromium over that listens at a port, through a driver that runs already.
    pub(crate) async fn attach(driver: &str, port: u16, profile: Scratch) -> Result<Self> {
        let at = json!({"debuggerAddress": format!("127.0.0.1:{port}")});
        let all = json!({"browserName": "chrome", "goog:chromeOptions": at});
        let driver = WebDriver::builder(driver, capabilities(&all))
            .connect()
            .await
            .context(|| format!("taking over the browser at port {port}"))?;
        Ok(Self {
            kind: Kind::Chromium,
            driver,
            seen: Mutex::default(),
            _process: None,
            profile,
            downloads: Scratch::new("downloads")?,
        })
    }

    /// Leaves a browser that is dead, and gives its profile.
    pub(crate) fn abandon(self) -> Scratch {
        // Nobody is there to be told.
        self.driver.leak().ok();
        self.profile
    }

    /// Ends the browser and leaves its profile, for a look at what it wrote.
    pub(crate) async fn quit(self) -> Result<Scratch> {
        let Self {
            driver, profile, ..
        } = self;
        driver
            .quit()
            .await
            .context(|| "ending the browser".into())?;
        Ok(profile)
    }

    /// What a new tab needs before its first page.
    pub(crate) async fn prepare_tab(&self) -> Result {
        if let Some(cdp) = self.cdp() {
            cdp.send_raw(
                "Page.addScriptToEvaluateOnNewDocument",
                json!({"source": PROBE}),
            )
            .await?;
        }
        self.allow_downloads().await
    }

    /// Chromium forgets it when the tab goes in which it was said.
    pub(crate) async fn allow_downloads(&self) -> Result {
        if let Some(cdp) = self.cdp() {
            let folder = self.downloads.path().to_string_lossy().into_owned();
            cdp.send_raw(
                "Browser.setDownloadBehavior",
                json!({"behavior": "allow", "downloadPath": folder}),
            )
            .await?;
        }
        Ok(())
    }

    /// Chromium's own protocol.
    pub(crate) fn cdp(&self) -> Option<Cdp> {
        (self.kind == Kind::Chromium).then(|| self.driver.cdp())
    }

    pub(crate) fn driver(&self) -> &WebDriver {
        &self.driver
    }

    pub(crate) fn profile(&self) -> &Path {
        self.profile.path()
    }

    pub(crate) fn downloads(&self) -> &Path {
        self.downloads.path()
    }

    pub(crate) async fn goto(&self, address: &str) -> Result {
        self.note().await;
        self.driver
            .goto(address)
            .await
            .context(|| format!("opening {address}"))?;
        self.probe().await
    }

    pub(crate) async fn reload(&self) -> Result {
        self.note().await;
        match self.kind {
            Kind::Chromium => self.driver.refresh().await.context(|| "reloading".into())?,
            Kind::Firefox => self.reload_from_page().await?,
        }
        self.probe().await
    }

    /// The driver's own reload passes the service worker by in Firefox, which a person's does not.
    async fn reload_from_page(&self) -> Result {
        let reload = "window.isOldPage = true; setTimeout(() => location.reload())";
        self.driver.execute(reload, Vec::new()).await?;
        let loaded = "return !window.isOldPage && document.readyState === 'complete'";
        wait(PATIENCE, async || {
            // In between there is no page that could answer.
            let found = self.driver.execute(loaded, Vec::new()).await.ok();
            Ok(found.filter(|found| *found.json() == json!(true)).map(drop))
        })
        .await
        .context(|| "reloading".into())
    }

    /// Firefox takes no script before its page's own: there it begins when the page has loaded.
    async fn probe(&self) -> Result {
        if self.kind == Kind::Firefox {
            self.driver.execute(PROBE, Vec::new()).await?;
        }
        Ok(())
    }

    /// Keeps what the page in front has done so far.
    pub(crate) async fn note(&self) {
        let script = "const seen = window.seenByStories ?? {}; const taken = JSON.parse(JSON.stringify(seen)); \
            for (const list of Object.values(seen)) list.length = 0; \
            return { ...taken, urls: performance.getEntriesByType('resource').map((entry) => entry.name) }";
        let Ok(found) = self.driver.execute(script, Vec::new()).await else {
            return;
        };
        let found = found.json();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = |name: &str| strings(&found[name]);
        seen.violations.extend(texts("violations"));
        seen.errors.extend(texts("errors"));
        seen.logs.extend(texts("logs"));
        seen.origins
            .extend(texts("urls").iter().filter_map(|url| origin(url)));
    }

    /// Everything since the last call.
    pub(crate) async fn take_seen(&self) -> Seen {
        self.note().await;
        let mut seen =
            std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        if self.kind == Kind::Chromium {
            for entry in self.log("browser").await {
                let said = entry["message"].as_str().unwrap_or_default().to_owned();
                if said.contains("Uncaught") {
                    seen.errors.push(said.clone());
                }
                seen.logs.push(said);
            }
            for entry in self.log("performance").await {
                let said = entry["message"].as_str().unwrap_or_default();
                let Ok(message) = serde_json::from_str::<Value>(said) else {
                    continue;
                };
                let message = &message["message"];
                if message["method"] == "Network.requestWillBeSent" {
                    let url = message["params"]["request"]["url"]
                        .as_str()
                        .unwrap_or_default();
                    seen.origins.extend(origin(url));
                }
            }
        }
        seen
    }

    async fn log(&self, kind: &str) -> Vec<Value> {
        let log = self.driver.get_log(kind).await;
        let entries = log
            .ok()
            .and_then(|entries| serde_json::to_value(entries).ok());
        entries
            .and_then(|value| value.as_array().cloned())
            .unwrap_or_default()
    }

    /// Runs the body of a function, with `arguments`, `findAll`, `roleOf` and `nameOf`; a promise is waited for.
    pub(crate) async fn script(&self, body: &str, arguments: Vec<Value>) -> Result<Value> {
        let script = format!("{FIND}\n{body}");
        let returned = self.driver.execute(script, arguments).await?;
        Ok(returned.json().clone())
    }

    /// The same, with the way to an element as its first argument.
    pub(crate) async fn script_at(&self, way: Way<'_>, body: &str) -> Result<Value> {
        let body = format!("const found = findAll(arguments[0]); {body}");
        self.script(&body, vec![way_json(way)]).await
    }

    pub(crate) async fn all(&self, way: Way<'_>) -> Result<Vec<WebElement>> {
        let script = format!("{FIND}\nreturn findAll(arguments[0])");
        Ok(self
            .driver
            .execute(script, vec![way_json(way)])
            .await?
            .elements()?)
    }

    pub(crate) async fn count(&self, way: Way<'_>) -> Result<usize> {
        let found = self.script_at(way, "return found.length").await?;
        Ok(usize::try_from(found.as_u64().unwrap_or_default()).unwrap_or_default())
    }

    /// The first element there, waited for.
    pub(crate) async fn find(&self, way: Way<'_>) -> Result<WebElement> {
        wait(PATIENCE, || async {
            Ok(self.all(way).await?.into_iter().next())
        })
        .await
        .context(|| format!("no {}", shown(way)))
    }

    pub(crate) async fn click(&self, way: Way<'_>) -> Result {
        let clicked = wait(PATIENCE, || async {
            let element = self.find(way).await?;
            unless_replaced(element.click().await)
        });
        clicked.await.context(|| format!("clicking {}", shown(way)))
    }

    /// Types as a person does, key by key.
    pub(crate) async fn type_into(&self, way: Way<'_>, text: &str) -> Result {
        let typed = wait(PATIENCE, || async {
            let element = self.find(way).await?;
            unless_replaced(element.send_keys(text).await)
        });
        typed
            .await
            .context(|| format!("typing into {}", shown(way)))
    }

    /// Presses a key on whatever has the focus.
    pub(crate) async fn press_key(&self, key: &str) -> Result {
        let focused = self.driver.active_element().await?;
        Ok(focused.send_keys(key).await?)
    }

    /// Gives a file to the field that a script finds: such a field may be out of sight, behind a button.
    pub(crate) async fn give_file(&self, field: &str, path: &Path) -> Result {
        let found = self.driver.execute(field, Vec::new()).await?.element()?;
        found
            .send_keys(path.to_string_lossy().as_ref())
            .await
            .context(|| format!("giving {}", path.display()))
    }

    /// Replaces the text of a field as a paste does.
    pub(crate) async fn put_into(&self, way: Way<'_>, text: &str) -> Result {
        self.find(way).await?;
        let body = "const [field] = findAll(arguments[0]); field.focus(); field.value = arguments[1]; \
            field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' })); \
            field.dispatchEvent(new Event('change', { bubbles: true }))";
        self.script(body, vec![way_json(way), json!(text)])
            .await
            .map(drop)
    }

    /// The visible text of the first element there, waited for.
    pub(crate) async fn text(&self, way: Way<'_>) -> Result<String> {
        let body = "return found.length ? found[0].innerText.trim() : null";
        wait(PATIENCE, || async {
            Ok(self.script_at(way, body).await?.as_str().map(str::to_owned))
        })
        .await
        .context(|| format!("no {}", shown(way)))
    }

    /// Waits until a script gives something else than false, null or 0.
    pub(crate) async fn until(
        &self,
        what: &str,
        body: &str,
        arguments: Vec<Value>,
    ) -> Result<Value> {
        self.until_within(PATIENCE, what, body, arguments).await
    }

    pub(crate) async fn until_within(
        &self,
        patience: Duration,
        what: &str,
        body: &str,
        arguments: Vec<Value>,
    ) -> Result<Value> {
        let look = || async {
            let found = self.script(body, arguments.clone()).await?;
            let no = found.is_null() || found == json!(false) || found == json!(0);
            Ok((!no).then_some(found))
        };
        wait(patience, look).await.context(|| what.to_owned())
    }

    pub(crate) async fn until_count(&self, way: Way<'_>, wanted: usize) -> Result {
        let reached = wait(PATIENCE, || async {
            Ok((self.count(way).await? == wanted).then_some(()))
        });
        if let Err(failure) = reached.await {
            let found = self.count(way).await?;
            return Err(Failure::new(format!(
                "{} × {}: {found} ({failure})",
                wanted,
                shown(way)
            )));
        }
        Ok(())
    }

    /// What is on the screen, for a person to look at.
    pub(crate) async fn screenshot(&self, file: &Path) -> Result {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).context(|| format!("making {}", folder.display()))?;
        }
        self.driver
            .screenshot(file)
            .await
            .context(|| format!("drawing {}", file.display()))
    }

    /// Sets the size of the page itself.
    pub(crate) async fn set_viewport(&self, width: u32, height: u32) -> Result {
        if self.cdp().is_some() {
            return self.set_screen(width, height, 1).await;
        }
        self.driver.set_window_rect(0, 0, width, height).await?;
        let inner = self
            .script("return [innerWidth, innerHeight]", Vec::new())
            .await?;
        let more = |wanted: u32, at: usize| {
            wanted
                + wanted.saturating_sub(
                    u32::try_from(inner[at].as_u64().unwrap_or_default()).unwrap_or(wanted),
                )
        };
        self.driver
            .set_window_rect(0, 0, more(width, 0), more(height, 1))
            .await?;
        Ok(())
    }

    /// The same, with so many pixels of the screen for one of the page. Only where the browser has such a protocol.
    pub(crate) async fn set_screen(&self, width: u32, height: u32, density: u32) -> Result {
        let cdp = self.cdp().context(|| "no such screen".into())?;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": density, "mobile": false});
        cdp.send_raw("Emulation.setDeviceMetricsOverride", size)
            .await?;
        Ok(())
    }

    /// Waits for a downloaded file that is complete, and takes it.
    pub(crate) async fn downloaded(&self) -> Result<(PathBuf, Vec<u8>)> {
        let look = || async {
            for entry in std::fs::read_dir(self.downloads())
                .context(|| "listing the downloads".into())?
                .flatten()
            {
                let path = entry.path();
                let partial = path
                    .extension()
                    .is_some_and(|end| end == "crdownload" || end == "part");
                let bytes = std::fs::read(&path).unwrap_or_default();
                if !partial && !bytes.is_empty() && !has_partial(self.downloads()) {
                    std::fs::remove_file(&path).ok();
                    return Ok(Some((path, bytes)));
                }
            }
            Ok(None)
        };
        wait(PATIENCE, look).await.context(|| {
            format!(
                "nothing was downloaded; there is {:?}",
                names(self.downloads())
            )
        })
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn has_partial(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            name.ends_with(".part") || name.ends_with(".crdownload")
        })
    })
}

/// Looks again and again until there is something, or until patience ends.
pub(crate) async fn wait<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        ensure(start.elapsed() < patience, || {
            format!("not within {} s", patience.as_secs_f64())
        })?;
        tokio::time::sleep(POLL).await;
    }
}

/// An element that was replaced between finding and using it is looked for again; any other failure is one.
fn unless_replaced(result: WebDriverResult<()>) -> Result<Option<()>> {
    match result {
        Ok(()) => Ok(Some(())),
        Err(error) if matches!(*error, WebDriverErrorInner::StaleElementReference(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn listens(port: u16, process: &mut Process) -> Result {
    wait(PATIENCE, async || {
        ensure(!process.has_ended(), || "it has ended".into())?;
        Ok(tokio::net::TcpStream::connect(("127.0.0.1", port))
            .await
            .ok()
            .map(drop))
    })
    .await
}

fn way_json(way: Way<'_>) -> Value {
    let step = |(role, name): &(&str, &str)| {
        if name.is_empty() {
            json!([role, null])
        } else {
            json!([role, name])
        }
    };
    way.iter().map(step).collect()
}

fn shown(way: Way<'_>) -> String {
    let steps: Vec<String> = way
        .iter()
        .map(|(role, name)| format!("{role} “{name}”"))
        .collect();
    steps.join(" › ")
}

fn strings(value: &Value) -> Vec<String> {
    let texts = value.as_array().into_iter().flatten();
    texts
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}

fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    matches!(scheme, "http" | "https" | "ws" | "wss").then(|| format!("{scheme}://{host}"))
}

/// How Chromium is started, by the driver or without one.
pub(crate) fn chromium_arguments(profile: &Path) -> Vec<String> {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--lang=en-US",
        "--window-size=1440,900",
    ];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments
}

fn chromium(program: &Path, profile: &Path, logs: bool) -> Capabilities {
    let arguments = chromium_arguments(profile);
    let mut all = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": program, "args": arguments, "prefs": {"intl.accept_languages": "en-US"}},
    });
    if logs {
        all["goog:loggingPrefs"] = json!({"browser": "ALL", "performance": "ALL"});
    }
    capabilities(&all)
}

fn firefox(program: &Path, profile: &Path, downloads: &Path) -> Capabilities {
    let preferences = json!({
        "intl.accept_languages": "en-US",
        "browser.download.folderList": 2,
        "browser.download.dir": downloads,
        "browser.download.always_ask_before_handling_new_types": false,
        "browser.helperApps.neverAsk.saveToDisk": "image/png,image/jpeg,image/webp,application/zip,application/octet-stream",
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "app.update.disabledForTesting": true,
        "datareporting.policy.dataSubmissionEnabled": false,
    });
    let all = json!({
        "browserName": "firefox",
        "moz:firefoxOptions": {
            "binary": program,
            "args": ["-headless", "-profile", profile],
            "prefs": preferences,
        },
    });
    capabilities(&all)
}

fn capabilities(all: &Value) -> Capabilities {
    all.as_object().cloned().unwrap_or_default().into()
}
