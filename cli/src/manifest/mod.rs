//! `plugin.toml`: what an author says about a plugin beyond its WIT.
//!
//! Each table that has rules of its own has a file: [`mod@build`], [`resources`], [`allow`] with the [`lint`]s that it
//! can allow; [`input_schema`] checks a schema that an author wrote by hand.

pub mod allow;
pub mod build;
pub mod input_schema;
pub mod lint;
pub mod resources;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use toolcell_host::catalog::ScopeSet;
use toolcell_host::codec::Constraint;

use crate::document::limit::Overrides;
use crate::document::{self, Origin, Table, scope};
use crate::ui::problem::Result;

use allow::Allowance;
use build::BuildConfig;

/// Name of the file in a plugin's directory.
pub const FILE: &str = "plugin.toml";

/// A `plugin.toml`, read.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The plugin's name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Its purpose, in one sentence.
    pub description: Option<String>,
    /// The directory that it describes.
    pub directory: PathBuf,
    /// The path of the component.
    pub component: PathBuf,
    /// The build of the component; `None` if toolcell does not build it.
    pub build: Option<BuildConfig>,
    /// The directory with its WIT.
    pub wit: PathBuf,
    /// The world, where the WIT has several.
    pub world: Option<String>,
    /// The grants that it needs.
    pub needs: Needs,
    /// Limits for everything that it offers.
    pub limits: Overrides,
    /// Tools by the name of their WIT function.
    pub tools: BTreeMap<String, ToolManifest>,
    /// Prompts by the name of their WIT function.
    pub prompts: BTreeMap<String, PromptManifest>,
    /// The URI prefixes of its resources.
    pub uris: Vec<String>,
    /// The findings that `toolcell check` may skip.
    pub allowed: Vec<Allowance>,
    /// The positions of the keys.
    pub origin: Origin,
}

/// Lists the grants that a plugin needs, each with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Needs {
    /// Keys of `wasi:config/store`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<String, String>,
    /// Environment variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<String, String>,
    /// Directories, by the path that the guest sees.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub directories: BTreeMap<String, NeededDirectory>,
}

/// A directory that a plugin needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NeededDirectory {
    /// The reason.
    pub why: String,
    /// True if it writes there.
    #[serde(default)]
    pub write: bool,
}

/// Adds to a tool what WIT cannot express.
#[derive(Clone, Debug, Default)]
pub struct ToolManifest {
    /// Name for people.
    pub title: Option<String>,
    /// Replaces the WIT documentation.
    pub description: Option<String>,
    /// Hints for clients.
    pub annotations: Annotations,
    /// Pictures for people.
    pub icons: Vec<Icon>,
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

/// Adds to a prompt what WIT cannot express.
#[derive(Clone, Debug, Default)]
pub struct PromptManifest {
    /// Name for people.
    pub title: Option<String>,
    /// Replaces the WIT documentation.
    pub description: Option<String>,
    /// Pictures for people.
    pub icons: Vec<Icon>,
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

/// Hints for clients, as MCP's `ToolAnnotations` spells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Annotations {
    /// The tool changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only_hint: Option<bool>,
    /// The tool may destroy or overwrite data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive_hint: Option<bool>,
    /// Calling it twice changes no more than calling it once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotent_hint: Option<bool>,
    /// It talks to the outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_world_hint: Option<bool>,
}

/// A picture, as MCP's `Icon` spells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Icon {
    /// `https:` or `data:` URL.
    pub src: String,
    /// Media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// Sizes such as `48x48` or `any`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sizes: Vec<String>,
    /// `light` or `dark`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
}

