//! Holds the facts of a call that `toolcell:plugin/call` tells the guest.

use bytes::Bytes;

use crate::mcp::QuestionKinds;

/// Holds the facts of a call that its guest may ask for. None of them is a secret.
#[derive(Clone, Debug, Default)]
pub struct CallInfo {
    /// The caller's name, if the server asked for a token or a signature.
    pub principal: Option<String>,
    /// The authorization server that vouches for the caller; empty without one.
    pub issuer: String,
    /// The caller's name at its issuer, or its name alone.
    pub subject: String,
    /// The way in which the caller was authenticated; the guest does not learn it.
    pub principal_kind: &'static str,
    /// The caller's scopes.
    pub scopes: Vec<String>,
    /// W3C `traceparent`.
    pub traceparent: Option<String>,
    /// W3C `tracestate`.
    pub tracestate: Option<String>,
    /// W3C `baggage`.
    pub baggage: Option<String>,
    /// The revision of MCP that the call uses.
    pub revision: &'static str,
    /// The client's own name and version.
    pub client: Option<(String, String)>,
    /// The client's capabilities, as a JSON object; empty if there are none.
    pub capabilities: Bytes,
    /// The questions that the client can be asked; `None` if the call cannot ask at all.
    pub questions: Option<QuestionKinds>,
}
