//! Says which headers are recorded: those by which a request or a response differs from another.

use http::HeaderName;
use http::header;
use toolcell_host::catalog::HeaderClass;

/// Headers of a request that say nothing about it, depend on tools, or hold credentials.
const OF_REQUESTS: [HeaderName; 7] = [
    header::ACCEPT_ENCODING,
    header::AUTHORIZATION,
    header::CONTENT_LENGTH,
    header::COOKIE,
    header::DATE,
    header::HOST,
    header::USER_AGENT,
];

/// Headers of a response that differ from one day to the next, or are the business of browsers.
const OF_RESPONSES: [&str; 18] = [
    "age",
    "alt-svc",
    "cf-cache-status",
    "cf-ray",
    "content-security-policy",
    "date",
    "expires",
    "nel",
    "permissions-policy",
    "report-to",
    "server",
    "server-timing",
    "set-cookie",
    "strict-transport-security",
    "traceparent",
    "tracestate",
    "via",
    "x-runtime",
];

/// The ends of the names that services give to ids of requests.
const IDS: [&str; 3] = ["request-id", "requestid", "trace-id"];

/// Tells whether a header of a request is recorded.
pub(super) fn is_of_request(name: &HeaderName) -> bool {
    !OF_REQUESTS.contains(name) && !is_of_connection(name)
}

/// Tells whether a header of a response is recorded. A `body` has its own length.
pub(super) fn is_of_response(name: &HeaderName, body: &[u8]) -> bool {
    let text = name.as_str();
    let is_length = *name == header::CONTENT_LENGTH && !body.is_empty();
    !(OF_RESPONSES.contains(&text)
        || IDS.iter().any(|end| text.ends_with(end))
        || is_of_connection(name)
        || is_length)
}

fn is_of_connection(name: &HeaderName) -> bool {
    HeaderClass::of(name.as_str()) == HeaderClass::Never
}
