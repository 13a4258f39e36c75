//! Writes a refusal: a JSON-RPC error and its HTTP answer.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::fault::Fault;
use super::head::Head;
use super::id::Id;
use super::quoted;
use super::revision::{Era, Revision};

/// A refusal, ready to be sent.
#[derive(Clone, Debug)]
pub struct Rejection(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    fault: Fault,
    era: Era,
    id: Option<Id>,
    headers: HeaderMap,
}

impl Rejection {
    /// Refuses a request whose envelope was understood.
    pub fn new(fault: impl Into<Fault>, head: &Head) -> Self {
        let (fault, era) = (fault.into(), head.revision.era());
        Rejection(Box::new(Parts { fault, era, id: Some(head.id.clone()), headers: HeaderMap::new() }))
    }

    /// Refuses a request whose revision is not known yet; `id` where that is known already.
    pub fn early(fault: impl Into<Fault>, id: Option<Id>) -> Self {
        let fault = fault.into();
        let mut headers = HeaderMap::new();
        if let Fault::HttpMethod { .. } = fault {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        Rejection(Box::new(Parts { fault, era: Era::Modern, id, headers }))
    }

    /// Returns what is wrong.
    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }

    /// Returns the HTTP status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.fault.status(self.0.era)
    }

    /// Returns the headers of the answer, to be added to.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }

    /// Writes the JSON-RPC error response, on one line: the body of the answer, an item of a batch's
    /// answer, or the last message of a stream. It has no `id` where none is known.
    pub fn body(&self) -> Bytes {
        let fault = &self.0.fault;
        let mut out = Vec::with_capacity(256);
        out.extend_from_slice(br#"{"jsonrpc":"2.0","#);
        if let Some(id) = &self.0.id {
            out.extend_from_slice(br#""id":"#);
            out.extend_from_slice(id.as_json());
            out.push(b',');
        }
        out.extend_from_slice(
            format!(r#""error":{{"code":{},"message":"#, fault.code(self.0.era)).as_bytes(),
        );
        super::line::push_text(&mut out, &fault.to_string());
        push_data(&mut out, fault);
        out.extend_from_slice(b"}}");
        out.into()
    }

    /// Writes the whole answer.
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body());
        *response.status_mut() = self.status();
        *response.headers_mut() = self.0.headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// How an error begins that names no request.
const NAMELESS: &[u8] = br#"{"jsonrpc":"2.0","error":"#;

/// Gives the text of a response an id, if it is an error without one: where answers come in any order, one that names no
/// request belongs to none.
pub fn named(response: Bytes, id: &Id) -> Bytes {
    let Some(error) = response.strip_prefix(NAMELESS) else { return response };
    [br#"{"jsonrpc":"2.0","id":"#, id.as_json(), br#","error":"#, error].concat().into()
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        Rejection::early(fault, None)
    }
}

/// Appends the error's `data` member, if it has one.
fn push_data(out: &mut Vec<u8>, fault: &Fault) {
    match fault {
        Fault::Version { requested } => {
            out.extend_from_slice(br#","data":{"supported":"#);
            push_supported(out);
            out.extend_from_slice(br#","requested":"#);
            let requested: String = requested.chars().take(quoted::MAX_QUOTED_CHARS).collect();
            super::line::push_text(out, &requested);
            out.push(b'}');
        }
        Fault::Capability { required } => {
            out.extend_from_slice(br#","data":{"requiredCapabilities":"#);
            super::line::push_json(out, required.get().as_bytes());
            out.push(b'}');
        }
        Fault::ResourceNotFound { uri } => {
            out.extend_from_slice(br#","data":{"uri":"#);
            super::line::push_text(out, uri);
            out.push(b'}');
        }
        _ => {}
    }
}

/// Appends the array of supported revisions.
pub(super) fn push_supported(out: &mut Vec<u8>) {
    for (place, revision) in Revision::SUPPORTED.into_iter().enumerate() {
        out.push(if place == 0 { b'[' } else { b',' });
        super::line::push_text(out, revision.name());
    }
    out.push(b']');
}
