//! What the app has to say: each notice is a fact, put into words when it is shown, so that it follows the language.

use leptos::prelude::*;

use crate::api::error::{ApiError, Verdict};
use crate::api::reply::ReplyError;
use crate::browser::error::{DatabaseError, FetchError};
use crate::domain::date::Date;
use crate::domain::intake::{Conversion, MOST_EDGE, MOST_PIXELS, Unfit};
use crate::domain::ledger::Refusal;
use crate::domain::listing::Learned;
use crate::domain::mask::png::{ExportFault, ImportFault};
use crate::domain::model::FORMAT;
use crate::domain::money::Usd;
use crate::domain::price_file::{Figure, PriceFileFault};
use crate::domain::provider::{AddressFault, Provider};
use crate::domain::size::shown_bytes;
use crate::state::error::AppError;
use crate::state::storage::Hindrance;
use crate::state::words::{AllWords, fill};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A request failed, and what that may have cost.
    Trouble {
        error: AppError,
        bill: Bill,
        provider: Provider,
        model: String,
    },
    /// Fewer pictures came than were asked for.
    Fewer {
        asked: u32,
        came: u32,
    },
    /// A picture of another size came.
    OtherSize {
        asked: String,
        came: String,
    },
    /// Pictures were deleted; they can be brought back.
    Deleted {
        ids: Vec<String>,
    },
    /// So many pictures are gone for good, and what that freed.
    Purged {
        pictures: usize,
        bytes: u64,
    },
    Copied,
    /// A result came without a word of what it cost.
    CostUnsaid {
        most: Usd,
    },
    /// A result cost more than was thought possible.
    DearerThanThought {
        cost: Usd,
        most: Usd,
    },
    /// Four fifths of a budget are spent.
    BudgetNearlySpent {
        left: Option<Usd>,
    },
    /// The clock says an earlier day than one that requests were sent on: what is sent counts on that one.
    ClockBehind {
        clock: Date,
        counted: Date,
    },
    /// So many days were added up anew from the ledger's lines.
    SumsMended {
        days: u32,
    },
    KeySaved {
        origin: String,
    },
    KeyForgotten,
    /// Stored rows that cannot be read, and were set aside.
    Damaged {
        rows: usize,
    },
    /// Bytes that should be stored under this key are not.
    BytesGone {
        key: String,
    },
    /// The provider's list of models came, and what it brought.
    ModelsListed {
        all: usize,
        learned: Learned,
    },
    /// Something else came than a list of models.
    ModelsUnread,
    /// A price file cannot take the place of what is in use.
    PricesRefused(PriceFileFault),
    /// A price file is in use.
    PricesUsed {
        date: Date,
        /// It will be there after a reload.
        is_kept: bool,
    },
    PricesBuiltIn {
        date: Date,
    },
    /// A mask has fewer levels of alpha than were drawn.
    MaskSimplified {
        levels: u16,
    },
    MaskNotMade(ExportFault),
    /// A file is no mask for this image.
    MaskRefused(ImportFault),
    /// A file or a picture did not become an image of the request.
    ImageRefused {
        name: String,
        unfit: Unfit,
        /// What it could be made into.
        conversion: Option<Conversion>,
    },
    /// So many images of a request are no longer stored.
    ImagesGone {
        n: usize,
    },
    /// What another app shared could not be kept.
    NotShared,
    /// A picture could not be written into the person's folder; it is in the library all the same.
    FolderFailed {
        folder: String,
        reason: String,
    },
    /// So many pictures are in no backup, and so many days have gone since the last one, if there was any.
    BackupDue {
        new: u64,
        days: Option<u64>,
    },
}

/// What is known about the cost of something that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bill {
    /// Proved: nothing.
    Nothing,
    /// It may have been billed, up to this where that is known.
    Possible(Option<Usd>),
    /// It was paid, and the reply is of no use.
    Paid,
}

/// A button on a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    OpenSettings,
    OpenCosts,
    Undelete(Vec<String>),
    MoveTo(String),
    DownloadRaw(String),
    /// The rows that were set aside.
    DownloadDamaged,
    /// Go on without the lines of the ledger that cannot be read.
    AcceptLoss,
    /// The clock is right, and was wrong before.
    TrustClock,
    /// Make something of a file that is not fit as it is.
    Convert {
        offer: u64,
        conversion: Conversion,
    },
}

