//! One engine's kills, one after another: start, compare, do something, kill.

mod handing_over;
mod restoring;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::{Config, Entry, Picture, Simulator};

use super::bell::Bell;
use super::machine::{Engine, Machine};
use super::oracle::{self, Asked, Fate, judge};
use super::points::{AT_RANDOM, At, Lengths, POINTS, Point, Scene, slow};
use super::{Random, Tally, prompt};
use crate::app::{App, Kept, PictureButton, Screen};
use crate::browser::wait;
use crate::children::{Scratch, Served};
use crate::failure::{Context, Failure, Result, ensure};
use crate::options::Options;
use crate::stories::images::photo;

const SPY: &str = include_str!("spy.js");
pub(super) const DUMP: &str = include_str!("dump.js");
/// Kills of one profile; then a fresh one, so that every look at all of it stays short.
const KILLS_OF_PROFILE: usize = 40;
/// After so much that is wrong it ends.
const MOST_WRONG: usize = 20;
/// How long the way to a moment may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of a picture.
const PICTURE: u64 = 60_000;
/// A random kill comes within so many milliseconds.
const WITHIN_MS: u64 = 1_200;
/// An edit's photo is larger.
const PART_OF_BODY: u64 = 20_000;

/// When to kill.
#[derive(Clone, Copy)]
enum Moment {
    Named(&'static Point),
    Random { scene: Scene, millis: u64 },
}

impl Moment {
    fn name(self) -> String {
        match self {
            Self::Named(point) => point.name.to_owned(),
            Self::Random { scene, millis } => format!("{scene:?} after {millis} ms"),
        }
    }
}

/// What one profile has been through.
#[derive(Default)]
struct Era {
    profile: Option<Scratch>,
    asked: BTreeMap<String, Asked>,
    lengths: Lengths,
}

/// One engine.
pub(super) struct Lane<'a> {
    options: &'a Options,
    app: &'a Served,
    engine: Engine,
    simulator: Simulator,
    bell: Bell,
    random: Random,
    tally: Tally,
    prompts: usize,
}

impl<'a> Lane<'a> {
    pub(super) async fn open(
        options: &'a Options,
        app: &'a Served,
        engine: Engine,
        seed: u64,
    ) -> Result<Self> {
        let config = Config {
            picture: Picture::Signed { bytes: PICTURE },
            ..Config::default()
        };
        Ok(Self {
            options,
            app,
            engine,
            simulator: Simulator::start(config).context(|| "starting the simulator".into())?,
            bell: Bell::hang().await?,
            random: Random(seed),
            tally: Tally::default(),
            prompts: 0,
        })
    }

    /// Kills so often; `number` is this lane's, where two share the moments of a short run.
    pub(super) async fn run(mut self, kills: usize, number: usize) -> Result<Tally> {
        while self.tally.kills < kills {
            let mut era = self.begin()?;
            let end = kills.min(self.tally.kills + KILLS_OF_PROFILE);
            while self.tally.kills < end {
                let moment = self.next_moment(kills, number);
                let kill = self.tally.kills + 1;
                if std::env::var_os("TRACE").is_some() {
                    eprintln!(
                        "{:?} {kill} {}",
                        std::time::SystemTime::now()
                            .duration_since(std::time::UNIX_EPOCH)
                            .map(|d| d.as_millis() % 1_000_000),
                        moment.name()
                    );
                }
                if let Err(failure) = self.kill_at(&mut era, moment).await {
                    let line = format!("kill {kill}, {}: {failure}", moment.name());
                    self.tally.wrong.push(line);
                    ensure(self.tally.wrong.len() < MOST_WRONG, || {
                        self.tally.wrong.join("\n")
                    })?;
                    era = self.begin()?;
                }
            }
            self.finish(era).await?;
            println!(
                "{:<8} {:>5} kills, {} wrong",
                self.engine.name(),
                self.tally.kills,
                self.tally.wrong.len()
            );
        }
        Ok(self.tally)
    }

