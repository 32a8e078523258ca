//! What the API says when it draws nothing, sorted by what a person or the queue can do about it.

use serde_json::Value;

use crate::api::usage;
use crate::domain::secret::redacted;
use crate::domain::usage::Usage;

/// One refusal. Texts of the provider are without keys and at most `MOST_CHARS` characters long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiError {
    /// The prompt or the picture was blocked. `stage` is `input`, `output` or `unknown`, where the provider says so.
    #[error("blocked by moderation")]
    Moderated {
        stage: Option<String>,
        categories: Vec<String>,
        /// Billed all the same, where the provider says so.
        usage: Option<Usage>,
    },
    #[error("the billing limit of the account is reached")]
    BillingLimit,
    /// No credit, or a spending or usage limit. `code` says which.
    #[error("the quota is used up: {code}")]
    Quota { code: String },
    #[error("the key is not valid")]
    InvalidKey,
    /// The organization must be verified to use the model.
    #[error("not verified: {message}")]
    NotVerified { message: String },
    #[error("not offered in this country or region")]
    Region,
    /// Likely shut down.
    #[error("the model is not known")]
    ModelNotFound,
    #[error("too many requests")]
    RateLimited { retry_after_ms: Option<u64> },
    #[error("asked to slow down")]
    SlowDown { retry_after_ms: Option<u64> },
    /// A 503 of the API itself.
    #[error("the server is overloaded")]
    Overloaded,
    #[error("invalid request: {message}")]
    Invalid {
        param: Option<String>,
        message: String,
    },
    /// Any other status below 500 with an error of the API.
    #[error("refused with {status}: {message}")]
    Refused { status: u16, message: String },
    /// A status from 500 on with an error of the API, or an unsorted error inside a stream (status 200).
    #[error("the server failed with {status}: {message}")]
    Server { status: u16, message: String },
    /// Not an error of the API: a proxy's page, an empty body.
    #[error("not an answer of the API, {status}: {excerpt}")]
    NotTheApi { status: u16, excerpt: String },
}

/// What the queue may do after an outcome (`reliability.md` 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was drawn or billed; the same request would fail again.
    NotExecuted,
    /// Nothing was drawn or billed; the program may repeat it, after so long at least.
    RepeatAfter { millis: Option<u64> },
    /// Nothing was drawn or billed, and no other request would fare better: the queue waits for the person.
    StopQueue,
    /// Nothing came, and the provider says that it billed these tokens.
    Billed(Usage),
    /// It may have been billed: only the person repeats it.
    Unknown,
}

/// How many characters of a provider's text are kept.
pub const MOST_CHARS: usize = 500;

impl ApiError {
    /// Sorts an answer whose status is not 2xx. The two headers are often hidden from a page: absent, they are read out of
    /// the message ("try again in 12s"); the longer wait wins. Dates in `retry_after` are ignored.
    #[must_use]
    pub fn read(
        status: u16,
        retry_after: Option<&str>,
        retry_after_ms: Option<&str>,
        body: &[u8],
    ) -> Self {
        let told_ms = header_ms(retry_after, 1_000.0).max(header_ms(retry_after_ms, 1.0));
        match serde_json::from_slice::<Value>(body) {
            Ok(reply) if has_error(&reply) => Self::sort(status, told_ms, &reply),
            _ => Self::NotTheApi {
                status,
                excerpt: clean(&String::from_utf8_lossy(&body[..body.len().min(MOST_READ)])),
            },
        }
    }

    /// Sorts an error that came with status 200: inside a stream, or as the whole reply.
    pub(crate) fn within_reply(reply: &Value) -> Self {
        Self::sort(200, None, reply)
    }

