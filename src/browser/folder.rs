//! A folder of the person's disk that the app may write to, where the browser has such (Chromium, so far).

use js_sys::{Array, Function, Object, Promise, Reflect};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DomException};

use super::error::FileError;
use super::picture::{Picture, blob_of};

const WRITE: &str = "write into a folder";

/// A folder that the person chose. Whether the app may write to it is asked of the browser each time.
#[derive(Debug, Clone)]
pub struct Folder(pub(super) SendWrapper<JsValue>);

/// Whether the browser lets a person choose a folder.
#[must_use]
pub fn can_choose() -> bool {
    super::window().is_some_and(|window| super::property(&window, "showDirectoryPicker").is_some())
}

impl Folder {
    /// Asks for one; within a gesture. `None`: the person thought better of it.
    ///
    /// # Errors
    /// The browser refuses.
    pub async fn choose() -> Result<Option<Self>, FileError> {
        let window: JsValue = super::window().map_or(JsValue::UNDEFINED, Into::into);
        match asked(&window, "showDirectoryPicker", &[to_write()]).await {
            Ok(handle) => Ok(Some(Self(SendWrapper::new(handle)))),
            Err(thrown) if is_abort(&thrown) => Ok(None),
            Err(thrown) => Err(failed(&thrown)),
        }
    }

    #[must_use]
    pub fn name(&self) -> String {
        let name = super::property(&self.0, "name");
        name.and_then(|name| name.as_string()).unwrap_or_default()
    }

    /// Whether the app may write there now.
    pub async fn is_open(&self) -> bool {
        self.permission("queryPermission").await
    }

    /// Asks the person whether it may; within a gesture.
    pub async fn reopen(&self) -> bool {
        self.permission("requestPermission").await
    }

    /// A browser without the question has no answer against it.
    async fn permission(&self, question: &str) -> bool {
        if super::property(&self.0, question).is_none() {
            return true;
        }
        let answer = asked(&self.0, question, &[to_write()]).await;
        answer.is_ok_and(|answer| answer.as_string().as_deref() == Some("granted"))
    }

    /// Writes a picture under that name; a file of the same name is replaced.
    ///
    /// # Errors
    /// The folder is gone or not open, or the disk is full.
    pub async fn write(&self, name: &str, picture: &Picture) -> Result<(), FileError> {
        self.write_blob(name, picture.blob()).await
    }

    /// Writes a text under that name.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_text(&self, name: &str, text: &str) -> Result<(), FileError> {
        let blob = blob_of(&Array::of1(&text.into()), "application/json")?;
        self.write_blob(name, &blob).await
    }

    async fn write_blob(&self, name: &str, blob: &Blob) -> Result<(), FileError> {
        let options = Object::new();
        Reflect::set(&options, &"create".into(), &true.into()).ok();
        let written = async {
            let file = asked(&self.0, "getFileHandle", &[name.into(), options.into()]).await?;
            let stream = asked(&file, "createWritable", &[]).await?;
            asked(&stream, "write", &[blob.into()]).await?;
            asked(&stream, "close", &[]).await
        };
        written.await.map(drop).map_err(|thrown| failed(&thrown))
    }
}

fn to_write() -> JsValue {
    let options = Object::new();
    Reflect::set(&options, &"mode".into(), &"readwrite".into()).ok();
    options.into()
}

fn failed(thrown: &JsValue) -> FileError {
    FileError::other(WRITE, thrown)
}

/// Calls a method that gives a promise, and waits for it.
pub(super) async fn asked(
    object: &JsValue,
    method: &str,
    arguments: &[JsValue],
) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    let arguments: Array = arguments.iter().collect();
    let promise = function.apply(object, &arguments)?;
    JsFuture::from(Promise::resolve(&promise)).await
}

/// The person closed the browser's own dialogue.
pub(super) fn is_abort(thrown: &JsValue) -> bool {
    let exception = thrown.dyn_ref::<DomException>();
    exception.is_some_and(|exception| exception.name() == "AbortError")
}
