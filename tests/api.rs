//! Golden tests of the API: exact bytes of requests, and every reply and error of the fact sheet.

#![expect(clippy::unwrap_used, reason = "a test that stops says where")]

use pentimento::api::encode::{images, models};
use pentimento::api::error::{ApiError, Verdict};
use pentimento::api::http::{Body, JSON, Method};
use pentimento::api::multipart::Stretch;
use pentimento::api::reply::{
    PictureNotes, Piece, Reply, ReplyError, ReplyKind, ReplyReader, Reported,
};
use pentimento::domain::model::Catalogue;
use pentimento::domain::provider::{Address, OPENAI};
use pentimento::domain::request::{ImageRef, ImageRequest};
use pentimento::domain::secret::Secret;
use pentimento::domain::size::{Pixels, Size};
use pentimento::domain::usage::{InputDetails, OutputDetails, Usage};

mod requests {
    use super::*;

    #[track_caller]
    fn check(model: &str, change: impl FnOnce(&mut ImageRequest), expected: &str) {
        let catalogue = Catalogue::built_in().unwrap();
        let mut request = ImageRequest::new(model, &catalogue);
        request.prompt = "a \"red\" dot\n赤".into();
        change(&mut request);
        let request = request.check(catalogue.model(model)).unwrap();
        let address = Address::parse(OPENAI, &[]).unwrap();
        let sent = images(&request, &address, Some(&Secret::new("k".into())), "b");
        assert_eq!(sent.body.content_type().as_deref(), Some(JSON));
        let Body::Json(body) = sent.body else {
            panic!("no JSON")
        };
        assert_eq!(String::from_utf8(body).unwrap(), expected);
        assert_eq!(sent.url, "https://api.openai.com/v1/images/generations");
        assert_eq!(sent.method, Method::Post);
        assert_eq!(sent.bearer.unwrap().expose(), "k");
    }

    #[test]
    fn a_plain_one() {
        check(
            "gpt-image-1-mini",
            |request| request.size = Size::Pixels(Pixels::new(1024, 1024)),
            r#"{"model":"gpt-image-1-mini","prompt":"a \"red\" dot\n赤","n":1,"size":"1024x1024","quality":"medium","background":"auto","output_format":"png","moderation":"auto"}"#,
        );
    }

    #[test]
    fn every_parameter_of_the_newest_model() {
        check(
            "gpt-image-2.6-flare",
            |request| {
                request.size = Size::Pixels(Pixels::new(1920, 1088));
                request.quality = "xhigh".into();
                request.background = "transparent".into();
                request.output_format = "webp".into();
                request.output_compression = 0;
                request.moderation = "low".into();
                request.complexity = "high".into();
                request.partial_images = 3;
            },
            r#"{"model":"gpt-image-2.6-flare","prompt":"a \"red\" dot\n赤","n":1,"size":"1920x1088","quality":"xhigh","background":"transparent","output_format":"webp","output_compression":0,"moderation":"low","complexity":"high","stream":true,"partial_images":3}"#,
        );
    }

    #[test]
    fn dall_e_and_unknown_models() {
        check(
            "dall-e-3",
            |request| request.partial_images = 2,
            r#"{"model":"dall-e-3","prompt":"a \"red\" dot\n赤","n":1,"size":"1024x1024","quality":"standard","style":"vivid","response_format":"b64_json"}"#,
        );
        check(
            "flux-schnell",
            |request| request.n = 4,
            r#"{"model":"flux-schnell","prompt":"a \"red\" dot\n赤","n":4,"size":"auto"}"#,
        );
    }

