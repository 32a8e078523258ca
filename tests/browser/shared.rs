//! What other apps share, kept as `public/sw.js` keeps it.

use js_sys::Promise;
use pentimento::browser::shared::{self, Shared};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(inline_js = "
    const name = () => `pentimento ${new URL('./', location.href).pathname} shared`;
    const keep = async (body, headers) => (await caches.open(name())).put(`share/${crypto.randomUUID()}`, new Response(body, { headers }));
    const form = (fields) => fields.reduce((form, [field, value]) => (form.append(field, value), form), new FormData());
    export const count = async () => (await caches.has(name())) ? (await (await caches.open(name())).keys()).length : 0;
    export const keep_files = (first, second) => keep(form([['images', new File(['abc'], first)], ['images', new File([], second)]]));
    export const keep_unreadable = () => keep('cut', { 'Content-Type': 'multipart/form-data; boundary=x' });
    export const keep_empty = () => keep(form([['images', 'a text'], ['others', new File(['abc'], 'other.png')], ['images', new File([], '')]]));
")]
extern "C" {
    fn count() -> Promise;
    fn keep_files(first: &str, second: &str) -> Promise;
    fn keep_unreadable() -> Promise;
    fn keep_empty() -> Promise;
}

async fn kept() -> f64 {
    JsFuture::from(count()).await.unwrap().as_f64().unwrap()
}

async fn until(promise: Promise) {
    JsFuture::from(promise).await.unwrap();
}

fn named(shared: Option<&Shared>) -> Option<Vec<(String, u64)>> {
    let files = shared?.files.as_ref()?.iter();
    Some(files.map(|file| (file.name(), file.bytes_len())).collect())
}

#[wasm_bindgen_test]
async fn what_is_shared_is_there_until_it_is_forgotten() {
    assert_eq!(shared::oldest(None).await, (None, 0));
    until(keep_empty()).await;
    until(keep_files("a b ü?#.png", "empty.jpg")).await;
    until(keep_empty()).await;
    until(keep_files("c.png", "d.png")).await;
    assert_eq!(kept().await, 4.0);
    let (first, more) = shared::oldest(None).await;
    let pair =
        |first: &str, second: &str| Some(vec![(first.to_owned(), 3), (second.to_owned(), 0)]);
    assert_eq!(named(first.as_ref()), pair("a b ü?#.png", "empty.jpg"));
    assert_eq!(more, 2);
    assert_eq!(kept().await, 3.0, "what holds no file is deleted");
    let first = first.unwrap();
    assert!(!first.is_gone().await);
    first.forget().await;
    assert!(first.is_gone().await);
    let (second, more) = shared::oldest(Some(first)).await;
    assert_eq!(named(second.as_ref()), pair("c.png", "d.png"));
    assert_eq!((more, kept().await), (0, 1.0));
    shared::forget_all().await;
    assert_eq!(shared::oldest(None).await, (None, 0));
    assert_eq!(kept().await, 0.0);
    // What was read before stays readable.
    let files = second.unwrap().files.unwrap();
    assert_eq!(files[0].bytes().await.unwrap(), b"abc");
}

#[wasm_bindgen_test]
async fn what_cannot_be_read_now_is_asked_about_and_kept() {
    until(keep_unreadable()).await;
    until(keep_files("a.png", "b.png")).await;
    let (first, more) = shared::oldest(None).await;
    assert_eq!((named(first.as_ref()), more), (None, 1));
    let first = first.unwrap();
    assert!(!first.is_gone().await);
    // It is looked at again, and no reason to draw anything anew.
    let (again, _) = shared::oldest(Some(first.clone())).await;
    assert_eq!(again.as_ref(), Some(&first));
    first.forget().await;
    let (second, _) = shared::oldest(again).await;
    assert!(named(second.as_ref()).is_some());
    shared::forget_all().await;
}