    /// Half of them named, in turns; a first start needs a fresh profile.
    fn next_moment(&mut self, kills: usize, number: usize) -> Moment {
        let wanted = |point: &&Point| {
            let only = self.options.only.as_ref();
            only.is_none_or(|only| point.name.contains(only.as_str()))
        };
        let is_fresh = self.tally.kills.is_multiple_of(KILLS_OF_PROFILE);
        let of_now = |point: &&Point| (point.scene == Scene::FirstStart) == is_fresh;
        let points: Vec<&Point> = POINTS.iter().filter(wanted).filter(of_now).collect();
        // The moments that came least so far; in a short run each engine takes the other half of them first, and strides
        // through them, so that it comes to every kind of scene.
        let stride = |at: usize| at * 13 % points.len();
        let turn = |(at, point): &(usize, &&Point)| {
            let came = self
                .tally
                .named
                .get(point.name)
                .copied()
                .unwrap_or_default();
            (came, (at + number) % 2, stride(*at), *at)
        };
        let next = points.iter().enumerate().min_by_key(turn);
        let named: usize = self.tally.named.values().sum();
        let most_named = kills * 2 / 3;
        let is_random =
            self.options.only.is_none() && (named >= most_named || self.random.below(3) == 0);
        match next {
            Some((_, point)) if is_fresh || !is_random => Moment::Named(point),
            _ => {
                let scene = AT_RANDOM[self.random.below(AT_RANDOM.len() as u64) as usize];
                let millis = self.random.below(WITHIN_MS);
                Moment::Random { scene, millis }
            }
        }
    }

    fn begin(&mut self) -> Result<Era> {
        self.simulator.reset();
        Ok(Era {
            profile: Some(Scratch::new("profile")?),
            asked: BTreeMap::new(),
            lengths: Lengths::default(),
        })
    }

    async fn start(&self, era: &mut Era, armed: &Value) -> Result<Machine> {
        let profile = era.profile.take().context(|| "no profile".into())?;
        Machine::start(self.options, self.engine, profile, &self.spy(armed)).await
    }

    /// What is put before the scripts of a page.
    fn spy(&self, armed: &Value) -> String {
        let kept = Kept::server(&self.simulator.address());
        let settings = json!({
            "provider": kept.provider, "address": kept.address, "language": kept.language,
            "theme": kept.theme, "mood": kept.mood,
        });
        SPY.replace("SETTINGS", &settings.to_string())
            .replace("BELL", &json!(self.bell.address).to_string())
            .replace("ARMED", &armed.to_string())
    }

    /// One kill, and the look at what the one before has left.
    async fn kill_at(&mut self, era: &mut Era, moment: Moment) -> Result {
        if let Moment::Named(point) = moment {
            match point.scene {
                Scene::FirstStart => return self.kill_at_start(era, point).await,
                Scene::Start => {
                    // Something must be left open for it.
                    let open = POINTS
                        .iter()
                        .find(|point| point.name.starts_with("drawing: executed"));
                    let open = open.context(|| "no such moment".into())?;
                    self.kill_within(era, Moment::Named(open)).await?;
                    return self.kill_at_start(era, point).await;
                }
                Scene::Restore => return self.kill_in_restore(era, point).await,
                Scene::HandOver => return self.kill_the_sender(era, point).await,
                _ => {}
            }
        }
        self.kill_within(era, moment).await
    }

    async fn kill_at_start(&mut self, era: &mut Era, point: &'static Point) -> Result {
        let machine = self.start(era, &point.armed()).await?;
        let app = App::new(&machine.browser, &self.app.address);
        let opened = async {
            app.open("").await?;
            std::future::pending::<Result>().await
        };
        let reached = self.reached(point, opened).await;
        self.killed(era, machine, Moment::Named(point))?;
        reached
    }