impl Icon {
    /// Tells whether a client may load it: over https, or embedded.
    pub fn is_loadable(&self) -> bool {
        self.src.starts_with("https://") || self.src.starts_with("data:image/")
    }
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

/// Reads the `plugin.toml` in `directory`; paths in it are relative to the directory.
///
/// # Errors
/// No such file, no TOML, a key that is unknown, missing or of the wrong form.
pub fn read(directory: &Path) -> Result<Manifest> {
    let path = directory.join(FILE);
    let next = "name a directory with a plugin.toml, or the .wasm file itself";
    let text = document::text_of(&path, next).map_err(|problem| match path.exists() {
        true => problem,
        false => problem.expected("a directory with a plugin.toml, or a .wasm file"),
    })?;
    let (mut manifest, origin) =
        document::parse(&path.display().to_string(), &text, |table| read_root(table, directory))?;
    manifest.origin = origin;
    Ok(manifest)
}

fn read_root(table: &Table<'_>, directory: &Path) -> Result<Manifest> {
    let name = table.required("name", "\"my-plugin\"")?;
    let build = table.table("build", build::read)?;
    Ok(Manifest {
        directory: directory.to_path_buf(),
        version: table.text("version")?,
        description: table.text("description")?,
        component: directory.join(match build {
            Some(_) => table.text("component")?.unwrap_or_else(|| format!("target/{name}.wasm")),
            None => table.required("component", "\"target/my-plugin.wasm\"")?,
        }),
        build,
        name,
        wit: directory.join(table.text("wit")?.unwrap_or_else(|| "wit".into())),
        world: table.text("world")?,
        needs: table.table("needs", read_needs)?.unwrap_or_default(),
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        tools: table.tables("tools", |_, table| read_tool(table, directory))?,
        prompts: table.tables("prompts", |_, table| read_prompt(table))?,
        uris: table.table("resources", resources::read)?.unwrap_or_default(),
        allowed: table.table("check", allow::read)?.unwrap_or_default(),
        origin: Origin::default(),
    })
}

fn read_needs(table: &Table<'_>) -> Result<Needs> {
    let directory = |_: &str, table: &Table<'_>| {
        Ok(NeededDirectory {
            why: table.required("why", "\"what the plugin does with it\"")?,
            write: table.boolean("write")?.unwrap_or_default(),
        })
    };
    Ok(Needs {
        config: table.text_map("config")?,
        environment: table.text_map("environment")?,
        directories: table.tables("directories", directory)?,
    })
}

fn read_tool(table: &Table<'_>, directory: &Path) -> Result<ToolManifest> {
    Ok(ToolManifest {
        title: table.text("title")?,
        description: table.text("description")?,
        annotations: table.table("annotations", read_annotations)?.unwrap_or_default(),
        icons: table.list("icons", read_icon)?,
        requires_client_capabilities: read_capabilities(table)?,
        required_scopes: scope::read(table, scope::REQUIRED)?,
        input_schema: read_schema(table, directory)?,
        meta: read_meta(table)?,
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        parameters: table.tables("parameters", |_, table| read_parameter(table))?,
    })
}

fn read_prompt(table: &Table<'_>) -> Result<PromptManifest> {
    let argument = |_: &str, table: &Table<'_>| {
        Ok(Argument { title: table.text("title")?, description: table.text("description")? })
    };
    Ok(PromptManifest {
        title: table.text("title")?,
        description: table.text("description")?,
        icons: table.list("icons", read_icon)?,
        required_scopes: scope::read(table, scope::REQUIRED)?,
        meta: read_meta(table)?,
        limits: table.table("limits", Overrides::read)?.unwrap_or_default(),
        arguments: table.tables("arguments", argument)?,
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
    let text =
        std::fs::read_to_string(directory.join(&file)).map_err(|error| unreadable(error.to_string()))?;
    input_schema::read(&text).map(Some).map_err(|fault| {
        table
            .wrong(KEY, "is not a schema for arguments")
            .found(format!("{file}: {fault}"))
            .expected("a self-contained JSON Schema of type \"object\"")
            .next("correct the file")
    })
}

/// A table that clients get as `_meta`.
fn read_meta(table: &Table<'_>) -> Result<Option<Value>> {
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

fn read_annotations(table: &Table<'_>) -> Result<Annotations> {
    Ok(Annotations {
        read_only_hint: table.boolean("read-only-hint")?,
        destructive_hint: table.boolean("destructive-hint")?,
        idempotent_hint: table.boolean("idempotent-hint")?,
        open_world_hint: table.boolean("open-world-hint")?,
    })
}

fn read_icon(table: &Table<'_>) -> Result<Icon> {
    let icon = Icon {
        src: table.required("src", "\"https://example.com/icon.png\"")?,
        mime_type: table.text("mime-type")?,
        sizes: table.texts("sizes")?.unwrap_or_default(),
        theme: table.text("theme")?,
    };
    if !icon.is_loadable() {
        return Err(table
            .wrong("src", "is not a URL that clients may load")
            .found(format!("{:?}", icon.src))
            .expected("a URL that starts with https:// or data:image/")
            .next("publish the image over https, or embed it as a data: URL"));
    }
    match icon.theme.as_deref() {
        None | Some("light" | "dark") => Ok(icon),
        Some(theme) => Err(table
            .wrong("theme", "is not a theme")
            .found(format!("{theme:?}"))
            .expected("\"light\" or \"dark\"")
            .next("write one of them, or remove the key")),
    }
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
