//! MCP's own vocabulary: the words that the protocol, plugins and the catalog share. Data alone.

mod freshness;
mod icon;
mod level;
mod question;
mod role;
mod tool_annotations;
pub mod uri;

pub use freshness::{CacheScope, Freshness};
pub use icon::{Icon, Theme};
pub use level::Level;
pub use question::QuestionKinds;
pub use role::Role;
pub use tool_annotations::ToolAnnotations;

/// The member of a tool's `_meta` that holds the digest of its definition, as `sha256:` and 64 hexadecimal digits. Only
/// tools that are known when a bundle is built have it.
pub const DEFINITION_META: &str = "toolcell/definition";
