//! Photos that say where they were taken and with which camera, in every way that cameras and programs write it down.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

use crate::Specimen;
use crate::png::{chunk, deflated};

/// What nobody else is to learn: a latitude (text, and as EXIF's fractions in both orders of bytes) and a serial number.
pub const TRACES: [&[u8]; 5] = [
    b"52,31.2005N",
    b"SN-0815-4711",
    &[
        0, 0, 0, 52, 0, 0, 0, 1, 0, 0, 0, 31, 0, 0, 0, 1, 0, 0, 4, 179, 0, 0, 0, 100,
    ],
    &[
        52, 0, 0, 0, 1, 0, 0, 0, 31, 0, 0, 0, 1, 0, 0, 0, 179, 4, 0, 0, 100, 0, 0, 0,
    ],
    // As ImageMagick writes bytes down in a text.
    b"00000034000000010000001f00000001",
];
/// Where such things stand in a file: none of these is in one without metadata.
pub const PLACES: [&[u8]; 9] = [
    b"Exif\0\0",
    b"eXIf",
    b"zTXt",
    b"iTXt",
    b"tEXt",
    b"EXIF",
    b"XMP ",
    b"http://ns.adobe.com/",
    b"Photoshop 3.0",
];

/// A photo with a place in it, and how it has to be turned (EXIF's number; 1 where it stands upright).
#[derive(Debug, Clone)]
pub struct Photo {
    pub file: Specimen,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: &'static str,
    pub orientation: u8,
    /// The same pixels without anything that was put in.
    pub plain: Vec<u8>,
}

pub const WIDTH: u32 = 24;
pub const HEIGHT: u32 = 16;

/// Forty of them.
#[must_use]
pub fn all() -> Vec<Photo> {
    let mut all = Vec::new();
    for seed in 0..2 {
        // The same ways for an upright photo and for one that lies on its side.
        let orientation = [1, 6][usize::from(seed > 0)];
        jpegs(&mut all, seed, orientation);
        pngs(&mut all, seed, orientation);
        webps(&mut all, seed, orientation);
    }
    all
}

fn encoded(seed: u8, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let image = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        Rgb([x as u8 * 9, y as u8 * 15, 90 + seed * 40])
    });
    // Memory takes everything.
    drop(image.write_to(&mut bytes, format));
    bytes.into_inner()
}

/// A TIFF structure: orientation, serial number, and a directory with the place.
fn exif(orientation: u8, is_little: bool) -> Vec<u8> {
    let two = |value: u16| {
        if is_little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let four = |value: u32| {
        if is_little {
            value.to_le_bytes()
        } else {
            value.to_be_bytes()
        }
    };
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&two(tag)[..], &two(kind), &four(count), &value].concat()
    };
    let [a, b] = two(orientation.into());
    // Heads of both directories: 8, and behind its three entries 8 + 2 + 36 + 4.
    let (place, serial) = (50, 50 + 2 + 24 + 4);
    let fractions = serial + 13;
    let latitude = [(52, 1), (31, 1), (1203, 100)];
    let latitude = latitude
        .iter()
        .flat_map(|(over, under)| [four(*over), four(*under)])
        .flatten();
    let [north, ..] = *b"N\0\0\0";
    [
        if is_little {
            b"II*\0".to_vec()
        } else {
            b"MM\0*".to_vec()
        },
        four(8).to_vec(),
        two(3).to_vec(),
        entry(0x0112, 3, 1, [a, b, 0, 0]),
        entry(0x8825, 4, 1, four(place)),
        entry(0xA431, 2, 13, four(serial)),
        four(0).to_vec(),
        two(2).to_vec(),
        entry(1, 2, 2, [north, 0, 0, 0]),
        entry(2, 5, 3, four(fractions)),
        four(0).to_vec(),
        b"SN-0815-4711\0".to_vec(),
        latitude.collect(),
    ]
    .concat()
}

fn xmp(orientation: u8) -> Vec<u8> {
    format!(
        "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:aux='http://ns.adobe.com/exif/1.0/aux/' exif:GPSLatitude='52,31.2005N' aux:SerialNumber='SN-0815-4711' exif:Note='{orientation}'/></rdf:RDF></x:xmpmeta><?xpacket end='w'?>"
    )
    .into_bytes()
}

fn push(
    all: &mut Vec<Photo>,
    name: &str,
    bytes: Vec<u8>,
    media_type: &'static str,
    orientation: u8,
    plain: &[u8],
) {
    let name = format!(
        "{}, {name}, turned {orientation}",
        media_type.trim_start_matches("image/")
    );
    // What names no orientation is upright.
    all.push(Photo {
        file: Specimen::new(name, bytes),
        media_type,
        orientation,
        plain: plain.to_vec(),
    });
}

