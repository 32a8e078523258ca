//! PNGs that are broken, each in one way.

use crate::Specimen;
use crate::png::{Chunk, Kind, PALETTE, RGBA, SIGNATURE, chunk, deflated, file, split_pixels};

/// What shows that a PNG is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By what it is not even: its first bytes are others.
    AtOnce,
    /// By its chunks: what they are, in what order, and their check sums.
    ByChunks,
    /// Only by decoding it: the chunks are as they should be, and the pixels in them are not.
    ByPixels,
}

#[derive(Debug, Clone)]
pub struct Broken {
    pub file: Specimen,
    pub shown: Shown,
}

const FULL: Kind = Kind {
    colour: RGBA,
    depth: 8,
    interlaced: false,
    filter: 5,
    transparent: false,
    width: 40,
    height: 30,
};
const INDEXED: Kind = Kind {
    colour: PALETTE,
    depth: 4,
    transparent: true,
    ..FULL
};

/// More than a hundred of them, no two the same.
#[must_use]
pub fn all() -> Vec<Broken> {
    let mut all = Vec::new();
    signatures(&mut all);
    for (name, chunks) in [("full", full()), ("indexed", INDEXED.chunks())] {
        cut(&mut all, name, &chunks);
        spoiled(&mut all, name, &chunks);
        lengths(&mut all, name, &chunks);
    }
    headers(&mut all);
    order(&mut all);
    palettes(&mut all);
    pixels(&mut all);
    all
}

/// With another chunk, and its pixels in three.
fn full() -> Vec<Chunk> {
    let mut chunks = FULL.chunks();
    split_pixels(&mut chunks, 3);
    chunks.insert(1, (*b"gAMA", 45_455_u32.to_be_bytes().into()));
    chunks
}

fn push(all: &mut Vec<Broken>, shown: Shown, name: String, bytes: Vec<u8>) {
    all.push(Broken {
        file: Specimen::new(name, bytes),
        shown,
    });
}

fn by_chunks(all: &mut Vec<Broken>, name: impl Into<String>, chunks: &[Chunk]) {
    push(all, Shown::ByChunks, name.into(), file(chunks));
}

fn word(kind: &[u8; 4]) -> String {
    String::from_utf8_lossy(kind).into_owned()
}

fn is_critical(kind: [u8; 4]) -> bool {
    kind[0].is_ascii_uppercase()
}

/// Any byte of it altered, and what a transfer as text makes of it.
fn signatures(all: &mut Vec<Broken>) {
    let whole = file(&full());
    for at in 0..SIGNATURE.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        push(all, Shown::AtOnce, format!("signature, byte {at}"), bytes);
    }
    let replaced = |from: &[u8], to: &[u8]| {
        let mut bytes = whole.clone();
        let at = bytes.windows(from.len()).position(|part| part == from);
        if let Some(at) = at {
            bytes.splice(at..at + from.len(), to.iter().copied());
        }
        bytes
    };
    let seven: Vec<u8> = whole.iter().map(|byte| byte & 0x7f).collect();
    push(
        all,
        Shown::AtOnce,
        "line ends without returns".into(),
        replaced(b"\r\n", b"\n"),
    );
    push(
        all,
        Shown::AtOnce,
        "line ends with returns only".into(),
        replaced(b"\r\n", b"\r"),
    );
    push(
        all,
        Shown::AtOnce,
        "line ends doubled".into(),
        replaced(b"\x1a\n", b"\x1a\r\n"),
    );
    push(all, Shown::AtOnce, "seven bits".into(), seven);
}

/// At the border of each chunk, and in each of its four parts.
fn cut(all: &mut Vec<Broken>, base: &str, chunks: &[Chunk]) {
    let (whole, mut at) = (file(chunks), SIGNATURE.len());
    for (number, (kind, content)) in chunks.iter().enumerate() {
        let places = [
            ("before", 0),
            ("in the length of", 2),
            ("in the kind of", 6),
            ("in", 8 + content.len() / 2),
            ("in the check sum of", 8 + content.len() + 2),
        ];
        for (place, offset) in places {
            // What is empty has no inside.
            if place == "in" && content.is_empty() {
                continue;
            }
            let name = format!("{base} cut {place} {} {number}", word(kind));
            push(all, Shown::ByChunks, name, whole[..at + offset].to_vec());
        }
        at += content.len() + 12;
    }
}

