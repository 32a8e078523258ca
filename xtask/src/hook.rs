//! What happens to trunk's output: smaller wasm, names by content, integrity, the policy, `_headers`, the budget.
//!
//! index.html marks with `data-fingerprint="stem"` each tag whose file gets the name `stem-<hash>.<extension>`
//! and an integrity attribute. What the service worker keeps is written last: by then every name is final.

use crate::compress;
use crate::css;
use crate::failure::{Context, Failure, Result};
use crate::html::{self, Tag};
use crate::policy;
use crate::process;
use crate::project::{self, Project};
use crate::service_worker;
use crate::size;
use crate::split;
use crate::tools;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Called by trunk after each build (see Trunk.toml).
pub(crate) fn command() -> Result<()> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| {
            Failure::new("this command is trunk's to call")
                .remedy("call `cargo xtask dist`, or `trunk build --release`")
        })?;
    let project = Project::find()?;
    let release = std::env::var("TRUNK_PROFILE").is_ok_and(|profile| profile == "release");
    let mut rest = None;
    if release {
        let second = split::split(&project, &staging)?;
        shrink(&project, &staging.join("pentimento_bg.wasm"))?;
        shrink(&project, &second)?;
        rest = Some(split::name_rest(&staging, &second)?);
    }
    let files = finish(&project, staging, rest.as_ref())?;
    if release {
        size::check(&project, &files.staging, &files.first_load, &files.later)
    } else {
        Ok(())
    }
}

/// wasm-opt for size. The features are those that rustc uses by default for this target: the two newest of them
/// have been in every browser since 2022.
pub(crate) fn shrink(project: &Project, wasm: &Path) -> Result<()> {
    const FEATURES: [&str; 7] = [
        "--enable-bulk-memory",
        "--enable-bulk-memory-opt",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-mutable-globals",
        "--enable-reference-types",
        "--enable-multivalue",
    ];
    let mut command = Command::new(tools::wasm_opt(project)?);
    command
        .arg("-Oz")
        .args(FEATURES)
        .args(["--strip-debug", "--strip-producers"])
        .arg(wasm)
        .arg("-o")
        .arg(wasm);
    process::output(&mut command).map(drop)
}

/// The files of a build while their names become final.
struct Files {
    staging: PathBuf,
    source: PathBuf,
    /// Old name → new name and integrity.
    named: BTreeMap<String, (String, String)>,
    /// What a first visit fetches, in the order of the page.
    first_load: Vec<String>,
    /// What the app asks for once it runs.
    later: Vec<String>,
    /// For the `Link` header of the page: what the browser should ask for before it has read the page.
    early: Vec<String>,
}

fn finish(project: &Project, staging: PathBuf, rest: Option<&split::Rest>) -> Result<Files> {
    let index = staging.join("index.html");
    let page = project::read(&index)?;
    let mut files = Files {
        staging,
        source: project.root.clone(),
        named: BTreeMap::new(),
        first_load: vec!["index.html".to_owned()],
        later: rest.map(|rest| rest.name.clone()).into_iter().collect(),
        early: Vec::new(),
    };
    let hosts = policy::hosts()?;
    let policy = policy::content_security_policy(&hosts);
    let page = html::rewrite(&page, |tag| {
        html::refuse_inline(tag)?;
        files.fingerprint(tag)
    })?;
    let mut tags = files.snippets()?;
    tags.extend(rest.map(rest_tag));
    let page = with_policy(&page, &policy, &hosts, &tags)?;
    project::write(&index, page)?;
    let mut hashed: Vec<String> = files.named.values().map(|(name, _)| name.clone()).collect();
    hashed.extend_from_slice(&files.later);
    hashed.sort();
    hashed.dedup();
    project::write(
        &files.staging.join("_headers"),
        policy::headers_file(&policy, &files.early, &hashed),
    )?;
    service_worker::seal(&files.staging)?;
    Ok(files)
}

/// Names the second file of wasm to whoever fetches it.
fn rest_tag(rest: &split::Rest) -> String {
    let mut tag = Tag::new("meta");
    tag.set("id", split::PLACE);
    tag.set("name", split::PLACE);
    tag.set("content", &format!("./{}", rest.name));
    tag.set("data-integrity", &rest.integrity);
    format!("\n{}", tag.to_html())
}

