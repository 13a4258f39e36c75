//! Server-sent events, and the headers of both kinds of answer.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memchr2_iter;

/// A comment that keeps an idle stream open; clients skip it.
pub const KEEP_ALIVE: Bytes = Bytes::from_static(b":\n\n");

/// The first bytes of every event, before its message.
pub const EVENT_HEAD: &[u8] = b"event: message\ndata: ";

/// How an event ends.
const END: &[u8] = b"\n\n";

/// One JSON-RPC message, on one line, as an event.
///
/// The specification of events ends lines at CR and LF alone, but some readers split them wherever Unicode has a line
/// end, and then wait for the rest of a message for ever. JSON holds the other line ends only inside strings, whichever
/// plugin or client wrote them, and there each of them has an escape.
pub fn event(message: &[u8]) -> Bytes {
    debug_assert!(memchr::memchr2(b'\n', b'\r', message).is_none(), "a line end would break the event");
    let mut out = Vec::with_capacity(EVENT_HEAD.len() + message.len() + 2);
    out.extend_from_slice(EVENT_HEAD);
    let mut written = 0;
    for (place, line_end, escape) in line_ends(message) {
        out.extend_from_slice(&message[written..place]);
        out.extend_from_slice(escape);
        written = place + line_end.len();
    }
    out.extend_from_slice(&message[written..]);
    out.extend_from_slice(END);
    out.into()
}

/// Returns the message that [`event`] made an event of, on one line; `None` for a comment.
pub fn message(event: &Bytes) -> Option<Bytes> {
    let message = event.strip_prefix(EVENT_HEAD)?.strip_suffix(END)?;
    Some(event.slice_ref(message))
}

/// Returns by how many bytes a message grows when [`event`] escapes its line ends.
pub fn escape_bytes(message: &[u8]) -> usize {
    line_ends(message).map(|(_, line_end, escape)| escape.len() - line_end.len()).sum()
}

/// Line ends that JSON text may hold inside strings, in UTF-8, and their escapes: NEXT LINE, LINE SEPARATOR and PARAGRAPH
/// SEPARATOR. Vertical tab, form feed and the separators FS, GS and RS are control characters, which JSON always escapes.
const LINE_ENDS: [(&[u8], &[u8]); 3] =
    [(b"\xc2\x85", b"\\u0085"), (b"\xe2\x80\xa8", b"\\u2028"), (b"\xe2\x80\xa9", b"\\u2029")];

/// Finds these line ends: their places, bytes and escapes.
fn line_ends(message: &[u8]) -> impl Iterator<Item = (usize, &'static [u8], &'static [u8])> {
    memchr2_iter(0xc2, 0xe2, message).filter_map(|place| {
        let found = LINE_ENDS.iter().find(|(line_end, _)| message[place..].starts_with(line_end));
        found.map(|(line_end, escape)| (place, *line_end, *escape))
    })
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
