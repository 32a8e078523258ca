//! Files of this copy of the app that are fetched once it runs; the build writes their names and hashes into the page.

use gloo_net::http::RequestBuilder;
use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

use super::document;

/// Adds the style sheet that the page's element with that id names, checked against the hash beside it; says whether it came.
pub async fn style(id: &str) -> bool {
    let Some(link) = style_link(id) else {
        return false;
    };
    let arrival = Promise::new(&mut |resolve, reject| {
        let link: &web_sys::HtmlElement = link.unchecked_ref();
        link.set_onload(Some(&resolve));
        link.set_onerror(Some(&reject));
    });
    let Some(head) = document().and_then(|document| document.head()) else {
        return false;
    };
    head.append_child(&link).is_ok() && JsFuture::from(arrival).await.is_ok()
}

fn style_link(id: &str) -> Option<Element> {
    let document = document()?;
    let named = document.get_element_by_id(id)?;
    let link = document.create_element("link").ok()?;
    let integrity = named.get_attribute("data-integrity").unwrap_or_default();
    link.set_attribute("rel", "stylesheet").ok()?;
    if !integrity.is_empty() {
        link.set_attribute("integrity", &integrity).ok()?;
    }
    link.set_attribute("href", &named.get_attribute("content")?)
        .ok()?;
    Some(link)
}

/// The file that the page's element with that id names, checked against the hash beside it; `None` where it does not come.
pub async fn fetch(id: &str) -> Option<Vec<u8>> {
    let element = document()?.get_element_by_id(id)?;
    let address = element.get_attribute("content")?;
    let integrity = element.get_attribute("data-integrity").unwrap_or_default();
    let request = RequestBuilder::new(&address).integrity(&integrity);
    let reply = request.build().ok()?.send().await.ok()?;
    if !reply.ok() {
        return None;
    }
    reply.binary().await.ok()
}
