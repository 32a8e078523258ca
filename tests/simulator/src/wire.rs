//! The body of an answer on its way: delayed, dripped, cut, stalled, and counted.

use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use crate::script::{Drip, Script};
use crate::state::Ticket;

/// A part of an answer, and how long to wait before it.
pub(crate) struct Piece {
    pub(crate) after_ms: u64,
    pub(crate) bytes: Bytes,
}

pub(crate) type Sender = UnboundedSender<Piece>;

struct Wire {
    pieces: UnboundedReceiver<Piece>,
    /// What is being sent.
    rest: Bytes,
    /// What is sent again, and how often, when the pieces are through.
    again: (Bytes, u64),
    drip: Option<Drip>,
    cut_at: Option<u64>,
    stall_at: Option<u64>,
    ticket: Ticket,
}

/// A body, and the end into which its pieces are put.
pub(crate) fn body(ticket: Ticket, script: &Script) -> (Sender, Body) {
    let (sender, pieces) = unbounded_channel();
    let again = match (&script.body, script.repeat) {
        (Some(body), Some(times)) => (Bytes::from(body.clone()), times.saturating_sub(1)),
        _ => (Bytes::new(), 0),
    };
    let wire = Wire {
        pieces,
        rest: Bytes::new(),
        again,
        drip: script.drip,
        cut_at: script.cut_at,
        stall_at: script.stall_at,
        ticket,
    };
    let stream = futures_util::stream::unfold(Some(wire), |wire| async { wire?.next().await });
    (sender, Body::from_stream(stream))
}

impl Wire {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Option<Self>)> {
        loop {
            let sent = self.ticket.sent;
            if self.cut_at.is_some_and(|cut_at| sent >= cut_at) {
                // What was sent so far leaves first.
                sleep(Duration::from_millis(20)).await;
                self.ticket.cut();
                return Some((Err(io::ErrorKind::ConnectionAborted.into()), None));
            }
            if self.stall_at.is_some_and(|stall_at| sent >= stall_at) {
                std::future::pending::<()>().await;
            }
            if self.rest.is_empty() && !self.refill().await {
                self.ticket.finish();
                return None;
            }
            if !self.rest.is_empty() {
                return Some((Ok(self.take().await), Some(self)));
            }
        }
    }

    /// The next piece; false at the end.
    async fn refill(&mut self) -> bool {
        if let Some(piece) = self.pieces.recv().await {
            sleep(Duration::from_millis(piece.after_ms)).await;
            self.rest = piece.bytes;
            return true;
        }
        let (body, times) = &mut self.again;
        if *times == 0 || body.is_empty() {
            return false;
        }
        *times -= 1;
        self.rest = body.clone();
        true
    }

    async fn take(&mut self) -> Bytes {
        let mut size = self.rest.len().min(65_536);
        if let Some(drip) = self.drip {
            sleep(Duration::from_millis(drip.every_ms)).await;
            size = size.min(drip.bytes.max(1));
        }
        for end in [self.cut_at, self.stall_at].into_iter().flatten() {
            let left = end.saturating_sub(self.ticket.sent);
            size = size.min(usize::try_from(left).unwrap_or(usize::MAX));
        }
        let taken = self.rest.split_to(size);
        self.ticket.count(size);
        taken
    }
}