    #[test]
    fn an_edit_is_a_form_with_its_images_by_reference() {
        let image = |blob: &str, kind: &str| ImageRef {
            blob: blob.into(),
            media_type: format!("image/{kind}"),
            width: 64,
            height: 64,
            bytes: 9,
        };
        let catalogue = Catalogue::built_in().unwrap();
        let mut request = ImageRequest::new("gpt-image-1.5", &catalogue);
        request.prompt = "a red dot\n赤".into();
        request.images = vec![image("canvas", "png"), image("other", "jpeg")];
        request.mask = Some(image("mask", "png"));
        request.adapt("gpt-image-1.5", &catalogue);
        let valid = request.check(catalogue.model("gpt-image-1.5")).unwrap();
        let address = Address::parse(OPENAI, &[]).unwrap();
        let sent = images(&valid, &address, None, "xyz");
        assert_eq!(sent.url, "https://api.openai.com/v1/images/edits");
        let kind = sent.body.content_type();
        assert_eq!(kind.as_deref(), Some("multipart/form-data; boundary=xyz"));
        let Body::Form(form) = sent.body else {
            panic!("no form")
        };
        let shown = |stretch: &Stretch| match stretch {
            Stretch::Bytes(bytes) => String::from_utf8(bytes.clone()).unwrap(),
            Stretch::Image(image) => format!("<{}>", image.blob),
        };
        let body: String = form.stretches().iter().map(shown).collect();
        let text = |name: &str, value: &str| {
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let file = |name: &str, file: &str, kind: &str, bytes: &str| {
            format!(
                "--xyz\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\
                 Content-Type: {kind}\r\n\r\n{bytes}\r\n"
            )
        };
        let expected = [
            text("model", "gpt-image-1.5"),
            text("prompt", "a red dot\n赤"),
            text("n", "1"),
            text("size", "1024x1024"),
            text("quality", "medium"),
            text("background", "auto"),
            text("output_format", "png"),
            text("input_fidelity", "low"),
            file("image[]", "image-1.png", "image/png", "<canvas>"),
            file("image[]", "image-2.jpeg", "image/jpeg", "<other>"),
            file("mask", "mask.png", "image/png", "<mask>"),
            "--xyz--\r\n".into(),
        ];
        assert_eq!(body, expected.concat());
    }

    #[test]
    fn the_free_probe() {
        let address = Address::parse("http://127.0.0.1:9321/v1", &[]).unwrap();
        let sent = models(&address, None);
        assert_eq!(sent.url, "http://127.0.0.1:9321/v1/models");
        assert_eq!((sent.method, sent.body), (Method::Get, Body::Empty));
        assert!(sent.bearer.is_none());
    }
}

mod replies {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Drawn {
        previews: Vec<(u32, Vec<u8>)>,
        finals: Vec<Vec<u8>>,
    }

    fn read(name: &str) -> (Result<Reply, ReplyError>, Drawn) {
        let kind = match name.ends_with(".sse") {
            true => ReplyKind::EventStream,
            false => ReplyKind::Json,
        };
        let (mut drawn, mut open) = (Drawn::default(), Vec::new());
        let mut out = |piece: Piece<'_>| match piece {
            Piece::Bytes(bytes) => open.extend_from_slice(bytes),
            Piece::EndOfPicture => (),
            Piece::Preview { index } => drawn.previews.push((index, std::mem::take(&mut open))),
            Piece::Completed => drawn.finals.push(std::mem::take(&mut open)),
        };
        let mut reader = ReplyReader::new(kind);
        for chunk in file(name).chunks(7) {
            if reader.push(chunk, &mut out).is_err() {
                break;
            }
        }
        let reply = reader.finish(&mut out);
        (reply, drawn)
    }

    fn pictures<const N: usize>(names: [&str; N]) -> Vec<Vec<u8>> {
        names.map(|name| file(&format!("{name}.png"))).into()
    }

    fn reported() -> Reported {
        Reported {
            size: Some("1024x1024".into()),
            quality: Some("low".into()),
            background: Some("opaque".into()),
            output_format: Some("png".into()),
        }
    }

    fn usage(input: u64, output: u64) -> Usage {
        Usage {
            input_tokens: input,
            output_tokens: output,
            total_tokens: input + output,
            input_tokens_details: InputDetails {
                text_tokens: input,
                image_tokens: 0,
            },
            output_tokens_details: None,
        }
    }

    #[test]
    fn the_recorded_one() {
        let (reply, drawn) = read("mini.json");
        let expected = Reply {
            pictures: vec![PictureNotes::default()],
            usage: Some(usage(9, 272)),
            reported: reported(),
            created: Some(1_791_460_800),
        };
        assert_eq!(reply, Ok(expected));
        assert_eq!(drawn.finals, pictures(["red"]));
    }

    #[test]
    fn several_pictures_written_with_escapes() {
        let (reply, drawn) = read("three.json");
        let reply = reply.unwrap();
        assert_eq!(drawn.finals, pictures(["red", "green", "blue"]));
        assert_eq!(reply.pictures.len(), 3);
        let usage = reply.usage.unwrap();
        let text_out = OutputDetails {
            image_tokens: 800,
            text_tokens: 16,
        };
        assert_eq!(usage.output_tokens_details, Some(text_out));
        assert_eq!((usage.text_in(), usage.text_out()), (9, 16));
    }

