//! Lists of scopes, which both files have: `required-scopes` of tools, `scopes` of principals.

use toolcell_host::catalog::{Scope, ScopeSet};

use super::Table;
use crate::ui::problem::Result;

/// The key of both files that names scopes which a tool asks for.
pub(crate) const REQUIRED: &str = "required-scopes";

/// The text that errors show in place of a value under `[auth]`.
pub(crate) const HIDDEN: &str = "a value that is hidden because it may be a token";

/// Reads a list of scopes; a missing key gives an empty list.
pub(crate) fn read(table: &Table<'_>, key: &'static str) -> Result<ScopeSet> {
    let texts = table.texts(key)?.unwrap_or_default();
    let scope = |(at, text): (usize, String)| {
        text.parse::<Scope>().map_err(|_| {
            table
                .wrong(&format!("{key}[{at}]"), "is not a scope")
                .found(if table.is_confidential() { HIDDEN.to_owned() } else { format!("{text:?}") })
                .expected(format!(
                    "1 to {} printable ASCII characters except space, quote (\") and backslash (RFC 6749)",
                    Scope::MAX_BYTES
                ))
                .next(format!("write, for example, {key} = [\"files\", \"files.write\"]"))
        })
    };
    texts.into_iter().enumerate().map(scope).collect()
}
