//! The tokens that the API says it used.

use serde::{Deserialize, Serialize};

/// Tokens of one reply, after `usage` of the Images API. Every figure may be missing at compatible servers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    pub input_tokens: u64,
    pub output_tokens: u64,
    pub total_tokens: u64,
    pub input_tokens_details: InputDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens_details: Option<OutputDetails>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InputDetails {
    pub text_tokens: u64,
    pub image_tokens: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutputDetails {
    pub image_tokens: u64,
    pub text_tokens: u64,
}

impl Usage {
    /// Input that is not images: the rate of text stands for it.
    #[must_use]
    pub fn text_in(&self) -> u64 {
        self.input_tokens
            .saturating_sub(self.input_tokens_details.image_tokens)
    }

    #[must_use]
    pub fn text_out(&self) -> u64 {
        self.output_tokens_details
            .map_or(0, |details| details.text_tokens.min(self.output_tokens))
    }
}
