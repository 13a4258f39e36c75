//! Names what is wrong with a request: the one table of JSON-RPC codes, HTTP statuses and texts of this layer.
//!
//! Texts are made for the person who wrote the client: they name the header or member, the value found (shortened and
//! escaped) and what was expected, and reveal nothing of the inside of the server. All of them stand in
//! `golden/faults.txt`.

mod body;
mod head;
mod header;
mod params;

use std::time::Duration;

use http::StatusCode;
use serde_json::value::RawValue;

pub use self::body::{EnvelopeError, ParseError, ShapeError};
pub use self::head::{Forbidden, MediaTypeError};
pub use self::header::HeaderError;
pub use self::params::{Expected, ParamsError};

use super::quoted::Quoted;
use super::revision::Era;

/// Names the fault of a request, by its sender's remedy.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Fault {
    /// Send it from an allowed origin, or to a name that the server answers to.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Show who you are.
    #[error("{reason}")]
    Unauthorized {
        /// The words of `auth`.
        reason: String,
    },
    /// Show who you are in the one way that the server takes.
    #[error("{reason}")]
    Credentials {
        /// The words of `auth`.
        reason: String,
    },
    /// Get the scopes that the tool asks for.
    #[error("{reason}")]
    Scope {
        /// The words of `auth`.
        reason: String,
    },
    /// Try again: the server cannot reach the place that holds its callers.
    #[error("authorization is temporarily unavailable; retry")]
    Unavailable,
    /// Try again: the server has not got its tools yet, or they are too old.
    #[error("the server has no tools to serve right now; retry")]
    NothingToServe,
    /// Use POST.
    #[error("the HTTP method {} is not served: use POST", Quoted(.method))]
    HttpMethod {
        /// The method of the request.
        method: String,
    },
    /// Send `application/json`.
    #[error(transparent)]
    MediaType(#[from] MediaTypeError),
    /// Accept what the server can answer with.
    #[error("the Accept header takes neither application/json nor text/event-stream")]
    NotAcceptable,
    /// Send less.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// The largest body accepted.
        limit: usize,
    },
    /// Send faster.
    #[error(
        "the body came too slowly: expected its next bytes within {} s, and all of it within {} s",
        idle.as_secs(), total.as_secs()
    )]
    TooSlow {
        /// The longest time between two pieces of the body.
        idle: Duration,
        /// The longest time for the whole body.
        total: Duration,
    },
    /// Send JSON.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// Send one JSON-RPC request or notification.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// Describe the request in `params._meta`.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Make the headers say what the body says.
    #[error(transparent)]
    HeaderMismatch(#[from] HeaderError),
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
    #[error(transparent)]
    Params(#[from] ParamsError),
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
    /// Try something else: a plugin failed.
    #[error("{reason}")]
    Failed {
        /// The words of the plugin, or of the sandbox that stopped it.
        reason: String,
    },
    /// Nothing: the server is at fault.
    #[error("internal error")]
    Internal,
}

impl Fault {
    /// Refuses a call of an unknown tool.
    pub fn unknown_tool(name: &str) -> Self {
        ParamsError::UnknownTool { name: name.to_owned() }.into()
    }

    /// Refuses an unknown prompt.
    pub fn unknown_prompt(name: &str) -> Self {
        ParamsError::UnknownPrompt { name: name.to_owned() }.into()
    }

    /// Refuses to complete an unknown resource template.
    pub fn unknown_template(template: &str) -> Self {
        ParamsError::UnknownTemplate { template: template.to_owned() }.into()
    }

    /// Refuses parameters that lack the member at `path`.
    pub(super) fn missing(path: &str, expected: Expected) -> Self {
        ParamsError::Missing { path: path.to_owned(), expected }.into()
    }

    /// Refuses parameters with something else at `path`.
    pub(super) fn unfit(path: &str, expected: Expected, found: &str) -> Self {
        ParamsError::Unfit { path: path.to_owned(), expected, found: found.to_owned() }.into()
    }

    /// Returns the JSON-RPC error code, for a request of that era.
    pub fn code(&self, era: Era) -> i32 {
        match self {
            Fault::Parse(_) => -32700,
            Fault::Forbidden(_)
            | Fault::Unauthorized { .. }
            | Fault::Credentials { .. }
            | Fault::Scope { .. }
            | Fault::HttpMethod { .. }
            | Fault::MediaType(_)
            | Fault::NotAcceptable
            | Fault::TooLarge { .. }
            | Fault::TooSlow { .. }
            | Fault::Shape(_) => -32600,
            Fault::Method { .. } => -32601,
            Fault::Envelope(_) | Fault::Params(_) => -32602,
            Fault::ResourceNotFound { .. } => match era {
                Era::Modern => -32602,
                Era::Legacy => -32002,
            },
            Fault::Failed { .. } | Fault::Internal | Fault::Unavailable | Fault::NothingToServe => -32603,
            Fault::HeaderMismatch(_) => -32020,
            Fault::Capability { .. } => -32021,
            Fault::Version { .. } => -32022,
        }
    }

    /// Returns the HTTP status, for a request of that era.
    pub fn status(&self, era: Era) -> StatusCode {
        match (self, era) {
            (Fault::Forbidden(_) | Fault::Scope { .. }, _) => StatusCode::FORBIDDEN,
            (Fault::Unauthorized { .. }, _) => StatusCode::UNAUTHORIZED,
            (Fault::Credentials { .. }, _) => StatusCode::BAD_REQUEST,
            (Fault::Unavailable | Fault::NothingToServe, _) => StatusCode::SERVICE_UNAVAILABLE,
            (Fault::HttpMethod { .. }, _) => StatusCode::METHOD_NOT_ALLOWED,
            (Fault::MediaType(_), _) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            (Fault::NotAcceptable, _) => StatusCode::NOT_ACCEPTABLE,
            (Fault::TooLarge { .. }, _) => StatusCode::PAYLOAD_TOO_LARGE,
            (Fault::TooSlow { .. }, _) => StatusCode::REQUEST_TIMEOUT,
            (Fault::Parse(_) | Fault::Shape(_) | Fault::Envelope(_), _) => StatusCode::BAD_REQUEST,
            (Fault::HeaderMismatch(_) | Fault::Version { .. }, _) => StatusCode::BAD_REQUEST,
            (Fault::Method { .. }, Era::Modern) => StatusCode::NOT_FOUND,
            (Fault::Capability { .. }, Era::Modern) => StatusCode::BAD_REQUEST,
            (Fault::Method { .. } | Fault::Capability { .. }, Era::Legacy) => StatusCode::OK,
            (
                Fault::Params(_) | Fault::ResourceNotFound { .. } | Fault::Failed { .. } | Fault::Internal,
                _,
            ) => StatusCode::OK,
        }
    }
}
