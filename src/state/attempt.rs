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
use crate::domain::ledger::{Settlement, Spent};
use crate::domain::money::Usd;
use crate::domain::provider::{Address, Provider};
use crate::domain::queue::{End, Gate, MOST_REPEATS, Pace, Pause, Queued, Stays};
use crate::domain::record::{Attempt, AttemptState, Marks, PictureRecord, VERSION};
use crate::domain::request::ValidRequest;
use crate::domain::size::Size;
use crate::domain::usage::Usage;
use crate::state::archive::put;
use crate::state::error::AppError;
use crate::state::jobs::{Jobs, Phase};
use crate::state::ledger::Booked;
use crate::state::notices::{Action, Bill, Message};
use crate::state::practice;
use crate::state::queue::Began;
use crate::state::unsaved::Held;

use leptos::prelude::*;

/// What a provider gave: pictures that are whole, and how it ended.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    pub pictures: Vec<Picture>,
    pub reply: Reply,
    pub failure: Option<Failure>,
}

/// What it takes to send a request.
#[derive(Debug)]
pub(super) struct Errand<'a> {
    pub row: &'a Queued,
    pub send: ValidRequest,
    pub abort: Abort,
    began: Began,
    /// With this request.
    spent: Option<Spent>,
}

/// How a request ended when it did not end well.
#[derive(Debug)]
pub(super) struct Failure {
    pub error: AppError,
    pub verdict: Verdict,
    /// The reply as it came, where it was paid and is of no other use.
    pub raw: Option<RawBody>,
}

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
    /// The attempt of a row, as it is written before it is sent.
    pub(super) async fn intend(self, row: &Queued) -> Attempt {
        Attempt {
            v: VERSION,
            id: random::id(),
            job: row.job.clone(),
            row: row.key(),
            tab: self.tab_name().await,
            provider: row.provider,
            state: AttemptState::Intent,
            started: clock::now(),
            request: row.request.clone(),
            upper_bound: row.upper_bound,
            note: String::new(),
            raw: None,
        }
    }

    /// Sends a request whose intent is on disk, once, and writes how it ended.
    pub(super) async fn carry_out(self, booked: Booked, began: Began) {
        let Booked {
            attempt,
            row,
            spent,
            ..
        } = booked;
        self.change(&row.job, |job| job.phase = Phase::Sent);
        let catalogue = self.composer.catalogue.get_untracked();
        let valid = row.request.check(catalogue.model(&row.request.model));
        let delivery = match valid {
            Ok(send) => {
                let errand = Errand {
                    abort: self.stopper(&row.job),
                    row: &row,
                    send,
                    began,
                    spent,
                };
                match row.provider {
                    Provider::Practice => practice::draw(self, &errand).await,
                    Provider::OpenAi | Provider::Compatible => self.send(&errand).await,
                }
            }
            Err(_) => failed(Failure::not_executed(AppError::NoLongerValid)),
        };
        self.change(&row.job, |job| job.phase = Phase::Saving);
        self.settle(&row, attempt, delivery).await;
    }

    /// Sends to a server and reads what comes.
    async fn send(self, errand: &Errand<'_>) -> Delivery {
        let address = match self.settings.address_of(&errand.row.address) {
            Ok(address) => address,
            Err(fault) => return failed(Failure::not_executed(AppError::Address(fault))),
        };
        match self.open(errand, &address).await {
            Ok(incoming) if (200..300).contains(&incoming.status) => {
                self.receive(&errand.row.job, incoming).await
            }
            Ok(incoming) => failed(refusal(incoming).await),
            Err(failure) => failed(failure),
        }
    }

    async fn open(self, errand: &Errand<'_>, address: &Address) -> Result<Incoming, Failure> {
        let key = (errand.row.keyed)
            .then(|| self.settings.key_for(address))
            .flatten();
        let request = encode::images(&errand.send, address, key.as_ref(), &random::id());
        let content_type = request.body.content_type().unwrap_or_default();
        let outgoing = Outgoing {
            url: &request.url,
            bearer: request.bearer.as_ref(),
            content_type: &content_type,
            body: self.filled(request.body).await.map_err(fetch_failure)?,
            limits: fetch::Limits::default(),
        };
        if let Err(stays) = self.gate(errand).opens(errand.row) {
            // Nothing was sent: it waits again.
            return Err(Failure {
                error: match stays {
                    Stays::Waits => AppError::Fetch(FetchError::Aborted),
                    Stays::Budget(refusal) => AppError::Budget(refusal),
                },
                verdict: Verdict::RepeatAfter { millis: None },
                raw: None,
            });
        }
        fetch::send(outgoing, &errand.abort)
            .await
            .map_err(fetch_failure)
    }

    /// Looks once more, in the same moment in which it leaves: a tab that was stopped since its intent was written may not
    /// lead any more, and another one may have made the budget smaller.
    fn gate(self, errand: &Errand<'_>) -> Gate {
        Gate {
            leads: self.still_leads(&errand.row.destination),
            millis: errand.began.millis(),
            is_online: fetch::online(),
            is_called_off: errand.abort.is_aborted(),
            budget: self.ledger.still_admits(errand.spent, errand.row),
        }
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
    async fn settle(self, row: &Queued, attempt: Attempt, delivery: Delivery) {
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
            self.pace(&row.destination, Pace::went_well);
            self.save(row, &done, pictures, &reply, Vec::new()).await;
            return;
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
            Verdict::RepeatAfter { millis } if row.repeats < MOST_REPEATS => {
                if matches!(failure.error, AppError::Api(_) | AppError::Reply(_)) {
                    self.pace(&row.destination, Pace::too_many);
                }
                if matches!(failure.error, AppError::Budget(_)) {
                    self.pause(&row.destination, Pause::Budget);
                    self.refused(failure.error, row.provider, row.request.model.clone());
                }
                let wait = backoff::delay_ms(row.repeats, millis, random::unit());
                let end = End::Again(Timestamp(clock::now().0 + wait));
                self.close(row, &failed, None, Vec::new(), end).await;
            }
            Verdict::NotExecuted | Verdict::RepeatAfter { .. } | Verdict::StopQueue => {
                if verdict == Verdict::StopQueue {
                    self.pause(&row.destination, Pause::Refused);
                }
                let action = self.remedy(&failure.error, &failed);
                self.trouble(failure.error, Bill::Nothing, &failed, action);
                self.close(row, &failed, None, Vec::new(), End::Over).await;
            }
            Verdict::Billed(usage) => {
                self.trouble(failure.error, Bill::Paid, &failed, None);
                let settlement = self.settlement(&failed, Some(usage), 0);
                self.close(row, &failed, Some(settlement), Vec::new(), End::Over)
                    .await;
            }
            Verdict::Unknown => self.doubt(row, failed, failure, pictures, &reply).await,
        }
    }

    /// An outcome that may have been billed, or was paid for nothing: booked at its upper bound, kept, said. Pictures that
    /// came whole before it are saved like any other.
    async fn doubt(
        self,
        row: &Queued,
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
        let is_kept = if pictures.is_empty() {
            let settlement = reply
                .usage
                .map(|usage| self.settlement(&attempt, Some(usage), 0));
            self.close(row, &attempt, settlement, kept, End::Over).await
        } else {
            self.save(row, &attempt, pictures, reply, kept).await
        };
        // What the notice offers to download is on disk by now.
        let raw = raw.filter(|_| is_kept);
        self.trouble(failure.error, bill, &attempt, raw.map(Action::DownloadRaw));
        self.unsettled.refresh().await;
    }

    /// Pictures, records, ledger row and the attempt's end in one transaction; then they are shown. Gives whether they are on
    /// disk.
    async fn save(
        self,
        row: &Queued,
        attempt: &Attempt,
        pictures: Vec<Picture>,
        reply: &Reply,
        more: Vec<Op>,
    ) -> bool {
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
        let (ops, unwritable) = match result_ops(&records, &pictures) {
            Ok(ops) => (ops.into_iter().chain(more).collect(), None),
            Err(error) => (more, Some(error)),
        };
        let both: Vec<_> = records.into_iter().zip(pictures).collect();
        let held = Held {
            attempt: attempt.clone(),
            settlement: Some(settlement),
            ops,
            pictures: both,
            end: End::Over,
        };
        let written = match unwritable {
            None => held.save(self.ledger).await,
            Some(error) => Err(error),
        };
        match written {
            Ok((saved, change)) => {
                self.ended(row, change);
                self.remark(attempt, &held.pictures);
                self.remark_cost(attempt, cost);
                self.library.show_saved(saved, held.pictures);
                self.finished.update(|count| *count += 1);
                true
            }
            Err(error) => {
                self.pause(&row.destination, Pause::Storage);
                self.library.hold_unsaved(held, error);
                false
            }
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

    /// Writes the end of an attempt that brought no picture, with what it brought instead. Where even that fails, the next
    /// start calls it unknown. Gives whether it is on disk.
    async fn close(
        self,
        row: &Queued,
        attempt: &Attempt,
        settlement: Option<Settlement>,
        more: Vec<Op>,
        end: End,
    ) -> bool {
        let held = Held {
            attempt: attempt.clone(),
            settlement,
            ops: more,
            pictures: Vec::new(),
            end,
        };
        let written = held.save(self.ledger).await;
        let is_kept = written.is_ok();
        match written {
            Ok((_, change)) => {
                if change.is_none() && matches!(held.end, End::Again(_)) {
                    self.was_settled_elsewhere(attempt).await;
                }
                self.ended(row, change);
            }
            Err(error) if held.ops.is_empty() => self.trouble(
                AppError::Database(error),
                Bill::Possible(attempt.upper_bound),
                attempt,
                None,
            ),
            Err(error) => self.library.hold_unsaved(held, error),
        }
        self.archive.tell_other_tabs();
        is_kept
    }

    /// Another tab took over while this one slept, and called it one that may have been billed. It was not sent; nor is it
    /// any more, and the person has to know.
    async fn was_settled_elsewhere(self, attempt: &Attempt) {
        self.trouble(AppError::TakenOver, Bill::Nothing, attempt, None);
        self.unsettled.refresh().await;
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
