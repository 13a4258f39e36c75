//! Writes the result of `tools/call`.

use bytes::Bytes;

use super::{FRAME_BYTES, Renderer, ResultMeta};
use crate::protocol::entry::Entries;
use crate::protocol::head::Head;
use crate::protocol::line::{push_json, push_text};
use crate::protocol::revision::Revision;

/// The text of a tool that succeeded and returned nothing: some clients refuse an empty `content`, and models need to be
/// told that the call was not in vain.
const NOTHING: &str = "done: the tool returned nothing";

/// The text of a tool that failed and returned nothing.
const NO_REASON: &str = "the tool reported an error";

/// The result of a call, as its tool gave it.
#[derive(Clone, Copy, Debug)]
pub struct CallToolResult<'a> {
    /// Tells whether the tool did what it was asked to.
    pub outcome: Outcome,
    /// Its content.
    pub content: Content<'a>,
    /// JSON text of the object `_meta`, if the tool gave one. What is no object, or has two members of one name,
    /// is left out, and so is what would speak for the server.
    pub meta: Option<&'a [u8]>,
    /// The challenge to a caller that lacks scopes, as `WWW-Authenticate` has it; the server's own word.
    pub challenge: Option<&'a str>,
}

/// Tells whether a tool did what it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The tool did what it was asked to.
    Success,
    /// The tool failed (`isError`); the content tells the model why.
    Failure,
}

/// The content of a tool's result.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// Nothing; a text says so.
    Empty,
    /// Text.
    Text(&'a str),
    /// JSON text; an object from a tool that succeeded is also given as `structuredContent`.
    Json(&'a [u8]),
    /// Blocks of the tool's own making.
    Blocks {
        /// JSON array of MCP's `ContentBlock`, ready to send under the request's revision; if it is empty, a text says so.
        blocks: &'a [u8],
        /// JSON text; an object from a tool that succeeded is given as `structuredContent`.
        structured: Option<&'a [u8]>,
    },
}

impl Renderer {
    /// Writes the result of `tools/call`.
    pub fn call_tool(&self, head: &Head, called: &CallToolResult<'_>) -> Bytes {
        let mut result = self.open(head, FRAME_BYTES + called.room());
        push_content(result.value("content"), called);
        if let Some(structured) = structured(head.revision, called) {
            result.json("structuredContent", structured);
        }
        if called.outcome == Outcome::Failure {
            result.json("isError", b"true");
        }
        let meta = called.meta.and_then(Entries::of);
        self.close_with(ResultMeta { plugin: meta.as_ref(), challenge: called.challenge }, result, head)
    }
}

impl CallToolResult<'_> {
    /// Estimates the size of the result, in bytes.
    fn room(&self) -> usize {
        let content = match self.content {
            Content::Empty => 0,
            Content::Text(text) => text.len() + text.len() / 8,
            Content::Json(json) => 2 * json.len() + json.len() / 4,
            Content::Blocks { blocks, structured } => blocks.len() + structured.map_or(0, <[u8]>::len),
        };
        content + self.meta.map_or(0, <[u8]>::len)
    }
}

/// Appends the array of content blocks.
fn push_content(out: &mut Vec<u8>, called: &CallToolResult<'_>) {
    let nothing = match called.outcome {
        Outcome::Success => NOTHING,
        Outcome::Failure => NO_REASON,
    };
    let text = match called.content {
        Content::Empty | Content::Blocks { blocks: b"[]", .. } => nothing.into(),
        Content::Blocks { blocks, .. } => return push_json(out, blocks),
        Content::Text(text) => text.into(),
        Content::Json(json) => String::from_utf8_lossy(json),
    };
    out.extend_from_slice(br#"[{"type":"text","text":"#);
    push_text(out, &text);
    out.extend_from_slice(b"}]");
}

/// Returns the value for `structuredContent`: only objects, because clients accept nothing else.
fn structured<'a>(revision: Revision, called: &CallToolResult<'a>) -> Option<&'a [u8]> {
    let json = match (called.outcome, called.content) {
        (Outcome::Success, Content::Json(json)) => json,
        (Outcome::Success, Content::Blocks { structured, .. }) => structured?,
        _ => return None,
    };
    let is_object = json.trim_ascii_start().starts_with(b"{");
    (is_object && revision.has_structured_content()).then_some(json)
}
