//! A large file on its way to the person's disk: written where the person says, where the browser can; else a download.
//!
//! Nothing of it is collected in memory: pictures go as the Blobs that the database gave, and a download is a Blob of Blobs.

use js_sys::{Array, Object, Reflect, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;

use super::error::FileError;
use super::files::save_blob;
use super::folder::{asked, is_abort};
use super::picture::{Picture, blob_of};

/// So many bytes are handed over at a time.
const BATCH_BYTES: u64 = 8 << 20;
/// Or so many pieces.
const BATCH_PIECES: u32 = 200;
const WRITE: &str = "write a file";
const TYPE: &str = "application/zip";

/// A file being written.
#[derive(Debug)]
pub struct ArchiveFile {
    /// `None`: a download.
    stream: Option<SendWrapper<JsValue>>,
    /// Blobs of what was handed over, for a download.
    whole: SendWrapper<Array>,
    batch: SendWrapper<Array>,
    batch_bytes: u64,
}

/// Whether the browser lets the person say where a file goes.
#[must_use]
pub fn can_choose_place() -> bool {
    super::window().is_some_and(|window| super::property(&window, "showSaveFilePicker").is_some())
}

impl ArchiveFile {
    /// Will be downloaded.
    #[must_use]
    pub fn download() -> Self {
        Self::new(None)
    }

    /// Asks the person where it goes; within a gesture. `None`: they thought better of it.
    ///
    /// # Errors
    /// The browser does not write there.
    pub async fn choose(name: &str) -> Result<Option<Self>, FileError> {
        let options = Object::new();
        Reflect::set(&options, &"suggestedName".into(), &name.into()).ok();
        let window: JsValue = super::window().map_or(JsValue::UNDEFINED, Into::into);
        let handle = match asked(&window, "showSaveFilePicker", &[options.into()]).await {
            Ok(handle) => handle,
            Err(thrown) if is_abort(&thrown) => return Ok(None),
            Err(thrown) => return Err(FileError::other(WRITE, &thrown)),
        };
        let stream = asked(&handle, "createWritable", &[]).await;
        let stream = stream.map_err(|thrown| FileError::other(WRITE, &thrown))?;
        Ok(Some(Self::new(Some(SendWrapper::new(stream)))))
    }

    fn new(stream: Option<SendWrapper<JsValue>>) -> Self {
        Self {
            stream,
            whole: SendWrapper::new(Array::new()),
            batch: SendWrapper::new(Array::new()),
            batch_bytes: 0,
        }
    }

    /// Adds bytes, and behind them a picture.
    ///
    /// # Errors
    /// The disk is full, or the browser refuses.
    pub async fn push(&mut self, bytes: &[u8], picture: Option<&Picture>) -> Result<(), FileError> {
        self.batch.push(&Uint8Array::from(bytes));
        self.batch_bytes += bytes.len() as u64;
        if let Some(picture) = picture {
            self.batch.push(picture.blob());
            self.batch_bytes += picture.bytes_len();
        }
        if self.batch_bytes < BATCH_BYTES && self.batch.length() < BATCH_PIECES {
            return Ok(());
        }
        self.hand_over().await
    }

    async fn hand_over(&mut self) -> Result<(), FileError> {
        let batch = blob_of(&self.batch, TYPE)?;
        self.batch = SendWrapper::new(Array::new());
        self.batch_bytes = 0;
        match &self.stream {
            Some(stream) => {
                let written = asked(stream, "write", &[batch.into()]).await;
                written.map(drop).map_err(failed)
            }
            None => {
                self.whole.push(&batch);
                Ok(())
            }
        }
    }

    /// Ends it: only now there is a file by that name.
    ///
    /// # Errors
    /// The disk is full, or the browser refuses.
    pub async fn finish(mut self, name: &str) -> Result<(), FileError> {
        self.hand_over().await?;
        match &self.stream {
            Some(stream) => {
                let closed = asked(stream, "close", &[]).await;
                closed.map(drop).map_err(failed)
            }
            None => save_blob(name, &blob_of(&self.whole, TYPE)?),
        }
    }

    /// Leaves no file behind.
    pub async fn abandon(self) {
        if let Some(stream) = &self.stream {
            asked(stream, "abort", &[]).await.ok();
        }
    }
}

fn failed(thrown: JsValue) -> FileError {
    FileError::other(WRITE, &thrown)
}
