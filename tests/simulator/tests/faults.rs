//! Everything that goes wrong on demand, and what the bill says of it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod common;

use std::io::Read;
use std::time::{Duration, Instant};

use common::{
    GENERATIONS, JSON, call, connect, generate, picture, post, read, send, simulator, wait_for,
};
use serde_json::{Value, json};
use simulator::{Drip, Garbage, Match, Picture, Script, Simulator, faults};

fn asked() -> Value {
    json!({"model": "gpt-image-1-mini", "prompt": "a red dot", "quality": "low"})
}

fn streamed() -> Value {
    let mut body = asked();
    body["stream"] = json!(true);
    body["partial_images"] = json!(1);
    body
}

#[test]
fn every_named_error_has_its_status_and_body() {
    let simulator = simulator();
    for (name, status) in faults::NAMES {
        simulator.script(Script::error(name));
        let answer = generate(&simulator, &asked());
        assert_eq!(answer.status, status, "{name}");
        let kind = answer.header("content-type").unwrap();
        if name.starts_with("html_") {
            assert!(
                kind == "text/html" && answer.text().contains("<h1>"),
                "{name}"
            );
        } else if name.starts_with("stream_") {
            let events = answer.events();
            assert_eq!(
                (events[0].0.as_str(), &events[0].1["type"]),
                ("error", &json!("error")),
                "{name}"
            );
            assert!(events[0].1["error"]["message"].is_string(), "{name}");
        } else if name == "string_error" {
            assert!(answer.json()["error"].is_string());
        } else {
            let error = &answer.json()["error"];
            assert!(
                error["message"].is_string() && error["type"].is_string(),
                "{name}"
            );
            assert!(
                error.get("param").is_some() && error.get("code").is_some(),
                "{name}"
            );
        }
        let entry = wait_for(&simulator, |entry| entry.finished);
        assert!(!entry.execution_started && entry.billed_pico == 0, "{name}");
    }
    assert!(simulator.scripts().is_empty());
}

#[test]
fn a_rate_limit_says_how_long_to_wait() {
    let simulator = simulator();
    let check = |seconds: f64, said: &str| {
        simulator.script(Script {
            seconds: Some(seconds),
            ..Script::error("rate_limit")
        });
        let answer = generate(&simulator, &asked());
        let message = answer.json()["error"]["message"].to_string();
        assert!(
            message.contains(&format!("Please try again in {said}. ")),
            "{message}"
        );
    };
    check(12.0, "12s");
    check(0.467, "467ms");
    check(1.5, "1.5s");
    simulator.script(Script {
        retry_after: Some("NaN".into()),
        ..Script::error("rate_limit")
    });
    assert_eq!(
        generate(&simulator, &asked())
            .header("retry-after")
            .unwrap(),
        "NaN"
    );
}

#[test]
fn a_line_is_cut_after_the_byte_and_after_the_bill() {
    let simulator = simulator();
    for cut_at in [0, 1, 1_000, 70_000] {
        simulator.script(Script {
            cut_at: Some(cut_at),
            ..Script::default()
        });
        let answer = generate(&simulator, &asked());
        assert_eq!(
            (answer.status, answer.body.len() as u64, answer.complete),
            (200, cut_at, false)
        );
        let entry = wait_for(&simulator, |entry| entry.cut_at == Some(cut_at));
        assert!(wait_for(&simulator, |entry| entry.execution_finished).billed_pico > 0);
        assert!(!entry.finished && entry.client_gone_at.is_none());
    }
}

#[test]
fn hanging_up_before_the_headers_bills_only_if_told() {
    let simulator = simulator();
    for execute in [false, true] {
        simulator.script(Script {
            hang_up: true,
            execute: Some(execute),
            ..Script::default()
        });
        let answer = generate(&simulator, &asked());
        assert_eq!((answer.status, answer.head.as_str()), (0, ""));
        let entry = wait_for(&simulator, |entry| entry.cut_at == Some(0));
        assert_eq!(
            (
                entry.execution_finished,
                entry.billed_pico > 0,
                entry.status
            ),
            (execute, execute, None)
        );
    }
    simulator.script(Script {
        execute: Some(true),
        ..Script::error("html_502")
    });
    assert_eq!(generate(&simulator, &asked()).status, 502);
    assert!(wait_for(&simulator, |entry| entry.finished).billed_pico > 0);
}

