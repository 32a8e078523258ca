//! The two paid endpoints: receive, look for a script, check, execute, bill, answer.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, header};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::asked::{Asked, Upload};
use crate::bill::{Entry, KeySeen, Received};
use crate::config::Config;
use crate::execution::{self, Job};
use crate::faults::{self, Fault};
use crate::rules;
use crate::script::Script;
use crate::server::{CutHead, HangUp};
use crate::state::{State, Ticket};
use crate::wire::{self, Piece};

/// No body is larger than this.
const MOST_BYTES: u64 = 1 << 30;

/// Answers a POST to one of the endpoints.
pub(crate) async fn serve(
    Shared(state): Shared<Arc<State>>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let config = state.config();
    let path = parts.uri.path().to_owned();
    let key = key_seen(&parts.headers, &config);
    let ticket = Ticket::open(
        Arc::clone(&state),
        entry(&parts.method, &path, &parts.headers, key),
    );
    let Some(body) = receive(body, &ticket, config.hold_body_at).await else {
        return hung_up();
    };
    let read = Asked::read(&path, &parts.headers, body).await;
    let asked = read.as_ref().cloned().unwrap_or_default();
    note_asked(&ticket, &asked);
    let prompt = asked.text("prompt").unwrap_or_default();
    let script = state.take_script(&path, prompt);
    if let Some(script) = &script {
        ticket.note(|entry| entry.script = Some(json!(script)));
    }
    let script = script.unwrap_or_default();
    let checked = check_key(&parts.headers, &config)
        .and(read)
        .and_then(|asked| rules::check(&asked, &config.today, config.any_model));
    let id = ticket.id;
    let response = match checked {
        Err(fault) if !answers_itself(&script) => refuse(ticket, &script, fault).await,
        Err(_) => act(ticket, script, None).await,
        Ok(model) => {
            act(
                ticket,
                script,
                Some(Job::new(&state, &config, asked, model)),
            )
            .await
        }
    };
    if response.extensions().get::<HangUp>().is_none() {
        let status = response.status().as_u16();
        state.note(id, |entry| entry.status = Some(status));
    }
    response
}

/// The script has the last word: the request itself does not matter.
fn answers_itself(script: &Script) -> bool {
    script.error.is_some()
        || script.status.is_some()
        || script.body.is_some()
        || script.hang_up
        || script.never_answer
}

fn key_seen(headers: &HeaderMap, config: &Config) -> KeySeen {
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .or_else(|| headers.get("api-key").and_then(|value| value.to_str().ok()));
    match (sent, &config.key) {
        (None, _) => KeySeen::Absent,
        (Some(_), None) => KeySeen::Present,
        (Some(sent), Some(key)) if sent == key => KeySeen::Matched,
        _ => KeySeen::Wrong,
    }
}

/// Refuses a wrong key, and an absent one where one is configured.
pub(crate) fn check_key(headers: &HeaderMap, config: &Config) -> Result<(), Fault> {
    let refused = |code, message| {
        Err(Fault::new(
            401,
            "invalid_request_error",
            code,
            None,
            message,
        ))
    };
    match key_seen(headers, config) {
        KeySeen::Absent if config.key.is_some() => refused(
            None,
            "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
        ),
        KeySeen::Wrong => refused(
            Some("invalid_api_key"),
            "Incorrect API key provided: ************0000. You can find your API key at https://platform.openai.com/account/api-keys.",
        ),
        _ => Ok(()),
    }
}

fn entry(method: &axum::http::Method, path: &str, headers: &HeaderMap, key: KeySeen) -> Entry {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Entry {
        method: method.to_string(),
        path: path.to_owned(),
        headers: headers.keys().map(ToString::to_string).collect(),
        key,
        origin: text(header::ORIGIN),
        referer: text(header::REFERER),
        has_cookies: headers.contains_key(header::COOKIE),
        user_agent: text(header::USER_AGENT),
        ..Entry::default()
    }
}

/// The whole body, or `None` where the client went away.
async fn receive(body: Body, ticket: &Ticket, hold_at: Option<u64>) -> Option<Bytes> {
    let (mut stream, mut whole) = (body.into_data_stream(), BytesMut::new());
    while let Some(chunk) = stream.next().await {
        whole.extend_from_slice(&chunk.ok()?);
        let received = whole.len() as u64;
        ticket.note(|entry| entry.body_bytes = received);
        if received > MOST_BYTES {
            return None;
        }
        if hold_at.is_some_and(|hold_at| received >= hold_at) {
            std::future::pending::<()>().await;
        }
    }
    ticket.note(|entry| entry.body_complete = true);
    Some(whole.freeze())
}

/// In hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn note_asked(ticket: &Ticket, asked: &Asked) {
    let uploads: Vec<&Upload> = asked.images.iter().chain(&asked.mask).collect();
    for (number, upload) in uploads.iter().enumerate() {
        ticket.state.keep(ticket.id, number, upload.bytes.clone());
    }
    let received = uploads.into_iter().map(|upload| Received {
        field: upload.field.clone(),
        file_name: upload.file_name.clone(),
        content_type: upload.content_type.clone(),
        bytes: upload.bytes.len() as u64,
        sha256: sha256(&upload.bytes),
        width: upload.size.map(|size| size.0),
        height: upload.size.map(|size| size.1),
    });
    ticket.note(|entry| {
        entry.parameters = asked.parameters.clone();
        entry.uploads = received.collect();
    });
}