/// A bit of the content, and of the check sum, of each chunk that counts.
fn spoiled(all: &mut Vec<Broken>, base: &str, chunks: &[Chunk]) {
    let (whole, mut at) = (file(chunks), SIGNATURE.len());
    for (number, (kind, content)) in chunks.iter().enumerate() {
        let parts = [
            ("content", 8 + content.len() / 2, content.len()),
            ("check sum", 8 + content.len(), 4),
        ];
        for (part, offset, length) in parts {
            if is_critical(*kind) && length > 0 {
                let mut bytes = whole.clone();
                bytes[at + offset] ^= 0x10;
                let name = format!("{base} {part} of {} {number} spoiled", word(kind));
                push(all, Shown::ByChunks, name, bytes);
            }
        }
        at += content.len() + 12;
    }
}

/// Chunks that say they are longer or shorter than they are.
fn lengths(all: &mut Vec<Broken>, base: &str, chunks: &[Chunk]) {
    let (whole, mut at) = (file(chunks), SIGNATURE.len());
    for (number, (kind, content)) in chunks.iter().enumerate() {
        let real = content.len() as u32;
        for length in [real.wrapping_sub(1), real + 1, 0x7fff_ffff, u32::MAX] {
            let mut bytes = whole.clone();
            bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
            let name = format!("{base} length of {} {number} is {length}", word(kind));
            if !all.iter().any(|one| one.file.name == name) {
                push(all, Shown::ByChunks, name, bytes);
            }
        }
        at += content.len() + 12;
    }
}

fn headers(all: &mut Vec<Broken>) {
    let mut with = |name: String, change: &dyn Fn(&mut Vec<u8>)| {
        let mut chunks = full();
        change(&mut chunks[0].1);
        by_chunks(all, name, &chunks);
    };
    for (edge, at) in [("width", 0), ("height", 4)] {
        for value in [0_u32, 0x8000_0000, u32::MAX] {
            with(format!("{edge} {value}"), &|header| {
                header[at..at + 4].copy_from_slice(&value.to_be_bytes());
            });
        }
    }
    for depth in [0, 1, 2, 3, 4, 5, 7, 9, 32, 255] {
        with(format!("RGBA with depth {depth}"), &|header| {
            header[8] = depth;
        });
    }
    for colour in [1, 5, 7, 255] {
        with(format!("colour type {colour}"), &|header| {
            header[9] = colour;
        });
    }
    for (colour, depth) in [(2, 1), (2, 4), (3, 16), (4, 1), (4, 4)] {
        with(
            format!("colour type {colour} with depth {depth}"),
            &|header| {
                header[8..10].copy_from_slice(&[depth, colour]);
            },
        );
    }
    for (what, at) in [
        ("compression", 10),
        ("filter method", 11),
        ("interlacing", 12),
    ] {
        for value in [2, 255] {
            with(format!("{what} {value}"), &|header| {
                header[at] = value;
            });
        }
    }
    with("a header that is too short".into(), &|header| {
        header.truncate(12);
    });
    with("a header that is too long".into(), &|header| header.push(0));
    with("a header that is empty".into(), &Vec::clear);
}

fn order(all: &mut Vec<Broken>) {
    let without = |kind: &[u8; 4]| -> Vec<Chunk> {
        full()
            .into_iter()
            .filter(|(other, _)| other != kind)
            .collect()
    };
    for kind in [b"IHDR", b"IDAT", b"IEND"] {
        by_chunks(all, format!("no {}", word(kind)), &without(kind));
    }
    let changed = |change: &dyn Fn(&mut Vec<Chunk>)| {
        let mut chunks = full();
        change(&mut chunks);
        chunks
    };
    let header = full()[0].clone();
    by_chunks(
        all,
        "two headers",
        &changed(&|chunks| chunks.insert(1, header.clone())),
    );
    by_chunks(
        all,
        "a second header behind the pixels",
        &changed(&|chunks| chunks.insert(5, header.clone())),
    );
    by_chunks(
        all,
        "the header is second",
        &changed(&|chunks| chunks.swap(0, 1)),
    );
    by_chunks(
        all,
        "pixels that are interrupted",
        &changed(&|chunks| chunks.insert(3, (*b"tEXt", b"a\0b".into()))),
    );
    by_chunks(
        all,
        "an unknown chunk that counts",
        &changed(&|chunks| chunks.insert(1, (*b"ABCD", vec![1]))),
    );
    by_chunks(
        all,
        "pixels of another name",
        &changed(&|chunks| {
            for chunk in chunks.iter_mut().filter(|(kind, _)| kind == b"IDAT") {
                chunk.0 = *b"IDAX";
            }
        }),
    );
    by_chunks(all, "nothing but a signature", &[]);
    push(
        all,
        Shown::ByChunks,
        "a signature and noise".into(),
        [&SIGNATURE[..], &[0xa5; 200]].concat(),
    );
}

