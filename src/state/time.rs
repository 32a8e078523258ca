//! Moments as the person's language writes them.

use crate::browser::intl;
use crate::domain::date::Timestamp;
use crate::state::words::Language;

#[must_use]
pub fn shown_time(time: Timestamp, language: Language) -> String {
    intl::format_time(time, language.tag())
}
