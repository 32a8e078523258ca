//! Routes, cross-origin answers, the control API, and the connections themselves.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::extract::{Json, Path, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use axum::{Router, extract::DefaultBodyLimit};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_service::Service;

use crate::bill;
use crate::config::Config;
use crate::faults::{self, Fault};
use crate::images;
use crate::line::Line;
use crate::rules::MODELS;
use crate::script::Script;
use crate::site;
use crate::state::{State, lock};

/// Marks an answer that is no answer: the connection is closed.
#[derive(Clone, Copy)]
pub(crate) struct HangUp;

/// An answer whose line is cut after so many bytes of its head.
#[derive(Clone, Copy)]
pub(crate) struct CutHead(pub(crate) u64);

fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/v1/images/generations", post(images::serve))
        .route("/v1/images/edits", post(images::serve))
        .route("/v1/models", get(models))
        .route("/control/bill", get(show_bill))
        .route("/control/hits", get(show_hits))
        .route("/control/received/{id}/{number}", get(received))
        .route("/control/script", get(show_scripts).post(add_scripts))
        .route("/control/config", get(show_config).post(configure))
        .route("/control/reset", post(reset))
        .fallback(elsewhere)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(
            Arc::clone(&state),
            across_origins,
        ))
        .with_state(state)
}

/// Takes connections until its runtime ends.
pub(crate) async fn run(listener: TcpListener, state: Arc<State>) {
    let router = router(state);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let router = router.clone();
        let line = Line::new(stream);
        let left = line.left();
        tokio::spawn(async move {
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let (mut router, left) = (router.clone(), Arc::clone(&left));
                async move {
                    let answer: Result<Response<Body>, Infallible> =
                        router.call(request.map(Body::new)).await;
                    if let Ok(response) = &answer
                        && let Some(CutHead(bytes)) = response.extensions().get()
                    {
                        left.store(*bytes, Ordering::Relaxed);
                    }
                    match answer {
                        Ok(response) if response.extensions().get::<HangUp>().is_none() => {
                            Ok(response)
                        }
                        _ => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
                    }
                }
            });
            // A connection that ends badly is the client's doing, or the script's: the bill has it.
            drop(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(line), service)
                    .await,
            );
        });
    }
}

