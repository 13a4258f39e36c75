//! Maps headers on their way through a Function URL.

use http::{HeaderName, HeaderValue};

/// Headers of a response that the URL sets itself: the function's own arrive as `x-amzn-remapped-NAME`. The list comes
/// from live URLs; AWS documents none for Function URLs.
const REMAPPED: [&str; 6] =
    ["connection", "content-length", "date", "server", "transfer-encoding", "www-authenticate"];

/// Headers of a request that belong to the connection, not to the request (RFC 9110, section 7.6.1).
const OF_THE_CONNECTION: [&str; 7] =
    ["connection", "expect", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"];

/// Reports whether a request's header ends at the URL.
pub(crate) fn ends_here(name: &HeaderName) -> bool {
    OF_THE_CONNECTION.contains(&name.as_str())
}

/// Returns the name under which the client sees a header of the function; `None` if the name is not valid in HTTP.
pub(crate) fn seen_as(name: &str) -> Option<HeaderName> {
    let name = name.to_ascii_lowercase();
    let name = if REMAPPED.contains(&name.as_str()) { format!("x-amzn-remapped-{name}") } else { name };
    name.parse().ok()
}

/// Returns a value that HTTP can carry; `None` for one with control characters.
pub(crate) fn value(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_the_url_sets_itself_are_remapped_and_others_are_not() {
        let seen = |name| seen_as(name).map(|name| name.to_string());
        assert_eq!(seen("Content-Length").as_deref(), Some("x-amzn-remapped-content-length"));
        assert_eq!(seen("Date").as_deref(), Some("x-amzn-remapped-date"));
        assert_eq!(seen("Content-Type").as_deref(), Some("content-type"));
        assert_eq!(seen("WWW-Authenticate").as_deref(), Some("x-amzn-remapped-www-authenticate"));
        assert_eq!(seen("no header"), None);
    }
}
