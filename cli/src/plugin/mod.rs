//! A plugin as the rest of the program sees it: tools and prompts with names, texts, plans and wishes.
//!
//! It is [loaded](load) from a `.wasm` file or from its author's directory, [assembled](assemble) from WIT and
//! `plugin.toml` or from the section of a packed component, and [verified](verify) in the same way each time.

pub mod assemble;
pub mod load;
mod name;
pub mod prompt;
mod tool;
pub mod verify;

use serde::{Deserialize, Serialize};

use crate::document::limit::Overrides;
use crate::manifest::Needs;

pub use prompt::Prompt;
pub use tool::Tool;

/// A plugin; the content of the section `toolcell:plugin`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plugin {
    /// Version of this format: [`Plugin::FORMAT`].
    pub format: u32,
    /// The plugin's own name.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The grants that it needs.
    #[serde(default)]
    pub needs: Needs,
    /// Limits that it asks for, for everything that it offers.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    pub limits: Overrides,
    /// Its tools, in the order of the WIT.
    pub tools: Vec<Tool>,
    /// Its prompts, in the order of the WIT.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<Prompt>,
    /// The URI prefixes of its resources; empty for any URI.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uris: Vec<String>,
}

impl Plugin {
    /// The version of the format that this program writes and reads.
    pub const FORMAT: u32 = 1;
}