/// Sends a request, takes so many bytes of the answer, and goes away.
fn leave_after(simulator: &Simulator, body: &Value, bytes: usize) {
    let mut stream = connect(simulator);
    send(
        &mut stream,
        "POST",
        GENERATIONS,
        &[JSON],
        body.to_string().as_bytes(),
    );
    if bytes == 0 {
        wait_for(simulator, |entry| entry.body_complete);
    }
    stream.read_exact(&mut vec![0; bytes]).unwrap();
}

#[test]
fn a_client_that_goes_away_is_billed_all_the_same() {
    let simulator = simulator();
    simulator.script(Script {
        work_ms: Some(300),
        ..Script::default()
    });
    leave_after(&simulator, &asked(), 0);
    let entry = wait_for(&simulator, |entry| entry.client_gone_at.is_some());
    assert_eq!(
        (entry.client_gone_at, entry.execution_finished),
        (Some(0), false)
    );
    assert!(wait_for(&simulator, |entry| entry.execution_finished).billed_pico > 0);

    let drip = Some(Drip {
        bytes: 100,
        every_ms: 20,
    });
    simulator.script(Script {
        drip,
        ..Script::default()
    });
    leave_after(&simulator, &asked(), 700);
    let entry = wait_for(&simulator, |entry| entry.client_gone_at.is_some());
    assert!(entry.client_gone_at.unwrap() >= 100 && !entry.finished && entry.status == Some(200));
}

#[test]
fn a_client_that_leaves_while_it_sends_is_seen() {
    let simulator = simulator();
    let mut stream = connect(&simulator);
    let head = format!(
        "POST {GENERATIONS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{{\"a\""
    );
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    wait_for(&simulator, |entry| entry.body_bytes == 4);
    drop(stream);
    let entry = wait_for(&simulator, |entry| entry.client_gone_at.is_some());
    assert!(!entry.body_complete && !entry.execution_started);
}

#[test]
fn answers_can_be_slow_stall_or_never_come() {
    let simulator = simulator();
    let started = Instant::now();
    simulator.script(Script {
        delay_ms: 300,
        ..Script::default()
    });
    assert_eq!(generate(&simulator, &asked()).status, 200);
    simulator.script(Script {
        event_delay_ms: Some(200),
        ..Script::default()
    });
    assert_eq!(generate(&simulator, &streamed()).events().len(), 2);
    assert!(started.elapsed() >= Duration::from_millis(700));
    // Made once and kept: a busy machine must not be what keeps the client waiting.
    simulator.configure(|config| config.picture = Picture::Noise { bytes: 2_000 });
    generate(&simulator, &asked());
    let silent = |script: Script, received: usize| {
        simulator.script(script);
        let mut stream = connect(&simulator);
        stream
            .set_read_timeout(Some(Duration::from_millis(700)))
            .unwrap();
        send(
            &mut stream,
            "POST",
            GENERATIONS,
            &[JSON],
            asked().to_string().as_bytes(),
        );
        let answer = read(&mut stream);
        assert_eq!((answer.body.len(), answer.complete), (received, false));
        drop(stream);
        wait_for(&simulator, |entry| {
            entry.client_gone_at == Some(received as u64)
        })
    };
    assert!(
        !silent(
            Script {
                never_answer: true,
                ..Script::default()
            },
            0
        )
        .execution_started
    );
    assert!(
        silent(
            Script {
                stall_at: Some(500),
                ..Script::default()
            },
            500
        )
        .execution_finished
    );
}

#[test]
fn bodies_and_headers_are_sent_as_told() {
    let simulator = simulator();
    let headers = [("content-type".to_owned(), "text/plain".to_owned())];
    simulator.script(Script {
        status: Some(418),
        headers: headers.into(),
        body: Some("tea ".into()),
        repeat: Some(1_000),
        ..Script::default()
    });
    let answer = generate(&simulator, &asked());
    assert_eq!((answer.status, answer.text()), (418, "tea ".repeat(1_000)));
    assert_eq!(answer.header("content-type").unwrap(), "text/plain");
    assert_eq!(wait_for(&simulator, |entry| entry.finished).billed_pico, 0);
}

fn spoiled(simulator: &Simulator, garbage: Garbage, body: &Value) -> common::Answer {
    simulator.script(Script::garbage(garbage));
    let answer = generate(simulator, body);
    assert_eq!(answer.status, 200, "{garbage:?}");
    assert!(
        wait_for(simulator, |entry| entry.finished).billed_pico > 0,
        "{garbage:?}"
    );
    answer
}

