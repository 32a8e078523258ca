//! Pictures good, broken and hostile, made by code and the same every time.

pub mod bombs;
pub mod broken;
pub mod photos;
pub mod png;

/// A file of the corpus.
#[derive(Debug, Clone)]
pub struct Specimen {
    /// What is special about it; no two have the same.
    pub name: String,
    pub bytes: Vec<u8>,
}

impl Specimen {
    fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        let name = name.into();
        Self { name, bytes }
    }
}
