//! What a picture file says besides its pixels, and the same file without that: containers are rewritten, nothing is decoded.

use std::ops::Range;

use crate::domain::size::Pixels;

/// A picture file without its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bare {
    /// In order: stretches of the file as they stand, and what takes the place of others.
    pub pieces: Vec<Piece>,
    /// How the pixels have to be turned to stand upright, as EXIF numbers it: 1 is upright already.
    pub orientation: u8,
    /// Something of the file is left out.
    pub is_changed: bool,
    /// It holds more than one picture.
    pub is_animated: bool,
    /// A JPEG in four colours, as it goes to print (CMYK).
    pub is_for_print: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Kept(Range<usize>),
    New(Vec<u8>),
}

/// Why a file cannot be rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damaged {
    /// It ends before its own end.
    #[error("the file ends too early")]
    CutShort,
    /// It is no PNG, JPEG or WebP, or contradicts itself.
    #[error("the file is malformed")]
    Malformed,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Ancillary chunks that change how a PNG looks; of the others, none is kept.
const PNG_KEPT: [&[u8; 4]; 13] = [
    b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYs", b"sPLT",
    b"cICP", b"mDCV", b"cLLI",
];
const WEBP_KEPT: [&[u8; 4]; 7] = [
    b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF",
];
/// In the flags of a VP8X chunk: EXIF and XMP follow; there is more than one picture.
const WEBP_METADATA: u8 = 0x0C;
const WEBP_ANIMATION: u8 = 0x02;
const EXIF: &[u8] = b"Exif\0\0";
/// No colour profile has more bytes. So many bytes of Deflate become no more than so many times as many (1,032 at most).
const MOST_PROFILE_BYTES: usize = 16 << 20;
const MOST_INFLATION: usize = 1032;

/// Leaves out what says where, when, by whom and with what a picture was made. Its pixels, colours and resolution stay.
///
/// # Errors
/// A file that is no whole PNG, JPEG or WebP.
pub fn without_metadata(bytes: &[u8]) -> Result<Bare, Damaged> {
    match bytes {
        _ if bytes.starts_with(PNG) => png(bytes),
        [0xFF, 0xD8, 0xFF, ..] => jpeg(bytes),
        [b'R', b'I', b'F', b'F', _, _, _, _, rest @ ..] if rest.starts_with(b"WEBP") => webp(bytes),
        _ => Err(Damaged::Malformed),
    }
}

impl Bare {
    fn new(pieces: Pieces, whole: usize) -> Self {
        let is_changed = pieces.0 != [Piece::Kept(0..whole)];
        Self {
            pieces: pieces.0,
            orientation: 1,
            is_changed,
            is_animated: false,
            is_for_print: false,
        }
    }
}

/// What is kept, neighbours as one.
struct Pieces(Vec<Piece>);

impl Pieces {
    fn keep(&mut self, range: Range<usize>) {
        match self.0.last_mut() {
            Some(Piece::Kept(last)) if last.end == range.start => last.end = range.end,
            _ => self.0.push(Piece::Kept(range)),
        }
    }
}

fn png(bytes: &[u8]) -> Result<Bare, Damaged> {
    let mut pieces = Pieces(vec![Piece::Kept(0..PNG.len())]);
    let (mut at, mut orientation) = (PNG.len(), None);
    let (mut order, mut is_animated) = (PngOrder::default(), false);
    loop {
        let length = usize::try_from(be32(bytes, at)?).map_err(|_large| Damaged::CutShort)?;
        let kind: &[u8; 4] = array(bytes, at + 4)?;
        let content = bytes
            .get(at + 8..)
            .and_then(|rest| rest.get(..length))
            .ok_or(Damaged::CutShort)?;
        let end = at + 8 + length + 4;
        let sum = be32(bytes, end - 4)?;
        order.take(*kind, content)?;
        match kind {
            b"acTL" => is_animated = true,
            b"eXIf" => orientation = orientation.or_else(|| turned(content)),
            _ => {}
        }
        let counts = is_critical(*kind);
        if counts || (PNG_KEPT.contains(&kind) && !is_bomb(*kind, content)) {
            // One that does not count is passed over where it is spoiled, by browsers too.
            match crc32fast::hash(&bytes[at + 4..end - 4]) == sum {
                true => pieces.keep(at..end),
                false if counts => return Err(Damaged::Malformed),
                false => {}
            }
        }
        at = end;
        if kind == b"IEND" {
            break;
        }
    }
    Ok(Bare {
        orientation: orientation.unwrap_or(1),
        is_animated,
        ..Bare::new(pieces, bytes.len())
    })
}

