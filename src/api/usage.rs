//! The `usage` of a reply, or nothing: a wrong figure must not be booked, and must not cost the picture either.

use serde_json::Value;

use crate::domain::usage::Usage;

/// `None` where it is absent, all zero, negative, not whole, not a number, or beyond any possible reply.
pub(crate) fn read(value: &Value) -> Option<Usage> {
    let mut value = value.clone();
    drop_nulls(&mut value);
    let usage: Usage = serde_json::from_value(value).ok()?;
    let output = usage.output_tokens_details.unwrap_or_default();
    let figures = [
        usage.input_tokens,
        usage.output_tokens,
        usage.total_tokens,
        usage.input_tokens_details.text_tokens,
        usage.input_tokens_details.image_tokens,
        output.image_tokens,
        output.text_tokens,
    ];
    let counted = usage.input_tokens > 0 || usage.output_tokens > 0;
    (counted && figures.iter().all(|figure| *figure <= MOST_TOKENS)).then_some(usage)
}

/// Ten pictures of 3840x2160 at the highest quality are under a million.
const MOST_TOKENS: u64 = 100_000_000;

fn drop_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(drop_nulls);
    }
}
