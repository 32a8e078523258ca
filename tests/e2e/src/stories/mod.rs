//! The stories by topic, and how they are told one after another.

mod access;
pub(crate) mod backup;
mod bad_input;
mod broken;
mod costs;
mod durability;
mod errors;
mod hostile;
pub(crate) mod images;
mod japanese;
mod jobs;
mod leaving;
mod library;
mod masks;
mod newcomer;
mod offline;
mod prices;
mod prices_file;
mod queue;
mod requests;
mod screens;
mod secrets;
mod shared;
mod start;
mod storage;
mod tokens;
mod updates;

use std::pin::Pin;
use std::time::Instant;

use crate::browser::Browser;
use crate::children::Served;
use crate::failure::{Context, Result};
use crate::options::Options;
use crate::world::World;
use simulator::{Config, Simulator};

/// One story.
pub(crate) struct Story {
    pub(crate) name: &'static str,
    pub(crate) tell: for<'a> fn(&'a World<'a>) -> Telling<'a>,
}

pub(crate) type Telling<'a> = Pin<Box<dyn Future<Output = Result> + 'a>>;

/// A list of stories: their names, and the functions that tell them.
macro_rules! stories {
    ($($name:literal => $tell:path),* $(,)?) => {
        pub(crate) const STORIES: &[$crate::stories::Story] =
            &[$($crate::stories::Story { name: $name, tell: |world| Box::pin($tell(world)) }),*];
    };
}
pub(crate) use stories;

fn all() -> impl Iterator<Item = &'static Story> {
    let topics = [
        newcomer::STORIES,
        start::STORIES,
        requests::STORIES,
        images::STORIES,
        hostile::STORIES,
        masks::STORIES,
        costs::STORIES,
        library::STORIES,
        backup::STORIES,
        jobs::STORIES,
        queue::STORIES,
        errors::STORIES,
        prices::STORIES,
        prices_file::STORIES,
        bad_input::STORIES,
        durability::STORIES,
        broken::STORIES,
        storage::STORIES,
        offline::STORIES,
        shared::STORIES,
        updates::STORIES,
        secrets::STORIES,
        japanese::STORIES,
        leaving::STORIES,
        access::STORIES,
        screens::STORIES,
        tokens::STORIES,
    ];
    topics.into_iter().flatten()
}

/// Tells the stories; gives whether all went well.
pub(crate) async fn tell(options: &Options) -> Result<bool> {
    let root = Served::start(&options.xtask, &options.dist, "/")?;
    let sub_path = Served::start(&options.xtask, &options.dist, "/a/b/")?;
    let simulator =
        Simulator::start(Config::default()).context(|| "starting the simulator".into())?;
    let browser = Browser::start(options, true).await?;
    let world = World {
        options,
        browser: &browser,
        simulator: &simulator,
        root: &root,
        sub_path: &sub_path,
    };
    let (mut passed, mut failed) = (0, 0);
    for story in all().filter(|story| {
        options
            .only
            .as_ref()
            .is_none_or(|only| story.name.contains(only))
    }) {
        world.reset();
        let start = Instant::now();
        let mut told = (story.tell)(&world).await;
        if told.is_ok() {
            told = world.check_traces().await;
        }
        let millis = start.elapsed().as_millis();
        match told {
            Ok(()) => {
                passed += 1;
                println!("ok      {} ({millis} ms)", story.name);
            }
            Err(failure) => {
                failed += 1;
                println!("FAILED  {} ({millis} ms)\n        {failure}", story.name);
                show_page(&world, story.name).await;
            }
        }
    }
    browser.quit().await?;
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0 && passed > 0)
}

/// What a person wants to see of a page on which a story failed.
async fn show_page(world: &World<'_>, story: &str) {
    let name: String = story
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let browser = format!("{:?}", world.options.kind).to_lowercase();
    let file = world
        .options
        .target
        .join("screenshots/failed")
        .join(format!("{browser}-{name}.png"));
    match world.browser.screenshot(&file).await {
        Ok(()) => println!("        screen: {}", file.display()),
        Err(failure) => println!("        no screen: {failure}"),
    }
    let notices = "return [...document.querySelectorAll('[role=alert],[role=status]')].filter(isThere).map((e) => e.innerText.replace(/\\s+/g, ' ').trim()).filter(Boolean)";
    if let Ok(found) = world.browser.script(notices, Vec::new()).await {
        println!("        notices: {found}");
    }
    let seen = world.browser.take_seen().await;
    for line in seen
        .violations
        .iter()
        .chain(&seen.errors)
        .chain(&seen.logs)
        .take(12)
    {
        println!(
            "        said: {}",
            line.lines()
                .take(25)
                .collect::<Vec<_>>()
                .join("\n              ")
        );
    }
}