    /// What the queue may do now. Whatever is not proved not executed is `Unknown`.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Moderated {
                usage: Some(usage), ..
            } => Verdict::Billed(*usage),
            Self::Moderated { usage: None, .. } | Self::ModelNotFound | Self::Invalid { .. } => {
                Verdict::NotExecuted
            }
            Self::BillingLimit
            | Self::Quota { .. }
            | Self::InvalidKey
            | Self::NotVerified { .. }
            | Self::Region => Verdict::StopQueue,
            Self::RateLimited { retry_after_ms } | Self::SlowDown { retry_after_ms } => {
                Verdict::RepeatAfter {
                    millis: *retry_after_ms,
                }
            }
            Self::Overloaded | Self::Server { .. } => Verdict::Unknown,
            Self::Refused { status, .. } => match status {
                401 | 403 => Verdict::StopQueue,
                400 | 404 | 413 | 415 | 422 => Verdict::NotExecuted,
                _ => Verdict::Unknown,
            },
            Self::NotTheApi { status, .. } => match status {
                401 | 403 => Verdict::StopQueue,
                404 | 413 => Verdict::NotExecuted,
                _ => Verdict::Unknown,
            },
        }
    }

    fn sort(status: u16, told_ms: Option<u64>, reply: &Value) -> Self {
        let said = Said::read(reply);
        let kind = said.code.or(said.kind).unwrap_or_default();
        let retry_after_ms = told_ms.max(wait_in(said.message));
        let message = || clean(said.message);
        match (status, kind) {
            (503, "server_is_overloaded" | "slow_down") => Self::Overloaded,
            (500.., _) => Self::Server {
                status,
                message: message(),
            },
            (408 | 409, _) => Self::Refused {
                status,
                message: message(),
            },
            (_, "moderation_blocked" | "content_policy_violation") => Self::moderated(&said, reply),
            (_, "billing_hard_limit_reached") => Self::BillingLimit,
            (_, "rate_limit_exceeded") => Self::RateLimited { retry_after_ms },
            (_, "slow_down") => Self::SlowDown { retry_after_ms },
            (_, code) if is_quota(code) => Self::Quota { code: clean(code) },
            (_, "unsupported_country_region_territory") => Self::Region,
            (_, "model_not_found") => Self::ModelNotFound,
            _ => Self::sort_by_status(status, kind, &said),
        }
    }

    fn sort_by_status(status: u16, kind: &str, said: &Said<'_>) -> Self {
        let message = clean(said.message);
        let says = |words: &str| said.message.to_ascii_lowercase().contains(words);
        match status {
            _ if kind == "invalid_api_key" => Self::InvalidKey,
            401 if said.message.is_empty() || says("api key") => Self::InvalidKey,
            403 if says("must be verified") => Self::NotVerified { message },
            404 if said.param == Some("model") => Self::ModelNotFound,
            200 | 400 | 413 | 415 | 422 if said.is_about_the_request() => Self::Invalid {
                param: said.param.map(clean),
                message,
            },
            200..300 => Self::Server { status, message },
            _ => Self::Refused { status, message },
        }
    }

    fn moderated(said: &Said<'_>, reply: &Value) -> Self {
        let details = &said.error["moderation_details"];
        let stage = details["moderation_stage"]
            .as_str()
            .or(details["stage"].as_str());
        let categories = details["categories"].as_array();
        Self::Moderated {
            stage: stage.map(clean),
            categories: categories
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .take(MOST_CATEGORIES)
                .map(clean)
                .collect(),
            usage: usage::read(&reply["usage"]).or_else(|| usage::read(&said.error["usage"])),
        }
    }
}

const MOST_CATEGORIES: usize = 32;
/// Bytes or characters looked at: what is cut away costs no time.
const MOST_READ: usize = 8 * MOST_CHARS;

/// The members of an error object; of an error that is a text, the message.
struct Said<'a> {
    error: &'a Value,
    code: Option<&'a str>,
    kind: Option<&'a str>,
    param: Option<&'a str>,
    message: &'a str,
}

impl<'a> Said<'a> {
    fn read(reply: &'a Value) -> Self {
        // `{"type": "error", "code": …}` in a stream carries the members itself.
        let error = Some(&reply["error"])
            .filter(|error| !error.is_null())
            .unwrap_or(reply);
        let text = |name: &str| error[name].as_str().filter(|text| !text.is_empty());
        Self {
            error,
            code: text("code"),
            kind: text("type"),
            param: text("param"),
            message: error.as_str().or(text("message")).unwrap_or_default(),
        }
    }

