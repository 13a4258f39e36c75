//! Defines a request that was parsed and checked.

use bytes::Bytes;

use super::accept::Accept;
use super::completion::Complete;
use super::head::Head;
use super::input::Input;
use super::meta::{ClientInfo, Meta};
use crate::mcp::Level;

/// A request of one revision.
#[derive(Clone, Debug)]
pub struct Request {
    /// The part that every answer needs.
    pub head: Head,
    /// The method with its parameters.
    pub method: Method,
    /// The `_meta` of the request.
    pub meta: Meta,
    /// The accepted content types of the response.
    pub accept: Accept,
}

/// A method that this server serves, with its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// `server/discover`
    Discover,
    /// `initialize`: [`Head::revision`] holds what the handshake settles on.
    Initialize {
        /// The client's own name and version.
        client: Option<ClientInfo>,
    },
    /// `ping`
    Ping,
    /// `logging/setLevel`: answered and forgotten, because a stateless server keeps no level.
    SetLevel(Level),
    /// `tools/list`
    ListTools {
        /// The start of the page; `None` for the first page.
        cursor: Option<String>,
    },
    /// `tools/call`
    CallTool(CallTool),
    /// `resources/list`
    ListResources {
        /// The start of the page; `None` for the first page.
        cursor: Option<String>,
    },
    /// `resources/templates/list`
    ListResourceTemplates {
        /// The start of the page; `None` for the first page.
        cursor: Option<String>,
    },
    /// `resources/read`
    ReadResource(ReadResource),
    /// `resources/subscribe`: answered and forgotten, because a stateless server has no stream to send updates on.
    Subscribe {
        /// The resource, as [`ReadResource::uri`].
        uri: String,
    },
    /// `resources/unsubscribe`: answered as well.
    Unsubscribe {
        /// The resource, as [`ReadResource::uri`].
        uri: String,
    },
    /// `prompts/list`
    ListPrompts {
        /// The start of the page; `None` for the first page.
        cursor: Option<String>,
    },
    /// `prompts/get`
    GetPrompt(GetPrompt),
    /// `completion/complete`
    Complete(Complete),
}

/// The parameters of `tools/call`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallTool {
    /// The tool's name, as the client wrote it.
    pub name: String,
    /// JSON text of the arguments, part of the body: an object, its inside unchecked. `{}` where
    /// the request holds none.
    pub arguments: Bytes,
    /// The answers and state of an earlier round.
    pub input: Input,
}

/// The parameters of `resources/read`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadResource {
    /// The resource, as the client wrote it: it starts with a scheme, holds no control characters and has at
    /// most [`MAX_URI_BYTES`](super::MAX_URI_BYTES). Nothing else about it is checked.
    pub uri: String,
    /// The answers and state of an earlier round.
    pub input: Input,
}

/// The parameters of `prompts/get`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetPrompt {
    /// The prompt's name, as the client wrote it.
    pub name: String,
    /// JSON text of the arguments, part of the body: an object whose members are texts, or null for absent ones, and have
    /// different names. `{}` where the request holds none.
    pub arguments: Bytes,
    /// The answers and state of an earlier round.
    pub input: Input,
}

impl Method {
    /// Returns the method's name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Method::Discover => "server/discover",
            Method::Initialize { .. } => "initialize",
            Method::Ping => "ping",
            Method::SetLevel(_) => "logging/setLevel",
            Method::ListTools { .. } => "tools/list",
            Method::CallTool(_) => "tools/call",
            Method::ListResources { .. } => "resources/list",
            Method::ListResourceTemplates { .. } => "resources/templates/list",
            Method::ReadResource(_) => "resources/read",
            Method::Subscribe { .. } => "resources/subscribe",
            Method::Unsubscribe { .. } => "resources/unsubscribe",
            Method::ListPrompts { .. } => "prompts/list",
            Method::GetPrompt(_) => "prompts/get",
            Method::Complete(_) => "completion/complete",
        }
    }
}