/// An answer that hangs up instead.
pub(crate) fn hung_up() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(HangUp);
    response
}

/// Plays the script, and executes the job where it says so.
async fn act(mut ticket: Ticket, script: Script, job: Option<Job>) -> Response<Body> {
    let midway = script.errs_midway() && job.as_ref().is_some_and(Job::streams);
    let job = job.filter(|_| midway || script.executes());
    if answers_itself(&script) && !midway {
        if let Some(job) = job {
            // Drawn and billed, though the answer says something else. It goes on if the client leaves.
            let work = tokio::spawn(execution::bill_only(job, ticket.id, script.clone()));
            if let Err(error) = work.await {
                eprintln!("an execution failed: {error}");
            }
        }
        tokio::time::sleep(Duration::from_millis(script.delay_ms)).await;
        if script.never_answer {
            std::future::pending::<()>().await;
        }
        if script.hang_up {
            ticket.cut();
            return hung_up();
        }
        return answer_by_script(ticket, &script);
    }
    let Some(job) = job else {
        return refuse(ticket, &script, server_error()).await;
    };
    let id = ticket.id;
    let (head, head_ready) = tokio::sync::oneshot::channel();
    let (sender, body) = wire::body(ticket, &script);
    drop(tokio::spawn(execution::run(
        job,
        id,
        script.clone(),
        sender,
        head,
    )));
    let head = head_ready.await;
    tokio::time::sleep(Duration::from_millis(script.delay_ms)).await;
    let mut response = Response::new(body);
    if let Ok(headers) = head {
        response.headers_mut().extend(headers);
    }
    finish_head(&mut response, &script);
    response
}

fn server_error() -> Fault {
    Fault::new(
        500,
        "server_error",
        Some("server_error"),
        None,
        "The server had an error while processing your request. Sorry about that!",
    )
}

/// An error by name, or status and body as they stand.
fn answer_by_script(ticket: Ticket, script: &Script) -> Response<Body> {
    let fault = script.error.as_ref().map(|name| {
        Fault::named(name, script.seconds).unwrap_or_else(|| {
            Fault::new(
                500,
                "simulator",
                None,
                None,
                &format!("no error is named {name}"),
            )
        })
    });
    let Some(fault) = fault else {
        let status = script.status.unwrap_or(200);
        let body = script.body.clone().unwrap_or_default();
        return send(
            ticket,
            script,
            status,
            "application/json",
            body.into(),
            None,
        );
    };
    send_fault(ticket, script, &fault)
}

async fn refuse(ticket: Ticket, script: &Script, fault: Fault) -> Response<Body> {
    tokio::time::sleep(Duration::from_millis(script.delay_ms)).await;
    send_fault(ticket, script, &fault)
}

fn send_fault(ticket: Ticket, script: &Script, fault: &Fault) -> Response<Body> {
    let status = script.status.unwrap_or(fault.status.as_u16());
    let (kind, body) = match &fault.body {
        faults::Body::Json(body) => {
            let said = &body["error"];
            let code = [&said["code"], &said["message"], said]
                .into_iter()
                .find_map(|value| value.as_str())
                .map(str::to_owned);
            ticket.note(|entry| entry.refused = code);
            ("application/json", format!("{body:#}\n").into())
        }
        faults::Body::Html(body) => ("text/html", body.clone().into()),
        faults::Body::Event(error) => (
            "text/event-stream; charset=utf-8",
            faults::error_event(error),
        ),
    };
    send(
        ticket,
        script,
        status,
        kind,
        body,
        fault.retry_after.as_deref(),
    )
}

fn send(
    ticket: Ticket,
    script: &Script,
    status: u16,
    kind: &'static str,
    bytes: Bytes,
    retry_after: Option<&str>,
) -> Response<Body> {
    let (sender, body) = wire::body(ticket, script);
    // The receiving end lives in the body, so this cannot fail.
    drop(sender.send(Piece { after_ms: 0, bytes }));
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(value) = retry_after.and_then(|value| HeaderValue::from_str(value).ok()) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    finish_head(&mut response, script);
    response
}

/// The headers that a script sets, and the request id.
fn finish_head(response: &mut Response<Body>, script: &Script) {
    if let Some(status) = script
        .status
        .and_then(|status| StatusCode::from_u16(status).ok())
    {
        *response.status_mut() = status;
    }
    if let Some(cut_head_at) = script.cut_head_at {
        response.extensions_mut().insert(CutHead(cut_head_at));
    }
    let headers = response.headers_mut();
    headers.insert("x-request-id", HeaderValue::from_static("req_simulated"));
    let retry_after = script
        .retry_after
        .as_ref()
        .map(|value| ("retry-after", value));
    let named = script
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value));
    for (name, value) in named.chain(retry_after) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
}