#[test]
fn garbage_is_what_its_name_says() {
    let simulator = simulator();
    let json = |garbage| spoiled(&simulator, garbage, &asked()).json();
    let text = |garbage| spoiled(&simulator, garbage, &asked()).text();
    assert!(text(Garbage::Html).starts_with("<!doctype") && text(Garbage::EmptyBody).is_empty());
    assert!(serde_json::from_str::<Value>(&text(Garbage::TruncatedJson)).is_err());
    assert!(
        json(Garbage::JunkBase64)["data"][0]["b64_json"]
            .as_str()
            .unwrap()
            .contains("<junk")
    );
    for half in [Garbage::HalfPicture, Garbage::NotAPicture] {
        let bytes = common::bytes(&json(half)["data"][0]["b64_json"]);
        assert!(image::load_from_memory(&bytes).is_err());
    }
    assert!(json(Garbage::NoData).get("data").is_none());
    assert_eq!(json(Garbage::EmptyData)["data"], json!([]));
    assert!(json(Garbage::WrongTypes)["data"].is_object());
    assert!(json(Garbage::NullPicture)["data"][0]["b64_json"].is_null());
    assert!(json(Garbage::Url)["data"][0]["url"].is_string());
    assert!(json(Garbage::NoUsage).get("usage").is_none());
    assert_eq!(
        json(Garbage::NegativeUsage)["usage"]["output_tokens"],
        json!(-5)
    );
    assert!(json(Garbage::StringUsage)["usage"]["output_tokens"].is_string());
    assert!(json(Garbage::HugeUsage)["usage"]["output_tokens"].is_f64());
    assert!(json(Garbage::UnknownFields)["future"].is_object());
    assert_eq!(
        picture(&json(Garbage::WrongSize)["data"][0]["b64_json"]).width(),
        512
    );
    assert!(
        common::bytes(&json(Garbage::OtherFormat)["data"][0]["b64_json"]).starts_with(b"\xff\xd8")
    );
    let mut three = asked();
    three["n"] = json!(3);
    let fewer = spoiled(&simulator, Garbage::Fewer, &three).json();
    assert_eq!(
        (
            fewer["data"].as_array().unwrap().len(),
            &fewer["usage"]["output_tokens"]
        ),
        (2, &json!(816))
    );
    let bomb = spoiled(&simulator, Garbage::GzipBomb, &asked());
    assert!(bomb.header("content-encoding").unwrap() == "gzip" && bomb.body.len() < 400_000);
}

#[test]
fn streams_can_be_spoiled_too() {
    let simulator = simulator();
    let last = |garbage| {
        spoiled(&simulator, garbage, &streamed())
            .events()
            .pop()
            .unwrap()
    };
    assert_eq!(
        last(Garbage::NoCompleted).0,
        "image_generation.partial_image"
    );
    assert!(last(Garbage::NoData).1.get("b64_json").is_none());
    assert!(last(Garbage::NoUsage).1.get("usage").is_none());
    let cut = spoiled(&simulator, Garbage::TruncatedJson, &streamed()).text();
    assert!(!cut.ends_with("\n\n"));
    simulator.script(Script {
        previews: Some(0),
        ..Script::default()
    });
    let events = generate(&simulator, &streamed()).events();
    assert_eq!(
        (events.len(), &events[0].1["usage"]["output_tokens"]),
        (1, &json!(272))
    );
    simulator.script(Script {
        previews: Some(1),
        ..Script::error("stream_error")
    });
    let events = generate(&simulator, &streamed()).events();
    assert_eq!((events.len(), events[1].0.as_str()), (2, "error"));
}

#[test]
fn scripts_wait_for_their_request() {
    let simulator = simulator();
    let of = |prompt: &str| Match {
        prompt: Some(prompt.into()),
        path: None,
    };
    simulator.script(Script {
        matching: of("cat"),
        times: 2,
        ..Script::error("slow_down")
    });
    simulator.script(Script {
        matching: of("dog"),
        times: 0,
        ..Script::error("server_error")
    });
    let status = |prompt: &str| {
        let mut body = asked();
        body["prompt"] = json!(prompt);
        generate(&simulator, &body).status
    };
    assert_eq!(
        ["a dog", "a cat", "a bird", "a cat", "a cat", "a dog"].map(status),
        [500, 429, 200, 429, 200, 500]
    );
    let models = Match {
        path: Some("/models".into()),
        prompt: None,
    };
    simulator.script(Script {
        matching: models,
        ..Script::error("html_503")
    });
    assert_eq!(call(&simulator, "GET", "/v1/models", &[], b"").status, 503);
}

