//! Why a request is refused, and how the refusal looks on the wire.
//!
//! [`Fault`] is the one table of codes and HTTP statuses of this layer. Messages are made for the
//! person who wrote the client: they name the header or member, the value found (shortened and
//! escaped) and what was expected, and tell nothing about the inside of the server.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::value::RawValue;

use super::head::Head;
use super::id::Id;
use super::quoted::{self, Quoted};
use super::revision::{Era, Revision};

/// What is wrong with a request, by what its sender does about it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// Send it from an allowed origin, or to a name that the server answers to.
    #[error("{0}")]
    Forbidden(String),
    /// Show who you are.
    #[error("{0}")]
    Unauthorized(String),
    /// Show who you are in the one way there is.
    #[error("{0}")]
    Credentials(String),
    /// Get the scopes that the tool asks for.
    #[error("{0}")]
    Scope(String),
    /// Try again: who may call is not known right now.
    #[error("the server cannot tell right now who may call: try again")]
    Unavailable,
    /// Use POST.
    #[error("{0}")]
    HttpMethod(String),
    /// Send `application/json`.
    #[error("{0}")]
    MediaType(String),
    /// Accept what the server can answer with.
    #[error("{0}")]
    NotAcceptable(String),
    /// Send less.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The largest body accepted.
        limit: usize,
    },
    /// Send JSON.
    #[error("{0}")]
    Parse(String),
    /// Send one JSON-RPC request or notification.
    #[error("{0}")]
    Shape(String),
    /// Describe the request in `params._meta`.
    #[error("{0}")]
    Envelope(String),
    /// Make the headers say what the body says.
    #[error("{0}")]
    HeaderMismatch(String),
    /// Use a revision from the list.
    #[error("unsupported protocol version {}", Quoted(.requested))]
    Version {
        /// The revision that the client named.
        requested: String,
    },
    /// Call a method that exists in this revision and that the server advertises.
    #[error("unknown method {}", Quoted(.method))]
    Method {
        /// The method that the client named.
        method: String,
    },
    /// Correct `params`.
    #[error("{0}")]
    Params(String),
    /// Read a resource that exists.
    #[error("unknown resource {}", Quoted(.uri))]
    ResourceNotFound {
        /// The resource that the client named.
        uri: String,
    },
    /// Declare the capabilities that the tool needs.
    #[error("the client did not declare a capability that this needs")]
    Capability {
        /// The object `requiredCapabilities`, as JSON text.
        required: Box<RawValue>,
    },
    /// Try something else: a plugin failed, and says this.
    #[error("{0}")]
    Failed(String),
    /// Nothing: the server is at fault.
    #[error("internal error")]
    Internal,
}

impl Fault {
    /// The refusal of a call of a tool that there is not.
    pub fn unknown_tool(name: &str) -> Self {
        Fault::Params(format!("unknown tool {}", Quoted(name)))
    }

    /// The refusal of a prompt that there is not.
    pub fn unknown_prompt(name: &str) -> Self {
        Fault::Params(format!("unknown prompt {}", Quoted(name)))
    }

    /// The refusal to complete a resource template that there is not.
    pub fn unknown_template(template: &str) -> Self {
        Fault::Params(format!("unknown resource template {}", Quoted(template)))
    }

    /// The refusal of parameters in which something is missing.
    pub(super) fn missing(path: &str, expected: &str) -> Self {
        Fault::Params(format!("{path} is missing: expected {expected}"))
    }

    /// The refusal of parameters in which something else stands at `path`.
    pub(super) fn unfit(path: &str, expected: &str, found: &str) -> Self {
        Fault::Params(format!("{path}: expected {expected}, found {found}"))
    }

    /// The refusal of a `requestState` that does not open, whatever the reason: an attacker learns nothing.
    pub fn state() -> Self {
        let text = "params.requestState: expected the state of the last answer to this very call, within an hour of its \
                    start; call again without it";
        Fault::Params(text.to_owned())
    }

    /// The JSON-RPC error code, for a request of that era.
    pub fn code(&self, era: Era) -> i32 {
        match self {
            Fault::Parse(_) => -32700,
            Fault::Forbidden(_)
            | Fault::Unauthorized(_)
            | Fault::Credentials(_)
            | Fault::Scope(_)
            | Fault::HttpMethod(_)
            | Fault::MediaType(_)
            | Fault::NotAcceptable(_)
            | Fault::TooLarge { .. }
            | Fault::Shape(_) => -32600,
            Fault::Method { .. } => -32601,
            Fault::Envelope(_) | Fault::Params(_) => -32602,
            Fault::ResourceNotFound { .. } => match era {
                Era::Modern => -32602,
                Era::Legacy => -32002,
            },
            Fault::Failed(_) | Fault::Internal | Fault::Unavailable => -32603,
            Fault::HeaderMismatch(_) => -32020,
            Fault::Capability { .. } => -32021,
            Fault::Version { .. } => -32022,
        }
    }

    /// The HTTP status, for a request of that era.
    pub fn status(&self, era: Era) -> StatusCode {
        match (self, era) {
            (Fault::Forbidden(_) | Fault::Scope(_), _) => StatusCode::FORBIDDEN,
            (Fault::Unauthorized(_), _) => StatusCode::UNAUTHORIZED,
            (Fault::Credentials(_), _) => StatusCode::BAD_REQUEST,
            (Fault::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
            (Fault::HttpMethod(_), _) => StatusCode::METHOD_NOT_ALLOWED,
            (Fault::MediaType(_), _) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            (Fault::NotAcceptable(_), _) => StatusCode::NOT_ACCEPTABLE,
            (Fault::TooLarge { .. }, _) => StatusCode::PAYLOAD_TOO_LARGE,
            (Fault::Parse(_) | Fault::Shape(_) | Fault::Envelope(_), _) => StatusCode::BAD_REQUEST,
            (Fault::HeaderMismatch(_) | Fault::Version { .. }, _) => StatusCode::BAD_REQUEST,
            (Fault::Method { .. }, Era::Modern) => StatusCode::NOT_FOUND,
            (Fault::Capability { .. }, Era::Modern) => StatusCode::BAD_REQUEST,
            (Fault::Method { .. } | Fault::Capability { .. }, Era::Legacy) => StatusCode::OK,
            (Fault::Params(_) | Fault::ResourceNotFound { .. } | Fault::Failed(_) | Fault::Internal, _) => {
                StatusCode::OK
            }
        }
    }
}

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
    /// A refusal of a request whose envelope was understood.
    pub fn new(fault: Fault, head: &Head) -> Self {
        let era = head.revision.era();
        Rejection(Box::new(Parts { fault, era, id: Some(head.id.clone()), headers: HeaderMap::new() }))
    }

    /// A refusal before the request's revision is known; `id` where that is known already.
    pub fn early(fault: Fault, id: Option<Id>) -> Self {
        let mut headers = HeaderMap::new();
        if let Fault::HttpMethod(_) = fault {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        Rejection(Box::new(Parts { fault, era: Era::Modern, id, headers }))
    }

    /// What is wrong.
    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.fault.status(self.0.era)
    }

    /// Headers of the answer, to be added to.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.0.headers
    }

    /// The JSON-RPC error response, on one line: the body of the answer, an item of a batch's
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

    /// The whole answer.
    pub fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(self.body());
        *response.status_mut() = self.status();
        *response.headers_mut() = self.0.headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
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
