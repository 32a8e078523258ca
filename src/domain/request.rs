//! The request being composed, what is wrong with it, and the request that may be sent.

use reactive_stores::{Patch, Store};
use serde::{Deserialize, Serialize};

use crate::domain::model::{Catalogue, Model, Options, Row};
use crate::domain::secret::looks_like_key;
use crate::domain::size::{Pixels, Size, SizeFault};

/// Everything a person sets. Values may be stale after a change of model: `check` says so, `adapt` mends them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Store, Patch)]
#[serde(default)]
pub struct ImageRequest {
    pub model: String,
    pub prompt: String,
    pub n: u32,
    #[patch(|this, new| *this = new)]
    pub size: Size,
    pub quality: String,
    pub background: String,
    pub output_format: String,
    /// 0 to 100; read only for formats that take it.
    pub output_compression: u32,
    pub moderation: String,
    pub complexity: String,
    pub style: String,
    /// How closely the given images are followed.
    pub input_fidelity: String,
    /// Partial previews; from 1 on, the reply is streamed.
    pub partial_images: u32,
    /// What is edited: the first is the canvas, the others are references. With any of them the request is an edit.
    #[patch(|this, new| *this = new)]
    pub images: Vec<ImageRef>,
    /// Where its alpha is 0 the canvas may change.
    #[patch(|this, new| *this = new)]
    pub mask: Option<ImageRef>,
}

/// A stored image, by what it takes to send and to price it; its bytes stay in the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageRef {
    /// SHA-256 of the bytes: the key of the stored Blob.
    pub blob: String,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    pub width: u32,
    pub height: u32,
    pub bytes: u64,
}

/// A request that its model's row allows: the only thing that can be encoded. Parameters the row lacks are `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidRequest {
    model: String,
    prompt: String,
    n: u32,
    size: Size,
    quality: Option<String>,
    background: Option<String>,
    output_format: Option<String>,
    output_compression: Option<u32>,
    moderation: Option<String>,
    complexity: Option<String>,
    style: Option<String>,
    input_fidelity: Option<String>,
    partial_images: Option<u32>,
    response_format: Option<String>,
    images: Vec<ImageRef>,
    mask: Option<ImageRef>,
}

/// One reason why a request cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    PromptEmpty,
    PromptTooLong {
        chars: usize,
        max: usize,
    },
    /// Something shaped like an API key stands in the prompt.
    PromptHoldsKey,
    NoModel,
    Count {
        max: u32,
    },
    Size {
        fault: SizeFault,
        nearest: Option<Pixels>,
    },
    /// The value is not in the model's row.
    Value {
        parameter: Parameter,
    },
    /// Transparency needs one of these formats.
    TransparentFormat {
        formats: Vec<String>,
    },
    Compression,
    Previews {
        max: u32,
    },
    /// The model makes pictures from text only.
    NoEdits,
    TooManyImages {
        max: usize,
    },
    /// An image, told by its number from 1 on, has too many bytes.
    ImageTooLarge {
        number: usize,
        max_bytes: u64,
    },
    /// An image, told by its number from 1 on, has a format that the model does not read.
    ImageType {
        number: usize,
        types: Vec<String>,
    },
    /// A mask belongs to the first image and has its size.
    MaskSize,
    MaskTooLarge {
        max_bytes: u64,
    },
}

/// The parameters that take one of a list of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parameter {
    Quality,
    Background,
    OutputFormat,
    Moderation,
    Complexity,
    Style,
    InputFidelity,
}

impl Parameter {
    pub const ALL: [Self; 7] = [
        Self::Quality,
        Self::Background,
        Self::OutputFormat,
        Self::Moderation,
        Self::Complexity,
        Self::Style,
        Self::InputFidelity,
    ];

    /// The values that a row offers, or `None` where its model lacks the parameter.
    #[must_use]
    pub fn options(self, row: &Row) -> Option<&Options> {
        match self {
            Self::Quality => row.quality.as_ref(),
            Self::Background => row.background.as_ref(),
            Self::OutputFormat => row.output_format.as_ref(),
            Self::Moderation => row.moderation.as_ref(),
            Self::Complexity => row.complexity.as_ref(),
            Self::Style => row.style.as_ref(),
            Self::InputFidelity => row.input_fidelity.as_ref(),
        }
    }

