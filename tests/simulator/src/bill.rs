//! What was received, done and sent, and what it cost: written from the fact sheet's rules, to check the app's.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pentimento::domain::tokenizer::Vocabulary;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::asked::Asked;
use crate::rules::{Family, Known, pixels};

/// One request for pictures, and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    pub id: u64,
    /// Milliseconds since the simulator's first start.
    pub at_ms: u64,
    pub method: String,
    pub path: String,
    /// Names only, in lower case.
    pub headers: Vec<String>,
    pub key: KeySeen,
    pub origin: Option<String>,
    pub referer: Option<String>,
    pub has_cookies: bool,
    pub user_agent: Option<String>,
    /// Bytes of the body that arrived, and whether its end did.
    pub body_bytes: u64,
    pub body_complete: bool,
    /// As received, without pictures.
    pub parameters: Map<String, Value>,
    /// The canvas and the references, in order; then the mask.
    pub uploads: Vec<Received>,
    /// Parts of the script that was used, if any.
    pub script: Option<Value>,
    pub status: Option<u16>,
    /// The code or message of the refusal.
    pub refused: Option<String>,
    pub execution_started: bool,
    /// Finished, and so billed.
    pub execution_finished: bool,
    pub billed_pico: u64,
    pub usage: Option<Value>,
    pub pictures: u32,
    /// SHA-256 of each picture that was drawn, previews apart.
    pub drawn: Vec<String>,
    /// Bytes of the body that were handed to the connection.
    pub bytes_sent: u64,
    pub finished: bool,
    /// The client went away after so many bytes of the answer.
    pub client_gone_at: Option<u64>,
    /// The script closed the line after so many bytes.
    pub cut_at: Option<u64>,
    pub done_ms: Option<u64>,
}

/// Whether a key came, and whether it was the right one; never the key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySeen {
    #[default]
    Absent,
    /// A key came and none is configured.
    Present,
    Matched,
    Wrong,
}

/// A picture as received. Its bytes are kept: `Simulator::received`, `GET /control/received/{id}/{number}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    pub field: String,
    pub file_name: Option<String>,
    pub content_type: Option<String>,
    pub bytes: u64,
    pub sha256: String,
    pub width: Option<u32>,
    pub height: Option<u32>,
}

/// Tokens of one request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tokens {
    pub text_in: u64,
    pub image_in: u64,
    pub image_out: u64,
}

impl Tokens {
    /// As the API reports it.
    #[must_use]
    pub fn usage(&self) -> Value {
        let input = self.text_in + self.image_in;
        json!({
            "input_tokens": input,
            "input_tokens_details": {"text_tokens": self.text_in, "image_tokens": self.image_in},
            "output_tokens": self.image_out,
            "output_tokens_details": {"text_tokens": 0, "image_tokens": self.image_out},
            "total_tokens": input + self.image_out,
        })
    }

    /// What a finished request used, with so many pictures and previews sent.
    #[must_use]
    pub fn of(asked: &Asked, model: Known, pictures: u32, previews: u32) -> Self {
        let size = asked.text("size").and_then(pixels).unwrap_or((1024, 1024));
        let quality = match asked.text("quality") {
            None | Some("auto") => "medium",
            Some(quality) => quality,
        };
        let each = output_tokens(model.family, size, quality);
        let high = asked.text("input_fidelity") == Some("high");
        Self {
            // Edits add more with the number of images; by how much nobody has said.
            text_in: text_tokens(asked.text("prompt").unwrap_or_default())
                + 6
                + 21 * asked.images.len() as u64,
            image_in: asked
                .images
                .iter()
                .filter_map(|image| image.size)
                .map(|size| input_tokens(model.family, size, high))
                .sum(),
            image_out: each * u64::from(pictures) + 100 * u64::from(previews),
        }
    }
}

/// The tokens that o200k_base makes of a prompt.
#[must_use]
pub fn text_tokens(prompt: &str) -> u64 {
    static VOCABULARY: LazyLock<Option<Vocabulary>> = LazyLock::new(|| {
        let table = include_bytes!("../../../public/o200k_base.bin");
        Vocabulary::read(table.to_vec()).ok()
    });
    let count = |vocabulary: &Vocabulary| vocabulary.count(prompt);
    VOCABULARY.as_ref().map_or(0, count)
}

