//! `[prompts.NAME]` of a `plugin.toml`.

use std::collections::BTreeMap;

use serde_json::Value;
use toolcell_host::catalog::ScopeSet;
use toolcell_host::mcp::Icon;

use super::{icon, meta};
use crate::document::limit::Overrides;
use crate::document::{Table, scope};
use crate::ui::problem::Result;

/// Adds to a prompt what WIT cannot express.
#[derive(Clone, Debug, Default)]
pub struct PromptManifest {
    /// Name for people.
    pub title: Option<String>,
    /// Replaces the WIT documentation.
    pub description: Option<String>,
    /// Pictures for people.
    pub icons: Vec<Icon<String>>,
    /// The scopes that callers need.
    pub required_scopes: ScopeSet,
    /// The `_meta` object for clients.
    pub meta: Option<Value>,
    /// Limits for this prompt.
    pub limits: Overrides,
    /// Arguments by their WIT name.
    pub arguments: BTreeMap<String, Argument>,
}

/// Adds to a prompt argument what WIT cannot express.
#[derive(Clone, Debug, Default)]
pub struct Argument {
    /// Name for people.
    pub title: Option<String>,
    /// Replaces the `@param` line.
    pub description: Option<String>,
}

/// Reads the table of one prompt.
pub(super) fn read(table: &Table<'_>) -> Result<PromptManifest> {
    let argument = |_: &str, table: &Table<'_>| {
        Ok(Argument { title: table.text("title")?, description: table.text("description")? })
    };
    Ok(PromptManifest {
        title: table.text("title")?,
        description: table.text("description")?,
        icons: table.list("icons", icon::read)?,
        required_scopes: scope::read(table, scope::REQUIRED)?,
        meta: meta::read(table)?,
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        arguments: table.tables("arguments", argument)?,
    })
}
