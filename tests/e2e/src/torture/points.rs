//! The named moments at which the browser is killed, and what is done to come to them. A new one is a row of the table.

use serde_json::{Value, json};
use simulator::{Drip, Entry, Script};

/// What the person does before the kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    /// The app is opened for the first time with this profile.
    FirstStart,
    /// The app is opened after a kill that left a request open.
    Start,
    /// A request is sent, with so many previews.
    Draw { previews: u32 },
    /// Three requests at once.
    Several,
    /// A photo with a mask is sent.
    Edit,
    /// A photo is added, and a mask drawn on it.
    Mask,
    /// A picture is deleted.
    Delete,
    /// A picture is deleted and brought back.
    Undo,
    /// Everything in the trash is deleted for good.
    Purge,
    /// The library is opened, and a picture marked.
    Library,
    /// Everything is backed up, into a file of the page's private folder.
    Backup,
    /// A backup is restored where nothing is left.
    Restore,
    /// A request is sent while a second tab waits; of the first one the process is killed, and at the end the whole browser.
    HandOver,
}

/// What tells that the moment is there.
#[derive(Clone, Copy)]
pub(super) enum At {
    /// The page itself stands still there, by the script that is put before its own: `kind` of event, what it must be about,
    /// and the stores that its transaction must span.
    Page {
        kind: &'static str,
        parts: &'static [&'static str],
        within: &'static [&'static str],
    },
    /// What the server sees of the request.
    Wire(fn(&Entry) -> bool),
    /// The server has a preflight, and has not answered it.
    Preflight,
}

/// How many bytes the body of an undisturbed reply has: as one document, and as a stream with two previews.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lengths {
    pub(super) document: u64,
    pub(super) stream: u64,
}

/// One named moment.
pub(super) struct Point {
    pub(super) name: &'static str,
    pub(super) scene: Scene,
    pub(super) at: At,
    /// What the server does, where it is not the usual.
    script: Option<fn(Lengths) -> Script>,
}

impl Point {
    pub(super) fn script(&self, lengths: Lengths) -> Option<Script> {
        self.script.map(|script| script(lengths))
    }

    /// For the page's script; null where the page need not stop.
    pub(super) fn armed(&self) -> Value {
        match self.at {
            At::Page {
                kind,
                parts,
                within,
            } => {
                json!({"kind": kind, "parts": parts, "within": within})
            }
            At::Wire(_) | At::Preflight => Value::Null,
        }
    }
}

const LONG_MS: u64 = 60_000;
const JSON: Scene = Scene::Draw { previews: 0 };
const STREAM: Scene = Scene::Draw { previews: 2 };

const fn page(
    name: &'static str,
    scene: Scene,
    kind: &'static str,
    parts: &'static [&'static str],
    within: &'static [&'static str],
) -> Point {
    let at = At::Page {
        kind,
        parts,
        within,
    };
    Point {
        name,
        scene,
        at,
        script: None,
    }
}

const fn wire(
    name: &'static str,
    scene: Scene,
    is_there: fn(&Entry) -> bool,
    script: fn(Lengths) -> Script,
) -> Point {
    let (at, script) = (At::Wire(is_there), Some(script));
    Point {
        name,
        scene,
        at,
        script,
    }
}

const fn with(point: Point, script: fn(Lengths) -> Script) -> Point {
    Point {
        script: Some(script),
        ..point
    }
}

/// The connection stays, and nothing more comes after so many bytes.
fn stall(bytes: u64) -> Script {
    Script {
        stall_at: Some(bytes),
        ..Script::default()
    }
}

fn is_stalled(entry: &Entry) -> bool {
    let at = entry
        .script
        .as_ref()
        .and_then(|script| script["stall_at"].as_u64());
    at.is_some_and(|at| entry.bytes_sent >= at) && entry.status.is_some()
}

fn failing() -> Script {
    Script {
        execute: Some(true),
        ..Script::error("server_error")
    }
}

fn limited() -> Script {
    Script {
        seconds: Some(0.2),
        ..Script::error("rate_limit")
    }
}