#[test]
fn everything_can_be_set_over_http() {
    let simulator = simulator();
    let control =
        |path: &str, body: &Value| post(&simulator, &format!("/control/{path}"), body).status;
    assert_eq!(
        control("script", &json!({"error": "rate_limit", "seconds": 3})),
        204
    );
    assert_eq!(
        control(
            "script",
            &json!([{"garbage": "html"}, {"match": {"prompt": "x"}}])
        ),
        204
    );
    assert_eq!(control("script", &json!({"eror": "rate_limit"})), 400);
    assert_eq!(control("script", &json!({"error": "rate"})), 400);
    assert_eq!(
        control(
            "config",
            &json!({"today": "2026-12-01", "picture": {"noise": {"bytes": 9_000}}})
        ),
        204
    );
    assert_eq!(control("config", &json!({"to_day": 1})), 400);
    let config = call(&simulator, "GET", "/control/config", &[], b"").json();
    assert_eq!(
        (&config["today"], &config["cors"]),
        (&json!("2026-12-01"), &json!(true))
    );
    generate(&simulator, &asked());
    let bill = call(&simulator, "GET", "/control/bill", &[], b"").json();
    assert_eq!(
        (&bill["summary"]["requests"], &bill["requests"][0]["status"]),
        (&json!(1), &json!(429))
    );
    assert_eq!(control("reset", &json!({})), 204);
    assert!(simulator.bill().is_empty() && simulator.scripts().is_empty());
}

#[test]
fn a_stopped_server_cuts_its_lines() {
    let mut simulator = simulator();
    simulator.script(Script {
        drip: Some(Drip {
            bytes: 10,
            every_ms: 10,
        }),
        ..Script::default()
    });
    let mut stream = connect(&simulator);
    send(
        &mut stream,
        "POST",
        GENERATIONS,
        &[JSON],
        asked().to_string().as_bytes(),
    );
    wait_for(&simulator, |entry| entry.bytes_sent > 0);
    simulator.stop();
    assert!(!read(&mut stream).complete);
    simulator.start_again().unwrap();
    assert_eq!(generate(&simulator, &asked()).status, 200);
    assert_eq!(simulator.bill().len(), 2);
}

#[test]
fn a_line_is_cut_within_the_head() {
    let simulator = simulator();
    for bytes in [9, 40] {
        simulator.script(Script {
            cut_head_at: Some(bytes),
            ..Script::default()
        });
        let mut stream = connect(&simulator);
        let body = asked().to_string();
        send(&mut stream, "POST", GENERATIONS, &[JSON], body.as_bytes());
        let mut came = Vec::new();
        stream.read_to_end(&mut came).ok();
        assert_eq!(came.len() as u64, bytes);
        let entry = wait_for(&simulator, |entry| entry.done_ms.is_some());
        assert!(entry.execution_finished && entry.billed_pico > 0);
    }
}

#[test]
fn signed_pictures_differ_and_stand_on_the_bill() {
    let simulator = simulator();
    simulator.configure(|config| config.picture = Picture::Signed { bytes: 2_000 });
    let mut hashes = Vec::new();
    for prompt in ["one", "two"] {
        let mut body = asked();
        body["prompt"] = json!(prompt);
        let answer = generate(&simulator, &body);
        let drawn = picture(&answer.json()["data"][0]["b64_json"]);
        assert_eq!((drawn.width(), drawn.height()), (1024, 1024));
        let entry = simulator.bill().pop().unwrap();
        assert_eq!(entry.drawn.len(), 1);
        hashes.extend(entry.drawn);
    }
    assert_ne!(hashes[0], hashes[1]);
}

#[test]
fn requests_are_held_where_it_is_set() {
    let simulator = simulator();
    simulator.configure(|config| config.hold_body_at = Some(1));
    let mut stream = connect(&simulator);
    let body = asked().to_string();
    send(&mut stream, "POST", GENERATIONS, &[JSON], body.as_bytes());
    let entry = wait_for(&simulator, |entry| entry.body_bytes > 0);
    assert!(!entry.body_complete && !entry.execution_started);
    simulator.configure(|config| {
        config.hold_body_at = None;
        config.one_request_a_connection = true;
    });
    // The client would keep the connection.
    let mut stream = connect(&simulator);
    std::io::Write::write_all(&mut stream, b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(stream.read_to_end(&mut Vec::new()).is_ok());
}
