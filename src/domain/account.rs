//! The lines of the ledger read together: what became of each attempt, and the same as a table for a spreadsheet.

use crate::domain::date::Timestamp;
use crate::domain::ledger::{Entry, Reservation, Said, Settlement};
use crate::domain::money::Usd;
use crate::domain::record;

/// One attempt, by all its lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub attempt: String,
    pub at: Timestamp,
    pub reservation: Reservation,
    pub settlement: Option<Settlement>,
    pub released: bool,
    /// It came out of a backup.
    pub imported: bool,
}

/// What is known of an attempt's bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// By what the API reported.
    Billed(Usd),
    /// At most so much; `None`: nobody knows.
    Possible(Option<Usd>),
    /// Proved: nothing.
    NotBilled,
}

impl Account {
    /// Puts stored lines together; `lines` are keys and JSON in the order of their keys. Lines that cannot be read, or whose
    /// reservation is missing, are left out.
    #[must_use]
    pub fn read_all(lines: &[(String, String)]) -> Vec<Self> {
        let mut accounts: Vec<Self> = Vec::new();
        for (_, json) in lines {
            let Ok(entry) = record::read::<Entry>(json) else {
                continue;
            };
            match entry.said {
                Said::Reserved(reservation) => accounts.push(Self {
                    attempt: entry.attempt,
                    at: entry.at,
                    reservation,
                    settlement: None,
                    released: false,
                    imported: entry.imported,
                }),
                Said::Settled(settlement) => {
                    if let Some(account) = last_of(&mut accounts, &entry.attempt) {
                        account.settlement = Some(settlement);
                    }
                }
                Said::Released => {
                    if let Some(account) = last_of(&mut accounts, &entry.attempt) {
                        account.released = true;
                    }
                }
            }
        }
        accounts
    }

    #[must_use]
    pub fn standing(&self) -> Standing {
        match &self.settlement {
            Some(Settlement {
                cost: Some(cost), ..
            }) => Standing::Billed(*cost),
            Some(_) => Standing::Possible(self.reservation.most),
            None if self.released => Standing::NotBilled,
            None => Standing::Possible(self.reservation.most),
        }
    }
}

fn last_of<'a>(accounts: &'a mut [Account], attempt: &str) -> Option<&'a mut Account> {
    accounts
        .last_mut()
        .filter(|account| account.attempt == attempt)
}

/// What a spreadsheet calls the columns.
const COLUMNS: [&str; 16] = [
    "time (UTC)",
    "provider",
    "model",
    "quality",
    "size",
    "images asked",
    "images received",
    "state",
    "cost (USD)",
    "estimate low (USD)",
    "estimate high (USD)",
    "at most (USD)",
    "text tokens in",
    "image tokens in",
    "tokens out",
    "attempt",
];

/// A table of accounts as CSV (RFC 4180), to hold against the provider's own usage page. No cell begins a formula.
#[must_use]
pub fn csv(accounts: &[Account]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing into memory does not fail.
    writer.write_record(COLUMNS).ok();
    for account in accounts {
        writer.write_record(cells(account).map(harmless)).ok();
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

fn cells(account: &Account) -> [String; 16] {
    let Account {
        reservation,
        settlement,
        ..
    } = account;
    let dollars = |amount: Option<Usd>| amount.map_or_else(String::new, Usd::decimal);
    let (state, cost) = match account.standing() {
        Standing::Billed(cost) => ("billed", Some(cost)),
        Standing::Possible(_) => ("may have been billed", None),
        Standing::NotBilled => ("not billed", Some(Usd::ZERO)),
    };
    let state = match account.imported {
        true => format!("{state} (from a backup)"),
        false => state.to_owned(),
    };
    let usage = settlement.as_ref().and_then(|settled| settled.usage);
    let tokens = |count: Option<u64>| count.map_or_else(String::new, |count| count.to_string());
    [
        account.at.iso(),
        reservation.provider.as_str().into(),
        reservation.model.clone(),
        reservation.quality.clone(),
        reservation.size.clone(),
        reservation.n.to_string(),
        settlement
            .as_ref()
            .map_or(0, |settled| settled.pictures)
            .to_string(),
        state,
        dollars(cost),
        dollars(reservation.likely.map(|[low, _]| low)),
        dollars(reservation.likely.map(|[_, high]| high)),
        dollars(reservation.most),
        tokens(usage.map(|usage| usage.text_in())),
        tokens(usage.map(|usage| usage.input_tokens_details.image_tokens)),
        tokens(usage.map(|usage| usage.output_tokens)),
        account.attempt.clone(),
    ]
}

/// Spreadsheets run what begins like a formula: a model's name is typed by anybody.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::provider::Provider;
    use crate::domain::usage::Usage;

    fn line(attempt: &str, suffix: &str, said: Said) -> (String, String) {
        let entry = Entry {
            v: record::VERSION,
            attempt: attempt.into(),
            at: Timestamp(1_795_305_600_000),
            said,
            imported: false,
        };
        let json = record::write(&entry).unwrap();
        (format!("{attempt}.{suffix}"), json)
    }

    fn reserved(model: &str) -> Said {
        Said::Reserved(Reservation {
            provider: Provider::OpenAi,
            model: model.into(),
            quality: "low".into(),
            size: "1024x1024".into(),
            n: 2,
            likely: Some([Usd(2_194_000_000), Usd(5_018_000_000)]),
            most: Some(Usd(5_018_000_000)),
        })
    }

    fn settled() -> Said {
        Said::Settled(Settlement {
            usage: Some(Usage {
                input_tokens: 9,
                output_tokens: 272,
                ..Usage::default()
            }),
            cost: Some(Usd(2_194_000_000)),
            pictures: 2,
            prices: "2026-11-22".into(),
        })
    }

    #[test]
    fn lines_say_what_became_of_each_attempt() {
        let lines = [
            line("a", "1-reserved", reserved("mini")),
            line("a", "2-settled", settled()),
            line("b", "3-released", Said::Released),
            line("c", "3-released", Said::Released),
            line("c", "1-reserved", reserved("mini")),
            line("d", "1-reserved", reserved("mini")),
            ("e".into(), "torn".into()),
        ];
        let mut sorted = lines.to_vec();
        sorted.sort();
        let standings: Vec<Standing> = Account::read_all(&sorted)
            .iter()
            .map(Account::standing)
            .collect();
        let most = Some(Usd(5_018_000_000));
        assert_eq!(
            standings,
            [
                Standing::Billed(Usd(2_194_000_000)),
                Standing::NotBilled,
                Standing::Possible(most)
            ]
        );
    }

    #[test]
    fn the_table_is_exact_and_holds_no_formula() {
        let lines = [
            line(
                "a",
                "1-reserved",
                reserved("=HYPERLINK(\"http://x\",\"a,b\")"),
            ),
            line("a", "2-settled", settled()),
        ];
        let text = csv(&Account::read_all(&lines));
        let row = text.lines().nth(1).unwrap();
        assert_eq!(
            row,
            "2026-11-22T00:00:00Z,openai,\"'=HYPERLINK(\"\"http://x\"\",\"\"a,b\"\")\",low,1024x1024,2,2,billed,\
             0.002194,0.002194,0.005018,0.005018,9,0,272,a"
        );
    }
}
