//! Hints about what a tool does.

use serde::{Deserialize, Serialize};

/// MCP's `ToolAnnotations`, but for the title.
///
/// They are written under MCP's names, and read under these or those of `toolcell:plugin`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ToolAnnotations {
    /// The tool changes nothing.
    #[serde(
        default,
        rename(serialize = "readOnlyHint"),
        alias = "readOnlyHint",
        skip_serializing_if = "Option::is_none"
    )]
    pub read_only: Option<bool>,
    /// The tool may destroy or overwrite data.
    #[serde(
        default,
        rename(serialize = "destructiveHint"),
        alias = "destructiveHint",
        skip_serializing_if = "Option::is_none"
    )]
    pub destructive: Option<bool>,
    /// Calling it twice changes no more than calling it once.
    #[serde(
        default,
        rename(serialize = "idempotentHint"),
        alias = "idempotentHint",
        skip_serializing_if = "Option::is_none"
    )]
    pub idempotent: Option<bool>,
    /// It talks to the outside.
    #[serde(
        default,
        rename(serialize = "openWorldHint"),
        alias = "openWorldHint",
        skip_serializing_if = "Option::is_none"
    )]
    pub open_world: Option<bool>,
}
