//! A small static server on loopback: what a good static host does, with the headers of `_headers`.

use crate::compress;
use crate::failure::{Context, Failure, Result};
use crate::headers::Rules;
use crate::project;
use crate::project::Project;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// A request's line and headers are short, or they are refused.
const HEAD_LIMIT: u64 = 32 * 1024;

pub(crate) struct Options {
    pub(crate) directory: PathBuf,
    /// Where compressed files are kept between two starts.
    pub(crate) cache: PathBuf,
    /// The path before every address, `/` or `/some/path/`.
    pub(crate) base: String,
    /// Whether each request is printed.
    pub(crate) log: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("dist"),
            // What the build has packed to know its size is not packed again.
            cache: Project::find().map_or_else(
                |_| std::env::temp_dir().join("pentimento-brotli"),
                |project| project.own().join("brotli"),
            ),
            base: "/".to_owned(),
            log: false,
        }
    }
}

/// `cargo xtask serve <dir> [--port N] [--base /x/] [--log]`
pub(crate) fn command(arguments: &[String]) -> Result<()> {
    let mut options = Options::default();
    let mut port = 0;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .ok_or_else(|| Failure::new(format!("serve: {word} needs a value")))
        };
        match word.as_str() {
            "--port" => port = parse_port(value()?)?,
            "--base" => {
                options.base = format!("/{}/", value()?.trim_matches('/')).replace("//", "/");
            }
            "--log" => options.log = true,
            flag if flag.starts_with("--") => {
                return Err(Failure::new(format!("serve knows no {flag}")));
            }
            directory => options.directory = PathBuf::from(directory),
        }
    }
    if !options.directory.is_dir() {
        return Err(Failure::new(format!(
            "there is no directory {}",
            options.directory.display()
        )));
    }
    let listener = listen(port)?;
    println!("{}", address(&listener, &options)?);
    serve(&listener, options)
}

pub(crate) fn parse_port(text: &str) -> Result<u16> {
    text.parse()
        .map_err(|error| Failure::new(format!("`{text}` is no port: {error}")))
}

pub(crate) fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        Failure::new(format!("port {port}: {error}")).remedy("choose another with --port N")
    })
}

pub(crate) fn address(listener: &TcpListener, options: &Options) -> Result<String> {
    let own = listener
        .local_addr()
        .context(|| "asking for the port".to_owned())?;
    Ok(format!("http://{own}{}", options.base))
}

/// Compresses in the background, so that the first visit does not wait for it.
pub(crate) fn warm(options: &Options) {
    let (directory, cache) = (options.directory.clone(), options.cache.clone());
    std::thread::spawn(move || {
        for path in project::files_under(&directory).unwrap_or_default() {
            if is_text(media_type(&path)) {
                std::fs::read(&path)
                    .ok()
                    .and_then(|bytes| compress::brotli(&bytes, &cache).ok());
            }
        }
    });
}

/// Serves until the process ends.
pub(crate) fn serve(listener: &TcpListener, options: Options) -> Result<()> {
    let site = Arc::new(Site {
        options,
        files: Mutex::new(BTreeMap::new()),
    });
    for stream in listener.incoming() {
        let stream = stream.context(|| "accepting a connection".to_owned())?;
        let site = Arc::clone(&site);
        // A browser that goes away in the middle is no failure of ours.
        std::thread::spawn(move || site.converse(stream).ok());
    }
    Ok(())
}

struct Site {
    options: Options,
    files: Mutex<BTreeMap<PathBuf, Arc<Stored>>>,
}

/// A file in memory, until it changes on the disk.
struct Stored {
    changed: Option<SystemTime>,
    raw: Vec<u8>,
    brotli: Option<Vec<u8>>,
    tag: String,
}

struct Request {
    method: String,
    target: String,
    brotli: bool,
    known_tag: Option<String>,
    close: bool,
}

struct Reply {
    status: &'static str,
    headers: Vec<(String, String)>,
    file: Option<Arc<Stored>>,
    brotli: bool,
    note: String,
}

impl Reply {
    fn plain(status: &'static str) -> Self {
        let headers = vec![(
            "Content-Type".to_owned(),
            "text/plain; charset=utf-8".to_owned(),
        )];
        Self {
            status,
            headers,
            file: None,
            brotli: false,
            note: format!("{status}\n"),
        }
    }

    fn body(&self) -> &[u8] {
        match &self.file {
            Some(file) if self.brotli => file.brotli.as_deref().unwrap_or(&file.raw),
            Some(file) => &file.raw,
            None => self.note.as_bytes(),
        }
    }
}

