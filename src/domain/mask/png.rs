//! A mask as the PNG that the API takes, and back: what is transparent is edited.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, Cursor, Write};
use std::rc::Rc;

use ::png::{
    BitDepth, ColorType, Decoder, DecodingError, DeflateCompression, Encoder, Filter, Limits,
    Reader, StreamWriter, Transformations, chunk,
};

use crate::Pixels;

use super::raster::Mask;
use super::runs::Runs;

/// The API takes only smaller files.
const BYTE_LIMIT: usize = 4_000_000;
/// No file of a mask is larger.
const IMPORT_BYTES: usize = 64 << 20;
/// What the decoder may hold of other parts of a file than its pixels.
const EXTRA_BYTES: usize = 1 << 20;

/// A PNG for the API: RGBA, as large as the mask, with fewer than 4,000,000 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    pub bytes: Vec<u8>,
    /// 256, or fewer (16, 2) where it would have been too large: say so.
    pub alpha_levels: u16,
}

/// Why a mask cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExportFault {
    #[error("a mask without pixels")]
    NoPixels,
    /// Even with two levels of alpha: there is too much noise in it.
    #[error("the mask is too detailed for the 4,000,000 bytes that are allowed")]
    TooLarge,
}

/// Why a picture cannot be used as a mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportFault {
    #[error("not a PNG")]
    NotAPng,
    #[error("a damaged PNG")]
    Damaged,
    #[error("of {found} pixels, where the picture has {wanted}")]
    AnotherSize { found: Pixels, wanted: Pixels },
    /// By its header, before anything is decoded.
    #[error("a picture that is too large")]
    TooLarge,
}

/// So many rows are written at a time: a few milliseconds' work at most.
const SLICE: usize = 16;

/// How the pixels are made smaller.
#[derive(Debug, Clone, Copy)]
enum Packing {
    /// What no hand draws does not fit.
    Runs,
    Deflate(u8),
}

/// How a PNG is tried, with so many levels of alpha. Soft edges fit at once; a slower attempt is better than to lose levels.
const ATTEMPTS: [(u16, Packing); 4] = [
    (256, Packing::Runs),
    (256, Packing::Deflate(2)),
    (16, Packing::Deflate(2)),
    (2, Packing::Deflate(5)),
];

/// # Errors
/// `ExportFault`: nothing to write, or too much noise for the API's limit.
pub fn export(mask: &Mask) -> Result<Exported, ExportFault> {
    let mut export = Export::new(mask.clone());
    loop {
        if let Some(done) = export.go_on() {
            return done;
        }
    }
}

/// A PNG in the making: a large mask takes longer than a page may stand still.
#[derive(Debug)]
pub struct Export {
    mask: Mask,
    attempt: usize,
    rows: Option<Rows>,
}

impl Export {
    #[must_use]
    pub fn new(mask: Mask) -> Self {
        Self {
            mask,
            attempt: 0,
            rows: None,
        }
    }

    /// Writes some more of it; `None` while that is not all.
    ///
    /// # Errors
    /// `ExportFault`: nothing to write, or too much noise for the API's limit.
    pub fn go_on(&mut self) -> Option<Result<Exported, ExportFault>> {
        if self.mask.pixels().count() == 0 {
            return Some(Err(ExportFault::NoPixels));
        }
        let Some((levels, packing)) = ATTEMPTS.get(self.attempt).copied() else {
            return Some(Err(ExportFault::TooLarge));
        };
        let rows = match self.rows.take() {
            Some(rows) => Some(rows),
            None => Rows::begin(self.mask.pixels(), levels, packing),
        };
        let rows = rows.and_then(|rows| rows.write(&self.mask));
        match rows {
            Some(rows) if rows.y < self.mask.edges().1 => self.rows = Some(rows),
            Some(rows) => {
                if let Some(bytes) = rows.finish() {
                    return Some(Ok(Exported {
                        bytes,
                        alpha_levels: levels,
                    }));
                }
                self.attempt += 1;
            }
            None => self.attempt += 1,
        }
        None
    }
}

