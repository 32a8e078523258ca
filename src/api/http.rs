//! A request as a value: what `browser::fetch` sends, and nothing of how.

use crate::domain::secret::Secret;

/// One request. `Debug` shows neither the key nor the body.
#[derive(Clone)]
pub struct HttpRequest {
    pub method: Method,
    /// Absolute, without user, query or fragment.
    pub url: String,
    /// Sent as `Authorization: Bearer …`; a server on this machine may need none.
    pub bearer: Option<Secret>,
    /// `None` where there is no body.
    pub content_type: Option<&'static str>,
    pub body: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

pub const JSON: &str = "application/json";

impl HttpRequest {
    #[must_use]
    pub fn post_json(url: String, bearer: Option<Secret>, body: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            url,
            bearer,
            content_type: Some(JSON),
            body,
        }
    }

    #[must_use]
    pub fn get(url: String, bearer: Option<Secret>) -> Self {
        Self {
            method: Method::Get,
            url,
            bearer,
            content_type: None,
            body: Vec::new(),
        }
    }
}

impl Method {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl std::fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("bearer", &self.bearer)
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_key_nor_body() {
        let key = Secret::new("sk-Ab1".into());
        let url = "https://api.openai.com/v1/x".to_owned();
        let shown = format!(
            "{:?}",
            HttpRequest::post_json(url, Some(key), b"a prompt".to_vec())
        );
        assert!(!shown.contains("sk-") && !shown.contains("97, 32"));
        assert!(
            shown.contains("Some(***)") && shown.contains("body_bytes: 8"),
            "{shown}"
        );
    }
}
