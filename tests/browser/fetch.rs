//! Requests: what is sent, how answers are read, and how they end.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Reflect, Uint8Array};
use pentimento::browser::clock;
use pentimento::browser::database::{Database, Durability, Op, Store};
use pentimento::browser::error::{FetchError, Limit};
use pentimento::browser::fetch::{Abort, Body, BodyPart, Incoming, Limits, Outgoing, send};
use pentimento::browser::picture::{PictureBuilder, object_url};
use pentimento::browser::random;
use pentimento::domain::secret::Secret;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

// Stands in for the network, where a test needs an answer of a shape that no file gives.
#[wasm_bindgen(inline_js = "
const real = globalThis.fetch;
export function seen() { return globalThis.__seen; }
export function restore() { globalThis.fetch = real; }
export function answer(status, headers, pieces, ending) {
  globalThis.fetch = (request) => {
    globalThis.__seen = request;
    const aborted = new DOMException('aborted', 'AbortError');
    const body = new ReadableStream({
      start(c) {
        request.signal.addEventListener('abort', () => c.error(aborted));
        for (const piece of pieces) c.enqueue(piece);
        if (ending === 'close') c.close();
        if (ending === 'fail') setTimeout(() => c.error(new TypeError('cut')), 20);
      },
    });
    return Promise.resolve(new Response(body, { status, headers: Object.fromEntries(headers) }));
  };
}
export function silence() {
  globalThis.fetch = (request) => new Promise((_, reject) => {
    globalThis.__seen = request;
    request.signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
  });
}
")]
extern "C" {
    fn seen() -> web_sys::Request;
    fn restore();
    fn answer(status: u16, headers: &Array, pieces: &Array, ending: &str);
    fn silence();
}

/// Puts the real fetch back, even when an assertion fails.
struct Stub;

impl Stub {
    fn answering(status: u16, headers: &[(&str, &str)], pieces: &[Vec<u8>], ending: &str) -> Self {
        let headers: Array = headers
            .iter()
            .map(|(name, value)| Array::of2(&(*name).into(), &(*value).into()))
            .collect();
        let pieces: Array = pieces
            .iter()
            .map(|piece| Uint8Array::from(piece.as_slice()))
            .collect();
        answer(status, &headers, &pieces, ending);
        Self
    }

    fn silent() -> Self {
        silence();
        Self
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        restore();
    }
}

fn to(url: &str) -> Outgoing<'_> {
    Outgoing {
        url,
        bearer: None,
        content_type: "application/json",
        body: Body::Empty,
        limits: Limits::default(),
    }
}

async fn read(incoming: &mut Incoming) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = incoming.next().await? {
        assert!(!chunk.bytes.is_empty() && chunk.bytes.len() <= 1 << 20);
        bytes.extend(chunk.bytes);
    }
    Ok(bytes)
}

pub(super) async fn fetch_text(url: &str) -> Result<Vec<u8>, FetchError> {
    let mut incoming = send(to(url), &Abort::new()).await?;
    read(&mut incoming).await
}

/// A large reply that was there as a whole was read in one task: the page stood still until its end.
#[wasm_bindgen_test]
async fn the_browser_has_its_turns_while_a_ready_answer_is_read() {
    let pieces = vec![vec![0; 1000]; 40];
    let _stub = Stub::answering(200, &[], &pieces, "close");
    let turns = Rc::new(Cell::new(0));
    let counted = Rc::clone(&turns);
    let _ticking = clock::every(1, move || counted.set(counted.get() + 1));
    let mut incoming = send(to("/ready"), &Abort::new()).await.unwrap();
    while incoming.next().await.unwrap().is_some() {
        let busy_until = clock::monotonic_ms() + 10.0;
        while clock::monotonic_ms() < busy_until {}
    }
    assert!(turns.get() >= 5, "{} turns in 400 ms", turns.get());
}

#[wasm_bindgen_test]
async fn a_body_comes_in_chunks_and_can_be_kept_whole() {
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|n| ((n * 13) >> 4) as u8).collect();
    let mut builder = PictureBuilder::new();
    builder.push(&bytes);
    let url = object_url(&builder.finish().await.unwrap()).unwrap();
    let start = clock::monotonic_ms();
    let mut incoming = send(to(url.as_str()), &Abort::new()).await.unwrap();
    assert_eq!(incoming.status, 200);
    assert!(read(&mut incoming).await.unwrap() == bytes);
    let took = clock::monotonic_ms() - start;
    console_log!("20 MB read in {took} ms");
    assert_eq!(incoming.received(), 20_000_000);
    let raw = incoming.raw().unwrap();
    let database = Database::open_named(&random::id()).await.unwrap();
    let op = Op::PutBlob {
        store: Store::Quarantine,
        key: "raw".into(),
        blob: (&raw).into(),
    };
    database.write(vec![op], Durability::Strict).await.unwrap();
    let kept = database.blob(Store::Quarantine, "raw").await.unwrap();
    assert!(kept.unwrap().read().await.unwrap() == bytes);
    database.erase_everything().await.unwrap();
}

