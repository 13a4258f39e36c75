//! `toolcell check`: what works, but could be better or will surprise.

use std::path::Path;

use serde::Serialize;
use toolcell_host::catalog::{Export, Returns, Role};
use toolcell_host::codec::{Function, Type};

use crate::component::name;
use crate::contract;
use crate::import;
use crate::plugin::Prompt;
use crate::problem::Result;
use crate::signature::{self, Obstacle, wit_name};
use crate::source::{self, Loaded};

/// A tool name of more characters leaves no room for a prefix.
const ROOMY_NAME_CHARS: usize = 60;

/// Something worth changing.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What it is about.
    pub subject: String,
    /// What is the matter, and what to do.
    pub text: String,
}

/// Checks a component or a plugin directory.
///
/// # Errors
/// What makes it unusable; what is merely worth changing is in the list.
pub fn check(path: &Path) -> Result<Vec<Finding>> {
    let loaded = source::load(path)?;
    let mut findings = Vec::new();
    let mut add = |subject: &str, text: String| findings.push(Finding { subject: subject.to_string(), text });
    let Loaded { plugin, component, .. } = &loaded;
    if plugin.tools.is_empty() && plugin.prompts.is_empty() && component.offers.is_empty() {
        add(
            &loaded.plugin.name,
            "offers nothing: export a function from an interface with a package name".into(),
        );
    }
    let has_resources = component.offers.iter().any(|offer| offer.role == Role::ReadResource);
    if has_resources && component.packed.is_some() && plugin.uris.is_empty() {
        add(
            &plugin.name,
            "does not say which resources are its own, so no other plugin can have any beside it: \
             write `uris` under [resources] in plugin.toml"
                .into(),
        );
    }
    if loaded.component.packed.is_none() {
        add(
            &loaded.plugin.name,
            "is not packed: descriptions are bare signatures; run `toolcell pack`".into(),
        );
    }
    for import in import::unknown(&loaded.component) {
        add(import, "is imported, and the host does not have it: `toolcell build` will refuse".into());
    }
    for (function, why) in skipped(&loaded) {
        add(&function, why);
    }
    findings.extend(loaded.plugin.tools.iter().flat_map(|tool| tool_findings(&loaded, tool)));
    if loaded.component.packed.is_some() {
        findings.extend(loaded.plugin.prompts.iter().flat_map(prompt_findings));
    }
    Ok(findings)
}

fn tool_findings(loaded: &Loaded, tool: &crate::plugin::Tool) -> Vec<Finding> {
    let mut texts = Vec::new();
    if loaded.component.packed.is_some() && tool.description == tool.bare_description() {
        texts.push("has no description: write a `///` comment above it in the WIT".to_string());
    }
    if tool.name.len() > ROOMY_NAME_CHARS {
        texts.push(format!(
            "has a name of {} characters, which leaves little room for a prefix",
            tool.name.len()
        ));
    }
    if loaded.component.packed.is_some() && tool.input_schema.is_none() {
        texts.extend(undocumented(&tool.function));
    }
    if tool.returns == Returns::Value && tool.function.result.as_ref().is_some_and(contract::holds_block) {
        texts.push(
            "returns content blocks inside another type, which clients read as JSON: return block, list<block> \
             or tuple<list<block>, RECORD>"
                .into(),
        );
    }
    let quickjs = loaded
        .component
        .exports
        .iter()
        .any(|real| real.export.interface.is_none() && real.export.function == "init");
    if quickjs && wide(tool) {
        texts.push("uses 64-bit integers, which QuickJS rounds beyond 2^53: use s32, f64 or string".into());
    }
    texts.into_iter().map(|text| Finding { subject: tool.name.clone(), text }).collect()
}

fn prompt_findings(prompt: &Prompt) -> Vec<Finding> {
    let mut texts = Vec::new();
    if prompt.description.is_none() {
        texts.push("has no description: write a `///` comment above it in the WIT".to_string());
    }
    texts.extend(undocumented(&prompt.function));
    texts.into_iter().map(|text| Finding { subject: prompt.name.clone(), text }).collect()
}

fn undocumented(function: &Function) -> impl Iterator<Item = String> {
    function.params.iter().filter(|param| param.docs.is_none()).map(|param| {
        let wit = wit_name(&param.name);
        format!("parameter {wit} has no description: write a line `@param {wit} ...`")
    })
}

/// Functions that the component exports and that become no tools, with the reason.
pub fn skipped(loaded: &Loaded) -> impl Iterator<Item = (String, String)> + '_ {
    let tools = loaded.plugin.tools.iter().map(|tool| &tool.export);
    let prompts = loaded.plugin.prompts.iter().map(|prompt| &prompt.export);
    let offers = loaded.component.offers.iter().map(|offer| &offer.export);
    let used: Vec<&Export> = tools.chain(prompts).chain(offers).collect();
    let unpublished = loaded.component.exports.iter().filter(move |real| !used.contains(&&real.export));
    unpublished.map(|real| {
        let why = match &real.plan {
            Err(obstacle) => format!("is no tool: it {}; {}", obstacle.text(), Obstacle::remedy(*obstacle)),
            Ok(_) if real.is_public() => "is no tool: the plugin's WIT does not export it".to_string(),
            Ok(_) => "is no tool: it belongs to the language runtime, to WASI or to no interface".to_string(),
        };
        (name(&real.export), why)
    })
}

fn wide(tool: &crate::plugin::Tool) -> bool {
    let params = tool.function.params.iter().map(|param| &param.ty);
    params
        .chain(tool.function.result.as_ref())
        .any(|ty| signature::contains(ty, &|ty| matches!(ty, Type::S64 | Type::U64)))
}