    #[must_use]
    pub fn value(self, request: &ImageRequest) -> &str {
        match self {
            Self::Quality => &request.quality,
            Self::Background => &request.background,
            Self::OutputFormat => &request.output_format,
            Self::Moderation => &request.moderation,
            Self::Complexity => &request.complexity,
            Self::Style => &request.style,
            Self::InputFidelity => &request.input_fidelity,
        }
    }

    pub fn value_mut(self, request: &mut ImageRequest) -> &mut String {
        match self {
            Self::Quality => &mut request.quality,
            Self::Background => &mut request.background,
            Self::OutputFormat => &mut request.output_format,
            Self::Moderation => &mut request.moderation,
            Self::Complexity => &mut request.complexity,
            Self::Style => &mut request.style,
            Self::InputFidelity => &mut request.input_fidelity,
        }
    }
}

pub const TRANSPARENT: &str = "transparent";
pub const AUTO: &str = "auto";
/// The fidelity that costs more.
pub const HIGH: &str = "high";

impl Default for ImageRequest {
    fn default() -> Self {
        Self {
            model: String::new(),
            prompt: String::new(),
            n: 1,
            size: Size::Auto,
            quality: String::new(),
            background: String::new(),
            output_format: String::new(),
            output_compression: 100,
            moderation: String::new(),
            complexity: String::new(),
            style: String::new(),
            input_fidelity: String::new(),
            partial_images: 0,
            images: Vec::new(),
            mask: None,
        }
    }
}

impl ImageRef {
    #[must_use]
    pub fn pixels(&self) -> Pixels {
        Pixels::new(self.width, self.height)
    }

    /// `png` of `image/png`, as rows name it.
    fn kind(&self) -> &str {
        self.media_type.trim_start_matches("image/")
    }
}

impl ImageRequest {
    /// A fresh request for a model: every parameter at its row's default.
    #[must_use]
    pub fn new(model: &str, catalogue: &Catalogue) -> Self {
        let size = catalogue.model(model).endpoints.generations.sizes.default;
        let mut request = Self {
            size,
            ..Self::default()
        };
        request.adapt(model, catalogue);
        request
    }

    /// Moves to a model: what its row does not allow becomes the row's default, or the nearest size; the rest stays.
    pub fn adapt(&mut self, model: &str, catalogue: &Catalogue) {
        let row = self.row(catalogue.model(model));
        self.model = model.into();
        for parameter in Parameter::ALL {
            if let Some(options) = parameter.options(row)
                && !options
                    .values
                    .iter()
                    .any(|value| value == parameter.value(self))
            {
                parameter.value_mut(self).clone_from(&options.default);
            }
        }
        if row.sizes.allows(self.size).is_some() {
            let nearest = self
                .size
                .pixels()
                .and_then(|wish| row.sizes.nearest(wish))
                .map(Size::Pixels);
            self.size = nearest.unwrap_or(row.sizes.default);
        }
        self.n = self.n.clamp(1, row.n.max);
        self.partial_images = self.partial_images.min(row.partial_images);
    }

    /// Whether given images are edited, and not a picture made from text alone.
    #[must_use]
    pub fn is_edit(&self) -> bool {
        !self.images.is_empty()
    }

