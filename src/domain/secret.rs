//! A key that cannot be printed, saved or compared by accident.

use zeroize::Zeroizing;

/// Text that nobody may see: `Debug` prints `***`; there is no `Display` and no `Serialize`; dropped, it is overwritten.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself, for the one header that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Whether a text holds something shaped like an API key (the word `sk-` and sixteen characters of a key's alphabet, a digit among them).
#[must_use]
pub fn looks_like_key(text: &str) -> bool {
    key_start(text).is_some()
}

/// The text with everything that is shaped like a key replaced by `***`.
#[must_use]
pub fn redacted(text: &str) -> String {
    let mut rest = text;
    let mut clean = String::with_capacity(text.len());
    while let Some(start) = key_start(rest) {
        clean.push_str(&rest[..start]);
        clean.push_str("***");
        let key = &rest[start..];
        rest = &key[key.find(|c| !is_key_char(c)).unwrap_or(key.len())..];
    }
    clean + rest
}

fn key_start(text: &str) -> Option<usize> {
    let is_key = |at: usize| {
        let starts_a_word = !text[..at].ends_with(is_key_char);
        let key = text[at + 3..]
            .split(|c| !is_key_char(c))
            .next()
            .unwrap_or_default();
        starts_a_word && key.len() >= 16 && key.contains(|c: char| c.is_ascii_digit())
    };
    // By its one rare sign: a prompt is searched at every key, and a single byte is found much faster than a word.
    text.match_indices('-')
        .filter(|(at, _)| text[..*at].ends_with("sk"))
        .map(|(at, _)| at - 2)
        .find(|at| is_key(*at))
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> String {
        format!("sk-{}", "Ab1_".repeat(6))
    }

    #[test]
    fn a_secret_never_prints_itself() {
        let secret = Secret::new(key());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "*** Some(***)");
        assert_eq!(secret.expose(), key());
    }

    #[test]
    fn keys_are_found_and_removed() {
        assert!(looks_like_key(&format!("paint {} red", key())));
        assert!(!looks_like_key(
            "a desk-lamp, task-management-system-2026, sk-short, sk-without-any-digit"
        ));
        assert_eq!(
            redacted(&format!("a {}, b {}.", key(), key())),
            "a ***, b ***."
        );
        assert_eq!(redacted("赤い傘-k-"), "赤い傘-k-");
    }
}