/// The policy covers only what stands after it: so it is the first element after the charset.
fn with_policy(page: &str, policy: &str, hosts: &[String], more: &str) -> Result<String> {
    const CHARSET: &str = "<meta charset=\"utf-8\">";
    let mut first = None;
    html::rewrite(page, |tag| {
        let outer = ["html", "head"].contains(&tag.name.as_str());
        if !outer && first.is_none() {
            first = Some(tag.to_html());
        }
        Ok(false)
    })?;
    if first.as_deref() != Some(CHARSET) || !page.contains(CHARSET) {
        return Err(Failure::new(format!(
            "index.html: the first element of <head> must be {CHARSET}"
        )));
    }
    let mut tags = meta("http-equiv", "Content-Security-Policy", policy);
    tags.push_str(&meta("name", "referrer", "no-referrer"));
    if !hosts.is_empty() {
        tags.push_str(&meta("name", "pentimento-hosts", &hosts.join(" ")));
    }
    tags.push_str(more);
    Ok(page.replacen(CHARSET, &format!("{CHARSET}{tags}"), 1))
}

fn meta(kind: &str, name: &str, content: &str) -> String {
    let mut tag = Tag::new("meta");
    tag.set(kind, name);
    tag.set("content", content);
    format!("\n{}", tag.to_html())
}

impl Files {
    /// Gives the file that a marked tag names its final name and the tag its integrity.
    fn fingerprint(&mut self, tag: &mut Tag) -> Result<bool> {
        let Some(stem) = tag.get("data-fingerprint").map(str::to_owned) else {
            return Ok(false);
        };
        let attribute = ["href", "src", "content"]
            .into_iter()
            .find(|name| tag.get(name).is_some())
            .ok_or_else(|| {
                Failure::new(format!(
                    "index.html: {} has data-fingerprint but names no file",
                    tag.to_html()
                ))
            })?;
        let old = tag
            .get(attribute)
            .unwrap_or_default()
            .trim_start_matches("./")
            .to_owned();
        let (new, integrity) = self.rename(&stem, &old)?;
        let fetched = ["stylesheet", "preload", "modulepreload"]
            .into_iter()
            .any(|rel| tag.is("link", rel));
        if fetched || tag.name == "script" {
            self.first_load.push(new.clone());
        } else {
            self.later.push(new.clone());
        }
        // The largest file: on a slow machine the page is read a good while after it has come.
        if tag.get("as") == Some("fetch") {
            self.early
                .push(format!("<./{new}>; rel=preload; as=fetch; crossorigin"));
        }
        // Browsers check the integrity of scripts and sheets; whoever fetches the rest hands it to fetch().
        let checked = tag.name == "script" || (fetched && tag.get("as") != Some("fetch"));
        let name = if checked {
            "integrity"
        } else {
            "data-integrity"
        };
        tag.set(name, &integrity);
        tag.set(attribute, &format!("./{new}"));
        tag.remove("data-fingerprint");
        Ok(true)
    }

    fn rename(&mut self, stem: &str, old: &str) -> Result<(String, String)> {
        if let Some(known) = self.named.get(old) {
            return Ok(known.clone());
        }
        let extension = Path::new(old)
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let staged = self.staging.join(old);
        let bytes = if extension == "css" {
            let sheet = css::flatten(&self.source.join(old))?;
            css::rewrite_urls(&sheet, |url| self.style_asset(url))?.into_bytes()
        } else {
            let bytes = project::read_bytes(&staged)?;
            std::fs::remove_file(&staged).context(|| format!("removing {old}"))?;
            bytes
        };
        let hash = compress::hex(&bytes);
        let new = format!("{stem}-{}.{extension}", hash.get(..16).unwrap_or(&hash));
        project::write(&self.staging.join(&new), &bytes)?;
        let done = (new, compress::integrity(&bytes));
        self.named.insert(old.to_owned(), done.clone());
        Ok(done)
    }

    /// A font or picture that the sheet names, relative to public/. Fonts count as fetched by a first load.
    fn style_asset(&mut self, url: &str) -> Result<Option<String>> {
        if url.starts_with("data:") || url.starts_with('#') {
            return Ok(None);
        }
        let stem = Path::new(url)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let (new, _) = self.rename(&stem, url.trim_start_matches("./"))?;
        if !self.first_load.contains(&new) {
            self.first_load.push(new.clone());
        }
        Ok(Some(format!("\"./{new}\"")))
    }

    /// Small modules that crates bring along: the glue imports them by a fixed path, so they keep their names,
    /// and are covered by the integrity of a module preload.
    fn snippets(&mut self) -> Result<String> {
        let directory = self.staging.join("snippets");
        if !directory.is_dir() {
            return Ok(String::new());
        }
        let mut tags = String::new();
        for path in project::files_under(&directory)? {
            let relative = path
                .strip_prefix(&self.staging)
                .unwrap_or(&path)
                .to_string_lossy()
                .into_owned();
            let mut tag = Tag::new("link");
            tag.set("rel", "modulepreload");
            tag.set("href", &format!("./{relative}"));
            tag.set(
                "integrity",
                &compress::integrity(&project::read_bytes(&path)?),
            );
            tags.push_str(&format!("\n{}", tag.to_html()));
            self.first_load.push(relative);
        }
        Ok(tags)
    }
}
