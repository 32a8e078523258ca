//! One request from intent to picture: written before it is sent, saved before it is shown, never sent twice in doubt.

use crate::api::error::{ApiError, Verdict};
use crate::api::multipart::Stretch;
use crate::api::reply::{Piece, Reply, ReplyError, ReplyKind, ReplyReader};
use crate::api::{backoff, encode, http};
use crate::browser::database::{Op, Store};
use crate::browser::error::{DatabaseError, FetchError};
use crate::browser::fetch::{self, Abort, BodyPart, Incoming, Outgoing};
use crate::browser::picture::{Picture, PictureBuilder, RawBody};
use crate::browser::{clock, random};
use crate::domain::date::Timestamp;
use crate::domain::ledger::{Refusal, Settlement};
use crate::domain::money::Usd;
use crate::domain::provider::{Address, Provider};
use crate::domain::record::{Attempt, AttemptState, Marks, PictureRecord, VERSION};
use crate::domain::size::Size;
use crate::domain::usage::Usage;
use crate::state::archive::put;
use crate::state::composer::Planned;
use crate::state::error::AppError;
use crate::state::jobs::{Jobs, Phase};
use crate::state::notices::{Action, Bill, Message};
use crate::state::practice;

use leptos::prelude::*;

/// What a provider gave: pictures that are whole, and how it ended.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    pub pictures: Vec<Picture>,
    pub reply: Reply,
    pub failure: Option<Failure>,
}

/// How a request ended when it did not end well.
#[derive(Debug)]
pub(super) struct Failure {
    pub error: AppError,
    pub verdict: Verdict,
    /// The reply as it came, where it was paid and is of no other use.
    pub raw: Option<RawBody>,
}

/// How often a request is repeated when the provider says that it did nothing.
const MOST_REPEATS: u32 = 8;
/// A result larger than any error: what is read of a refusal.
const REFUSAL_BYTES: usize = 1 << 20;

impl Failure {
    pub(super) fn unknown(error: AppError) -> Self {
        Self {
            error,
            verdict: Verdict::Unknown,
            raw: None,
        }
    }

    pub(super) fn not_executed(error: AppError) -> Self {
        Self {
            error,
            verdict: Verdict::NotExecuted,
            raw: None,
        }
    }
}

impl Jobs {
    /// Runs one request to its end, repeating it only while the provider proves that nothing was executed.
    pub(super) async fn run(self, job: &str, planned: Planned) {
        let Some(abort) = self.stopper(job) else {
            return;
        };
        for repeat in 0..=MOST_REPEATS {
            let Some(wait) = self.attempt(job, &planned, &abort, repeat).await else {
                return;
            };
            let until = Timestamp(clock::now().0 + wait);
            self.change(job, |job| job.phase = Phase::WaitingUntil(until));
            while clock::now() < until && !abort.is_aborted() {
                clock::sleep(250).await;
            }
            if abort.is_aborted() {
                return;
            }
        }
    }

    /// One attempt; gives the milliseconds to wait before another where that is proved to be harmless.
    async fn attempt(
        self,
        job: &str,
        planned: &Planned,
        abort: &Abort,
        repeat: u32,
    ) -> Option<u64> {
        let attempt = self.intend(job, planned).await;
        let provider = attempt.provider;
        let attempt = match self.ledger.reserve(&attempt, planned.estimate.likely).await {
            Ok(booked) => booked,
            Err(error) => {
                let action = match error {
                    AppError::Budget(Refusal::Lines { .. }) => Some(Action::AcceptLoss),
                    AppError::Budget(_) => Some(Action::OpenCosts),
                    _ => None,
                };
                self.trouble(error, Bill::Nothing, &attempt, action);
                return None;
            }
        };
        self.change(job, |job| job.phase = Phase::Sent);
        let delivery = match provider {
            Provider::Practice => practice::draw(self, job, planned, abort).await,
            Provider::OpenAi | Provider::Compatible => self.send(job, planned, abort).await,
        };
        self.change(job, |job| job.phase = Phase::Saving);
        self.settle(attempt, delivery, repeat).await
    }