/// A notice on the page.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    pub id: u64,
    pub message: Message,
    pub action: Option<Action>,
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// An alert interrupts; the others wait for a pause.
    pub is_alert: bool,
    pub title: String,
    pub billed: Option<String>,
    pub advice: Option<String>,
    /// What the provider said, word for word.
    pub quote: Option<String>,
}

/// All notices, newest last.
#[derive(Debug, Clone, Copy)]
pub struct Notices {
    pub list: RwSignal<Vec<Notice>>,
    next: StoredValue<u64>,
}

const MOST_SHOWN: usize = 5;

impl Default for Notices {
    fn default() -> Self {
        Self {
            list: RwSignal::default(),
            next: StoredValue::new(0),
        }
    }
}

impl Notices {
    pub fn say(self, message: Message) {
        self.say_with(message, None);
    }

    /// Says a trouble that belongs to no request: nothing was billed. That another tab is in the way stands on the page as
    /// long as it is true.
    pub fn trouble(self, error: AppError) {
        if error == AppError::Database(DatabaseError::Blocked) {
            return;
        }
        self.say(Message::Trouble {
            error,
            bill: Bill::Nothing,
            provider: Provider::default(),
            model: String::new(),
        });
    }

    /// Says it once: the same message again replaces the older one.
    pub fn say_with(self, message: Message, action: Option<Action>) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.list.update(|list| {
            list.retain(|notice| notice.message != message);
            list.push(Notice {
                id,
                message,
                action,
            });
            let surplus = list.len().saturating_sub(MOST_SHOWN);
            list.drain(..surplus);
        });
    }

    pub fn dismiss(self, id: u64) {
        self.list
            .update(|list| list.retain(|notice| notice.id != id));
    }

    /// Takes away what no longer holds.
    pub fn withdraw(self, holds: impl Fn(&Message) -> bool) {
        if self
            .list
            .with_untracked(|list| list.iter().any(|notice| !holds(&notice.message)))
        {
            self.list
                .update(|list| list.retain(|notice| holds(&notice.message)));
        }
    }
}

/// Puts a message into words. Total: a new error does not compile until it has words.
#[must_use]
pub fn explain(message: &Message, w: &AllWords) -> Explained {
    match message {
        Message::Trouble {
            error,
            bill,
            provider,
            model,
        } => Explained {
            billed: Some(billed(*bill, *provider, w)),
            ..explain_error(error, model, w)
        },
        Message::Fewer { asked, came } => Explained {
            is_alert: true,
            advice: Some(w.fewer_advice.into()),
            ..status(fill(
                w.fewer,
                &[("asked", &asked.to_string()), ("came", &came.to_string())],
            ))
        },
        Message::OtherSize { asked, came } => {
            status(fill(w.other_size, &[("asked", asked), ("came", came)]))
        }
        Message::Deleted { ids } => deleted(ids.len(), w),
        Message::Purged { pictures, bytes } => purged(*pictures, *bytes, w),
        Message::CostUnsaid { most } => status(fill(w.cost_unsaid, &[("most", &most.shown_up())])),
        Message::DearerThanThought { cost, most } => status(fill(
            w.dearer_than_thought,
            &[("cost", &cost.shown_up()), ("most", &most.shown())],
        )),
        Message::BudgetNearlySpent { left } => status(fill(
            w.budget_nearly_spent,
            &[("left", &left.unwrap_or_default().shown())],
        )),
        Message::ClockBehind { clock, counted } => {
            let (clock, counted) = (clock.to_string(), counted.to_string());
            let places = [("clock", &*clock), ("counted", &*counted)];
            alert(
                &fill(w.clock_behind, &places),
                &fill(w.clock_behind_advice, &places),
            )
        }
        Message::SumsMended { days } => status(fill(w.sums_mended, &[("n", &days.to_string())])),
        Message::Copied => status(w.copied.into()),
        Message::KeySaved { origin } => status(fill(w.key_saved, &[("origin", origin)])),
        Message::KeyForgotten => status(w.key_forgotten.into()),
        Message::Damaged { rows } => status(fill(w.damaged, &[("n", &rows.to_string())])),
        Message::BytesGone { key } => quoted(status(w.bytes_gone.into()), key.clone()),
        Message::ModelsListed { all, learned } => status(fill(
            w.models_listed,
            &[
                ("n", &all.to_string()),
                ("names", &learned.names.to_string()),
                ("dates", &learned.dates.to_string()),
            ],
        )),
        Message::ModelsUnread => alert(w.models_unread, w.not_sent_advice),
        Message::PricesRefused(fault) => explain_price_file(fault, w),
        Message::PricesUsed { date, is_kept } => {
            let text = match is_kept {
                true => w.prices_used,
                false => w.prices_not_kept,
            };
            status(fill(text, &[("date", &date.to_string())]))
        }
        Message::ImageRefused {
            name,
            unfit,
            conversion,
        } => explain_unfit(name, *unfit, *conversion, w),
        Message::ImagesGone { n } => status(fill(w.images_gone, &[("n", &n.to_string())])),
        Message::NotShared => alert(w.not_shared, w.not_shared_advice),
        Message::FolderFailed { folder, reason } => folder_failed(folder, reason, w),
        Message::BackupDue { new, days } => backup_due(*days, *new, w),
        Message::PricesBuiltIn { date } => status(fill(
            w.prices_built_in_again,
            &[("date", &date.to_string())],
        )),
        Message::MaskSimplified { levels } => {
            status(fill(w.mask_simplified, &[("levels", &levels.to_string())]))
        }
        Message::MaskNotMade(_) => alert(w.mask_not_made, w.mask_not_made_advice),
        Message::MaskRefused(fault) => {
            let title = match fault {
                ImportFault::NotAPng => w.mask_not_png.into(),
                ImportFault::Damaged => w.mask_damaged.into(),
                ImportFault::TooLarge => w.mask_too_many_pixels.into(),
                ImportFault::AnotherSize { found, wanted } => fill(
                    w.mask_other_size,
                    &[
                        ("found", &found.to_string()),
                        ("wanted", &wanted.to_string()),
                    ],
                ),
            };
            alert(&title, w.mask_refused_advice)
        }
    }
}

