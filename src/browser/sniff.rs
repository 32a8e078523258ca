//! What a file is and how many pixels it has, from its first bytes alone. Nothing is decoded, whatever the bytes.

use crate::domain::size::Pixels;

/// The media type that the bytes themselves show; names and headers are not asked.
#[must_use]
pub fn media_type(head: &[u8]) -> &'static str {
    match head {
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => "image/png",
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => "image/webp",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        _ if starts_as_svg(head) => "image/svg+xml",
        _ => "application/octet-stream",
    }
}

/// Width and height as the header says (before any turning that a photo's metadata asks for).
#[must_use]
pub fn pixels(head: &[u8]) -> Option<Pixels> {
    match media_type(head) {
        "image/png" => png(head),
        "image/jpeg" => jpeg(head),
        "image/webp" => webp(head),
        "image/gif" => Some(Pixels::new(le16(head, 6)?, le16(head, 8)?)),
        _ => None,
    }
    .filter(|pixels| pixels.short_edge() > 0)
}

fn png(head: &[u8]) -> Option<Pixels> {
    (head.get(12..16)? == b"IHDR").then_some(Pixels::new(be32(head, 16)?, be32(head, 20)?))
}

/// Walks the segments up to the first start of frame.
fn jpeg(head: &[u8]) -> Option<Pixels> {
    let mut at = 2;
    loop {
        if *head.get(at)? != 0xFF {
            return None;
        }
        match *head.get(at + 1)? {
            // Fill bytes, and markers without a length.
            0xFF => at += 1,
            0x01 | 0xD0..=0xD7 => at += 2,
            // Start of frame; C4, C8 and CC are tables that share its numbers.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Some(Pixels::new(be16(head, at + 7)?, be16(head, at + 5)?));
            }
            // The scan or the end, and no frame before it.
            0xD9 | 0xDA => return None,
            _ => at += 2 + be16(head, at + 2)?.max(2) as usize,
        }
    }
}

fn webp(head: &[u8]) -> Option<Pixels> {
    match head.get(12..16)? {
        b"VP8 " if head.get(23..26)? == [0x9D, 0x01, 0x2A] => Some(Pixels::new(
            le16(head, 26)? & 0x3FFF,
            le16(head, 28)? & 0x3FFF,
        )),
        b"VP8L" if *head.get(20)? == 0x2F => {
            let bits = le16(head, 21)? | le16(head, 23)? << 16;
            Some(Pixels::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
        }
        b"VP8X" => Some(Pixels::new(le24(head, 24)? + 1, le24(head, 27)? + 1)),
        _ => None,
    }
}

/// Whether the first element is `<svg`, after a byte order mark, white space, a declaration, a doctype and comments.
fn starts_as_svg(head: &[u8]) -> bool {
    let head = &head[..head.len().min(4096)];
    let mut rest = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    loop {
        rest = rest.trim_ascii_start();
        let end: &[u8] = match rest {
            [b'<', b'?', ..] => b"?>",
            [b'<', b'!', b'-', b'-', ..] => b"-->",
            [b'<', b'!', ..] => b">",
            [b'<', b's', b'v', b'g', next, ..] => {
                return next.is_ascii_whitespace() || matches!(next, b'>' | b'/');
            }
            _ => return false,
        };
        match rest.windows(end.len()).position(|bytes| bytes == end) {
            Some(at) => rest = &rest[at + end.len()..],
            None => return false,
        }
    }
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    let [a, b] = *bytes.get(at..)?.first_chunk()?;
    Some(u16::from_be_bytes([a, b]).into())
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    be16(bytes, at).map(|value| (value as u16).swap_bytes().into())
}

fn le24(bytes: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = *bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes([a, b, c, 0]))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .copied()
        .map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x06\0\x08\x06\0\0\0";

    fn riff(chunk: &[u8]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WEBP", chunk].concat()
    }

    #[track_caller]
    fn check(head: &[u8], media: &str, size: Option<(u32, u32)>) {
        assert_eq!(media_type(head), media);
        assert_eq!(pixels(head), size.map(|(w, h)| Pixels::new(w, h)));
    }

    #[test]
    fn pictures_show_what_they_are() {
        check(PNG, "image/png", Some((1024, 1536)));
        check(&PNG[..20], "image/png", None);
        let app1 = [&b"\xFF\xD8\xFF\xE1\0\x10"[..], &[0; 14]].concat();
        let jpeg = [
            &app1,
            &b"\xFF\xC4\0\x04xy\xFF\xFF\xC2\0\x11\x08\x01\x00\x02\x00\x03"[..],
        ]
        .concat();
        check(&jpeg, "image/jpeg", Some((512, 256)));
        check(b"\xFF\xD8\xFF\xDA\0\x08", "image/jpeg", None);
        check(b"GIF89a\x10\0\x20\0", "image/gif", Some((16, 32)));
    }

    #[test]
    fn the_three_kinds_of_webp() {
        let vp8 = riff(b"VP8 \0\0\0\0\0\0\0\x9D\x01\x2A\x00\x02\x00\x41");
        check(&vp8, "image/webp", Some((512, 256)));
        let vp8l = riff(b"VP8L\0\0\0\0\x2F\xFF\xC1\x3F\x00");
        check(&vp8l, "image/webp", Some((512, 256)));
        let vp8x = riff(b"VP8X\x0A\0\0\0\0\0\0\0\xFF\x01\0\xFF\0\0");
        check(&vp8x, "image/webp", Some((512, 256)));
        check(&riff(b"ALPH"), "image/webp", None);
    }

    #[test]
    fn svg_is_known_by_its_first_element() {
        for svg in [
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\u{FEFF} \n<?xml version='1.0'?><!-- <html> --><!DOCTYPE svg><svg>",
        ] {
            check(svg.as_bytes(), "image/svg+xml", None);
        }
        for other in [
            "",
            "<",
            "<svgx>",
            "<html><svg>",
            "<!-- <svg>",
            "{\"svg\":1}",
        ] {
            check(other.as_bytes(), "application/octet-stream", None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(start in 0_usize..5, bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let starts: [&[u8]; 5] = [b"", PNG, b"\xFF\xD8\xFF", b"RIFF\0\0\0\0WEBPVP8X", b"<!"];
            let head = [starts[start], &bytes].concat();
            let _ = (media_type(&head), pixels(&head));
        }
    }
}