/// Takes bytes up to the limit; copies write to the same file.
#[derive(Debug, Clone, Default)]
struct Limited(Rc<RefCell<Vec<u8>>>);

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut file = self.0.borrow_mut();
        if file.len() + bytes.len() >= BYTE_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        file.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The rows of a file. Each step gives `None` where it gets too many bytes.
struct Rows {
    /// The next one.
    y: usize,
    /// Of the row above.
    above: Vec<u8>,
    coverage: Vec<u8>,
    file: File,
}

enum File {
    Runs(Pixels, Runs),
    Deflate(Box<Deflate>),
}

/// Pixels on their way through a deflate of general purpose.
struct Deflate {
    file: Limited,
    writer: StreamWriter<'static, Limited>,
    /// Of each coverage.
    alpha: [u8; 256],
    rgba: Vec<u8>,
}

/// The filter type of a row of which each byte is given as its difference from the one above (PNG, 9.2).
const UP: u8 = 2;

impl Rows {
    fn begin(pixels: Pixels, levels: u16, packing: Packing) -> Option<Self> {
        let width = pixels.width as usize;
        Some(Self {
            y: 0,
            // Above the first row, all is taken to be zero: an alpha of 0 is all of the coverage.
            above: vec![255; width],
            coverage: vec![0; width],
            file: match packing {
                Packing::Runs => File::Runs(pixels, Runs::new()),
                Packing::Deflate(level) => {
                    File::Deflate(Box::new(Deflate::begin(pixels, levels, level)?))
                }
            },
        })
    }

    fn write(mut self, mask: &Mask) -> Option<Self> {
        let (width, height) = mask.edges();
        for y in self.y..(self.y + SLICE).min(height) {
            mask.read_row(y, 0..width, &mut self.coverage);
            match &mut self.file {
                File::Runs(_, runs) => write_up(runs, &self.above, &self.coverage),
                File::Deflate(deflate) => deflate.write(&self.above, &self.coverage)?,
            }
            std::mem::swap(&mut self.above, &mut self.coverage);
            self.y = y + 1;
        }
        let fits = match &self.file {
            File::Runs(_, runs) => runs.len() < BYTE_LIMIT,
            File::Deflate(_) => true,
        };
        fits.then_some(self)
    }

    fn finish(self) -> Option<Vec<u8>> {
        match self.file {
            File::Deflate(deflate) => deflate.finish(),
            File::Runs(pixels, runs) => {
                let file = Limited::default();
                let mut writer = encoder(&file, pixels).write_header().ok()?;
                writer.write_chunk(chunk::IDAT, &runs.finish()).ok()?;
                writer.finish().ok()?;
                Some(file.0.take())
            }
        }
    }
}

/// A row as its differences from the one above: of each pixel, three colours that are always 0, and alpha, which is 255 less
/// the coverage.
fn write_up(runs: &mut Runs, above: &[u8], row: &[u8]) {
    runs.byte(UP);
    runs.differences::<3>(above, row, |coverage, above| above.wrapping_sub(coverage));
}

impl Deflate {
    fn begin(pixels: Pixels, levels: u16, level: u8) -> Option<Self> {
        let file = Limited::default();
        let mut encoder = encoder(&file, pixels);
        encoder.set_deflate_compression(DeflateCompression::Level(level));
        encoder.set_filter(if levels == 256 {
            Filter::Up
        } else {
            Filter::NoFilter
        });
        Some(Self {
            file,
            writer: encoder.write_header().ok()?.into_stream_writer().ok()?,
            alpha: alphas(levels),
            rgba: vec![0; 4 * pixels.width as usize],
        })
    }

    fn write(&mut self, above: &[u8], coverage: &[u8]) -> Option<()> {
        // Most rows are like the one above.
        if coverage != above {
            for (pixel, coverage) in self.rgba.as_chunks_mut().0.iter_mut().zip(coverage) {
                *pixel = [0, 0, 0, self.alpha[usize::from(*coverage)]];
            }
        }
        self.writer.write_all(&self.rgba).ok()
    }