    /// What the model takes for this request: of the endpoint that it goes to.
    #[must_use]
    pub fn row<'a>(&self, model: &'a Model) -> &'a Row {
        model.row(self.is_edit())
    }

    /// The request that may be sent.
    ///
    /// # Errors
    /// Every reason why it may not, in the order of the controls.
    pub fn check(&self, model: &Model) -> Result<ValidRequest, Vec<Violation>> {
        let row = self.row(model);
        let violations = self.violations(model);
        if !violations.is_empty() {
            return Err(violations);
        }
        let set = |parameter: Parameter| {
            parameter
                .options(row)
                .map(|_| parameter.value(self).to_owned())
        };
        Ok(ValidRequest {
            model: self.model.trim().into(),
            prompt: self.prompt.clone(),
            n: self.n,
            size: self.size,
            quality: set(Parameter::Quality),
            background: set(Parameter::Background),
            output_format: set(Parameter::OutputFormat),
            output_compression: row
                .takes_compression(&self.output_format)
                .then_some(self.output_compression),
            moderation: set(Parameter::Moderation),
            complexity: set(Parameter::Complexity),
            style: set(Parameter::Style),
            input_fidelity: set(Parameter::InputFidelity),
            partial_images: (self.streams(row)).then_some(self.partial_images),
            response_format: row.response_format.clone(),
            images: self.images.clone(),
            mask: self.mask.clone(),
        })
    }

    /// Whether the reply comes as a stream: the model can, and previews are wanted.
    #[must_use]
    pub fn streams(&self, row: &Row) -> bool {
        row.partial_images > 0 && self.partial_images > 0
    }

    /// Every reason why it may not be sent, in the order of the controls.
    #[must_use]
    pub fn violations(&self, model: &Model) -> Vec<Violation> {
        let row = self.row(model);
        let mut found = self.prompt_violations(row);
        found.extend(self.image_violations(model));
        if self.model.trim().is_empty() {
            found.push(Violation::NoModel);
        }
        if let Some(fault) = row.sizes.allows(self.size) {
            let nearest = self.size.pixels().and_then(|wish| row.sizes.nearest(wish));
            found.push(Violation::Size { fault, nearest });
        }
        if self.n == 0 || self.n > row.n.max {
            found.push(Violation::Count { max: row.n.max });
        }
        let stale = |parameter: &Parameter| {
            parameter
                .options(row)
                .is_some_and(|options| !options.values.iter().any(|v| v == parameter.value(self)))
        };
        found.extend(
            Parameter::ALL
                .into_iter()
                .filter(stale)
                .map(|parameter| Violation::Value { parameter }),
        );
        if row.background.is_some()
            && self.background == TRANSPARENT
            && !row.transparent_formats.contains(&self.output_format)
        {
            found.push(Violation::TransparentFormat {
                formats: row.transparent_formats.clone(),
            });
        }
        if row.takes_compression(&self.output_format) && self.output_compression > 100 {
            found.push(Violation::Compression);
        }
        if self.partial_images > row.partial_images && row.partial_images > 0 {
            found.push(Violation::Previews {
                max: row.partial_images,
            });
        }
        found
    }

    fn image_violations(&self, model: &Model) -> Vec<Violation> {
        let Some(canvas) = self.images.first() else {
            return Vec::new();
        };
        let edits = model.endpoints.edits.as_ref();
        let Some((row, limits)) = edits.and_then(|row| Some((row, row.images.as_ref()?))) else {
            return vec![Violation::NoEdits];
        };
        let mut found = Vec::new();
        if self.images.len() > limits.max {
            found.push(Violation::TooManyImages { max: limits.max });
        }
        for (index, image) in self.images.iter().enumerate() {
            let number = index + 1;
            if !limits.types.iter().any(|kind| kind == image.kind()) {
                let types = limits.types.clone();
                found.push(Violation::ImageType { number, types });
            }
            if image.bytes >= limits.max_bytes {
                let max_bytes = limits.max_bytes;
                found.push(Violation::ImageTooLarge { number, max_bytes });
            }
        }
        let mask = self.mask.as_ref();
        if mask.is_some_and(|mask| mask.pixels() != canvas.pixels()) {
            found.push(Violation::MaskSize);
        }
        let most = row.mask.as_ref().map(|limits| limits.max_bytes);
        if let Some((mask, max_bytes)) = mask.zip(most)
            && mask.bytes >= max_bytes
        {
            found.push(Violation::MaskTooLarge { max_bytes });
        }
        found
    }

    fn prompt_violations(&self, row: &Row) -> Vec<Violation> {
        // Counting characters is linear; bytes bound it from above, so ordinary prompts are never counted.
        let chars = if self.prompt.len() > row.prompt_chars {
            self.prompt.chars().count()
        } else {
            0
        };
        let mut found = Vec::new();
        if self.prompt.trim().is_empty() {
            found.push(Violation::PromptEmpty);
        }
        if chars > row.prompt_chars {
            found.push(Violation::PromptTooLong {
                chars,
                max: row.prompt_chars,
            });
        }
        if looks_like_key(&self.prompt) {
            found.push(Violation::PromptHoldsKey);
        }
        found
    }
}

