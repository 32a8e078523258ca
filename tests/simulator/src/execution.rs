//! Drawing, billing and writing the reply, as one JSON document or as events.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use pentimento::domain::practice::Stage;
use pentimento::domain::size::Pixels;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::asked::Asked;
use crate::bill::{self, Tokens};
use crate::config::Config;
use crate::faults::{self, Fault};
use crate::images::sha256;
use crate::picture::{self, Order};
use crate::rules::Known;
use crate::script::{Garbage, Script};
use crate::state::State;
use crate::wire::{Piece, Sender};

/// A request that is executed.
#[derive(Clone)]
pub(crate) struct Job {
    state: Arc<State>,
    config: Config,
    asked: Arc<Asked>,
    model: Known,
}

impl Job {
    pub(crate) fn new(state: &Arc<State>, config: &Config, asked: Asked, model: Known) -> Self {
        Self {
            state: Arc::clone(state),
            config: config.clone(),
            asked: Arc::new(asked),
            model,
        }
    }

    pub(crate) fn streams(&self) -> bool {
        self.asked.streams()
    }

    fn pictures(&self) -> u32 {
        self.asked
            .number("n")
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(1)
    }

    /// One encoded picture, drawn off the connection's thread.
    async fn draw(&self, order: Order) -> Bytes {
        let job = self.clone();
        let drawn = tokio::task::spawn_blocking(move || {
            picture::make(&job.state.pictures, job.config.picture, &order, &job.asked)
        });
        drawn.await.unwrap_or_default()
    }

    /// The same for a picture that was asked for, which the bill names.
    async fn draw_for(&self, id: u64, order: Order) -> Bytes {
        let picture = self.draw(order).await;
        let name = sha256(&picture);
        self.state.note(id, |entry| entry.drawn.push(name));
        picture
    }

    /// Writes the bill, and gives the usage for the reply.
    fn bill(&self, id: u64, previews: u32) -> Value {
        let pictures = self.pictures();
        let tokens = Tokens::of(&self.asked, self.model, pictures, previews);
        let (usage, pico) = (
            tokens.usage(),
            bill::price(self.model, tokens, pictures, &self.asked),
        );
        self.state.note(id, |entry| {
            entry.execution_finished = true;
            entry.billed_pico = pico;
            entry.usage = Some(usage.clone());
            entry.pictures = pictures;
        });
        usage
    }

    async fn work(&self, id: u64, script: &Script) {
        self.state.note(id, |entry| entry.execution_started = true);
        tokio::time::sleep(Duration::from_millis(
            script.work_ms.unwrap_or(self.config.work_ms),
        ))
        .await;
    }
}

/// Bills without an answer of its own.
pub(crate) async fn bill_only(job: Job, id: u64, script: Script) {
    job.work(id, &script).await;
    job.bill(id, 0);
}

/// Executes a job to its end, whether or not anybody still listens.
pub(crate) async fn run(
    job: Job,
    id: u64,
    script: Script,
    sender: Sender,
    head: oneshot::Sender<HeaderMap>,
) {
    if script.garbage == Some(Garbage::GzipBomb) {
        bill_only(job, id, script).await;
        begin(head, "application/json", Some("gzip"));
        send(&sender, 0, gzip_bomb());
    } else if script.garbage == Some(Garbage::Html) || script.garbage == Some(Garbage::EmptyBody) {
        let html = script.garbage == Some(Garbage::Html);
        bill_only(job, id, script).await;
        begin(head, "text/html", None);
        send(
            &sender,
            0,
            if html {
                "<!doctype html><title>Welcome</title><p>Please log in."
            } else {
                ""
            }
            .into(),
        );
    } else if job.asked.streams() {
        begin(head, "text/event-stream; charset=utf-8", None);
        stream(&job, id, &script, &sender).await;
    } else {
        job.work(id, &script).await;
        let reply = reply(&job, id, &script).await;
        begin(head, "application/json", None);
        send(&sender, 0, reply);
    }
}

