//! Results that are paid for while no space is left: whether any is lost, and whether any is called saved that is not.

use std::path::PathBuf;

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::{App, Kept};
use crate::browser::Browser;
use crate::children::Scratch;
use crate::failure::{Context, Result};
use crate::quota::{self, Outcome, Space};

const STEPS: u64 = 200;
const DISK_STEPS: u64 = 60;
/// What so many of take up less than the disk has.
const DISK_BYTES: u64 = 2_000_000;
/// So large that some of the steps leave room for it and some do not.
const BYTES: u64 = 9_000_000;

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let names = expected(figures, "quota", "of 200");
    bench.erase(Side::App).await?;
    bench.open(Side::App).await?;
    bench.simulator.reset();
    let app = App::new(bench.browser, bench.address(Side::App));
    quota::prepare(app).await?;
    let mut counts = Counts::default();
    for steps in 0..STEPS {
        let outcome = quota::at_step(app, bench.simulator, &Space::Quota, steps, BYTES)
            .await
            .context(|| format!("quota at step {steps}"))?;
        counts.add(outcome);
    }
    quota::lift(app).await?;
    counts.tell(figures, &names);
    Ok(())
}

/// The same on a disk that is really full. `SMALL_DISK` names a directory on one that may be filled, of some hundred megabytes
/// (`mount -t tmpfs -o size=400m tmpfs DIR`): without it, nothing is measured.
pub(super) async fn full_disk(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let Some(disk) = std::env::var_os("SMALL_DISK").map(PathBuf::from) else {
        return Ok(());
    };
    let names = expected(figures, "full disk", "of 60");
    let damaged = "full disk: pictures that are not there after a restart";
    figures.expect(damaged, "of 60", Some(0.0));
    bench.simulator.reset();
    let profile = Scratch::new_in(&disk, "profile")?;
    let browser = Browser::resume(bench.options, profile).await?;
    let app = App::new(&browser, bench.address(Side::App));
    app.open_fresh(Some(Kept::server(&bench.simulator.address())))
        .await?;
    app.choose_model("gpt-image-2").await?;
    app.set_custom_size("2048", "2048").await?;
    let space = Space::Disk {
        filler: disk.join("filler"),
    };
    let mut counts = Counts::default();
    for steps in 0..DISK_STEPS {
        let outcome = quota::at_step(app, bench.simulator, &space, 3 * steps, DISK_BYTES);
        let outcome = outcome.await;
        counts.add(outcome.context(|| format!("full disk at step {steps}"))?);
    }
    counts.tell(figures, &names);
    let profile = browser.quit().await?;
    let browser = Browser::resume(bench.options, profile).await?;
    let app = App::new(&browser, bench.address(Side::App));
    app.open("").await?;
    let there = app.stored("pictures", None).await?.len();
    figures.add(damaged, Side::App, DISK_STEPS as f64 - there as f64);
    browser.quit().await.map(drop)
}

fn expected(figures: &mut Figures, of: &str, unit: &'static str) -> [String; 3] {
    let names = [
        ("results lost", Some(0.0)),
        ("called saved and not", Some(0.0)),
        ("held in memory, then saved", None),
    ];
    names.map(|(what, goal)| {
        let name = format!("{of}: {what}");
        figures.expect(&name, unit, goal);
        name
    })
}

/// Lost, called saved and not, and held.
#[derive(Default)]
struct Counts([f64; 3]);

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        let one = |is: bool| f64::from(u8::from(is));
        let found = [outcome.is_lost, outcome.is_false, outcome.is_held];
        for (count, is) in self.0.iter_mut().zip(found) {
            *count += one(is);
        }
    }

    fn tell(self, figures: &mut Figures, names: &[String; 3]) {
        for (name, count) in names.iter().zip(self.0) {
            figures.add(name, Side::App, count);
        }
    }
}