#[rustfmt::skip]
pub(super) const POINTS: &[Point] = &[
    page("first start: the stores are being made", Scene::FirstStart, "upgrade", &[], &[]),
    page("first start: the service worker is being installed", Scene::FirstStart, "register", &[], &[]),
    page("start: the database is being opened", Scene::Start, "opening", &["studio"], &[]),
    page("start: an interrupted request is being marked", Scene::Start, "write", &["attempts=unknown"], &[]),
    page("start: an interrupted request is marked", Scene::Start, "complete", &["attempts=unknown"], &[]),
    page("intent: its transaction is open", JSON, "open", &[], &["attempts", "ledger"]),
    page("intent: written, not committed", JSON, "write", &["attempts=intent"], &[]),
    page("intent: committed, nothing sent", JSON, "complete", &["attempts=intent"], &[]),
    page("sending: fetch is called", JSON, "fetch", &["POST"], &[]),
    Point { name: "sending: the preflight is there", scene: JSON, at: At::Preflight, script: None },
    wire("sending: a part of an edit is there", Scene::Edit, |e| e.body_bytes > 0 && !e.body_complete, |_| Script::default()),
    wire("drawing: executed, not billed", JSON, |e| e.execution_started, |_| Script { work_ms: Some(LONG_MS), ..Script::default() }),
    wire("drawing: billed, no header sent", JSON, |e| e.execution_finished, |_| Script { delay_ms: LONG_MS, ..Script::default() }),
    wire("reply: headers, no byte of the body", JSON, is_stalled, |_| stall(0)),
    wire("reply: a twentieth of the body", JSON, is_stalled, |l| stall(l.document / 20)),
    wire("reply: half of the body", JSON, is_stalled, |l| stall(l.document / 2)),
    wire("reply: all but the last byte", JSON, is_stalled, |l| stall(l.document - 1)),
    wire("reply: the last byte is sent", JSON, |e| e.finished, |_| Script::default()),
    wire("stream: within the first preview", STREAM, is_stalled, |l| stall(l.stream / 6)),
    wire("stream: after the first preview", STREAM, is_stalled, |l| stall(l.stream * 11 / 30)),
    wire("stream: after the second preview", STREAM, is_stalled, |l| stall(l.stream * 21 / 30)),
    wire("stream: within the picture", STREAM, is_stalled, |l| stall(l.stream * 5 / 6)),
    wire("stream: the last byte is sent", STREAM, |e| e.finished, |_| Script::default()),
    page("result: its hash is being made", JSON, "digest", &[], &[]),
    page("result: its transaction is open", JSON, "open", &[], &["attempts", "blobs", "pictures"]),
    page("result: the attempt's end is written", JSON, "write", &["attempts=done"], &["blobs"]),
    page("result: the picture's bytes are written", JSON, "write", &["blobs"], &["attempts"]),
    page("result: everything is written, not committed", JSON, "write", &["meta"], &["blobs"]),
    page("result: committed, not shown", JSON, "complete", &["attempts=done", "blobs"], &[]),
    page("result: committed as a stream, not shown", STREAM, "complete", &["attempts=done", "blobs"], &[]),
    page("result: shown as saved", JSON, "shown", &[], &[]),
    with(page("refusal: what nobody knows is being written", JSON, "write", &["attempts=unknown"], &[]), |_| failing()),
    with(page("refusal: proved not executed, being released", JSON, "write", &["attempts=failed"], &[]), |_| limited()),
    with(page("refusal: released, before it is repeated", JSON, "complete", &["attempts=failed"], &[]), |_| limited()),
    page("delete: into the trash, not committed", Scene::Delete, "write", &["trash"], &["pictures"]),
    page("delete: in the trash", Scene::Delete, "complete", &["trash", "-pictures"], &[]),
    page("undo: back, not committed", Scene::Undo, "write", &["pictures"], &["trash"]),
    page("undo: back", Scene::Undo, "complete", &["pictures", "-trash"], &[]),
    page("for good: bytes deleted, not committed", Scene::Purge, "write", &["-blobs"], &[]),
    page("for good: deleted", Scene::Purge, "complete", &["-blobs"], &[]),
    page("marks: written, not committed", Scene::Library, "write", &["pictures"], &[]),
    page("backup: what there is to save is being read", Scene::Backup, "digest", &[], &[]),
    page("backup: a part is being written", Scene::Backup, "file", &["write"], &[]),
    page("backup: a part is written, its file not closed", Scene::Backup, "file", &["close"], &[]),
    page("backup: the file is closed, and not noted", Scene::Backup, "write", &["meta=backup"], &[]),
    page("backup: noted, not said", Scene::Backup, "complete", &["meta=backup"], &[]),
    page("restore: its file is being checked", Scene::Restore, "digest", &[], &[]),
    page("restore: some pictures are staged, not committed", Scene::Restore, "write", &["meta=restore"], &["blobs"]),
    page("restore: some pictures are staged", Scene::Restore, "complete", &["meta=restore"], &[]),
    page("restore: some rows are being merged, not committed", Scene::Restore, "write", &["pictures"], &[]),
    page("restore: some rows are merged", Scene::Restore, "complete", &["attempts=done", "ledger"], &[]),
    page("restore: finished, its note not cleared", Scene::Restore, "write", &["-meta=restore"], &[]),
    page("restore: finished", Scene::Restore, "complete", &["-meta=restore"], &[]),
    page("hand-over: the tab that sends dies before its request leaves", Scene::HandOver, "complete", &["attempts=intent"], &[]),
    wire("hand-over: the tab that sends dies while the server draws", Scene::HandOver, |e| e.execution_started, |_| Script { work_ms: Some(LONG_MS), ..Script::default() }),
    page("hand-over: the tab that sends dies while its result is being written", Scene::HandOver, "write", &["blobs"], &["attempts"]),
    page("hand-over: the tab that sends dies when its result is committed", Scene::HandOver, "complete", &["attempts=done", "blobs"], &[]),
    page("image: its bytes are written", Scene::Mask, "write", &["blobs"], &[]),
    page("mask: its draft is written", Scene::Mask, "write", &["blobs=draft"], &[]),
    page("mask: its draft is kept", Scene::Mask, "complete", &["blobs=draft"], &[]),
];

/// What is done before a kill at a random moment.
pub(super) const AT_RANDOM: [Scene; 9] = [
    JSON,
    STREAM,
    Scene::Several,
    Scene::Edit,
    Scene::Mask,
    Scene::Delete,
    Scene::Undo,
    Scene::Purge,
    Scene::Library,
];

/// A reply that takes a while, so that a random moment falls into it.
pub(super) fn slow() -> Script {
    Script {
        times: 0,
        event_delay_ms: Some(60),
        drip: Some(Drip {
            bytes: 8_000,
            every_ms: 15,
        }),
        ..Script::default()
    }
}
