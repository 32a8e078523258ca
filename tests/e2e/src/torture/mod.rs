//! `--torture`: kill -9 of the browser at named and random moments, and lines that drop, with the figures of both.

pub(crate) mod bell;
mod drops;
mod lane;
mod machine;
mod oracle;
mod points;

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};

use crate::children::Served;
use crate::failure::{Context, Result, ensure};
use crate::options::{Options, Torture};
use lane::Lane;
use machine::Engine;

/// Numbers that follow from a seed (splitmix64).
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

/// What came out on one engine.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    kills: usize,
    /// Kills at each named moment.
    named: BTreeMap<&'static str, usize>,
    failed_starts: usize,
    lost: usize,
    duplicates: usize,
    torn: usize,
    hidden: usize,
    undercount: u64,
    requests: usize,
    billed: u64,
    unknown: usize,
    pictures: usize,
    browser: String,
    /// What went wrong, in words.
    wrong: Vec<String>,
}

/// Tortures; prints the figures and writes them to `torture.json` or `drops.json`.
pub(crate) async fn run(options: &Options, torture: &Torture) -> Result<bool> {
    let app = Served::start(&options.xtask, &options.dist, "/")?;
    if torture.drops {
        return drops::run(options, &app).await;
    }
    let engines = Engine::parse(&torture.engine)?;
    let start = Instant::now();
    let kills = torture.kills.div_ceil(engines.len());
    let lane = async |at: usize| match engines.get(at) {
        Some(engine) => {
            let lane = Lane::open(options, &app, *engine, torture.seed + at as u64);
            lane.await?.run(kills, at).await.map(Some)
        }
        None => Ok(None),
    };
    // Side by side: one waits for its browser while the other works.
    let (first, second) = tokio::join!(lane(0), lane(1));
    let tallies: Vec<_> = engines
        .into_iter()
        .zip([first?, second?].into_iter().flatten())
        .collect();
    let seconds = start.elapsed().as_secs();
    let mut all = Vec::new();
    for (engine, tally) in &tallies {
        print(*engine, tally);
        all.push(figures(*engine, tally));
    }
    println!("\n{seconds} s, seed {}", torture.seed);
    write(
        options,
        "torture.json",
        &json!({"seed": torture.seed, "seconds": seconds, "engines": all}),
    )?;
    Ok(tallies.iter().all(|(_, tally)| tally.wrong.is_empty()))
}

fn write(options: &Options, name: &str, figures: &Value) -> Result {
    let file = options.target.join(name);
    std::fs::create_dir_all(&options.target)?;
    std::fs::write(&file, format!("{figures:#}\n"))
        .context(|| format!("writing {}", file.display()))?;
    println!("{}", file.display());
    Ok(())
}

fn print(engine: Engine, tally: &Tally) {
    println!("\n{}, IndexedDB on {}", tally.browser, engine.name());
    let named: usize = tally.named.values().sum();
    println!(
        "  kills {} ({named} at {} named moments, {} at random ones)",
        tally.kills,
        tally.named.len(),
        tally.kills - named
    );
    println!(
        "  requests {}, billed ${:.4}; pictures {}, outcomes that nobody knows {}",
        tally.requests,
        tally.billed as f64 / 1e12,
        tally.pictures,
        tally.unknown
    );
    println!(
        "  paid results lost {}, sent twice {}, torn rows {}, failed starts {}, unknown and not shown {}, ledger short by ${:.4}",
        tally.lost,
        tally.duplicates,
        tally.torn,
        tally.failed_starts,
        tally.hidden,
        tally.undercount as f64 / 1e12
    );
    for wrong in &tally.wrong {
        println!("  WRONG {wrong}");
    }
}

fn figures(engine: Engine, tally: &Tally) -> Value {
    json!({
        "engine": engine.name(),
        "browser": tally.browser,
        "kills": tally.kills,
        "named": tally.named,
        "requests": tally.requests,
        "billed_pico": tally.billed,
        "pictures": tally.pictures,
        "unknown": tally.unknown,
        "paid_results_lost": tally.lost,
        "duplicate_requests": tally.duplicates,
        "torn_rows": tally.torn,
        "failed_starts": tally.failed_starts,
        "unknown_not_shown": tally.hidden,
        "ledger_undercount_pico": tally.undercount,
        "wrong": tally.wrong,
    })
}

/// A prompt of a length that is always the same, so that replies are too.
fn prompt(name: char, number: usize) -> String {
    format!("a boat with the number {name}{number:06}")
}

fn ensure_nothing(wrong: &[String]) -> Result {
    ensure(wrong.is_empty(), || wrong.join("\n        "))
}
