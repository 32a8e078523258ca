//! What the system needs to install the app: a manifest whose icons are there, each of the size that it says.

#![expect(clippy::unwrap_used, reason = "a test: what cannot be read fails it")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn public() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("public")
}

fn manifest() -> Value {
    let text = fs::read_to_string(public().join("manifest.webmanifest")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Width and height by the head of a PNG.
fn size(file: &Path) -> String {
    let (width, height) = image::image_dimensions(file).unwrap();
    format!("{width}x{height}")
}

#[test]
fn every_icon_is_there_and_of_its_size() {
    let manifest = manifest();
    let icons = manifest["icons"].as_array().unwrap();
    for icon in icons {
        let file = public().join(icon["src"].as_str().unwrap());
        assert_eq!(icon["type"], "image/png", "{}", file.display());
        assert_eq!(icon["sizes"], size(&file).as_str(), "{}", file.display());
    }
    let has = |sizes: &str, purpose: &Value| {
        icons
            .iter()
            .any(|icon| icon["sizes"] == sizes && icon["purpose"] == *purpose)
    };
    assert!(has("192x192", &Value::Null) && has("512x512", &Value::Null));
    assert!(has("512x512", &"maskable".into()));
}

/// The app is published under any path: nothing may point to the root of a host, or to another host.
#[test]
fn every_address_is_relative() {
    fn look(at: &str, value: &Value) {
        match value {
            Value::String(text)
                if ["id", "src", "url", "scope", "start_url", "action"].contains(&at) =>
            {
                assert!(
                    !text.starts_with('/') && !text.contains("://"),
                    "{at}: {text}"
                );
            }
            Value::Array(items) => items.iter().for_each(|item| look(at, item)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| look(name, value)),
            _ => {}
        }
    }
    look("", &manifest());
}

/// In the page itself: Firefox for Android looks for the manifest once, when the page has been read.
#[test]
fn the_page_names_what_it_needs() {
    let page = fs::read_to_string(public().join("../index.html")).unwrap();
    let tag = |name: &str| page.lines().find(|line| line.contains(name)).unwrap();
    let value = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let icon = tag("rel=\"icon\"");
    assert_eq!(
        value(icon, "sizes"),
        size(&public().join(value(icon, "href")))
    );
    let manifest = value(tag("rel=\"manifest\""), "href");
    assert!(public().join(manifest).is_file());
}

/// What is shared takes the same way in three files. A window that is only brought to the front would not get it
/// (https://github.com/WICG/web-app-launch/issues/62).
#[test]
fn what_is_shared_finds_its_way() {
    let manifest = manifest();
    let target = &manifest["share_target"];
    assert_eq!(target["method"], "POST");
    assert_eq!(target["enctype"], "multipart/form-data");
    let read = |path: &str| fs::read_to_string(public().join(path)).unwrap();
    let action = target["action"].as_str().unwrap().strip_prefix("./");
    let worker = format!("new URL('{}', SCOPE)", action.unwrap());
    assert!(read("sw.js").contains(&worker), "{worker}");
    let field = target["params"]["files"][0]["name"].as_str().unwrap();
    let app = format!("FIELD: &str = \"{field}\"");
    assert!(read("../src/browser/shared.rs").contains(&app), "{app}");
    let modes = &manifest["launch_handler"]["client_mode"];
    assert!(!modes.to_string().contains("focus-existing"), "{modes}");
}