fn folder_failed(folder: &str, reason: &str, w: &AllWords) -> Explained {
    let title = fill(w.folder_failed, &[("name", folder)]);
    quoted(alert(&title, w.folder_failed_advice), reason.to_owned())
}

fn backup_due(days: Option<u64>, new: u64, w: &AllWords) -> Explained {
    Explained {
        advice: Some(w.backup_due_advice.into()),
        ..status(last_backup(days, new, w))
    }
}

/// When the last backup was, and what has come since.
#[must_use]
pub fn last_backup(days: Option<u64>, new: u64, w: &AllWords) -> String {
    let text = match days {
        None => w.backup_never,
        Some(0) => w.backup_today,
        Some(_) => w.backup_last,
    };
    let days = days.unwrap_or_default().to_string();
    fill(text, &[("days", &days), ("n", &new.to_string())])
}

fn deleted(pictures: usize, w: &AllWords) -> Explained {
    status(match pictures {
        1 => w.deleted.into(),
        n => fill(w.deleted_many, &[("n", &n.to_string())]),
    })
}

fn purged(pictures: usize, bytes: u64, w: &AllWords) -> Explained {
    let (n, size) = (pictures.to_string(), shown_bytes(bytes));
    status(fill(w.purged, &[("n", &n), ("size", &size)]))
}

fn billed(bill: Bill, provider: Provider, w: &AllWords) -> String {
    match (provider, bill) {
        (Provider::Practice, _) => w.billed_practice.into(),
        (_, Bill::Nothing) => w.billed_nothing.into(),
        (_, Bill::Possible(Some(most))) => {
            fill(w.billed_possible_up_to, &[("most", &most.shown_up())])
        }
        (_, Bill::Possible(None)) => w.billed_possible.into(),
        (_, Bill::Paid) => w.billed_paid.into(),
    }
}

fn status(title: String) -> Explained {
    Explained {
        is_alert: false,
        title,
        billed: None,
        advice: None,
        quote: None,
    }
}

fn alert(title: &str, advice: &str) -> Explained {
    Explained {
        is_alert: true,
        title: title.into(),
        billed: None,
        advice: Some(advice.into()),
        quote: None,
    }
}

