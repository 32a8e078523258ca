//! What the service worker keeps: every file of a build with its hash, written into `sw.js` when all names are final.

use crate::compress;
use crate::failure::{Failure, Result};
use crate::project;
use std::path::Path;

const WORKER: &str = "sw.js";
/// What hosts read, and what a worker must never answer for.
const NOT_KEPT: [&str; 3] = [WORKER, "sw-kill.js", "_headers"];
/// The page is asked for by the address of its directory: hosts may redirect from its file name.
const PAGE: (&str, &str) = ("index.html", "./");

const BUILD_LINE: &str = "const BUILD = ";
const FILES_LINE: &str = "const FILES = ";

/// `cargo xtask seal <dir>`: after a change of a file in a copy of `dist/`, makes it a build of its own.
pub(crate) fn command(arguments: &[String]) -> Result<()> {
    match arguments {
        [directory] => seal(Path::new(directory)),
        _ => Err(Failure::new("seal takes a directory")),
    }
}

/// Writes into the directory's `sw.js` what the directory holds. The same files give the same text.
pub(crate) fn seal(directory: &Path) -> Result<()> {
    let worker = directory.join(WORKER);
    let files = hashes(directory)?;
    let code = with_line(&project::read(&worker)?, BUILD_LINE, "\"none\"")?;
    let code = with_line(&code, FILES_LINE, &files)?;
    // Another worker, or other files: another build, which must not touch the cache of the one in use.
    let id = compress::hex(code.as_bytes());
    let id = format!("\"{}\"", id.get(..16).unwrap_or(&id));
    project::write(&worker, with_line(&code, BUILD_LINE, &id)?)
}

/// An object of JavaScript: address → hash.
fn hashes(directory: &Path) -> Result<String> {
    let mut lines = Vec::new();
    for path in project::files_under(directory)? {
        let inside = path.strip_prefix(directory).unwrap_or(&path);
        let name = inside.to_string_lossy().replace('\\', "/");
        // What is hidden is left over from a build that broke off: hosts do not serve it, and a worker that waits for it waits
        // for ever.
        let is_hidden = name.split('/').any(|part| part.starts_with('.'));
        if is_hidden || NOT_KEPT.contains(&name.as_str()) {
            continue;
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        if !name.chars().all(is_plain) {
            return Err(
                Failure::new(format!("`{name}` is no name for a file of a build"))
                    .remedy("use letters, digits, `-`, `_` and `.`"),
            );
        }
        let address = if name == PAGE.0 { PAGE.1 } else { &name };
        let integrity = compress::integrity(&project::read_bytes(&path)?);
        lines.push(format!("\"{address}\":\"{integrity}\""));
    }
    Ok(format!("{{{}}}", lines.join(",")))
}

/// The text with another value in the line that begins so.
fn with_line(code: &str, start: &str, value: &str) -> Result<String> {
    let old = code.lines().find(|line| line.starts_with(start));
    let old = old.ok_or_else(|| Failure::new(format!("{WORKER} has no line `{start}…`")))?;
    Ok(code.replacen(old, &format!("{start}{value};"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const CODE: &str = include_str!("../../public/sw.js");

    /// A small build; gone when dropped.
    struct Build(PathBuf);

    impl Build {
        fn new(name: &str) -> Self {
            let directory =
                std::env::temp_dir().join(format!("pentimento-seal-{name}-{}", std::process::id()));
            let build = Self(directory);
            for (file, text) in [
                (WORKER, CODE),
                ("sw-kill.js", "kill"),
                ("_headers", "/*"),
                ("index.html", "<!doctype html>"),
                ("app-1.js", "a"),
                ("snippets/x/y.js", "b"),
                (".stage/app-0.js", "left over"),
                (".nojekyll", ""),
            ] {
                build.put(file, text);
            }
            build
        }

        fn put(&self, file: &str, text: &str) {
            project::write(&self.0.join(file), text).unwrap();
        }

        /// What `sw.js` says after a seal: the name of the build, and its files.
        fn sealed(&self) -> (String, String) {
            seal(&self.0).unwrap();
            let code = project::read(&self.0.join(WORKER)).unwrap();
            let line = |start: &str| {
                let line = code.lines().find_map(|line| line.strip_prefix(start));
                line.unwrap().to_owned()
            };
            (line(BUILD_LINE), line(FILES_LINE))
        }
    }

    impl Drop for Build {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).ok();
        }
    }

    #[test]
    fn every_file_is_listed_with_what_browsers_compute() {
        let (_, files) = Build::new("list").sealed();
        let expected = [
            ("app-1.js", "a"),
            ("./", "<!doctype html>"),
            ("snippets/x/y.js", "b"),
        ];
        let lines = expected
            .map(|(name, text)| format!("\"{name}\":\"{}\"", compress::integrity(text.as_bytes())));
        assert_eq!(files, format!("{{{}}};", lines.join(",")));
    }

    #[test]
    fn the_name_of_a_build_follows_every_byte_of_it() {
        let build = Build::new("name");
        let first = build.sealed();
        assert_eq!(build.sealed(), first, "sealed twice");
        build.put("app-1.js", "c");
        let second = build.sealed();
        assert!(second.0 != first.0 && second.1 != first.1);
        let code = project::read(&build.0.join(WORKER)).unwrap();
        build.put(WORKER, &format!("{code}// mended\n"));
        let third = build.sealed();
        assert!(third.0 != second.0 && third.1 == second.1);
    }

    #[test]
    fn what_cannot_be_sealed_is_refused() {
        let build = Build::new("bad");
        build.put("a b.js", "x");
        assert!(seal(&build.0).is_err());
        std::fs::remove_file(build.0.join("a b.js")).unwrap();
        build.put(WORKER, "const BUILD = 1;\n");
        assert!(seal(&build.0).is_err());
    }

    #[test]
    fn the_worker_is_short() {
        assert!(CODE.lines().count() < 150);
    }
}