    /// Does what leads to a moment until it is there.
    async fn reached(&self, point: &Point, way: impl Future<Output = Result>) -> Result {
        let there = async {
            match point.at {
                At::Page { .. } => self.bell.reached().await,
                At::Wire(is_there) => {
                    self.until(|bill, _| bill.last().is_some_and(is_there))
                        .await
                }
                At::Preflight => self.until(|_, preflights| preflights > 0).await,
            }
        };
        tokio::select! {
            biased;
            there = there => there,
            failed = way => failed,
            () = tokio::time::sleep(PATIENCE) => Err(Failure::new("it did not come")),
        }
        .context(|| format!("the moment “{}”", point.name))
    }

    /// Looks at what the server sees, from now on.
    async fn until(&self, is_there: impl Fn(&[Entry], usize) -> bool) -> Result {
        let old = self.simulator.bill().len();
        let preflights = || {
            let hits = self.simulator.hits();
            hits.iter().filter(|hit| hit.method == "OPTIONS").count()
        };
        let old_preflights = preflights();
        loop {
            let bill = self.simulator.bill();
            if is_there(&bill[old.min(bill.len())..], preflights() - old_preflights) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn killed(&mut self, era: &mut Era, machine: Machine, moment: Moment) -> Result {
        era.profile = Some(machine.kill()?);
        self.tally.kills += 1;
        if let Moment::Named(point) = moment {
            *self.tally.named.entry(point.name).or_default() += 1;
        }
        for (prompt, asked) in &mut era.asked {
            asked.was_shown |= self.bell.was_shown(prompt);
        }
        Ok(())
    }

    async fn kill_within(&mut self, era: &mut Era, moment: Moment) -> Result {
        let machine = self.open_and_compare(era).await?;
        let app = App::new(&machine.browser, &self.app.address);
        let scene = match moment {
            Moment::Named(point) => point.scene,
            Moment::Random { scene, .. } => scene,
        };
        self.prepare(era, app, scene).await?;
        let prompts: Vec<String> = (0..if scene == Scene::Several { 3 } else { 1 })
            .map(|_| self.next_prompt(era))
            .collect();
        if scene == Scene::Purge {
            // What is in the trash is there afterwards or it is not.
            for name in self.in_trash(app).await? {
                era.asked.entry(name).or_default().fate = Fate::MaybePurged;
            }
        }
        let (random, chosen) = (self.random.next(), self.last_shown(era));
        match moment {
            Moment::Named(point) => {
                self.arm(app, point, era.lengths).await?;
                let way = async {
                    perform(app, scene, &prompts, &chosen, random).await?;
                    std::future::pending().await
                };
                let reached = self.reached(point, way).await;
                self.disarm();
                self.killed(era, machine, moment)?;
                reached
            }
            Moment::Random { millis, .. } => {
                self.simulator.script(slow());
                // It may come in the middle of anything, or after all of it.
                tokio::select! {
                    done = async { perform(app, scene, &prompts, &chosen, random).await?; std::future::pending::<Result>().await } => done?,
                    () = tokio::time::sleep(Duration::from_millis(millis)) => {}
                }
                self.killed(era, machine, moment)
            }
        }
    }

    async fn arm(&self, app: App<'_>, point: &Point, lengths: Lengths) -> Result {
        let at_page = "window.torture.armed = arguments[0]";
        app.browser.script(at_page, vec![point.armed()]).await?;
        if let Some(script) = point.script(lengths) {
            self.simulator.script(script);
        }
        self.simulator.configure(|config| {
            config.hold_preflights = matches!(point.at, At::Preflight);
            config.hold_body_at = (point.scene == Scene::Edit).then_some(PART_OF_BODY);
        });
        Ok(())
    }

    fn disarm(&self) {
        self.simulator.configure(|config| {
            config.hold_preflights = false;
            config.hold_body_at = None;
        });
    }

    fn next_prompt(&mut self, era: &mut Era) -> String {
        self.prompts += 1;
        let prompt = prompt('k', self.prompts);
        era.asked.insert(prompt.clone(), Asked::default());
        prompt
    }

    /// The newest picture that the person has seen.
    fn last_shown(&self, era: &Era) -> String {
        let shown = |prompt: &&String| self.bell.was_shown(prompt);
        era.asked.keys().rfind(shown).cloned().unwrap_or_default()
    }

    /// Starts the browser and opens the app; then everything must be as the last kill must have left it.
    async fn open_and_compare(&mut self, era: &mut Era) -> Result<Machine> {
        self.simulator.withdraw();
        let machine = self.start(era, &Value::Null).await?;
        if self.tally.browser.is_empty() {
            self.tally.browser = machine.version().await?;
        }
        let app = App::new(&machine.browser, &self.app.address);
        if let Err(failure) = app.open("").await {
            self.tally.failed_starts += 1;
            return Err(failure);
        }
        self.compare(era, app).await?;
        Ok(machine)
    }

    async fn compare(&mut self, era: &Era, app: App<'_>) -> Result {
        let shown = settled(app).await;
        let dump = app.browser.script(DUMP, Vec::new()).await?;
        let (text, late) = match shown {
            Ok(text) => (text, None),
            Err(failure) => (String::new(), Some(failure)),
        };
        let found = judge(&dump, &self.simulator.bill(), &era.asked, &text);
        let tally = &mut self.tally;
        tally.lost += found.lost.len();
        tally.duplicates += found.duplicates.len();
        tally.torn += found.torn.len();
        tally.hidden += found.hidden.len();
        tally.undercount += found.undercount;
        let late = late.map(|failure| failure.to_string());
        let wrong = found.lines().into_iter().chain(late);
        let wrong: Vec<String> = wrong.collect();
        super::ensure_nothing(&wrong)
    }

    /// What a scene needs to be there before.
    async fn prepare(&mut self, era: &mut Era, app: App<'_>, scene: Scene) -> Result {
        if era.lengths.document == 0 {
            // Undisturbed, to know how long replies are.
            era.lengths.document = self.draw(era, app, 0).await?;
            era.lengths.stream = self.draw(era, app, 2).await?;
        }
        if matches!(
            scene,
            Scene::Delete | Scene::Undo | Scene::Purge | Scene::Library | Scene::Backup
        ) {
            self.draw(era, app, 0).await?;
        }
        if scene == Scene::Purge {
            let prompt = self.last_shown(era);
            app.press(&prompt, PictureButton::Delete).await?;
            app.until_results(&prompt, 0).await?;
        }
        Ok(())
    }

    /// Draws one picture; gives the bytes of the reply.
    async fn draw(&mut self, era: &mut Era, app: App<'_>, previews: u32) -> Result<u64> {
        let prompt = self.next_prompt(era);
        app.set_previews(&previews.to_string()).await?;
        app.draw(&prompt).await?;
        app.until_results(&prompt, 1).await?;
        let bill = self.simulator.bill();
        let entry = bill
            .iter()
            .rfind(|entry| oracle::prompt_of(entry) == prompt);
        entry
            .map(|entry| entry.bytes_sent)
            .context(|| "it is not on the bill".into())
    }

    async fn in_trash(&self, app: App<'_>) -> Result<Vec<String>> {
        let dump = app.browser.script(DUMP, Vec::new()).await?;
        let rows = dump["trash"].as_array().into_iter().flatten();
        let prompt = |row: &Value| {
            let picture: Value = serde_json::from_str(row[1].as_str()?).ok()?;
            picture["request"]["prompt"].as_str().map(str::to_owned)
        };
        Ok(rows.filter_map(prompt).collect())
    }

    /// The last look at a profile: all that is kept stands in the library.
    async fn finish(&mut self, mut era: Era) -> Result {
        let machine = self.open_and_compare(&mut era).await?;
        let app = App::new(&machine.browser, &self.app.address);
        let dump = app.browser.script(DUMP, Vec::new()).await?;
        let kept = dump["pictures"].as_array().map_or(0, Vec::len);
        app.go(Screen::Library).await?;
        app.until_says(&format!("Pictures: {kept}")).await?;
        let found = judge(&dump, &self.simulator.bill(), &era.asked, "");
        self.tally.unknown += found.unknown;
        self.tally.pictures += found.pictures;
        let bill = self.simulator.bill();
        self.tally.requests += bill.len();
        self.tally.billed += bill.iter().map(|entry| entry.billed_pico).sum::<u64>();
        let profile = machine.kill()?;
        self.engine.ensure_used(profile.path())
    }
}

/// Waits until no attempt is open any more and nothing runs; gives the text of the list of those that may have been billed.
pub(super) async fn settled(app: App<'_>) -> Result<String> {
    const ATTEMPTS: &str = "return new Promise((done) => {
        const opening = indexedDB.open('studio');
        // The app itself must make it.
        opening.onupgradeneeded = () => opening.transaction.abort();
        opening.onerror = () => done(['no database yet']);
        opening.onsuccess = () => {
          const asked = opening.result.transaction('attempts').objectStore('attempts').getAll();
          asked.onsuccess = () => {
            opening.result.close();
            const states = asked.result.map((row) => JSON.parse(row).state);
            const list = findAll([['region', 'May have been billed'], ['listitem', null]]);
            // What waits for the person's word was not sent.
            const running = findAll([['list', 'Running'], ['article', null]])
              .filter((job) => !/Waiting for (your word|the key)/.test(job.innerText));
            const open = states.filter((state) => state === 'intent').length;
            const doubtful = states.filter((state) => state === 'unknown' || state === 'paid_broken').length;
            done([open, running.length, doubtful, list.length, list.map((e) => e.innerText).join('\\n')]);
          };
        };
      })";
    let mut last = Value::Null;
    let settled = wait(Duration::from_secs(10), async || {
        last = app.browser.script(ATTEMPTS, Vec::new()).await?;
        let is_settled = last[0] == 0 && last[1] == 0 && last[2] == last[3];
        Ok(is_settled.then(|| last[4].as_str().unwrap_or_default().to_owned()))
    });
    let settled = settled.await;
    settled.context(|| format!("open, running, in doubt and shown so: {last}"))
}

