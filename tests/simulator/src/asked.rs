//! A request as it was received: its parameters, from JSON or a form, and its pictures.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart};
use axum::http::{HeaderMap, Request, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};

use crate::faults::Fault;

/// What was asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Without the pictures; a form's numbers and booleans are read as such.
    pub parameters: Map<String, Value>,
    pub images: Vec<Upload>,
    pub mask: Option<Upload>,
    pub is_edit: bool,
    /// Came as a form, not as JSON.
    pub is_form: bool,
}

/// A picture that was sent.
#[derive(Debug, Clone)]
pub struct Upload {
    /// `image[]`, `image`, `mask` or `images`.
    pub field: String,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub bytes: Bytes,
    /// Width and height, where it is a PNG, JPEG or WebP.
    pub size: Option<(u32, u32)>,
}

impl Asked {
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name)?.as_str()
    }

    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.parameters.get(name)?.as_u64()
    }

    #[must_use]
    pub fn streams(&self) -> bool {
        self.parameters.get("stream") == Some(&Value::Bool(true))
    }

    /// Reads a body.
    pub(crate) async fn read(path: &str, headers: &HeaderMap, body: Bytes) -> Result<Self, Fault> {
        let is_edit = path.ends_with("/edits");
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut asked = Self {
            is_edit,
            is_form: content_type.starts_with("multipart/form-data"),
            ..Self::default()
        };
        if asked.is_form && is_edit {
            asked.read_form(content_type, body).await?;
        } else if content_type.starts_with("application/json") {
            asked.read_json(&body)?;
        } else {
            let message = format!(
                "Unsupported content type: '{content_type}'. This API method only accepts 'application/json' requests, but you specified the header 'Content-Type: {content_type}'. Please try again with a supported content type."
            );
            return Err(Fault::new(
                400,
                "invalid_request_error",
                Some("unsupported_content_type"),
                None,
                &message,
            ));
        }
        Ok(asked)
    }

    fn read_json(&mut self, body: &[u8]) -> Result<(), Fault> {
        let broken = || {
            Fault::new(
                400,
                "invalid_request_error",
                None,
                None,
                "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON.)",
            )
        };
        let read: Value = serde_json::from_slice(body).map_err(|_broken| broken())?;
        let Value::Object(mut parameters) = read else {
            return Err(broken());
        };
        if self.is_edit {
            for reference in parameters
                .remove("images")
                .as_ref()
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                self.images.push(referenced("images", reference)?);
            }
            if let Some(reference) = parameters.remove("mask") {
                self.mask = Some(referenced("mask", &reference)?);
            }
        }
        self.parameters = parameters;
        Ok(())
    }

    async fn read_form(&mut self, content_type: &str, body: Bytes) -> Result<(), Fault> {
        let broken = |error: &dyn std::fmt::Display| {
            Fault::new(
                400,
                "invalid_request_error",
                None,
                None,
                &format!("Could not parse multipart form: {error}"),
            )
        };
        let request = Request::builder()
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .map_err(|error| broken(&error))?;
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|error| broken(&error))?;
        while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
            let name = field.name().unwrap_or_default().to_owned();
            let file_name = field.file_name().map(str::to_owned);
            let content_type = field.content_type().map(str::to_owned);
            let bytes = field.bytes().await.map_err(|error| broken(&error))?;
            let upload = Upload::new(&name, file_name, content_type, bytes);
            match name.as_str() {
                "image[]" | "image" => self.images.push(upload),
                "mask" => self.mask = Some(upload),
                _ => {
                    let text = String::from_utf8_lossy(&upload.bytes).into_owned();
                    self.parameters.insert(name, typed(text));
                }
            }
        }
        Ok(())
    }
}

/// A form knows texts only.
fn typed(text: String) -> Value {
    match text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => text.parse::<i64>().map_or(Value::String(text), Value::from),
    }
}

/// The picture of a data URL.
fn referenced(field: &str, reference: &Value) -> Result<Upload, Fault> {
    let refused = |message: &str| {
        Fault::new(
            400,
            "invalid_request_error",
            Some("invalid_value"),
            Some(field),
            message,
        )
    };
    let address = reference
        .get("image_url")
        .and_then(Value::as_str)
        .ok_or_else(|| {
            refused("Expected an object with 'image_url'; the simulator has no files.")
        })?;
    if address.len() > 20_971_520 {
        return Err(refused("The data URL is too long."));
    }
    let (kind, data) = address
        .strip_prefix("data:")
        .and_then(|rest| rest.split_once(";base64,"))
        .ok_or_else(|| refused("Expected a base64 data URL."))?;
    let bytes = STANDARD
        .decode(data)
        .map_err(|_junk| refused("Invalid base64."))?;
    Ok(Upload::new(
        field,
        None,
        Some(kind.to_owned()),
        bytes.into(),
    ))
}

impl Upload {
    fn new(
        field: &str,
        file_name: Option<String>,
        content_type: Option<String>,
        bytes: Bytes,
    ) -> Self {
        let size = image::ImageReader::new(std::io::Cursor::new(&bytes))
            .with_guessed_format()
            .ok()
            .and_then(|reader| reader.into_dimensions().ok());
        Self {
            field: field.into(),
            file_name,
            content_type,
            bytes,
            size,
        }
    }
}
