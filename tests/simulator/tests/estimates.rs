//! What the app says that a request costs, against what the simulator bills for it: fifty requests of all kinds.
//!
//! `cargo test -p simulator --test estimates -- --nocapture` prints the table.

#![allow(clippy::unwrap_used, reason = "a test that stops says where")]

mod common;

use std::collections::HashMap;
use std::io::Cursor;

use common::call;
use pentimento::api::encode::images;
use pentimento::api::http::Body;
use pentimento::api::multipart::Stretch;
use pentimento::domain::model::{Catalogue, Certainty, Model};
use pentimento::domain::money::Usd;
use pentimento::domain::pricing::tokens::TextCount;
use pentimento::domain::pricing::{Estimate, estimate};
use pentimento::domain::provider::Address;
use pentimento::domain::request::{AUTO, HIGH, ImageRef, ImageRequest, ValidRequest};
use simulator::bill::text_tokens;
use simulator::{Config, Picture, Simulator};

const JAPANESE: &str =
    "夕焼けの海辺に立つ白い灯台を、やわらかい水彩画で描いてください。空には大きな雲。";

type Pictures = HashMap<String, Vec<u8>>;
type Change<'a> = (&'a str, Box<dyn Fn(&mut ImageRequest) + 'a>);

#[test]
fn the_bill_is_within_what_was_estimated() {
    // Before the first shutdown, every model answers.
    let simulator = Simulator::start(Config {
        today: "2026-01-01".into(),
        picture: Picture::Noise { bytes: 2_000 },
        ..Config::default()
    })
    .unwrap();
    let catalogue = Catalogue::built_in().unwrap();
    let (pictures, refs) = given();
    let mut asked = 0;
    eprintln!("model | request | estimate (USD) | at most | simulator's bill");
    for model in catalogue.models() {
        for (name, change) in kinds(model, &refs) {
            let mut request = ImageRequest::new(&model.id, &catalogue);
            request.prompt = "a red dot".into();
            change(&mut request);
            request.adapt(&model.id, &catalogue);
            let text = TextCount::exact(text_tokens(&request.prompt));
            let guess = estimate(&request, text, model);
            let bill = send(&simulator, &request, model, &pictures);
            check(&format!("{} | {name}", model.id), &guess, bill);
            asked += 1;
        }
    }
    assert_eq!(asked, 50);
}

#[track_caller]
fn check(name: &str, guess: &Estimate, bill: Usd) {
    let likely = guess.likely.unwrap();
    let most = guess.upper_bound.map_or("unknown".into(), Usd::decimal);
    let (low, high) = (likely.low.decimal(), likely.high.decimal());
    eprintln!("{name} | {low} – {high} | {most} | {}", bill.decimal());
    assert!(likely.low <= bill && bill <= likely.high, "{name}");
    assert!(guess.upper_bound.is_none_or(|most| bill <= most), "{name}");
    assert_eq!(
        guess.upper_bound.is_none(),
        guess.certainty == Certainty::Unknown
    );
}

/// What is asked of a model.
fn kinds<'a>(model: &Model, refs: &'a [ImageRef]) -> Vec<Change<'a>> {
    let mut all: Vec<Change<'a>> = Vec::new();
    if model.rates.is_none() {
        all.push(("plain", Box::new(|_| ())));
        return all;
    }
    all.push(("low", Box::new(|r| r.quality = "low".into())));
    all.push((
        "high, wide, 10 pictures, Japanese",
        Box::new(|r| {
            r.prompt = JAPANESE.into();
            r.quality = HIGH.into();
            r.size = "1536x1024".parse().unwrap();
            r.n = 10;
        }),
    ));
    all.push((
        "edit of 1, high fidelity where there is one",
        Box::new(|r| {
            r.images = refs[..1].to_vec();
            r.input_fidelity = HIGH.into();
        }),
    ));
    all.push(("edit of 16", Box::new(|r| r.images = refs.to_vec())));
    all.push((
        "2 pictures with 3 previews",
        Box::new(|r| (r.n, r.partial_images) = (2, 3)),
    ));
    match model.id.as_str() {
        "gpt-image-1-mini" => all.push((
            "auto quality and size",
            Box::new(|r| {
                r.quality = AUTO.into();
                r.size = AUTO.parse().unwrap();
            }),
        )),
        "gpt-image-2" => all.push((
            "3840x2160",
            Box::new(|r| r.size = "3840x2160".parse().unwrap()),
        )),
        "gpt-image-2.5-flare" => all.push((
            "max, edit of 2 with a preview",
            Box::new(|r| {
                r.quality = "max".into();
                r.images = refs[..2].to_vec();
                r.partial_images = 1;
            }),
        )),
        _ => {}
    }
    all
}

/// Sixteen small images of all shapes, and their bytes.
fn given() -> (Pictures, Vec<ImageRef>) {
    let one = |number: u32| {
        let (width, height) = (32 + number * 5, 32 + (number * 29) % 90);
        let mut bytes = Vec::new();
        image::DynamicImage::new_rgb8(width, height)
            .write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png)
            .unwrap();
        let image = ImageRef {
            blob: number.to_string(),
            media_type: "image/png".into(),
            width,
            height,
            bytes: bytes.len() as u64,
        };
        ((image.blob.clone(), bytes), image)
    };
    (0..16).map(one).unzip()
}

/// Sends a request as the app does, and gives what all of it was billed.
fn send(simulator: &Simulator, request: &ImageRequest, model: &Model, pictures: &Pictures) -> Usd {
    let before = simulator.bill().len();
    let sends = request.check(model).unwrap().sends(request.row(model));
    for one in &sends {
        post(simulator, one, pictures);
    }
    let bill = simulator.bill().split_off(before);
    assert_eq!(bill.len(), sends.len());
    Usd(bill.iter().map(|entry| entry.billed_pico).sum())
}

fn post(simulator: &Simulator, send: &ValidRequest, pictures: &Pictures) {
    let root = simulator.address();
    let address = Address::parse(&format!("{root}/v1"), &[]).unwrap();
    let sent = images(send, &address, None, "a-boundary");
    let kind = sent.body.content_type().unwrap();
    let body = match sent.body {
        Body::Json(bytes) => bytes,
        Body::Form(form) => {
            let bytes = |stretch: Stretch| match stretch {
                Stretch::Bytes(bytes) => bytes,
                Stretch::Image(image) => pictures[&image.blob].clone(),
            };
            form.stretches().into_iter().flat_map(bytes).collect()
        }
        Body::Empty => Vec::new(),
    };
    let path = sent.url.strip_prefix(&root).unwrap();
    let answer = call(simulator, "POST", path, &[("content-type", &kind)], &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
}
