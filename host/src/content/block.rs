//! Content blocks, and the results of tools that return them.

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::annotations::{self, Annotations};
use super::error::{self, ContentError, at, normalize_each};
use super::object::{Object, normalize_meta};
use super::resource::{Contents, Resource};
use super::text::Text;
use super::{RevisionFeatures, mime};

/// Names the form in which a tool returns content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `block`
    Block,
    /// `list<block>`
    Blocks,
    /// `tuple<list<block>, T>`: content and structured data.
    ContentAndStructured,
}

/// The content of a tool's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// A JSON array of MCP's `ContentBlock`; never empty where there is structured data.
    pub blocks: Vec<u8>,
    /// The JSON of the record that comes with the blocks: `structuredContent`.
    pub structured: Option<Vec<u8>>,
}

/// Turns the result of a tool that returns content into MCP's `content` and `structuredContent`.
///
/// `json` is `{"result": ...}`, as `codec` writes every result that is no record.
///
/// # Errors
/// For content that MCP does not allow, and for JSON that is not of that form.
pub fn blocks(json: &[u8], form: Form, features: RevisionFeatures) -> Result<Blocks, ContentError> {
    match form {
        Form::Block => {
            let Wrapped { result } = error::read::<Wrapped<Block<'_>>>(json)?;
            Ok(Blocks { blocks: write("result", vec![result], features)?, structured: None })
        }
        Form::Blocks => {
            let Wrapped { result } = error::read::<Wrapped<Vec<Block<'_>>>>(json)?;
            Ok(Blocks { blocks: write("result", result, features)?, structured: None })
        }
        Form::ContentAndStructured => {
            let Wrapped { result: (said, record) } =
                error::read::<Wrapped<(Vec<Block<'_>>, &RawValue)>>(json)?;
            let record = record.get();
            if !record.starts_with('{') {
                return Err(ContentError::new("a record beside the blocks", record)).map_err(at("result"));
            }
            let blocks = write("result", with_text(said, Some(record)), features)?;
            Ok(Blocks { blocks, structured: Some(record.into()) })
        }
    }
}

/// Says structured data in words where nothing else is said, for clients that read no structured content.
pub(super) fn with_text<'a>(mut said: Vec<Block<'a>>, structured: Option<&'a str>) -> Vec<Block<'a>> {
    if let Some(json) = structured
        && said.is_empty()
    {
        said.push(Block::Text(TextBlock { text: Text(json.into()), annotations: None, meta: None }));
    }
    said
}

/// Normalizes the blocks of the field `key` and writes them as an array.
pub(super) fn write(
    key: &'static str,
    mut said: Vec<Block<'_>>,
    features: RevisionFeatures,
) -> Result<Vec<u8>, ContentError> {
    normalize_each(key, &mut said, |block| block.normalize(features))?;
    error::write(&said)
}

/// The key that `codec` wraps around a value that is not a record.
#[derive(Deserialize)]
struct Wrapped<T> {
    result: T,
}

/// MCP's `ContentBlock`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Block<'a> {
    #[serde(borrow)]
    Text(TextBlock<'a>),
    Image(Media<'a>),
    Audio(Media<'a>),
    ResourceLink(Resource<'a>),
    EmbeddedResource(EmbeddedResource<'a>),
}

/// MCP's `TextContent`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TextBlock<'a> {
    #[serde(borrow)]
    text: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations<'a>>,
    #[serde(borrow, rename(serialize = "_meta"), skip_serializing_if = "Option::is_none")]
    meta: Option<Object<'a>>,
}

/// MCP's `ImageContent` and `AudioContent`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Media<'a> {
    /// Base64 already.
    #[serde(borrow)]
    data: Text<'a>,
    #[serde(borrow)]
    mime_type: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations<'a>>,
    #[serde(borrow, rename(serialize = "_meta"), skip_serializing_if = "Option::is_none")]
    meta: Option<Object<'a>>,
}

/// MCP's `EmbeddedResource`.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct EmbeddedResource<'a> {
    #[serde(borrow, rename(serialize = "resource"))]
    contents: Contents<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations<'a>>,
}

impl Block<'_> {
    pub(super) fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        match self {
            Block::Text(text) => text.normalize(features).map_err(at("text")),
            Block::Image(image) => image.normalize(features).map_err(at("image")),
            Block::Audio(audio) => {
                audio.normalize(features).map_err(at("audio"))?;
                if !features.audio {
                    *self = Block::Text(TextBlock::of_audio(audio));
                }
                Ok(())
            }
            Block::EmbeddedResource(embedded) => {
                embedded.normalize(features).map_err(at("embedded_resource"))
            }
            Block::ResourceLink(link) => {
                link.normalize(features).map_err(at("resource_link"))?;
                if !features.resource_links {
                    *self = Block::Text(TextBlock::of_link(link));
                }
                Ok(())
            }
        }
    }
}

impl<'a> TextBlock<'a> {
    /// Says a link in words.
    fn of_link(link: &mut Resource<'a>) -> TextBlock<'a> {
        let text = format!("{}: {}", &*link.name, &*link.uri);
        TextBlock { text: Text(text.into()), annotations: link.annotations.take(), meta: link.meta.take() }
    }

    /// Says in words that there is audio.
    fn of_audio(audio: &mut Media<'a>) -> TextBlock<'a> {
        let text = format!("audio of type {}, which this revision of MCP cannot carry", &*audio.mime_type);
        TextBlock { text: Text(text.into()), annotations: audio.annotations.take(), meta: audio.meta.take() }
    }

    fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        annotations::normalize(&mut self.annotations, features)?;
        normalize_meta(&mut self.meta)
    }
}

impl Media<'_> {
    fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        mime::check(&self.mime_type)?;
        annotations::normalize(&mut self.annotations, features)?;
        normalize_meta(&mut self.meta)
    }
}

impl EmbeddedResource<'_> {
    fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        self.contents.normalize().map_err(at("contents"))?;
        annotations::normalize(&mut self.annotations, features)
    }
}

/// A block as MCP writes it: its type, then its fields.
#[derive(Serialize)]
struct Typed<'b, T> {
    r#type: &'static str,
    #[serde(flatten)]
    fields: &'b T,
}

impl Serialize for Block<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Block::Text(fields) => Typed { r#type: "text", fields }.serialize(serializer),
            Block::Image(fields) => Typed { r#type: "image", fields }.serialize(serializer),
            Block::Audio(fields) => Typed { r#type: "audio", fields }.serialize(serializer),
            Block::ResourceLink(fields) => Typed { r#type: "resource_link", fields }.serialize(serializer),
            Block::EmbeddedResource(fields) => Typed { r#type: "resource", fields }.serialize(serializer),
        }
    }
}
