//! What other apps share, kept as `public/sw.js` keeps it.

use js_sys::Promise;
use pentimento::browser::shared;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(inline_js = "
    const name = () => `pentimento ${new URL('./', location.href).pathname} shared`;
    const keep = async (body, headers) => (await caches.open(name())).put(`share/${crypto.randomUUID()}`, new Response(body, { headers }));
    const form = (fields) => fields.reduce((form, [field, value]) => (form.append(field, value), form), new FormData());
    export const has_any = async () => (await caches.has(name())) && (await (await caches.open(name())).keys()).length > 0;
    export const keep_files = (first, second) => keep(form([['images', new File(['abc'], first)], ['images', new File([], second)]]));
    export const keep_junk = async () => {
        await keep('no form');
        await keep('cut', { 'Content-Type': 'multipart/form-data; boundary=x' });
        await keep(form([['images', 'a text'], ['others', new File(['abc'], 'other.png')], ['images', new File([], '')]]));
    };
")]
extern "C" {
    fn has_any() -> Promise;
    fn keep_files(first: &str, second: &str) -> Promise;
    fn keep_junk() -> Promise;
}

async fn keeps_any() -> bool {
    JsFuture::from(has_any()).await.unwrap().is_truthy()
}

async fn until(promise: Promise) {
    JsFuture::from(promise).await.unwrap();
}

#[wasm_bindgen_test]
async fn what_is_shared_is_there_until_it_is_forgotten() {
    assert!(shared::waiting(&[]).await.is_empty() && !keeps_any().await);
    until(keep_junk()).await;
    until(keep_files("a b ü?#.png", "empty.jpg")).await;
    until(keep_files("c.png", "d.png")).await;
    let waiting = shared::waiting(&[]).await;
    let named: Vec<Vec<_>> = waiting
        .iter()
        .map(|shared| {
            let files = shared.files.iter();
            files.map(|file| (file.name(), file.bytes_len())).collect()
        })
        .collect();
    let pair = |first: &str, second: &str| vec![(first.to_owned(), 3), (second.to_owned(), 0)];
    let expected = [pair("a b ü?#.png", "empty.jpg"), pair("c.png", "d.png")];
    assert_eq!(named, expected);
    waiting[0].forget().await;
    let left = shared::waiting(&waiting).await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].files[0].bytes().await.unwrap(), b"abc");
    shared::forget_all().await;
    assert!(!keeps_any().await && shared::waiting(&[]).await.is_empty());
    // What was read before stays readable.
    assert_eq!(left[0].files[0].bytes().await.unwrap(), b"abc");
}
