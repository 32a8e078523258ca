//! What other apps share with the installed one: `public/sw.js` keeps it, form by form, until it is forgotten here.
//!
//! Everything is read by its name: each typed import would be a line of glue in the first load.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::File;

use super::files::ChosenFile;
use super::{call, called, page, property};

/// The field of the form; `public/manifest.webmanifest` names it.
const FIELD: &str = "images";

/// What came in one go.
#[derive(Debug, Clone)]
pub struct Shared {
    /// Never empty; nobody has looked into them. `None` while they cannot be read.
    pub files: Option<Vec<ChosenFile>>,
    /// Where it lies in the cache: no two have the same, in no copy of the app.
    pub address: String,
    cache: JsValue,
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        let files = |shared: &Self| shared.files.as_ref().map(Vec::len);
        self.address == other.address && files(self) == files(other)
    }
}

impl Shared {
    /// Whether it is known that somebody has forgotten it.
    pub async fn is_gone(&self) -> bool {
        let kept = kept(&self.cache, &self.address).await;
        kept.is_some_and(|kept| kept.is_undefined())
    }

    /// From here on it is known to this page alone.
    pub async fn forget(&self) {
        delete(&self.cache, &self.address).await;
    }
}

/// What waits longest, and how much waits behind it. The others are not looked into, nor is what is known already; what holds
/// no file is deleted on the way.
pub async fn oldest(known: Option<Shared>) -> (Option<Shared>, usize) {
    let Some(cache) = cache().await else {
        return (None, 0);
    };
    let requests = called(&cache, "keys", &[]).await;
    let requests = requests.map_or_else(Array::new, |list| Array::from(&list));
    let addresses = requests
        .iter()
        .filter_map(|request| property(&request, "url")?.as_string());
    let mut addresses = addresses.collect::<Vec<_>>().into_iter();
    while let Some(address) = addresses.next() {
        let is_it = |known: &Shared| known.address == address && known.files.is_some();
        if known.as_ref().is_some_and(is_it) {
            return (known, addresses.len());
        }
        let files = match kept(&cache, &address).await {
            Some(kept) if kept.is_undefined() => continue,
            Some(kept) => files(&kept).await,
            None => None,
        };
        if files.as_ref().is_some_and(Vec::is_empty) {
            delete(&cache, &address).await;
            continue;
        }
        let oldest = Shared {
            files,
            address,
            cache,
        };
        return (Some(oldest), addresses.len());
    }
    (None, 0)
}

/// Deletes all that waits.
pub async fn forget_all() {
    if let Some(caches) = caches() {
        called(&caches, "delete", &[cache_name()]).await;
    }
}

fn caches() -> Option<JsValue> {
    super::window().and_then(|window| property(&window, "caches"))
}

/// Not made where there is none.
async fn cache() -> Option<JsValue> {
    let caches = caches()?;
    let has = called(&caches, "has", &[cache_name()]).await?;
    if !has.is_truthy() {
        return None;
    }
    called(&caches, "open", &[cache_name()]).await
}

/// As `public/sw.js` names it: other copies of the app may live under this origin.
fn cache_name() -> JsValue {
    let (_, path) = page::origin_and_path();
    let folder = path.rfind('/').map_or("/", |end| &path[..=end]);
    format!("pentimento {folder} shared").into()
}

/// Undefined where it is forgotten; `None` where that cannot be said.
async fn kept(cache: &JsValue, address: &str) -> Option<JsValue> {
    called(cache, "match", &[address.into()]).await
}

/// `None` where it cannot be read. That may pass: the service worker has read it before it kept it.
async fn files(kept: &JsValue) -> Option<Vec<ChosenFile>> {
    let form = called(kept, "formData", &[]).await?;
    let fields = Array::from(&call(&form, "getAll", &[FIELD.into()])?);
    let files = fields
        .iter()
        .filter_map(|field| field.dyn_into::<File>().ok());
    // A field that nobody has filled comes as a file without a name.
    let named = files.filter(|file| !file.name().is_empty());
    Some(named.map(ChosenFile::from).collect())
}

async fn delete(cache: &JsValue, address: &str) {
    called(cache, "delete", &[address.into()]).await;
}
