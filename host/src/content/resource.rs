//! Turns resources, their templates and their contents into the JSON of MCP.

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::annotations::{self, Annotations};
use super::error::{self, ContentError, at, normalize_each};
use super::icon;
use super::object::{Object, normalize_meta};
use super::page::{Kept, Page};
use super::text::{Kind, Text};
use super::{RevisionFeatures, mime, uri};
use crate::mcp::{Freshness, Icon};

/// The largest integer that every reader of JSON holds exactly: 2^53-1. `codec` writes larger ones as strings.
const SAFE_INTEGER: u64 = (1 << 53) - 1;

/// The contents of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// A JSON array of MCP's `TextResourceContents` and `BlobResourceContents`; never empty.
    pub contents: Vec<u8>,
    /// None: the contents are the caller's alone and stale at once.
    pub freshness: Option<Freshness>,
}

/// Names the reason why a resource cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadError {
    /// There is no such resource.
    NotFound,
    /// Anything else, in words that a client may see.
    Failed(String),
}

/// Turns a `resource-page` into items of MCP's `Resource`. Leaves out those whose URI `accepts` refuses, and those that
/// break a rule: what MCP does not allow, a text that hides something.
///
/// # Errors
/// For a `next` that is too long, and JSON of another type.
pub fn resource_page(
    json: &[u8],
    features: RevisionFeatures,
    accepts: impl Fn(&str) -> bool,
) -> Result<Page, ContentError> {
    let ResourcePage { resources, next } = error::read(json)?;
    Page::new("resources", resources, next, |resource| {
        check_texts(&resource.name, resource.title.as_ref(), resource.description.as_ref())?;
        resource.normalize(features)?;
        Ok(if accepts(&resource.uri) { Kept::Sent } else { Kept::LeftOut })
    })
}

/// Turns a `template-page` into items of MCP's `ResourceTemplate`, like [`resource_page`].
///
/// # Errors
/// As [`resource_page`].
pub fn template_page(
    json: &[u8],
    features: RevisionFeatures,
    accepts: impl Fn(&str) -> bool,
) -> Result<Page, ContentError> {
    let TemplatePage { templates, next } = error::read(json)?;
    Page::new("templates", templates, next, |template| {
        check_texts(&template.name, template.title.as_ref(), template.description.as_ref())?;
        template.normalize(features)?;
        Ok(if accepts(&template.uri_template) { Kept::Sent } else { Kept::LeftOut })
    })
}

/// Checks what people and models read of a resource or a template that is listed.
fn check_texts(
    name: &str,
    title: Option<&Text<'_>>,
    description: Option<&Text<'_>>,
) -> Result<(), ContentError> {
    Kind::Name.check(name).map_err(at("name"))?;
    Kind::Title.check_any(title).map_err(at("title"))?;
    Kind::Description.check_any(description).map_err(at("description"))
}

/// Turns a `reading` into MCP's `contents` and how long they stay fresh.
///
/// # Errors
/// For contents that MCP does not allow, for none at all, and for JSON of another type.
pub fn reading(json: &[u8]) -> Result<Reading, ContentError> {
    let Read { mut contents, freshness } = error::read(json)?;
    if contents.is_empty() {
        return Err(ContentError::new("contents, or the error not-found", "[]")).map_err(at("contents"));
    }
    normalize_each("contents", &mut contents, Contents::normalize)?;
    Ok(Reading { contents: error::write(&contents)?, freshness })
}

/// Reads the `err` of `read-resource`.
///
/// # Errors
/// For JSON of another type.
pub fn read_error(json: &[u8]) -> Result<ReadError, ContentError> {
    error::read(json)
}

#[derive(Deserialize)]
struct ResourcePage<'a> {
    #[serde(borrow)]
    resources: Vec<Resource<'a>>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct TemplatePage<'a> {
    #[serde(borrow)]
    templates: Vec<ResourceTemplate<'a>>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Read<'a> {
    #[serde(borrow)]
    contents: Vec<Contents<'a>>,
    freshness: Option<Freshness>,
}

/// MCP's `Resource`, and `ResourceLink` as a block.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Resource<'a> {
    #[serde(borrow)]
    pub(super) uri: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    title: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    mime_type: Option<Text<'a>>,
    /// As `codec` wrote it.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    size: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub(super) annotations: Option<Annotations<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    icons: Vec<Icon<Text<'a>>>,
    #[serde(borrow, rename(serialize = "_meta"), skip_serializing_if = "Option::is_none")]
    pub(super) meta: Option<Object<'a>>,
}

/// MCP's `ResourceTemplate`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
struct ResourceTemplate<'a> {
    #[serde(borrow)]
    uri_template: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    title: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    mime_type: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    icons: Vec<Icon<Text<'a>>>,
    #[serde(borrow, rename(serialize = "_meta"), skip_serializing_if = "Option::is_none")]
    meta: Option<Object<'a>>,
}

/// MCP's `TextResourceContents` and `BlobResourceContents`.
#[derive(Debug, Deserialize)]
pub(super) struct Contents<'a> {
    #[serde(borrow)]
    uri: Text<'a>,
    #[serde(borrow)]
    mime_type: Option<Text<'a>>,
    #[serde(borrow)]
    body: Body<'a>,
    #[serde(borrow)]
    meta: Option<Object<'a>>,
}

/// The contents of a resource; a blob is already base64.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Body<'a> {
    #[serde(borrow)]
    Text(Text<'a>),
    Blob(Text<'a>),
}

impl Resource<'_> {
    pub(super) fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        uri::check(&self.uri).map_err(at("uri"))?;
        mime::check_any(self.mime_type.as_ref())?;
        self.check_size().map_err(at("size"))?;
        annotations::normalize(&mut self.annotations, features)?;
        icon::normalize(&mut self.icons, features)?;
        normalize_meta(&mut self.meta)?;
        self.title.take_if(|_| !features.titles);
        Ok(())
    }

    fn check_size(&self) -> Result<(), ContentError> {
        match self.size.map(RawValue::get) {
            Some(size) if !size.parse().is_ok_and(|bytes: u64| bytes <= SAFE_INTEGER) => {
                Err(ContentError::new("bytes, at most 2^53-1", size))
            }
            _ => Ok(()),
        }
    }
}

impl ResourceTemplate<'_> {
    fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        uri::check_template(&self.uri_template).map_err(at("uri_template"))?;
        mime::check_any(self.mime_type.as_ref())?;
        annotations::normalize(&mut self.annotations, features)?;
        icon::normalize(&mut self.icons, features)?;
        normalize_meta(&mut self.meta)?;
        self.title.take_if(|_| !features.titles);
        Ok(())
    }
}

impl Contents<'_> {
    pub(super) fn normalize(&mut self) -> Result<(), ContentError> {
        uri::check(&self.uri).map_err(at("uri"))?;
        mime::check_any(self.mime_type.as_ref())?;
        normalize_meta(&mut self.meta)
    }
}

impl Serialize for Contents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("uri", &self.uri)?;
        if let Some(mime_type) = &self.mime_type {
            map.serialize_entry("mimeType", mime_type)?;
        }
        match &self.body {
            Body::Text(text) => map.serialize_entry("text", text)?,
            Body::Blob(blob) => map.serialize_entry("blob", blob)?,
        }
        if let Some(meta) = &self.meta {
            map.serialize_entry("_meta", meta)?;
        }
        map.end()
    }
}
