//! Turns what plugins say about content, resources, prompts, tools and proposals into the JSON of MCP.
//!
//! Called once for each answer that holds something of a plugin's, with the value as `codec` wrote it: the types of
//! the WIT package `toolcell:plugin`, in their JSON. What comes out is JSON on one line, ready to be put into an
//! answer. Pure: no I/O, no clock, no state. Everything it reads is written by a plugin, which nobody trusts: what
//! MCP would not allow is a [`ContentError`] for the operator's log, never a panic and never sent. Texts that describe
//! something are judged by `text`; what a tool returns is data.
//!
//! Each type is one struct that is read under the names of the WIT and written under those of MCP. Between the two
//! it is *normalized*: checked, and rid of what the client's revision does not have.

mod annotations;
mod block;
mod completion;
mod error;
mod icon;
mod line;
mod mime;
mod object;
mod page;
mod prompt;
mod resource;
mod text;
mod tool;
mod uri;

#[cfg(test)]
mod tests;

pub use block::{Blocks, Form, blocks};
pub use completion::{MAX_PROPOSALS, Proposals, proposals};
pub use error::ContentError;
pub use line::MAX_NESTING;
pub use page::{MAX_ITEM_BYTES, MAX_NAME_CHARS, MAX_NEXT_BYTES, Page};
pub use prompt::{GetError, PromptMessages, get_error, prompt_messages, prompt_page};
pub use resource::{ReadError, Reading, read_error, reading, resource_page, template_page};
pub use tool::{ToolResult, tool_page, tool_result};

/// The features of a client's revision; content of other features is left out, or said in another way.
///
/// Content that is left out is checked all the same: a plugin's mistake shows whichever client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevisionFeatures {
    /// `icons` of tools, prompts, resources and templates.
    pub icons: bool,
    /// `title` of tools, prompts, their arguments, resources and templates.
    pub titles: bool,
    /// Blocks of type `audio`; without them a text says that there is one.
    pub audio: bool,
    /// Blocks of type `resource_link`; without them a link is a text of its name and URI.
    pub resource_links: bool,
    /// `lastModified` of annotations.
    pub last_modified: bool,
    /// `outputSchema` of tools.
    pub output_schemas: bool,
}

impl RevisionFeatures {
    /// Every feature.
    pub const FULL: RevisionFeatures = RevisionFeatures {
        icons: true,
        titles: true,
        audio: true,
        resource_links: true,
        last_modified: true,
        output_schemas: true,
    };
    /// The features of the oldest revision.
    pub const LEAST: RevisionFeatures = RevisionFeatures {
        icons: false,
        titles: false,
        audio: false,
        resource_links: false,
        last_modified: false,
        output_schemas: false,
    };
}
