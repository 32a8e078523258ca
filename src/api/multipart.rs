//! The form of an edit (RFC 7578): text fields, and images by reference, so that their bytes need not pass through here.

use crate::domain::request::ImageRef;

/// An ordered form, printed with a boundary that no part of it contains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub boundary: String,
    pub parts: Vec<Part>,
}

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: &'static str,
    pub value: PartValue,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartValue {
    Text(String),
    /// `file_name` has plain letters only.
    Image {
        image: ImageRef,
        file_name: String,
    },
}

/// A stretch of the body: bytes as they stand, or those of a stored image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stretch {
    Bytes(Vec<u8>),
    Image(ImageRef),
}

impl Form {
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// The body, in order; neighbouring bytes are one stretch.
    #[must_use]
    pub fn stretches(&self) -> Vec<Stretch> {
        let mut all = Vec::new();
        let mut bytes = Vec::new();
        for part in &self.parts {
            let head = format!(
                "--{}\r\nContent-Disposition: form-data; name=\"{}\"",
                self.boundary, part.name
            );
            bytes.extend(head.into_bytes());
            match &part.value {
                PartValue::Text(text) => bytes.extend(format!("\r\n\r\n{text}\r\n").into_bytes()),
                PartValue::Image { image, file_name } => {
                    let rest = format!(
                        "; filename=\"{file_name}\"\r\nContent-Type: {}\r\n\r\n",
                        image.media_type
                    );
                    bytes.extend(rest.into_bytes());
                    all.push(Stretch::Bytes(std::mem::take(&mut bytes)));
                    all.push(Stretch::Image(image.clone()));
                    bytes.extend(b"\r\n");
                }
            }
        }
        bytes.extend(format!("--{}--\r\n", self.boundary).into_bytes());
        all.push(Stretch::Bytes(bytes));
        all
    }
}