impl ValidRequest {
    /// The requests that are really sent: streams carry one picture each, so `n` of them become `n` requests.
    #[must_use]
    pub fn sends(&self, row: &Row) -> Vec<Self> {
        if self.partial_images.is_some() && self.n > row.n.max_streamed {
            let one = Self {
                n: 1,
                ..self.clone()
            };
            vec![one; self.n as usize]
        } else {
            vec![self.clone()]
        }
    }

    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    #[must_use]
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    #[must_use]
    pub fn n(&self) -> u32 {
        self.n
    }

    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    #[must_use]
    pub fn quality(&self) -> Option<&str> {
        self.quality.as_deref()
    }

    #[must_use]
    pub fn background(&self) -> Option<&str> {
        self.background.as_deref()
    }

    #[must_use]
    pub fn output_format(&self) -> Option<&str> {
        self.output_format.as_deref()
    }

    #[must_use]
    pub fn output_compression(&self) -> Option<u32> {
        self.output_compression
    }

    #[must_use]
    pub fn moderation(&self) -> Option<&str> {
        self.moderation.as_deref()
    }

    #[must_use]
    pub fn complexity(&self) -> Option<&str> {
        self.complexity.as_deref()
    }

    #[must_use]
    pub fn style(&self) -> Option<&str> {
        self.style.as_deref()
    }

    #[must_use]
    pub fn input_fidelity(&self) -> Option<&str> {
        self.input_fidelity.as_deref()
    }

    /// The images of an edit, the canvas first; none of a request that makes a picture from text alone.
    #[must_use]
    pub fn images(&self) -> &[ImageRef] {
        &self.images
    }

    /// The mask of an edit.
    #[must_use]
    pub fn mask(&self) -> Option<&ImageRef> {
        self.mask.as_ref().filter(|_| !self.images.is_empty())
    }

    /// Partial previews, where the reply is streamed.
    #[must_use]
    pub fn partial_images(&self) -> Option<u32> {
        self.partial_images
    }

    #[must_use]
    pub fn response_format(&self) -> Option<&str> {
        self.response_format.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        Catalogue::built_in().unwrap()
    }

    fn request(model: &str, change: impl FnOnce(&mut ImageRequest)) -> (ImageRequest, Catalogue) {
        let catalogue = catalogue();
        let mut request = ImageRequest::new(model, &catalogue);
        request.prompt = "a red umbrella".into();
        change(&mut request);
        (request, catalogue)
    }

    #[track_caller]
    fn check(model: &str, change: impl FnOnce(&mut ImageRequest), expected: &[Violation]) {
        let (request, catalogue) = request(model, change);
        let found = request
            .check(catalogue.model(model))
            .err()
            .unwrap_or_default();
        assert_eq!(found, expected);
    }

    #[test]
    fn every_model_has_a_request_that_may_be_sent() {
        for model in catalogue().models() {
            check(&model.id, |_| (), &[]);
        }
        check("some-model-of-tomorrow", |_| (), &[]);
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        let mini = "gpt-image-1-mini";
        check(mini, |r| r.prompt = " \n".into(), &[Violation::PromptEmpty]);
        check(mini, |r| r.prompt = "傘".repeat(32_000), &[]);
        check(
            mini,
            |r| r.prompt = "傘".repeat(32_001),
            &[Violation::PromptTooLong {
                chars: 32_001,
                max: 32_000,
            }],
        );
        check(
            mini,
            |r| r.prompt = format!("use sk-{}", "a1".repeat(12)),
            &[Violation::PromptHoldsKey],
        );
        check(mini, |r| r.n = 0, &[Violation::Count { max: 10 }]);
        check(
            mini,
            |r| r.quality = "max".into(),
            &[Violation::Value {
                parameter: Parameter::Quality,
            }],
        );
        check("", |_| (), &[Violation::NoModel]);
        let formats = vec!["png".into(), "webp".into()];
        let transparent_jpeg = |r: &mut ImageRequest| {
            (r.background, r.output_format) = ("transparent".into(), "jpeg".into());
        };
        check(
            mini,
            transparent_jpeg,
            &[Violation::TransparentFormat { formats }],
        );
        let odd = Size::Pixels(Pixels::new(1000, 1000));
        let listed = Violation::Size {
            fault: SizeFault::NotInList,
            nearest: Some(Pixels::new(1024, 1024)),
        };
        check(mini, |r| r.size = odd, &[listed]);
        let multiple = Violation::Size {
            fault: SizeFault::NotAMultiple(16),
            nearest: Some(Pixels::new(1008, 1008)),
        };
        check("gpt-image-2", |r| r.size = odd, &[multiple]);
    }

