//! The model data of this build, in the form that the build script left it in.

use crate::domain::model::{Catalogue, CatalogueError};

impl Catalogue {
    /// The data of `public/models.json` as it was when the app was built: read and checked then, so that the start needs
    /// none of the code that reads a data file (13 kB of brotli).
    ///
    /// # Errors
    /// The build was made of parts that do not belong together.
    pub fn built_in() -> Result<Self, CatalogueError> {
        let compact = include_bytes!(concat!(env!("OUT_DIR"), "/models.postcard"));
        postcard::from_bytes(compact).map_err(|error| CatalogueError::Malformed(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::FILE;

    #[test]
    fn the_built_in_data_is_the_data_of_the_file() {
        assert_eq!(Catalogue::built_in(), Catalogue::read(FILE));
    }
}
