//! Files of the person's disk: saved by a click on a link that nobody sees, and read where the person chose one.

use std::ops::Range;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, HtmlAnchorElement};

use super::error::FileError;
use super::picture::{BlobHandle, HEAD_BYTES, Picture, blob_of, blob_url, read_blob, read_head};
use super::sniff;
use crate::domain::intake::Facts;
use crate::domain::metadata::Piece;

/// How long a download may take to begin.
const START_MS: u32 = 60_000;
/// Where the size of a photo stands at the latest.
const LONG_HEAD_BYTES: usize = 4 << 20;

/// A file that the person chose.
#[derive(Debug, Clone)]
pub struct ChosenFile(File);

impl From<File> for ChosenFile {
    fn from(file: File) -> Self {
        Self(file)
    }
}

impl ChosenFile {
    #[must_use]
    pub fn name(&self) -> String {
        self.0.name()
    }

    #[must_use]
    pub fn bytes_len(&self) -> u64 {
        self.0.size() as u64
    }

    /// All of it as text.
    ///
    /// # Errors
    /// It has changed or gone since it was chosen.
    pub async fn text(&self) -> Result<String, FileError> {
        let read = JsFuture::from(self.0.text()).await;
        let text = read.map_err(|thrown| FileError::other("read a file", &thrown))?;
        Ok(text.as_string().unwrap_or_default())
    }

    /// What its first bytes say of it; nothing is decoded, whatever its size.
    ///
    /// # Errors
    /// It has changed or gone since it was chosen.
    pub async fn facts(&self) -> Result<Facts, FileError> {
        let mut head = read_head(&self.0, HEAD_BYTES).await?;
        if sniff::pixels(&head).is_none() && self.bytes_len() > HEAD_BYTES as u64 {
            // The metadata of some photos alone is longer.
            head = read_head(&self.0, LONG_HEAD_BYTES).await?;
        }
        Ok(Facts {
            media_type: sniff::media_type(&head),
            pixels: sniff::pixels(&head),
            bytes: self.bytes_len(),
        })
    }

    /// All of it, copied into wasm memory.
    ///
    /// # Errors
    /// It has changed or gone since it was chosen.
    pub async fn bytes(&self) -> Result<Vec<u8>, FileError> {
        Ok(read_blob(&self.0).await?.to_vec())
    }

    /// A picture of what is kept of it.
    ///
    /// # Errors
    /// It has changed or gone since it was chosen.
    pub async fn picture_of(&self, pieces: &[Piece]) -> Result<Picture, FileError> {
        let parts = Array::new();
        for piece in pieces {
            match piece {
                Piece::Kept(range) => {
                    parts.push(self.slice(range.start as u64..range.end as u64)?.as_ref())
                }
                Piece::New(bytes) => parts.push(&Uint8Array::from(bytes.as_slice())),
            };
        }
        Picture::copied(&blob_of(&parts, "")?).await
    }

    /// A stretch of it, copied into wasm memory.
    ///
    /// # Errors
    /// It has changed or gone since it was chosen.
    pub async fn stretch(&self, range: Range<u64>) -> Result<Vec<u8>, FileError> {
        Ok(read_blob(&self.slice(range)?).await?.to_vec())
    }

    /// A picture that is a stretch of it.
    ///
    /// # Errors
    /// It has changed or gone since it was chosen.
    pub async fn picture_in(&self, range: Range<u64>) -> Result<Picture, FileError> {
        Picture::copied(&self.slice(range)?).await
    }

    fn slice(&self, range: Range<u64>) -> Result<Blob, FileError> {
        self.0
            .slice_with_f64_and_f64(range.start as f64, range.end as f64)
            .map_err(|thrown| FileError::other("read a file", &thrown))
    }

    /// The file as it is, as a picture.
    ///
    /// # Errors
    /// It has changed or gone since it was chosen.
    pub async fn picture(&self) -> Result<Picture, FileError> {
        Picture::copied(&self.0).await
    }
}

/// Offers a picture as a download under that name.
///
/// # Errors
/// When the browser refuses.
pub fn save(name: &str, picture: &Picture) -> Result<(), FileError> {
    save_blob(name, picture.blob())
}

/// Offers bytes that are no picture as a download under that name.
///
/// # Errors
/// When the browser refuses.
pub fn save_bytes(name: &str, bytes: &BlobHandle) -> Result<(), FileError> {
    save_blob(name, &bytes.0)
}

/// Offers a text as a download under that name.
///
/// # Errors
/// When the browser refuses.
pub fn save_text(name: &str, text: &str) -> Result<(), FileError> {
    save_blob(
        name,
        &blob_of(&Array::of1(&text.into()), "text/plain;charset=utf-8")?,
    )
}

pub(super) fn save_blob(name: &str, blob: &Blob) -> Result<(), FileError> {
    let url = blob_url(blob)?;
    let document = super::document().ok_or_else(|| no_page("save a file"))?;
    let link: HtmlAnchorElement = document
        .create_element("a")
        .map_err(|thrown| FileError::other("save a file", &thrown))?
        .unchecked_into();
    link.set_href(url.as_str());
    link.set_download(name);
    link.click();
    wasm_bindgen_futures::spawn_local(async move {
        super::clock::sleep(START_MS).await;
        drop(url);
    });
    Ok(())
}

fn no_page(operation: &'static str) -> FileError {
    FileError::Other {
        operation,
        message: "there is no page".to_owned(),
    }
}
