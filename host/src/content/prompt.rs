//! Turns prompts and their messages into the JSON of MCP.

use serde::{Deserialize, Serialize};

use super::RevisionFeatures;
use super::block::Block;
use super::error::{self, ContentError, at, normalize_each};
use super::icon;
use super::object::{Object, normalize_meta};
use super::page::{Names, Page};
use super::text::{Kind, Text};
use crate::mcp::{Icon, Role};

/// The parts of MCP's `GetPromptResult`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromptMessages {
    /// The prompt's description.
    pub description: Option<String>,
    /// A JSON array of MCP's `PromptMessage`.
    pub messages: Vec<u8>,
}

/// Names the reason why a prompt cannot be returned.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GetError {
    /// There is no such prompt.
    NotFound,
    /// An argument is missing or unfit.
    InvalidArguments(String),
    /// Anything else, in words that a client may see.
    Failed(String),
}

/// Turns a `prompt-page` into items of MCP's `Prompt`, `prefix` before each name. Leaves out those whose name no
/// client would take, and those that break a rule: a name that `is_taken`, a text that hides something.
///
/// # Errors
/// For a `next` that is too long, and JSON of another type.
pub fn prompt_page(
    json: &[u8],
    features: RevisionFeatures,
    prefix: &str,
    is_taken: impl Fn(&str) -> bool,
) -> Result<Page, ContentError> {
    let PromptPage { prompts, next } = error::read(json)?;
    let mut names = Names::new(prefix, is_taken);
    Page::new("prompts", prompts, next, |prompt| {
        prompt.normalize(features)?;
        names.give(&mut prompt.name)
    })
}

/// Turns `prompt-messages` into the parts of MCP's `GetPromptResult`.
///
/// # Errors
/// For content that MCP does not allow, a description that hides something, and JSON of another type.
pub fn prompt_messages(json: &[u8], features: RevisionFeatures) -> Result<PromptMessages, ContentError> {
    let WitPromptMessages { description, mut messages } = error::read(json)?;
    description.as_deref().map_or(Ok(()), |text| Kind::Description.check(text)).map_err(at("description"))?;
    normalize_each("messages", &mut messages, |message| {
        message.content.normalize(features).map_err(at("content"))
    })?;
    Ok(PromptMessages { description, messages: error::write(&messages)? })
}

/// Reads the `err` of `get-prompt`.
///
/// # Errors
/// For JSON of another type.
pub fn get_error(json: &[u8]) -> Result<GetError, ContentError> {
    error::read(json)
}

#[derive(Deserialize)]
struct PromptPage<'a> {
    #[serde(borrow)]
    prompts: Vec<Prompt<'a>>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct WitPromptMessages<'a> {
    description: Option<String>,
    #[serde(borrow)]
    messages: Vec<Message<'a>>,
}

/// MCP's `PromptMessage`.
#[derive(Deserialize, Serialize)]
struct Message<'a> {
    role: Role,
    #[serde(borrow)]
    content: Block<'a>,
}

/// MCP's `Prompt`.
#[derive(Deserialize, Serialize)]
struct Prompt<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    title: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<Argument<'a>>,
    #[serde(borrow, skip_serializing_if = "Vec::is_empty")]
    icons: Vec<Icon<Text<'a>>>,
    #[serde(borrow, rename(serialize = "_meta"), skip_serializing_if = "Option::is_none")]
    meta: Option<Object<'a>>,
}

/// MCP's `PromptArgument`.
#[derive(Deserialize, Serialize)]
struct Argument<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    title: Option<Text<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    description: Option<Text<'a>>,
    required: bool,
}

impl Prompt<'_> {
    fn normalize(&mut self, features: RevisionFeatures) -> Result<(), ContentError> {
        Kind::Title.check_any(self.title.as_ref()).map_err(at("title"))?;
        Kind::Description.check_any(self.description.as_ref()).map_err(at("description"))?;
        normalize_each("arguments", &mut self.arguments, |argument| argument.check())?;
        icon::normalize(&mut self.icons, features)?;
        normalize_meta(&mut self.meta)?;
        let titles = self.arguments.iter_mut().map(|argument| &mut argument.title);
        for title in titles.chain([&mut self.title]) {
            title.take_if(|_| !features.titles);
        }
        Ok(())
    }
}

impl Argument<'_> {
    fn check(&self) -> Result<(), ContentError> {
        Kind::Name.check(&self.name).map_err(at("name"))?;
        Kind::Title.check_any(self.title.as_ref()).map_err(at("title"))?;
        Kind::Description.check_any(self.description.as_ref()).map_err(at("description"))
    }
}
