//! PNGs of every kind that the format knows, with the pixels that a decoder must find in them.
//!
//! The kinds are those of Willem van Schaik's PngSuite; the format is "Portable Network Graphics (PNG) Specification", third
//! edition. <http://www.schaik.com/pngsuite/>, <https://www.w3.org/TR/png-3/>.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

pub const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The colour types, by their numbers.
pub const GREY: u8 = 0;
pub const RGB: u8 = 2;
pub const PALETTE: u8 = 3;
pub const GREY_ALPHA: u8 = 4;
pub const RGBA: u8 = 6;

/// Every legal pair of a colour type and a bit depth.
pub const DEPTHS: [(u8, &[u8]); 5] = [
    (GREY, &[1, 2, 4, 8, 16]),
    (RGB, &[8, 16]),
    (PALETTE, &[1, 2, 4, 8]),
    (GREY_ALPHA, &[8, 16]),
    (RGBA, &[8, 16]),
];
/// The filter of every row, and 5: another one in each.
const FILTERS: u8 = 6;
/// Where each pass of an interlaced PNG begins, and its steps: x, y, dx, dy.
const PASSES: [[u32; 4]; 7] = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
];

/// How a PNG is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    pub colour: u8,
    pub depth: u8,
    pub interlaced: bool,
    /// 0 to 4 as the format numbers them; 5: row by row another one.
    pub filter: u8,
    /// With a tRNS chunk.
    pub transparent: bool,
    pub width: u32,
    pub height: u32,
}

/// A chunk: its kind and its content.
pub type Chunk = ([u8; 4], Vec<u8>);

/// A good PNG.
#[derive(Debug, Clone)]
pub struct Good {
    pub name: String,
    pub bytes: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// What is in it, in eight bits a channel, row by row: the higher byte of sixteen.
    pub rgba: Vec<[u8; 4]>,
}

