//! What the real API would refuse, written from the fact sheet and not from the app's data: a second opinion.

use serde_json::Value;

use crate::asked::{Asked, Upload};
use crate::faults::Fault;

/// One model as the simulator knows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Known {
    pub id: &'static str,
    /// A dated name of the same model.
    snapshot: Option<&'static str>,
    /// First day without it.
    pub shutdown: Option<&'static str>,
    pub family: Family,
    fidelity: bool,
}

/// Models of one family take the same parameters and cost tokens by the same rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Mini,
    One,
    OneFive,
    Two,
    TwoFive,
    TwoSix,
    DallE2,
    DallE3,
    /// A name that only a compatible server has.
    Foreign,
}

const fn known(
    id: &'static str,
    snapshot: Option<&'static str>,
    shutdown: Option<&'static str>,
    family: Family,
    fidelity: bool,
) -> Known {
    Known {
        id,
        snapshot,
        shutdown,
        family,
        fidelity,
    }
}

/// All models of the fact sheet.
pub const MODELS: [Known; 11] = [
    known(
        "gpt-image-1-mini",
        None,
        Some("2026-12-01"),
        Family::Mini,
        false,
    ),
    known("gpt-image-1", None, Some("2026-10-23"), Family::One, true),
    known(
        "gpt-image-1.5",
        Some("gpt-image-1.5-2025-12-16"),
        Some("2026-12-01"),
        Family::OneFive,
        true,
    ),
    known(
        "chatgpt-image-latest",
        None,
        Some("2026-12-01"),
        Family::OneFive,
        true,
    ),
    known(
        "gpt-image-2",
        Some("gpt-image-2-2026-04-21"),
        None,
        Family::Two,
        false,
    ),
    known(
        "gpt-image-2.5-flare",
        Some("gpt-image-2.5-flare-2026-09-08"),
        None,
        Family::TwoFive,
        false,
    ),
    known(
        "gpt-image-2.5-sunburst",
        Some("gpt-image-2.5-sunburst-2026-09-08"),
        None,
        Family::TwoFive,
        false,
    ),
    known("gpt-image-2.6-flare", None, None, Family::TwoSix, false),
    known("gpt-image-2.6-sunburst", None, None, Family::TwoSix, false),
    known("dall-e-2", None, Some("2026-05-12"), Family::DallE2, false),
    known("dall-e-3", None, Some("2026-05-12"), Family::DallE3, false),
];

const FOREIGN: Known = known("", None, None, Family::Foreign, false);

impl Family {
    fn is_dall_e(self) -> bool {
        matches!(self, Self::DallE2 | Self::DallE3)
    }

    fn draws_any_size(self) -> bool {
        matches!(
            self,
            Self::Two | Self::TwoFive | Self::TwoSix | Self::Foreign
        )
    }

    fn sizes(self) -> &'static [&'static str] {
        match self {
            Self::DallE2 => &["256x256", "512x512", "1024x1024"],
            Self::DallE3 => &["1024x1024", "1792x1024", "1024x1792"],
            _ => &["1024x1024", "1024x1536", "1536x1024", "auto"],
        }
    }

    fn qualities(self) -> &'static [&'static str] {
        match self {
            Self::DallE2 => &["standard"],
            Self::DallE3 => &["standard", "hd"],
            Self::TwoFive | Self::TwoSix => &["low", "medium", "high", "xhigh", "max", "auto"],
            _ => &["low", "medium", "high", "auto"],
        }
    }
}

/// Which parameters an endpoint takes at all.
fn parameters(family: Family, asked: &Asked) -> Vec<&'static str> {
    let mut taken = vec!["prompt", "model", "n", "size", "user"];
    if family.is_dall_e() {
        taken.push("response_format");
        taken.extend(if family == Family::DallE3 {
            &["quality", "style"][..]
        } else {
            &[]
        });
    } else {
        taken.extend([
            "quality",
            "background",
            "output_format",
            "output_compression",
            "stream",
            "partial_images",
            "safety_identifier",
        ]);
    }
    if asked.is_edit {
        taken.extend(["image", "mask", "images", "input_fidelity"]);
    }
    if !(family.is_dall_e() || asked.is_edit && asked.is_form) {
        taken.push("moderation");
    }
    if matches!(family, Family::TwoSix) {
        taken.push("complexity");
    }
    taken
}

/// The model asked for, or why the request is refused.
///
/// # Errors
/// The refusal that the real API would send first.
pub fn check(asked: &Asked, today: &str, any_model: bool) -> Result<Known, Fault> {
    let model = model(asked.text("model").unwrap_or("dall-e-2"), today, any_model)?;
    let taken = parameters(model.family, asked);
    if let Some(name) = asked
        .parameters
        .keys()
        .find(|name| !taken.contains(&name.as_str()))
    {
        return Err(refusal(
            "unknown_parameter",
            name,
            &format!("Unknown parameter: '{name}'."),
        ));
    }
    check_prompt(asked, model.family)?;
    check_count(asked, model.family)?;
    check_size(asked, model.family)?;
    check_choices(asked, model)?;
    check_images(asked)?;
    Ok(model)
}

