//! What a page of ours may do: the content security policy, and the other headers for hosts that send them.

use crate::failure::{Failure, Result};

/// The build option: further servers that this copy may call.
pub(crate) const HOSTS: &str = "PENTIMENTO_HOSTS";

/// The servers named by the build option, each checked.
pub(crate) fn hosts() -> Result<Vec<String>> {
    let text = std::env::var(HOSTS).unwrap_or_default();
    text.split_whitespace().map(checked_host).collect()
}

fn checked_host(host: &str) -> Result<String> {
    let bad = |why: &str| {
        Failure::new(format!("{HOSTS}: `{host}` {why}"))
            .remedy("give origins only, as in \"https://a.example https://b.example:8443\"; http is for loopback")
    };
    let (scheme, authority) = host
        .split_once("://")
        .ok_or_else(|| bad("has no https:// before it"))?;
    let (name, port) = authority
        .split_once(':')
        .map_or((authority, None), |(name, port)| (name, Some(port)));
    let word = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    if !name.split('.').all(word) {
        return Err(bad(
            "is not the name of a host (no path, no wildcard, no user)",
        ));
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(bad("has a port that is no number up to 65535"));
    }
    let loopback = name == "localhost" || name.starts_with("127.");
    match scheme {
        "https" => Ok(host.to_ascii_lowercase()),
        "http" if loopback => Ok(host.to_ascii_lowercase()),
        _ => Err(bad("is neither https nor http on loopback")),
    }
}

/// The policy as a `<meta>` may hold it.
pub(crate) fn content_security_policy(hosts: &[String]) -> String {
    let mut connect =
        "connect-src 'self' https://api.openai.com http://127.0.0.1:* http://localhost:*"
            .to_owned();
    for host in hosts {
        connect.push(' ');
        connect.push_str(host);
    }
    [
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        connect.as_str(),
        "img-src 'self' blob: data:",
        "style-src 'self'",
        "font-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-src 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default app",
    ]
    .join("; ")
}

/// The `_headers` file, in the form that Netlify and Cloudflare Pages read. `hashed` are the files whose name
/// changes with their content: only these may be kept for ever.
pub(crate) fn headers_file(policy: &str, early: &[String], hashed: &[String]) -> String {
    let mut out = format!(
        "/*\n  Content-Security-Policy: {policy}; frame-ancestors 'none'\n  \
         X-Content-Type-Options: nosniff\n  \
         Referrer-Policy: no-referrer\n  \
         Cross-Origin-Opener-Policy: same-origin\n  \
         Cross-Origin-Resource-Policy: same-origin\n  \
         Permissions-Policy: camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()\n  \
         Strict-Transport-Security: max-age=31536000; includeSubDomains\n"
    );
    for path in ["/", "/index.html", "/sw.js"] {
        out.push_str(&format!("{path}\n  Cache-Control: no-cache\n"));
        if path != "/sw.js" && !early.is_empty() {
            out.push_str(&format!("  Link: {}\n", early.join(", ")));
        }
    }
    for path in hashed {
        out.push_str(&format!(
            "/{path}\n  Cache-Control: public, max-age=31536000, immutable\n"
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Rules;

    #[test]
    fn only_origins_that_a_key_may_be_sent_to_are_taken() {
        for good in [
            "https://a.example",
            "https://b-1.example:8443",
            "http://127.0.0.1:9000",
            "http://localhost",
        ] {
            assert!(checked_host(good).is_ok(), "{good}");
        }
        for bad in [
            "a.example",
            "http://a.example",
            "https://*.example",
            "https://a.example/v1",
            "https://u@a.example",
            "https://a.example;script-src",
            "https://a.example:99999",
            "https://",
            "ftp://a.example",
            "https://a..b",
        ] {
            assert!(checked_host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_headers_file_reads_back() {
        let rules = Rules::parse(&headers_file(
            "default-src 'none'",
            &["<./app-1.wasm>; rel=preload".to_owned()],
            &["app-1.js".to_owned()],
        ));
        let of = |path: &str, name: &str| {
            rules
                .for_path(path)
                .into_iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        assert_eq!(
            of("/x.png", "Content-Security-Policy").unwrap(),
            "default-src 'none'; frame-ancestors 'none'"
        );
        assert_eq!(of("/", "Cache-Control").unwrap(), "no-cache");
        assert_eq!(of("/", "Link").unwrap(), "<./app-1.wasm>; rel=preload");
        assert_eq!(of("/sw.js", "Cache-Control").unwrap(), "no-cache");
        assert_eq!(of("/sw.js", "Link"), None);
        assert!(
            of("/app-1.js", "Cache-Control")
                .unwrap()
                .contains("immutable")
        );
        assert_eq!(of("/icon-192.png", "Cache-Control"), None);
    }
}