impl Kind {
    /// Every colour type, depth, interlacing, filter and transparency.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut kinds = Vec::new();
        for (colour, depths) in DEPTHS {
            for depth in depths {
                for interlaced in [false, true] {
                    for filter in 0..FILTERS {
                        kinds.push(Self {
                            colour,
                            depth: *depth,
                            interlaced,
                            filter,
                            transparent: false,
                            width: 37,
                            height: 21,
                        });
                    }
                }
            }
        }
        let opaque = kinds
            .clone()
            .into_iter()
            .filter(|kind| kind.colour <= PALETTE);
        kinds.extend(opaque.map(|kind| Self {
            transparent: true,
            ..kind
        }));
        kinds
    }

    fn name(self) -> String {
        let Self {
            colour,
            depth,
            filter,
            width,
            height,
            ..
        } = self;
        let interlaced = if self.interlaced { " interlaced" } else { "" };
        let transparent = if self.transparent { " tRNS" } else { "" };
        format!(
            "colour {colour} depth {depth} filter {filter}{interlaced}{transparent} {width}x{height}"
        )
    }

    fn channels(self) -> u32 {
        match self.colour {
            RGB => 3,
            GREY_ALPHA => 2,
            RGBA => 4,
            _ => 1,
        }
    }

    fn colours(self) -> u32 {
        (1 << self.depth).min(200)
    }

    /// What is written for a pixel. Few values, so that some are the transparent one; with sixteen bits, one of them differs
    /// from it in its last bit only.
    fn sample(self, x: u32, y: u32, channel: u32) -> u32 {
        let key = (x / 3 + y / 2) % 11;
        if self.colour == PALETTE {
            return (key * 19 + x % 3) % self.colours();
        }
        let (key, last) = match (self.depth, key) {
            (16, 10) => (0, 1),
            _ => (key, 0),
        };
        ((key * 2551 + channel * 9001 + 13) ^ last) & ((1 << self.depth) - 1)
    }

    fn palette(at: u32) -> [u8; 3] {
        [at * 7 + 3, at * 31 + 90, at * 101 + 17].map(|value| value as u8)
    }

    /// Of the first half of a palette; the others are opaque.
    fn palette_alpha(at: u32) -> u8 {
        (at * 83) as u8
    }

    fn alphas(self) -> u32 {
        self.colours().div_ceil(2)
    }

    /// What a decoder must find.
    fn rgba(self, x: u32, y: u32) -> [u8; 4] {
        let first = self.sample(x, y, 0);
        if self.colour == PALETTE {
            let [red, green, blue] = Self::palette(first);
            let has_alpha = self.transparent && first < self.alphas();
            let alpha = if has_alpha {
                Self::palette_alpha(first)
            } else {
                255
            };
            return [red, green, blue, alpha];
        }
        let eight = |channel: u32| {
            let value = self.sample(x, y, channel);
            match self.depth {
                16 => (value >> 8) as u8,
                depth => (value * 255 / ((1 << depth) - 1)) as u8,
            }
        };
        let grey = self.colour == GREY || self.colour == GREY_ALPHA;
        let [red, green, blue] = if grey { [0; 3] } else { [0, 1, 2] }.map(eight);
        let clear = (0..self.channels()).all(|at| self.sample(x, y, at) == self.sample(0, 0, at));
        let alpha = match self.colour {
            GREY_ALPHA => eight(1),
            RGBA => eight(3),
            _ if self.transparent && clear => 0,
            _ => 255,
        };
        [red, green, blue, alpha]
    }

    /// Signature and chunks are put together by `file`.
    #[must_use]
    pub fn chunks(self) -> Vec<Chunk> {
        let mut chunks = vec![(*b"IHDR", self.header())];
        if self.colour == PALETTE {
            let entries = (0..self.colours()).flat_map(Self::palette);
            chunks.push((*b"PLTE", entries.collect()));
        }
        if self.transparent {
            let content = match self.colour {
                PALETTE => (0..self.alphas()).map(Self::palette_alpha).collect(),
                _ => (0..self.channels())
                    .flat_map(|at| (self.sample(0, 0, at) as u16).to_be_bytes())
                    .collect(),
            };
            chunks.push((*b"tRNS", content));
        }
        chunks.push((*b"IDAT", deflated(&self.rows(), 6)));
        chunks.push((*b"IEND", Vec::new()));
        chunks
    }

    fn header(self) -> Vec<u8> {
        let mut header = self.width.to_be_bytes().to_vec();
        header.extend(self.height.to_be_bytes());
        header.extend([self.depth, self.colour, 0, 0, u8::from(self.interlaced)]);
        header
    }

    /// All rows of all passes, each behind the number of its filter.
    #[must_use]
    pub fn rows(self) -> Vec<u8> {
        let whole: &[[u32; 4]] = &[[0, 0, 1, 1]];
        let passes = if self.interlaced { &PASSES[..] } else { whole };
        let bits = self.channels() * u32::from(self.depth);
        let step = (bits / 8).max(1) as usize;
        let mut rows = Vec::new();
        for [left, top, dx, dy] in passes {
            let columns = || (*left..self.width).step_by(*dx as usize);
            if columns().next().is_none() {
                continue;
            }
            let mut above = vec![0; (columns().count() as u32 * bits).div_ceil(8) as usize];
            for (number, y) in (*top..self.height).step_by(*dy as usize).enumerate() {
                let samples = columns().flat_map(|x| {
                    (0..self.channels()).map(move |channel| self.sample(x, y, channel))
                });
                let row = packed(samples, self.depth);
                let filter = if self.filter < 5 {
                    self.filter
                } else {
                    number as u8 % 5
                };
                rows.push(filter);
                rows.extend(filtered(filter, &row, &above, step));
                above = row;
            }
        }
        rows
    }

    #[must_use]
    pub fn good(self) -> Good {
        self.good_with(self.name(), self.chunks())
    }

    fn good_with(self, name: String, chunks: Vec<Chunk>) -> Good {
        let rows = 0..self.height;
        Good {
            name,
            bytes: file(&chunks),
            width: self.width,
            height: self.height,
            rgba: rows
                .flat_map(|y| (0..self.width).map(move |x| self.rgba(x, y)))
                .collect(),
        }
    }
}

