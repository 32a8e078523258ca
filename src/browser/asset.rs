//! Files of this copy of the app that are fetched once it runs; the build writes their names and hashes into the page.

use gloo_net::http::RequestBuilder;

use super::document;

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
