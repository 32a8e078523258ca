//! What each model accepts, until when it lives and what its tokens cost: read from `public/models.json`, never written in code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::date::Date;
use crate::domain::money::{Rate, Usd};
use crate::domain::size::{Pixels, Size, SizeFault, SizeRule};

/// The data file of this build. A newer file of the same format can stand in for it.
pub const FILE: &str = include_str!("../../public/models.json");

/// All models, in the order in which they are offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    format: u32,
    /// The day to which the data was brought.
    pub version: Date,
    pub sources: BTreeMap<String, Source>,
    pub(super) models: Vec<Model>,
    unknown_model: Model,
    /// No part of a data file: what the provider itself named.
    #[serde(skip)]
    pub(super) listed: Vec<String>,
}

/// What every format has.
#[derive(Deserialize)]
struct Head {
    format: u32,
}

/// Where a figure was read, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub name: String,
    pub address: String,
    pub read: Date,
}

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    pub id: String,
    /// Dated names of the same model.
    #[serde(default)]
    pub snapshots: Vec<String>,
    pub lifecycle: Lifecycle,
    #[serde(default)]
    pub rates: Option<Rates>,
    #[serde(default)]
    pub output_tokens: Option<OutputTokens>,
    #[serde(default)]
    pub published: Option<Published>,
    #[serde(default)]
    pub text_tokens: Option<TextTokens>,
    #[serde(default)]
    pub input_images: Option<InputImages>,
    /// What each partial preview adds to the output.
    pub partial_image_tokens: u64,
    pub endpoints: Endpoints,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lifecycle {
    #[serde(default)]
    pub released: Option<Date>,
    /// The first day on which OpenAI no longer answers for it.
    #[serde(default)]
    pub shutdown: Option<Date>,
    /// The model that OpenAI names instead.
    #[serde(default)]
    pub replacement: Option<String>,
    pub source: String,
}

/// Prices of a token, in dollars per million.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    pub text_in: Rate,
    pub text_in_cached: Rate,
    pub image_in: Rate,
    pub image_in_cached: Rate,
    pub image_out: Rate,
    #[serde(default)]
    pub text_out: Option<Rate>,
    pub source: String,
}

/// How sure a figure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    Official,
    Measured,
    Inferred,
    Unknown,
}

/// Output tokens of one picture: a table by size and quality, or a formula over the pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputTokens {
    #[serde(default)]
    pub table: BTreeMap<String, BTreeMap<String, u64>>,
    #[serde(default)]
    pub formula: Option<Formula>,
    /// From how many to how many hundredths of the formula were seen, by quality.
    #[serde(default)]
    pub percent: BTreeMap<String, [u64; 2]>,
    pub certainty: Certainty,
    pub source: String,
}

/// `tokens = ceil(F · u · (2,000,000 + W·H) / 4,000,000)` with `u = round-half-to-even(F · short / long)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Formula {
    pub factors: BTreeMap<String, u64>,
}

/// Published prices of one picture, output only, by size and quality (`""` where the model has no qualities).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    pub cells: BTreeMap<String, BTreeMap<String, Usd>>,
    pub source: String,
    /// The published figure is above tokens × rates, and which of the two is billed is not settled.
    #[serde(default)]
    pub upper_bound: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextTokens {
    pub tokenizer: String,
    /// Tokens on top of the prompt's own.
    pub added: u64,
    /// From how many to how many more tokens of text each image of an edit brings: seen, and no rule is known.
    #[serde(default)]
    pub added_by_image: Option<[u64; 2]>,
    pub certainty: Certainty,
    pub source: String,
}

/// Input tokens of one given image: by tiles, or as many as were seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputImages {
    #[serde(default)]
    pub tiles: Option<Tiles>,
    /// From how many to how many, where there is no rule.
    #[serde(default)]
    pub seen: Option<[u64; 2]>,
    /// What high input fidelity adds.
    #[serde(default)]
    pub high_fidelity: Option<HighFidelity>,
    pub certainty: Certainty,
    pub source: String,
}

/// `base + each · tiles`: the image is scaled until its shorter edge has 512 pixels, and cut into squares of 512.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tiles {
    pub base: u64,
    pub each: u64,
}

/// Tokens that high input fidelity adds to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HighFidelity {
    pub square: u64,
    pub other: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    pub generations: Row,
    #[serde(default)]
    pub edits: Option<Row>,
}

