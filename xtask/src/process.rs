//! Child processes: each is ended by its own id, and a failed one tells its command and its output.

use crate::failure::{Context, Failure, Result};
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A child that ends with its owner, also when the owner fails.
pub(crate) struct Guard(Child);

impl Guard {
    pub(crate) fn spawn(command: &mut Command) -> Result<Self> {
        command.spawn().map(Self).map_err(|error| {
            Failure::new(format!("`{}` does not start: {error}", shown(command)))
                .remedy("check that the program is installed and on PATH")
        })
    }

    /// Waits, and calls `tick` about five times a second with the time that has passed.
    fn wait(&mut self, mut tick: impl FnMut(Duration)) -> Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(status) = self
                .0
                .try_wait()
                .context(|| "waiting for a child process".to_owned())?
            {
                return Ok(status);
            }
            tick(start.elapsed());
            std::thread::sleep(Duration::from_millis(
                if start.elapsed().as_millis() < 500 {
                    5
                } else {
                    200
                },
            ));
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.0.kill().ok();
            self.0.wait().ok();
        }
    }
}

/// The command as a person would type it, without the environment.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or(command.get_program()))
        .chain(command.get_args())
        .map(|word| {
            let word = word.to_string_lossy();
            if word.contains(' ') || word.is_empty() {
                format!("'{word}'")
            } else {
                word.into_owned()
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs with the person watching the output.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = Guard::spawn(command)?.wait(|_| ())?;
    check(command, status)
}

fn check(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!(
            "`{}` ended with {status}",
            shown(command)
        )))
    }
}

/// Runs quietly and gives what was printed on standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let done = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::new(format!("`{}` does not start: {error}", shown(command))))?;
    let text = String::from_utf8_lossy(&done.stdout).into_owned();
    let all = format!("{text}{}", String::from_utf8_lossy(&done.stderr));
    check(command, done.status).map_err(|failure| failure.output(&all))?;
    Ok(text)
}

/// Runs a long command: its output goes to a log, and every 15 seconds the person hears how far it is.
pub(crate) fn with_progress(command: &mut Command, log: &Path) -> Result<()> {
    let (out, err) = log_files(log)?;
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    let start = Instant::now();
    let mut next = Duration::from_secs(15);
    let status = Guard::spawn(command)?.wait(|passed| {
        if passed >= next {
            println!("    {:>4} s  {}", passed.as_secs(), last_line(log));
            next += Duration::from_secs(15);
        }
    })?;
    check(command, status)
        .map_err(|failure| failure.output(&std::fs::read_to_string(log).unwrap_or_default()))?;
    println!("    done in {} s", start.elapsed().as_secs());
    Ok(())
}

fn log_files(log: &Path) -> Result<(File, File)> {
    let naming = || format!("writing {}", log.display());
    if let Some(parent) = log.parent() {
        std::fs::create_dir_all(parent).context(naming)?;
    }
    let out = File::create(log).context(naming)?;
    let err = out.try_clone().context(naming)?;
    Ok((out, err))
}

fn last_line(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("…")
        .trim()
        .to_owned()
}

/// Cargo, of the toolchain that runs this program.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
