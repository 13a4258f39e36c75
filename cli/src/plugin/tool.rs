//! A tool of a plugin, with everything that documentation and `plugin.toml` say about it.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use toolcell_host::catalog::{Export, Returns, ScopeSet};
use toolcell_host::codec::{Function, Param};
use toolcell_host::mcp::{Icon, ToolAnnotations};

use super::name;
use crate::component::content::{self, PublishedAs};
use crate::component::export::{self, Exported};
use crate::component::signature::wit_name;
use crate::document::limit::Overrides;
use crate::document::origin::Origin;
use crate::document::text;
use crate::manifest::tool;
use crate::ui::problem::{Problem, Result};

/// The longest signature in a description, in characters: some clients cut at 1,024.
const BARE_CHARS: usize = 1_000;

/// A tool of a plugin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tool {
    /// Name for clients, before the deployer's prefix.
    pub name: String,
    /// Its export in the component.
    pub export: Export,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its description.
    pub description: String,
    /// Hints for clients.
    #[serde(default)]
    pub annotations: ToolAnnotations,
    /// Pictures for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon<String>>,
    /// Client capabilities without which it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_client_capabilities: Option<Value>,
    /// The scopes that callers need.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// The JSON Schema of its arguments, where its author wrote one by hand: its one parameter takes their text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<Box<RawValue>>,
    /// The place of content in its result.
    #[serde(default, skip_serializing_if = "is_value")]
    pub returns: Returns,
    /// The `_meta` object for clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
    /// Limits that it asks for.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    pub limits: Overrides,
    /// Its plan, with everything that `plugin.toml` and the WIT's documentation add.
    pub function: Function,
}

impl Tool {
    /// Its signature, the way WIT writes it.
    pub fn signature(&self) -> String {
        content::render(&self.function, PublishedAs::Tool(self.returns))
    }

    /// Returns the description of an undocumented function: its signature, or the start of a long one. The schema has
    /// the rest.
    pub fn bare_description(&self) -> String {
        let text = format!("{}: {}", export::name(&self.export), self.signature());
        match text.char_indices().nth(BARE_CHARS) {
            Some((end, _)) => format!("{}...", &text[..end]),
            None => text,
        }
    }
}

/// Makes a tool of a function, if it can be one.
pub(super) fn of(exported: &Exported, name: String) -> Option<Tool> {
    let function = exported.plan.as_ref().ok()?.clone();
    let PublishedAs::Tool(returns) = exported.published_as else { return None };
    let mut tool = Tool {
        name,
        export: exported.export.clone(),
        title: None,
        description: String::new(),
        annotations: ToolAnnotations::default(),
        icons: Vec::new(),
        requires_client_capabilities: None,
        required_scopes: ScopeSet::NONE,
        input_schema: None,
        returns,
        meta: None,
        limits: Overrides::default(),
        function,
    };
    tool.description = tool.bare_description();
    Some(tool)
}

/// Adds what the documentation and `plugin.toml` say about a tool.
pub(super) fn refine(
    mut tool: Tool,
    exported: &Exported,
    said: tool::ToolManifest,
    origin: &Origin,
) -> Result<Tool> {
    let docs = text::parse(exported.docs.as_deref().unwrap_or_default());
    let key = format!("tools.{}", wit_name(&tool.name));
    name::refuse_unknown_docs(exported, &tool.function, docs.params.keys())?;
    if said.input_schema.is_some() {
        refuse_refinements(&key, &said, origin)?;
    }
    name::refuse_unknown_params(&tool.function, said.parameters.keys(), |param| {
        let key = format!("{key}.parameters.{param}");
        Problem::refused(origin.place(&key), "is not a parameter")
    })?;
    for param in &mut tool.function.params {
        let wit = wit_name(&param.name);
        param.docs = docs.params.get(&wit).cloned();
        if let Some(said) = said.parameters.get(&wit) {
            refine_param(param, said);
        }
    }
    tool.title = said.title;
    tool.annotations = said.annotations;
    tool.icons = said.icons;
    tool.requires_client_capabilities = said.requires_client_capabilities;
    tool.required_scopes = said.required_scopes;
    tool.input_schema = said.input_schema;
    tool.meta = said.meta;
    tool.limits = said.limits;
    tool.description = said.description.or(docs.text).unwrap_or(tool.description);
    Ok(tool)
}

/// A schema that is written by hand says everything about arguments; nothing else has a say.
fn refuse_refinements(key: &str, said: &tool::ToolManifest, origin: &Origin) -> Result<()> {
    let Some(param) = said.parameters.keys().next() else { return Ok(()) };
    Err(Problem::refused(
        origin.place(&format!("{key}.parameters.{param}")),
        "cannot be combined with `input-schema`",
    )
    .found(format!("a table for parameter `{param}` of a tool with an input schema"))
    .expected("descriptions, defaults and ranges in the schema file alone")
    .next(format!(
        "move the contents of [{key}.parameters.{param}] to the schema file, and delete this table"
    )))
}

fn refine_param(param: &mut Param, said: &tool::Parameter) {
    param.docs = said.description.clone().or(param.docs.take());
    param.default = said.default.as_ref().map(raw);
    param.constraint = said.constraint.clone();
    param.examples = said.examples.clone();
    param.header = said.header.clone();
}

fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("a JSON value prints as JSON")
}

fn is_value(returns: &Returns) -> bool {
    *returns == Returns::Value
}