fn explain_error(error: &AppError, model: &str, w: &AllWords) -> Explained {
    match error {
        AppError::Api(error) => explain_api(error, model, w),
        AppError::Reply(ReplyError::Api { error, .. }) => explain_api(error, model, w),
        AppError::Reply(error) => explain_reply(error, w),
        AppError::Fetch(error) => explain_fetch(error, w),
        AppError::NotRecorded(error) => quoted(
            alert(w.not_recorded, storage_advice(error, w)),
            error.to_string(),
        ),
        AppError::Hindered(hindrance) => explain_hindrance(*hindrance, w),
        AppError::Database(error) => quoted(
            alert(w.storage_trouble, storage_advice(error, w)),
            error.to_string(),
        ),
        AppError::File(error) => quoted(
            alert(w.file_trouble, w.file_trouble_advice),
            error.to_string(),
        ),
        AppError::Address(fault) => alert(w.address_trouble, &address_advice(fault, w)),
        AppError::Budget(refusal) => explain_refusal(*refusal, w),
        AppError::NoKey => alert(w.no_key, w.no_key_advice),
        AppError::NoLongerValid => alert(w.no_longer_valid, w.no_longer_valid_advice),
        AppError::TakenOver => alert(w.taken_over, w.taken_over_advice),
        AppError::PracticeRefused => alert(w.moderated, w.practice_refused_advice),
        AppError::PracticeDropped => alert(w.network, w.practice_dropped_advice),
        AppError::PracticeFormat { format } => alert(
            &fill(w.practice_format, &[("format", format)]),
            w.practice_format_advice,
        ),
    }
}

fn explain_unfit(
    name: &str,
    unfit: Unfit,
    conversion: Option<Conversion>,
    w: &AllWords,
) -> Explained {
    let (why, advice) = match unfit {
        Unfit::Empty => (w.unfit_empty.into(), w.unfit_save_anew),
        Unfit::NotAPicture => (w.unfit_not_a_picture.into(), w.unfit_take_others),
        Unfit::Drawing => (w.unfit_drawing.into(), w.unfit_drawing_advice),
        Unfit::Kind => (w.unfit_kind.into(), w.unfit_take_others),
        Unfit::Animated => (w.unfit_animated.into(), w.unfit_take_others),
        Unfit::ForPrint => (w.unfit_for_print.into(), w.unfit_take_others),
        Unfit::Damaged => (w.unfit_damaged.into(), w.unfit_save_anew),
        Unfit::CutShort => (w.unfit_cut_short.into(), w.unfit_copy_again),
        Unfit::TooLarge(pixels) => {
            let (edge, most) = (MOST_EDGE.to_string(), (MOST_PIXELS / 1_000_000).to_string());
            let size = pixels.to_string();
            let places = [("size", &*size), ("edge", &*edge), ("most", &*most)];
            (fill(w.unfit_too_large, &places), w.unfit_make_smaller)
        }
        Unfit::TooHeavy { bytes, max_bytes } => {
            let megabytes = |bytes: u64| (bytes / 1_000_000).to_string();
            let (n, max) = (megabytes(bytes), megabytes(max_bytes));
            let places = [("n", &*n), ("max", &*max)];
            (fill(w.unfit_too_heavy, &places), w.unfit_make_smaller)
        }
        Unfit::TooMany { max } => {
            let max = max.to_string();
            let why = fill(w.unfit_too_many, &[("max", &max)]);
            (why, w.unfit_too_many_advice)
        }
        Unfit::NoEdits => (w.unfit_no_edits.into(), w.unfit_no_edits_advice),
        Unfit::NotOpened => (w.unfit_not_opened.into(), w.unfit_save_anew),
    };
    let advice = match conversion {
        Some(Conversion {
            is_first_frame: true,
            ..
        }) => w.convert_still_advice,
        Some(_) => w.convert_smaller_advice,
        None => advice,
    };
    alert(
        &fill(w.image_refused, &[("why", &why), ("name", name)]),
        advice,
    )
}

/// The name of a button that converts.
#[must_use]
pub fn conversion_name(conversion: Conversion, w: &AllWords) -> String {
    let text = match conversion.is_first_frame {
        true => w.convert_first_frame,
        false => w.convert,
    };
    let places = [
        ("kind", kind_name(conversion.media_type)),
        ("size", &*conversion.pixels.to_string()),
    ];
    fill(text, &places)
}

/// A kind of picture as people call it.
#[must_use]
pub fn kind_name(media_type: &str) -> &'static str {
    match media_type {
        "image/jpeg" => "JPEG",
        "image/webp" => "WebP",
        _ => "PNG",
    }
}

fn quoted(explained: Explained, quote: String) -> Explained {
    Explained {
        quote: (!quote.is_empty()).then_some(quote),
        ..explained
    }
}