    async fn intend(self, job: &str, planned: &Planned) -> Attempt {
        Attempt {
            v: VERSION,
            id: random::id(),
            job: job.into(),
            tab: self.tab_name().await,
            provider: self.provider_of(job),
            state: AttemptState::Intent,
            started: clock::now(),
            request: planned.request.clone(),
            upper_bound: planned.estimate.upper_bound,
            note: String::new(),
            raw: None,
        }
    }

    /// The provider that the job was started for, whatever Settings say by now.
    fn provider_of(self, job: &str) -> Provider {
        let rows = self.list.read_untracked();
        rows.rows
            .iter()
            .find(|row| row.id == job)
            .map(|row| row.provider)
            .unwrap_or_default()
    }

    /// Sends to a server and reads what comes.
    async fn send(self, job: &str, planned: &Planned, abort: &Abort) -> Delivery {
        let address = match untrack(|| self.settings.target()) {
            Some(Ok(address)) => address,
            Some(Err(fault)) => return failed(Failure::not_executed(AppError::Address(fault))),
            None => return failed(Failure::not_executed(AppError::NoKey)),
        };
        if !address.is_loopback() && !fetch::online() {
            return failed(Failure::not_executed(AppError::Fetch(FetchError::Offline)));
        }
        match self.open(planned, &address, abort).await {
            Ok(incoming) if (200..300).contains(&incoming.status) => {
                self.receive(job, incoming).await
            }
            Ok(incoming) => failed(refusal(incoming).await),
            Err(error) => failed(fetch_failure(error)),
        }
    }

    async fn open(
        self,
        planned: &Planned,
        address: &Address,
        abort: &Abort,
    ) -> Result<Incoming, FetchError> {
        let key = self.settings.key_for(address);
        let request = encode::images(&planned.send, address, key.as_ref(), &random::id());
        let content_type = request.body.content_type().unwrap_or_default();
        let outgoing = Outgoing {
            url: &request.url,
            bearer: request.bearer.as_ref(),
            content_type: &content_type,
            body: self.filled(request.body).await?,
            limits: fetch::Limits::default(),
        };
        fetch::send(outgoing, abort).await
    }

    /// A body with the stored images in it, which go to the network as they lie there.
    async fn filled(self, body: http::Body) -> Result<fetch::Body, FetchError> {
        let form = match body {
            http::Body::Empty => return Ok(fetch::Body::Empty),
            http::Body::Json(bytes) => return Ok(bytes.into()),
            http::Body::Form(form) => form,
        };
        let not_sent = |error: DatabaseError| FetchError::NotSent(error.to_string());
        let database = self.archive.database().await.map_err(not_sent)?;
        let mut parts = Vec::new();
        for stretch in form.stretches() {
            parts.push(match stretch {
                Stretch::Bytes(bytes) => BodyPart::Bytes(bytes),
                Stretch::Image(image) => {
                    let stored = database.blob(Store::Blobs, &image.blob).await;
                    let stored = stored.map_err(not_sent)?;
                    let gone = || FetchError::NotSent("an image is no longer stored".into());
                    BodyPart::Blob(stored.as_ref().ok_or_else(gone)?.into())
                }
            });
        }
        Ok(fetch::Body::Parts(parts))
    }