/// Nobody listens any more: that is no error of the server.
fn send(sender: &Sender, after_ms: u64, bytes: Bytes) {
    drop(sender.send(Piece { after_ms, bytes }));
}

fn begin(head: oneshot::Sender<HeaderMap>, kind: &'static str, encoding: Option<&'static str>) {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    drop(head.send(headers));
}

fn gzip_bomb() -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..256 {
        if encoder.write_all(&zeros).is_err() {
            break;
        }
    }
    encoder.finish().unwrap_or_default().into()
}

/// The picture's order, spoiled where the script says so.
fn order(job: &Job, script: &Script, index: u32, stage: Stage) -> Order {
    let mut order = Order {
        index,
        stage,
        ..Order::of(&job.asked)
    };
    if script.garbage == Some(Garbage::WrongSize) {
        order.pixels = Pixels::new(
            (order.pixels.width / 2).max(1),
            (order.pixels.height / 2).max(1),
        );
    }
    if script.garbage == Some(Garbage::OtherFormat) {
        order.format = if order.format == "png" { "jpeg" } else { "png" }.into();
    }
    order
}

fn base64_of(picture: &[u8], garbage: Option<Garbage>) -> String {
    match garbage {
        Some(Garbage::NotAPicture) => STANDARD.encode("this is no picture, it is a text"),
        Some(Garbage::HalfPicture) => STANDARD.encode(&picture[..picture.len() / 2]),
        Some(Garbage::JunkBase64) => {
            let mut text = STANDARD.encode(picture);
            text.insert_str(text.len() / 2, "<junk é \u{1F4A5}>");
            text
        }
        _ => STANDARD.encode(picture),
    }
}

/// What the reply says about the picture.
fn said(job: &Job) -> Value {
    let text = |name: &str, usual: &str| match job.asked.text(name) {
        None | Some("auto") => usual.to_owned(),
        Some(value) => value.to_owned(),
    };
    json!({
        "background": text("background", "opaque"),
        "output_format": text("output_format", "png"),
        "quality": text("quality", "medium"),
        "size": text("size", "1024x1024"),
    })
}

/// Seconds since 1970, of the day that the simulator plays: always the same.
const CREATED: u64 = 1_795_305_600;

fn spoil_usage(reply: &mut Value, garbage: Option<Garbage>) {
    match garbage {
        Some(Garbage::NoUsage) => drop(
            reply
                .as_object_mut()
                .and_then(|fields| fields.remove("usage")),
        ),
        Some(Garbage::NegativeUsage) => reply["usage"]["output_tokens"] = json!(-5),
        Some(Garbage::StringUsage) => reply["usage"]["output_tokens"] = json!("many"),
        Some(Garbage::HugeUsage) => reply["usage"]["output_tokens"] = json!(1.0e300),
        Some(Garbage::UnknownFields) => {
            reply["generation_id"] = json!("gen_simulated");
            reply["usage"]["cached_tokens"] = json!(null);
            reply["future"] = json!({"a": [1, {"b": "c"}]});
        }
        _ => {}
    }
}

async fn reply(job: &Job, id: u64, script: &Script) -> Bytes {
    let garbage = script.garbage;
    let count = match garbage {
        Some(Garbage::Fewer) => job.pictures().saturating_sub(1),
        Some(Garbage::EmptyData) => 0,
        _ => job.pictures(),
    };
    let mut data = Vec::new();
    for index in 0..count {
        let picture = job
            .draw_for(id, order(job, script, index, Stage::Final))
            .await;
        data.push(match garbage {
            Some(Garbage::Url) => json!({"url": "http://127.0.0.1:9/picture.png"}),
            Some(Garbage::NullPicture) => json!({"b64_json": null}),
            Some(Garbage::UnknownFields) => {
                json!({"b64_json": base64_of(&picture, garbage), "generation_id": "gen_simulated"})
            }
            _ => json!({"b64_json": base64_of(&picture, garbage)}),
        });
    }
    let mut reply = said(job);
    reply["created"] = json!(CREATED);
    reply["data"] = json!(data);
    reply["usage"] = job.bill(id, 0);
    spoil_usage(&mut reply, garbage);
    match garbage {
        Some(Garbage::NoData) => drop(
            reply
                .as_object_mut()
                .and_then(|fields| fields.remove("data")),
        ),
        Some(Garbage::WrongTypes) => reply["data"] = json!({"b64_json": 7}),
        _ => {}
    }
    let mut text = reply.to_string().into_bytes();
    if garbage == Some(Garbage::TruncatedJson) {
        text.truncate(text.len() * 2 / 3);
    }
    text.into()
}

