//! Serves the built app as a static host does, with the `_headers` file's headers, and can be stopped like one.

use std::path::{Component, Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};

/// A file of the app, or 404.
pub(crate) async fn file(root: &Path, base: &str, method: &Method, path: &str) -> Response<Body> {
    let base = base.trim_end_matches('/');
    let Some(inner) = path.strip_prefix(base).filter(|rest| rest.starts_with('/')) else {
        return plain(StatusCode::NOT_FOUND);
    };
    if method != Method::GET && method != Method::HEAD {
        return plain(StatusCode::METHOD_NOT_ALLOWED);
    }
    let Some(file) = inside(root, inner) else {
        return plain(StatusCode::NOT_FOUND);
    };
    let Ok(bytes) = tokio::fs::read(&file).await else {
        return plain(StatusCode::NOT_FOUND);
    };
    let length = bytes.len();
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        Body::from(bytes)
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime(&file)));
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let rules = tokio::fs::read_to_string(root.join("_headers"))
        .await
        .unwrap_or_default();
    for (name, value) in extra_headers(&rules, inner) {
        headers.insert(name, value);
    }
    response
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from(status.to_string()));
    *response.status_mut() = status;
    response
}

/// The file of a path, which never leads out of the directory.
fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    let plain = relative
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    let file = root.join(relative);
    match (plain, file.is_dir()) {
        (false, _) => None,
        (true, true) => Some(file.join("index.html")),
        (true, false) => Some(file),
    }
}

fn mime(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The headers of all blocks whose path fits: a path on a line of its own, `*` for anything, headers indented below it.
fn extra_headers(rules: &str, path: &str) -> Vec<(HeaderName, HeaderValue)> {
    let (mut found, mut fits) = (Vec::new(), false);
    for line in rules
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        if !line.starts_with([' ', '\t']) {
            fits = path_fits(line.trim(), path);
            continue;
        }
        if let Some((name, value)) = line.split_once(':').filter(|_| fits)
            && let (Ok(name), Ok(value)) =
                (name.trim().parse(), HeaderValue::from_str(value.trim()))
        {
            found.push((name, value));
        }
    }
    found
}

fn path_fits(pattern: &str, path: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else {
        return false;
    };
    let mut open = false;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = if part.is_empty() {
            ""
        } else {
            &rest[at + part.len()..]
        };
        open = part.is_empty();
    }
    rest.is_empty() || open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_follow_the_patterns() {
        let rules = "# all\n/*\n  X-A: 1\n/\n  X-B: 2\n/assets/*.js\n  Cache-Control: immutable\n";
        let names = |path| {
            extra_headers(rules, path)
                .into_iter()
                .map(|(name, _)| name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(names("/"), ["x-a", "x-b"]);
        assert_eq!(names("/assets/app.js"), ["x-a", "cache-control"]);
        assert_eq!(names("/assets/app.css"), ["x-a"]);
    }

    #[test]
    fn paths_stay_inside() {
        let root = Path::new("/srv/app");
        assert!(inside(root, "/../secret").is_none());
        assert_eq!(inside(root, "/a/b.js"), Some("/srv/app/a/b.js".into()));
    }
}
