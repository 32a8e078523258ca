//! The server, asked over a real socket.

use super::*;
use std::net::SocketAddr;

fn site(name: &str, base: &str) -> SocketAddr {
    let directory =
        std::env::temp_dir().join(format!("pentimento-serve-{name}-{}", std::process::id()));
    project::write(&directory.join("index.html"), "<p>".repeat(100)).unwrap();
    project::write(&directory.join("app.wasm"), b"\0asm").unwrap();
    project::write(
        &directory.join("_headers"),
        "/*\n  X-A: 1\n  Strict-Transport-Security: x\n/\n  X-B: 2\n",
    )
    .unwrap();
    let cache = directory.join(".cache");
    let options = Options {
        directory,
        cache,
        base: base.to_owned(),
        log: false,
    };
    let listener = listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || serve(&listener, options).unwrap());
    address
}

/// Sends raw bytes, and reads until the server closes.
fn ask(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    String::from_utf8_lossy(&reply).into_owned()
}

fn get(address: SocketAddr, path: &str, more: &str) -> String {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n"),
    )
}

#[test]
fn the_page_comes_with_its_headers_and_without_hsts() {
    let reply = get(site("page", "/"), "/", "");
    assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    for expected in [
        "X-A: 1",
        "X-B: 2",
        "Content-Type: text/html; charset=utf-8",
        "Content-Length: 300",
    ] {
        assert!(reply.contains(expected), "{expected} in {reply}");
    }
    assert!(!reply.contains("Strict-Transport"), "{reply}");
}

#[test]
fn text_is_compressed_for_those_who_accept_it() {
    let reply = get(
        site("br", "/"),
        "/index.html",
        "Accept-Encoding: gzip, deflate, br, zstd\r\n",
    );
    assert!(reply.contains("Content-Encoding: br"), "{reply}");
    assert!(!reply.contains("Content-Length: 300"), "{reply}");
}

#[test]
fn wasm_has_the_type_that_streaming_needs() {
    assert!(get(site("wasm", "/"), "/app.wasm?x=1", "").contains("Content-Type: application/wasm"));
}

#[test]
fn nothing_outside_the_directory_is_served() {
    let address = site("safe", "/");
    for path in [
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "//etc/passwd",
        "/_headers",
        "/.cache",
        "/..%5cx",
        "/%ff",
        "/no",
    ] {
        assert!(get(address, path, "").starts_with("HTTP/1.1 404"), "{path}");
    }
}

#[test]
fn under_a_base_only_the_base_exists() {
    let address = site("base", "/a/b/");
    assert!(get(address, "/a/b/", "").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/a/b", "").contains("Location: /a/b/"));
    assert!(get(address, "/", "").starts_with("HTTP/1.1 404"));
    assert!(get(address, "/app.wasm", "").starts_with("HTTP/1.1 404"));
}

#[test]
fn a_known_tag_saves_the_body() {
    let address = site("tag", "/");
    let first = get(address, "/", "");
    let tag = first
        .lines()
        .find_map(|line| line.strip_prefix("ETag: "))
        .unwrap()
        .to_owned();
    assert!(get(address, "/", &format!("If-None-Match: {tag}\r\n")).starts_with("HTTP/1.1 304"));
}

#[test]
fn one_connection_serves_many_requests_and_bad_ones_end_it() {
    let address = site("keep", "/");
    let head = "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n";
    let replies = ask(
        address,
        &format!("{head}{head}POST / HTTP/1.1\r\n\r\nnonsense\r\n\r\n"),
    );
    assert_eq!(replies.matches("HTTP/1.1 200").count(), 2, "{replies}");
    assert_eq!(replies.matches("HTTP/1.1 405").count(), 1, "{replies}");
    assert_eq!(replies.matches("HTTP/1.1 400").count(), 1, "{replies}");
    assert!(!replies.contains("<p>"), "{replies}");
}
