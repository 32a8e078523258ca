//! Pixels to a picture, by the browser's own encoders.

use wasm_bindgen::{Clamped, JsCast};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ImageData, ImageEncodeOptions, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

use super::error::FileError;
use super::picture::Picture;
use crate::domain::size::Pixels;

/// Encodes rows of RGBA as `image/png`, `image/jpeg` or `image/webp`; the quality (0 to 1) is for the lossy two.
///
/// # Errors
/// [`FileError::Format`] where the browser does not write that type, else what it refused.
pub async fn encode(
    rgba: &[u8],
    size: Pixels,
    media_type: &str,
    quality: Option<f64>,
) -> Result<Picture, FileError> {
    let failed = |thrown| FileError::other("encode a picture", &thrown);
    let canvas = OffscreenCanvas::new(size.width, size.height).map_err(failed)?;
    let context: OffscreenCanvasRenderingContext2d = canvas
        .get_context("2d")
        .map_err(failed)?
        .ok_or_else(|| failed("no canvas".into()))?
        .unchecked_into();
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), size.width, size.height)
        .map_err(failed)?;
    context.put_image_data(&image, 0.0, 0.0).map_err(failed)?;
    encode_canvas(&canvas, media_type, quality).await
}

/// The same of what stands on a canvas.
pub(super) async fn encode_canvas(
    canvas: &OffscreenCanvas,
    media_type: &str,
    quality: Option<f64>,
) -> Result<Picture, FileError> {
    let failed = |thrown| FileError::other("encode a picture", &thrown);
    let options = ImageEncodeOptions::new();
    options.set_type(media_type);
    if let Some(quality) = quality {
        options.set_quality(quality);
    }
    let promise = canvas
        .convert_to_blob_with_options(&options)
        .map_err(failed)?;
    let blob = JsFuture::from(promise).await.map_err(failed)?;
    let picture = Picture::adopt(blob.unchecked_into()).await?;
    if picture.media_type() == media_type {
        Ok(picture)
    } else {
        Err(FileError::Format(media_type.to_owned()))
    }
}