#[wasm_bindgen_test]
async fn the_request_says_what_it_must_and_no_more() {
    let headers = [
        ("content-type", "application/json"),
        ("retry-after", "12"),
        ("retry-after-ms", "11900"),
        ("x-request-id", "req_1"),
    ];
    let _stub = Stub::answering(429, &headers, &[b"{}".to_vec()], "close");
    let secret = Secret::new("the key".into());
    let outgoing = Outgoing {
        bearer: Some(&secret),
        body: b"{\"n\":1}".to_vec().into(),
        ..to("https://images.example/v1/images")
    };
    let mut incoming = send(outgoing, &Abort::new()).await.unwrap();
    let request = seen();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.url(), "https://images.example/v1/images");
    let header = |name| request.headers().get(name).unwrap().unwrap_or_default();
    assert_eq!(header("authorization"), "Bearer the key");
    assert_eq!(header("content-type"), "application/json");
    let mode = |name: &str| Reflect::get(&request, &name.into()).unwrap().as_string();
    assert_eq!(mode("redirect").as_deref(), Some("error"));
    assert_eq!(mode("credentials").as_deref(), Some("omit"));
    assert_eq!(mode("referrerPolicy").as_deref(), Some("no-referrer"));
    assert_eq!(mode("cache").as_deref(), Some("no-store"));
    let sent = JsFuture::from(request.text().unwrap()).await.unwrap();
    assert_eq!(sent.as_string().as_deref(), Some("{\"n\":1}"));
    assert_eq!(incoming.status, 429);
    assert_eq!(incoming.content_type.as_deref(), Some("application/json"));
    assert_eq!(incoming.retry_after.as_deref(), Some("12"));
    assert_eq!(incoming.retry_after_ms.as_deref(), Some("11900"));
    assert_eq!(incoming.request_id.as_deref(), Some("req_1"));
    assert_eq!(read(&mut incoming).await, Ok(b"{}".to_vec()));
    assert_eq!(incoming.next().await, Ok(None));
}

#[wasm_bindgen_test]
async fn pictures_are_sent_between_the_text() {
    let _stub = Stub::answering(200, &[], &[], "close");
    let mut builder = PictureBuilder::new();
    builder.push(b"-picture-");
    let picture = builder.finish().await.unwrap();
    let outgoing = Outgoing {
        body: Body::Parts(vec![
            BodyPart::Bytes(b"before".to_vec()),
            BodyPart::Blob((&picture).into()),
            BodyPart::Bytes(b"after".to_vec()),
        ]),
        content_type: "multipart/form-data; boundary=x",
        ..to("https://images.example/v1")
    };
    send(outgoing, &Abort::new()).await.unwrap();
    assert_eq!(
        seen().headers().get("content-type").unwrap().as_deref(),
        Some("multipart/form-data; boundary=x")
    );
    let sent = JsFuture::from(seen().text().unwrap()).await.unwrap();
    assert_eq!(sent.as_string().as_deref(), Some("before-picture-after"));
}

#[wasm_bindgen_test]
async fn calling_off_ends_the_wait_for_an_answer() {
    let _stub = Stub::silent();
    let abort = Abort::new();
    let other = abort.clone();
    wasm_bindgen_futures::spawn_local(async move {
        clock::sleep(20).await;
        other.abort();
    });
    let result = send(to("https://images.example/v1"), &abort).await;
    assert_eq!(result.unwrap_err(), FetchError::Aborted);
    assert!(seen().signal().aborted() && abort.is_aborted());
    let again = send(to("https://images.example/v1"), &abort).await;
    assert_eq!(again.unwrap_err(), FetchError::Aborted);
}

#[wasm_bindgen_test]
async fn calling_off_ends_a_body() {
    let _stub = Stub::answering(200, &[], &[b"begin".to_vec()], "never");
    let abort = Abort::new();
    let mut incoming = send(to("https://images.example/v1"), &abort).await.unwrap();
    assert_eq!(incoming.next().await.unwrap().unwrap().bytes, b"begin");
    let other = abort.clone();
    wasm_bindgen_futures::spawn_local(async move {
        clock::sleep(20).await;
        other.abort();
    });
    assert_eq!(incoming.next().await, Err(FetchError::Aborted));
    assert_eq!(incoming.raw().unwrap().bytes_len(), 5);
}

