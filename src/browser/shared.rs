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
    /// Never empty; nobody has looked into them.
    pub files: Vec<ChosenFile>,
    cache: JsValue,
    /// Where it lies in the cache: no two have the same.
    address: String,
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.address == other.address
    }
}

impl Shared {
    /// From here on it is known to this page alone.
    pub async fn forget(&self) {
        delete(&self.cache, &self.address).await;
    }
}

/// All that waits, oldest first. What is known already is not read again; what holds no file is deleted.
pub async fn waiting(known: &[Shared]) -> Vec<Shared> {
    let mut all = Vec::new();
    let Some(cache) = cache().await else {
        return all;
    };
    let requests = called(&cache, "keys", &[]).await;
    for request in requests.map_or_else(Array::new, |list| Array::from(&list)) {
        let address = property(&request, "url").and_then(|url| url.as_string());
        let address = address.unwrap_or_default();
        if let Some(shared) = known.iter().find(|shared| shared.address == address) {
            all.push(shared.clone());
            continue;
        }
        let files = files(&cache, &address).await.unwrap_or_default();
        if files.is_empty() {
            delete(&cache, &address).await;
        } else {
            all.push(Shared {
                files,
                cache: cache.clone(),
                address,
            });
        }
    }
    all
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

/// `None` where it is no form, or cannot be read.
async fn files(cache: &JsValue, address: &str) -> Option<Vec<ChosenFile>> {
    let kept = called(cache, "match", &[address.into()]).await?;
    let form = called(&kept, "formData", &[]).await?;
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
