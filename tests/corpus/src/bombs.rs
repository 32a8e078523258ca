//! Small files that would become large, and files that are not what they say.

use std::io::Write as _;

use flate2::write::DeflateEncoder;
use flate2::{Compression, FlushCompress};

use crate::Specimen;
use crate::png::{Chunk, file};

const MIB: u64 = 1 << 20;

/// PNGs whose header is honest, and says more pixels than anybody takes: 16,384² in 32 kB, 30,000², 65,535², and a ribbon.
#[must_use]
pub fn large_pngs() -> Vec<Specimen> {
    let sizes = [
        (16_384, 16_384),
        (30_000, 30_000),
        (65_535, 65_535),
        (100, 1_000_000),
        (1_000_000, 100),
    ];
    let large = |(width, height): (u32, u32)| {
        Specimen::new(format!("PNG {width}x{height}"), large_png(width, height))
    };
    sizes.map(large).into()
}

/// Black, one bit a pixel.
#[must_use]
pub fn large_png(width: u32, height: u32) -> Vec<u8> {
    let rows = u64::from(height) * u64::from(1 + width.div_ceil(8));
    file(&[
        (*b"IHDR", header(width, height, 1, 0)),
        (*b"IDAT", zeros(rows)),
        (*b"IEND", Vec::new()),
    ])
}

/// JPEGs and WebPs of that kind: their headers say it, and their pixels are absent.
#[must_use]
pub fn large_others() -> Vec<Specimen> {
    let canvas = |width: u32, height: u32| {
        let le24 = |value: u32| (value - 1).to_le_bytes()[..3].to_vec();
        [&[0; 4][..], &le24(width), &le24(height)].concat()
    };
    vec![
        Specimen::new("JPEG 65535x65535", jpeg(65_535, 65_535, 3)),
        Specimen::new("JPEG 65535x1000", jpeg(65_535, 1_000, 1)),
        Specimen::new(
            "WebP 16384x16384, lossless",
            webp(&[(b"VP8L", lossless(16_384, 16_384))]),
        ),
        Specimen::new(
            "WebP 16383x16383, lossy",
            webp(&[(b"VP8 ", lossy(16_383, 16_383))]),
        ),
        Specimen::new(
            "WebP with a canvas of 16777216x16777216",
            webp(&[
                (b"VP8X", canvas(1 << 24, 1 << 24)),
                (b"VP8L", lossless(1, 1)),
            ]),
        ),
    ]
}

/// WebPs whose canvas is small, and whose picture is large, or the other way round.
#[must_use]
pub fn lying_webps() -> Vec<Specimen> {
    let canvas = |edge: u8| [0, 0, 0, 0, edge - 1, 0, 0, edge - 1, 0, 0].to_vec();
    vec![
        Specimen::new(
            "WebP of 4x4 that holds 16384x16384, lossless",
            webp(&[(b"VP8X", canvas(4)), (b"VP8L", lossless(16_384, 16_384))]),
        ),
        Specimen::new(
            "WebP of 4x4 that holds 16383x16383, lossy",
            webp(&[(b"VP8X", canvas(4)), (b"VP8 ", lossy(16_383, 16_383))]),
        ),
        Specimen::new(
            "WebP of 200x200 that holds 1x1",
            webp(&[(b"VP8X", canvas(200)), (b"VP8L", lossless(1, 1))]),
        ),
    ]
}

