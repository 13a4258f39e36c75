//! Renders what the client of a Function URL reads: the function's response, or Lambda's own in its place.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use tokio::sync::mpsc;

use crate::body::{Piece, Pieces, ReplyBody};
use crate::failure::FunctionError;
use crate::header::{seen_as, value};
use crate::prelude::Head;

/// The response of an invocation.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A whole response.
    Whole(Head, Bytes),
    /// A head, and a body that comes in pieces.
    Stream(Head, mpsc::Receiver<Piece>),
    /// The bytes that the function posted, for a caller of `Invoke`.
    Raw(Bytes),
    /// No response: the invocation failed before one began; with the error that the function reported.
    Failed(Option<FunctionError>),
}

/// The identifiers that every response carries, the function's and Lambda's own.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) request_id: String,
    pub(crate) trace: String,
    /// Tells whether some headers of the function reach the client under another name.
    pub(crate) remaps_headers: bool,
}

/// Turns the response of an invocation into HTTP.
pub(crate) fn render(reply: Reply, stamp: &Stamp) -> Response<ReplyBody> {
    match reply {
        Reply::Whole(head, body) => answered(&head, ReplyBody::Whole(Some(body)), stamp),
        Reply::Stream(head, pieces) => answered(&head, ReplyBody::Stream(Pieces::new(pieces)), stamp),
        Reply::Raw(_) | Reply::Failed(_) => failed(stamp),
    }
}

fn answered(head: &Head, body: ReplyBody, stamp: &Stamp) -> Response<ReplyBody> {
    let Ok(status) = StatusCode::from_u16(head.status_code) else { return failed(stamp) };
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    for (name, values) in &head.headers {
        let name = if stamp.remaps_headers { seen_as(name) } else { name.to_ascii_lowercase().parse().ok() };
        let Some(name) = name else { continue };
        for value in values.all().iter().filter_map(|text| value(text)) {
            headers.append(&name, value);
        }
    }
    for cookie in head.cookies.iter().filter_map(|cookie| value(cookie)) {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/octet-stream"));
    stamped(headers, stamp);
    reply
}

/// Reports that the function failed, without telling the client how.
fn failed(stamp: &Stamp) -> Response<ReplyBody> {
    said(StatusCode::BAD_GATEWAY, None, "Internal Server Error", stamp)
}

/// Answers a request that is larger than `most` bytes.
pub(crate) fn too_large(most: usize, stamp: &Stamp) -> Response<ReplyBody> {
    let text = format!(
        "{{\"Message\":\"Request must be smaller than {most} bytes for the InvokeFunction operation\"}}"
    );
    said(StatusCode::PAYLOAD_TOO_LARGE, Some("RequestTooLargeException"), &text, stamp)
}

/// Answers a request for which no concurrency is left.
pub(crate) fn throttled(stamp: &Stamp) -> Response<ReplyBody> {
    let text = "{\"Reason\":\"ReservedFunctionConcurrentInvocationLimitExceeded\",\"Type\":\"User\",\
                \"message\":\"Rate Exceeded.\"}";
    said(StatusCode::TOO_MANY_REQUESTS, Some("TooManyRequestsException"), text, stamp)
}

/// Answers a request for a path that is not below the stage.
pub(crate) fn unknown_path(stamp: &Stamp) -> Response<ReplyBody> {
    said(StatusCode::NOT_FOUND, None, "{\"message\":\"Not Found\"}", stamp)
}

/// Answers a request that could not be read to its end.
pub(crate) fn unreadable(stamp: &Stamp) -> Response<ReplyBody> {
    said(StatusCode::BAD_REQUEST, None, "Bad Request", stamp)
}

fn said(status: StatusCode, error: Option<&'static str>, text: &str, stamp: &Stamp) -> Response<ReplyBody> {
    let mut reply = Response::new(ReplyBody::Whole(Some(Bytes::copy_from_slice(text.as_bytes()))));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(error) = error {
        headers.insert("x-amzn-errortype", HeaderValue::from_static(error));
    }
    stamped(headers, stamp);
    reply
}

fn stamped(headers: &mut HeaderMap, stamp: &Stamp) {
    let mut set = |name: &'static str, text: &str| value(text).map(|value| headers.insert(name, value));
    set("x-amzn-requestid", &stamp.request_id);
    set("x-amzn-trace-id", &stamp.trace);
}