/// Previews, then the picture; billed just before it.
async fn stream(job: &Job, id: u64, script: &Script, sender: &Sender) {
    let asked_for = job
        .asked
        .number("partial_images")
        .and_then(|count| u32::try_from(count).ok())
        .unwrap_or(0);
    let previews = script.previews.unwrap_or(asked_for);
    let pause = script.event_delay_ms.unwrap_or(job.config.event_delay_ms);
    let kind = if job.asked.is_edit {
        "image_edit"
    } else {
        "image_generation"
    };
    job.work(id, script).await;
    for index in 0..previews {
        let stage = Stage::Preview {
            index,
            of: previews,
        };
        let picture = job.draw(order(job, script, 0, stage)).await;
        let mut data = event_data(job, kind, "partial_image", &picture, None);
        data["partial_image_index"] = json!(index);
        send(sender, pause, event(&data));
    }
    let picture = job.draw_for(id, order(job, script, 0, Stage::Final)).await;
    if let Some(error) = midway_error(script) {
        if script.executes() {
            job.bill(id, previews);
        }
        send(sender, pause, error);
        return;
    }
    let usage = job.bill(id, previews);
    let mut data = event_data(job, kind, "completed", &picture, script.garbage);
    data["usage"] = usage;
    if let Some(bytes) = spoiled_event(data, script.garbage) {
        send(sender, pause, bytes);
    }
}

/// The last event as the script wants it, or none.
fn spoiled_event(mut data: Value, garbage: Option<Garbage>) -> Option<Bytes> {
    spoil_usage(&mut data, garbage);
    let without_picture = |data: &mut Value| {
        drop(
            data.as_object_mut()
                .and_then(|fields| fields.remove("b64_json")),
        );
    };
    match garbage {
        Some(Garbage::NoCompleted) => return None,
        Some(Garbage::NoData | Garbage::EmptyData | Garbage::Fewer) => without_picture(&mut data),
        Some(Garbage::NullPicture) => data["b64_json"] = json!(null),
        Some(Garbage::WrongTypes) => data["b64_json"] = json!([7]),
        Some(Garbage::Url) => {
            without_picture(&mut data);
            data["url"] = json!("http://127.0.0.1:9/picture.png");
        }
        _ => {}
    }
    let mut bytes = event(&data);
    if garbage == Some(Garbage::TruncatedJson) {
        bytes.truncate(bytes.len() * 2 / 3);
    }
    Some(bytes)
}

fn midway_error(script: &Script) -> Option<Bytes> {
    let name = script.error.as_ref().filter(|_| script.errs_midway())?;
    match Fault::named(name, script.seconds)?.body {
        faults::Body::Event(error) => Some(faults::error_event(&error)),
        _ => None,
    }
}

fn event_data(
    job: &Job,
    kind: &str,
    name: &str,
    picture: &[u8],
    garbage: Option<Garbage>,
) -> Value {
    let mut data = said(job);
    data["type"] = json!(format!("{kind}.{name}"));
    data["created_at"] = json!(CREATED);
    data["b64_json"] = json!(base64_of(picture, garbage));
    data
}

fn event(data: &Value) -> Bytes {
    let kind = data["type"].as_str().unwrap_or_default();
    format!("event: {kind}\ndata: {data}\n\n").into()
}
