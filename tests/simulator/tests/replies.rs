//! What the simulator answers when nothing goes wrong, and what it refuses as the API would.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod common;

use common::{
    Answer, GENERATIONS, JSON, bytes, call, generate, last, picture, post, simulator, wait_for,
};
use serde_json::{Value, json};
use simulator::{Config, KeySeen, Picture, Simulator};

fn mini() -> Value {
    json!({"model": "gpt-image-1-mini", "prompt": "a red dot"})
}

fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn a_picture_comes_with_its_usage_and_its_bill() {
    let simulator = simulator();
    let answer = generate(
        &simulator,
        &with(mini(), &json!({"quality": "low", "n": 2})),
    );
    assert_eq!(answer.status, 200);
    let reply = answer.json();
    assert_eq!(picture(&reply["data"][0]["b64_json"]).width(), 1024);
    assert_ne!(reply["data"][0], reply["data"][1]);
    assert_eq!(reply["usage"]["input_tokens"], 9);
    assert_eq!(reply["usage"]["output_tokens"], 544);
    let entry = wait_for(&simulator, |entry| entry.finished);
    assert_eq!(entry.billed_pico, 9 * 2_000_000 + 544 * 8_000_000);
    assert!(entry.execution_started && entry.execution_finished && entry.pictures == 2);
    assert_eq!(entry.bytes_sent, answer.body.len() as u64);
    assert_eq!((entry.status, entry.client_gone_at), (Some(200), None));
}

#[test]
fn streams_are_previews_and_a_picture() {
    let simulator = simulator();
    let body = with(mini(), &json!({"stream": true, "partial_images": 2}));
    let answer = generate(&simulator, &body);
    let events = answer.events();
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    let (partial, completed) = (
        "image_generation.partial_image",
        "image_generation.completed",
    );
    assert_eq!(names, [partial, partial, completed]);
    assert!(
        events
            .iter()
            .all(|(name, data)| data["type"] == *name.as_str())
    );
    assert_eq!(events[1].1["partial_image_index"], 1);
    assert_eq!(events[2].1["usage"]["output_tokens"], 1056 + 200);
    assert_eq!(
        answer.header("content-type").unwrap(),
        "text/event-stream; charset=utf-8"
    );
}

#[test]
fn sizes_and_formats_are_kept() {
    let simulator = simulator();
    for (format, start) in [
        ("png", &b"\x89PNG"[..]),
        ("jpeg", b"\xff\xd8"),
        ("webp", b"RIFF"),
    ] {
        let body = json!({"model": "gpt-image-2", "prompt": "x", "size": "1280x720", "output_format": format});
        let reply = generate(&simulator, &body).json();
        let data = &reply["data"][0]["b64_json"];
        assert!(bytes(data).starts_with(start));
        assert_eq!((picture(data).width(), picture(data).height()), (1280, 720));
    }
    let body = with(mini(), &json!({"background": "transparent"}));
    let reply = generate(&simulator, &body).json();
    assert_eq!(
        picture(&reply["data"][0]["b64_json"])
            .to_rgba8()
            .get_pixel(0, 0)[3],
        0
    );
    assert_eq!(reply["background"], "transparent");
}

