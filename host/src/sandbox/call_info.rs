//! What a guest may know of the call that it runs: data alone, which `toolcell:plugin/call` hands out.

use bytes::Bytes;

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

/// Kinds of questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuestionKinds {
    /// A form for the user to fill in.
    pub form: bool,
    /// A page for the user to open.
    pub url: bool,
    /// A conversation for the client's model to continue.
    pub sample: bool,
    /// Where the client's user works.
    pub roots: bool,
}

impl QuestionKinds {
    /// These and others.
    pub(in crate::sandbox) fn with(self, other: Self) -> Self {
        Self {
            form: self.form || other.form,
            url: self.url || other.url,
            sample: self.sample || other.sample,
            roots: self.roots || other.roots,
        }
    }

    /// These, but for others.
    pub(in crate::sandbox) fn without(self, other: Self) -> Self {
        Self {
            form: self.form && !other.form,
            url: self.url && !other.url,
            sample: self.sample && !other.sample,
            roots: self.roots && !other.roots,
        }
    }
}
