//! Renders entries of `tools/list` (MCP `Tool`) and `prompts/list` (MCP `Prompt`), once, at build time.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use toolcell_host::catalog::{Returns, ScopeSet};
use toolcell_host::codec::{Function, Label, Param, Type, schema};
use toolcell_host::mcp::{DEFINITION_META, Icon, ToolAnnotations};

use super::definition::Canonical;
use crate::component::content;
use crate::plugin::{Prompt, Tool};

/// The member of a tool, and of its `_meta`, that tells what a caller needs: an extension of MCP that ChatGPT reads.
const SECURITY_SCHEMES: &str = "securitySchemes";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToolEntry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    description: &'a str,
    input_schema: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<ToolAnnotations>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    icons: &'a [Icon<String>],
    #[serde(skip_serializing_if = "Option::is_none")]
    security_schemes: Option<&'a Value>,
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<&'a Value>,
}

#[derive(Serialize)]
struct PromptEntry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<Argument<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    icons: &'a [Icon<String>],
    #[serde(rename = "_meta", skip_serializing_if = "Option::is_none")]
    meta: Option<&'a Value>,
}

#[derive(Serialize)]
struct Argument<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    required: bool,
}

/// The entry as every revision may see it, and the plain one for those that know less.
pub(crate) struct Rendered {
    /// With everything.
    pub(crate) full: Box<RawValue>,
    /// Without titles, `outputSchema` and `icons`.
    pub(crate) plain: Box<RawValue>,
}

/// Renders the entry of `tool` under the name that clients see. `required` are the scopes of an access token that it
/// needs, where authorization servers issue tokens: clients that cannot read a challenge find them here.
pub(crate) fn tool(name: &str, tool: &Tool, required: Option<&ScopeSet>) -> Rendered {
    let annotations = Some(tool.annotations).filter(|hints| *hints != ToolAnnotations::default());
    let input_schema = input(tool);
    let entry = ToolEntry {
        name,
        title: tool.title.as_deref(),
        description: &tool.description,
        input_schema: &input_schema,
        output_schema: output(tool),
        annotations,
        icons: &tool.icons,
        security_schemes: None,
        meta: tool.meta.as_ref(),
    };
    let digest = Canonical::definition(&raw(&entry)).digest();
    let mut meta = tool.meta.clone().unwrap_or_else(|| Value::Object(Map::new()));
    meta[DEFINITION_META] = format!("sha256:{digest}").into();
    let plain = ToolEntry { title: None, output_schema: None, icons: &[], meta: Some(&meta), ..entry };
    let plain = raw(&plain);
    let schemes = required.map(|required| json!([{ "type": "oauth2", "scopes": required }]));
    if let Some(schemes) = &schemes {
        meta[SECURITY_SCHEMES] = schemes.clone();
    }
    let full = raw(&ToolEntry { meta: Some(&meta), security_schemes: schemes.as_ref(), ..entry });
    Rendered { full, plain }
}

/// The schema of a tool's arguments: its author's own, or what its types say.
pub(crate) fn input(tool: &Tool) -> Box<RawValue> {
    tool.input_schema.clone().unwrap_or_else(|| raw(&schema::input(&tool.function)))
}

/// The schema of a tool's structured content, where it has one; content blocks show in none.
pub(crate) fn output(tool: &Tool) -> Option<Value> {
    match tool.returns {
        Returns::Value => schema::output(&tool.function),
        Returns::Block | Returns::Blocks => None,
        Returns::ContentAndStructured => {
            let record = content::structured(&tool.function).cloned();
            schema::output(&Function { params: Vec::new(), result: record })
        }
    }
}

/// Renders the entry of `prompt` under the name that clients see.
pub(crate) fn prompt(name: &str, prompt: &Prompt) -> Rendered {
    let entry = |title: Option<_>, icons, arguments| PromptEntry {
        name,
        title,
        description: prompt.description.as_deref(),
        arguments,
        icons,
        meta: prompt.meta.as_ref(),
    };
    let params = &prompt.function.params;
    let title = |param: &Param| prompt.titles.get(&param.name).map(String::as_str);
    let titled = params.iter().map(|param| argument(param, title(param))).collect();
    let untitled = params.iter().map(|param| argument(param, None)).collect();
    Rendered {
        full: raw(&entry(prompt.title.as_deref(), prompt.icons.as_slice(), titled)),
        plain: raw(&entry(None, &[], untitled)),
    }
}

fn argument<'a>(param: &'a Param, title: Option<&'a str>) -> Argument<'a> {
    let docs = param.docs.iter().cloned();
    let lines: Vec<String> = docs.chain(choices(param)).collect();
    let description = (!lines.is_empty()).then(|| lines.join("\n"));
    Argument { name: &param.name, title, description, required: !matches!(param.ty, Type::Option(_)) }
}

/// Lists the values of an enum for the description, the only place that MCP offers.
fn choices(param: &Param) -> Option<String> {
    let ty = match &param.ty {
        Type::Option(inner) => inner,
        ty => ty,
    };
    let Type::Enum(labels) = ty else { return None };
    let name = |label: &Label| format!("`{}`", label.name);
    Some(format!("One of {}.", labels.iter().map(name).collect::<Vec<_>>().join(", ")))
}

fn raw(entry: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(entry).expect("an entry of strings, numbers and schemas is JSON")
}

/// The function without what only the schema shows, as the catalog holds it.
pub(crate) fn plan(function: &Function) -> Function {
    let mut plan = function.clone();
    for param in &mut plan.params {
        param.docs = None;
        param.examples = Vec::new();
        param.ty = crate::component::signature::bare(&param.ty);
    }
    plan.result = plan.result.as_ref().map(crate::component::signature::bare);
    plan
}