    /// Reads a reply while it arrives. Pictures that are whole stay good, whatever comes after them.
    async fn receive(self, job: &str, mut incoming: Incoming) -> Delivery {
        let mut desk = Desk::default();
        let mut reader = ReplyReader::new(ReplyKind::of(incoming.content_type.as_deref()));
        let ended = loop {
            let chunk = match incoming.next().await {
                Ok(Some(chunk)) => chunk,
                Ok(None) => {
                    break reader
                        .finish(&mut |piece| desk.take(piece))
                        .map_err(AppError::Reply);
                }
                Err(error) => break Err(AppError::Fetch(error)),
            };
            let read = reader.push(&chunk.bytes, &mut |piece| desk.take(piece));
            if let Some(preview) = desk.finish_pictures().await {
                self.show_preview(job, &preview);
            }
            self.change(job, |job| job.phase = Phase::Receiving(incoming.received()));
            if let Err(error) = read {
                // The rest is read all the same: what was paid for is kept as it came.
                while let Ok(Some(_)) = incoming.next().await {}
                break Err(AppError::Reply(error));
            }
        };
        desk.finish_pictures().await;
        let failure = match &ended {
            Ok(_) if desk.holds_no_picture => Some(Failure {
                verdict: Verdict::Unknown,
                raw: incoming.raw().ok(),
                error: AppError::Reply(ReplyError::Junk),
            }),
            Ok(_) => None,
            Err(AppError::Reply(error)) => Some(Failure {
                verdict: error.verdict(),
                raw: if error.is_paid_and_broken() {
                    incoming.raw().ok()
                } else {
                    None
                },
                error: AppError::Reply(error.clone()),
            }),
            Err(error) => Some(Failure::unknown(error.clone())),
        };
        Delivery {
            pictures: desk.finished,
            reply: ended.unwrap_or_default(),
            failure,
        }
    }

    /// Writes how an attempt ended, and only then shows it.
    async fn settle(self, attempt: Attempt, delivery: Delivery, repeat: u32) -> Option<u64> {
        let Delivery {
            pictures,
            reply,
            failure,
        } = delivery;
        let Some(failure) = failure else {
            let done = Attempt {
                state: AttemptState::Done,
                ..attempt
            };
            self.save(&done, pictures, &reply, Vec::new()).await;
            return None;
        };
        let verdict = if pictures.is_empty() {
            failure.verdict
        } else {
            Verdict::Unknown
        };
        let failed = Attempt {
            state: AttemptState::Failed,
            note: failure.error.to_string(),
            ..attempt
        };
        match verdict {
            Verdict::RepeatAfter { millis } if repeat < MOST_REPEATS => {
                self.close(&failed, None, Vec::new()).await;
                return Some(backoff::delay_ms(repeat, millis, random::unit()));
            }
            Verdict::NotExecuted | Verdict::RepeatAfter { .. } | Verdict::StopQueue => {
                let action = self.remedy(&failure.error, &failed);
                self.trouble(failure.error, Bill::Nothing, &failed, action);
                self.close(&failed, None, Vec::new()).await;
            }
            Verdict::Billed(usage) => {
                self.trouble(failure.error, Bill::Paid, &failed, None);
                let settlement = self.settlement(&failed, Some(usage), 0);
                self.close(&failed, Some(settlement), Vec::new()).await;
            }
            Verdict::Unknown => self.doubt(failed, failure, pictures, &reply).await,
        }
        None
    }

    /// An outcome that may have been billed, or was paid for nothing: booked at its upper bound, kept, said. Pictures that
    /// came whole before it are saved like any other.
    async fn doubt(
        self,
        attempt: Attempt,
        failure: Failure,
        pictures: Vec<Picture>,
        reply: &Reply,
    ) {
        let raw = failure.raw.as_ref().map(|_| attempt.id.clone());
        let (state, bill) = match raw {
            Some(_) => (AttemptState::PaidBroken, Bill::Paid),
            None => (AttemptState::Unknown, Bill::Possible(attempt.upper_bound)),
        };
        let attempt = Attempt {
            state,
            raw: raw.clone(),
            ..attempt
        };
        let kept = failure.raw.as_ref().map(|body| Op::PutBlob {
            store: Store::Quarantine,
            key: attempt.id.clone(),
            blob: body.into(),
        });
        let kept = kept.into_iter().collect();
        if pictures.is_empty() {
            let settlement = reply
                .usage
                .map(|usage| self.settlement(&attempt, Some(usage), 0));
            self.close(&attempt, settlement, kept).await;
        } else {
            self.save(&attempt, pictures, reply, kept).await;
        }
        // What the notice offers to download is on disk by now.
        self.trouble(failure.error, bill, &attempt, raw.map(Action::DownloadRaw));
        self.unsettled.refresh().await;
    }