    fn finish(self) -> Option<Vec<u8>> {
        self.writer.finish().ok()?;
        Some(self.file.0.take())
    }
}

fn encoder(file: &Limited, pixels: Pixels) -> Encoder<'static, Limited> {
    let mut encoder = Encoder::new(file.clone(), pixels.width, pixels.height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("y", &self.y)
            .finish_non_exhaustive()
    }
}

/// The alpha of each coverage, in so many levels from 0 to 255.
fn alphas(levels: u16) -> [u8; 256] {
    let steps = u32::from(levels.max(2)) - 1;
    std::array::from_fn(|coverage| {
        let alpha = 255 - coverage as u32;
        ((alpha * steps + 127) / 255 * 255 / steps) as u8
    })
}

/// A PNG of this size: its transparency is what is edited; without any (no alpha, or all of it opaque), what is white.
///
/// # Errors
/// `ImportFault`: not a PNG, damaged, of another size, or too large.
pub fn import(bytes: &[u8], pixels: Pixels) -> Result<Mask, ImportFault> {
    let (mask, is_opaque) = decode(bytes, pixels, false)?;
    if is_opaque {
        return Ok(decode(bytes, pixels, true)?.0);
    }
    Ok(mask)
}

fn open(bytes: &[u8], pixels: Pixels) -> Result<Reader<Cursor<&[u8]>>, ImportFault> {
    if bytes.len() > IMPORT_BYTES {
        return Err(ImportFault::TooLarge);
    }
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Err(ImportFault::NotAPng);
    }
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: EXTRA_BYTES });
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(fault)?;
    let found = Pixels::new(header.width, header.height);
    if found.long_edge() > Mask::MAX_EDGE {
        return Err(ImportFault::TooLarge);
    }
    if found != pixels {
        return Err(ImportFault::AnotherSize {
            found,
            wanted: pixels,
        });
    }
    let reader = decoder.read_info().map_err(fault)?;
    // The decoder stops the program at a palette with a part of a colour.
    let colours = reader.info().palette.as_deref().unwrap_or_default();
    match colours.len() % 3 {
        0 => Ok(reader),
        _ => Err(ImportFault::Damaged),
    }
}

fn fault(error: DecodingError) -> ImportFault {
    match error {
        DecodingError::LimitsExceeded => ImportFault::TooLarge,
        _ => ImportFault::Damaged,
    }
}

/// The coverage, and whether no pixel was transparent. `by_light`: what is white is covered.
fn decode(bytes: &[u8], pixels: Pixels, by_light: bool) -> Result<(Mask, bool), ImportFault> {
    let mut reader = open(bytes, pixels)?;
    let (colour, _) = reader.output_color_type();
    let samples = colour.samples();
    let has_alpha = matches!(colour, ColorType::Rgba | ColorType::GrayscaleAlpha);
    let by_alpha = has_alpha && !by_light;
    let mut is_opaque = by_alpha;
    let mut read = |row: &[u8], into: &mut [u8]| {
        for (value, pixel) in into.iter_mut().zip(row.chunks_exact(samples)) {
            *value = if by_alpha {
                255 - pixel.last().copied().unwrap_or(255)
            } else {
                light(pixel)
            };
            is_opaque &= *value == 0;
        }
    };
    let rows = 0..pixels.height as usize;
    let mask = if reader.info().interlaced {
        // Rows come in no order: of the size that was asked for, and only then, all of it is held.
        let size = reader.output_buffer_size().ok_or(ImportFault::TooLarge)?;
        let mut all = vec![0; size];
        reader.next_frame(&mut all).map_err(fault)?;
        let stride = samples * pixels.width as usize;
        Mask::from_rows(pixels, rows, |y, into| {
            read(all.get(y * stride..).unwrap_or_default(), into);
            Ok(())
        })
    } else {
        Mask::from_rows(pixels, rows, |_, into| {
            let row = reader.next_row().map_err(fault)?;
            read(row.ok_or(ImportFault::Damaged)?.data(), into);
            Ok(())
        })
    };
    Ok((mask?, is_opaque))
}