/// Nobody can pass over a chunk whose name begins with a capital.
fn is_critical(kind: [u8; 4]) -> bool {
    kind[0].is_ascii_uppercase()
}

/// A colour profile that would become too large.
fn is_bomb(kind: [u8; 4], content: &[u8]) -> bool {
    let name = content.iter().position(|byte| *byte == 0);
    let packed = name.and_then(|end| content.get(end + 2..));
    let is_large =
        |packed: &&[u8]| kind == *b"iCCP" && packed.len() > MOST_PROFILE_BYTES / MOST_INFLATION;
    packed.filter(is_large).is_some_and(|packed| {
        let unpacked = fdeflate::decompress_to_vec_bounded(packed, MOST_PROFILE_BYTES);
        matches!(
            unpacked,
            Err(fdeflate::BoundedDecompressionError::OutputTooLarge { .. })
        )
    })
}

/// The chunks of a PNG so far, in the order that the format asks for.
#[derive(Debug, Default)]
struct PngOrder {
    /// The colour type, once the header was there.
    colour: Option<u8>,
    has_palette: bool,
    pixels: PngPixels,
}

#[derive(Debug, Default, PartialEq)]
enum PngPixels {
    #[default]
    Awaited,
    Coming,
    Over,
}

impl PngOrder {
    fn take(&mut self, kind: [u8; 4], content: &[u8]) -> Result<(), Damaged> {
        const PALETTE: Option<u8> = Some(3);
        let is_in_order = match &kind {
            b"IHDR" => self.colour.is_none() && is_png_header(content),
            _ if self.colour.is_none() => false,
            b"PLTE" => {
                let colours = content.len() / 3;
                let is_whole = content.len().is_multiple_of(3) && (1..=256).contains(&colours);
                is_whole && !self.has_palette && self.pixels == PngPixels::Awaited
            }
            b"IDAT" => {
                let has_colours = self.has_palette || self.colour != PALETTE;
                has_colours && self.pixels != PngPixels::Over
            }
            b"IEND" => self.pixels != PngPixels::Awaited,
            _ => !is_critical(kind),
        };
        match &kind {
            b"IHDR" => self.colour = content.get(9).copied(),
            b"PLTE" => self.has_palette = true,
            b"IDAT" => self.pixels = PngPixels::Coming,
            _ if self.pixels == PngPixels::Coming => self.pixels = PngPixels::Over,
            _ => {}
        }
        is_in_order.then_some(()).ok_or(Damaged::Malformed)
    }
}

/// A size, a colour type with a depth that it has, and the only methods that there are.
fn is_png_header(header: &[u8]) -> bool {
    let [
        w0,
        w1,
        w2,
        w3,
        h0,
        h1,
        h2,
        h3,
        depth,
        colour,
        compression,
        filter,
        interlacing,
    ] = *header
    else {
        return false;
    };
    let edges = [[w0, w1, w2, w3], [h0, h1, h2, h3]].map(i32::from_be_bytes);
    let depths: &[u8] = match colour {
        0 => &[1, 2, 4, 8, 16],
        3 => &[1, 2, 4, 8],
        2 | 4 | 6 => &[8, 16],
        _ => &[],
    };
    edges.iter().all(|edge| *edge > 0)
        && depths.contains(&depth)
        && (compression, filter) == (0, 0)
        && interlacing < 2
}

