//! Imports look down, files say what they are, and the map names every layer.

#![expect(clippy::unwrap_used, reason = "a test: what cannot be read fails it")]

use std::fs;
use std::path::{Path, PathBuf};

/// A layer, the layers it may name, and what else it must not name.
const LAYERS: [(&str, &[&str], &[&str]); 5] = [
    (
        "domain",
        &["domain"],
        &["leptos", "web_sys", "js_sys", "wasm_bindgen", "gloo"],
    ),
    (
        "api",
        &["api", "domain"],
        &["leptos", "web_sys", "js_sys", "wasm_bindgen", "gloo"],
    ),
    (
        "browser",
        &["browser", "api", "domain"],
        &["leptos::prelude", "reactive_stores"],
    ),
    (
        "state",
        &["state", "browser", "api", "domain"],
        &["web_sys", "js_sys", "wasm_bindgen", "gloo"],
    ),
    ("ui", &["ui", "state", "domain"], &["js_sys", "gloo"]),
];
const ALL: [&str; 6] = ["domain", "api", "browser", "state", "ui", "app"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Code lines with their numbers; comments say what they like.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.split("//").next().unwrap_or_default()));
    lines.filter(|(_, line)| !line.trim().is_empty())
}

fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !is_word(before) && (word.ends_with("::") || !is_word(after) || word == "gloo")
    })
}

#[test]
fn imports_look_down() {
    let mut offences = Vec::new();
    for (layer, may_name, must_not_name) in LAYERS {
        for file in rust_files(&root().join("src").join(layer)) {
            let text = fs::read_to_string(&file).unwrap();
            for (number, line) in code(&text) {
                let above = ALL.iter().filter(|other| !may_name.contains(other));
                let mut found: Vec<String> = above
                    .filter(|other| names(line, &format!("crate::{other}")))
                    .map(|other| format!("crate::{other}"))
                    .collect();
                found.extend(
                    must_not_name
                        .iter()
                        .filter(|word| names(line, word))
                        .map(|word| (*word).to_owned()),
                );
                offences.extend(
                    found
                        .into_iter()
                        .map(|word| format!("{}:{number} names {word}", file.display())),
                );
            }
        }
    }
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn every_file_opens_by_saying_what_it_is() {
    let mut silent = Vec::new();
    for folder in ["src", "tests", "xtask"] {
        for file in rust_files(&root().join(folder)) {
            if !fs::read_to_string(&file).unwrap().starts_with("//! ") {
                silent.push(file.display().to_string());
            }
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn the_map_names_every_layer_and_style_follows_ui() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(
            ["lib", "main"].contains(&name.as_str()) || map.contains(&format!("[`{name}`]")),
            "{name}"
        );
    }
    for entry in fs::read_dir(root().join("src/ui")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(
            name == "mod" || root().join(format!("style/{name}.css")).exists(),
            "style/{name}.css"
        );
    }
}

/// The page opens the database by its name before the app that gave it that name is there.
#[test]
fn the_page_opens_the_database_of_the_app() {
    let read = |path: &str| fs::read_to_string(root().join(path)).unwrap();
    let (app, page) = (
        read("src/browser/database/opening.rs"),
        read("public/boot.js"),
    );
    assert!(app.contains("const NAME: &str = \"studio\";"));
    assert!(page.contains("indexedDB.open('studio')"));
    assert!(app.contains("const OPENING: &str = \"opening\";"));
    assert!(page.contains("document.opening = "));
    // Another page than the first one that the library asks for would be read for nothing.
    assert!(read("src/state/library.rs").contains("const PAGE: u32 = 30;"));
    assert!(page.contains("count: 30,"));
}

/// Models are data: a name in code is a rule that the data file cannot change.
#[test]
fn no_code_names_a_model() {
    let mut named = Vec::new();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let found = code(shipped).filter(|(_, line)| {
            ["gpt-image", "dall-e", "chatgpt-"]
                .iter()
                .any(|name| line.contains(name))
        });
        named.extend(found.map(|(number, _)| format!("{}:{number}", file.display())));
    }
    assert!(named.is_empty(), "{}", named.join("\n"));
}

/// Text of others must never become markup or code.
#[test]
fn no_markup_is_made_from_text() {
    let banned = [
        "inner_html",
        "outer_html",
        "insert_adjacent_html",
        "js_sys::eval",
        "Function::new_",
    ];
    let mut found = Vec::new();
    for file in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&file).unwrap();
        let lines = code(&text).filter(|(_, line)| banned.iter().any(|word| line.contains(word)));
        found.extend(lines.map(|(number, _)| format!("{}:{number}", file.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Two keys look like one: nothing in the repository may be mistaken for a secret.
#[test]
fn nothing_looks_like_a_key() {
    for folder in ["src", "tests", "xtask", "style", "public", "docs"] {
        let mut waiting = vec![root().join(folder)];
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(
                    fs::read_dir(&path)
                        .unwrap()
                        .map(|entry| entry.unwrap().path()),
                );
            } else if let Ok(text) = fs::read_to_string(&path) {
                assert!(
                    !pentimento::domain::secret::looks_like_key(&text),
                    "{}",
                    path.display()
                );
            }
        }
    }
}