fn png(edge: u32, alpha: u8) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::RgbaImage::from_pixel(edge, edge, image::Rgba([10, 200, 30, alpha]));
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, bytes) in parts {
        let file = file
            .map(|file| format!("; filename=\"{file}\"\r\ncontent-type: image/png"))
            .unwrap_or_default();
        body.extend(
            format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n")
                .into_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    body
}

#[test]
fn edits_come_as_a_form_or_as_json() {
    let simulator = simulator();
    let (image, mask) = (png(64, 255), png(64, 0));
    let body = form(&[
        ("model", None, b"gpt-image-1-mini"),
        ("prompt", None, b"a cat"),
        ("n", None, b"1"),
        ("image[]", Some("a.png"), &image),
        ("image[]", Some("b.png"), &image),
        ("mask", Some("m.png"), &mask),
    ]);
    let kind = [("content-type", "multipart/form-data; boundary=b")];
    let answer = call(&simulator, "POST", "/v1/images/edits", &kind, &body);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        answer.json()["usage"]["input_tokens_details"]["image_tokens"],
        2 * 194
    );
    let entry = last(&simulator);
    assert_eq!(
        (entry.uploads.len(), entry.uploads[2].field.as_str()),
        (3, "mask")
    );
    assert_eq!(simulator.received(entry.id, 1).unwrap(), image);
    assert_eq!(
        (entry.parameters["n"].clone(), entry.body_bytes),
        (json!(1), body.len() as u64)
    );

    use base64::Engine;
    let url = format!(
        "data:image/png;base64,{}",
        base64::engine::general_purpose::STANDARD.encode(&image)
    );
    let body = with(
        mini(),
        &json!({"images": [{"image_url": url}], "stream": true}),
    );
    let events = post(&simulator, "/v1/images/edits", &body).events();
    assert_eq!(events[0].0, "image_edit.completed");
    let small = form(&[
        ("model", None, b"gpt-image-1-mini"),
        ("prompt", None, b"x"),
        ("image", Some("a"), &image),
        ("mask", Some("m"), &png(32, 0)),
    ]);
    let answer = call(&simulator, "POST", "/v1/images/edits", &kind, &small);
    assert_eq!(answer.json()["error"]["code"], "invalid_mask_image_size");
}

#[track_caller]
fn refused(simulator: &Simulator, more: &Value, status: u16, code: &str, param: Option<&str>) {
    let answer = generate(simulator, &with(mini(), more));
    let error = &answer.json()["error"];
    assert_eq!(
        (answer.status, &error["code"], &error["param"]),
        (status, &json!(code), &json!(param)),
        "{more}: {error}"
    );
    assert_eq!(last(simulator).billed_pico, 0);
}

#[test]
fn what_the_api_refuses_is_refused() {
    let simulator = simulator();
    let check = |more: Value, code, param| refused(&simulator, &more, 400, code, Some(param));
    check(
        json!({"response_format": "b64_json"}),
        "unknown_parameter",
        "response_format",
    );
    check(json!({"style": "vivid"}), "unknown_parameter", "style");
    check(
        json!({"complexity": "low"}),
        "unknown_parameter",
        "complexity",
    );
    check(json!({"stream": true, "n": 2}), "invalid_value", "n");
    check(json!({"n": 0}), "integer_below_min_value", "n");
    check(json!({"n": 11}), "integer_above_max_value", "n");
    check(json!({"n": "2"}), "invalid_type", "n");
    check(
        json!({"background": "transparent", "output_format": "jpeg"}),
        "invalid_value",
        "background",
    );
    check(json!({"size": "1280x720"}), "invalid_value", "size");
    check(
        json!({"model": "gpt-image-2", "size": "1000x1000"}),
        "invalid_value",
        "size",
    );
    check(json!({"quality": "max"}), "invalid_value", "quality");
    check(json!({"prompt": ""}), "empty_string", "prompt");
    check(
        json!({"prompt": "傘".repeat(32_001)}),
        "string_above_max_length",
        "prompt",
    );
    refused(
        &simulator,
        &json!({"model": "gpt-image-1"}),
        404,
        "model_not_found",
        None,
    );
    refused(
        &simulator,
        &json!({"model": "flux"}),
        404,
        "model_not_found",
        None,
    );
    assert_eq!(
        generate(
            &simulator,
            &with(mini(), &json!({"prompt": "傘".repeat(32_000)}))
        )
        .status,
        200
    );
    simulator.configure(|config| config.today = "2026-12-01".into());
    refused(&simulator, &json!({}), 404, "model_not_found", None);
    simulator.configure(|config| config.any_model = true);
    assert_eq!(
        generate(&simulator, &with(mini(), &json!({"model": "flux"}))).status,
        200
    );
}

#[test]
fn the_key_is_checked_and_never_kept() {
    let simulator = Simulator::start(Config {
        key: Some("open-sesame".into()),
        ..Config::default()
    })
    .unwrap();
    let asked = mini().to_string();
    let check = |value: Option<&str>, status, seen| {
        let mut headers = vec![JSON];
        headers.extend(value.map(|value| ("authorization", value)));
        let answer = call(&simulator, "POST", GENERATIONS, &headers, asked.as_bytes());
        assert_eq!((answer.status, last(&simulator).key), (status, seen));
        assert_eq!(
            call(&simulator, "GET", "/v1/models", &headers, b"").status,
            status
        );
    };
    check(None, 401, KeySeen::Absent);
    check(Some("Bearer wrong"), 401, KeySeen::Wrong);
    check(Some("Bearer open-sesame"), 200, KeySeen::Matched);
    let bill = call(&simulator, "GET", "/control/bill", &[], b"").text();
    let config = call(&simulator, "GET", "/control/config", &[], b"").text();
    assert!(!bill.contains("sesame") && !config.contains("sesame"));
}

