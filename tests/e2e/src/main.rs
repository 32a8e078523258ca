//! The end-to-end stories and the benchmark: a browser, the app as it is published, and the simulator.
#![expect(
    clippy::print_stdout,
    reason = "a command-line program speaks through its standard output"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "runs on the host, where the clock of the standard library exists"
)]

mod app;
mod bench;
mod browser;
mod children;
mod failure;
mod options;
mod proxy;
mod stories;
mod world;

use std::process::ExitCode;

use failure::{Context, Result};
use options::Options;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let options = Options::read()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context(|| "starting".into())?;
    runtime.block_on(async {
        if options.bench {
            bench::run(&options).await
        } else {
            stories::tell(&options).await
        }
    })
}