    #[test]
    fn a_revised_prompt_and_no_padding() {
        let (reply, drawn) = read("dall-e-3.json");
        let reply = reply.unwrap();
        assert_eq!(drawn.finals, pictures(["red"]));
        assert_eq!(reply.usage, None);
        assert_eq!(
            reply.pictures[0].revised_prompt.as_deref(),
            Some("A single red dot on white.")
        );
    }

    #[test]
    fn nothing_but_pictures_is_sure() {
        let (reply, drawn) = read("bare.json");
        let expected = Reply {
            pictures: vec![PictureNotes::default()],
            ..Reply::default()
        };
        assert_eq!((reply, drawn.finals), (Ok(expected), pictures(["blue"])));
        assert_eq!(read("addresses.json").0, Err(ReplyError::OnlyAddresses));
        assert_eq!(read("errors/502-page.html").0, Err(ReplyError::NotJson));
        assert_eq!(read("errors/empty.txt").0, Err(ReplyError::Empty));
    }

    #[test]
    fn a_stream_with_previews() {
        let (reply, drawn) = read("stream.sse");
        let expected = Reply {
            pictures: vec![PictureNotes::default()],
            usage: Some(usage(9, 472)),
            reported: reported(),
            created: Some(1_791_460_800),
        };
        assert_eq!(reply, Ok(expected));
        let [red, green, blue] = ["red", "green", "blue"].map(|name| file(&format!("{name}.png")));
        assert_eq!(drawn.previews, [(0, red), (1, green)]);
        assert_eq!(drawn.finals, [blue]);
    }

    #[test]
    fn a_stream_that_names_its_events_last() {
        let (reply, drawn) = read("stream-edit.sse");
        assert_eq!(reply.unwrap().pictures.len(), 1);
        assert_eq!(drawn.previews.len(), 1);
        assert_eq!(drawn.finals, pictures(["green"]));
    }

    #[test]
    fn streams_that_fail() {
        let (reply, drawn) = read("stream-cut.sse");
        assert_eq!(reply, Err(ReplyError::CutShort { previews: 1 }));
        assert_eq!((drawn.previews.len(), drawn.finals.len()), (1, 0));
        let moderated = ApiError::Moderated {
            stage: None,
            categories: vec![],
            usage: None,
        };
        let error = read("stream-error.sse").0.unwrap_err();
        assert_eq!(error.verdict(), Verdict::NotExecuted);
        assert_eq!(
            error,
            ReplyError::Api {
                error: moderated,
                previews: 0
            }
        );
        let late = read("stream-error-late.sse").0.unwrap_err();
        assert_eq!(late.verdict(), Verdict::Unknown);
        let server = ApiError::Server {
            status: 200,
            message: "The server had an error.".into(),
        };
        assert_eq!(
            late,
            ReplyError::Api {
                error: server,
                previews: 1
            }
        );
    }
}

/// Ten large pictures in one body; in release it says how fast they are read:
/// `cargo test --release --test api large -- --nocapture`.
mod large {
    use super::*;

    #[test]
    fn ten_pictures_in_chunks_of_the_network() {
        let bytes = if cfg!(debug_assertions) {
            50_000
        } else {
            15_000_000
        };
        let text = "iVBORw0KGgoAAAANSUhEUgAABAAA/+/9".repeat(bytes / 24);
        let item = format!("{{\"b64_json\":\"{text}\"}}");
        let items = vec![item; 10].join(",");
        let plain = format!("{{\"data\":[{items}]}}");
        measure("JSON", ReplyKind::Json, &plain, bytes / 24 * 24 * 10);
        let escaped = plain.replace('/', "\\/");
        measure("JSON, \\/", ReplyKind::Json, &escaped, bytes / 24 * 24 * 10);
        let stream = format!("data: {plain}\n\n");
        measure(
            "stream",
            ReplyKind::EventStream,
            &stream,
            bytes / 24 * 24 * 10,
        );
    }

    #[expect(
        clippy::disallowed_methods,
        clippy::print_stdout,
        reason = "measured natively, by hand"
    )]
    fn measure(name: &str, kind: ReplyKind, body: &str, expected: usize) {
        let start = std::time::Instant::now();
        let mut read = 0;
        let mut out = |piece: Piece<'_>| {
            if let Piece::Bytes(bytes) = piece {
                read += bytes.len();
            }
        };
        let mut reader = ReplyReader::new(kind);
        for chunk in body.as_bytes().chunks(65_521) {
            reader.push(chunk, &mut out).unwrap();
        }
        assert_eq!(reader.finish(&mut out).unwrap().pictures.len(), 10);
        let speed = body.len() as f64 / 1e6 / start.elapsed().as_secs_f64();
        println!("{name}: {speed:.0} MB/s of {} MB", body.len() / 1_000_000);
        assert_eq!(read, expected);
    }
}