/// What one model takes at one endpoint. A parameter without a row is not sent and has no control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Unicode scalar values.
    pub prompt_chars: usize,
    pub n: Count,
    pub sizes: Sizes,
    #[serde(default)]
    pub quality: Option<Options>,
    #[serde(default)]
    pub background: Option<Options>,
    /// The formats that can be transparent.
    pub transparent_formats: Vec<String>,
    #[serde(default)]
    pub output_format: Option<Options>,
    /// The formats that take a compression from 0 to 100.
    pub compression_formats: Vec<String>,
    #[serde(default)]
    pub moderation: Option<Options>,
    #[serde(default)]
    pub complexity: Option<Options>,
    #[serde(default)]
    pub style: Option<Options>,
    #[serde(default)]
    pub input_fidelity: Option<Options>,
    /// The most partial previews; 0: the model does not stream.
    pub partial_images: u32,
    /// Sent as it stands, where the model needs to be told.
    #[serde(default)]
    pub response_format: Option<String>,
    /// Values that the provider calls a preview, by parameter.
    #[serde(default)]
    pub preview_values: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    pub images: Option<ImageLimits>,
    #[serde(default)]
    pub mask: Option<MaskLimits>,
    #[serde(default)]
    pub note: Option<String>,
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    pub max: u32,
    pub max_streamed: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sizes {
    pub listed: Vec<Size>,
    pub auto: bool,
    pub default: Size,
    #[serde(default)]
    pub rule: Option<SizeRule>,
}

/// The values of one parameter, and the one to start with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    pub values: Vec<String>,
    pub default: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageLimits {
    pub max: usize,
    pub max_bytes: u64,
    pub types: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskLimits {
    pub max_bytes: u64,
}

/// Why a data file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    #[error("the model data cannot be read: {0}")]
    Malformed(String),
    #[error("the model data is of format {0}, this app reads format {FORMAT}")]
    Format(u32),
    #[error("the model data contradicts itself at {0}")]
    Inconsistent(String),
}

/// The format of the data files that this app reads.
pub const FORMAT: u32 = 1;
/// So many days before a shutdown it is time to move.
const NOTICE_DAYS: u32 = 30;

impl Catalogue {
    /// Reads a data file.
    ///
    /// # Errors
    /// A file of another shape or format, or one that names a default, source or replacement that it does not hold.
    pub fn read(json: &str) -> Result<Self, CatalogueError> {
        let malformed = |error: serde_json::Error| CatalogueError::Malformed(error.to_string());
        // A later format may look otherwise in all else.
        let Head { format } = serde_json::from_str(json).map_err(malformed)?;
        if format != FORMAT {
            return Err(CatalogueError::Format(format));
        }
        let read: Self = serde_json::from_str(json).map_err(malformed)?;
        let torn = read.all().find(|model| !read.holds_together(model));
        match torn.map(|model| model.id.clone()) {
            Some(id) => Err(CatalogueError::Inconsistent(id)),
            None => Ok(read),
        }
    }

    fn holds_together(&self, model: &Model) -> bool {
        let default_is_listed = |options: &Options| options.values.contains(&options.default);
        let row_ok = |row: &Row| {
            row.options().into_iter().flatten().all(default_is_listed)
                && row.sizes.allows(row.sizes.default).is_none()
                && row.n.max > 0
                && self.sources.contains_key(&row.source)
        };
        let image_ok = |images: &InputImages| {
            (images.tiles.is_some() || images.seen.is_some())
                && self.sources.contains_key(&images.source)
        };
        let known = |id: &String| self.models.iter().any(|model| &model.id == id);
        [
            Some(&model.endpoints.generations),
            model.endpoints.edits.as_ref(),
        ]
        .into_iter()
        .flatten()
        .all(row_ok)
            && model.lifecycle.replacement.as_ref().is_none_or(known)
            && model.input_images.as_ref().is_none_or(image_ok)
            && self.sources.contains_key(&model.lifecycle.source)
    }

    /// The models, without the stand-in for unknown names.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The models and the stand-in.
    pub(super) fn all(&self) -> impl Iterator<Item = &Model> {
        self.models.iter().chain([&self.unknown_model])
    }

    /// The model of a name or a dated name; for any other name conservative controls and no price.
    #[must_use]
    pub fn model(&self, id: &str) -> &Model {
        self.known(id).unwrap_or(&self.unknown_model)
    }

    #[must_use]
    pub fn known(&self, id: &str) -> Option<&Model> {
        self.models
            .iter()
            .find(|model| model.id == id || model.snapshots.iter().any(|name| name == id))
    }
}

