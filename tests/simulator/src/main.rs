//! The simulator by hand: `cargo run -p simulator -- --port 9321`.

use std::process::ExitCode;

use simulator::{Config, Simulator, faults};

const HELP: &str = "A server that speaks the Images API on this machine: it draws, keeps a bill, and fails on demand.

  --port NUMBER   port on 127.0.0.1 (9321; 0 for a free one)
  --app DIR       serve a built app too
  --app-path PATH under this path (/)
  --key TEXT      take this key only
  --today DATE    play this day, such as 2026-12-02";

fn main() -> ExitCode {
    match read_arguments().and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn read_arguments() -> Result<Config, String> {
    let mut config = Config {
        port: 9321,
        ..Config::default()
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--help" || name == "-h" {
            return Err(HELP.into());
        }
        let value = arguments
            .next()
            .ok_or_else(|| format!("{name} needs a value\n\n{HELP}"))?;
        match name.as_str() {
            "--port" => {
                config.port = value
                    .parse()
                    .map_err(|error| format!("--port {value}: {error}"))?;
            }
            "--app" => config.app = Some(value.into()),
            "--app-path" => config.app_path = value,
            "--key" => config.key = Some(value),
            "--today" => config.today = value,
            _ => return Err(format!("{name} is unknown\n\n{HELP}")),
        }
    }
    Ok(config)
}

fn run(config: Config) -> Result<(), String> {
    let port = config.port;
    let app = config.app.as_ref().map(|_| config.app_path.clone());
    let simulator =
        Simulator::start(config).map_err(|error| format!("port {port} on 127.0.0.1: {error}"))?;
    let address = simulator.address();
    let names: Vec<&str> = faults::NAMES.iter().map(|(name, _)| *name).collect();
    eprintln!("API address   {address}/v1");
    if let Some(path) = app {
        eprintln!("App           {address}{path}");
    }
    eprintln!("Bill          curl {address}/control/bill");
    eprintln!(
        "Next request  curl {address}/control/script -H 'content-type: application/json' -d '{{\"error\": \"rate_limit\", \"seconds\": 12}}'"
    );
    eprintln!("Errors        {}", names.join(" "));
    eprintln!("Ends with Ctrl+C.");
    loop {
        std::thread::park();
    }
}
