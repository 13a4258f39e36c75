//! Names that a client sees: of tools, prompts and plugins.

use super::origin::Origin;
use crate::ui::problem::{Problem, Result};

/// Longest tool name that every client accepts.
pub const MAX_CHARS: usize = 64;

/// Checks a name that a client will see.
///
/// # Errors
/// It is empty, too long or holds other characters than `A-Z a-z 0-9 _ . -`.
pub fn check(key: &str, name: &str, origin: &Origin) -> Result<()> {
    let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if legal && (1..=MAX_CHARS).contains(&name.len()) {
        return Ok(());
    }
    Err(Problem::refused(origin.place(key), "is not a name that MCP clients accept")
        .found(format!("`{name}` ({} characters)", name.chars().count()))
        .expected(format!("1 to {MAX_CHARS} characters of A-Z a-z 0-9 _ . -"))
        .next("rename it"))
}
