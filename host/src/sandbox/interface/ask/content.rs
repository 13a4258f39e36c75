//! Passes content blocks between guest and host; a model is only sent text, images and sounds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use wasmtime::component::{ComponentType, Lift, Lower};

/// `role`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ComponentType, Lift, Lower)]
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

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::User => "user",
            Role::Assistant => "assistant",
        }
    }
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
    pub(super) fn for_model(&self) -> Result<Json, String> {
        let (kind, annotations, meta) = match self {
            Block::Text(Text { annotations, meta, .. }) => ("text", annotations, meta),
            Block::Image(Media { annotations, meta, .. }) => ("image", annotations, meta),
            Block::Audio(Media { annotations, meta, .. }) => ("audio", annotations, meta),
            Block::ResourceLink(_) | Block::EmbeddedResource(_) => {
                return Err("a message holds a resource: models are sent text, images and sounds".to_owned());
            }
        };
        let mut block = Map::new();
        block.insert("type".into(), kind.into());
        match self {
            Block::Text(Text { text, .. }) => drop(block.insert("text".into(), text.as_str().into())),
            Block::Image(Media { data, mime_type, .. }) | Block::Audio(Media { data, mime_type, .. }) => {
                block.insert("data".into(), STANDARD.encode(data).into());
                block.insert("mimeType".into(), mime_type.as_str().into());
            }
            _ => {}
        }
        if let Some(annotations) = annotations {
            block.insert("annotations".into(), annotations.json().into());
        }
        if let Some(meta) = meta {
            let object = serde_json::from_str::<Map<String, Json>>(meta);
            block.insert("_meta".into(), object.map_err(|_| "a meta is not a JSON object")?.into());
        }
        Ok(block.into())
    }
}

impl Annotations {
    fn json(&self) -> Map<String, Json> {
        let mut object = Map::new();
        if !self.audience.is_empty() {
            let audience: Vec<_> = self.audience.iter().map(|role| role.name()).collect();
            object.insert("audience".into(), audience.into());
        }
        if let Some(priority) = self.priority.filter(|priority| (0.0..=1.0).contains(priority)) {
            object.insert("priority".into(), priority.into());
        }
        if let Some(last_modified) = &self.last_modified {
            object.insert("lastModified".into(), last_modified.as_str().into());
        }
        object
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
