//! Refuses whoever is not the page itself: pages of other sites, of other ports of this machine, names that were bent
//! to this machine (DNS rebinding), and whatever has not read the page.

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use toolcell_host::digest::Digest;

/// The header with the token.
const TOKEN: HeaderName = HeaderName::from_static("x-toolcell-token");

/// The headers by which a browser describes the page that sends a request.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A refusal.
pub(super) type Refused = (StatusCode, String);

/// Checks where a request comes from. A `GET` may have no origin, because browsers send none with it.
///
/// # Errors
/// The name of the server is not one of loopback, or the request comes from another page.
pub(super) fn check_sender(parts: &Parts) -> Result<(), Refused> {
    let host = only(&parts.headers, HOST).filter(|host| parts.uri.authority().is_none() && is_loopback(host));
    let host = host.ok_or_else(|| forbidden("Host: expected localhost, 127.0.0.1 or [::1], once"))?;
    let own = format!("http://{host}");
    let is_read = matches!(parts.method, Method::GET | Method::HEAD);
    let from_own = match parts.headers.contains_key(ORIGIN) {
        true => only(&parts.headers, ORIGIN).is_some_and(|origin| origin.eq_ignore_ascii_case(&own)),
        false => is_read,
    };
    if !from_own {
        return Err(forbidden(&format!("Origin: expected {own}")));
    }
    let site = match parts.headers.contains_key(FETCH_SITE) {
        true => only(&parts.headers, FETCH_SITE).unwrap_or_default(),
        false => "none",
    };
    match site {
        "same-origin" => Ok(()),
        "none" if is_read => Ok(()),
        // Other programs than browsers send none; the token is checked all the same.
        "none" if !parts.headers.contains_key(FETCH_SITE) => Ok(()),
        _ => Err(forbidden("Sec-Fetch-Site: another page links here; open the workbench by its address")),
    }
}

/// Checks that a request is made by who has read the page.
///
/// # Errors
/// The token is missing or that of another start, or the body is not declared to be JSON.
pub(super) fn check_token(parts: &Parts, token: &str) -> Result<(), Refused> {
    let given = only(&parts.headers, TOKEN).unwrap_or_default();
    // Digests are compared, so that the time says nothing about the token.
    if Digest::of(given.as_bytes()) != Digest::of(token.as_bytes()) {
        return Err(forbidden("x-toolcell-token: expected the token of the page; reload it after a restart"));
    }
    if only(&parts.headers, CONTENT_TYPE) != Some("application/json") {
        return Err((
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Type: expected application/json".to_owned(),
        ));
    }
    Ok(())
}

/// Returns the value of a header that is there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.rfind(':').filter(|at| !host[*at..].contains(']')) {
        Some(at) => (&host[..at], &host[at + 1..]),
        None => (host, "80"),
    };
    let is_name = ["localhost", "127.0.0.1", "[::1]"].iter().any(|one| name.eq_ignore_ascii_case(one));
    is_name && port.parse::<u16>().is_ok()
}

fn forbidden(text: &str) -> Refused {
    (StatusCode::FORBIDDEN, format!("refused: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_loopback_are_the_server() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]", "[::1]:8080"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            ":80",
            "localhost:",
            "localhost:x",
            "localhost:70000",
            "localhost.evil.example",
            "evil.example",
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "127.0.0.2",
            "::1",
            "[::2]",
            "[::1]x",
            "localhost:80:80",
            "user@localhost",
            "0.0.0.0:8080",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
