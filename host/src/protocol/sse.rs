//! Server-sent events, and the headers of both kinds of answer.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};

/// A comment that keeps an idle stream open; clients skip it.
pub const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// One JSON-RPC message, on one line, as an event.
pub fn event(message: &[u8]) -> Bytes {
    const HEAD: &[u8] = b"event: message\ndata: ";
    debug_assert!(memchr::memchr2(b'\n', b'\r', message).is_none(), "a line end would break the event");
    let mut out = Vec::with_capacity(HEAD.len() + message.len() + 2);
    out.extend_from_slice(HEAD);
    out.extend_from_slice(message);
    out.extend_from_slice(b"\n\n");
    out.into()
}

/// The headers of an answer that is one JSON body.
pub fn json_headers(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
}

/// The headers of an answer that is a stream of events; proxies must pass it on as it comes.
pub fn event_headers(headers: &mut HeaderMap) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
}
