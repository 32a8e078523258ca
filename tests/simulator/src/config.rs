//! What can be set: before the start, and at any time through the control API.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How the simulator behaves where no script says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Port on loopback; 0 picks a free one. Read at the start only.
    #[serde(skip)]
    pub port: u16,
    /// The only key that is taken; `None` takes any, and none. Never written out.
    #[serde(skip_serializing)]
    pub key: Option<String>,
    /// The day, `2026-11-22`: models shut down by then are gone.
    pub today: String,
    /// Answers preflights and sends `Access-Control-Allow-Origin: *`.
    pub cors: bool,
    /// Headers that a page may read, such as `retry-after`.
    pub exposed_headers: Vec<String>,
    pub picture: Picture,
    /// Milliseconds that drawing takes, at least.
    pub work_ms: u64,
    /// Milliseconds before each event of a stream.
    pub event_delay_ms: u64,
    /// Takes model names that OpenAI does not have, as a compatible server does.
    pub any_model: bool,
    /// Answers no preflight: what comes after it is never sent.
    pub hold_preflights: bool,
    /// Closes every connection after its answer: no request travels on one that was in use before.
    pub one_request_a_connection: bool,
    /// Reads no more of a request after so many bytes of its body, and keeps the connection.
    pub hold_body_at: Option<u64>,
    /// Directory of the app to serve.
    #[serde(skip)]
    pub app: Option<PathBuf>,
    /// Path under which the app is served, `/` or `/sub/path/`.
    pub app_path: String,
}

/// What the pictures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// Drawn from the prompt by the practice core.
    Drawn,
    /// Noise, made once for each size and kept: a PNG of about so many bytes.
    Noise { bytes: u64 },
    /// The same with the prompt written into it: no two requests get the same picture.
    Signed { bytes: u64 },
}

impl Default for Config {
    fn default() -> Self {
        Self {
            port: 0,
            key: None,
            today: "2026-11-22".into(),
            cors: true,
            exposed_headers: Vec::new(),
            picture: Picture::Drawn,
            work_ms: 0,
            event_delay_ms: 0,
            any_model: false,
            hold_preflights: false,
            one_request_a_connection: false,
            hold_body_at: None,
            app: None,
            app_path: "/".into(),
        }
    }
}
