//! A picture to pixels, by the browser's own decoders, within a limit of time; and drawn anew: turned, smaller, in another kind.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{ImageBitmap, OffscreenCanvas, OffscreenCanvasRenderingContext2d};

use super::clock;
use super::encode_image::encode_canvas;
use super::error::FileError;
use super::picture::Picture;
use crate::domain::intake::{turn, upright};
use crate::domain::size::Pixels;

/// How long the browser may take over one picture.
const MOST_MS: f64 = 10_000.0;
/// How well a JPEG is written anew: no difference can be seen.
const JPEG_QUALITY: f64 = 0.95;
/// A small picture for a list. Without a number, some browsers write WebP without any loss, many times as large.
const SMALL_QUALITY: f64 = 0.8;

/// Draws a picture anew: scaled to that size, then turned as EXIF's number says. Its metadata must be gone, or the browser
/// turns it as well.
///
/// # Errors
/// What the browser does not open, or refuses to write.
pub async fn redraw(
    picture: &Picture,
    pixels: Pixels,
    orientation: u8,
    media_type: &str,
) -> Result<Picture, FileError> {
    let (canvas, _) = drawn(picture, pixels, orientation).await?;
    let quality = (media_type == "image/jpeg").then_some(JPEG_QUALITY);
    encode_canvas(&canvas, media_type, quality).await
}

/// A picture of that size, for a list: a JPEG, which is opened in half the time that a WebP takes; a WebP where one sees
/// through it, or may.
///
/// # Errors
/// What the browser does not open, or does not write.
pub async fn make_small(picture: &Picture, pixels: Pixels) -> Result<Picture, FileError> {
    let (canvas, context) = drawn(picture, pixels, 1).await?;
    let all_opaque = |rgba: Vec<u8>| rgba.iter().skip(3).step_by(4).all(|alpha| *alpha == 255);
    let is_opaque =
        picture.media_type() == "image/jpeg" || rgba(&context, pixels).is_ok_and(all_opaque);
    let media_type = if is_opaque {
        "image/jpeg"
    } else {
        "image/webp"
    };
    encode_canvas(&canvas, media_type, Some(SMALL_QUALITY)).await
}

async fn drawn(
    picture: &Picture,
    pixels: Pixels,
    orientation: u8,
) -> Result<(OffscreenCanvas, OffscreenCanvasRenderingContext2d), FileError> {
    let bitmap = bitmap(picture, pixels).await?;
    let (canvas, context) = canvas(upright(pixels, orientation))?;
    let [a, b, c, d, e, f] = turn(orientation, pixels);
    context.set_transform(a, b, c, d, e, f).map_err(failed)?;
    lay(&context, &bitmap)?;
    Ok((canvas, context))
}

/// Rows of RGBA, scaled to that size.
///
/// # Errors
/// What the browser does not open.
pub async fn decode(picture: &Picture, pixels: Pixels) -> Result<Vec<u8>, FileError> {
    let bitmap = bitmap(picture, pixels).await?;
    let (_canvas, context) = canvas(pixels)?;
    lay(&context, &bitmap)?;
    rgba(&context, pixels)
}

fn rgba(context: &OffscreenCanvasRenderingContext2d, pixels: Pixels) -> Result<Vec<u8>, FileError> {
    let (width, height) = (f64::from(pixels.width), f64::from(pixels.height));
    let data = context.get_image_data(0.0, 0.0, width, height);
    Ok(data.map_err(failed)?.data().0)
}

/// Whether the browser opens it, all of it.
///
/// # Errors
/// What it does not open, or not in time.
pub async fn try_open(picture: &Picture) -> Result<(), FileError> {
    let promise = super::window()
        .ok_or_else(|| failed("there is no page".into()))?
        .create_image_bitmap_with_blob(picture.blob())
        .map_err(failed)?;
    opened(promise).await.map(|bitmap| bitmap.close())
}

async fn bitmap(picture: &Picture, pixels: Pixels) -> Result<ImageBitmap, FileError> {
    let options = Object::new();
    let set = |name: &str, value: JsValue| Reflect::set(&options, &name.into(), &value);
    set("resizeWidth", pixels.width.into()).map_err(failed)?;
    set("resizeHeight", pixels.height.into()).map_err(failed)?;
    set("resizeQuality", "high".into()).map_err(failed)?;
    let promise = super::window()
        .ok_or_else(|| failed("there is no page".into()))?
        .create_image_bitmap_with_blob_and_image_bitmap_options(
            picture.blob(),
            options.unchecked_ref(),
        )
        .map_err(failed)?;
    opened(promise).await
}

async fn opened(promise: Promise) -> Result<ImageBitmap, FileError> {
    match clock::within(MOST_MS, JsFuture::from(promise)).await {
        Some(Ok(bitmap)) => Ok(bitmap.unchecked_into()),
        Some(Err(thrown)) => Err(failed(thrown)),
        None => Err(failed("it takes too long".into())),
    }
}

fn canvas(
    pixels: Pixels,
) -> Result<(OffscreenCanvas, OffscreenCanvasRenderingContext2d), FileError> {
    let canvas = OffscreenCanvas::new(pixels.width, pixels.height).map_err(failed)?;
    let context = canvas
        .get_context("2d")
        .map_err(failed)?
        .ok_or_else(|| failed("no canvas".into()))?;
    Ok((canvas, context.unchecked_into()))
}

fn lay(context: &OffscreenCanvasRenderingContext2d, bitmap: &ImageBitmap) -> Result<(), FileError> {
    let laid = context.draw_image_with_image_bitmap(bitmap, 0.0, 0.0);
    bitmap.close();
    laid.map_err(failed)
}

fn failed(thrown: JsValue) -> FileError {
    FileError::other("open a picture", &thrown)
}