/// Every kind, small and odd sizes, pixels in several chunks, every strength of compression, and other chunks beside them.
#[must_use]
pub fn good() -> Vec<Good> {
    let mut good: Vec<Good> = Kind::all().into_iter().map(Kind::good).collect();
    let small = Kind {
        colour: PALETTE,
        depth: 4,
        interlaced: false,
        filter: 0,
        transparent: false,
        width: 1,
        height: 1,
    };
    for edge in (1..=9).chain(32..=40) {
        for interlaced in [false, true] {
            good.push(
                Kind {
                    width: edge,
                    height: edge,
                    interlaced,
                    ..small
                }
                .good(),
            );
        }
    }
    let full = Kind {
        colour: RGBA,
        depth: 8,
        width: 37,
        height: 21,
        ..small
    };
    for parts in [2, 3, 4, usize::MAX] {
        let mut chunks = full.chunks();
        split_pixels(&mut chunks, parts);
        good.push(full.good_with(format!("pixels in {parts} chunks"), chunks));
    }
    for level in [0, 1, 3, 9] {
        let mut chunks = full.chunks();
        chunks[1].1 = deflated(&full.rows(), level);
        good.push(full.good_with(format!("compression {level}"), chunks));
    }
    let others: [(&[u8; 4], Vec<u8>); 12] = [
        (b"gAMA", 45_455_u32.to_be_bytes().into()),
        (
            b"cHRM",
            [
                31_270_u32, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000,
            ]
            .map(u32::to_be_bytes)
            .concat(),
        ),
        (b"sRGB", vec![0]),
        (b"sBIT", vec![8; 4]),
        (b"bKGD", vec![0, 9, 0, 8, 0, 7]),
        (b"pHYs", vec![0, 0, 0x0b, 0x13, 0, 0, 0x0b, 0x13, 1]),
        (b"tIME", vec![0x07, 0xea, 1, 2, 3, 4, 5]),
        (b"tEXt", b"Title\0a picture".to_vec()),
        (
            b"zTXt",
            [b"Title\0\0", &deflated(b"a picture", 6)[..]].concat(),
        ),
        (b"iTXt", b"Title\0\0\0en\0\0a picture".to_vec()),
        (b"sPLT", b"six\0\x08\x01\x02\x03\xff\0\x01".to_vec()),
        (b"prVt", vec![1, 2, 3]),
    ];
    for (kind, content) in others {
        let mut chunks = full.chunks();
        chunks.insert(1, (*kind, content));
        let name = format!("with {}", String::from_utf8_lossy(kind));
        good.push(full.good_with(name, chunks));
    }
    good
}

/// Pixels in as many IDAT chunks; each with one byte where there are more.
pub fn split_pixels(chunks: &mut Vec<Chunk>, parts: usize) {
    let Some(at) = chunks.iter().position(|(kind, _)| kind == b"IDAT") else {
        return;
    };
    let (_, pixels) = chunks.remove(at);
    let parts = pixels.chunks(pixels.len().div_ceil(parts).max(1));
    let parts = parts.map(|part| (*b"IDAT", part.to_vec()));
    chunks.splice(at..at, parts);
}

/// A whole file.
#[must_use]
pub fn file(chunks: &[Chunk]) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    for (kind, content) in chunks {
        bytes.extend(chunk(kind, content));
    }
    bytes
}

/// Length, kind, content, and the check sum of both.
#[must_use]
pub fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let summed = [&kind[..], content].concat();
    let length = (content.len() as u32).to_be_bytes();
    let sum = crc32fast::hash(&summed).to_be_bytes();
    [&length[..], &summed, &sum].concat()
}

/// A zlib stream; a `Vec` takes everything that is written to it.
#[must_use]
pub fn deflated(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder
        .write_all(bytes)
        .and_then(|()| encoder.finish())
        .unwrap_or_default()
}

/// The highest bits of a byte are the left pixel.
fn packed(samples: impl Iterator<Item = u32>, depth: u8) -> Vec<u8> {
    let (mut bytes, mut rest, mut bits) = (Vec::new(), 0, 0);
    for sample in samples {
        rest = rest << depth | sample;
        bits += u32::from(depth);
        while bits >= 8 {
            bits -= 8;
            bytes.push((rest >> bits) as u8);
            rest &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        bytes.push((rest << (8 - bits)) as u8);
    }
    bytes
}

fn filtered(filter: u8, row: &[u8], above: &[u8], step: usize) -> Vec<u8> {
    let at = |row: &[u8], at: Option<usize>| at.map_or(0, |at| row[at]);
    let byte = |index: usize| {
        let left = index.checked_sub(step);
        let (a, b, c) = (at(row, left), above[index], at(above, left));
        let guess = match filter {
            1 => a,
            2 => b,
            3 => (u16::from(a).midpoint(b.into())) as u8,
            4 => paeth(a, b, c),
            _ => 0,
        };
        row[index].wrapping_sub(guess)
    };
    (0..row.len()).map(byte).collect()
}

fn paeth(a: u8, b: u8, c: u8) -> u8 {
    let [left, above, corner] = [a, b, c].map(i32::from);
    let guess = left + above - corner;
    let [to_a, to_b, to_c] = [left, above, corner].map(|value| (guess - value).abs());
    if to_a <= to_b && to_a <= to_c {
        a
    } else if to_b <= to_c {
        b
    } else {
        c
    }
}