fn jpegs(all: &mut Vec<Photo>, seed: u8, orientation: u8) {
    let plain = encoded(seed, ImageFormat::Jpeg);
    let segment = |marker: u8, content: &[&[u8]]| {
        let content = content.concat();
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker], &length[..], &content].concat()
    };
    let with = |segments: &[Vec<u8>]| [&plain[..2], &segments.concat(), &plain[2..]].concat();
    let exif_of = |is_little| segment(0xE1, &[b"Exif\0\0", &exif(orientation, is_little)]);
    let xmp_of = || {
        segment(
            0xE1,
            &[b"http://ns.adobe.com/xap/1.0/\0", &xmp(orientation)],
        )
    };
    // The end of JFIF's own segment: other segments may stand behind it too.
    let jfif = 4 + usize::from(u16::from_be_bytes([plain[4], plain[5]])) - 2 + 2;
    let behind = [&plain[..jfif], &exif_of(true), &plain[jfif..]].concat();
    let second = with(&[exif_of(false)]);
    let ways = [
        ("EXIF, big end first", with(&[exif_of(false)]), orientation),
        ("EXIF, little end first", with(&[exif_of(true)]), orientation),
        ("EXIF behind JFIF", behind, orientation),
        ("EXIF twice", with(&[exif_of(true), exif_of(true)]), orientation),
        ("EXIF and XMP", with(&[exif_of(false), xmp_of()]), orientation),
        ("XMP", with(&[xmp_of()]), 1),
        (
            "extended XMP",
            with(&[segment(0xE1, &[b"http://ns.adobe.com/xmp/extension/\0", &[b'0'; 40], &xmp(orientation)])]),
            1,
        ),
        (
            "IPTC",
            with(&[segment(0xED, &[b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x20\x1c\x02\x5a\0\x0b52,31.2005N\x1c\x02\x67\0\x0cSN-0815-4711"])]),
            1,
        ),
        ("a comment", with(&[segment(0xFE, &[b"52,31.2005N SN-0815-4711"])]), 1),
        ("another picture behind the end", [&plain[..], &second].concat(), 1),
    ];
    for (name, bytes, orientation) in ways {
        push(all, name, bytes, "image/jpeg", orientation, &plain);
    }
}

fn pngs(all: &mut Vec<Photo>, seed: u8, orientation: u8) {
    let plain = encoded(seed, ImageFormat::Png);
    // Behind the header, and before the end.
    let with = |part: Vec<u8>| [&plain[..33], &part, &plain[33..]].concat();
    let late = |part: Vec<u8>| {
        [
            &plain[..plain.len() - 12],
            &part,
            &plain[plain.len() - 12..],
        ]
        .concat()
    };
    let hex: String = exif(orientation, false)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let profile = format!("\nexif\n{:8}\n{hex}\n", hex.len() / 2);
    let text = [b"XML:com.adobe.xmp\0\0\0\0\0", &xmp(orientation)[..]].concat();
    let packed = [
        b"XML:com.adobe.xmp\0\x01\0\0\0",
        &deflated(&xmp(orientation), 6)[..],
    ]
    .concat();
    let ways = [
        (
            "eXIf",
            with(chunk(b"eXIf", &exif(orientation, false))),
            orientation,
        ),
        (
            "eXIf behind the pixels",
            late(chunk(b"eXIf", &exif(orientation, true))),
            orientation,
        ),
        (
            "a profile as text",
            with(chunk(
                b"tEXt",
                &[b"Raw profile type exif\0", profile.as_bytes()].concat(),
            )),
            1,
        ),
        (
            "a profile as packed text",
            with(chunk(
                b"zTXt",
                &[
                    b"Raw profile type exif\0\0",
                    &deflated(profile.as_bytes(), 6)[..],
                ]
                .concat(),
            )),
            1,
        ),
        ("XMP", with(chunk(b"iTXt", &text)), 1),
        (
            "packed XMP behind the pixels",
            late(chunk(b"iTXt", &packed)),
            1,
        ),
    ];
    for (name, bytes, orientation) in ways {
        push(all, name, bytes, "image/png", orientation, &plain);
    }
}

fn webps(all: &mut Vec<Photo>, seed: u8, orientation: u8) {
    let plain = encoded(seed, ImageFormat::WebP);
    let exif_flag = 0x08;
    let xmp_flag = 0x04;
    let with = |flags: u8, chunks: &[(&[u8; 4], &[u8])]| {
        let mut body = b"WEBPVP8X\x0a\0\0\0".to_vec();
        body.extend([
            flags,
            0,
            0,
            0,
            WIDTH as u8 - 1,
            0,
            0,
            HEIGHT as u8 - 1,
            0,
            0,
        ]);
        body.extend(&plain[12..]);
        for (kind, content) in chunks {
            body.extend(*kind);
            body.extend((content.len() as u32).to_le_bytes());
            body.extend(*content);
            body.extend(&[0][..content.len() % 2]);
        }
        [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
    };
    let plain_exif = exif(orientation, true);
    let marked = [b"Exif\0\0", &exif(orientation, false)[..]].concat();
    let text = xmp(orientation);
    let ways = [
        (
            "EXIF",
            with(exif_flag, &[(b"EXIF", &plain_exif)]),
            orientation,
        ),
        (
            "EXIF with a mark",
            with(exif_flag, &[(b"EXIF", &marked)]),
            orientation,
        ),
        ("XMP", with(xmp_flag, &[(b"XMP ", &text)]), 1),
        (
            "EXIF and XMP",
            with(
                exif_flag | xmp_flag,
                &[(b"EXIF", &plain_exif), (b"XMP ", &text)],
            ),
            orientation,
        ),
    ];
    for (name, bytes, orientation) in ways {
        push(all, name, bytes, "image/webp", orientation, &plain);
    }
}