/// An APNG and a WebP with so many frames.
#[must_use]
pub fn moving(frames: u32) -> Vec<Specimen> {
    let pixels = zeros(2 * 2);
    let mut chunks: Vec<Chunk> = vec![
        (*b"IHDR", header(2, 2, 8, 0)),
        (*b"acTL", [frames, 0].map(u32::to_be_bytes).concat()),
    ];
    let mut frame = webp_frame();
    if frame.len() % 2 == 1 {
        frame.push(0);
    }
    let mut parts: Vec<(&[u8; 4], Vec<u8>)> = vec![
        (b"VP8X", vec![2, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        (b"ANIM", vec![0; 6]),
    ];
    for number in 0..frames {
        let control = [2 * number, 2, 2, 0, 0].map(u32::to_be_bytes).concat();
        chunks.push((*b"fcTL", [&control[..], &[0, 1, 0, 100, 0, 0]].concat()));
        let numbered = [&(2 * number + 1).to_be_bytes()[..], &pixels].concat();
        chunks.push(match number {
            0 => (*b"IDAT", pixels.clone()),
            _ => (*b"fdAT", numbered),
        });
        parts.push((b"ANMF", frame.clone()));
    }
    chunks.push((*b"IEND", Vec::new()));
    vec![
        Specimen::new(format!("APNG of {frames} frames"), file(&chunks)),
        Specimen::new(format!("WebP of {frames} frames"), webp(&parts)),
    ]
}

fn webp_frame() -> Vec<u8> {
    let picture = lossless(1, 1);
    let place = [0; 12];
    let head = [0, 0, 0, 0];
    let length = (picture.len() as u32).to_le_bytes();
    [&place[..], &head, b"VP8L", &length, &picture].concat()
}

/// Small PNGs in which something else becomes large: a text, a colour profile, and the pixels themselves, which are more than
/// the header says.
#[must_use]
pub fn hidden(inflated_mib: u64) -> Vec<Specimen> {
    let bomb = zeros(inflated_mib * MIB);
    let with = |kind: &[u8; 4], content: Vec<u8>| {
        file(&[
            (*b"IHDR", header(4, 4, 8, 0)),
            (*kind, content),
            (*b"IDAT", zeros(4 * 5)),
            (*b"IEND", Vec::new()),
        ])
    };
    vec![
        Specimen::new(
            "PNG with a text bomb",
            with(b"zTXt", [b"Comment\0\0", &bomb[..]].concat()),
        ),
        Specimen::new(
            "PNG with a translated text bomb",
            with(b"iTXt", [b"Comment\0\x01\0\0\0", &bomb[..]].concat()),
        ),
        Specimen::new(
            "PNG with a profile bomb",
            with(b"iCCP", [b"ICC\0\0", &bomb[..]].concat()),
        ),
        Specimen::new(
            "PNG of 4x4 with a bomb of pixels",
            file(&[
                (*b"IHDR", header(4, 4, 8, 0)),
                (*b"IDAT", bomb.clone()),
                (*b"IEND", Vec::new()),
            ]),
        ),
    ]
}

/// Documents that are named like pictures.
#[must_use]
pub fn documents() -> Vec<Specimen> {
    let script = "<script>window.PWN = 1</script>";
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='window.PWN=1'>";
    let texts = [
        format!("{svg}{script}</svg>"),
        format!("\u{feff}{svg}{script}</svg>"),
        format!("<?xml version='1.0'?>{svg}{script}</svg>"),
        format!("<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE svg>\n{svg}{script}</svg>"),
        format!("<!-- a picture -->{svg}{script}</svg>"),
        format!("\r\n\t {svg}</svg>"),
        "<svg/>".to_owned(),
        format!("{svg}<foreignObject><iframe srcdoc='{script}'/></foreignObject></svg>"),
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg'><image href='http://127.0.0.1:9/x'/>{script}</svg>"
        ),
        format!(
            "<!DOCTYPE svg [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>{svg}<text>&b;</text></svg>"
        ),
        format!("<!doctype html>{script}"),
        format!("<html><body>{script}</body></html>"),
        format!("<script>{script}"),
        format!("  <!-- --><html>{svg}</svg></html>"),
        "<img src=x onerror='window.PWN=1'>".to_owned(),
        format!("GIF89 {script}"),
        format!("\u{89}PNG\r\n{script}"),
        "%PDF-1.7\n1 0 obj".to_owned(),
        "{\"type\":\"image/png\"}".to_owned(),
        "BM6\0\0\0".to_owned(),
    ];
    let named = |(number, text): (usize, String)| {
        Specimen::new(format!("document {number}"), text.into_bytes())
    };
    texts.into_iter().enumerate().map(named).collect()
}

fn header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    [
        &width.to_be_bytes()[..],
        &height.to_be_bytes(),
        &[depth, colour, 0, 0, 0],
    ]
    .concat()
}