fn explain_api(error: &ApiError, model: &str, w: &AllWords) -> Explained {
    match error {
        ApiError::Moderated {
            stage, categories, ..
        } => {
            let blocked = if stage.as_deref() == Some("output") {
                w.moderated_output
            } else {
                w.moderated
            };
            quoted(alert(blocked, w.moderated_advice), categories.join(", "))
        }
        ApiError::BillingLimit => alert(w.billing_limit, w.billing_limit_advice),
        ApiError::Quota { code } => quoted(alert(w.quota, w.quota_advice), code.clone()),
        ApiError::InvalidKey => alert(w.invalid_key, w.invalid_key_advice),
        ApiError::NotVerified { message } => quoted(
            alert(w.not_verified, w.not_verified_advice),
            message.clone(),
        ),
        ApiError::Region => alert(w.region, w.region_advice),
        ApiError::ModelNotFound => alert(
            &fill(w.model_not_found, &[("model", model)]),
            w.model_not_found_advice,
        ),
        ApiError::RateLimited { .. } => alert(w.rate_limited, w.rate_limited_advice),
        ApiError::SlowDown { .. } => alert(w.slow_down, w.rate_limited_advice),
        ApiError::Overloaded => alert(w.overloaded, w.unknown_advice),
        ApiError::Invalid { param, message } => {
            let title = match param {
                Some(param) => fill(w.invalid_param, &[("param", param)]),
                None => w.invalid.into(),
            };
            quoted(alert(&title, w.invalid_advice), message.clone())
        }
        ApiError::Refused { status, message } => {
            // 408 and 409 are no clear refusal: the request may have been drawn all the same.
            let (title, advice) = if error.verdict() == Verdict::Unknown {
                (w.unsettled_status, w.unknown_advice)
            } else {
                (w.refused, w.refused_advice)
            };
            quoted(
                alert(&fill(title, &[("status", &status.to_string())]), advice),
                message.clone(),
            )
        }
        ApiError::Server { status, message } => {
            let title = match status {
                // Said inside a stream that had begun well.
                200..300 => w.failed_midway.into(),
                _ => fill(w.server_failed, &[("status", &status.to_string())]),
            };
            quoted(alert(&title, w.unknown_advice), message.clone())
        }
        ApiError::NotTheApi { status, excerpt } => quoted(
            alert(
                &fill(w.not_the_api, &[("status", &status.to_string())]),
                w.not_the_api_advice,
            ),
            excerpt.clone(),
        ),
    }
}

fn explain_reply(error: &ReplyError, w: &AllWords) -> Explained {
    let (title, advice) = match error {
        ReplyError::CutShort { .. } | ReplyError::Api { .. } => (w.cut_short, w.unknown_advice),
        ReplyError::NotJson => (w.reply_not_json, w.reply_kept_advice),
        ReplyError::Junk => (w.reply_junk, w.reply_kept_advice),
        ReplyError::Empty => (w.reply_empty, w.reply_kept_advice),
        ReplyError::OnlyAddresses => (w.reply_addresses, w.reply_kept_advice),
        ReplyError::TooMuch => (w.reply_too_much, w.reply_kept_advice),
    };
    alert(title, advice)
}

fn explain_fetch(error: &FetchError, w: &AllWords) -> Explained {
    let (title, advice) = match error {
        FetchError::NotSent(_) => (w.not_sent, w.not_sent_advice),
        FetchError::Offline => (w.offline, w.offline_advice),
        FetchError::Aborted => (w.aborted, w.aborted_advice),
        FetchError::TimedOut { .. } => (w.timed_out, w.unknown_advice),
        FetchError::Network(_) => (w.network, w.network_advice),
        FetchError::TooLarge => (w.too_large, w.unknown_advice),
    };
    alert(title, advice)
}

fn explain_refusal(refusal: Refusal, w: &AllWords) -> Explained {
    let over = |text: &str, left: Usd, needed: Usd| {
        let places = [("left", &*left.shown()), ("needed", &*needed.shown_up())];
        alert(&fill(text, &places), w.over_budget_advice)
    };
    match refusal {
        Refusal::Day { left, needed } => over(w.over_budget_day, left, needed),
        Refusal::Month { left, needed } => over(w.over_budget_month, left, needed),
        Refusal::Batch { limit, needed } => over(w.over_budget_batch, limit, needed),
        Refusal::NoBound => alert(w.no_bound, w.no_bound_advice),
        Refusal::Damaged => alert(w.sums_damaged, w.sums_damaged_advice),
        Refusal::Lines { lines } => alert(
            &fill(w.lines_damaged, &[("n", &lines.to_string())]),
            w.lines_damaged_advice,
        ),
    }
}

