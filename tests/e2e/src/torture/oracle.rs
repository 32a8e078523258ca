//! What must be true after a kill: the app's database beside the simulator's bill and what the page had shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use simulator::Entry;

/// What the person did with a picture's bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Fate {
    #[default]
    Kept,
    /// The browser was killed while it was deleted for good: it is there or it is not.
    MaybePurged,
}

/// One press of Generate, told by its prompt.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    /// The page showed its picture as saved.
    pub(super) was_shown: bool,
    pub(super) fate: Fate,
}

/// What is wrong, by kinds.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) lost: Vec<String>,
    pub(super) duplicates: Vec<String>,
    pub(super) torn: Vec<String>,
    pub(super) hidden: Vec<String>,
    /// Pico-dollars that were billed and are not in the ledger.
    pub(super) undercount: u64,
    /// Attempts whose outcome nobody knows, and pictures, for the report.
    pub(super) unknown: usize,
    pub(super) pictures: usize,
}

impl Findings {
    pub(super) fn lines(&self) -> Vec<String> {
        let named = |kind: &str, list: &[String]| {
            let line = |text: &String| format!("{kind}: {text}");
            list.iter().map(line).collect::<Vec<_>>()
        };
        let mut all = named("lost", &self.lost);
        all.extend(named("sent twice", &self.duplicates));
        all.extend(named("torn", &self.torn));
        all.extend(named("unknown and not shown", &self.hidden));
        if self.undercount > 0 {
            all.push(format!(
                "the ledger is {} pico-dollars short",
                self.undercount
            ));
        }
        all
    }
}

/// A row of the database.
struct Row<'a> {
    key: &'a str,
    value: &'a Value,
}

/// The database, read.
struct Stores<'a>(BTreeMap<&'a str, Vec<Row<'a>>>);

impl<'a> Stores<'a> {
    fn of(dump: &'a Value) -> Self {
        let rows = |rows: &'a Value| {
            let rows = rows.as_array().into_iter().flatten();
            let row = |row: &'a Value| Row {
                key: row[0].as_str().unwrap_or_default(),
                value: &row[1],
            };
            rows.map(row).collect()
        };
        let stores = dump.as_object().into_iter().flatten();
        Self(
            stores
                .map(|(name, all)| (name.as_str(), rows(all)))
                .collect(),
        )
    }

    fn rows(&self, store: &str) -> &[Row<'a>] {
        self.0.get(store).map_or(&[], Vec::as_slice)
    }

    /// The rows of a store as JSON; what is none is torn.
    fn read(&self, store: &str, torn: &mut Vec<String>) -> BTreeMap<&'a str, Value> {
        let mut read = BTreeMap::new();
        for row in self.rows(store) {
            let text = row.value.as_str().unwrap_or_default();
            match serde_json::from_str(text) {
                Ok(value) => drop(read.insert(row.key, value)),
                Err(error) => torn.push(format!("{store} {}: {error}", row.key)),
            }
        }
        read
    }
}

/// What the ledger's lines say of one attempt.
#[derive(Debug, Clone, Copy, Default)]
struct Booked {
    is_reserved: bool,
    most: Option<u64>,
    is_settled: bool,
    cost: Option<u64>,
    is_released: bool,
}

