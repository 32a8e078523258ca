//! The errors of the API by name, with their status and body as the fact sheet has them.

use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::{Value, json};

/// A refusal: status and body, and what else it sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub status: StatusCode,
    pub body: Body,
    pub retry_after: Option<String>,
}

/// What a refusal says.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    Json(Value),
    Html(String),
    /// `event: error` in a stream that began well.
    Event(Value),
}

/// Every name, with its status.
pub const NAMES: [(&str, u16); 31] = [
    ("moderation_blocked", 400),
    ("billing_hard_limit_reached", 400),
    ("invalid_request_error", 400),
    ("unknown_parameter", 400),
    ("string_error", 400),
    ("html_400", 400),
    ("invalid_api_key", 401),
    ("unverified_organization", 403),
    ("unsupported_country_region_territory", 403),
    ("model_not_found", 404),
    ("request_timeout", 408),
    ("conflict", 409),
    ("payload_too_large", 413),
    ("unsupported_media_type", 415),
    ("unprocessable", 422),
    ("rate_limit", 429),
    ("insufficient_quota", 429),
    ("credit_balance_exhausted", 429),
    ("project_spend_limit_exceeded", 429),
    ("organization_usage_limit_exceeded", 429),
    ("slow_down", 429),
    ("html_429", 429),
    ("server_error", 500),
    ("html_502", 502),
    ("overloaded", 503),
    ("slow_down_503", 503),
    ("html_503", 503),
    ("html_504", 504),
    ("stream_error", 200),
    ("stream_rate_limit", 200),
    ("stream_moderation_blocked", 200),
];

impl Fault {
    /// An error as OpenAI writes it.
    #[must_use]
    pub fn new(
        status: u16,
        kind: &str,
        code: Option<&str>,
        param: Option<&str>,
        message: &str,
    ) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST),
            body: Body::Json(error(kind, code, param, message)),
            retry_after: None,
        }
    }

    /// The named error; `seconds` for those that say how long to wait.
    #[must_use]
    pub fn named(name: &str, seconds: Option<f64>) -> Option<Self> {
        let status = NAMES.iter().find(|(known, _)| *known == name)?.1;
        if let Some(name) = name.strip_prefix("stream_") {
            let Body::Json(error) = json_named(
                if name == "error" {
                    "server_error"
                } else {
                    name
                },
                seconds,
            )?
            .body
            else {
                return None;
            };
            return Some(Self {
                status: StatusCode::OK,
                body: Body::Event(error),
                retry_after: None,
            });
        }
        if name.starts_with("html_") {
            return Some(Self::html(status));
        }
        if name == "string_error" {
            return Some(Self {
                status: StatusCode::BAD_REQUEST,
                body: Body::Json(json!({"error": "prompt is required"})),
                retry_after: None,
            });
        }
        json_named(name, seconds)
    }

    fn html(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        let title = format!(
            "{} {}",
            status.as_u16(),
            status.canonical_reason().unwrap_or_default()
        );
        Self {
            status,
            body: Body::Html(format!(
                "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
            )),
            retry_after: None,
        }
    }
}

/// An error as an event of a stream.
pub(crate) fn error_event(error: &Value) -> Bytes {
    let mut data = error.clone();
    data["type"] = json!("error");
    format!("event: error\ndata: {data}\n\n").into()
}

fn error(kind: &str, code: Option<&str>, param: Option<&str>, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": param, "code": code}})
}

const INVALID: &str = "invalid_request_error";
const QUOTA: &str = "You exceeded your current quota, please check your plan and billing details.";

/// Type, code, parameter and message of the errors that are always the same.
type Row = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    &'static str,
);