/// What the person does, with their gestures.
async fn perform(
    app: App<'_>,
    scene: Scene,
    prompts: &[String],
    chosen: &str,
    random: u64,
) -> Result {
    let prompt = prompts.first().map_or("", String::as_str);
    match scene {
        // Each has a way of its own.
        Scene::FirstStart | Scene::Start | Scene::Restore | Scene::HandOver => Ok(()),
        Scene::Draw { previews } => {
            app.set_previews(&previews.to_string()).await?;
            app.draw(prompt).await
        }
        Scene::Several => {
            for prompt in prompts {
                app.draw(prompt).await?;
            }
            Ok(())
        }
        Scene::Edit => {
            add_photo(app).await?;
            app.draw(prompt).await
        }
        Scene::Mask => {
            app.put_prompt(prompt).await?;
            add_photo(app).await?;
            app.press_button("Draw mask").await?;
            app.until_says("Nothing is masked").await?;
            let at = |shift: u64| {
                f64::from(u8::try_from((random >> shift) % 60).unwrap_or_default()) / 100.0 + 0.2
            };
            app.drag_on_mask((at(0), at(8)), (at(16), at(24))).await?;
            app.drag_on_mask((at(32), at(40)), (at(48), at(56))).await?;
            app.press_button("Done").await?;
            app.generate().await
        }
        Scene::Delete => app.press(chosen, PictureButton::Delete).await,
        Scene::Undo => {
            app.press(chosen, PictureButton::Delete).await?;
            app.until_results(chosen, 0).await?;
            app.undo().await
        }
        Scene::Purge => app.empty_trash().await,
        Scene::Backup => {
            app.go(Screen::Settings).await?;
            app.press_button("Back up now").await
        }
        Scene::Library => {
            app.go(Screen::Library).await?;
            let star = [
                ("list", "Library"),
                ("article", chosen),
                ("button", "Favourite"),
            ];
            app.browser.click(&star).await
        }
    }
}

async fn add_photo(app: App<'_>) -> Result {
    app.add_images(&[&photo("grace_hopper.jpg")]).await?;
    app.until_images(&["512x600"]).await
}
