//! A client that sees every byte, and the end of the line.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine;
use serde_json::Value;
use simulator::{Config, Entry, Simulator};

/// An answer as far as it came.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    /// Without the chunks' frames.
    pub(crate) body: Vec<u8>,
    /// The body had its proper end.
    pub(crate) complete: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.head.lines().find_map(|line| {
            let (known, value) = line.split_once(": ")?;
            known.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    }

    /// Names and data of a stream.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        let text = self.text();
        assert!(text.ends_with("\n\n"));
        let event = |block: &str| {
            let (name, data) = block.split_once('\n').unwrap();
            let name = name.strip_prefix("event: ").unwrap().to_owned();
            (
                name,
                serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap(),
            )
        };
        text.split_terminator("\n\n").map(event).collect()
    }
}

pub(crate) fn simulator() -> Simulator {
    Simulator::start(Config::default()).unwrap()
}

pub(crate) fn connect(simulator: &Simulator) -> TcpStream {
    let address = simulator.address();
    let stream = TcpStream::connect(address.strip_prefix("http://").unwrap()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
}

pub(crate) fn send(
    stream: &mut TcpStream,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}

pub(crate) fn read(stream: &mut TcpStream) -> Answer {
    let mut raw = Vec::new();
    let ended = stream.read_to_end(&mut raw).is_ok();
    let Some(at) = raw.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Answer::default();
    };
    let head = String::from_utf8(raw[..at].to_vec()).unwrap();
    let mut answer = Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        body: raw[at + 4..].to_vec(),
        complete: ended,
    };
    if answer.header("transfer-encoding").is_some() {
        (answer.body, answer.complete) = dechunk(&answer.body);
    }
    answer
}

fn dechunk(mut raw: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    while let Some(at) = raw.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&raw[..at]).unwrap(), 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        let rest = &raw[at + 2..];
        let taken = size.min(rest.len());
        body.extend_from_slice(&rest[..taken]);
        raw = rest.get(size + 2..).unwrap_or_default();
    }
    (body, false)
}

pub(crate) fn call(
    simulator: &Simulator,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut stream = connect(simulator);
    send(&mut stream, method, path, headers, body);
    read(&mut stream)
}

pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const GENERATIONS: &str = "/v1/images/generations";

pub(crate) fn post(simulator: &Simulator, path: &str, body: &Value) -> Answer {
    call(
        simulator,
        "POST",
        path,
        &[JSON],
        body.to_string().as_bytes(),
    )
}

pub(crate) fn generate(simulator: &Simulator, body: &Value) -> Answer {
    post(simulator, GENERATIONS, body)
}

pub(crate) fn picture(base64: &Value) -> image::DynamicImage {
    image::load_from_memory(&bytes(base64)).unwrap()
}

pub(crate) fn bytes(base64: &Value) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD
        .decode(base64.as_str().unwrap())
        .unwrap()
}

pub(crate) fn last(simulator: &Simulator) -> Entry {
    simulator.bill().pop().unwrap()
}

/// Waits until the last entry is as told.
pub(crate) fn wait_for(simulator: &Simulator, test: impl Fn(&Entry) -> bool) -> Entry {
    for _ in 0..500 {
        if let Some(entry) = simulator.bill().pop().filter(&test) {
            return entry;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {:?}", simulator.bill());
}
