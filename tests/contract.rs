//! Every request that the catalogue allows conforms to the API's own schema, and to the rules it states in words.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test that stops says where")]

use std::sync::LazyLock;

use jsonschema::Validator;
use pentimento::api::encode::images;
use pentimento::api::http::Body;
use pentimento::domain::model::{Catalogue, Model};
use pentimento::domain::provider::{Address, OPENAI};
use pentimento::domain::request::{ImageRequest, Parameter};
use pentimento::domain::size::{Pixels, Size};
use proptest::prelude::*;
use serde_json::{Value, json};

const CONTRACT: &str = include_str!("fixtures/openapi/images-2026-11-13.derived.openapi.yaml");

#[test]
fn every_combination_of_listed_values_conforms() {
    let mut sent = 0;
    for model in CATALOGUE.models() {
        for request in combinations(model) {
            for one in send(&request, model) {
                check(&one, model).unwrap();
                sent += 1;
            }
        }
    }
    assert!(sent > 19_000, "only {sent} requests");
}

#[test]
fn dated_and_unknown_names_conform() {
    for name in ["gpt-image-2-2026-04-21", "flux-schnell"] {
        let model = CATALOGUE.model(name);
        let mut request = ImageRequest::new(name, &CATALOGUE);
        request.prompt = "a red dot".into();
        let sent = send(&request, model);
        assert_eq!(sent.len(), 1);
        check(&sent[0], model).unwrap();
        assert_eq!(sent[0]["model"], name);
    }
}

