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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn output(tokens: &Value) -> Option<u64> {
        read(&json!({"input_tokens": 9, "output_tokens": tokens})).map(|usage| usage.output_tokens)
    }

    #[test]
    fn a_figure_counts_up_to_what_is_possible() {
        assert_eq!(output(&json!(MOST_TOKENS)), Some(MOST_TOKENS));
        assert_eq!(output(&Value::Null), Some(0));
        for wrong in [
            json!(MOST_TOKENS + 1),
            json!(-1),
            json!("272"),
            json!(0.5),
            json!([272]),
            json!(true),
        ] {
            assert_eq!(output(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_wrong_figure_spoils_all() {
        for wrong in [
            json!({"image_tokens": -1}),
            json!({"text_tokens": "9"}),
            json!({"text_tokens": MOST_TOKENS + 1}),
            json!(9),
        ] {
            let usage =
                json!({"input_tokens": 9, "output_tokens": 272, "input_tokens_details": wrong});
            assert_eq!(read(&usage), None, "{wrong}");
            let usage =
                json!({"input_tokens": 9, "output_tokens": 272, "output_tokens_details": wrong});
            assert_eq!(read(&usage), None, "{wrong}");
        }
        assert_eq!(read(&Value::Null), None);
    }
}
