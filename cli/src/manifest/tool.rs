//! `[tools.NAME]` of a `plugin.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use toolcell_host::catalog::ScopeSet;
use toolcell_host::codec::Constraint;
use toolcell_host::mcp::{Icon, ToolAnnotations};
use toolcell_host::text::schema;

use super::{icon, meta};
use crate::document::limit::Overrides;
use crate::document::{Table, scope};
use crate::ui::problem::Result;
use crate::ui::read::read_text;

/// Adds to a tool what WIT cannot express.
#[derive(Clone, Debug, Default)]
pub struct ToolManifest {
    /// Name for people.
    pub title: Option<String>,
    /// Replaces the WIT documentation.
    pub description: Option<String>,
    /// Hints for clients.
    pub annotations: ToolAnnotations,
    /// Pictures for people.
    pub icons: Vec<Icon<String>>,
    /// Client capabilities without which the tool is refused.
    pub requires_client_capabilities: Option<Value>,
    /// The scopes that callers need.
    pub required_scopes: ScopeSet,
    /// The JSON Schema of its arguments, on one line.
    pub input_schema: Option<Box<RawValue>>,
    /// The `_meta` object for clients.
    pub meta: Option<Value>,
    /// Limits for this tool.
    pub limits: Overrides,
    /// Parameters by their WIT name.
    pub parameters: BTreeMap<String, Parameter>,
}

/// Adds to a parameter what WIT cannot express.
#[derive(Clone, Debug, Default)]
pub struct Parameter {
    /// Replaces the `@param` line.
    pub description: Option<String>,
    /// Used when the argument is absent.
    pub default: Option<Value>,
    /// Narrows the type.
    pub constraint: Constraint,
    /// Values to show.
    pub examples: Vec<Value>,
    /// Name of the mirroring header (`x-mcp-header`).
    pub header: Option<String>,
}

/// Reads the table of one tool; `directory` is the plugin's.
pub(super) fn read(table: &Table<'_>, directory: &Path) -> Result<ToolManifest> {
    Ok(ToolManifest {
        title: table.text("title")?,
        description: table.text("description")?,
        annotations: table.table("annotations", read_annotations)?.unwrap_or_default(),
        icons: table.list("icons", icon::read)?,
        requires_client_capabilities: read_capabilities(table)?,
        required_scopes: scope::read(table, scope::REQUIRED)?,
        input_schema: read_schema(table, directory)?,
        meta: meta::read(table)?,
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        parameters: table.tables("parameters", |_, table| read_parameter(table))?,
    })
}

/// A JSON Schema in a file beside `plugin.toml`.
fn read_schema(table: &Table<'_>, directory: &Path) -> Result<Option<Box<RawValue>>> {
    const KEY: &str = "input-schema";
    let Some(file) = table.text(KEY)? else { return Ok(None) };
    let unreadable = |found: String| {
        table
            .wrong(KEY, "names a file that cannot be read")
            .found(format!("{file}: {found}"))
            .expected("a JSON Schema in UTF-8, in the folder of plugin.toml")
            .next("write the file, or correct the path")
    };
    let text = read_text(&directory.join(&file)).map_err(|error| unreadable(error.to_string()))?;
    schema::read(&text).map(Some).map_err(|fault| {
        table
            .wrong(KEY, "is not a schema for arguments")
            .found(format!("{file}: {fault}"))
            .expected("a self-contained JSON Schema of type \"object\"")
            .next("correct the file")
    })
}

fn read_annotations(table: &Table<'_>) -> Result<ToolAnnotations> {
    Ok(ToolAnnotations {
        read_only: table.boolean("read-only-hint")?,
        destructive: table.boolean("destructive-hint")?,
        idempotent: table.boolean("idempotent-hint")?,
        open_world: table.boolean("open-world-hint")?,
    })
}

/// Either a list of names, `["elicitation"]`, or the object that MCP shows.
fn read_capabilities(table: &Table<'_>) -> Result<Option<Value>> {
    const KEY: &str = "requires-client-capabilities";
    Ok(match table.json(KEY)? {
        None => None,
        Some(Value::Object(map)) => Some(Value::Object(map)),
        Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
            let entry = |name: &Value| Some((name.as_str()?.to_string(), Value::Object(Map::new())));
            Some(Value::Object(names.iter().filter_map(entry).collect()))
        }
        Some(other) => {
            return Err(table
                .wrong(KEY, "has the wrong type")
                .found(other.to_string())
                .expected("a list of capability names, like [\"elicitation\"], or a table")
                .next(format!("write {KEY} = [\"elicitation\"]")));
        }
    })
}

fn read_parameter(table: &Table<'_>) -> Result<Parameter> {
    Ok(Parameter {
        description: table.text("description")?,
        default: table.json("default")?,
        constraint: Constraint {
            minimum: read_number(table, "minimum")?,
            maximum: read_number(table, "maximum")?,
            min_length: read_length(table, "min-length")?,
            max_length: read_length(table, "max-length")?,
            pattern: table.text("pattern")?,
            min_items: read_length(table, "min-items")?,
            max_items: read_length(table, "max-items")?,
        },
        examples: table.json_list("examples")?,
        header: table.text("header")?,
    })
}

fn read_number(table: &Table<'_>, key: &'static str) -> Result<Option<serde_json::Number>> {
    match table.json(key)? {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number)),
        Some(other) => Err(table
            .wrong(key, "has the wrong type")
            .found(other.to_string())
            .expected("a number")
            .next(format!("write {key} = 1"))),
    }
}

fn read_length(table: &Table<'_>, key: &'static str) -> Result<Option<u32>> {
    let Some(count) = table.count(key)? else { return Ok(None) };
    u32::try_from(count).map(Some).map_err(|_| {
        table
            .wrong(key, "is too large")
            .found(count.to_string())
            .expected(format!("a whole number up to {}", u32::MAX))
            .next("lower it, or remove the key")
    })
}