fn jpeg(bytes: &[u8]) -> Result<Bare, Damaged> {
    let mut pieces = Pieces(vec![Piece::Kept(0..2)]);
    let (mut at, mut orientation) = (2, None);
    let (mut colours, mut has_scan) = (None, false);
    loop {
        if byte(bytes, at)? != 0xFF {
            // Stray bytes between segments: decoders pass over them too.
            at += 1;
            continue;
        }
        let marker = byte(bytes, at + 1)?;
        match marker {
            // Fill bytes, and what is no marker.
            0x00 | 0xFF => at += 1,
            0xD9 => {
                // What follows the end (other pictures, with metadata of their own) is left out.
                pieces.keep(at..at + 2);
                break;
            }
            0x01 | 0xD0..=0xD8 => at += 2,
            _ => {
                let length = usize::from(be16(bytes, at + 2)?);
                let end = at + 2 + length;
                if length < 2 {
                    return Err(Damaged::Malformed);
                }
                let content = bytes.get(at + 4..end).ok_or(Damaged::CutShort)?;
                if let (0xE1, Some(exif)) = (marker, content.strip_prefix(EXIF)) {
                    orientation = orientation.or_else(|| turned(exif));
                }
                if keeps_segment(marker, content) {
                    pieces.keep(at..end);
                }
                at = end;
                if matches!(marker, 0xC0..=0xCF if ![0xC4, 0xC8, 0xCC].contains(&marker)) {
                    // A second frame could be larger than the one that was measured.
                    if colours.is_some() {
                        return Err(Damaged::Malformed);
                    }
                    colours = Some(*content.get(5).ok_or(Damaged::Malformed)?);
                }
                if marker == 0xDA {
                    at = end_of_scan(bytes, end)?;
                    pieces.keep(end..at);
                    has_scan = true;
                }
            }
        }
    }
    if colours.is_none() || !has_scan {
        return Err(Damaged::Malformed);
    }
    Ok(Bare {
        orientation: orientation.unwrap_or(1),
        is_for_print: colours == Some(4),
        ..Bare::new(pieces, bytes.len())
    })
}

/// Of the application segments, those that a decoder needs: JFIF, the colour profile, Adobe's colour transform.
fn keeps_segment(marker: u8, content: &[u8]) -> bool {
    match marker {
        0xE0 => content.starts_with(b"JFIF\0"),
        0xE2 => content.starts_with(b"ICC_PROFILE\0"),
        0xEE => content.starts_with(b"Adobe"),
        0xE1..=0xEF | 0xFE => false,
        _ => true,
    }
}

/// Where the marker stands that follows the pixels of a scan.
fn end_of_scan(bytes: &[u8], from: usize) -> Result<usize, Damaged> {
    let mut at = from;
    loop {
        let rest = bytes.get(at..).ok_or(Damaged::CutShort)?;
        let next = rest.iter().position(|byte| *byte == 0xFF);
        at += next.ok_or(Damaged::CutShort)?;
        match byte(bytes, at + 1)? {
            0x00 | 0xD0..=0xD7 => at += 2,
            0xFF => at += 1,
            _ => return Ok(at),
        }
    }
}

fn webp(bytes: &[u8]) -> Result<Bare, Damaged> {
    let size = usize::try_from(le32(bytes, 4)?).map_err(|_large| Damaged::CutShort)?;
    let end = size.checked_add(8).filter(|end| *end <= bytes.len());
    let end = end.ok_or(Damaged::CutShort)?;
    let (mut kept, mut at) = (Pieces(Vec::new()), 12);
    let (mut orientation, mut has_pixels, mut is_animated) = (None, false, false);
    let (mut canvas, mut still) = (None, None);
    while at < end {
        let kind: &[u8; 4] = array(bytes, at)?;
        let length = usize::try_from(le32(bytes, at + 4)?).map_err(|_large| Damaged::CutShort)?;
        let content = bytes[..end]
            .get(at + 8..)
            .and_then(|rest| rest.get(..length))
            .ok_or(Damaged::CutShort)?;
        // Chunks have an even number of bytes; the last one of some files has not.
        let next = (at + 8 + length + length % 2).min(end);
        match kind {
            b"VP8X" => {
                let flags = *content.first().ok_or(Damaged::Malformed)?;
                is_animated |= flags & WEBP_ANIMATION != 0;
                canvas = Some(webp_canvas(content)?);
                if flags & WEBP_METADATA != 0 {
                    kept.keep(at..at + 8);
                    kept.0.push(Piece::New(vec![flags & !WEBP_METADATA]));
                    kept.keep(at + 9..next);
                    at = next;
                    continue;
                }
            }
            b"VP8 " | b"VP8L" => {
                has_pixels = true;
                still = still.or(Some(webp_still(content)?));
            }
            b"ANIM" | b"ANMF" => (is_animated, has_pixels) = (true, true),
            b"EXIF" => {
                let exif = content.strip_prefix(EXIF).unwrap_or(content);
                orientation = orientation.or_else(|| turned(exif));
            }
            _ => {}
        }
        if WEBP_KEPT.contains(&kind) {
            kept.keep(at..next);
        }
        at = next;
    }
    // The canvas is what was measured: a still picture that is larger is none.
    let lies = !is_animated && canvas.is_some() && canvas != still;
    if !has_pixels || lies {
        return Err(Damaged::Malformed);
    }
    Ok(Bare {
        orientation: orientation.unwrap_or(1),
        is_animated,
        ..Bare::new(with_riff_header(kept, end), bytes.len())
    })
}