impl Booked {
    /// What it counts as, confirmed or possible; `None`: nobody knows how much, and the ledger says so.
    fn covers(self) -> Option<u64> {
        match (self.is_settled, self.cost) {
            (true, Some(cost)) => Some(cost),
            _ if self.is_released && !self.is_settled => Some(0),
            _ if self.is_reserved => self.most,
            _ => Some(0),
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Compares. `shown` is the text of the list of what may have been billed.
pub(super) fn judge(
    dump: &Value,
    bill: &[Entry],
    asked: &BTreeMap<String, Asked>,
    shown: &str,
) -> Findings {
    let stores = Stores::of(dump);
    let mut found = Findings::default();
    let attempts = stores.read("attempts", &mut found.torn);
    let ledger = read_ledger(&stores, &attempts, &mut found.torn);
    let pictures = read_pictures(&stores, &attempts, bill, &mut found);
    look_at_attempts(&attempts, &ledger, &pictures, asked, shown, &mut found);
    look_at_sums(&stores, &ledger, &mut found.torn);
    look_at_backup(&stores, &mut found.torn);
    look_at_bill(&attempts, &ledger, bill, &mut found);
    for (prompt, asked) in asked {
        let is_there = pictures.values().any(|of| of == prompt);
        if asked.was_shown && asked.fate == Fate::Kept && !is_there {
            found.lost.push(format!("“{prompt}” was shown as saved"));
        }
    }
    found.pictures = pictures.len();
    found
}

/// Every line with its attempt, and what they say of each.
fn read_ledger(
    stores: &Stores<'_>,
    attempts: &BTreeMap<&str, Value>,
    torn: &mut Vec<String>,
) -> BTreeMap<String, Booked> {
    let mut booked = BTreeMap::<String, Booked>::new();
    for (key, line) in stores.read("ledger", torn) {
        let attempt = text(&line, "attempt");
        if !attempts.contains_key(attempt) {
            torn.push(format!("ledger {key}: there is no such attempt"));
        }
        let of = booked.entry(attempt.to_owned()).or_default();
        let said = &line["said"];
        if let Some(reserved) = said.get("reserved") {
            (of.is_reserved, of.most) = (true, reserved["most"].as_u64());
        } else if let Some(settled) = said.get("settled") {
            (of.is_settled, of.cost) = (true, settled["cost"].as_u64());
        } else {
            of.is_released = true;
        }
    }
    booked
}

/// The pictures, kept and deleted, with their prompts: each with its bytes, its attempt, and as it was drawn.
fn read_pictures(
    stores: &Stores<'_>,
    attempts: &BTreeMap<&str, Value>,
    bill: &[Entry],
    found: &mut Findings,
) -> BTreeMap<String, String> {
    let blob = |row: &Row<'_>| {
        let (bytes, hash) = (row.value["bytes"].as_u64(), text(row.value, "sha256"));
        (
            row.key.to_owned(),
            (bytes.unwrap_or_default(), hash.to_owned()),
        )
    };
    let blobs: BTreeMap<_, _> = stores.rows("blobs").iter().map(blob).collect();
    for (key, (_, hash)) in &blobs {
        if !key.contains(':') && key != hash {
            found.torn.push(format!("blob {key} has the hash {hash}"));
        }
    }
    for row in stores.rows("thumbs") {
        if !blobs.contains_key(row.key) {
            found.torn.push(format!("thumbnail {} of nothing", row.key));
        }
    }
    let drawn = |prompt: &str| {
        let entries = bill.iter().filter(|entry| prompt_of(entry) == prompt);
        let drawn = entries.flat_map(|entry| &entry.drawn);
        drawn.map(String::as_str).collect::<BTreeSet<_>>()
    };
    let mut pictures = BTreeMap::new();
    for store in ["pictures", "trash"] {
        for (id, picture) in stores.read(store, &mut found.torn) {
            let (prompt, key) = (text(&picture["request"], "prompt"), text(&picture, "blob"));
            match blobs.get(key) {
                None => found.torn.push(format!("{store} {id} has no bytes")),
                Some((bytes, _)) if picture["bytes"].as_u64() != Some(*bytes) => {
                    found.torn.push(format!("{store} {id} has {bytes} bytes"));
                }
                Some((_, hash)) if !drawn(prompt).contains(hash.as_str()) => {
                    found
                        .lost
                        .push(format!("“{prompt}” is not as it was drawn"));
                }
                Some(_) => {}
            }
            let attempt = attempts.get(text(&picture, "attempt"));
            let state = attempt.map(|attempt| text(attempt, "state"));
            if !matches!(
                state,
                Some("done" | "unknown" | "paid_broken" | "written_off")
            ) {
                found
                    .torn
                    .push(format!("{store} {id}: its attempt is {state:?}"));
            }
            if pictures.insert(id.to_owned(), prompt.to_owned()).is_some() {
                found.torn.push(format!("{id} is kept and deleted"));
            }
        }
    }
    pictures
}

fn look_at_attempts(
    attempts: &BTreeMap<&str, Value>,
    ledger: &BTreeMap<String, Booked>,
    pictures: &BTreeMap<String, String>,
    asked: &BTreeMap<String, Asked>,
    shown: &str,
    found: &mut Findings,
) {
    for (id, attempt) in attempts {
        let (state, prompt) = (text(attempt, "state"), text(&attempt["request"], "prompt"));
        let booked = ledger.get(*id).copied().unwrap_or_default();
        if !booked.is_reserved {
            found
                .torn
                .push(format!("attempt {id} ({state}) is not reserved"));
        }
        match state {
            "done" => {
                let purged = asked
                    .get(prompt)
                    .is_some_and(|asked| asked.fate != Fate::Kept);
                if !purged && !pictures.values().any(|of| of == prompt) {
                    found
                        .torn
                        .push(format!("attempt {id} is done without a picture"));
                }
                if !booked.is_settled {
                    found
                        .torn
                        .push(format!("attempt {id} is done and not settled"));
                }
            }
            "failed" if !booked.is_released && !booked.is_settled => {
                found
                    .torn
                    .push(format!("attempt {id} failed and is not released"));
            }
            "unknown" | "paid_broken" => {
                found.unknown += 1;
                if !shown.contains(prompt) {
                    found.hidden.push(format!("“{prompt}” is {state}"));
                }
            }
            "intent" => found.hidden.push(format!("“{prompt}” is still intent")),
            _ => {}
        }
    }
}

/// The sums of the days beside the lines that they are sums of.
fn look_at_sums(stores: &Stores<'_>, ledger: &BTreeMap<String, Booked>, torn: &mut Vec<String>) {
    let (mut confirmed, mut possible) = (0, 0);
    for (key, day) in stores.read("meta", torn) {
        if key.starts_with("spent:") {
            for group in day["groups"].as_array().into_iter().flatten() {
                confirmed += group["confirmed"].as_u64().unwrap_or_default();
                possible += group["possible"].as_u64().unwrap_or_default();
            }
        }
    }
    let by_lines = |is_confirmed: bool| {
        let of = ledger
            .values()
            .filter(|booked| (booked.is_settled && booked.cost.is_some()) == is_confirmed);
        of.filter_map(|booked| booked.covers()).sum::<u64>()
    };
    let lines = (by_lines(true), by_lines(false));
    if lines != (confirmed, possible) {
        torn.push(format!(
            "the days say {confirmed} and {possible}, the lines {lines:?}"
        ));
    }
}

/// A backup that is noted as the last one lies there whole, and so does whatever has a name.
fn look_at_backup(stores: &Stores<'_>, torn: &mut Vec<String>) {
    let files = stores.rows("files");
    for file in files {
        if file.value["bytes"] != 0 && file.value["whole"] != true {
            torn.push(format!("the file {} is cut", file.key));
        }
    }
    let is_noted = stores.rows("meta").iter().any(|row| row.key == "backup");
    if is_noted && !files.iter().any(|file| file.value["whole"] == true) {
        torn.push("a backup is noted, and there is none".to_owned());
    }
}

/// Executions and requests by press of Generate, and what was billed beside what the ledger says.
fn look_at_bill(
    attempts: &BTreeMap<&str, Value>,
    ledger: &BTreeMap<String, Booked>,
    bill: &[Entry],
    found: &mut Findings,
) {
    let prompts: BTreeSet<&str> = bill.iter().map(prompt_of).collect();
    for prompt in prompts.into_iter().filter(|prompt| !prompt.is_empty()) {
        let entries: Vec<&Entry> = bill
            .iter()
            .filter(|entry| prompt_of(entry) == prompt)
            .collect();
        let of = |(_, attempt): &(&&str, &Value)| text(&attempt["request"], "prompt") == prompt;
        let tried: Vec<(&&str, &Value)> = attempts.iter().filter(of).collect();
        let executed = entries
            .iter()
            .filter(|entry| entry.execution_started)
            .count();
        if executed > 1 || entries.len() > tried.len() {
            found.duplicates.push(format!(
                "“{prompt}”: {} requests, {executed} executed, {} attempts",
                entries.len(),
                tried.len()
            ));
        }
        let billed: u64 = entries.iter().map(|entry| entry.billed_pico).sum();
        let covers = tried.iter().map(|(id, _)| {
            let booked = ledger.get(**id).copied().unwrap_or_default();
            booked.covers()
        });
        // One without a bound counts as any amount: the ledger says that nobody knows.
        let covered = covers
            .reduce(|sum, one| Some(sum? + one?))
            .unwrap_or(Some(0));
        found.undercount += covered.map_or(0, |covered| billed.saturating_sub(covered));
    }
}

pub(super) fn prompt_of(entry: &Entry) -> &str {
    entry
        .parameters
        .get("prompt")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A database with one finished picture, and the bill of it.
    fn healthy() -> (Value, Vec<Entry>, BTreeMap<String, Asked>) {
        let text = |value: Value| value.to_string();
        let hash = "0".repeat(64);
        let attempt = json!({"state": "done", "request": {"prompt": "p"}});
        let picture = json!({"blob": hash, "bytes": 3, "attempt": "a", "request": {"prompt": "p"}});
        let day = json!({"groups": [{"confirmed": 5, "possible": 0}]});
        let dump = json!({
            "attempts": [["a", text(attempt)]],
            "blobs": [[hash, {"bytes": 3, "sha256": hash}]],
            "pictures": [["1", text(picture)]],
            "trash": [],
            "thumbs": [],
            "ledger": [
                ["a.1-reserved", text(json!({"attempt": "a", "said": {"reserved": {"most": 9}}}))],
                ["a.2-settled", text(json!({"attempt": "a", "said": {"settled": {"cost": 5}}}))],
            ],
            "meta": [["spent:2026-11-22", text(day)]],
        });
        let entry = Entry {
            parameters: [("prompt".to_owned(), json!("p"))].into_iter().collect(),
            execution_started: true,
            billed_pico: 5,
            drawn: vec![hash],
            ..Entry::default()
        };
        let asked = Asked {
            was_shown: true,
            fate: Fate::Kept,
        };
        (dump, vec![entry], BTreeMap::from([("p".to_owned(), asked)]))
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Value, &mut Vec<Entry>), kind: &str) {
        let (mut dump, mut bill, asked) = healthy();
        change(&mut dump, &mut bill);
        let lines = judge(&dump, &bill, &asked, "").lines();
        let says_it = lines.iter().any(|line| line.starts_with(kind));
        assert_eq!(says_it, !kind.is_empty(), "{kind}: {lines:?}");
        assert_eq!(lines.is_empty(), kind.is_empty(), "{lines:?}");
    }

    fn change_row(dump: &mut Value, store: &str, change: impl FnOnce(&mut Value)) {
        let mut row = serde_json::from_str(dump[store][0][1].as_str().unwrap()).unwrap();
        change(&mut row);
        dump[store][0][1] = json!(row.to_string());
    }

    #[test]
    fn it_finds_what_is_wrong() {
        check(|_, _| (), "");
        check(|dump, _| dump["pictures"] = json!([]), "lost");
        check(|dump, _| dump["blobs"] = json!([]), "torn");
        check(|dump, _| dump["blobs"][0][1]["sha256"] = json!("1"), "torn");
        check(|_, bill| bill[0].drawn.clear(), "lost");
        check(|_, bill| bill.push(bill[0].clone()), "sent twice");
        check(|_, bill| bill[0].billed_pico = 6, "the ledger is 1");
        check(|dump, _| dump["ledger"] = json!([]), "torn");
        check(|dump, _| dump["attempts"] = json!([]), "torn");
        check(|dump, _| dump["thumbs"] = json!([["x", {}]]), "torn");
        check(|dump, _| dump["trash"] = dump["pictures"].clone(), "torn");
        check(|dump, _| dump["meta"][0][1] = json!("{"), "torn");
        let half = json!([["backup.zip", {"bytes": 9, "whole": false}]]);
        check(|dump, _| dump["files"] = half, "torn");
        let noted = json!(["backup", "{}"]);
        check(
            |dump, _| dump["meta"].as_array_mut().unwrap().push(noted),
            "torn",
        );
        let state = |state: &'static str| {
            move |dump: &mut Value, _: &mut Vec<Entry>| {
                change_row(dump, "attempts", |row| row["state"] = json!(state));
            }
        };
        check(state("unknown"), "unknown and not shown");
        check(state("intent"), "unknown and not shown");
        check(state("failed"), "torn");
    }

    #[test]
    fn what_nobody_knows_is_possible_and_shown() {
        let (mut dump, mut bill, mut asked) = healthy();
        for store in ["pictures", "blobs"] {
            dump[store] = json!([]);
        }
        dump["ledger"].as_array_mut().unwrap().pop();
        change_row(&mut dump, "attempts", |row| row["state"] = json!("unknown"));
        change_row(&mut dump, "meta", |row| {
            row["groups"] = json!([{"confirmed": 0, "possible": 9}]);
        });
        bill[0].billed_pico = 9;
        asked.clear();
        let found = judge(&dump, &bill, &asked, "may have been billed: p");
        assert_eq!(found.lines(), Vec::<String>::new());
        assert_eq!(found.unknown, 1);
    }
}