fn explain_hindrance(hindrance: Hindrance, w: &AllWords) -> Explained {
    let (title, advice) = match hindrance {
        Hindrance::InTab => (w.in_tab, w.hindered_in_tab),
        Hindrance::NoLocks => (w.no_locks, w.hindered_no_locks),
        Hindrance::NewerSchema => (w.newer_schema, w.storage_newer),
        Hindrance::GivenUp => (w.given_up, w.storage_given_up),
        Hindrance::Evicted => (w.evicted, w.hindered_evicted),
        Hindrance::Unsaved => (w.waits_to_be_saved, w.hindered_unsaved),
        Hindrance::Full => (w.no_room, w.storage_full),
    };
    alert(title, advice)
}

fn explain_price_file(fault: &PriceFileFault, w: &AllWords) -> Explained {
    let title = match fault {
        PriceFileFault::Unread => w.price_file_unread.into(),
        PriceFileFault::TooLarge => w.price_file_too_large.into(),
        PriceFileFault::Malformed(_) => w.price_file_malformed.into(),
        PriceFileFault::Format(format) => fill(
            w.price_file_format,
            &[
                ("format", &format.to_string()),
                ("own", &FORMAT.to_string()),
            ],
        ),
        PriceFileFault::Contradiction(place) => {
            fill(w.price_file_contradiction, &[("place", place)])
        }
        PriceFileFault::NotNewer { file, present } => fill(
            w.price_file_not_newer,
            &[
                ("file", &file.to_string()),
                ("present", &present.to_string()),
            ],
        ),
        PriceFileFault::Future(file) => fill(w.price_file_future, &[("file", &file.to_string())]),
        PriceFileFault::NoModels => w.price_file_no_models.into(),
        PriceFileFault::BadName(name) => fill(w.price_file_bad_name, &[("name", name)]),
        PriceFileFault::NamedTwice(name) => fill(w.price_file_named_twice, &[("name", name)]),
        PriceFileFault::Implausible { place, figure } => {
            let figure = match figure {
                Figure::Rate => w.figure_rate,
                Figure::PicturePrice => w.figure_picture_price,
                Figure::Tokens => w.figure_tokens,
                Figure::Limit => w.figure_limit,
                Figure::Date => w.figure_date,
            };
            fill(
                w.price_file_implausible,
                &[("figure", figure), ("place", place)],
            )
        }
    };
    let quote = match fault {
        PriceFileFault::Malformed(words) => words.clone(),
        _ => String::new(),
    };
    quoted(alert(&title, w.price_file_advice), quote)
}

fn storage_advice(error: &DatabaseError, w: &AllWords) -> &'static str {
    match error {
        DatabaseError::Unavailable(_) => w.storage_unavailable,
        DatabaseError::Blocked => w.storage_blocked,
        DatabaseError::NewerSchema => w.storage_newer,
        DatabaseError::GivenUp => w.storage_given_up,
        DatabaseError::Cleared => w.evicted,
        DatabaseError::QuotaExceeded => w.storage_full,
        DatabaseError::KeyExists | DatabaseError::Other { .. } => w.storage_other,
    }
}