fn palettes(all: &mut Vec<Broken>) {
    let with = |change: &dyn Fn(&mut Vec<Chunk>)| {
        let mut chunks = INDEXED.chunks();
        change(&mut chunks);
        chunks
    };
    by_chunks(all, "no palette", &with(&|chunks| drop(chunks.remove(1))));
    by_chunks(
        all,
        "an empty palette",
        &with(&|chunks| chunks[1].1.clear()),
    );
    by_chunks(
        all,
        "a palette of 2 1/3 colours",
        &with(&|chunks| chunks[1].1.truncate(7)),
    );
    by_chunks(
        all,
        "a palette of 257 colours",
        &with(&|chunks| chunks[1].1.resize(257 * 3, 0)),
    );
    by_chunks(
        all,
        "two palettes",
        &with(&|chunks| {
            let palette = chunks[1].clone();
            chunks.insert(2, palette);
        }),
    );
    by_chunks(
        all,
        "a palette behind the pixels",
        &with(&|chunks| {
            let palette = chunks.remove(1);
            chunks.insert(3, palette);
        }),
    );
}

fn pixels(all: &mut Vec<Broken>) {
    let rows = FULL.rows();
    let good = deflated(&rows, 6);
    let mut with = |name: &str, pixels: Vec<u8>| {
        let chunks: Vec<Chunk> = vec![
            FULL.chunks()[0].clone(),
            (*b"IDAT", pixels),
            (*b"IEND", Vec::new()),
        ];
        push(all, Shown::ByPixels, name.to_owned(), file(&chunks));
    };
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut pixels = good.clone();
        change(&mut pixels);
        pixels
    };
    with("pixels without a byte", Vec::new());
    with("pixels of one byte", good[..1].to_vec());
    for part in [1, 2, 3] {
        with(
            &format!("pixels cut after {part}/4"),
            good[..good.len() * part / 4].to_vec(),
        );
    }
    with(
        "compression of an unknown method",
        changed(&|bytes| bytes[..2].copy_from_slice(&[0x77, 0x85])),
    );
    with(
        "compression whose head contradicts itself",
        changed(&|bytes| bytes[1] ^= 1),
    );
    with(
        "compression with a dictionary",
        changed(&|bytes| bytes[..2].copy_from_slice(&[0x78, 0xbb])),
    );
    with(
        "a block of the reserved kind",
        changed(&|bytes| bytes[2] |= 7),
    );
    with(
        "a stored block that contradicts itself",
        vec![0x78, 1, 1, 9, 0, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    with(
        "a match before the beginning",
        vec![0x78, 1, 0x4b, 0x04, 0x12, 0, 0, 0, 0, 0],
    );
    with("noise", [&[0x78, 0x9c][..], &[0xd7; 300]].concat());
    let stride = FULL.width as usize * 4 + 1;
    with("half of the rows", deflated(&rows[..rows.len() / 2], 6));
    with("all rows but a byte", deflated(&rows[..rows.len() - 1], 6));
    with("no row", deflated(&[], 6));
    for filter in [5, 255] {
        let mut rows = rows.clone();
        rows[stride * 7] = filter;
        with(&format!("a row with filter {filter}"), deflated(&rows, 6));
    }
}

/// Broken where it does not matter: decoders pass over it, and so may whoever reads them.
#[must_use]
pub fn tolerable() -> Vec<Specimen> {
    let (chunks, rows) = (FULL.chunks(), FULL.rows());
    let with_pixels = |pixels: Vec<u8>| {
        file(&[
            chunks[0].clone(),
            (*b"IDAT", pixels),
            (*b"IEND", Vec::new()),
        ])
    };
    let mut sum = deflated(&rows, 6);
    if let Some(last) = sum.last_mut() {
        *last ^= 1;
    }
    let mut spoiled = file(&chunks[..1]);
    let mut gamma = chunk(b"gAMA", &45_455_u32.to_be_bytes());
    gamma[9] ^= 1;
    spoiled.extend(gamma);
    spoiled.extend(&file(&chunks[1..])[SIGNATURE.len()..]);
    let mut few = INDEXED.chunks();
    few[1].1.truncate(9);
    few.remove(2);
    vec![
        Specimen::new("pixels whose check sum is wrong", with_pixels(sum)),
        Specimen::new(
            "more pixels than the header says",
            with_pixels(deflated(&[&rows[..], &[0; 999]].concat(), 6)),
        ),
        Specimen::new(
            "bytes behind the end",
            [&file(&chunks)[..], b"more"].concat(),
        ),
        Specimen::new("a spoiled chunk that does not count", spoiled),
        Specimen::new("fewer colours than there are", file(&few)),
    ]
}
