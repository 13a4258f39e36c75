//! `meta` of a tool or a prompt.

use serde_json::Value;
use toolcell_host::mcp::DEFINITION_META;

use crate::document::Table;
use crate::ui::problem::Result;

/// Reads a table that clients get as `_meta`.
pub(super) fn read(table: &Table<'_>) -> Result<Option<Value>> {
    match table.json("meta")? {
        None => Ok(None),
        Some(Value::Object(entries)) if entries.contains_key(DEFINITION_META) => Err(table
            .wrong("meta", "has a key that toolcell writes itself")
            .found(format!("`{DEFINITION_META}`"))
            .expected("keys of your own, such as `example.com/key`")
            .next("remove the key")),
        Some(Value::Object(entries)) => Ok(Some(Value::Object(entries))),
        Some(other) => Err(table
            .wrong("meta", "has the wrong type")
            .found(other.to_string())
            .expected("a table, sent to clients as `_meta`")
            .next("write meta = { \"example.com/key\" = \"value\" }")),
    }
}