#[test]
fn models_are_listed_with_their_end() {
    let models = call(&simulator(), "GET", "/v1/models", &[], b"").json();
    let listed = models["data"].as_array().unwrap();
    assert_eq!(
        (listed.len(), &listed[0]["shutdown_date"]),
        (9, &json!("2026-12-01"))
    );
}

#[test]
fn other_origins_are_answered_or_refused() {
    let simulator = simulator();
    let asking = [
        ("origin", "http://a"),
        (
            "access-control-request-headers",
            "authorization,content-type",
        ),
    ];
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin");
    let preflight = call(&simulator, "OPTIONS", GENERATIONS, &asking, b"");
    assert_eq!(
        (preflight.status, allowed(&preflight)),
        (204, Some("*".into()))
    );
    assert_eq!(
        preflight.header("access-control-allow-headers").unwrap(),
        "authorization,content-type"
    );
    let answer = generate(&simulator, &json!({}));
    assert_eq!(
        (
            allowed(&answer),
            answer.header("access-control-expose-headers")
        ),
        (Some("*".into()), None)
    );
    simulator.configure(|config| config.exposed_headers = vec!["retry-after".into()]);
    assert_eq!(
        generate(&simulator, &json!({}))
            .header("access-control-expose-headers")
            .unwrap(),
        "retry-after"
    );
    simulator.configure(|config| config.cors = false);
    let preflight = call(&simulator, "OPTIONS", GENERATIONS, &asking, b"");
    assert_eq!((preflight.status, allowed(&preflight)), (403, None));
    assert_eq!(allowed(&generate(&simulator, &json!({}))), None);
}

#[test]
fn noise_is_as_large_as_wished() {
    let simulator = simulator();
    simulator.configure(|config| config.picture = Picture::Noise { bytes: 1_500_000 });
    let data = generate(&simulator, &mini()).json()["data"][0]["b64_json"].clone();
    let length = bytes(&data).len();
    assert!((1_300_000..1_700_000).contains(&length), "{length}");
    assert_eq!(
        generate(&simulator, &mini()).json()["data"][0]["b64_json"],
        data
    );
}

#[test]
fn the_app_is_served_below_a_path() {
    let app = std::env::temp_dir().join(format!("simulator-app-{}", std::process::id()));
    std::fs::create_dir_all(&app).unwrap();
    std::fs::write(app.join("index.html"), "<p>hello").unwrap();
    std::fs::write(app.join("a.wasm"), "w").unwrap();
    std::fs::write(app.join("_headers"), "/*\n  X-Test: yes\n").unwrap();
    let config = Config {
        app: Some(app.clone()),
        app_path: "/sub/".into(),
        ..Config::default()
    };
    let mut simulator = Simulator::start(config).unwrap();
    let page = call(&simulator, "GET", "/sub/", &[], b"");
    assert_eq!(
        (page.text().as_str(), page.header("x-test").as_deref()),
        ("<p>hello", Some("yes"))
    );
    let wasm = call(&simulator, "GET", "/sub/a.wasm", &[], b"");
    assert_eq!(wasm.header("content-type").unwrap(), "application/wasm");
    for lost in [
        "/a.wasm",
        "/sub/none.js",
        "/sub/../sub/a.wasm",
        "/v1/images/variations",
    ] {
        assert_eq!(
            call(&simulator, "GET", lost, &[], b"").status,
            404,
            "{lost}"
        );
    }
    let address = simulator.address();
    simulator.stop();
    assert!(std::net::TcpStream::connect(address.strip_prefix("http://").unwrap()).is_err());
    simulator.start_again().unwrap();
    assert_eq!(
        (
            call(&simulator, "GET", "/sub/", &[], b"").status,
            simulator.address()
        ),
        (200, address)
    );
    std::fs::remove_dir_all(app).unwrap();
}