/// Output tokens of one picture.
#[must_use]
pub fn output_tokens(family: Family, (width, height): (u64, u64), quality: &str) -> u64 {
    let factor = |low, medium, high, xhigh, max| match quality {
        "low" => low,
        "high" => high,
        "xhigh" => xhigh,
        "max" => max,
        _ => medium,
    };
    match family {
        Family::Mini | Family::One | Family::OneFive | Family::Foreign => {
            let row = match quality {
                "low" => [272, 408, 400],
                "high" => [4160, 6240, 6208],
                _ => [1056, 1584, 1568],
            };
            row[if width == height {
                0
            } else {
                1 + usize::from(width > height)
            }]
        }
        Family::Two => by_formula(factor(16, 48, 96, 96, 96), width, height),
        Family::TwoFive => by_formula(factor(16, 24, 48, 64, 96), width, height),
        // Measured: low and medium three to four times those of 2.5, the others about the same.
        Family::TwoSix => {
            by_formula(factor(16, 24, 48, 64, 96), width, height) * factor(4, 4, 1, 1, 1)
        }
        Family::DallE2 | Family::DallE3 => 0,
    }
}

fn by_formula(factor: u64, width: u64, height: u64) -> u64 {
    let (short, long) = (width.min(height).max(1), width.max(height).max(1));
    let (whole, rest) = (factor * short / long, factor * short % long);
    let rounds_up = rest * 2 > long || rest * 2 == long && whole % 2 == 1;
    let u = whole + u64::from(rounds_up);
    (factor * u * (2_000_000 + width * height)).div_ceil(4_000_000)
}

/// Input tokens of one picture.
fn input_tokens(family: Family, (width, height): (u32, u32), high: bool) -> u64 {
    if matches!(family, Family::Two | Family::TwoFive | Family::TwoSix) {
        // Measured between these; here it follows from the size, so that it is always the same.
        return 1_024 + (u64::from(width) * 31 + u64::from(height) * 17) % 513;
    }
    let (short, long) = (
        u64::from(width.min(height)).max(1),
        u64::from(width.max(height)),
    );
    let tiles = (long * 512).div_ceil(short).div_ceil(512);
    let fidelity = match (high, width == height) {
        (true, true) => 4_160,
        (true, false) => 6_240,
        _ => 0,
    };
    65 + 129 * tiles + fidelity
}

/// Pico-dollars of a request.
#[must_use]
pub fn price(model: Known, tokens: Tokens, pictures: u32, asked: &Asked) -> u64 {
    // Dollars per million tokens are millions of pico-dollars per token.
    let (text, image, out) = match model.family {
        Family::Mini => (2_000_000, 2_500_000, 8_000_000),
        Family::One => (5_000_000, 10_000_000, 40_000_000),
        Family::OneFive => (5_000_000, 8_000_000, 32_000_000),
        Family::Two | Family::TwoFive | Family::TwoSix => (5_000_000, 8_000_000, 30_000_000),
        Family::DallE2 | Family::DallE3 => return u64::from(pictures) * sold(model.family, asked),
        Family::Foreign => return 0,
    };
    tokens.text_in * text + tokens.image_in * image + tokens.image_out * out
}

/// DALL·E's price of a picture, as it was sold.
fn sold(family: Family, asked: &Asked) -> u64 {
    let size = asked.text("size").unwrap_or("1024x1024");
    let thousandths = match (family, size, asked.text("quality")) {
        (Family::DallE3, "1024x1024", Some("hd")) => 80,
        (Family::DallE3, "1024x1024", _) => 40,
        (Family::DallE3, _, Some("hd")) => 120,
        (Family::DallE3, ..) => 80,
        (_, "256x256", _) => 16,
        (_, "512x512", _) => 18,
        _ => 20,
    };
    thousandths * 1_000_000_000
}

/// Sums over a bill, for a quick look.
#[must_use]
pub fn summary(entries: &[Entry]) -> Value {
    let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
    for entry in entries {
        let status = entry
            .status
            .map_or("none".to_owned(), |status| status.to_string());
        *statuses.entry(status).or_default() += 1;
    }
    json!({
        "requests": entries.len(),
        "executions_started": entries.iter().filter(|entry| entry.execution_started).count(),
        "executions_finished": entries.iter().filter(|entry| entry.execution_finished).count(),
        "billed_pico": entries.iter().map(|entry| entry.billed_pico).sum::<u64>(),
        "pictures": entries.iter().map(|entry| entry.pictures).sum::<u32>(),
        "statuses": statuses,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(family: Family, size: (u64, u64), quality: &str, tokens: u64) {
        assert_eq!(output_tokens(family, size, quality), tokens);
    }

    #[test]
    fn the_published_figures_come_out() {
        check(Family::Mini, (1024, 1024), "low", 272);
        check(Family::Mini, (1024, 1536), "medium", 1584);
        check(Family::One, (1536, 1024), "high", 6208);
        check(Family::Two, (1024, 1024), "low", 196);
        check(Family::Two, (1024, 1024), "medium", 1756);
        check(Family::Two, (1024, 1024), "high", 7024);
        assert_eq!(text_tokens("a red dot"), 3);
        assert_eq!(input_tokens(Family::One, (1024, 1024), false), 194);
    }
}
