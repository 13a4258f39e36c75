//! Turns tools that are known only at run time, and their results, into the JSON of MCP.

use serde::{Deserialize, Serialize};

use super::RevisionFeatures;
use super::block::{self, Block};
use super::error::{self, ContentError, at};
use super::icon;
use super::object::{Object, normalize_meta};
use super::page::{Names, Page};
use super::text::{Kind, Text};
use crate::mcp::{DEFINITION_META, Icon, ToolAnnotations};

/// The parts of MCP's `CallToolResult`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolResult {
    /// A JSON array of MCP's `ContentBlock`; never empty where there is structured data.
    pub blocks: Vec<u8>,
    /// A JSON object: `structuredContent`.
    pub structured: Option<Vec<u8>>,
    /// True if the tool failed: `isError`.
    pub is_error: bool,
    /// A JSON object: `_meta`.
    pub meta: Option<Vec<u8>>,
}

/// Turns a `tool-page` into items of MCP's `Tool`, `prefix` before each name. Leaves out those whose name no client
/// would take, and those that break a rule: a name that `is_taken`, a text that hides something.
///
/// # Errors
/// For a `next` that is too long, and JSON of another type.
pub fn tool_page(
    json: &[u8],
    features: RevisionFeatures,
    prefix: &str,
    is_taken: impl Fn(&str) -> bool,
) -> Result<Page, ContentError> {
    let ToolPage { tools, next } = error::read(json)?;
    let mut names = Names::new(prefix, is_taken);
    Page::new("tools", tools, next, |tool| {
        tool.normalize(features)?;
        names.give(&mut tool.name)
    })
}

/// Turns a `tool-result` into the parts of MCP's `CallToolResult`.
///
/// # Errors
/// For content that MCP does not allow, and for JSON of another type.
pub fn tool_result(json: &[u8], features: RevisionFeatures) -> Result<ToolResult, ContentError> {
    let WitToolResult { content, mut structured, is_error, mut meta } = error::read(json)?;
    structured.as_mut().map_or(Ok(()), Object::normalize).map_err(at("structured"))?;
    normalize_meta(&mut meta)?;
    let blocks = block::write("content", block::with_text(content, structured.as_deref()), features)?;
    let structured = structured.map(Object::into_bytes);
    Ok(ToolResult { blocks, structured, is_error, meta: meta.map(Object::into_bytes) })
}

#[derive(Deserialize)]
struct ToolPage<'a> {
    #[serde(borrow)]
    tools: Vec<Tool<'a>>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct WitToolResult<'a> {
    #[serde(borrow)]
    content: Vec<Block<'a>>,
    #[serde(borrow)]
    structured: Option<Object<'a>>,
    is_error: bool,
    #[serde(borrow)]
    meta: Option<Object<'a>>,
}

/// MCP's `Tool`.
#[derive(Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
struct Tool<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    title: Option<Text<'a>>,
    #[serde(borrow)]
    description: Text<'a>,
    #[serde(borrow)]
    input_schema: Object<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    output_schema: Option<Object<'a>>,
    #[serde(rename(serialize = "annotations"), skip_serializing_if = "Option::is_none")]
    hints: Option<ToolAnnotations>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    icons: Vec<Icon<Text<'a>>>,
    #[serde(borrow, rename(serialize = "_meta"), skip_serializing_if = "Option::is_none")]
    meta: Option<Object<'a>>,
}

impl Tool<'_> {
    fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        self.input_schema.normalize_schema().map_err(at("input_schema"))?;
        let output_schema = self.output_schema.as_mut();
        output_schema.map_or(Ok(()), Object::normalize_schema).map_err(at("output_schema"))?;
        Kind::Title.check_any(self.title.as_ref()).map_err(at("title"))?;
        Kind::Description.check(&self.description).map_err(at("description"))?;
        icon::normalize(&mut self.icons, features)?;
        normalize_meta(&mut self.meta)?;
        self.refuse_definition()?;
        self.hints.take_if(|hints| *hints == ToolAnnotations::default());
        self.title.take_if(|_| !features.titles);
        self.output_schema.take_if(|_| !features.output_schemas);
        Ok(())
    }

    /// Refuses the digest of a definition, which says that the tool was known when the bundle was built.
    fn refuse_definition(&self) -> Result<(), ContentError> {
        match &self.meta {
            Some(meta) if meta.has(DEFINITION_META) => {
                Err(ContentError::new("no member `toolcell/definition`", meta)).map_err(at("meta"))
            }
            _ => Ok(()),
        }
    }
}
