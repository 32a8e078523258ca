//! What a story has: a browser, the app as it is published, the simulator; and what must hold after each story.

use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Config, Entry, Simulator};

use crate::app::{App, Kept};
use crate::browser::{Browser, PATIENCE, wait};
use crate::children::Served;
use crate::failure::{Context, Failure, Result, ensure};
use crate::options::Options;

const SWEEP: &str = include_str!("sweep.js");

/// Everything that stories share; each begins with an empty browser and a simulator that remembers nothing.
pub(crate) struct World<'a> {
    pub(crate) options: &'a Options,
    pub(crate) browser: &'a Browser,
    pub(crate) simulator: &'a Simulator,
    /// The app at the root of a host, and under a path.
    pub(crate) root: &'a Served,
    pub(crate) sub_path: &'a Served,
}

/// A key that opens nothing. Made of parts, so that no text in the repository looks like one.
pub(crate) fn key() -> String {
    ["sk", "-proj-", "e2e", "0123456789", "abcdefghij", "ZYXW"].concat()
}

impl<'a> World<'a> {
    pub(crate) fn app(&self) -> App<'a> {
        App::new(self.browser, &self.root.address)
    }

    /// The app from nothing, set to draw with the simulator, which takes any key and none.
    pub(crate) async fn app_with_simulator(&self) -> Result<App<'a>> {
        let app = self.app();
        app.open_fresh(Some(Kept::server(&self.simulator.address())))
            .await?;
        Ok(app)
    }

    /// The simulator as it is at the start of a story.
    pub(crate) fn reset(&self) {
        self.simulator.reset();
        self.simulator
            .configure(|config| *config = Config::default());
    }

    pub(crate) fn posts(&self) -> usize {
        self.simulator.bill().len()
    }

    /// Waits until the bill satisfies, and gives it.
    pub(crate) async fn until_bill(
        &self,
        what: &str,
        fits: impl Fn(&[Entry]) -> bool,
    ) -> Result<Vec<Entry>> {
        let look = async || Ok(Some(self.simulator.bill()).filter(|bill| fits(bill)));
        wait(PATIENCE, look)
            .await
            .context(|| format!("the bill: {what}"))
    }

    /// Nothing more is sent: looks at the bill for so long.
    pub(crate) async fn nothing_more(&self, posts: usize, time: Duration) -> Result {
        let more = wait(time, async || {
            Ok((self.posts() > posts).then(|| self.posts()))
        })
        .await;
        match more {
            Ok(found) => Err(Failure::new(format!(
                "{found} requests were sent, and {posts} were allowed"
            ))),
            Err(_) => ensure(self.posts() == posts, || {
                format!("{} requests, not {posts}", self.posts())
            }),
        }
    }

    /// What no story may leave behind: broken policy, errors, strange hosts, the key anywhere.
    pub(crate) async fn check_traces(&self) -> Result {
        let hits = self.sweep(&key()).await?;
        ensure(hits.is_empty(), || format!("the key is found: {hits:?}"))?;
        let seen = self.browser.take_seen().await;
        ensure(seen.violations.is_empty(), || {
            format!("the page broke its policy: {:?}", seen.violations)
        })?;
        ensure(seen.errors.is_empty(), || {
            format!("the page had errors: {:?}", seen.errors)
        })?;
        let key = key();
        ensure(!seen.logs.iter().any(|line| line.contains(&key)), || {
            "the key is on the console".into()
        })?;
        let known = [
            self.root.address.as_str(),
            &self.sub_path.address,
            "http://127.0.0.1:",
        ];
        let strange: Vec<&String> = seen
            .origins
            .iter()
            .filter(|origin| {
                !known.iter().any(|known| {
                    known.starts_with(*origin) || origin.starts_with("http://127.0.0.1:")
                })
            })
            .collect();
        ensure(strange.is_empty(), || {
            format!("other hosts were asked: {strange:?}")
        })
    }

    /// Every place of the page in front that holds the secret.
    pub(crate) async fn sweep(&self, secret: &str) -> Result<Vec<String>> {
        let found = self
            .browser
            .script(SWEEP, vec![json!(secret)])
            .await
            .context(|| "sweeping for the key".into())?;
        let places: Option<Vec<String>> = found.as_array().map(|places| {
            places
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        });
        places.context(|| format!("the sweep gave {found}"))
    }
}
