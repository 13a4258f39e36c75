//! Names that a client sees: of tools, prompts and plugins.

use super::origin::Origin;
use crate::ui::problem::{Problem, Result};

/// Longest tool name that every client accepts.
pub const MAX_CHARS: usize = 64;

/// Longest name of a function, which a deployer may shorten for clients.
const MAX_FUNCTION_CHARS: usize = 1024;

/// Checks a name that a client will see.
///
/// # Errors
/// It is empty, too long or holds other characters than `A-Z a-z 0-9 _ . -`.
pub fn check(key: &str, name: &str, origin: &Origin) -> Result<()> {
    if is_accepted(name) {
        return Ok(());
    }
    Err(refused(key, name, origin).next("rename it"))
}

/// Checks the name of a tool or prompt, which may be too long for clients until the deployer shortens it.
///
/// # Errors
/// It is empty, far too long or holds other characters than `A-Z a-z 0-9 _ . -`.
pub fn check_function(key: &str, name: &str, origin: &Origin) -> Result<()> {
    if is_legal(name) && name.len() <= MAX_FUNCTION_CHARS {
        return Ok(());
    }
    Err(refused(key, name, origin).next("rename it"))
}

/// Tells whether every client accepts a name.
pub(crate) fn is_accepted(name: &str) -> bool {
    is_legal(name) && name.len() <= MAX_CHARS
}

/// Checks a name that errors and the log show, of something else than a tool.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_word(table: &super::Table<'_>, key: &str, name: &str) -> Result<()> {
    if is_accepted(name) {
        return Ok(());
    }
    Err(table
        .wrong(key, "is not a name")
        .found(format!("`{name}` ({} characters)", name.chars().count()))
        .expected(format!("1 to {MAX_CHARS} characters of A-Z a-z 0-9 _ . -"))
        .next("rename it"))
}

fn is_legal(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// Starts the problem of a name that clients do not accept.
pub(crate) fn refused(key: &str, name: &str, origin: &Origin) -> Problem {
    Problem::refused(origin.place(key), "is not a name that MCP clients accept")
        .found(format!("`{name}` ({} characters)", name.chars().count()))
        .expected(format!("1 to {MAX_CHARS} characters of A-Z a-z 0-9 _ . -"))
}