    fn is_about_the_request(&self) -> bool {
        self.param.is_some()
            || self.kind == Some("invalid_request_error")
            || self.code == Some("invalid_request_error")
            || self.code == Some("unknown_parameter")
    }
}

/// Whether an answer holds an error of the API: an object, or a text as compatible servers send it.
pub(crate) fn has_error(reply: &Value) -> bool {
    matches!(&reply["error"], Value::Object(_)) || reply["error"].as_str().is_some()
}

fn is_quota(code: &str) -> bool {
    matches!(
        code,
        "insufficient_quota" | "credit_balance_exhausted" | "billing_not_active"
    ) || code.ends_with("_limit_exceeded")
}

/// Without keys, and cut. Cut before the search too, so that a hostile text costs nothing; a key torn by the cut goes whole.
fn clean(text: &str) -> String {
    let text = match text.char_indices().nth(MOST_READ) {
        Some((end, _)) => {
            text[..end].trim_end_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c))
        }
        None => text,
    };
    redacted(text.trim()).chars().take(MOST_CHARS).collect()
}

/// A header's number in units of so many milliseconds; nothing where it is no number, negative or a date.
fn header_ms(value: Option<&str>, unit_ms: f64) -> Option<u64> {
    let number: f64 = value?.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then(|| (number * unit_ms).ceil() as u64)
}

/// The wait that a message names: "try again in 1m30s", "retry after 12.3 seconds", "467ms".
fn wait_in(message: &str) -> Option<u64> {
    let start = |words: &str| {
        message
            .to_ascii_lowercase()
            .find(words)
            .map(|at| at + words.len())
    };
    let from = start("try again in ").or_else(|| start("retry after "))?;
    let mut rest = message[from..].trim_start();
    let mut total = None;
    while let Some((millis, after)) = one_wait(rest) {
        total = Some(total.unwrap_or(0_u64).saturating_add(millis));
        rest = after;
    }
    total
}

