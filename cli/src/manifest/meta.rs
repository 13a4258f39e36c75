//! `meta` of a tool or a prompt.

use serde_json::Value;

use crate::document::Table;
use crate::ui::problem::Result;

/// Reads a table that clients get as `_meta`.
pub(super) fn read(table: &Table<'_>) -> Result<Option<Value>> {
    match table.json("meta")? {
        None => Ok(None),
        Some(Value::Object(entries)) => Ok(Some(Value::Object(entries))),
        Some(other) => Err(table
            .wrong("meta", "has the wrong type")
            .found(other.to_string())
            .expected("a table, sent to clients as `_meta`")
            .next("write meta = { \"example.com/key\" = \"value\" }")),
    }
}