impl Model {
    /// What it takes at the endpoint of edits, or at that of generations, which stands in where a model has no edits.
    #[must_use]
    pub fn row(&self, is_edit: bool) -> &Row {
        let edits = self.endpoints.edits.as_ref().filter(|_| is_edit);
        edits.unwrap_or(&self.endpoints.generations)
    }

    /// Whether OpenAI answers for it on that day.
    #[must_use]
    pub fn is_active(&self, today: Date) -> bool {
        self.lifecycle
            .shutdown
            .is_none_or(|shutdown| today < shutdown)
    }
}

impl Lifecycle {
    /// The day of the shutdown and what comes after it, from a month before on.
    #[must_use]
    pub fn due(&self, today: Date) -> Option<(Date, &str)> {
        let (shutdown, replacement) = self.shutdown.zip(self.replacement.as_deref())?;
        let is_due = shutdown.days() <= today.days().saturating_add(NOTICE_DAYS);
        is_due.then_some((shutdown, replacement))
    }
}

impl Row {
    /// The values of all parameters.
    #[must_use]
    pub fn options(&self) -> [Option<&Options>; 7] {
        [
            self.quality.as_ref(),
            self.background.as_ref(),
            self.output_format.as_ref(),
            self.moderation.as_ref(),
            self.complexity.as_ref(),
            self.style.as_ref(),
            self.input_fidelity.as_ref(),
        ]
    }

    /// Whether a format takes a compression.
    #[must_use]
    pub fn takes_compression(&self, format: &str) -> bool {
        self.output_format.is_some() && self.compression_formats.iter().any(|name| name == format)
    }
}

impl Sizes {
    /// Why a size cannot be asked for, or `None` where it can.
    #[must_use]
    pub fn allows(&self, size: Size) -> Option<SizeFault> {
        match (size, &self.rule) {
            (Size::Auto, _) if self.auto => None,
            (size, _) if self.listed.contains(&size) => None,
            (Size::Pixels(pixels), Some(rule)) => rule.fault(pixels),
            _ => Some(SizeFault::NotInList),
        }
    }

    /// The legal size nearest to a wish.
    #[must_use]
    pub fn nearest(&self, wish: Pixels) -> Option<Pixels> {
        let gap = |size: &Pixels| {
            let (width, height) = (
                size.width.abs_diff(wish.width),
                size.height.abs_diff(wish.height),
            );
            width.saturating_add(height)
        };
        match &self.rule {
            Some(rule) => rule.nearest(wish),
            None => self
                .listed
                .iter()
                .filter_map(|size| size.pixels())
                .min_by_key(gap),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_of_this_build_holds_together() {
        let catalogue = Catalogue::built_in().unwrap();
        assert_eq!(catalogue.models().len(), 11);
        assert!(
            catalogue
                .models()
                .iter()
                .all(|model| model.published.is_some() || model.rates.is_some())
        );
    }

    #[test]
    fn lifecycles_follow_the_date() {
        let catalogue = Catalogue::built_in().unwrap();
        let active = |day: &str| {
            let day = Date::try_from(day.to_owned()).unwrap();
            catalogue
                .models()
                .iter()
                .filter(|model| model.is_active(day))
                .map(|model| model.id.as_str())
                .collect::<Vec<_>>()
        };
        assert_eq!(active("2026-11-22").len(), 8);
        assert_eq!(active("2026-12-02").len(), 5);
        assert!(
            active("2026-12-02")
                .iter()
                .all(|id| id.starts_with("gpt-image-2"))
        );
    }

    #[test]
    fn dated_names_and_unknown_names_have_a_row() {
        let catalogue = Catalogue::built_in().unwrap();
        assert_eq!(catalogue.model("gpt-image-2-2026-04-21").id, "gpt-image-2");
        let unknown = catalogue.model("flux-schnell");
        assert!(unknown.rates.is_none() && unknown.endpoints.generations.quality.is_none());
    }

    #[test]
    fn a_broken_file_is_refused_with_its_reason() {
        let refused =
            |from: &str, to: &str| Catalogue::read(&FILE.replacen(from, to, 1)).unwrap_err();
        assert_eq!(
            refused("\"format\": 1", "\"format\": 2"),
            CatalogueError::Format(2)
        );
        assert!(matches!(
            refused("\"8.00\"", "\"-8.00\""),
            CatalogueError::Malformed(_)
        ));
        assert!(matches!(
            refused("\"default\": \"medium\"", "\"default\": \"best\""),
            CatalogueError::Inconsistent(_)
        ));
        assert!(matches!(
            refused("\"n\"", "\"m\""),
            CatalogueError::Malformed(_)
        ));
    }
}
