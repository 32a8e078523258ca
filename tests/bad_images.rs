//! Pictures of every kind, and what only pretends to be one: good ones come in, the others are told by their headers.

use corpus::broken::Shown;
use corpus::png::Good;
use corpus::{Specimen, bombs, broken, photos, png};
use pentimento::browser::sniff;
use pentimento::domain::intake::{Facts, Unfit, conversion, examine, mask};
use pentimento::domain::mask::png::ImportFault;
use pentimento::domain::metadata::{Bare, Piece, without_metadata};
use pentimento::domain::model::ImageLimits;
use pentimento::domain::size::Pixels;
use proptest::prelude::*;

/// As much as is read of a file before it is known what it is.
const HEAD_BYTES: usize = 256 << 10;

fn limits() -> ImageLimits {
    ImageLimits {
        max: 16,
        max_bytes: 50_000_000,
        types: ["png", "webp", "jpeg"].map(str::to_owned).to_vec(),
    }
}

fn facts(bytes: &[u8]) -> Facts {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    Facts {
        media_type: sniff::media_type(head),
        pixels: sniff::pixels(head),
        bytes: bytes.len() as u64,
    }
}

/// What becomes of a file before the browser is asked to open it.
fn taken_in(bytes: &[u8]) -> Result<(Pixels, Bare), Unfit> {
    let pixels = examine(facts(bytes), &limits())?;
    let bare = without_metadata(bytes)?;
    match bare {
        Bare {
            is_animated: true, ..
        } => Err(Unfit::Animated),
        Bare {
            is_for_print: true, ..
        } => Err(Unfit::ForPrint),
        bare => Ok((pixels, bare)),
    }
}

fn written(bytes: &[u8], bare: &Bare) -> Vec<u8> {
    let piece = |piece: &Piece| match piece {
        Piece::Kept(range) => bytes[range.clone()].to_vec(),
        Piece::New(bytes) => bytes.clone(),
    };
    bare.pieces.iter().flat_map(piece).collect()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn every_good_png_comes_in() {
    let good = png::good();
    assert!(good.len() >= 360, "{}", good.len());
    for Good {
        name,
        bytes,
        width,
        height,
        ..
    } in good
    {
        let (pixels, bare) = taken_in(&bytes).unwrap_or_else(|unfit| panic!("{name}: {unfit:?}"));
        assert_eq!(pixels, Pixels::new(width, height), "{name}");
        assert_eq!(bare.orientation, 1, "{name}");
        let kept = written(&bytes, &bare);
        let texts = [&b"tEXt"[..], b"zTXt", b"iTXt", b"tIME", b"prVt"];
        assert!(texts.iter().all(|text| !has(&kept, text)), "{name}");
        assert!(has(&bytes, b"gAMA") == has(&kept, b"gAMA"), "{name}");
    }
}

/// What the format says is in a pixel decides: its transparency, or where nothing is transparent, how light it is.
#[test]
fn every_good_png_is_read_as_a_mask() {
    for Good {
        name,
        bytes,
        width,
        height,
        rgba,
    } in png::good()
    {
        let read = mask(&bytes, Pixels::new(width, height));
        let read = read.unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        let is_opaque = rgba.iter().all(|[.., alpha]| *alpha == 255);
        let expected = rgba.iter().map(|[red, green, blue, alpha]| {
            let light = 299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue);
            if is_opaque {
                ((light + 500) / 1000) as u8
            } else {
                255 - alpha
            }
        });
        let places = (0..height as i32).flat_map(|y| (0..width as i32).map(move |x| (x, y)));
        for ((x, y), expected) in places.zip(expected) {
            assert_eq!(read.coverage(x, y), expected, "{name} at {x}, {y}");
        }
        let other = Pixels::new(width + 1, height);
        let fault = ImportFault::AnotherSize {
            found: Pixels::new(width, height),
            wanted: other,
        };
        assert_eq!(mask(&bytes, other), Err(fault), "{name}");
    }
}

