//! The reply to `GET models`: names, and until when each is offered. Everything else in it is left alone.

use serde_json::Value;

use crate::domain::date::Date;
use crate::domain::listing::Listed;

/// No provider has so many models; a name is no longer than this.
const MOST_MODELS: usize = 2_000;
const MOST_CHARS: usize = 128;
/// `2026-12-01`, with or without a time after it.
const DAY_CHARS: usize = 10;

/// The entries that have a name; `None` where there is no list.
#[must_use]
pub fn read(body: &[u8]) -> Option<Vec<Listed>> {
    let reply: Value = serde_json::from_slice(body).ok()?;
    let list = reply.get("data").unwrap_or(&reply).as_array()?;
    Some(list.iter().filter_map(entry).take(MOST_MODELS).collect())
}

fn entry(entry: &Value) -> Option<Listed> {
    let id = entry.get("id")?.as_str()?.trim();
    let fits = !id.is_empty() && id.chars().count() <= MOST_CHARS && !id.contains(char::is_control);
    let day = entry.get("shutdown_date").and_then(Value::as_str);
    let day = day.and_then(|text| text.get(..DAY_CHARS));
    fits.then(|| Listed {
        id: id.into(),
        shutdown: day.and_then(|day| Date::try_from(day.to_owned()).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_days_are_read_and_the_rest_is_left_alone() {
        let body = br#"{"object":"list","x":[],"data":[
            {"id":"a-image","object":"model","created":1,"owned_by":"system","shutdown_date":"2026-12-01"},
            {"id":"b","shutdown_date":null,"new":{"deep":[1]}}, {"id":"c","shutdown_date":"2027-01-02T00:00:00Z"},
            {"id":"d","shutdown_date":1764547200}, {"id":"e","shutdown_date":"soon"}, {"id":7}, {"name":"f"}, null, "g", {"id":" "}]}"#;
        let read: Vec<_> = read(body)
            .unwrap()
            .into_iter()
            .map(|Listed { id, shutdown }| (id, shutdown.map(String::from).unwrap_or_default()))
            .collect();
        let expected = [
            ("a-image", "2026-12-01"),
            ("b", ""),
            ("c", "2027-01-02"),
            ("d", ""),
            ("e", ""),
        ];
        assert_eq!(
            read,
            expected.map(|(id, day)| (id.to_owned(), day.to_owned()))
        );
    }

    #[test]
    fn what_is_no_list_is_none() {
        for body in [
            "",
            "<html>",
            "{}",
            "7",
            "{\"data\":{}}",
            "{\"error\":\"no\"}",
            "{\"data\":[{\"id\":\"a\"}",
        ] {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
        assert_eq!(read(b"[]"), Some(Vec::new()));
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_harm(body in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(read(&body).is_none_or(|list| list.len() <= body.len()));
        }

        #[test]
        fn any_name_and_day_is_read_without_harm(id in any::<String>(), day in any::<String>()) {
            let body = serde_json::json!({"data": [{"id": id, "shutdown_date": day}]}).to_string();
            let read = read(body.as_bytes()).unwrap();
            prop_assert!(read.iter().all(|model| model.id == id.trim() && !model.id.is_empty()));
        }
    }
}
