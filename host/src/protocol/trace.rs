//! W3C trace context in `params._meta`: kept where it is well formed, else dropped, as W3C asks.

use serde_json::value::RawValue;

use super::json;
use super::message::RawMeta;

/// Maximum size of `tracestate`, in bytes; W3C requires at least 512.
const MAX_TRACESTATE_BYTES: usize = 512;
/// Maximum size of `baggage`, in bytes; W3C's own limit.
const MAX_BAGGAGE_BYTES: usize = 8192;

/// The position of a request in the client's trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// W3C `traceparent`.
    pub traceparent: Option<String>,
    /// W3C `tracestate`; only together with a `traceparent`.
    pub tracestate: Option<String>,
    /// W3C `baggage`.
    pub baggage: Option<String>,
}

impl TraceContext {
    pub(super) fn read(raw: &RawMeta<'_>) -> TraceContext {
        let traceparent = member(raw.traceparent, is_traceparent);
        let tracestate = traceparent.as_ref().and_then(|_| member(raw.tracestate, is_tracestate));
        TraceContext { traceparent, tracestate, baggage: member(raw.baggage, is_baggage) }
    }
}

fn member(raw: Option<&RawValue>, is_valid: fn(&str) -> bool) -> Option<String> {
    let text = json::text(raw?)?;
    is_valid(&text).then(|| text.into_owned())
}

/// `version-traceid-parentid-flags` in lower-case hexadecimal; ids of zeros are invalid, and so is
/// version `ff`; a later version may append fields.
fn is_traceparent(text: &str) -> bool {
    let mut fields = text.splitn(5, '-');
    let mut hex = |length: usize| {
        fields.next().filter(|field| {
            field.len() == length && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        })
    };
    let (version, trace, parent, flags) = (hex(2), hex(32), hex(16), hex(2));
    let is_zero = |field: &str| field.bytes().all(|byte| byte == b'0');
    match (version, trace, parent, flags, fields.next()) {
        (Some(version), Some(trace), Some(parent), Some(_), rest) => {
            let is_known_or_later = version != "ff" && (version != "00" || rest.is_none());
            is_known_or_later
                && !is_zero(trace)
                && !is_zero(parent)
                && rest.is_none_or(|rest| rest.bytes().all(|byte| byte.is_ascii_graphic()))
                && text.len() <= MAX_TRACESTATE_BYTES
        }
        _ => false,
    }
}

/// A list of `key=value`, at most 32.
fn is_tracestate(text: &str) -> bool {
    text.len() <= MAX_TRACESTATE_BYTES && is_list(text, 32)
}

/// A list of `key=value;properties`, at most 64.
fn is_baggage(text: &str) -> bool {
    text.len() <= MAX_BAGGAGE_BYTES && is_list(text, 64)
}

fn is_list(text: &str, most: usize) -> bool {
    let is_printable = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t'));
    let is_member = |member: &str| member.split_once('=').is_some_and(|(key, _)| !key.trim().is_empty());
    is_printable && text.split(',').count() <= most && text.split(',').all(is_member)
}