    /// Pictures, records, ledger row and the attempt's end in one transaction; then they are shown.
    async fn save(self, attempt: &Attempt, pictures: Vec<Picture>, reply: &Reply, more: Vec<Op>) {
        let made = clock::now();
        let settlement = self.settlement(attempt, reply.usage, pictures.len());
        let cost = settlement.cost;
        let share = match attempt.provider {
            Provider::Practice => Some(Usd::ZERO),
            Provider::OpenAi | Provider::Compatible => settlement.cost_of_one(),
        };
        let records: Vec<PictureRecord> = pictures
            .iter()
            .enumerate()
            .map(|(index, picture)| picture_record(attempt, picture, made, share, reply, index))
            .collect();
        let written = match result_ops(&records, &pictures) {
            Ok(ops) => {
                let all = ops.into_iter().chain(more).collect();
                self.ledger.end(attempt, Some(settlement), all).await
            }
            Err(error) => Err(error),
        };
        let both: Vec<_> = records.into_iter().zip(pictures).collect();
        match written {
            Ok(saved) => {
                self.remark(attempt, &both);
                self.remark_cost(attempt, cost);
                self.library.show_saved(saved, both);
                self.finished.update(|count| *count += 1);
            }
            Err(error) => self
                .library
                .hold_unsaved(both, error, attempt.request.model.clone()),
        }
    }

    fn settlement(self, attempt: &Attempt, usage: Option<Usage>, pictures: usize) -> Settlement {
        let catalogue = self.composer.catalogue.get_untracked();
        Settlement::of(attempt, usage, pictures, &catalogue)
    }

    /// A cost that was not said, or is above all that was thought possible.
    fn remark_cost(self, attempt: &Attempt, cost: Option<Usd>) {
        let Some(most) = attempt.upper_bound else {
            return;
        };
        match cost {
            _ if attempt.provider == Provider::Practice => {}
            None => self.notices.say(Message::CostUnsaid { most }),
            Some(cost) if cost > most => {
                self.notices.say(Message::DearerThanThought { cost, most });
            }
            Some(_) => {}
        }
    }

    /// What came otherwise than it was asked for.
    fn remark(self, attempt: &Attempt, pictures: &[(PictureRecord, Picture)]) {
        let (asked, came) = (
            attempt.request.n,
            u32::try_from(pictures.len()).unwrap_or(u32::MAX),
        );
        if attempt.state == AttemptState::Done && came < asked {
            self.notices.say(Message::Fewer { asked, came });
        }
        let other = pictures
            .iter()
            .map(|(record, _)| (record.width, record.height))
            .find(|(width, height)| {
                let asked = attempt.request.size.pixels();
                *width > 0
                    && asked.is_some_and(|asked| (asked.width, asked.height) != (*width, *height))
            });
        if let (Some((width, height)), Size::Pixels(asked)) = (other, attempt.request.size) {
            self.notices.say(Message::OtherSize {
                asked: asked.to_string(),
                came: format!("{width}x{height}"),
            });
        }
    }

    /// Writes the end of an attempt that brought nothing. Where even that fails, the next start calls it unknown.
    async fn close(self, attempt: &Attempt, settlement: Option<Settlement>, more: Vec<Op>) {
        if let Err(error) = self.ledger.end(attempt, settlement, more).await {
            self.trouble(
                AppError::Database(error),
                Bill::Possible(attempt.upper_bound),
                attempt,
                None,
            );
        }
        self.archive.tell_other_tabs();
    }

    fn trouble(self, error: AppError, bill: Bill, attempt: &Attempt, action: Option<Action>) {
        let (provider, model) = (attempt.provider, attempt.request.model.clone());
        self.notices.say_with(
            Message::Trouble {
                error,
                bill,
                provider,
                model,
            },
            action,
        );
    }

    /// The button that mends it, where there is one.
    fn remedy(self, error: &AppError, attempt: &Attempt) -> Option<Action> {
        let api = match error {
            AppError::Api(error) | AppError::Reply(ReplyError::Api { error, .. }) => error,
            AppError::NoKey | AppError::Address(_) => return Some(Action::OpenSettings),
            _ => return None,
        };
        match api {
            ApiError::InvalidKey => Some(Action::OpenSettings),
            ApiError::ModelNotFound => {
                let catalogue = self.composer.catalogue.get_untracked();
                let known = catalogue.known(&attempt.request.model)?;
                known.lifecycle.replacement.clone().map(Action::MoveTo)
            }
            _ => None,
        }
    }
}

