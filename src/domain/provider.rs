//! Where requests go: the practice provider, OpenAI, or a server that speaks the same API.

use serde::{Deserialize, Serialize};

/// Who draws.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// Built in: no key, no network, no cost.
    #[default]
    Practice,
    #[serde(rename = "openai")]
    OpenAi,
    Compatible,
}

impl Provider {
    pub const ALL: [Self; 3] = [Self::Practice, Self::OpenAi, Self::Compatible];

    /// The value in the page and in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Practice => "practice",
            Self::OpenAi => "openai",
            Self::Compatible => "compatible",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.as_str() == text)
    }
}

/// OpenAI's own address.
pub const OPENAI: &str = "https://api.openai.com/v1";

/// A base address that a key may be sent to: `https://…`, or `http://` on this machine; no user, query or fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    origin: String,
    path: String,
}

/// Why a text is no such address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddressFault {
    /// Not a web address, or one with a user name, a query, a fragment or odd characters.
    Malformed,
    /// Plain http to another machine would show the key to the network.
    NotEncrypted,
    /// This copy's content security policy lets no request reach that origin.
    NotListed { origin: String },
}

impl Address {
    /// Reads an address; `listed` are the origins that this copy of the app was built to reach besides OpenAI and loopback.
    ///
    /// # Errors
    /// Says which rule the text breaks.
    pub fn parse(text: &str, listed: &[String]) -> Result<Self, AddressFault> {
        let text = text.trim().trim_end_matches('/');
        let (scheme, rest) = text.split_once("://").ok_or(AddressFault::Malformed)?;
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (host, port) = authority
            .split_once(':')
            .map_or((authority, None), |(host, port)| (host, Some(port)));
        let host = host.to_ascii_lowercase();
        let host_ok = !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        let port_ok = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
        let path_ok = path
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b))
            && !path.contains("..");
        if !(host_ok && port_ok && path_ok) {
            return Err(AddressFault::Malformed);
        }
        let loopback = is_loopback(&host);
        let origin = format!(
            "{scheme}://{host}{}",
            port.map(|port| format!(":{port}")).unwrap_or_default()
        );
        match scheme {
            "http" if !loopback => Err(AddressFault::NotEncrypted),
            "http" | "https"
                if loopback
                    || OPENAI.starts_with(&format!("{origin}/"))
                    || listed.contains(&origin) =>
            {
                Ok(Self {
                    origin,
                    path: path.into(),
                })
            }
            "https" => Err(AddressFault::NotListed { origin }),
            _ => Err(AddressFault::Malformed),
        }
    }

    /// Scheme, host and port: what a key is bound to.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// On this machine: the browser's word on being offline does not count.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host = self
            .origin
            .split("://")
            .nth(1)
            .and_then(|rest| rest.split(':').next())
            .unwrap_or_default();
        is_loopback(host)
    }

    /// The address of an endpoint such as `images/generations`.
    #[must_use]
    pub fn endpoint(&self, name: &str) -> String {
        format!("{self}/{name}")
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
    }
}

/// The two names of this machine that the page's policy lists.
fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "127.0.0.1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, AddressFault>) {
        let listed = ["https://images.example".to_owned()];
        let read = Address::parse(text, &listed).map(|address| address.to_string());
        assert_eq!(read, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn only_addresses_that_a_key_may_go_to() {
        check(OPENAI, Ok(OPENAI));
        check(
            " http://127.0.0.1:9321/v1/ ",
            Ok("http://127.0.0.1:9321/v1"),
        );
        check("http://LOCALHOST:8080", Ok("http://localhost:8080"));
        check("https://images.example/v1", Ok("https://images.example/v1"));
        check("http://images.example/v1", Err(AddressFault::NotEncrypted));
        let unlisted = |origin: &str| {
            Err(AddressFault::NotListed {
                origin: origin.into(),
            })
        };
        check(
            "https://api.openai.com.evil.example/v1",
            unlisted("https://api.openai.com.evil.example"),
        );
        check(
            "https://api.openai.com:444/v1",
            unlisted("https://api.openai.com:444"),
        );
        for bad in [
            "",
            "api.openai.com",
            "ftp://localhost/x",
            "https://api.openai.com@evil.example/v1",
            "https://api.openai.com\\@evil/v1",
            "https://api.openai.com/v1?x=1",
            "https://api.openai.com/v1#x",
            "http://localhost:0/",
            "http://localhost:99999",
            "https://аpi.openai.com/v1",
            "javascript://localhost/%0a",
            "http://localhost/../x",
        ] {
            check(bad, Err(AddressFault::Malformed));
        }
    }

    #[test]
    fn a_key_is_bound_to_the_origin() {
        let address = |text| Address::parse(text, &[]).unwrap();
        assert_eq!(
            address("http://127.0.0.1:1/a").origin(),
            address("http://127.0.0.1:1/b").origin()
        );
        assert_ne!(
            address("http://127.0.0.1:1").origin(),
            address("http://127.0.0.1:2").origin()
        );
        assert!(address("http://localhost:1/v1").is_loopback() && !address(OPENAI).is_loopback());
    }
}