/// How light a pixel is, as the eye sees it.
fn light(pixel: &[u8]) -> u8 {
    match *pixel {
        [red, green, blue, ..] => {
            let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
            ((sum + 500) / 1000) as u8
        }
        [grey, ..] => grey,
        [] => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Pixels = Pixels::new(70, 3);

    fn file(colour: ColorType, data: &[u8], size: Pixels) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes, size.width, size.height);
        encoder.set_color(colour);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        writer.finish().unwrap();
        bytes
    }

    fn noise(size: Pixels) -> Mask {
        let mut seed = 1_u32;
        let drawn = Mask::from_rows(size, 0..size.height as usize, |_, row| {
            for value in row {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *value = (seed >> 24) as u8;
            }
            Ok::<(), ()>(())
        });
        drawn.unwrap()
    }

    #[test]
    fn transparency_is_edited_or_else_what_is_white() {
        let pixels = SIZE.count() as usize;
        let first = |colour: ColorType, pixel: &[u8], others: &[u8]| {
            let data = [pixel, &others.repeat(pixels - 1)].concat();
            let mask = import(&file(colour, &data, SIZE), SIZE).unwrap();
            (mask.coverage(0, 0), mask.coverage(69, 2))
        };
        assert_eq!(
            first(ColorType::Rgba, &[9, 9, 9, 0], &[255, 255, 255, 255]),
            (255, 0)
        );
        assert_eq!(
            first(ColorType::Rgba, &[255, 255, 255, 255], &[0, 0, 0, 255]),
            (255, 0)
        );
        assert_eq!(
            first(ColorType::GrayscaleAlpha, &[0, 55], &[255, 255]),
            (200, 0)
        );
        assert_eq!(first(ColorType::Grayscale, &[30], &[255]), (30, 255));
        assert_eq!(
            first(ColorType::Rgb, &[0, 0, 0], &[255, 255, 255]),
            (0, 255)
        );
    }

    #[test]
    fn what_is_no_mask_is_named() {
        let good = export(&noise(SIZE)).unwrap().bytes;
        let other = Pixels::new(3, 70);
        let fault = |bytes: &[u8], size: Pixels| import(bytes, size).unwrap_err();
        assert_eq!(
            fault(&good, other),
            ImportFault::AnotherSize {
                found: SIZE,
                wanted: other
            }
        );
        assert_eq!(fault(b"GIF89a", SIZE), ImportFault::NotAPng);
        assert_eq!(fault(&[], SIZE), ImportFault::NotAPng);
        for end in [8, 20, 40, good.len() / 2] {
            assert_eq!(fault(&good[..end], SIZE), ImportFault::Damaged);
        }
        let huge = Pixels::new(60_000, 60_000);
        let mut header = Vec::new();
        Encoder::new(&mut header, huge.width, huge.height)
            .write_header()
            .unwrap();
        assert_eq!(fault(&header, huge), ImportFault::TooLarge);
    }

    #[test]
    fn levels_are_lost_only_where_it_would_be_too_large() {
        assert_eq!(
            (alphas(256)[0], alphas(256)[100], alphas(256)[255]),
            (255, 155, 0)
        );
        assert_eq!(
            (alphas(16)[0], alphas(16)[128], alphas(16)[255]),
            (255, 119, 0)
        );
        assert_eq!((alphas(2)[127], alphas(2)[128]), (255, 0));
        let size = Pixels::new(3840, 2160);
        let exported = export(&noise(size)).unwrap();
        assert_eq!(exported.alpha_levels, 2);
        assert!(exported.bytes.len() < BYTE_LIMIT);
        let mut soft = Mask::new(size);
        soft.set_block(100, [255; 4096]);
        soft.feather(300);
        let exported = export(&soft).unwrap();
        assert_eq!(exported.alpha_levels, 256);
        assert_eq!(import(&exported.bytes, size), Ok(soft));
    }
}
