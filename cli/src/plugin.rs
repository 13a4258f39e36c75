//! A plugin as the rest of the program sees it: tools with names, texts, plans and wishes.
//!
//! It comes from one of three places, and is checked in the same way each time: `plugin.toml` and WIT
//! ([`assemble`]), the section of a packed component ([`unpack`]), or a bare component ([`bare`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use toolcell_host::catalog::{Export, ScopeSet};
use toolcell_host::codec::{Function, Param};

use crate::component::{Component, Exported, name};
use crate::docs;
use crate::document::Origin;
use crate::limit::Overrides;
use crate::manifest::{self, Annotations, Icon, Manifest, Needs};
use crate::problem::{Problem, Result, closest};
use crate::signature;
use crate::verify;
use crate::wit::{self, World};

/// A plugin; the content of the section `toolcell:plugin`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Plugin {
    /// Version of this format: [`Plugin::FORMAT`].
    pub format: u32,
    /// The plugin's own name.
    pub name: String,
    /// Its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it cannot work without.
    #[serde(default)]
    pub needs: Needs,
    /// Limits that it asks for, for all of its tools.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    pub limits: Overrides,
    /// Its tools, in the order of the WIT.
    pub tools: Vec<Tool>,
}

/// A tool of a plugin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tool {
    /// Name for clients, before the deployer's prefix.
    pub name: String,
    /// Where the component exports it.
    pub export: Export,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it does.
    pub description: String,
    /// Hints for clients.
    #[serde(default)]
    pub annotations: Annotations,
    /// Pictures for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon>,
    /// Client capabilities without which it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requires_client_capabilities: Option<Value>,
    /// What its callers must have been given.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// Limits that it asks for.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    pub limits: Overrides,
    /// Its plan, with everything that `plugin.toml` and the WIT's documentation add.
    pub function: Function,
}

impl Plugin {
    /// The version of the format that this program writes and reads.
    pub const FORMAT: u32 = 1;
}

/// Puts a plugin together from what its author wrote; `file` names the component.
///
/// # Errors
/// The WIT is not the component's, or `plugin.toml` names what does not exist or does not fit.
pub fn assemble(manifest: &Manifest, world: &World, file: &str, component: &Component) -> Result<Plugin> {
    wit::check(world, file, component)?;
    let published: Vec<&Exported> = world.exports.iter().filter(|exported| is_published(exported)).collect();
    let names = tool_names(file, &published)?;
    refuse_unknown_tools(manifest, &names)?;
    let mut tools = Vec::new();
    for (exported, name) in published.into_iter().zip(names) {
        let key = wit_name(&name);
        let said = manifest.tools.get(&key).cloned().unwrap_or_default();
        tools.extend(
            tool(exported, name).map(|tool| refine(tool, exported, said, &manifest.origin)).transpose()?,
        );
    }
    let plugin = Plugin {
        format: Plugin::FORMAT,
        name: manifest.name.clone(),
        version: manifest.version.clone(),
        description: manifest.description.clone(),
        needs: manifest.needs.clone(),
        limits: manifest.limits.clone(),
        tools,
    };
    verify::plugin(&plugin, &manifest.origin)?;
    Ok(plugin)
}

/// Reads the plugin that a packed component carries.
///
/// # Errors
/// The section is damaged, of another version, or belongs to another component.
pub fn unpack(section: &[u8], file: &str, component: &Component) -> Result<Plugin> {
    let stale = |wrong: &str, found: String| {
        Problem::refused(format!("{file} (section {})", crate::section::NAME), wrong)
            .found(found)
            .expected("what `toolcell pack` of this version writes for this component")
            .next("run `toolcell pack` again")
    };
    let plugin: Plugin =
        serde_json::from_slice(section).map_err(|error| stale("cannot be read", error.to_string()))?;
    if plugin.format != Plugin::FORMAT {
        return Err(stale("has another version", format!("format {}", plugin.format)));
    }
    for tool in &plugin.tools {
        let real = component.exports.iter().find(|real| real.export == tool.export);
        let plan = real.and_then(|real| real.plan.as_ref().ok());
        if !plan.is_some_and(|plan| wit::same_types(plan, &tool.function)) {
            let found = format!("tool {} with {}", tool.name, signature::render(&tool.function));
            return Err(stale("does not fit the component", found));
        }
    }
    verify::plugin(&plugin, &Origin::of(format!("{file} (section {})", crate::section::NAME)))?;
    Ok(plugin)
}

/// Makes a plugin of a component that nobody packed: plain names, signatures for descriptions.
///
/// # Errors
/// Names that a client would refuse.
pub fn bare(name: &str, file: &str, component: &Component) -> Result<Plugin> {
    let published: Vec<&Exported> =
        component.exports.iter().filter(|exported| exported.is_public() && is_published(exported)).collect();
    let names = tool_names(file, &published)?;
    let tools =
        published.into_iter().zip(names).filter_map(|(exported, name)| tool(exported, name)).collect();
    let plugin = Plugin {
        format: Plugin::FORMAT,
        name: name.to_string(),
        version: None,
        description: None,
        needs: Needs::default(),
        limits: Overrides::default(),
        tools,
    };
    verify::plugin(&plugin, &Origin::of(file))?;
    Ok(plugin)
}