/// The model of a name on a day.
fn model(name: &str, today: &str, any_model: bool) -> Result<Known, Fault> {
    let found = MODELS
        .into_iter()
        .find(|model| model.id == name || model.snapshot == Some(name));
    let not_found = |message: String| {
        Err(Fault::new(
            404,
            "invalid_request_error",
            Some("model_not_found"),
            None,
            &message,
        ))
    };
    match found {
        Some(model) if model.shutdown.is_none_or(|shutdown| today < shutdown) => Ok(model),
        _ if any_model && !name.is_empty() => Ok(found.map_or(FOREIGN, |model| Known {
            shutdown: None,
            ..model
        })),
        Some(_) => not_found(format!(
            "The model `{name}` has been deprecated, learn more here: https://platform.openai.com/docs/deprecations"
        )),
        None => not_found(format!(
            "The model `{name}` does not exist or you do not have access to it."
        )),
    }
}

fn refusal(code: &str, param: &str, message: &str) -> Fault {
    Fault::new(
        400,
        "invalid_request_error",
        Some(code),
        Some(param),
        message,
    )
}

fn check_prompt(asked: &Asked, family: Family) -> Result<(), Fault> {
    let most = match family {
        Family::DallE2 => 1_000,
        Family::DallE3 => 4_000,
        _ => 32_000,
    };
    match asked.parameters.get("prompt") {
        None => Err(refusal(
            "missing_required_parameter",
            "prompt",
            "Missing required parameter: 'prompt'.",
        )),
        Some(Value::String(prompt)) if prompt.is_empty() => Err(refusal(
            "empty_string",
            "prompt",
            "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty string instead.",
        )),
        Some(Value::String(prompt)) => match prompt.chars().count() {
            length if length > most => Err(refusal(
                "string_above_max_length",
                "prompt",
                &format!(
                    "Invalid 'prompt': string too long. Expected a string with maximum length {most}, but got a string with length {length} instead."
                ),
            )),
            _ => Ok(()),
        },
        Some(_) => Err(wrong_type("prompt", "a string")),
    }
}

fn wrong_type(name: &str, expected: &str) -> Fault {
    refusal(
        "invalid_type",
        name,
        &format!("Invalid type for '{name}': expected {expected}."),
    )
}

/// An integer parameter within bounds, or `usual` where it is absent.
fn integer(
    asked: &Asked,
    name: &str,
    bounds: std::ops::RangeInclusive<u64>,
    usual: u64,
) -> Result<u64, Fault> {
    let value = match asked.parameters.get(name) {
        None | Some(Value::Null) => return Ok(usual),
        Some(value) => value
            .as_i64()
            .ok_or_else(|| wrong_type(name, "an integer"))?,
    };
    let (least, most) = (*bounds.start(), *bounds.end());
    match u64::try_from(value) {
        Ok(value) if bounds.contains(&value) => Ok(value),
        Ok(value) if value > most => Err(refusal(
            "integer_above_max_value",
            name,
            &format!(
                "Invalid '{name}': integer above maximum value. Expected a value <= {most}, but got {value} instead."
            ),
        )),
        _ => Err(refusal(
            "integer_below_min_value",
            name,
            &format!(
                "Invalid '{name}': integer below minimum value. Expected a value >= {least}, but got {value} instead."
            ),
        )),
    }
}

fn check_count(asked: &Asked, family: Family) -> Result<(), Fault> {
    let most = if family == Family::DallE3 { 1 } else { 10 };
    let n = integer(asked, "n", 1..=most, 1)?;
    let previews = integer(asked, "partial_images", 0..=3, 0)?;
    let compression = integer(asked, "output_compression", 0..=100, 100)?;
    if !matches!(
        asked.parameters.get("stream"),
        None | Some(Value::Null | Value::Bool(_))
    ) {
        return Err(wrong_type("stream", "a boolean"));
    }
    if asked.streams() && n > 1 {
        return Err(refusal(
            "invalid_value",
            "n",
            "Streaming is only supported with n=1.",
        ));
    }
    if previews > 0 && !asked.streams() {
        return Err(refusal(
            "invalid_value",
            "partial_images",
            "partial_images is only supported with stream=true.",
        ));
    }
    let format = asked.text("output_format").unwrap_or("png");
    if compression < 100 && format == "png" {
        return Err(refusal(
            "invalid_png_output_compression",
            "output_compression",
            "Compression less than 100 is not supported for PNG output format.",
        ));
    }
    Ok(())
}