impl Site {
    /// Answers the requests of one connection, one after another.
    fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        stream.set_write_timeout(Some(Duration::from_secs(60)))?;
        let mut writer = stream.try_clone()?;
        let mut reader = BufReader::new(stream);
        loop {
            let Some(request) = read_request(&mut reader)? else {
                return Ok(());
            };
            let reply = self.answer(&request);
            if self.options.log {
                println!(
                    "{} {} {} {}",
                    request.method,
                    request.target,
                    reply.status,
                    reply.body().len()
                );
            }
            let close = request.close || reply.status.starts_with("400");
            write_reply(&mut writer, &reply, request.method == "HEAD", close)?;
            if close {
                return Ok(());
            }
        }
    }

    fn answer(&self, request: &Request) -> Reply {
        if request.method.is_empty() {
            return Reply::plain("400 Bad Request");
        }
        if request.method != "GET" && request.method != "HEAD" {
            let mut reply = Reply::plain("405 Method Not Allowed");
            reply
                .headers
                .push(("Allow".to_owned(), "GET, HEAD".to_owned()));
            return reply;
        }
        let path = request.target.split(['?', '#']).next().unwrap_or_default();
        if format!("{path}/") == self.options.base {
            let mut reply = Reply::plain("308 Permanent Redirect");
            reply
                .headers
                .push(("Location".to_owned(), self.options.base.clone()));
            return reply;
        }
        let inside = path
            .strip_prefix(self.options.base.as_str())
            .and_then(decode)
            .and_then(|path| safe(&path));
        match inside.and_then(|path| self.file(&path)) {
            Some((path, file)) => self.found(request, &path, file),
            None => Reply {
                headers: self.headers_of("/404"),
                ..Reply::plain("404 Not Found")
            },
        }
    }

    fn found(&self, request: &Request, path: &Path, file: Arc<Stored>) -> Reply {
        let address = format!("/{}", path.display());
        let mut headers = self.headers_of(address.strip_suffix("index.html").unwrap_or(&address));
        headers.push(("Content-Type".to_owned(), media_type(path).to_owned()));
        headers.push(("ETag".to_owned(), file.tag.clone()));
        if file.brotli.is_some() {
            headers.push(("Vary".to_owned(), "Accept-Encoding".to_owned()));
        }
        if request.known_tag.as_deref() == Some(&file.tag) {
            return Reply {
                status: "304 Not Modified",
                headers,
                file: None,
                brotli: false,
                note: String::new(),
            };
        }
        let brotli = request.brotli && file.brotli.is_some();
        if brotli {
            headers.push(("Content-Encoding".to_owned(), "br".to_owned()));
        }
        Reply {
            status: "200 OK",
            headers,
            file: Some(file),
            brotli,
            note: String::new(),
        }
    }

    /// What `_headers` says, but for HSTS: a browser would then refuse http on loopback for a year.
    fn headers_of(&self, path: &str) -> Vec<(String, String)> {
        let text =
            std::fs::read_to_string(self.options.directory.join("_headers")).unwrap_or_default();
        Rules::parse(&text)
            .for_path(path)
            .into_iter()
            .filter(|(name, _)| !name.eq_ignore_ascii_case("strict-transport-security"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn file(&self, relative: &Path) -> Option<(PathBuf, Arc<Stored>)> {
        let mut relative = relative.to_owned();
        if self.options.directory.join(&relative).is_dir() {
            relative.push("index.html");
        }
        let path = self.options.directory.join(&relative);
        let changed = path
            .metadata()
            .ok()
            .filter(std::fs::Metadata::is_file)?
            .modified()
            .ok();
        let known = self
            .files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&path)
            .cloned();
        if let Some(stored) = known.filter(|stored| stored.changed == changed) {
            return Some((relative, stored));
        }
        let raw = std::fs::read(&path).ok()?;
        let brotli = if is_text(media_type(&path)) {
            compress::brotli(&raw, &self.options.cache).ok()
        } else {
            None
        };
        let tag = format!("\"{}\"", compress::hex(&raw).get(..32).unwrap_or_default());
        let stored = Arc::new(Stored {
            changed,
            raw,
            brotli,
            tag,
        });
        self.files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(path, Arc::clone(&stored));
        Some((relative, stored))
    }
}

/// `None` when the other side has closed; an empty method when it does not speak HTTP.
fn read_request(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut head = reader.take(HEAD_LIMIT);
    let mut line = String::new();
    if head.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let version = words.next().unwrap_or_default();
    let sound = line.ends_with('\n') && version.starts_with("HTTP/1.") && target.starts_with('/');
    let mut request = Request {
        method: if sound {
            method.to_owned()
        } else {
            String::new()
        },
        target: target.to_owned(),
        brotli: false,
        known_tag: None,
        close: version == "HTTP/1.0",
    };
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 || !line.ends_with('\n') {
            request.method.clear();
            return Ok(Some(request));
        }
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        note_header(&mut request, &name.to_ascii_lowercase(), value.trim());
    }
    Ok(Some(request))
}

fn note_header(request: &mut Request, name: &str, value: &str) {
    match name {
        "accept-encoding" => {
            request.brotli = value
                .split(',')
                .any(|coding| coding.trim() == "br" || coding.trim().starts_with("br;q=1"));
        }
        "if-none-match" => request.known_tag = Some(value.to_owned()),
        "connection" => request.close |= value.eq_ignore_ascii_case("close"),
        // A body that nobody reads would be taken for the next request.
        "content-length" | "transfer-encoding" => request.close |= value != "0",
        _ => {}
    }
}

fn write_reply(
    writer: &mut TcpStream,
    reply: &Reply,
    head_only: bool,
    close: bool,
) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        write!(head, "{name}: {value}\r\n").map_err(std::io::Error::other)?;
    }
    if !reply.status.starts_with("304") {
        write!(head, "Content-Length: {}\r\n", reply.body().len())
            .map_err(std::io::Error::other)?;
    }
    head.push_str(if close {
        "Connection: close\r\n\r\n"
    } else {
        "Connection: keep-alive\r\n\r\n"
    });
    writer.write_all(head.as_bytes())?;
    if !head_only {
        writer.write_all(reply.body())?;
    }
    writer.flush()
}

fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes)
        .ok()
        .filter(|text| !text.contains(['\0', '\\']))
}

/// A path that stays inside the directory, and is not one that hosts keep to themselves.
fn safe(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let inside = path.components().all(|part| match part {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    });
    (inside && path != Path::new("_headers")).then(|| path.to_owned())
}

fn media_type(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || media_type.starts_with("application/")
        || media_type == "image/svg+xml"
}

#[cfg(test)]
mod tests;
