//! Rules of the deployer for single tools: consent and quotas.

use crate::document::Table;
use crate::ui::problem::Result;

/// The most calls of one caller in a minute that can be allowed: more need no count.
const MAX_CALLS_PER_MINUTE: u32 = 100_000;

/// Reads `confirm`: whether the user is asked before each call.
pub(super) fn read_confirm(table: &Table<'_>) -> Result<bool> {
    match table.text("confirm")?.as_deref() {
        None => Ok(false),
        Some("always") => Ok(true),
        Some(other) => Err(table
            .wrong("confirm", "does not say when the user is asked")
            .found(format!("{other:?}"))
            .expected("\"always\", so that the user is asked before each call")
            .next("write confirm = \"always\", or remove the key")),
    }
}

/// Reads `calls-per-minute`: the most calls of one caller.
pub(super) fn read_calls_per_minute(table: &Table<'_>) -> Result<Option<u32>> {
    const KEY: &str = "calls-per-minute";
    match table.count(KEY)? {
        None => Ok(None),
        Some(count) => match u32::try_from(count) {
            Ok(count) if (1..=MAX_CALLS_PER_MINUTE).contains(&count) => Ok(Some(count)),
            _ => Err(table
                .wrong(KEY, "is not a number of calls")
                .found(count.to_string())
                .expected(format!("a whole number from 1 to {MAX_CALLS_PER_MINUTE}"))
                .next("write, for example, calls-per-minute = 60; to serve a tool to nobody, use `except`")),
        },
    }
}