/// Width and height less one, in three bytes each.
fn webp_canvas(content: &[u8]) -> Result<Pixels, Damaged> {
    let [a, b, c, d, e, f] = *array(content, 4).map_err(|_short| Damaged::Malformed)?;
    let edge = |bytes: [u8; 4]| u32::from_le_bytes(bytes) + 1;
    Ok(Pixels::new(edge([a, b, c, 0]), edge([d, e, f, 0])))
}

/// The size of a picture without loss (behind its mark, in 14 bits each, less one), or with it (behind three bytes and a mark).
fn webp_still(content: &[u8]) -> Result<Pixels, Damaged> {
    match *content {
        [0x2F, a, b, c, d, ..] => {
            let bits = u32::from_le_bytes([a, b, c, d]);
            Ok(Pixels::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        }
        [_, _, _, 0x9D, 0x01, 0x2A, a, b, c, d, ..] => {
            let edge = |bytes: [u8; 2]| u32::from(u16::from_le_bytes(bytes) & 0x3FFF);
            Ok(Pixels::new(edge([a, b]), edge([c, d])))
        }
        _ => Err(Damaged::Malformed),
    }
}

/// The chunks behind a header that says how long they are together.
fn with_riff_header(kept: Pieces, end: usize) -> Pieces {
    if kept.0 == [Piece::Kept(12..end)] {
        return Pieces(vec![Piece::Kept(0..end)]);
    }
    let length = |piece: &Piece| match piece {
        Piece::Kept(range) => range.len(),
        Piece::New(bytes) => bytes.len(),
    };
    let size = 4 + kept.0.iter().map(length).sum::<usize>();
    let size = u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
    let head = [&b"RIFF"[..], &size, b"WEBP"].concat();
    let mut pieces = vec![Piece::New(head)];
    pieces.extend(kept.0);
    Pieces(pieces)
}

/// The orientation that a TIFF structure (what EXIF is) names in its first directory.
fn turned(tiff: &[u8]) -> Option<u8> {
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let u16_at = |at: usize| -> Option<u16> {
        let two: [u8; 2] = *tiff.get(at..)?.first_chunk()?;
        Some(match is_little {
            true => u16::from_le_bytes(two),
            false => u16::from_be_bytes(two),
        })
    };
    let four: [u8; 4] = *tiff.get(4..)?.first_chunk()?;
    let directory = match is_little {
        true => u32::from_le_bytes(four),
        false => u32::from_be_bytes(four),
    };
    let directory = usize::try_from(directory)
        .ok()
        .filter(|at| *at < tiff.len())?;
    let entries = usize::from(u16_at(directory)?);
    let mut places = (0..entries).map(|index| directory + 2 + index * 12);
    let place = places.find(|at| u16_at(*at) == Some(0x0112))?;
    let value = u8::try_from(u16_at(place + 8)?).ok()?;
    (1..=8).contains(&value).then_some(value)
}

fn byte(bytes: &[u8], at: usize) -> Result<u8, Damaged> {
    bytes.get(at).copied().ok_or(Damaged::CutShort)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<&[u8; N], Damaged> {
    bytes
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .ok_or(Damaged::CutShort)
}

fn be16(bytes: &[u8], at: usize) -> Result<u16, Damaged> {
    array(bytes, at).map(|two| u16::from_be_bytes(*two))
}

fn be32(bytes: &[u8], at: usize) -> Result<u32, Damaged> {
    array(bytes, at).map(|four| u32::from_be_bytes(*four))
}

fn le32(bytes: &[u8], at: usize) -> Result<u32, Damaged> {
    array(bytes, at).map(|four| u32::from_le_bytes(*four))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, RgbImage};
    use proptest::prelude::*;
    use std::io::Cursor;

    const PLACE: &[u8] = b"GPSLatitude 52 31 12.03";

    fn picture(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        let image = RgbImage::from_fn(24, 16, |x, y| image::Rgb([x as u8 * 9, y as u8 * 15, 90]));
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A directory with the orientation, and a place behind it.
    fn exif(orientation: u8, is_little: bool) -> Vec<u8> {
        let mut tiff = match is_little {
            true => b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec(),
            false => b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01".to_vec(),
        };
        tiff.extend(match is_little {
            true => [orientation, 0, 0, 0],
            false => [0, orientation, 0, 0],
        });
        tiff.extend([0; 4]);
        tiff.extend(PLACE);
        tiff
    }

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = (content.len() + 2) as u16;
        [&[0xFF, marker], &length.to_be_bytes()[..], content].concat()
    }

    fn jpeg_with(segments: &[Vec<u8>]) -> Vec<u8> {
        let plain = picture(ImageFormat::Jpeg);
        [&plain[..2], &segments.concat(), &plain[2..]].concat()
    }

    fn png_with(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let plain = picture(ImageFormat::Png);
        let mut bytes = plain[..33].to_vec();
        for (kind, content) in chunks {
            bytes.extend(corpus::png::chunk(kind, content));
        }
        bytes.extend(&plain[33..]);
        bytes
    }

    fn webp_with(chunks: &[(&[u8; 4], &[u8])], flags: u8) -> Vec<u8> {
        let plain = picture(ImageFormat::WebP);
        let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
        body.extend([flags, 0, 0, 0, 23, 0, 0, 15, 0, 0]);
        body.extend(&plain[12..]);
        for (kind, content) in chunks {
            body.extend(&kind[..]);
            body.extend((content.len() as u32).to_le_bytes());
            body.extend(*content);
            body.extend(&[0][..content.len() % 2]);
        }
        [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
    }

    fn rewritten(bytes: &[u8]) -> Vec<u8> {
        let pieces = without_metadata(bytes).unwrap().pieces;
        let piece = |piece: &Piece| match piece {
            Piece::Kept(range) => bytes[range.clone()].to_vec(),
            Piece::New(bytes) => bytes.clone(),
        };
        pieces.iter().flat_map(piece).collect()
    }

    fn has_place(bytes: &[u8]) -> bool {
        bytes.windows(PLACE.len()).any(|part| part == PLACE)
    }

    #[track_caller]
    fn check(dirty: &[u8], clean: Option<&[u8]>, orientation: u8) {
        assert!(has_place(dirty));
        let bare = without_metadata(dirty).unwrap();
        assert!(bare.is_changed && !bare.is_animated);
        assert_eq!(bare.orientation, orientation);
        let written = rewritten(dirty);
        assert!(!has_place(&written));
        let pixels = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
        assert_eq!(pixels(&written), pixels(dirty));
        if let Some(clean) = clean {
            assert_eq!(written, clean);
        }
        // Nothing is left to take away.
        let again = without_metadata(&written).unwrap();
        assert!(!again.is_changed && again.orientation == 1);
    }

    #[test]
    fn a_photo_loses_its_place_and_keeps_its_colours() {
        let plain = picture(ImageFormat::Jpeg);
        let exif = |is_little| segment(0xE1, &[EXIF, &exif(6, is_little)].concat());
        check(&jpeg_with(&[exif(true)]), Some(&plain), 6);
        check(&jpeg_with(&[exif(false)]), Some(&plain), 6);
        let others = [
            segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", PLACE].concat()),
            segment(0xED, &[b"Photoshop 3.0\0", PLACE].concat()),
            segment(0xE2, &[b"MPF\0", PLACE].concat()),
            segment(0xE5, PLACE),
            segment(0xFE, PLACE),
        ];
        check(&jpeg_with(&others), Some(&plain), 1);
        let kept = [
            segment(0xE2, b"ICC_PROFILE\0\x01\x01of no use"),
            segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01"),
        ];
        let dirty = jpeg_with(&[kept[0].clone(), segment(0xFE, PLACE), kept[1].clone()]);
        assert_eq!(rewritten(&dirty), jpeg_with(&kept));
        let trailing = [&plain[..], b"\xFF\xD8\xFF", PLACE].concat();
        check(&trailing, Some(&plain), 1);
    }

    #[test]
    fn a_png_loses_its_texts() {
        let plain = picture(ImageFormat::Png);
        let exif = exif(8, false);
        check(&png_with(&[(b"eXIf", &exif)]), Some(&plain), 8);
        for kind in [b"tEXt", b"zTXt", b"iTXt", b"tIME", b"caBX", b"prVt"] {
            let [kept, gone] = [(b"pHYs", &[0; 9][..]), (kind, PLACE)];
            let written = rewritten(&png_with(&[kept, gone]));
            assert_eq!(written, png_with(&[kept]));
        }
        let moving = png_with(&[(b"acTL", &[0; 8])]);
        assert!(without_metadata(&moving).unwrap().is_animated);
    }

    #[test]
    fn a_webp_loses_its_chunks_and_its_flags() {
        let exif = [EXIF, &exif(3, true)].concat();
        let dirty = webp_with(&[(b"EXIF", &exif), (b"XMP ", PLACE)], 0x0C);
        check(&dirty, Some(&webp_with(&[], 0)), 3);
        let plain = picture(ImageFormat::WebP);
        assert!(!without_metadata(&plain).unwrap().is_changed);
        let moving = webp_with(&[], WEBP_ANIMATION);
        assert!(without_metadata(&moving).unwrap().is_animated);
    }

    #[test]
    fn what_ends_early_is_cut_short() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let whole = picture(format);
            for end in 16..whole.len() {
                let cut = without_metadata(&whole[..end]);
                assert_eq!(cut, Err(Damaged::CutShort), "{format:?} {end}");
            }
        }
        for strange in [&b""[..], b"GIF89a", b"<svg/>", b"<html>"] {
            assert_eq!(without_metadata(strange), Err(Damaged::Malformed));
        }
    }

    fn dirty(format: u8) -> Vec<u8> {
        let exif = [EXIF, &exif(6, true)].concat();
        match format {
            0 => jpeg_with(&[segment(0xE1, &exif), segment(0xFE, PLACE)]),
            1 => png_with(&[(b"eXIf", &exif[6..]), (b"tEXt", PLACE)]),
            _ => webp_with(&[(b"EXIF", &exif), (b"XMP ", PLACE)], 0x0C),
        }
    }

    proptest! {
        #[test]
        fn damaged_bytes_never_panic_and_pieces_lie_within(
            format in 0_u8..3,
            changes in prop::collection::vec((0_usize..2000, any::<u8>()), 0..12),
            end in 0_usize..2000,
        ) {
            let mut bytes = dirty(format);
            for (at, value) in changes {
                let at = at % bytes.len();
                bytes[at] = value;
            }
            bytes.truncate(end.max(1));
            if let Ok(bare) = without_metadata(&bytes) {
                let mut before = 0;
                for piece in bare.pieces {
                    if let Piece::Kept(range) = piece {
                        prop_assert!(before <= range.start && range.start <= range.end);
                        before = range.end;
                    }
                }
                prop_assert!(before <= bytes.len());
                prop_assert!((1..=8).contains(&bare.orientation));
            }
        }

        #[test]
        fn any_bytes_behind_a_head_never_panic(head in 0_usize..3, tail in prop::collection::vec(any::<u8>(), 0..600)) {
            let head = [PNG, b"\xFF\xD8\xFF\xE1", b"RIFF\xFF\0\0\0WEBP"][head];
            drop(without_metadata(&[head, &tail].concat()));
            prop_assert!(turned(&tail).is_none_or(|turned| turned <= 8));
        }
    }
}