mod errors {
    use super::*;

    /// The status is the first number of the file's name.
    #[track_caller]
    fn check(name: &str, expected: ApiError, verdict: Verdict) {
        let status = name[..3].parse().unwrap();
        let error = ApiError::read(status, None, None, &file(&format!("errors/{name}")));
        assert_eq!(error, expected, "{name}");
        assert_eq!(error.verdict(), verdict, "{name}");
    }

    fn invalid(param: Option<&str>, message: &str) -> ApiError {
        ApiError::Invalid {
            param: param.map(str::to_owned),
            message: message.into(),
        }
    }

    fn refused(status: u16, message: &str) -> ApiError {
        let message = message.into();
        ApiError::Refused { status, message }
    }

    #[test]
    fn what_the_request_can_mend() {
        let moderated = |stage: Option<&str>, categories: &[&str]| ApiError::Moderated {
            stage: stage.map(str::to_owned),
            categories: categories.iter().map(|&name| name.to_owned()).collect(),
            usage: None,
        };
        let no = Verdict::NotExecuted;
        let blocked = moderated(Some("output"), &["violence", "self-harm"]);
        check("400-moderation.json", blocked, no);
        check("400-moderation-bare.json", moderated(None, &[]), no);
        let size = "Invalid value: '1000x1000'. Supported values are: '1024x1024', '1024x1536', '1536x1024', and 'auto'.";
        check("400-size.json", invalid(Some("size"), size), no);
        let style = invalid(Some("style"), "Unknown parameter: 'style'.");
        check("400-unknown-parameter.json", style, no);
        let streaming = invalid(None, "Streaming takes n=1.");
        check("400-null-code.json", streaming, no);
        check("400-text.json", refused(400, "prompt is required"), no);
        check("404-model.json", ApiError::ModelNotFound, no);
    }

    #[test]
    fn what_stops_the_queue() {
        let stop = Verdict::StopQueue;
        check("400-billing.json", ApiError::BillingLimit, stop);
        check("401-key.json", ApiError::InvalidKey, stop);
        let scope = "You have insufficient permissions for this operation. Missing scopes: api.model.images.request.";
        check("401-scope.json", refused(401, scope), stop);
        let message = "Your organization must be verified to use the model `gpt-image-2`. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.".into();
        check("403-verify.json", ApiError::NotVerified { message }, stop);
        check("403-region.json", ApiError::Region, stop);
        let archived = refused(403, "Project is archived.");
        check("403-project.json", archived, stop);
        for (name, code) in [
            ("429-quota.json", "insufficient_quota"),
            ("429-credit.json", "credit_balance_exhausted"),
            ("429-project.json", "project_spend_limit_exceeded"),
            ("429-organization.json", "organization_usage_limit_exceeded"),
        ] {
            check(name, ApiError::Quota { code: code.into() }, stop);
        }
    }

    #[test]
    fn what_may_be_repeated() {
        let millis = Some(12_000);
        check(
            "429-rate.json",
            ApiError::RateLimited {
                retry_after_ms: millis,
            },
            Verdict::RepeatAfter { millis },
        );
        check(
            "429-slow-down.json",
            ApiError::SlowDown {
                retry_after_ms: None,
            },
            Verdict::RepeatAfter { millis: None },
        );
    }

    #[test]
    fn what_is_in_doubt() {
        let server = |message: &str| ApiError::Server {
            status: 500,
            message: message.into(),
        };
        let doubt = Verdict::Unknown;
        check("503-overloaded.json", ApiError::Overloaded, doubt);
        let failed = server("The server had an error while processing your request.");
        check("500-server.json", failed, doubt);
        check("500-text.json", server("out of memory"), doubt);
        let conflict = refused(409, "A request like this is being processed.");
        check("409-conflict.json", conflict, doubt);
        let page = ApiError::NotTheApi {
            status: 502,
            excerpt:
                "<html><head><title>502 Bad Gateway</title></head><body>cloudflare</body></html>"
                    .into(),
        };
        check("502-page.html", page, doubt);
    }
}

fn file(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/replies");
    std::fs::read(format!("{folder}/{name}")).unwrap_or_else(|error| panic!("{name}: {error}"))
}