/// The pictures of a result, and their records.
fn result_ops(records: &[PictureRecord], pictures: &[Picture]) -> Result<Vec<Op>, DatabaseError> {
    let mut ops = Vec::new();
    for (record, picture) in records.iter().zip(pictures) {
        ops.push(Op::PutBlob {
            store: Store::Blobs,
            key: record.blob.clone(),
            blob: picture.into(),
        });
        ops.push(put(Store::Pictures, &record.id, record)?);
    }
    Ok(ops)
}

fn picture_record(
    attempt: &Attempt,
    picture: &Picture,
    made: Timestamp,
    cost: Option<Usd>,
    reply: &Reply,
    index: usize,
) -> PictureRecord {
    let pixels = picture.pixels().unwrap_or_default();
    PictureRecord {
        v: VERSION,
        id: random::id(),
        job: attempt.job.clone(),
        attempt: attempt.id.clone(),
        provider: attempt.provider,
        made,
        request: attempt.request.clone(),
        blob: picture.key().into(),
        media_type: picture.media_type().into(),
        width: pixels.width,
        height: pixels.height,
        bytes: picture.bytes_len(),
        cost,
        revised_prompt: reply
            .pictures
            .get(index)
            .and_then(|notes| notes.revised_prompt.clone()),
        deleted: None,
        marks: Marks::default(),
    }
}

/// Puts the pieces of a reply together.
#[derive(Default)]
struct Desk {
    open: Option<PictureBuilder>,
    ended: Vec<PictureBuilder>,
    whole: Vec<PictureBuilder>,
    preview: Option<PictureBuilder>,
    finished: Vec<Picture>,
    /// Something that was sent as a picture is none.
    holds_no_picture: bool,
}

impl Desk {
    fn take(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Bytes(bytes) => self.open.get_or_insert_default().push(bytes),
            Piece::EndOfPicture => self.ended.extend(self.open.take()),
            Piece::Preview { .. } => self.preview = self.ended.drain(..).next_back(),
            Piece::Completed => self.whole.append(&mut self.ended),
        }
    }

    /// Makes pictures of what is whole by now; gives the newest preview.
    async fn finish_pictures(&mut self) -> Option<Picture> {
        for builder in self.whole.drain(..) {
            match builder.finish().await {
                Ok(picture) if picture.media_type().starts_with("image/") => {
                    self.finished.push(picture);
                }
                _ => self.holds_no_picture = true,
            }
        }
        self.preview.take()?.finish().await.ok()
    }
}

fn failed(failure: Failure) -> Delivery {
    Delivery {
        failure: Some(failure),
        ..Delivery::default()
    }
}

/// Reads the body of a refusal and sorts it. One that breaks off proves nothing, whatever came of it: its status alone counts.
async fn refusal(mut incoming: Incoming) -> Failure {
    let mut body = Vec::new();
    loop {
        match incoming.next().await {
            Ok(Some(chunk)) => body.extend(chunk.bytes),
            Ok(None) => break,
            Err(error) => {
                return Failure {
                    verdict: ApiError::read(incoming.status, None, None, &[]).verdict(),
                    error: AppError::Fetch(error),
                    raw: None,
                };
            }
        }
        if body.len() > REFUSAL_BYTES {
            break;
        }
    }
    let (after, after_ms) = (
        incoming.retry_after.as_deref(),
        incoming.retry_after_ms.as_deref(),
    );
    let error = ApiError::read(incoming.status, after, after_ms, &body);
    Failure {
        verdict: error.verdict(),
        error: AppError::Api(error),
        raw: None,
    }
}

/// Only a request that never left is proved not executed.
fn fetch_failure(error: FetchError) -> Failure {
    match error {
        FetchError::NotSent(_) => Failure::not_executed(AppError::Fetch(error)),
        FetchError::Offline
        | FetchError::Aborted
        | FetchError::TimedOut { .. }
        | FetchError::Network(_)
        | FetchError::TooLarge => Failure::unknown(AppError::Fetch(error)),
    }
}