#[test]
fn no_broken_png_comes_in_unseen() {
    let all = broken::all();
    assert!(all.len() > 160, "{}", all.len());
    let mut names: Vec<&str> = all.iter().map(|one| &*one.file.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len(), "two have the same name");
    let mut wrong = Vec::new();
    for one in &all {
        let Specimen { name, bytes } = &one.file;
        let is_seen = match (one.shown, taken_in(bytes)) {
            (Shown::AtOnce, Err(unfit)) => unfit == Unfit::NotAPicture,
            (Shown::ByChunks, Err(unfit)) => {
                matches!(unfit, Unfit::Damaged | Unfit::CutShort | Unfit::TooLarge(_))
            }
            // The browser opens it next.
            (Shown::ByPixels, outcome) => outcome.is_ok(),
            (_, Ok(_)) => false,
        };
        if !is_seen {
            wrong.push(format!(
                "{name}: {:?}",
                taken_in(bytes).map(|(pixels, _)| pixels)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_broken_png_becomes_a_mask() {
    let mut wrong = Vec::new();
    for one in broken::all() {
        let fault = mask(&one.file.bytes, Pixels::new(40, 30));
        let is_named = match one.shown {
            Shown::AtOnce => fault == Err(ImportFault::NotAPng),
            _ => fault.is_err(),
        };
        if !is_named {
            wrong.push(one.file.name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for Specimen { name, bytes } in broken::tolerable() {
        assert!(mask(&bytes, Pixels::new(40, 30)).is_ok(), "{name}");
        assert!(taken_in(&bytes).is_ok(), "{name}");
    }
}

proptest! {
    /// Spoiled behind the back of the check sums.
    #[test]
    fn nothing_in_a_chunk_stops_the_program(
        kind in 0..png::Kind::all().len(),
        changes in prop::collection::vec((any::<u8>(), any::<u16>(), any::<u8>()), 1..4),
        cut in prop::option::of((any::<u8>(), 0_usize..20)),
    ) {
        let kind = png::Kind::all()[kind];
        let mut chunks = kind.chunks();
        let last = chunks.len() - 1;
        for (chunk, at, value) in changes {
            let content = &mut chunks[usize::from(chunk) % last].1;
            let at = usize::from(at) % content.len();
            content[at] = value;
        }
        if let Some((chunk, length)) = cut {
            chunks[usize::from(chunk) % last].1.truncate(length);
        }
        let bytes = png::file(&chunks);
        let pixels = sniff::pixels(&bytes).unwrap_or(Pixels::new(37, 21));
        // Nothing that is larger than it says.
        if pixels.count() < 1 << 20 {
            drop(mask(&bytes, pixels));
        }
        drop(taken_in(&bytes));
    }
}

#[test]
fn bombs_are_told_by_their_headers() {
    let large = bombs::large_pngs();
    assert!(large[0].bytes.len() < 40_000, "{}", large[0].bytes.len());
    for Specimen { name, bytes } in large.iter().chain(&bombs::large_others()) {
        let unfit = taken_in(bytes).map(|_| ());
        assert!(
            matches!(unfit, Err(Unfit::TooLarge(_))),
            "{name}: {unfit:?}"
        );
        // The same with the first forty bytes alone (of a JPEG, up to its frame): nothing else was looked at.
        let head = if has(&bytes[..2], b"\xFF\xD8") {
            100
        } else {
            40
        };
        let cut = Facts {
            bytes: bytes.len() as u64,
            ..facts(&bytes[..head.min(bytes.len())])
        };
        assert_eq!(cut, facts(bytes), "{name}");
        assert_eq!(examine(cut, &limits()).map(|_| ()), unfit, "{name}");
        let offered = conversion(unfit.unwrap_err(), cut);
        // What would take gigabytes is not even offered.
        let bounded =
            |pixels: Pixels| pixels.count() <= 120_000_000 && pixels.long_edge() <= 16_384;
        assert_eq!(
            offered.is_some(),
            bounded(facts(bytes).pixels.unwrap()),
            "{name}"
        );
        assert!(mask(bytes, Pixels::new(40, 30)).is_err(), "{name}");
    }
    for Specimen { name, bytes } in bombs::lying_webps() {
        assert_eq!(taken_in(&bytes).unwrap_err(), Unfit::Damaged, "{name}");
    }
    for Specimen { name, bytes } in bombs::moving(10_000) {
        assert_eq!(taken_in(&bytes).unwrap_err(), Unfit::Animated, "{name}");
    }
}

/// A gibibyte in a mebibyte: the texts and the profile are left out, and of the pixels no more is unpacked than the header says.
#[test]
fn what_is_hidden_in_a_small_picture_stays_packed() {
    for Specimen { name, bytes } in bombs::hidden(1024) {
        assert!(
            (1 << 20..2 << 20).contains(&bytes.len()),
            "{name}: {}",
            bytes.len()
        );
        let (pixels, bare) = taken_in(&bytes).unwrap();
        assert_eq!(pixels, Pixels::new(4, 4), "{name}");
        let kept = written(&bytes, &bare);
        assert_eq!(
            kept.len() < 200,
            !name.contains("pixels"),
            "{name}: {}",
            kept.len()
        );
        // Black, and nothing transparent.
        assert!(mask(&bytes, pixels).unwrap().is_empty(), "{name}");
    }
    // A profile of a size that profiles have is kept, packed as well as it may be.
    let profile = [&b"ICC\0\0"[..], &bombs::zeros(8 << 20)].concat();
    let plain = &png::good()[0].bytes;
    let with = [&plain[..33], &png::chunk(b"iCCP", &profile), &plain[33..]].concat();
    assert!(has(&written(&with, &taken_in(&with).unwrap().1), b"iCCP"));
}

#[test]
fn what_is_no_picture_is_called_so() {
    for Specimen { name, bytes } in bombs::documents() {
        let unfit = taken_in(&bytes).unwrap_err();
        assert!(
            matches!(unfit, Unfit::Drawing | Unfit::NotAPicture),
            "{name}: {unfit:?}"
        );
        assert_eq!(
            mask(&bytes, Pixels::new(4, 4)),
            Err(ImportFault::NotAPng),
            "{name}"
        );
    }
    assert_eq!(taken_in(b"").unwrap_err(), Unfit::Empty);
    let mut heavy = facts(&png::good()[0].bytes);
    heavy.bytes = 51_000_000;
    assert!(matches!(
        examine(heavy, &limits()),
        Err(Unfit::TooHeavy { .. })
    ));
    let cmyk = bombs::jpeg(64, 32, 4);
    assert_eq!(taken_in(&cmyk).unwrap_err(), Unfit::ForPrint);
    let offered = conversion(Unfit::ForPrint, facts(&cmyk)).unwrap();
    assert_eq!(
        (offered.media_type, offered.pixels),
        ("image/jpeg", Pixels::new(64, 32))
    );
    assert!(taken_in(&bombs::jpeg(64, 32, 3)).is_ok());
}

#[test]
fn forty_photos_lose_their_places_and_no_pixel() {
    let all = photos::all();
    assert_eq!(all.len(), 40);
    let decoded = |bytes: &[u8]| image::load_from_memory(bytes).unwrap().to_rgb8();
    for photo in all {
        let Specimen { name, bytes } = &photo.file;
        let is_told =
            photos::TRACES.iter().any(|trace| has(bytes, trace)) || name.contains("packed");
        assert!(is_told, "{name}");
        let (pixels, bare) = taken_in(bytes).unwrap();
        assert_eq!(pixels, Pixels::new(photos::WIDTH, photos::HEIGHT), "{name}");
        assert_eq!(bare.orientation, photo.orientation, "{name}");
        let kept = written(bytes, &bare);
        let left = photos::TRACES
            .iter()
            .chain(&photos::PLACES)
            .find(|trace| has(&kept, trace));
        assert_eq!(left, None, "{name}");
        assert_eq!(decoded(&kept), decoded(&photo.plain), "{name}");
        if photo.media_type != "image/webp" {
            assert_eq!(kept, photo.plain, "{name}");
        }
    }
}
