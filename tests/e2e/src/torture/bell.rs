//! Where a page under torture rings: that it stands at the moment it was told to, and what it shows as saved.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::failure::{Context, Result};

/// A listener on loopback; it ends when it is dropped.
pub(crate) struct Bell {
    /// Ends in `/`.
    pub(crate) address: String,
    /// How often a page has come to the moment it was told to.
    reached: watch::Receiver<u64>,
    shown: Arc<Mutex<BTreeSet<String>>>,
    task: JoinHandle<()>,
    /// Pages that stand still go on when it is gone.
    _holds: watch::Sender<()>,
}

impl Bell {
    pub(crate) async fn hang() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .context(|| "opening a port".into())?;
        let address = format!("http://{}/", listener.local_addr()?);
        let (rung, reached) = watch::channel(0);
        let shown = Arc::<Mutex<BTreeSet<String>>>::default();
        let seen = Arc::clone(&shown);
        let rung = Arc::new(rung);
        let (holds, held) = watch::channel(());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (rung, seen, held) = (Arc::clone(&rung), Arc::clone(&seen), held.clone());
                // A page that is killed in the middle is no failure.
                tokio::spawn(async move { answer(stream, &rung, &seen, held).await.ok() });
            }
        });
        Ok(Self {
            address,
            reached,
            shown,
            task,
            _holds: holds,
        })
    }

    /// Waits until a page stands at its moment; it stands there until it is killed.
    pub(crate) async fn reached(&self) -> Result {
        let mut reached = self.reached.clone();
        reached.mark_unchanged();
        let rung = reached.changed().await.ok();
        rung.context(|| "the bell has ended".into())
    }

    /// Whether a picture of that prompt was ever shown as saved.
    pub(crate) fn was_shown(&self, prompt: &str) -> bool {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.contains(prompt)
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    stream: TcpStream,
    rung: &watch::Sender<u64>,
    seen: &Mutex<BTreeSet<String>>,
    mut held: watch::Receiver<()>,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let (mut head, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line).await? > 2 {
        head.push_str(&line);
        line.clear();
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    if path == "/reached" {
        rung.send_modify(|count| *count += 1);
        // Not answered: until the page is killed, which closes the line, or the bell is gone.
        tokio::select! {
            closed = reader.read_line(&mut line) => closed.map(drop)?,
            _ = held.changed() => {}
        }
        return Ok(());
    }
    if let Some(names) = path.strip_prefix("/shown?") {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.extend(names.split('&').map(|name| name.replace("%20", " ")));
    }
    let reply =
        "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\nConnection: close\r\n\r\n";
    writer.write_all(reply.as_bytes()).await?;
    writer.shutdown().await
}
