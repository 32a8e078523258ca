//! Reads a `_headers` file, as the hosts that know it do.

pub(crate) struct Rules(Vec<Rule>);

struct Rule {
    pattern: String,
    headers: Vec<(String, String)>,
}

impl Rules {
    /// Unindented lines are paths; the indented lines below each are its headers.
    pub(crate) fn parse(text: &str) -> Self {
        let mut rules: Vec<Rule> = Vec::new();
        for line in text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        {
            if !line.starts_with([' ', '\t']) {
                rules.push(Rule {
                    pattern: line.trim().to_owned(),
                    headers: Vec::new(),
                });
            } else if let (Some(rule), Some((name, value))) =
                (rules.last_mut(), line.split_once(':'))
            {
                rule.headers
                    .push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Self(rules)
    }

    pub(crate) fn for_path(&self, path: &str) -> Vec<(&str, &str)> {
        self.0
            .iter()
            .filter(|rule| matches(&rule.pattern, path))
            .flat_map(|rule| {
                rule.headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
            })
            .collect()
    }
}

/// `*` stands for anything, once in a pattern.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, end)) => {
            path.len() >= start.len() + end.len() && path.starts_with(start) && path.ends_with(end)
        }
        None => pattern == path,
    }
}