/// The test itself must be able to fail.
#[test]
fn what_breaks_the_contract_is_seen() {
    let model = CATALOGUE.model("gpt-image-2");
    let mut request = ImageRequest::new("gpt-image-2", &CATALOGUE);
    request.prompt = "a red dot".into();
    let good = send(&request, model).remove(0);
    let breaks = [
        ("seed", json!(1)),
        ("n", json!(11)),
        ("n", json!("1")),
        ("quality", json!("hd")),
        ("size", json!("1024")),
        ("size", json!("1000x1000")),
        ("output_compression", json!(50)),
        ("style", json!("vivid")),
        ("response_format", json!("b64_json")),
        ("stream", json!(true)),
    ];
    assert_eq!(check(&good, model), Ok(()));
    for (name, value) in breaks {
        let mut bad = good.clone();
        bad[name] = value;
        assert!(check(&bad, model).is_err(), "{name}: {bad}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn numbers_and_sizes_conform(
        which in any::<prop::sample::Index>(),
        prompt in "\\PC{1,40}",
        (n, compression, previews) in (0_u32..=12, 0_u32..=110, 0_u32..=4),
        (width, height) in (0_u32..=4_000, 0_u32..=4_000),
        format in any::<prop::sample::Index>(),
    ) {
        let model = which.get(CATALOGUE.models());
        let row = &model.endpoints.generations;
        let mut request = ImageRequest::new(&model.id, &CATALOGUE);
        request.prompt = prompt;
        request.n = n;
        request.output_compression = compression;
        request.partial_images = previews;
        if let Some(formats) = &row.output_format {
            request.output_format.clone_from(format.get(&formats.values));
        }
        let wish = Pixels::new(width, height);
        request.size = Size::Pixels(row.sizes.nearest(wish).unwrap_or(wish));
        for sent in send(&request, model) {
            prop_assert_eq!(check(&sent, model), Ok(()));
            prop_assert_eq!(&sent["prompt"], &request.prompt);
        }
    }
}

/// The bodies that a request leads to; none where it may not be sent.
fn send(request: &ImageRequest, model: &Model) -> Vec<Value> {
    let Ok(valid) = request.check(model) else {
        return Vec::new();
    };
    let body = |body: Body| match body {
        Body::Json(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Body::Empty | Body::Form(_) => Value::Null,
    };
    valid
        .sends(&model.endpoints.generations)
        .iter()
        .map(|one| body(images(one, &ADDRESS, None, "b").body))
        .collect()
}

/// All choices out of lists, with the numbers at their ends.
fn combinations(model: &Model) -> Vec<ImageRequest> {
    let row = &model.endpoints.generations;
    let mut first = ImageRequest::new(&model.id, &CATALOGUE);
    first.prompt = "a red dot".into();
    let mut all = vec![first];
    for parameter in Parameter::ALL {
        if let Some(options) = parameter.options(row) {
            all = vary(&all, &options.values, |request, value| {
                parameter.value_mut(request).clone_from(value);
            });
        }
    }
    let mut sizes = row.sizes.listed.clone();
    sizes.extend(row.sizes.auto.then_some(Size::Auto));
    sizes.extend(
        row.sizes
            .rule
            .map(|_| Size::Pixels(Pixels::new(3840, 2160))),
    );
    all = vary(&all, &sizes, |request, size| request.size = *size);
    all = vary(&all, &[(1, 0), (1, 3), (2, 0)], |request, (n, previews)| {
        (request.n, request.partial_images) = (*n, *previews);
    });
    all
}

fn vary<T>(
    all: &[ImageRequest],
    values: &[T],
    set: impl Fn(&mut ImageRequest, &T),
) -> Vec<ImageRequest> {
    let varied = |request: &ImageRequest| {
        let request = request.clone();
        values
            .iter()
            .map(|value| {
                let mut request = request.clone();
                set(&mut request, value);
                request
            })
            .collect::<Vec<_>>()
    };
    all.iter().flat_map(varied).collect()
}

/// The first rule that a body breaks.
fn check(body: &Value, model: &Model) -> Result<(), String> {
    let is_dall_e = model.id.starts_with("dall-e");
    if is_dall_e {
        dall_e_rules(body, &model.id)?;
    } else {
        SCHEMA
            .validate(body)
            .map_err(|error| format!("{error} in {body}"))?;
        image_model_rules(body)?;
    }
    let size = body["size"].as_str().unwrap_or_default();
    size_rule(size, model)
}

/// What the schema says only in its descriptions.
fn image_model_rules(body: &Value) -> Result<(), String> {
    let has = |name: &str| body.get(name).is_some();
    let format = body["output_format"].as_str();
    let rules = [
        ("model is sent", body["model"].is_string()),
        (
            "transparent needs png or webp",
            body["background"] != "transparent" || matches!(format, Some("png" | "webp")),
        ),
        (
            "compression needs jpeg or webp",
            !has("output_compression") || matches!(format, Some("jpeg" | "webp")),
        ),
        (
            "compression is 0 to 100",
            body["output_compression"].as_u64().is_none_or(|c| c <= 100),
        ),
        (
            "only one picture is streamed",
            !has("stream") || (body["n"] == 1 && body["stream"] == true),
        ),
        (
            "previews are streamed",
            has("stream") == has("partial_images"),
        ),
        (
            "nothing of DALL·E's",
            !has("style") && !has("response_format"),
        ),
    ];
    first_broken(&rules, body)
}

/// DALL·E's own parameters, as its reference had them; its qualities are not in today's schema.
fn dall_e_rules(body: &Value, model: &str) -> Result<(), String> {
    let is_3 = model == "dall-e-3";
    let names: &[&str] = match is_3 {
        true => &[
            "model",
            "prompt",
            "n",
            "size",
            "quality",
            "style",
            "response_format",
        ],
        false => &["model", "prompt", "n", "size", "response_format"],
    };
    let members = body.as_object().ok_or("not an object")?;
    let one_of = |name: &str, values: &[&str]| values.iter().any(|value| body[name] == *value);
    let rules = [
        (
            "only DALL·E's parameters",
            members.keys().all(|name| names.contains(&name.as_str())),
        ),
        (
            "pictures, not addresses",
            body["response_format"] == "b64_json",
        ),
        (
            "n",
            body["n"]
                .as_u64()
                .is_some_and(|n| (1..=10).contains(&n) && (n == 1 || !is_3)),
        ),
        ("quality", !is_3 || one_of("quality", &["standard", "hd"])),
        ("style", !is_3 || one_of("style", &["vivid", "natural"])),
    ];
    first_broken(&rules, body)
}

/// The sizes as the fact sheet words them, not as the catalogue reads them.
fn size_rule(size: &str, model: &Model) -> Result<(), String> {
    let listed: &[&str] = match model.id.as_str() {
        "dall-e-2" => &["256x256", "512x512", "1024x1024"],
        "dall-e-3" => &["1024x1024", "1792x1024", "1024x1792"],
        _ => &["1024x1024", "1536x1024", "1024x1536", "auto"],
    };
    let parsed = size.split_once('x').and_then(|(width, height)| {
        Some((width.parse::<u64>().ok()?, height.parse::<u64>().ok()?))
    });
    let free = parsed.is_some_and(|(width, height)| {
        let (long, short) = (width.max(height), width.min(height));
        model.id.starts_with("gpt-image-2")
            && width % 16 == 0
            && height % 16 == 0
            && long <= 3 * short
            && long <= 3840
            && (655_360..=8_294_400).contains(&(width * height))
    });
    match listed.contains(&size) || free {
        true => Ok(()),
        false => Err(format!("{} does not draw {size}", model.id)),
    }
}

fn first_broken(rules: &[(&str, bool)], body: &Value) -> Result<(), String> {
    match rules.iter().find(|(_, kept)| !kept) {
        Some((rule, _)) => Err(format!("{rule}: {body}")),
        None => Ok(()),
    }
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::built_in().unwrap());

static ADDRESS: LazyLock<Address> = LazyLock::new(|| Address::parse(OPENAI, &[]).unwrap());

/// The schema of a request, closed: a name that it does not list is an error.
static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let contract: Value = serde_saphyr::from_str(CONTRACT).unwrap();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/components/schemas/CreateImageRequest",
        "components": contract["components"],
    });
    let request = &mut schema["components"]["schemas"]["CreateImageRequest"];
    request["additionalProperties"] = json!(false);
    jsonschema::validator_for(&schema).unwrap()
});