/// What to do about an address that no key may go to.
#[must_use]
pub fn address_advice(fault: &AddressFault, w: &AllWords) -> String {
    match fault {
        AddressFault::Malformed => w.address_malformed.into(),
        AddressFault::NotEncrypted => w.address_not_encrypted.into(),
        AddressFault::NotListed { origin } => fill(w.address_not_listed, &[("origin", origin)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::words::Language;

    fn trouble(error: AppError, bill: Bill) -> Message {
        Message::Trouble {
            error,
            bill,
            provider: Provider::OpenAi,
            model: "gpt-image-1-mini".into(),
        }
    }

    #[test]
    fn every_trouble_says_what_happened_what_was_billed_and_what_to_do() {
        let api = [
            ApiError::Moderated {
                stage: None,
                categories: vec!["violence".into()],
                usage: None,
            },
            ApiError::BillingLimit,
            ApiError::Quota {
                code: "insufficient_quota".into(),
            },
            ApiError::InvalidKey,
            ApiError::NotVerified {
                message: "verify".into(),
            },
            ApiError::Region,
            ApiError::ModelNotFound,
            ApiError::RateLimited {
                retry_after_ms: None,
            },
            ApiError::Overloaded,
            ApiError::Invalid {
                param: Some("size".into()),
                message: "bad".into(),
            },
            ApiError::Server {
                status: 500,
                message: String::new(),
            },
            ApiError::NotTheApi {
                status: 502,
                excerpt: "<html>".into(),
            },
        ];
        for language in Language::ALL {
            for error in api.iter().cloned().map(AppError::Api).chain([
                AppError::NoKey,
                AppError::NoLongerValid,
                AppError::TakenOver,
                AppError::Fetch(FetchError::Offline),
                AppError::Reply(ReplyError::Junk),
                AppError::NotRecorded(DatabaseError::QuotaExceeded),
            ]) {
                let said = explain(
                    &trouble(error, Bill::Possible(Some(Usd(5_000_000_000)))),
                    language.all_words(),
                );
                assert!(said.is_alert && !said.title.contains('{'), "{said:?}");
                assert!(
                    said.billed
                        .as_ref()
                        .is_some_and(|billed| billed.contains("$0.0050")),
                    "{said:?}"
                );
                assert!(said.advice.is_some_and(|advice| !advice.is_empty()));
            }
        }
    }

    #[test]
    fn every_fault_of_a_price_file_is_told_with_what_it_is_about() {
        let day = Date::try_from("2026-11-22".to_owned()).unwrap();
        let faults = [
            (PriceFileFault::Unread, ""),
            (PriceFileFault::TooLarge, "1 MB"),
            (PriceFileFault::Malformed("line 7".into()), ""),
            (PriceFileFault::Format(2), "2"),
            (PriceFileFault::Contradiction("a-model".into()), "a-model"),
            (
                PriceFileFault::NotNewer {
                    file: day,
                    present: day,
                },
                "2026-11-22",
            ),
            (PriceFileFault::Future(day), "2026-11-22"),
            (PriceFileFault::NoModels, ""),
            (PriceFileFault::BadName(" ".into()), ""),
            (PriceFileFault::NamedTwice("a-model".into()), "a-model"),
            (
                PriceFileFault::Implausible {
                    place: "a-model".into(),
                    figure: Figure::Rate,
                },
                "a-model",
            ),
        ];
        for language in Language::ALL {
            for (fault, about) in &faults {
                let said = explain(&Message::PricesRefused(fault.clone()), language.all_words());
                assert!(said.is_alert && said.title.contains(about), "{said:?}");
                assert!(
                    !said.title.contains('{') && said.advice.is_some(),
                    "{said:?}"
                );
                let is_quoted = matches!(fault, PriceFileFault::Malformed(_));
                assert_eq!(said.quote.is_some(), is_quoted);
                assert!(said.billed.is_none());
            }
        }
    }

    #[test]
    fn what_is_wrong_with_the_ledger_or_the_clock_is_said_with_what_to_do() {
        let day = |day: &str| Date::try_from(day.to_owned()).unwrap();
        let behind = Message::ClockBehind {
            clock: day("2026-11-30"),
            counted: day("2026-12-01"),
        };
        let lines = AppError::Budget(Refusal::Lines { lines: 2 });
        for language in Language::ALL {
            let said = explain(&behind, language.all_words());
            let both = |text: &str| text.contains("2026-11-30") && text.contains("2026-12-01");
            assert!(said.is_alert && both(&said.title), "{said:?}");
            assert!(said.advice.unwrap().contains("2026-12-01"));
            let said = explain(&trouble(lines.clone(), Bill::Nothing), language.all_words());
            assert!(said.is_alert && said.title.contains('2') && said.advice.is_some());
            let mended = explain(&Message::SumsMended { days: 3 }, language.all_words());
            assert!(!mended.is_alert && mended.title.contains('3'));
        }
    }

    #[test]
    fn the_same_notice_is_said_once_and_old_ones_make_room() {
        Owner::new().with(|| {
            let notices = Notices::default();
            notices.say(Message::Copied);
            notices.say(Message::Copied);
            assert_eq!(notices.list.read().len(), 1);
            (0..10).for_each(|rows| notices.say(Message::Damaged { rows }));
            assert_eq!(notices.list.read().len(), MOST_SHOWN);
            notices.withdraw(|message| !matches!(message, Message::Damaged { .. }));
            assert!(notices.list.read().is_empty());
        });
    }
}