#[wasm_bindgen_test]
async fn a_real_request_is_called_off() {
    let bytes = vec![1; 30_000_000];
    let mut builder = PictureBuilder::new();
    builder.push(&bytes);
    let url = object_url(&builder.finish().await.unwrap()).unwrap();
    let abort = Abort::new();
    let mut incoming = send(to(url.as_str()), &abort).await.unwrap();
    assert!(incoming.next().await.unwrap().is_some());
    abort.abort();
    assert_eq!(read(&mut incoming).await, Err(FetchError::Aborted));
}

#[wasm_bindgen_test]
async fn dropping_the_answer_lets_the_connection_go() {
    let _stub = Stub::answering(200, &[], &[b"begin".to_vec()], "never");
    let incoming = send(to("https://images.example/v1"), &Abort::new()).await;
    assert!(!seen().signal().aborted());
    drop(incoming);
    assert!(seen().signal().aborted());
}

#[wasm_bindgen_test]
async fn time_limits() {
    let limits = Limits {
        total_ms: 80.0,
        idle_ms: 30.0,
        bytes: 1000,
    };
    let limited = || Outgoing {
        limits,
        ..to("https://images.example/v1")
    };
    let limit_of = |error| match error {
        FetchError::TimedOut { limit, after_ms } => (limit, after_ms >= 25),
        other => panic!("{other:?}"),
    };
    let stub = Stub::silent();
    let error = send(limited(), &Abort::new()).await.unwrap_err();
    assert_eq!(limit_of(error), (Limit::Total, true));
    assert!(seen().signal().aborted());
    drop(stub);
    let stub = Stub::answering(200, &[], &[b"x".to_vec()], "never");
    let mut incoming = send(limited(), &Abort::new()).await.unwrap();
    let error = read(&mut incoming).await.unwrap_err();
    assert_eq!(limit_of(error), (Limit::Idle, true));
    drop(stub);
    // Before the first byte, only the total counts.
    let _stub = Stub::answering(200, &[], &[], "never");
    let mut incoming = send(limited(), &Abort::new()).await.unwrap();
    let error = read(&mut incoming).await.unwrap_err();
    assert_eq!(limit_of(error), (Limit::Total, true));
}

#[wasm_bindgen_test]
async fn a_cut_body_and_a_huge_one_are_kept_as_far_as_they_came() {
    let stub = Stub::answering(200, &[], &[vec![1; 10]], "fail");
    let mut incoming = send(to("https://images.example/v1"), &Abort::new())
        .await
        .unwrap();
    assert!(matches!(
        read(&mut incoming).await,
        Err(FetchError::Network(_))
    ));
    assert_eq!(incoming.raw().unwrap().bytes_len(), 10);
    drop(stub);
    let _stub = Stub::answering(200, &[], &[vec![1; 600], vec![2; 600]], "never");
    let mut outgoing = to("https://images.example/v1");
    outgoing.limits.bytes = 1000;
    let mut incoming = send(outgoing, &Abort::new()).await.unwrap();
    assert_eq!(read(&mut incoming).await, Err(FetchError::TooLarge));
    assert_eq!(incoming.raw().unwrap().bytes_len(), 1200);
}

#[wasm_bindgen_test]
async fn a_drip_of_bytes_is_gathered() {
    let pieces: Vec<Vec<u8>> = (0..5000_u32).map(|n| vec![n as u8]).collect();
    let _stub = Stub::answering(200, &[], &pieces, "close");
    let mut incoming = send(to("https://images.example/v1"), &Abort::new())
        .await
        .unwrap();
    assert_eq!(read(&mut incoming).await.unwrap(), pieces.concat());
    assert_eq!(incoming.raw().unwrap().bytes_len(), 5000);
}

#[wasm_bindgen_test]
async fn what_was_not_sent_is_told_apart() {
    let secret = Secret::new("ключ".into());
    let outgoing = Outgoing {
        bearer: Some(&secret),
        ..to("https://images.example/v1")
    };
    let odd_key = send(outgoing, &Abort::new()).await.unwrap_err();
    assert!(matches!(odd_key, FetchError::NotSent(_)));
    let odd_url = send(to("https://user:x@images.example/"), &Abort::new()).await;
    assert!(matches!(odd_url.unwrap_err(), FetchError::NotSent(_)));
    let refused = send(to("http://127.0.0.1:1/v1"), &Abort::new()).await;
    assert!(matches!(refused.unwrap_err(), FetchError::Network(_)));
}
