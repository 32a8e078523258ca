//! One stylesheet out of style/: imports are put in their place, comments and indentation are left out.

use crate::failure::{Failure, Result};
use crate::project;
use std::path::Path;

/// The sheet at `path` with everything it imports, in the order in which it is imported.
pub(crate) fn flatten(path: &Path) -> Result<String> {
    let text = strip(&project::read(path)?);
    let directory = path.parent().unwrap_or(path);
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match line.strip_prefix("@import") {
            Some(import) => out.push_str(&imported(directory, import)?),
            None => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    Ok(out)
}

/// `@import "file.css";` or `@import "file.css" layer(name);`, each on a line of its own.
fn imported(directory: &Path, import: &str) -> Result<String> {
    let bad = || {
        Failure::new(format!("style: cannot read `@import{import}`"))
            .remedy("write `@import \"file.css\";` or `@import \"file.css\" layer(name);` on a line of its own")
    };
    let mut parts = import
        .trim()
        .strip_suffix(';')
        .ok_or_else(bad)?
        .splitn(3, '"');
    let (Some(""), Some(file), Some(rest)) =
        (parts.next().map(str::trim), parts.next(), parts.next())
    else {
        return Err(bad());
    };
    let text = flatten(&directory.join(file))?;
    match rest.trim() {
        "" => Ok(text),
        layer => {
            let name = layer
                .strip_prefix("layer(")
                .and_then(|name| name.strip_suffix(')'))
                .ok_or_else(bad)?;
            Ok(format!("@layer {name} {{\n{text}}}\n"))
        }
    }
}

/// Without comments, indentation and empty lines; strings stay as they are.
fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['/', '"', '\'']) {
        out.push_str(rest.get(..at).unwrap_or_default());
        let from = rest.get(at..).unwrap_or_default();
        let length = if from.starts_with("/*") {
            from.get(2..)
                .and_then(|inner| inner.find("*/"))
                .map_or(from.len(), |end| end + 4)
        } else if from.starts_with('/') {
            out.push('/');
            1
        } else {
            let end = string_length(from);
            out.push_str(from.get(..end).unwrap_or_default());
            end
        };
        rest = from.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
        + "\n"
}

/// The length of the quoted string at the start of `text`, quotes included.
fn string_length(text: &str) -> usize {
    let mut characters = text.char_indices();
    let quote = characters.next().map(|(_, quote)| quote);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if Some(character) == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Gives every relative `url(…)` of a sheet to `change`, and writes what it answers.
pub(crate) fn rewrite_urls(
    sheet: &str,
    mut change: impl FnMut(&str) -> Result<Option<String>>,
) -> Result<String> {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(at) = rest.find("url(") {
        let (before, from) = rest.split_at(at + 4);
        out.push_str(before);
        let end = from.find(')').unwrap_or(from.len());
        let (written, after) = from.split_at(end);
        let address = written.trim().trim_matches(['"', '\'']);
        match change(address)? {
            Some(new) => out.push_str(&new),
            None => out.push_str(written),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_strings_stay() {
        let sheet =
            "/* a\n b */\n  p {\n    content: \"/* \\\" kept */\"; /* x */\n  }\n a { b: c / d }\n";
        assert_eq!(
            strip(sheet),
            "p {\ncontent: \"/* \\\" kept */\";\n}\na { b: c / d }\n"
        );
    }

    #[test]
    fn addresses_are_rewritten_whatever_their_quotes() {
        let sheet = "a{b:url(\"x.woff2\")}c{d:url( y.png )}e{f:url(data:z)}";
        let out = rewrite_urls(sheet, |url| {
            Ok((!url.starts_with("data:")).then(|| format!("./{url}")))
        });
        assert_eq!(
            out.unwrap(),
            "a{b:url(./x.woff2)}c{d:url(./y.png)}e{f:url(data:z)}"
        );
    }
}
