//! The project's own commands: `cargo xtask run`, `dist`, `test`, `torture`, `mutants`, `bench` and `serve`.
#![expect(
    clippy::print_stdout,
    reason = "a command-line program speaks through its standard output"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "runs on the host, where the clock of the standard library exists"
)]

mod bench;
mod browsers;
mod compress;
mod counting;
mod css;
mod dist;
mod failure;
mod headers;
mod hook;
mod html;
mod mutants;
mod policy;
mod process;
mod project;
mod run;
mod serve;
mod service_worker;
mod size;
mod split;
mod test;
mod tools;
mod torture;

use failure::{Failure, Result};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  run [--port N]                     install what is missing, build, serve on 127.0.0.1
  dist                               build dist/, ready for any static host, under any path
  test [--only a,b] [-- story …]     everything that CI checks; the names of the steps: --list
  bench [-- --only start|typing|counting|receiving|costs|offline|none] [--lighthouse]
                                     the speed figures, beside the bare page's; Lighthouse's scores
  torture [--kills N] [--seed S] [--engine leveldb|sqlite|both] [--only moment]
                                     kill -9 of Chromium at named and random moments (1000)
  torture --drops                    lines that drop after the bill: 40 points, five statuses
  mutants [--only name] [--list]     breaks each rule in a scratch copy: is it caught?
  serve <dir> [--port N] [--base /x/] [--log]
                                     serve a directory by its _headers (port 0: any free one)

Environment
  PENTIMENTO_HOSTS   further servers that a copy may call, when it is built:
                     \"https://a.example https://b.example:8443\"
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let Some((command, rest)) = arguments.split_first() else {
        print!("{HELP}");
        return Ok(());
    };
    match command.as_str() {
        "run" => run::run(rest),
        "dist" => dist::command(rest),
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "torture" => torture::run(rest),
        "mutants" => mutants::run(rest),
        "serve" => serve::command(rest),
        "hook" => hook::command(),
        "seal" => service_worker::command(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Failure::new(format!("there is no command `{other}`")).remedy(HELP)),
    }
}