/// A zlib stream that becomes so many zeros, in a thousandth of them: a compressed mebibyte, again and again.
#[must_use]
pub fn zeros(count: u64) -> Vec<u8> {
    let (whole, rest) = (count / MIB, count % MIB);
    let mut stream = vec![0x78, 0x9c];
    if whole > 0 {
        stream.extend(mebibyte().repeat(whole as usize));
    }
    let mut last = DeflateEncoder::new(Vec::new(), Compression::best());
    let rest = vec![0; rest as usize];
    stream.extend(
        last.write_all(&rest)
            .and_then(|()| last.finish())
            .unwrap_or_default(),
    );
    // Adler-32 of zeros: the first sum stays 1, the second counts.
    let sum = (count % 65_521) << 16 | 1;
    stream.extend((sum as u32).to_be_bytes());
    stream
}

/// Ends at a byte, and needs nothing of what was before.
fn mebibyte() -> Vec<u8> {
    let mut compress = flate2::Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(8 << 10);
    // There is room for all of it.
    let input = vec![0; MIB as usize];
    if compress
        .compress_vec(&input, &mut out, FlushCompress::Full)
        .is_err()
    {
        out.clear();
    }
    out
}

/// All of one colour; of a large one, the pixels are absent but for a kilobyte.
#[must_use]
pub fn jpeg(width: u16, height: u16, components: u8) -> Vec<u8> {
    let segment = |marker: u8, content: &[u8]| {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker], &length[..], content].concat()
    };
    let mut frame = vec![8];
    frame.extend(height.to_be_bytes());
    frame.extend(width.to_be_bytes());
    frame.push(components);
    frame.extend((1..=components).flat_map(|number| [number, 0x11, 0]));
    let mut scan = vec![components];
    scan.extend((1..=components).flat_map(|number| [number, 0]));
    scan.extend([0, 63, 0]);
    // Of each block, two codes of one bit: no difference from the last, and nothing else.
    let blocks = usize::from(width.div_ceil(8)) * usize::from(height.div_ceil(8));
    let bits = blocks * usize::from(components) * 2;
    let table = |class: u8| [&[class][..], &[1], &[0; 15], &[0]].concat();
    [
        vec![0xFF, 0xD8],
        segment(0xDB, &[&[0][..], &[1; 64]].concat()),
        segment(0xC0, &frame),
        segment(0xC4, &table(0x00)),
        segment(0xC4, &table(0x10)),
        segment(0xDA, &scan),
        vec![0; bits.div_ceil(8).min(1 << 10)],
        vec![0xFF, 0xD9],
    ]
    .concat()
}

fn lossless(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | (height - 1) << 14 | 1 << 28;
    // The tail of the smallest picture there is: one pixel.
    [
        &[0x2F][..],
        &bits.to_le_bytes(),
        &[0x07, 0x10, 0x11, 0x11, 0x88, 0x88, 0xFE, 0x07, 0],
    ]
    .concat()
}

fn lossy(width: u16, height: u16) -> Vec<u8> {
    let size = [width, height].map(u16::to_le_bytes).concat();
    [&[0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A][..], &size, &[0; 16]].concat()
}

fn webp(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, content) in chunks {
        body.extend(*kind);
        body.extend((content.len() as u32).to_le_bytes());
        body.extend(content);
        body.extend(&[0][..content.len() % 2]);
    }
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}
