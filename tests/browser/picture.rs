//! Pictures, their keys, addresses and encoders.

use pentimento::browser::error::FileError;
use pentimento::browser::picture::{Picture, PictureBuilder, live_object_urls, object_url};
use pentimento::browser::{clock, decode_image, encode_image, files};
use pentimento::domain::size::Pixels;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

async fn picture(pieces: &[&[u8]]) -> Picture {
    let mut builder = PictureBuilder::new();
    for piece in pieces {
        builder.push(piece);
    }
    builder.finish().await.unwrap()
}

#[wasm_bindgen_test]
async fn the_key_is_the_digest() {
    let abc = picture(&[b"a", b"", b"bc"]).await;
    assert_eq!(
        abc.key(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(abc.media_type(), "application/octet-stream");
    assert_eq!((abc.bytes_len(), abc.pixels()), (3, None));
    let empty = picture(&[]).await;
    assert!(empty.key().starts_with("e3b0c44298fc1c14") && empty.bytes_len() == 0);
}

#[wasm_bindgen_test]
async fn pieces_of_any_size_make_the_same_picture() {
    let bytes: Vec<u8> = (0..5_000_000_u32).map(|n| ((n * 31) >> 5) as u8).collect();
    let whole = picture(&[&bytes]).await;
    let pieces: Vec<&[u8]> = bytes.chunks(700_001).collect();
    let pieced = picture(&pieces).await;
    assert_eq!(whole, pieced);
    assert!(pieced.read().await.unwrap() == bytes);
    let mixed = picture(&[&bytes[..10], &bytes[10..3_000_000], &bytes[3_000_000..]]).await;
    assert_eq!(whole, mixed);
}

#[wasm_bindgen_test]
async fn addresses_are_revoked() {
    let before = live_object_urls();
    let image = picture(&[b"hello"]).await;
    let url = object_url(&image).unwrap();
    assert!(url.as_str().starts_with("blob:"));
    assert_eq!(live_object_urls(), before + 1);
    assert!(super::fetch::fetch_text(url.as_str()).await.is_ok());
    let address = url.as_str().to_owned();
    drop(url);
    assert_eq!(live_object_urls(), before);
    assert!(super::fetch::fetch_text(&address).await.is_err());
}

#[wasm_bindgen_test]
async fn the_browser_encodes_what_was_asked_for() {
    let size = Pixels::new(40, 30);
    let rgba: Vec<u8> = (0..size.count())
        .flat_map(|n| [n as u8, 99, 7, 255])
        .collect();
    for media_type in ["image/png", "image/jpeg", "image/webp"] {
        let image = encode_image::encode(&rgba, size, media_type, Some(0.8))
            .await
            .unwrap();
        assert_eq!(image.media_type(), media_type);
        assert_eq!(image.pixels(), Some(size), "{media_type}");
    }
    let other = encode_image::encode(&rgba, size, "image/bmp", None).await;
    assert_eq!(other, Err(FileError::Format("image/bmp".into())));
    assert!(
        encode_image::encode(&rgba[4..], size, "image/png", None)
            .await
            .is_err()
    );
}

#[wasm_bindgen_test]
async fn a_small_picture_keeps_what_one_sees_through() {
    let (size, small) = (Pixels::new(40, 30), Pixels::new(20, 15));
    for (alpha, media_type) in [(255, "image/jpeg"), (100, "image/webp")] {
        let mut rgba = [200, 99, 7, 255].repeat(size.count() as usize);
        // The last pixels alone.
        rgba.iter_mut()
            .skip(3)
            .step_by(4)
            .skip(1100)
            .for_each(|a| *a = alpha);
        let whole = encode_image::encode(&rgba, size, "image/png", None)
            .await
            .unwrap();
        let made = decode_image::make_small(&whole, small).await.unwrap();
        assert_eq!(
            (made.media_type(), made.pixels()),
            (media_type, Some(small))
        );
        let shown = decode_image::decode(&made, small).await.unwrap();
        let corner = shown.last().copied().unwrap_or_default();
        assert!(corner.abs_diff(alpha) < 8, "{corner} for {alpha}");
    }
}

#[wasm_bindgen_test]
async fn files_are_offered() {
    let before = live_object_urls();
    files::save("picture.bin", &picture(&[b"x"]).await).unwrap();
    files::save_text("ledger.csv", "a,b").unwrap();
    assert_eq!(live_object_urls(), before + 2);
}

#[wasm_bindgen_test]
async fn measured() {
    let bytes = vec![9; 1_500_000];
    let (mut pushing, start) = (0.0, clock::monotonic_ms());
    for n in 0..20_u8 {
        let mut builder = PictureBuilder::new();
        let start = clock::monotonic_ms();
        builder.push(&[n]);
        for piece in bytes.chunks(49_152) {
            builder.push(piece);
        }
        pushing += clock::monotonic_ms() - start;
        builder.finish().await.unwrap();
    }
    let each = (clock::monotonic_ms() - start) / 20.0;
    console_log!(
        "a picture of 1.5 MB: {each:.1} ms, {:.1} of them pushing",
        pushing / 20.0
    );
}

/// A red and a blue stripe, one beside the other, as a PNG of 16 x 8.
async fn stripes() -> Picture {
    let (red, blue) = ([200, 0, 0, 255], [0, 0, 200, 255]);
    let row: Vec<u8> = (0..16)
        .flat_map(|x| if x < 8 { red } else { blue })
        .collect();
    let size = Pixels::new(16, 8);
    encode_image::encode(&row.repeat(8), size, "image/png", None)
        .await
        .unwrap()
}

fn at(rgba: &[u8], width: usize, x: usize, y: usize) -> [u8; 3] {
    let at = (y * width + x) * 4;
    [rgba[at], rgba[at + 1], rgba[at + 2]]
}

#[wasm_bindgen_test]
async fn a_picture_is_drawn_anew_upright() {
    let stripes = stripes().await;
    let (size, lying) = (Pixels::new(16, 8), Pixels::new(8, 16));
    // By orientation: the colour of the first and of the last pixel.
    let expected = [
        (1, size, [200, 0, 0], [0, 0, 200]),
        (2, size, [0, 0, 200], [200, 0, 0]),
        (3, size, [0, 0, 200], [200, 0, 0]),
        (4, size, [200, 0, 0], [0, 0, 200]),
        (5, lying, [200, 0, 0], [0, 0, 200]),
        (6, lying, [200, 0, 0], [0, 0, 200]),
        (7, lying, [0, 0, 200], [200, 0, 0]),
        (8, lying, [0, 0, 200], [200, 0, 0]),
    ];
    for (orientation, upright, first, last) in expected {
        let turned = decode_image::redraw(&stripes, size, orientation, "image/png").await;
        let turned = turned.unwrap();
        assert_eq!(turned.pixels(), Some(upright), "{orientation}");
        let rgba = decode_image::decode(&turned, upright).await.unwrap();
        let (w, h) = (upright.width as usize, upright.height as usize);
        assert_eq!(at(&rgba, w, 0, 0), first, "{orientation}");
        assert_eq!(at(&rgba, w, w - 1, h - 1), last, "{orientation}");
    }
    let small = Pixels::new(4, 2);
    let jpeg = decode_image::redraw(&stripes, small, 1, "image/jpeg").await;
    let jpeg = jpeg.unwrap();
    assert_eq!(
        (jpeg.media_type(), jpeg.pixels()),
        ("image/jpeg", Some(small))
    );
    let junk = picture(&[b"\x89PNG\r\n\x1a\nno picture"]).await;
    assert!(decode_image::decode(&junk, small).await.is_err());
}
