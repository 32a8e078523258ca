//! Stands before the served app and holds one of its files back, until told otherwise. The service worker is not there: it would
//! have what is held back.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::failure::{Context, Result};

/// What can be held back.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    /// What the first paint needs.
    App,
    /// What sends, reads the database and shows what is kept.
    Rest,
    /// The token table, which comes last.
    Tokens,
}

impl Part {
    fn is_asked_for(self, request: &str) -> bool {
        let (name, extension) = match self {
            Self::App => ("app-", ".wasm"),
            Self::Rest => ("rest-", ".wasm"),
            Self::Tokens => ("o200k_base-", ".bin"),
        };
        request.contains(name) && request.contains(extension)
    }
}

/// A proxy on loopback; it ends when it is dropped.
pub(crate) struct Proxy {
    /// Ends in `/`.
    pub(crate) address: String,
    held: Arc<watch::Sender<Option<Part>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts one before an address like `http://127.0.0.1:1234/`.
    pub(crate) async fn start(before: &str) -> Result<Self> {
        let host = before
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .to_owned();
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context(|| "opening a port".into())?;
        let address = format!("http://{}/", listener.local_addr()?);
        let held = Arc::new(watch::Sender::new(None));
        let gate = Arc::clone(&held);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (host, gate) = (host.clone(), gate.subscribe());
                // A browser that goes away in the middle is no failure.
                tokio::spawn(async move { forward(stream, &host, gate).await.ok() });
            }
        });
        Ok(Self {
            address,
            held,
            task,
        })
    }

    pub(crate) fn hold(&self, part: Part) {
        self.held.send_replace(Some(part));
    }

    pub(crate) fn release(&self) {
        self.held.send_replace(None);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One request of one connection; the answer ends it.
async fn forward(
    stream: TcpStream,
    host: &str,
    mut held: watch::Receiver<Option<Part>>,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let mut line = String::new();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        if !line.to_ascii_lowercase().starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let request = head.lines().next().unwrap_or_default();
    if request.contains("/sw.js ") {
        let gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        writer.write_all(gone).await?;
        return writer.shutdown().await;
    }
    held.wait_for(|held| held.is_none_or(|part| !part.is_asked_for(request)))
        .await
        .map_err(std::io::Error::other)?;
    let end = head.len() - 2;
    head.insert_str(end, "Connection: close\r\n");
    let mut server = TcpStream::connect(host).await?;
    server.write_all(head.as_bytes()).await?;
    // Nothing is kept: a wasm from the browser's cache would not wait.
    let mut server = BufReader::new(server);
    let mut line = String::new();
    while server.read_line(&mut line).await? > 0 {
        let name = line.to_ascii_lowercase();
        if line == "\r\n" {
            writer.write_all(b"Cache-Control: no-store\r\n\r\n").await?;
            break;
        }
        if !name.starts_with("cache-control:") && !name.starts_with("etag:") {
            writer.write_all(line.as_bytes()).await?;
        }
        line.clear();
    }
    tokio::io::copy(&mut server, &mut writer).await?;
    writer.shutdown().await
}
