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

impl ToolAnnotations {
    /// Tells whether a tool has to be taken for one that destroys: MCP does so unless a hint denies it.
    pub fn may_destroy(self) -> bool {
        self.destructive.unwrap_or(!self.is_read_only())
    }

    /// Tells whether a second call with the same arguments has to be taken for one that changes more.
    pub fn may_change_more(self) -> bool {
        !self.idempotent.unwrap_or(self.is_read_only())
    }

    /// Tells whether a tool has to be taken for one that reaches the outside.
    pub fn may_reach_out(self) -> bool {
        self.open_world.unwrap_or(true)
    }

    /// Tells whether a tool says that it changes nothing.
    pub fn is_read_only(self) -> bool {
        self.read_only == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_that_is_missing_means_what_mcp_says() {
        let silent = ToolAnnotations::default();
        let read_only = ToolAnnotations { read_only: Some(true), ..silent };
        let gentle = ToolAnnotations { destructive: Some(false), ..silent };
        let contradictory = ToolAnnotations { destructive: Some(true), ..read_only };
        let repeatable = ToolAnnotations { idempotent: Some(true), ..silent };
        let writes = ToolAnnotations { read_only: Some(false), ..silent };
        for (hints, destroys, changes_more) in [
            (silent, true, true),
            (writes, true, true),
            (read_only, false, false),
            (gentle, false, true),
            (contradictory, true, false),
            (repeatable, true, false),
        ] {
            assert_eq!((hints.may_destroy(), hints.may_change_more()), (destroys, changes_more), "{hints:?}");
        }
        assert!(silent.may_reach_out() && !silent.is_read_only());
    }
}
