//! `cargo xtask torture`: kill -9 of the browser at named and random moments, and lines that drop after the bill.

use crate::failure::Result;
use crate::process;
use crate::test::{self, Context};

/// The long form takes the words of the end-to-end program: `--kills`, `--seed`, `--engine`, `--drops`, `--only`.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let words = arguments
        .strip_prefix(&["--".to_owned()][..])
        .unwrap_or(arguments);
    let context = Context::new(words)?;
    let mut command = test::stories(&context, "chromium")?;
    process::run(command.arg("--torture").args(&context.rest))
}

/// What `cargo xtask test` does of it.
pub(crate) fn short(context: &Context) -> Result<()> {
    for words in [&["--kills", "60"][..], &["--drops"]] {
        let mut command = test::stories(context, "chromium")?;
        process::run(command.arg("--torture").args(words))?;
    }
    Ok(())
}
