//! Passes content blocks between guest and host; a model is only sent text, images and sounds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value as Json};
use wasmtime::component::{ComponentType, Lift, Lower};

/// The largest `meta`, in bytes: it is read into a tree, which takes many times the memory of its text.
const MAX_META_BYTES: usize = 64 << 10;

/// `role`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ComponentType, Lift, Lower)]
#[component(enum)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub(super) enum Role {
    #[component(name = "user")]
    User,
    #[component(name = "assistant")]
    Assistant,
}

/// `annotations`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Annotations {
    audience: Vec<Role>,
    priority: Option<f64>,
    #[component(name = "last-modified")]
    last_modified: Option<String>,
}

/// `text`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Text {
    text: String,
    annotations: Option<Annotations>,
    meta: Option<String>,
}

/// `media`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Media {
    data: Vec<u8>,
    #[component(name = "mime-type")]
    mime_type: String,
    annotations: Option<Annotations>,
    meta: Option<String>,
}

/// `icon`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Icon {
    src: String,
    #[component(name = "mime-type")]
    mime_type: Option<String>,
    sizes: Vec<String>,
    theme: Option<Theme>,
}

/// `theme`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ComponentType, Lift, Lower)]
#[component(enum)]
#[expect(dead_code, reason = "guests make values of it")]
#[repr(u8)]
pub(super) enum Theme {
    #[component(name = "light")]
    Light,
    #[component(name = "dark")]
    Dark,
}

/// `resource-link`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct ResourceLink {
    uri: String,
    name: String,
    title: Option<String>,
    description: Option<String>,
    #[component(name = "mime-type")]
    mime_type: Option<String>,
    size: Option<u64>,
    annotations: Option<Annotations>,
    icons: Vec<Icon>,
    meta: Option<String>,
}

/// `body`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub(super) enum Body {
    #[component(name = "text")]
    Text(String),
    #[component(name = "blob")]
    Blob(Vec<u8>),
}

/// `contents`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Contents {
    uri: String,
    #[component(name = "mime-type")]
    mime_type: Option<String>,
    body: Body,
    meta: Option<String>,
}

/// `embedded-resource`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct EmbeddedResource {
    contents: Contents,
    annotations: Option<Annotations>,
}

/// `block`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(variant)]
pub(super) enum Block {
    #[component(name = "text")]
    Text(Text),
    #[component(name = "image")]
    Image(Media),
    #[component(name = "audio")]
    Audio(Media),
    #[component(name = "resource-link")]
    ResourceLink(ResourceLink),
    #[component(name = "embedded-resource")]
    EmbeddedResource(EmbeddedResource),
}

/// `message`
#[derive(Clone, Debug, PartialEq, ComponentType, Lift, Lower)]
#[component(record)]
pub(super) struct Message {
    pub(super) role: Role,
    pub(super) content: Block,
}

/// A block from a model (MCP `SamplingMessageContentBlock`, without the use of tools).
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum SampledBlock {
    Text {
        text: String,
    },
    Image {
        data: String,
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
    Audio {
        data: String,
        #[serde(rename = "mimeType")]
        mime_type: String,
    },
}

/// A block for a model (MCP `SamplingMessageContentBlock`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelBlock<'q> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'q str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mime_type: Option<&'q str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<ModelAnnotations<'q>>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<Box<RawValue>>,
}

/// MCP's `Annotations`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ModelAnnotations<'q> {
    #[serde(skip_serializing_if = "<[Role]>::is_empty")]
    audience: &'q [Role],
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified: Option<&'q str>,
}

impl Block {
    /// Returns a block of text without annotations.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Block::Text(Text { text: text.into(), annotations: None, meta: None })
    }

    /// Returns the block for a model.
    ///
    /// # Errors
    /// It is a resource, or its `meta` is not a JSON object.
    pub(super) fn for_model(&self) -> Result<ModelBlock<'_>, String> {
        let (r#type, annotations, block_meta) = match self {
            Block::Text(Text { annotations, meta, .. }) => ("text", annotations, meta),
            Block::Image(Media { annotations, meta, .. }) => ("image", annotations, meta),
            Block::Audio(Media { annotations, meta, .. }) => ("audio", annotations, meta),
            Block::ResourceLink(_) | Block::EmbeddedResource(_) => {
                return Err("a message holds a resource: models are sent text, images and sounds".to_owned());
            }
        };
        let (text, media) = match self {
            Block::Text(Text { text, .. }) => (Some(text.as_str()), None),
            Block::Image(media) | Block::Audio(media) => (None, Some(media)),
            _ => (None, None),
        };
        Ok(ModelBlock {
            r#type,
            text,
            data: media.map(|media| STANDARD.encode(&media.data)),
            mime_type: media.map(|media| media.mime_type.as_str()),
            annotations: annotations.as_ref().map(Annotations::for_model),
            meta: block_meta.as_deref().map(meta).transpose()?,
        })
    }
}

/// Reads a block's `meta`, a JSON object.
fn meta(text: &str) -> Result<Box<RawValue>, String> {
    if text.len() > MAX_META_BYTES {
        return Err(format!("a meta has more than {MAX_META_BYTES} bytes"));
    }
    let object = serde_json::from_str::<Map<String, Json>>(text);
    object.and_then(|object| to_raw_value(&object)).map_err(|_| "a meta is not a JSON object".to_owned())
}

impl Annotations {
    fn for_model(&self) -> ModelAnnotations<'_> {
        ModelAnnotations {
            audience: &self.audience,
            priority: self.priority.filter(|priority| (0.0..=1.0).contains(priority)),
            last_modified: self.last_modified.as_deref(),
        }
    }
}

impl SampledBlock {
    /// Returns the block for a guest; `None` if its data is not base64.
    pub(super) fn into_block(self) -> Option<Block> {
        let media = |data: String, mime_type| {
            let data = STANDARD.decode(data).ok()?;
            Some(Media { data, mime_type, annotations: None, meta: None })
        };
        Some(match self {
            SampledBlock::Text { text } => Block::plain(text),
            SampledBlock::Image { data, mime_type } => Block::Image(media(data, mime_type)?),
            SampledBlock::Audio { data, mime_type } => Block::Audio(media(data, mime_type)?),
        })
    }
}
