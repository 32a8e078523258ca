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
mod fixture;
mod options;
mod proxy;
mod quota;
mod site;
mod stories;
mod torture;
mod world;

use std::process::ExitCode;

use failure::{Context, Failure, Result};
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
        // Whatever ends this, the browser, its driver and the servers end with it.
        tokio::select! {
            told = tell(&options) => told,
            () = stopped() => Err(Failure::new("stopped")),
        }
    })
}

async fn tell(options: &Options) -> Result<bool> {
    if let Some(file) = &options.fixture {
        fixture::write(options, file).await
    } else if let Some(torture) = &options.torture {
        torture::run(options, torture).await
    } else if options.bench {
        bench::run(options).await
    } else {
        stories::tell(options).await
    }
}

/// Ctrl+C, or the signal that ends a process in order.
async fn stopped() {
    #[cfg(unix)]
    if let Ok(mut ended) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = ended.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    tokio::signal::ctrl_c().await.ok();
}
