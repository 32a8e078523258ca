//! A request as a value: what `browser::fetch` sends, and nothing of how.

use crate::api::multipart::Form;
use crate::domain::secret::Secret;

/// One request. `Debug` shows neither the key nor the body.
#[derive(Clone)]
pub struct HttpRequest {
    pub method: Method,
    /// Absolute, without user, query or fragment.
    pub url: String,
    /// Sent as `Authorization: Bearer …`; a server on this machine may need none.
    pub bearer: Option<Secret>,
    pub body: Body,
}

/// What a request carries.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    Empty,
    Json(Vec<u8>),
    Form(Form),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

pub const JSON: &str = "application/json";

impl HttpRequest {
    #[must_use]
    pub fn post(url: String, bearer: Option<Secret>, body: Body) -> Self {
        Self {
            method: Method::Post,
            url,
            bearer,
            body,
        }
    }

    #[must_use]
    pub fn get(url: String, bearer: Option<Secret>) -> Self {
        Self {
            method: Method::Get,
            url,
            bearer,
            body: Body::Empty,
        }
    }
}

impl Body {
    /// `None` where there is none.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        match self {
            Self::Empty => None,
            Self::Json(_) => Some(JSON.into()),
            Self::Form(form) => Some(form.content_type()),
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Body").field(&self.content_type()).finish()
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
            .field("content_type", &self.body.content_type())
            .finish_non_exhaustive()
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
            HttpRequest::post(url, Some(key), Body::Json(b"a prompt".to_vec()))
        );
        assert!(!shown.contains("sk-") && !shown.contains("97, 32"));
        assert!(shown.contains("Some(***)"), "{shown}");
    }
}
