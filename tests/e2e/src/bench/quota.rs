//! Results that are paid for while no space is left: whether any is lost, and whether any is called saved that is not.

use super::figures::Figures;
use super::{Bench, Side};
use crate::app::App;
use crate::failure::{Context, Result};
use crate::quota;

const STEPS: u64 = 200;
/// So large that some of the steps leave room for it and some do not.
const BYTES: u64 = 9_000_000;

pub(super) async fn measure(bench: &Bench<'_>, figures: &mut Figures) -> Result {
    let (lost, false_saved) = ("quota: results lost", "quota: called saved and not");
    let held = "quota: held in memory, then saved";
    figures.expect(lost, "of 200", Some(0.0));
    figures.expect(false_saved, "of 200", Some(0.0));
    figures.expect(held, "of 200", None);
    bench.erase(Side::App).await?;
    bench.open(Side::App).await?;
    bench.simulator.reset();
    let app = App::new(bench.browser, bench.address(Side::App));
    quota::prepare(app).await?;
    let mut counts = [0.0; 3];
    for steps in 0..STEPS {
        let outcome = quota::at_step(app, bench.simulator, steps, BYTES)
            .await
            .context(|| format!("quota at step {steps}"))?;
        let one = |is: bool| f64::from(u8::from(is));
        counts[0] += one(outcome.is_lost);
        counts[1] += one(outcome.is_false);
        counts[2] += one(outcome.is_held);
    }
    quota::lift(app).await?;
    for (name, count) in [lost, false_saved, held].into_iter().zip(counts) {
        figures.add(name, Side::App, count);
    }
    Ok(())
}
