//! Draws prompts to PNG files and all of them to `sheet.png`: `cargo run -p simulator --example draw -- DIR WIDTHxHEIGHT PROMPT…`.

use std::time::Instant;

use pentimento::domain::practice::{Raster, Scene, Stage, draw};
use pentimento::domain::size::Pixels;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let directory = args.next().ok_or("a directory is missing")?;
    let size = args.next().ok_or("a size is missing")?;
    let (width, height) = size.split_once('x').ok_or("a size is WIDTHxHEIGHT")?;
    let pixels = Pixels::new(width.parse()?, height.parse()?);
    let mut rasters: Vec<Raster> = Vec::new();
    let hole = hole(pixels);
    for (number, prompt) in args.enumerate() {
        // What follows an @ is a wish: a preview, or an edit of the first picture.
        let (stage, inputs, mask) = match prompt.split_once('@').map(|(_, rest)| rest) {
            Some("0") => (Stage::Preview { index: 0, of: 3 }, &[][..], None),
            Some("1") => (Stage::Preview { index: 1, of: 3 }, &[][..], None),
            Some("2") => (Stage::Preview { index: 2, of: 3 }, &[][..], None),
            Some("edit") => (Stage::Final, rasters.get(..1).unwrap_or_default(), None),
            Some("mask") => (
                Stage::Final,
                rasters.get(..1).unwrap_or_default(),
                Some(&hole),
            ),
            _ => (Stage::Final, &[][..], None),
        };
        let started = Instant::now();
        let raster = draw(&Scene {
            prompt: &prompt,
            pixels,
            transparent: prompt.contains("transparent"),
            index: 0,
            stage,
            inputs,
            mask,
        });
        eprintln!("{prompt}: {:?}", started.elapsed());
        image::save_buffer(
            format!("{directory}/{number:02}.png"),
            &raster.rgba,
            width.parse()?,
            height.parse()?,
            image::ColorType::Rgba8,
        )?;
        rasters.push(raster);
    }
    sheet(&rasters).save(format!("{directory}/sheet.png"))?;
    Ok(())
}

/// A mask with a round hole on the left.
fn hole(pixels: Pixels) -> Raster {
    let mut rgba = vec![255; pixels.count() as usize * 4];
    let radius = f64::from(pixels.short_edge()) * 0.24;
    let middle = [
        f64::from(pixels.width) * 0.3,
        f64::from(pixels.height) * 0.62,
    ];
    for y in 0..pixels.height {
        for x in 0..pixels.width {
            let (dx, dy) = (f64::from(x) - middle[0], f64::from(y) - middle[1]);
            if dx.hypot(dy) < radius {
                rgba[(y * pixels.width + x) as usize * 4 + 3] = 0;
            }
        }
    }
    Raster { pixels, rgba }
}

/// All pictures, six in a row.
fn sheet(rasters: &[Raster]) -> image::RgbaImage {
    let (width, height) = rasters
        .first()
        .map_or((1, 1), |raster| (raster.pixels.width, raster.pixels.height));
    let lines = rasters.len().div_ceil(6) as u32;
    let mut sheet =
        image::RgbaImage::from_pixel(width * 6, height * lines, image::Rgba([200, 120, 200, 255]));
    for (number, raster) in (0..).zip(rasters) {
        if let Some(picture) = image::RgbaImage::from_raw(width, height, raster.rgba.clone()) {
            image::imageops::overlay(
                &mut sheet,
                &picture,
                (number % 6 * width).into(),
                (number / 6 * height).into(),
            );
        }
    }
    sheet
}
