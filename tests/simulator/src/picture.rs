//! Pictures for replies: drawn by the practice core or noise, encoded as asked.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Mutex;

use bytes::Bytes;
use image::codecs::{jpeg::JpegEncoder, png, webp::WebPEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, RgbaImage};
use pentimento::domain::practice::{Raster, Scene, Stage, draw};
use pentimento::domain::size::Pixels;

use crate::asked::{Asked, Upload};
use crate::config::Picture;
use crate::rules;
use crate::state::lock;

/// Noise, by size, bytes and format.
#[derive(Default)]
pub(crate) struct Cache(Mutex<BTreeMap<(Pixels, u64, String), Bytes>>);

/// How one picture is to look.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) pixels: Pixels,
    pub(crate) format: String,
    pub(crate) compression: u8,
    pub(crate) transparent: bool,
    pub(crate) index: u32,
    pub(crate) stage: Stage,
}

impl Order {
    pub(crate) fn of(asked: &Asked) -> Self {
        let (width, height) = asked
            .text("size")
            .and_then(rules::pixels)
            .unwrap_or((1024, 1024));
        let edge = |edge: u64| u32::try_from(edge).unwrap_or(1024);
        Self {
            pixels: Pixels::new(edge(width), edge(height)),
            format: asked.text("output_format").unwrap_or("png").to_owned(),
            compression: asked
                .number("output_compression")
                .and_then(|value| u8::try_from(value).ok())
                .unwrap_or(100),
            transparent: asked.text("background") == Some("transparent"),
            index: 0,
            stage: Stage::Final,
        }
    }
}

/// The encoded picture.
pub(crate) fn make(cache: &Cache, kind: Picture, order: &Order, asked: &Asked) -> Bytes {
    match kind {
        Picture::Noise { bytes } => {
            // What stands behind the end of a picture is not looked at: so no two prompts get the same bytes.
            let prompt = asked.text("prompt").unwrap_or_default();
            [&cache.noise(order, bytes), prompt.as_bytes()]
                .concat()
                .into()
        }
        Picture::Signed { bytes } => {
            let prompt = asked.text("prompt").unwrap_or_default();
            signed(
                &cache.noise(order, bytes),
                &format!("{prompt}#{}", order.index),
            )
        }
        Picture::Drawn => {
            let inputs: Vec<Raster> = asked.images.iter().filter_map(raster).collect();
            let mask = asked.mask.as_ref().and_then(raster);
            let picture = draw(&Scene {
                prompt: asked.text("prompt").unwrap_or_default(),
                pixels: order.pixels,
                transparent: order.transparent,
                index: order.index,
                stage: order.stage,
                inputs: &inputs,
                mask: mask.as_ref(),
            });
            encode(&picture, order, png::CompressionType::Fast)
        }
    }
}

fn raster(upload: &Upload) -> Option<Raster> {
    let picture = image::load_from_memory(&upload.bytes).ok()?.into_rgba8();
    let pixels = Pixels::new(picture.width(), picture.height());
    Some(Raster {
        pixels,
        rgba: picture.into_raw(),
    })
}

fn encode(raster: &Raster, order: &Order, effort: png::CompressionType) -> Bytes {
    let Pixels { width, height } = raster.pixels;
    let opaque = !order.transparent;
    let picture = RgbaImage::from_raw(width, height, raster.rgba.clone()).unwrap_or_default();
    let picture = DynamicImage::ImageRgba8(picture);
    let (bytes, colour) = if opaque || order.format == "jpeg" {
        (picture.into_rgb8().into_raw(), ExtendedColorType::Rgb8)
    } else {
        (picture.into_rgba8().into_raw(), ExtendedColorType::Rgba8)
    };
    let mut out = Cursor::new(Vec::new());
    let written = match order.format.as_str() {
        "jpeg" => JpegEncoder::new_with_quality(&mut out, order.compression.clamp(1, 100))
            .write_image(&bytes, width, height, colour),
        "webp" => WebPEncoder::new_lossless(&mut out).write_image(&bytes, width, height, colour),
        _ => png::PngEncoder::new_with_quality(&mut out, effort, png::FilterType::Adaptive)
            .write_image(&bytes, width, height, colour),
    };
    match written {
        Ok(()) => out.into_inner().into(),
        Err(error) => {
            eprintln!("a picture could not be encoded: {error}");
            Bytes::new()
        }
    }
}

impl Cache {
    fn noise(&self, order: &Order, bytes: u64) -> Bytes {
        let key = (order.pixels, bytes, order.format.clone());
        if let Some(known) = lock(&self.0).get(&key) {
            return known.clone();
        }
        let raster = noise(order.pixels, bytes);
        let opaque = Order {
            transparent: false,
            ..order.clone()
        };
        let made = encode(&raster, &opaque, png::CompressionType::Default);
        lock(&self.0).insert(key, made.clone());
        made
    }
}

/// A PNG with a text before its end; any other format as it is.
fn signed(picture: &Bytes, text: &str) -> Bytes {
    const END: &[u8] = b"\0\0\0\0IEND\xAE\x42\x60\x82";
    let Some(before) = picture.strip_suffix(END) else {
        return picture.clone();
    };
    let chunk = [b"tEXtComment\0", text.as_bytes()].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&chunk);
    let length = u32::try_from(chunk.len() - 4).unwrap_or_default();
    let parts = [
        before,
        &length.to_be_bytes(),
        &chunk,
        &crc.sum().to_be_bytes(),
        END,
    ];
    parts.concat().into()
}

/// Grey with as many random bits in each channel as fill so many bytes once compressed.
fn noise(pixels: Pixels, bytes: u64) -> Raster {
    let channels = pixels.count() * 3;
    let (mut seed, mut rgba) = (
        0x9E37_79B9_7F4A_7C15_u64,
        Vec::with_capacity(pixels.count() as usize * 4),
    );
    // Filtering adds about half a bit of noise; below that the picture is as small as it gets.
    let bits = (bytes as f64 * 8.0 / channels as f64 - 0.5).clamp(0.0, 8.0);
    let span = bits.exp2() as u64;
    for _ in 0..pixels.count() {
        for _ in 0..3 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            rgba.push((seed >> 24).checked_rem(span).unwrap_or(0) as u8);
        }
        rgba.push(255);
    }
    Raster { pixels, rgba }
}