/// One number with its unit, and the text after it.
fn one_wait(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let number: f64 = text[..end].trim_end_matches('.').parse().ok()?;
    let text = text[end..].trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let unit_ms = match text[..end].to_ascii_lowercase().as_str() {
        "ms" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "second" | "seconds" => 1_000.0,
        "m" | "min" | "minute" | "minutes" => 60_000.0,
        "h" | "hour" | "hours" => 3_600_000.0,
        _ => return None,
    };
    Some(((number * unit_ms).ceil() as u64, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(status: u16, body: &str) -> ApiError {
        ApiError::read(status, None, None, body.as_bytes())
    }

    #[track_caller]
    fn check_wait(message: &str, headers: [Option<&str>; 2], expected: Option<u64>) {
        let body =
            serde_json::json!({"error": {"message": message, "code": "rate_limit_exceeded"}});
        let [seconds, millis] = headers;
        let error = ApiError::read(429, seconds, millis, body.to_string().as_bytes());
        let limited = ApiError::RateLimited {
            retry_after_ms: expected,
        };
        assert_eq!(error, limited, "{message} {headers:?}");
    }

    #[test]
    fn waits_in_messages() {
        let said = |text: &str, ms| check_wait(text, [None, None], ms);
        said(
            "Limit 5/min. Please try again in 12s. Visit …",
            Some(12_000),
        );
        said("Please try again in 467ms.", Some(467));
        said("Please try again in 1m30s.", Some(90_000));
        said("please TRY AGAIN IN 12.3s", Some(12_300));
        said("Please retry after 12 seconds.", Some(12_000));
        said("try again in 1h2m0.5s", Some(3_720_500));
        said("try again in 6m0s", Some(360_000));
        said("try again in a while", None);
        said("try again in 5 days", None);
        said("try again in 12", None);
        said("try again in 1.2.3s", None);
        said("İİİ try again in 1s", Some(1_000));
        said("", None);
    }

    #[test]
    fn the_longer_of_header_and_message_counts() {
        let told = |seconds, millis, ms| check_wait("try again in 2s", [seconds, millis], ms);
        told(Some("120"), None, Some(120_000));
        told(Some("0.5"), None, Some(2_000));
        told(Some("1"), Some("2500.5"), Some(2_501));
        for ignored in ["NaN", "-5", "inf", "", "Sun, 22 Nov 2026 08:49:37 GMT"] {
            told(Some(ignored), Some(ignored), Some(2_000));
        }
        told(Some("1e300"), None, Some(u64::MAX));
    }

    #[test]
    fn keys_and_length_are_cut() {
        let key = format!("sk-proj-{}", "Ab1_".repeat(10));
        let long = format!("Incorrect {key} {}{key}", "x ".repeat(1_992));
        let body = serde_json::json!({"error": {"message": long, "param": "n"}});
        let Invalid { message, .. } = invalid(&body.to_string());
        assert!(message.starts_with("Incorrect *** x x") && message.chars().count() == MOST_CHARS);
        let page = format!("<html>{key}");
        let excerpt = "<html>***".to_owned();
        assert_eq!(
            read(502, &page),
            ApiError::NotTheApi {
                status: 502,
                excerpt
            }
        );
        let keys = format!("{key} ").repeat(200);
        assert!(!clean(&keys).contains("sk-"));
    }

    struct Invalid {
        message: String,
    }

    #[track_caller]
    fn invalid(body: &str) -> Invalid {
        match read(400, body) {
            ApiError::Invalid { message, .. } => Invalid { message },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn hostile_texts_cost_no_time() {
        let text = "sk-".repeat(400_000);
        assert!(clean(&text).chars().count() <= MOST_CHARS);
    }

    #[test]
    fn verdicts_without_an_error_of_the_api() {
        for status in [
            400, 402, 405, 408, 409, 415, 418, 422, 429, 500, 502, 503, 504, 301,
        ] {
            assert_eq!(
                read(status, "<html>").verdict(),
                Verdict::Unknown,
                "{status}"
            );
            assert_eq!(read(status, "").verdict(), Verdict::Unknown, "{status}");
        }
        assert_eq!(read(401, "").verdict(), Verdict::StopQueue);
        assert_eq!(read(403, "").verdict(), Verdict::StopQueue);
        assert_eq!(read(404, "").verdict(), Verdict::NotExecuted);
        assert_eq!(read(413, "").verdict(), Verdict::NotExecuted);
    }

    #[test]
    fn only_what_is_proved_is_repeated_or_failed() {
        let verdict = |status, code: &str| {
            let error = serde_json::json!({"error": {"message": "m", "code": code}});
            read(status, &error.to_string()).verdict()
        };
        for status in [408, 409, 500, 502, 503, 504, 529] {
            for code in [
                "rate_limit_exceeded",
                "slow_down",
                "insufficient_quota",
                "x",
                "moderation_blocked",
            ] {
                assert_eq!(verdict(status, code), Verdict::Unknown, "{status} {code}");
            }
        }
        for status in [400, 404, 413, 415, 422] {
            assert_eq!(verdict(status, "x"), Verdict::NotExecuted, "{status}");
        }
        for status in [402, 405, 410, 429, 451] {
            assert_eq!(verdict(status, "x"), Verdict::Unknown, "{status}");
        }
        assert_eq!(verdict(401, "x"), Verdict::StopQueue);
        assert_eq!(verdict(403, "x"), Verdict::StopQueue);
        for code in [
            "insufficient_quota",
            "billing_hard_limit_reached",
            "unsupported_country_region_territory",
        ] {
            assert_eq!(verdict(429, code), Verdict::StopQueue, "{code}");
        }
        assert_eq!(
            verdict(429, "slow_down"),
            Verdict::RepeatAfter { millis: None }
        );
    }

    proptest! {
        #[test]
        fn any_body_is_sorted(status: u16, header: Option<String>, body: Vec<u8>) {
            let error = ApiError::read(status, header.as_deref(), None, &body);
            prop_assert!(status < 500 || error.verdict() == Verdict::Unknown);
        }

        #[test]
        fn any_message_is_read(message: String, number in "try again in [0-9.msh ]{0,12}") {
            wait_in(&message);
            wait_in(&number);
            clean(&message);
        }
    }
}
