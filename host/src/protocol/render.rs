//! Writes results: JSON-RPC responses, each on one line, in the form of the request's revision.
//!
//! Modern results carry `resultType` and who the server is; legacy ones carry neither.

use bytes::Bytes;

use super::entry::Entries;
use super::feature::{Feature, Features};
use super::head::Head;
use super::line::push_text;
use super::rejection::push_supported;
use super::revision::Era;
use crate::mcp::{CacheScope, Freshness};

mod call;
mod content;
mod list;
mod object;

pub use call::{CallToolResult, Content, Outcome};
pub use list::List;
pub(super) use object::Object;

/// Room for what surrounds a result, in bytes.
const FRAME_BYTES: usize = 256;

/// Under which name a result says who the server is, in its `_meta`.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// Under which name a result has the challenge to a caller that lacks scopes: an extension of MCP that ChatGPT reads.
const CHALLENGE: &str = "mcp/www_authenticate";

/// The server's own description.
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    /// Programmatic name.
    pub name: &'a str,
    /// Version shown to clients.
    pub version: &'a str,
    /// Name for people.
    pub title: Option<&'a str>,
    /// Web page of the server.
    pub website_url: Option<&'a str>,
    /// The instructions for a model.
    pub instructions: Option<&'a str>,
}

/// Writes the results of one server; made once, at start.
#[derive(Clone, Debug)]
pub struct Renderer {
    /// JSON of MCP's `Implementation`, and the same as the oldest revision knows it.
    implementation: Vec<u8>,
    plain_implementation: Vec<u8>,
    /// JSON of `capabilities`.
    capabilities: Vec<u8>,
    instructions: Option<String>,
    ttl_ms: u64,
}

/// What a result has in its `_meta` besides the server's description.
#[derive(Clone, Copy, Default)]
struct ResultMeta<'m, 'a> {
    /// The members that the plugin gave it.
    plugin: Option<&'m Entries<'a>>,
    /// The challenge to a caller that lacks scopes.
    challenge: Option<&'m str>,
}

/// The `resultType` for a modern client.
#[derive(Clone, Copy)]
enum ResultType {
    /// The requested result.
    Complete,
    /// Questions that the client has to answer first.
    InputRequired,
}

impl Renderer {
    /// Prepares what many results repeat.
    ///
    /// `ttl_ms` is how long clients may keep a list or the description, in milliseconds.
    pub fn new(description: &Description<'_>, features: Features, ttl_ms: u64) -> Renderer {
        let mut plain = Object::default();
        plain.text("name", description.name);
        plain.text("version", description.version);
        let mut full = plain.clone();
        if let Some(title) = description.title {
            full.text("title", title);
        }
        if let Some(url) = description.website_url {
            full.text("websiteUrl", url);
        }
        let mut capabilities = Object::default();
        for feature in Feature::ALL.into_iter().filter(|feature| features.contains(*feature)) {
            capabilities.json(feature.capability(), b"{}");
        }
        Renderer {
            implementation: full.close(),
            plain_implementation: plain.close(),
            capabilities: capabilities.close(),
            instructions: description.instructions.map(str::to_owned),
            ttl_ms,
        }
    }

    /// Writes the answer to `server/discover`, which `scope` may share.
    pub fn discover(&self, head: &Head, scope: CacheScope) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES);
        push_supported(result.value("supportedVersions"));
        result.json("capabilities", &self.capabilities);
        if let Some(instructions) = &self.instructions {
            result.text("instructions", instructions);
        }
        Self::hint(&mut result, head, Freshness { ttl_ms: self.ttl_ms, scope });
        self.close(result, head)
    }

    /// Writes the answer to `initialize`, which names the negotiated revision.
    pub fn initialize(&self, head: &Head) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES);
        result.text("protocolVersion", head.revision.name());
        result.json("capabilities", &self.capabilities);
        let is_plain = !head.revision.has_structured_content();
        let implementation = if is_plain { &self.plain_implementation } else { &self.implementation };
        result.json("serverInfo", implementation);
        if let Some(instructions) = &self.instructions {
            result.text("instructions", instructions);
        }
        self.close(result, head)
    }

    /// Writes an empty result, as for `ping` and `logging/setLevel`.
    pub fn empty(&self, head: &Head) -> Bytes {
        self.close(self.open(head, 0), head)
    }

    /// Starts a response that is what was asked for.
    fn open(&self, head: &Head, room: usize) -> Object {
        self.open_as(ResultType::Complete, head, room)
    }

    /// Starts a response.
    fn open_as(&self, kind: ResultType, head: &Head, room: usize) -> Object {
        let implementation = self.implementation.len();
        let mut out = Vec::with_capacity(FRAME_BYTES + implementation + head.id.as_json().len() + room);
        out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        out.extend_from_slice(head.id.as_json());
        out.extend_from_slice(br#","result":{"#);
        let mut result = Object::inside(out);
        if head.revision.era() == Era::Modern {
            let kind = match kind {
                ResultType::Complete => "complete",
                ResultType::InputRequired => "input_required",
            };
            result.text("resultType", kind);
        }
        result
    }

    /// Ends a response.
    fn close(&self, result: Object, head: &Head) -> Bytes {
        self.close_with(ResultMeta::default(), result, head)
    }

    /// Ends a response that may have a `_meta` of its own. What a plugin says there cannot speak for the server.
    fn close_with(&self, meta: ResultMeta<'_, '_>, mut result: Object, head: &Head) -> Bytes {
        let is_modern = head.revision.era() == Era::Modern;
        let ResultMeta { plugin, challenge } = meta;
        if is_modern || plugin.is_some() || challenge.is_some() {
            let mut members = Object::default();
            if is_modern {
                members.json(SERVER_INFO, &self.implementation);
            }
            if let Some(challenge) = challenge {
                let out = members.value(CHALLENGE);
                out.push(b'[');
                push_text(out, challenge);
                out.push(b']');
            }
            let is_plugins = |(name, _): &(&str, _)| ![SERVER_INFO, CHALLENGE].contains(name);
            let others = plugin.into_iter().flat_map(Entries::iter).filter(is_plugins);
            for (name, value) in others {
                members.json(name, value.get().as_bytes());
            }
            result.json("_meta", &members.close());
        }
        let mut out = result.close();
        out.push(b'}');
        out.into()
    }

    /// The caching rules of the result, left out for older clients.
    fn hint(result: &mut Object, head: &Head, freshness: Freshness) {
        if head.revision.era() == Era::Legacy {
            return;
        }
        result.json("ttlMs", freshness.ttl_ms.to_string().as_bytes());
        result.text("cacheScope", freshness.scope.name());
    }
}

/// Joins the responses to a batch into its answer.
pub fn batch(responses: impl IntoIterator<Item = Bytes>) -> Bytes {
    let mut out = vec![b'['];
    for response in responses {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(&response);
    }
    out.push(b']');
    out.into()
}