/// Preflights, and the headers that let a page read an answer.
async fn across_origins(
    Shared(state): Shared<Arc<State>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let config = state.config();
    let api = request.uri().path().starts_with("/v1/");
    let control = request.uri().path().starts_with("/control/");
    if request.method() == Method::OPTIONS && (api || control) {
        let allowed = config.cors || control;
        state.hit(
            "OPTIONS",
            request.uri().path(),
            if allowed { 204 } else { 403 },
        );
        if config.hold_preflights {
            std::future::pending::<()>().await;
        }
        return closing(&config, preflight(request.headers(), allowed));
    }
    let mut response = next.run(request).await;
    if control || api && config.cors {
        let headers = response.headers_mut();
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        if let Ok(exposed) = HeaderValue::from_str(&config.exposed_headers.join(", "))
            && !exposed.is_empty()
        {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
    closing(&config, response)
}

/// Says that the connection ends with this answer, where it does.
fn closing(config: &Config, mut response: Response<Body>) -> Response<Body> {
    if config.one_request_a_connection {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

fn preflight(asked: &HeaderMap, allowed: bool) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    if !allowed {
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, OPTIONS"),
    );
    if let Some(wished) = asked.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wished.clone());
    }
    response
}

fn answer(fault: &Fault) -> Response<Body> {
    match &fault.body {
        faults::Body::Html(page) => (fault.status, Html(page.clone())).into_response(),
        faults::Body::Json(body) | faults::Body::Event(body) => {
            (fault.status, Json(body.clone())).into_response()
        }
    }
}

/// Files of the app, and the dead ends of the API.
async fn elsewhere(Shared(state): Shared<Arc<State>>, request: Request) -> Response<Body> {
    let config = state.config();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = match &config.app {
        _ if path.starts_with("/v1") => {
            let message = format!("Invalid URL ({method} {path})");
            answer(&Fault::new(
                404,
                "invalid_request_error",
                None,
                None,
                &message,
            ))
        }
        Some(root) => site::file(root, &config.app_path, &method, &path).await,
        None => StatusCode::NOT_FOUND.into_response(),
    };
    state.hit(method.as_str(), &path, response.status().as_u16());
    response
}

/// In the list, and in no data file.
const NEW_MODEL: &str = "gpt-image-next";

async fn models(Shared(state): Shared<Arc<State>>, headers: HeaderMap) -> Response<Body> {
    let config = state.config();
    if let Some(script) = state.take_script("/v1/models", "") {
        tokio::time::sleep(std::time::Duration::from_millis(script.delay_ms)).await;
        if script.hang_up {
            return images::hung_up();
        }
        if script.never_answer {
            std::future::pending::<()>().await;
        }
        let named = |name| Fault::named(name, script.seconds);
        if let Some(fault) = script.error.as_deref().and_then(named) {
            return answer(&fault);
        }
    }
    let response = match images::check_key(&headers, &config) {
        Err(fault) => answer(&fault),
        Ok(()) => {
            let active = MODELS.iter().filter(|model| {
                model
                    .shutdown
                    .is_none_or(|shutdown| *config.today < *shutdown)
            });
            // And one that no data file holds.
            let new = json!({"id": NEW_MODEL, "object": "model", "created": 1_760_000_000, "owned_by": "system", "shutdown_date": null});
            let data: Vec<Value> = active
                .map(|model| json!({"id": model.id, "object": "model", "created": 1_750_000_000, "owned_by": "system", "shutdown_date": model.shutdown}))
                .chain([new])
                .collect();
            Json(json!({"object": "list", "data": data})).into_response()
        }
    };
    state.hit("GET", "/v1/models", response.status().as_u16());
    response
}

async fn show_bill(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    let entries = state.bill();
    Json(json!({"summary": bill::summary(&entries), "requests": entries}))
}

async fn show_hits(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    Json(json!(state.hits()))
}

async fn received(
    Shared(state): Shared<Arc<State>>,
    Path((id, number)): Path<(u64, usize)>,
) -> Response<Body> {
    match state.kept(id, number) {
        Some(bytes) => bytes.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn show_scripts(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    Json(json!(state.scripts()))
}

/// One script, or a list of them.
async fn add_scripts(Shared(state): Shared<Arc<State>>, Json(body): Json<Value>) -> Response<Body> {
    let list = if body.is_array() { body } else { json!([body]) };
    let scripts: Vec<Script> = match serde_json::from_value(list) {
        Ok(scripts) => scripts,
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let unknown = |script: &Script| {
        script
            .error
            .clone()
            .filter(|name| Fault::named(name, None).is_none())
    };
    if let Some(name) = scripts.iter().find_map(unknown) {
        return (StatusCode::BAD_REQUEST, format!("no error is named {name}")).into_response();
    }
    state.add_scripts(scripts);
    StatusCode::NO_CONTENT.into_response()
}

async fn show_config(Shared(state): Shared<Arc<State>>) -> Json<Value> {
    Json(json!(state.config()))
}

/// Changes the settings that are named; the others stay.
async fn configure(
    Shared(state): Shared<Arc<State>>,
    Json(changes): Json<Value>,
) -> Response<Body> {
    let mut config = lock(&state.config);
    let mut merged = json!(*config);
    merged["key"] = json!(config.key);
    if let (Some(merged), Value::Object(changes)) = (merged.as_object_mut(), changes) {
        merged.extend(changes);
    }
    match serde_json::from_value::<Config>(merged) {
        Ok(new) => {
            *config = Config {
                app: config.app.clone(),
                port: config.port,
                ..new
            };
            StatusCode::NO_CONTENT.into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn reset(Shared(state): Shared<Arc<State>>) -> StatusCode {
    state.reset();
    StatusCode::NO_CONTENT
}