fn check_size(asked: &Asked, family: Family) -> Result<(), Fault> {
    let Some(size) = asked.text("size") else {
        return Ok(());
    };
    if family.sizes().contains(&size) {
        return Ok(());
    }
    let wrong = |why: &str| {
        Err(refusal(
            "invalid_value",
            "size",
            &format!("Invalid value: '{size}'. {why}"),
        ))
    };
    if !family.draws_any_size() {
        let known = family.sizes().join("', '");
        return wrong(&format!("Supported values are: '{known}'."));
    }
    let Some((width, height)) = pixels(size) else {
        return wrong("Expected WIDTHxHEIGHT or 'auto'.");
    };
    let (short, long, count) = (width.min(height), width.max(height), width * height);
    if family == Family::Foreign {
        return if short == 0 || count > 8_294_400 {
            wrong("Unreasonable size.")
        } else {
            Ok(())
        };
    }
    if width % 16 != 0 || height % 16 != 0 {
        wrong("Width and height must be multiples of 16.")
    } else if long > 3840 {
        wrong("Edges must not be longer than 3840 pixels.")
    } else if long > 3 * short {
        wrong("The aspect ratio must be between 1:3 and 3:1.")
    } else if !(655_360..=8_294_400).contains(&count) {
        wrong("The number of pixels must be between 655360 and 8294400.")
    } else {
        Ok(())
    }
}

/// Width and height of `WIDTHxHEIGHT`.
#[must_use]
pub fn pixels(size: &str) -> Option<(u64, u64)> {
    let (width, height) = size.split_once('x')?;
    let edge = |text: &str| text.parse::<u64>().ok().filter(|edge| *edge < 100_000);
    Some((edge(width)?, edge(height)?))
}

fn check_choices(asked: &Asked, model: Known) -> Result<(), Fault> {
    let family = model.family;
    let formats: &[&str] = if family == Family::TwoSix {
        &["png", "jpeg", "webp", "gif", "svg"]
    } else {
        &["png", "jpeg", "webp"]
    };
    let choices: [(&str, &[&str]); 8] = [
        ("quality", family.qualities()),
        ("background", &["auto", "opaque", "transparent"]),
        ("output_format", formats),
        ("moderation", &["auto", "low"]),
        ("complexity", &["low", "medium", "high"]),
        ("input_fidelity", &["low", "high"]),
        ("style", &["vivid", "natural"]),
        ("response_format", &["url", "b64_json"]),
    ];
    for (name, values) in choices {
        match asked.parameters.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(value)) if values.contains(&value.as_str()) => {}
            Some(Value::String(value)) => {
                let known = values.join("', '");
                return Err(refusal(
                    "invalid_value",
                    name,
                    &format!("Invalid value: '{value}'. Supported values are: '{known}'."),
                ));
            }
            Some(_) => return Err(wrong_type(name, "a string")),
        }
    }
    check_combinations(asked, model)
}

/// Values that are known, and do not go together.
fn check_combinations(asked: &Asked, model: Known) -> Result<(), Fault> {
    if asked.text("background") == Some("transparent")
        && asked.text("output_format") == Some("jpeg")
    {
        return Err(refusal(
            "invalid_value",
            "background",
            "Transparent background is not supported for JPEG output format.",
        ));
    }
    if matches!(asked.text("output_format"), Some("gif" | "svg")) {
        return Err(refusal(
            "invalid_value",
            "output_format",
            "This output format is a gated preview that your organization does not have.",
        ));
    }
    if asked.text("input_fidelity").is_some() && !model.fidelity {
        return Err(refusal(
            "invalid_input_fidelity_model",
            "input_fidelity",
            &format!(
                "The model '{}' does not support the 'input_fidelity' parameter.",
                model.id
            ),
        ));
    }
    Ok(())
}

fn check_images(asked: &Asked) -> Result<(), Fault> {
    if !asked.is_edit {
        return Ok(());
    }
    let Some(first) = asked.images.first() else {
        return Err(refusal(
            "missing_required_parameter",
            "image",
            "Missing required parameter: 'image'.",
        ));
    };
    if asked.images.len() > 16 {
        return Err(refusal(
            "array_above_max_length",
            "image",
            "Invalid 'image': too many images. The maximum is 16.",
        ));
    }
    for upload in &asked.images {
        if upload.bytes.len() >= 50_000_000 {
            return Err(refusal(
                "image_too_large",
                "image",
                "Each image must be smaller than 50MB.",
            ));
        }
        if upload.size.is_none() {
            return Err(refusal(
                "invalid_image_file",
                "image",
                "Invalid image file or mode for image 0, please check your image file.",
            ));
        }
    }
    asked
        .mask
        .as_ref()
        .map_or(Ok(()), |mask| check_mask(mask, first))
}

fn check_mask(mask: &Upload, first: &Upload) -> Result<(), Fault> {
    let refused = |code, message| Err(refusal(code, "mask", message));
    if !mask.bytes.starts_with(b"\x89PNG") || mask.size.is_none() {
        refused(
            "invalid_mask_image_format",
            "Invalid mask image format: the mask must be a PNG with an alpha channel.",
        )
    } else if mask.bytes.len() >= 4_000_000 {
        refused("mask_too_large", "The mask must be smaller than 4MB.")
    } else if mask.size != first.size {
        refused(
            "invalid_mask_image_size",
            "Invalid mask image: the mask size does not match the image size.",
        )
    } else {
        Ok(())
    }
}