#[rustfmt::skip]
const ROWS: [Row; 20] = [
    ("billing_hard_limit_reached", INVALID, Some("billing_hard_limit_reached"), None, "Billing hard limit has been reached."),
    ("invalid_request_error", INVALID, Some("invalid_value"), Some("size"), "Invalid value: 'wide'. Supported values are: '1024x1024', '1024x1536', '1536x1024', and 'auto'."),
    ("unknown_parameter", INVALID, Some("unknown_parameter"), Some("response_format"), "Unknown parameter: 'response_format'."),
    ("invalid_api_key", INVALID, Some("invalid_api_key"), None, "Incorrect API key provided: ************0000. You can find your API key at https://platform.openai.com/account/api-keys."),
    ("unverified_organization", INVALID, None, None, "Your organization must be verified to use the model `gpt-image-2`. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization. If you just verified, it can take up to 15 minutes for access to propagate."),
    ("unsupported_country_region_territory", "request_forbidden", Some("unsupported_country_region_territory"), None, "Country, region, or territory not supported"),
    ("model_not_found", INVALID, Some("model_not_found"), None, "The model `gpt-image-1` does not exist or you do not have access to it."),
    ("request_timeout", "server_error", Some("timeout"), None, "The request timed out."),
    ("conflict", "server_error", Some("conflict"), None, "The request conflicted with another one."),
    ("payload_too_large", INVALID, None, None, "The request is too large."),
    ("unsupported_media_type", INVALID, None, None, "Unsupported content type."),
    ("unprocessable", INVALID, None, None, "The request could not be processed."),
    ("insufficient_quota", "insufficient_quota", Some("insufficient_quota"), None, QUOTA),
    ("credit_balance_exhausted", "insufficient_quota", Some("credit_balance_exhausted"), None, QUOTA),
    ("project_spend_limit_exceeded", "insufficient_quota", Some("project_spend_limit_exceeded"), None, QUOTA),
    ("organization_usage_limit_exceeded", "insufficient_quota", Some("organization_usage_limit_exceeded"), None, QUOTA),
    ("slow_down", "requests", Some("slow_down"), None, "Slow down: you are sending requests too fast. Please reduce your rate."),
    ("slow_down_503", "service_unavailable_error", Some("slow_down"), None, "Slow down. Please reduce your request rate."),
    ("server_error", "server_error", Some("server_error"), None, "The server had an error while processing your request. Sorry about that!"),
    ("overloaded", "service_unavailable_error", Some("server_is_overloaded"), None, "Our servers are currently overloaded. Please try again later."),
];

fn json_named(name: &str, seconds: Option<f64>) -> Option<Fault> {
    match name {
        "moderation_blocked" => return Some(moderation_blocked()),
        "rate_limit" => return Some(rate_limit(seconds.unwrap_or(12.0))),
        _ => {}
    }
    let status = NAMES.iter().find(|(known, _)| *known == name)?.1;
    let (_, kind, code, param, message) = ROWS.iter().find(|row| row.0 == name)?;
    Some(Fault::new(status, kind, *code, *param, message))
}

fn moderation_blocked() -> Fault {
    let message = "Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID req_simulated. safety_violations=[violence].";
    let mut body = error(
        "image_generation_user_error",
        Some("moderation_blocked"),
        None,
        message,
    );
    body["error"]["moderation_details"] =
        json!({"moderation_stage": "input", "categories": ["violence"]});
    Fault {
        status: StatusCode::BAD_REQUEST,
        body: Body::Json(body),
        retry_after: None,
    }
}

fn rate_limit(seconds: f64) -> Fault {
    let wait = if seconds.fract() == 0.0 || seconds >= 1.0 {
        format!("{seconds}s")
    } else {
        format!("{}ms", (seconds * 1000.0).round())
    };
    let message = format!(
        "Rate limit reached for gpt-image-1-mini (for limit gpt-image) in organization org-simulated on input-images per min: Limit 5, Used 5, Requested 1. Please try again in {wait}. Visit https://platform.openai.com/account/rate-limits to learn more."
    );
    Fault {
        retry_after: Some(seconds.ceil().to_string()),
        ..Fault::new(
            429,
            "input-images",
            Some("rate_limit_exceeded"),
            None,
            &message,
        )
    }
}
