//! The size budget: everything that a first load fetches, compressed as a host sends it.

use crate::compress;
use crate::failure::{Failure, Result};
use crate::project::{self, Project};
use std::path::Path;

/// Bytes of brotli in all; a promise to the person on a slow line.
const BUDGET: usize = 200_000;

/// Prints each file's size, and fails when the sum is over the budget.
pub(crate) fn check(
    project: &Project,
    directory: &Path,
    files: &[String],
    later: &[String],
) -> Result<()> {
    println!("\n  {:<34} {:>10} {:>10}", "first load", "raw", "brotli");
    let (mut raw, mut small) = (0, 0);
    for file in files {
        let bytes = project::read_bytes(&directory.join(file))?;
        let compressed = compress::brotli(&bytes, &project.own().join("brotli"))?.len();
        println!("  {file:<34} {:>10} {compressed:>10}", bytes.len());
        raw += bytes.len();
        small += compressed;
    }
    println!("  {:<34} {raw:>10} {small:>10}  of {BUDGET}\n", "in all");
    for file in later {
        let bytes = project::read_bytes(&directory.join(file))?;
        let compressed = compress::brotli(&bytes, &project.own().join("brotli"))?.len();
        println!("  later: {file:<27} {:>10} {compressed:>10}\n", bytes.len());
    }
    if small <= BUDGET {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the first load is {small} bytes of brotli, {} over the budget",
        small - BUDGET
    ))
    .remedy("look for a new dependency, a new feature of web-sys or large data in the wasm"))
}
