//! Kills of the tab that sends, while another one waits to go on; and of the whole browser when it has.

use std::time::Duration;

use serde_json::json;

use super::{Era, Lane, Moment, Point};
use crate::app::App;
use crate::browser::Browser;
use crate::children::Renderer;
use crate::failure::{Context, Result};

impl Lane<'_> {
    pub(super) async fn kill_the_sender(&mut self, era: &mut Era, point: &'static Point) -> Result {
        let machine = self.open_and_compare(era).await?;
        let browser = &machine.browser;
        let app = App::new(browser, &self.app.address);
        self.prepare(era, app, point.scene).await?;
        let first = browser.driver().window().await?;
        let busy = async || {
            let work = "const end = Date.now() + 1500; while (Date.now() < end) {}";
            browser.script(work, Vec::new()).await.map(drop)
        };
        let renderer = Renderer::of_page(browser.profile(), busy).await?;
        let second = self.second_tab(browser).await?;
        browser.driver().switch_to_window(first).await?;
        let (sent, next) = (self.next_prompt(era), self.next_prompt(era));
        self.arm(app, point, era.lengths).await?;
        app.put_prompt(&sent).await?;
        let way = async {
            // Pressed when the driver is gone again: it would wait for a page that stands still.
            let press = "setTimeout(() => findAll([['button', 'Generate']])[0].click(), 50)";
            browser.script(press, Vec::new()).await?;
            std::future::pending().await
        };
        let reached = self.reached(point, way).await;
        self.disarm();
        let goes_on = async {
            reached?;
            renderer.kill()?;
            browser.driver().switch_to_window(second).await?;
            app.draw(&next).await?;
            let patience = Duration::from_secs(20);
            app.until_results_within(patience, &next, 1)
                .await
                .context(|| "the other tab does not go on".into())
        };
        let goes_on = goes_on.await;
        self.killed(era, machine, Moment::Named(point))?;
        goes_on
    }

    /// Another tab with the app in it, in front.
    async fn second_tab(&self, browser: &Browser) -> Result<thirtyfour::WindowHandle> {
        let tab = browser.driver().new_tab().await?;
        browser.driver().switch_to_window(tab.clone()).await?;
        let cdp = browser.cdp().context(|| "no such protocol".into())?;
        let source = json!({"source": self.spy(&serde_json::Value::Null)});
        cdp.send_raw("Page.addScriptToEvaluateOnNewDocument", source)
            .await?;
        App::new(browser, &self.app.address).open("").await?;
        Ok(tab)
    }
}
