//! What a guest may know of the call that it runs: data alone, which `toolcell:plugin/call` hands out.

use bytes::Bytes;

use crate::mcp::QuestionKinds;

/// What a guest may know of its call. Nothing of it is a secret.
#[derive(Clone, Debug, Default)]
pub struct CallInfo {
    /// The name of who is calling, if it was asked to show who it is.
    pub principal: Option<String>,
    /// What the caller was given.
    pub scopes: Vec<String>,
    /// W3C `traceparent`.
    pub traceparent: Option<String>,
    /// W3C `tracestate`.
    pub tracestate: Option<String>,
    /// W3C `baggage`.
    pub baggage: Option<String>,
    /// The revision of MCP that the call is served under.
    pub revision: &'static str,
    /// Who the client says it is: name and version.
    pub client: Option<(String, String)>,
    /// The client's capabilities, JSON of an object; empty for none.
    pub capabilities: Bytes,
    /// What can be asked; none where nothing can, whatever the client declares.
    pub questions: Option<QuestionKinds>,
}
