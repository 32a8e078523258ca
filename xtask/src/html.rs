//! Just enough HTML to rewrite the start tags of our own page, and to refuse what the policy would block.

use crate::failure::{Failure, Result};

/// One start tag as it stands in the text.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    attributes: Vec<(String, Option<String>)>,
}

impl Tag {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            attributes: Vec::new(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_deref().unwrap_or_default())
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        match self.attributes.iter_mut().find(|(key, _)| key == name) {
            Some(attribute) => attribute.1 = Some(value.to_owned()),
            None => self
                .attributes
                .push((name.to_owned(), Some(value.to_owned()))),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.attributes.retain(|(key, _)| key != name);
    }

    pub(crate) fn is(&self, name: &str, relation: &str) -> bool {
        self.name == name
            && self
                .get("rel")
                .is_some_and(|rel| rel.split_whitespace().any(|word| word == relation))
    }

    pub(crate) fn to_html(&self) -> String {
        let mut out = format!("<{}", self.name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(name);
            if let Some(value) = value {
                out.push_str("=\"");
                out.push_str(&value.replace('&', "&amp;").replace('"', "&quot;"));
                out.push('"');
            }
        }
        out.push('>');
        out
    }
}

/// Gives every start tag to `change`; `None` leaves it as it is written.
pub(crate) fn rewrite(
    html: &str,
    mut change: impl FnMut(&mut Tag) -> Result<bool>,
) -> Result<String> {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (text, from) = rest.split_at(start);
        out.push_str(text);
        let end = if from.starts_with("<!--") {
            end_after(from, "-->")?
        } else if from
            .get(1..2)
            .is_some_and(|next| next.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            let (mut tag, end) = parse(from)?;
            let written = from.get(..end).unwrap_or_default();
            let changed = change(&mut tag)?;
            out.push_str(if changed { "" } else { written });
            if changed {
                out.push_str(&tag.to_html());
            }
            rest = from.get(end..).unwrap_or_default();
            rest = copy_raw_text(&tag.name, rest, &mut out)?;
            continue;
        } else {
            1
        };
        out.push_str(from.get(..end).unwrap_or_default());
        rest = from.get(end..).unwrap_or_default();
    }
    out.push_str(rest);
    Ok(out)
}

/// What stands inside these elements is text, whatever it looks like.
fn copy_raw_text<'a>(name: &str, rest: &'a str, out: &mut String) -> Result<&'a str> {
    if !["script", "style", "textarea", "title"].contains(&name) {
        return Ok(rest);
    }
    let close = format!("</{name}");
    let end = rest
        .find(&close)
        .ok_or_else(|| Failure::new(format!("index.html never closes a <{name}>")))?;
    let (text, rest) = rest.split_at(end);
    if name == "script" && !text.trim().is_empty() {
        return Err(Failure::new(
            "index.html holds an inline script, which the content security policy forbids",
        )
        .output(text)
        .remedy("move it to a file in public/, or into public/boot.js"));
    }
    out.push_str(text);
    Ok(rest)
}

fn end_after(text: &str, pattern: &str) -> Result<usize> {
    text.find(pattern)
        .map(|at| at + pattern.len())
        .ok_or_else(|| Failure::new(format!("index.html lacks a closing `{pattern}`")))
}

/// Reads a start tag; gives its length too.
fn parse(text: &str) -> Result<(Tag, usize)> {
    let unclosed = || {
        Failure::new("index.html has a tag that is never closed")
            .output(text.get(..80).unwrap_or(text))
    };
    let name_end = text
        .find(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .ok_or_else(unclosed)?;
    let mut tag = Tag::new(
        &text
            .get(1..name_end)
            .unwrap_or_default()
            .to_ascii_lowercase(),
    );
    let mut at = name_end;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let skipped = rest.len()
            - rest
                .trim_start_matches(|c: char| c.is_whitespace() || c == '/')
                .len();
        at += skipped;
        let rest = text.get(at..).unwrap_or_default();
        if rest.starts_with('>') {
            return Ok((tag, at + 1));
        }
        let (attribute, length) = parse_attribute(rest).ok_or_else(unclosed)?;
        tag.attributes.push(attribute);
        at += length;
    }
}

fn parse_attribute(text: &str) -> Option<((String, Option<String>), usize)> {
    let name_end = text.find(|c: char| c.is_whitespace() || "=>/".contains(c))?;
    let name = text.get(..name_end)?.to_ascii_lowercase();
    let after = text.get(name_end..)?;
    let Some(value) = after.strip_prefix('=') else {
        return Some(((name, None), name_end));
    };
    let quote = value.chars().next()?;
    if quote == '"' || quote == '\'' {
        let inner = value.get(1..)?;
        let end = inner.find(quote)?;
        return Some((
            (name, Some(unescape(inner.get(..end)?))),
            name_end + 1 + end + 2,
        ));
    }
    let end = value.find(|c: char| c.is_whitespace() || c == '>')?;
    Some((
        (name, Some(unescape(value.get(..end)?))),
        name_end + 1 + end,
    ))
}

fn unescape(value: &str) -> String {
    value
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// What the policy would block in a browser is refused here, where it is easier to see.
pub(crate) fn refuse_inline(tag: &Tag) -> Result<()> {
    let handler = tag
        .attributes
        .iter()
        .map(|(name, _)| name.as_str())
        .find(|name| name.starts_with("on"));
    let reason = match tag.name.as_str() {
        "script" if tag.get("src").is_none() => "an inline script",
        "style" => "a <style> element",
        "base" => "a <base> element, under which a copy works at one address only",
        _ if tag.get("style").is_some() => "a style attribute",
        _ if handler.is_some() => "an inline event handler",
        _ => return Ok(()),
    };
    Err(Failure::new(format!("index.html holds {reason}: {}", tag.to_html()))
        .remedy("scripts go to public/boot.js, styles to style/: the content security policy allows nothing inline"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_stays_as_written() {
        let html = "<!doctype html>\n<!-- <b onclick=1> --><p CLASS=a hidden>1 < 2<br/><textarea><i></textarea></p>";
        let same = rewrite(html, |_| Ok(false)).unwrap();
        assert_eq!(same, html);
    }

    #[test]
    fn attributes_are_read_in_every_spelling_and_written_in_one() {
        let html = "<link rel='preload' href=\"a&amp;b\" crossorigin as=fetch/>";
        let same = rewrite(html, |tag| {
            assert!(tag.is("link", "preload"));
            assert_eq!(tag.get("href"), Some("a&b"));
            tag.remove("rel");
            tag.set("href", "c\"d");
            Ok(true)
        });
        assert_eq!(
            same.unwrap(),
            "<link href=\"c&quot;d\" crossorigin as=\"fetch/\">"
        );
    }

    #[test]
    fn inline_code_and_style_are_refused() {
        for html in [
            "<script>alert()</script>",
            "<style></style>",
            "<p style=\"a\">",
            "<p onclick=x>",
            "<base href=/>",
        ] {
            assert!(
                rewrite(html, |tag| refuse_inline(tag).map(|()| false)).is_err(),
                "{html}"
            );
        }
    }
}