    #[test]
    fn previews_of_several_pictures_are_several_requests() {
        let (request, catalogue) = request("gpt-image-2", |r| (r.n, r.partial_images) = (4, 2));
        let model = catalogue.model("gpt-image-2");
        let sends = request
            .check(model)
            .unwrap()
            .sends(&model.endpoints.generations);
        assert_eq!(
            sends
                .iter()
                .map(|send| (send.n(), send.partial_images()))
                .collect::<Vec<_>>(),
            [(1, Some(2)); 4]
        );
    }

    fn image(width: u32, height: u32, bytes: u64) -> ImageRef {
        ImageRef {
            blob: String::new(),
            media_type: "image/png".into(),
            width,
            height,
            bytes,
        }
    }

    #[test]
    fn an_edit_goes_by_the_row_of_edits() {
        let older = "gpt-image-1.5";
        let with =
            |images: usize| move |r: &mut ImageRequest| r.images = vec![image(64, 32, 900); images];
        check(
            older,
            with(16),
            &[Violation::Value {
                parameter: Parameter::InputFidelity,
            }],
        );
        let (mut request, catalogue) = request(older, with(16));
        request.adapt(older, &catalogue);
        let valid = request.check(catalogue.model(older)).unwrap();
        assert_eq!(
            (valid.moderation(), valid.input_fidelity()),
            (None, Some("low"))
        );
        assert_eq!(valid.images().len(), 16);
        check("dall-e-3", with(1), &[Violation::NoEdits]);
        check(
            "gpt-image-2",
            with(17),
            &[Violation::TooManyImages { max: 16 }],
        );
    }

    #[test]
    fn images_and_mask_have_limits() {
        let two = "gpt-image-2";
        let spoiled = |r: &mut ImageRequest| {
            r.images = vec![image(64, 32, 900), image(8, 8, 50_000_000)];
            r.images[0].media_type = "image/gif".into();
            r.mask = Some(image(32, 64, 4_000_000));
        };
        let types = vec!["png".into(), "webp".into(), "jpeg".into()];
        check(
            two,
            spoiled,
            &[
                Violation::ImageType { number: 1, types },
                Violation::ImageTooLarge {
                    number: 2,
                    max_bytes: 50_000_000,
                },
                Violation::MaskSize,
                Violation::MaskTooLarge {
                    max_bytes: 4_000_000,
                },
            ],
        );
        // Without an image a mask is no part of the request.
        let (request, catalogue) = request(two, |r| r.mask = Some(image(1, 1, 9)));
        assert_eq!(request.check(catalogue.model(two)).unwrap().mask(), None);
    }

    #[test]
    fn moving_to_another_model_keeps_what_it_can() {
        let (mut request, catalogue) = request("gpt-image-2.5-flare", |r| {
            r.quality = "max".into();
            r.size = Size::Pixels(Pixels::new(3840, 2160));
            r.output_format = "webp".into();
        });
        request.adapt("gpt-image-1-mini", &catalogue);
        assert_eq!(
            (request.quality.as_str(), request.output_format.as_str()),
            ("medium", "webp")
        );
        assert_eq!(request.size, Size::Pixels(Pixels::new(1536, 1024)));
        assert!(request.check(catalogue.model("gpt-image-1-mini")).is_ok());
    }
}