/// Whether a function that the author's WIT exports becomes a tool.
fn is_published(exported: &Exported) -> bool {
    let interface = exported.export.interface.as_deref().unwrap_or_default();
    exported.plan.is_ok() && !interface.starts_with("wasi:") && !interface.starts_with("toolcell:plugin/")
}

/// Names tools after their functions; after interface and function where that alone is not enough.
fn tool_names(file: &str, published: &[&Exported]) -> Result<Vec<String>> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for exported in published {
        *uses.entry(&exported.export.function).or_default() += 1;
    }
    let mut names = Vec::new();
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for exported in published {
        let function = &exported.export.function;
        let wit = match &exported.export.interface {
            Some(interface) if uses[function.as_str()] > 1 => format!("{}-{function}", short(interface)),
            _ => function.clone(),
        };
        let json = signature::json_name(&wit);
        if let Some(other) = taken.insert(json.clone(), name(&exported.export)) {
            return Err(Problem::refused(file, format!("two functions would be the tool `{json}`"))
                .found(format!("{other} and {}", name(&exported.export)))
                .expected("functions or interfaces of different names")
                .next("rename one of them in the WIT"));
        }
        names.push(json);
    }
    Ok(names)
}

/// `tools` of `example:text/tools@0.1.0`.
fn short(interface: &str) -> &str {
    let name = interface.rsplit('/').next().unwrap_or(interface);
    name.split('@').next().unwrap_or(name)
}

fn wit_name(json: &str) -> String {
    json.replace('_', "-")
}

fn tool(exported: &Exported, name: String) -> Option<Tool> {
    let function = exported.plan.as_ref().ok()?.clone();
    let description =
        format!("{}: {}", crate::component::name(&exported.export), signature::render(&function));
    Some(Tool {
        name,
        export: exported.export.clone(),
        title: None,
        description,
        annotations: Annotations::default(),
        icons: Vec::new(),
        requires_client_capabilities: None,
        required_scopes: ScopeSet::NONE,
        limits: Overrides::default(),
        function,
    })
}

/// Adds what the documentation and `plugin.toml` say about a tool.
fn refine(mut tool: Tool, exported: &Exported, said: manifest::Tool, origin: &Origin) -> Result<Tool> {
    let docs = docs::parse(exported.docs.as_deref().unwrap_or_default());
    let key = format!("tools.{}", wit_name(&tool.name));
    refuse_unknown_params(&tool, docs.params.keys(), |param| {
        Problem::refused(
            format!("WIT of {}", name(&exported.export)),
            format!("`@param {param}` names no parameter"),
        )
    })?;
    refuse_unknown_params(&tool, said.parameters.keys(), |param| {
        let key = format!("{key}.parameters.{param}");
        Problem::refused(origin.place(&key), "names no parameter")
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
    tool.limits = said.limits;
    tool.description = said.description.or(docs.text).unwrap_or(tool.description);
    Ok(tool)
}

fn refine_param(param: &mut Param, said: &manifest::Parameter) {
    param.docs = said.description.clone().or(param.docs.take());
    param.default = said.default.as_ref().map(raw);
    param.constraint = said.constraint.clone();
    param.examples = said.examples.clone();
    param.header = said.header.clone();
}

fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).expect("a JSON value prints as JSON")
}

fn refuse_unknown_tools(manifest: &Manifest, names: &[String]) -> Result<()> {
    let known: Vec<String> = names.iter().map(|name| wit_name(name)).collect();
    let unknown = manifest.tools.keys().find(|key| !known.contains(key));
    let Some(unknown) = unknown else { return Ok(()) };
    let place = manifest.origin.place(&format!("tools.{unknown}"));
    Err(unknown_name(Problem::refused(place, "names no tool"), unknown, &known))
}

fn refuse_unknown_params<'a>(
    tool: &Tool,
    mut named: impl Iterator<Item = &'a String>,
    problem: impl Fn(&str) -> Problem,
) -> Result<()> {
    let known: Vec<String> = tool.function.params.iter().map(|param| wit_name(&param.name)).collect();
    match named.find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(unknown) => Err(unknown_name(problem(unknown), unknown, &known)),
    }
}

fn unknown_name(problem: Problem, unknown: &str, known: &[String]) -> Problem {
    let expected = match known {
        [] => "no name: there are none".to_string(),
        known => format!("one of {}", known.join(", ")),
    };
    let next = match closest(unknown, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write a name as the WIT has it, or remove it".into(),
    };
    problem.found(unknown.to_string()).expected(expected).next(next)
}
