//! `cargo xtask run`: from a clone to an address that works.

use crate::dist;
use crate::failure::{Failure, Result};
use crate::project::Project;
use crate::serve::{self, Options};
use std::time::Instant;

const PORT: u16 = 4173;

pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let start = Instant::now();
    let port = match arguments {
        [] => None,
        [flag, number] if flag == "--port" => Some(serve::parse_port(number)?),
        _ => return Err(Failure::new("run takes only --port N")),
    };
    let project = Project::find()?;
    dist::build_if_stale(&project)?;
    let listener = match port {
        Some(port) => serve::listen(port)?,
        // An older copy may still hold the usual port.
        None => (PORT..PORT + 20)
            .find_map(|port| serve::listen(port).ok())
            .map_or_else(|| serve::listen(0), Ok)?,
    };
    let options = Options {
        directory: project.dist(),
        cache: project.own().join("brotli"),
        ..Options::default()
    };
    serve::warm(&options);
    println!(
        "\n  Pentimento is at   {}\n",
        serve::address(&listener, &options)?
    );
    println!(
        "  (ready after {:.1} s; Ctrl-C ends it)",
        start.elapsed().as_secs_f64()
    );
    serve::serve(&listener, options)
}
