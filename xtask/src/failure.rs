//! What went wrong, in the words that a person needs: what was tried, what it printed, what to do.

use std::fmt;

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// A failure of one of these commands.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    output: Option<String>,
    remedy: Option<String>,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            output: None,
            remedy: None,
        }
    }

    /// The last lines of what the failed command printed.
    pub(crate) fn output(mut self, output: &str) -> Self {
        let lines: Vec<&str> = output.trim_end().lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(40)..)
            .unwrap_or_default();
        self.output = Some(tail.join("\n"));
        self
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed: {}", self.what)?;
        if let Some(output) = self.output.as_deref().filter(|text| !text.is_empty()) {
            write!(f, "\n\n  it printed:\n")?;
            for line in output.lines() {
                write!(f, "\n  | {line}")?;
            }
        }
        if let Some(remedy) = &self.remedy {
            write!(f, "\n\n  what to do: {remedy}")?;
        }
        Ok(())
    }
}

/// Says what was being done when a call of the standard library failed.
pub(crate) trait Context<T> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|error| Failure::new(format!("{}: {error}", what())))
    }
}
