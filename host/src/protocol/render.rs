//! Writes results: JSON-RPC responses, each on one line, in the form of the request's revision.
//!
//! Modern results carry `resultType` and who the server is; legacy ones carry neither.

use bytes::Bytes;

use super::feature::{Feature, Features};
use super::line::{push_json, push_text};
use super::rejection::push_supported;
use super::request::Head;
use super::revision::{Era, Revision};

/// Room for what surrounds a result, in bytes.
const FRAME_BYTES: usize = 256;

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
    /// What a model should know about the server as a whole.
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

/// Who may be given a list that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheScope {
    /// Anybody: the list is the same for everybody.
    Public,
    /// The caller that asked for it.
    Private,
}

/// The result of a call, as its tool gave it.
#[derive(Clone, Copy, Debug)]
pub struct CallToolResult<'a> {
    /// Whether the tool did what it was asked to.
    pub outcome: Outcome,
    /// What it said.
    pub content: Content<'a>,
}

/// Whether a tool did what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It did.
    Success,
    /// It did not (`isError`); the content tells the model why.
    Failure,
}

/// What a tool said.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// Nothing.
    Empty,
    /// Text.
    Text(&'a str),
    /// JSON text; an object from a tool that succeeded is also given as `structuredContent`.
    Json(&'a [u8]),
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

    /// The answer to `server/discover`.
    pub fn discover(&self, head: &Head) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES);
        push_supported(result.value("supportedVersions"));
        result.json("capabilities", &self.capabilities);
        if let Some(instructions) = &self.instructions {
            result.text("instructions", instructions);
        }
        self.hint(&mut result, CacheScope::Public);
        self.close(result, head)
    }

    /// The answer to `initialize`: it settles on the head's revision.
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

    /// The answer to what asks for nothing but an answer: `ping`, `logging/setLevel`.
    pub fn empty(&self, head: &Head) -> Bytes {
        self.close(self.open(head, 0), head)
    }

    /// A page of `tools/list`; `tools` is a JSON array of MCP's `Tool`, ready to send.
    pub fn tools(
        &self,
        head: &Head,
        tools: &[u8],
        next_cursor: Option<&str>,
        cache_scope: CacheScope,
    ) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES + tools.len());
        result.json("tools", tools);
        if let Some(cursor) = next_cursor {
            result.text("nextCursor", cursor);
        }
        if head.revision.era() == Era::Modern {
            self.hint(&mut result, cache_scope);
        }
        self.close(result, head)
    }

    /// The result of `tools/call`.
    pub fn call_tool(&self, head: &Head, called: &CallToolResult<'_>) -> Bytes {
        let room = match called.content {
            Content::Empty => 0,
            Content::Text(text) => text.len() + text.len() / 8,
            Content::Json(json) => 2 * json.len() + json.len() / 4,
        };
        let mut result = self.open(head, FRAME_BYTES + room);
        push_content(result.value("content"), called.content);
        if let Some(structured) = structured(head.revision, called) {
            result.json("structuredContent", structured);
        }
        if called.outcome == Outcome::Failure {
            result.json("isError", b"true");
        }
        self.close(result, head)
    }

    /// Starts a response.
    fn open(&self, head: &Head, room: usize) -> Object {
        let implementation = self.implementation.len();
        let mut out = Vec::with_capacity(FRAME_BYTES + implementation + head.id.as_json().len() + room);
        out.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        out.extend_from_slice(head.id.as_json());
        out.extend_from_slice(br#","result":{"#);
        let mut result = Object(out);
        if head.revision.era() == Era::Modern {
            result.text("resultType", "complete");
        }
        result
    }

    /// Ends a response.
    fn close(&self, mut result: Object, head: &Head) -> Bytes {
        if head.revision.era() == Era::Modern {
            let out = result.value("_meta");
            out.extend_from_slice(br#"{"io.modelcontextprotocol/serverInfo":"#);
            out.extend_from_slice(&self.implementation);
            out.push(b'}');
        }
        let mut out = result.close();
        out.push(b'}');
        out.into()
    }

    /// How long the result may be kept, and for whom.
    fn hint(&self, result: &mut Object, cache_scope: CacheScope) {
        result.json("ttlMs", self.ttl_ms.to_string().as_bytes());
        let cache_scope = match cache_scope {
            CacheScope::Public => "public",
            CacheScope::Private => "private",
        };
        result.text("cacheScope", cache_scope);
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

/// Appends the array of content blocks.
fn push_content(out: &mut Vec<u8>, content: Content<'_>) {
    let text = match content {
        Content::Empty => return out.extend_from_slice(b"[]"),
        Content::Text(text) => text.into(),
        Content::Json(json) => String::from_utf8_lossy(json),
    };
    out.extend_from_slice(br#"[{"type":"text","text":"#);
    push_text(out, &text);
    out.extend_from_slice(b"}]");
}

/// What goes into `structuredContent`: clients take only objects, and only results have a schema.
fn structured<'a>(revision: Revision, called: &CallToolResult<'a>) -> Option<&'a [u8]> {
    match (called.outcome, called.content) {
        (Outcome::Success, Content::Json(json)) if json.trim_ascii_start().starts_with(b"{") => {
            revision.has_structured_content().then_some(json)
        }
        _ => None,
    }
}

/// An object that is being written.
#[derive(Clone)]
pub(super) struct Object(Vec<u8>);

impl Default for Object {
    fn default() -> Self {
        Object(vec![b'{'])
    }
}

impl Object {
    /// Writes a member's name; the value is the caller's.
    pub(super) fn value(&mut self, name: &str) -> &mut Vec<u8> {
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        push_text(&mut self.0, name);
        self.0.push(b':');
        &mut self.0
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        push_text(self.value(name), text);
    }

    pub(super) fn json(&mut self, name: &str, json: &[u8]) {
        push_json(self.value(name), json);
    }

    pub(super) fn close(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}
