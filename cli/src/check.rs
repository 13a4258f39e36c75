//! `toolcell check`: what works, but could be better or will surprise.

use std::path::Path;

use serde::Serialize;
use toolcell_host::codec::Type;

use crate::component::name;
use crate::import;
use crate::problem::Result;
use crate::signature::{self, Obstacle};
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
    if loaded.plugin.tools.is_empty() {
        add(
            &loaded.plugin.name,
            "has no tools: export a function from an interface with a package name".into(),
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
    Ok(findings)
}

fn tool_findings(loaded: &Loaded, tool: &crate::plugin::Tool) -> Vec<Finding> {
    let mut texts = Vec::new();
    let rendered = format!("{}: {}", name(&tool.export), signature::render(&tool.function));
    if loaded.component.packed.is_some() && tool.description == rendered {
        texts.push("has no description: write a `///` comment above it in the WIT".to_string());
    }
    if tool.name.len() > ROOMY_NAME_CHARS {
        texts.push(format!(
            "has a name of {} characters, which leaves little room for a prefix",
            tool.name.len()
        ));
    }
    for param in &tool.function.params {
        let undocumented = loaded.component.packed.is_some() && param.docs.is_none();
        if undocumented {
            let wit = param.name.replace('_', "-");
            texts.push(format!("parameter {wit} has no description: write a line `@param {wit} ...`"));
        }
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

/// Functions that the component exports and that become no tools, with the reason.
pub fn skipped(loaded: &Loaded) -> impl Iterator<Item = (String, String)> + '_ {
    let tools = &loaded.plugin.tools;
    let unpublished =
        loaded.component.exports.iter().filter(|real| !tools.iter().any(|tool| tool.export == real.export));
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
    params.chain(tool.function.result.as_ref()).any(has_wide_integer)
}

fn has_wide_integer(ty: &Type) -> bool {
    match ty {
        Type::S64 | Type::U64 => true,
        Type::List(inner) | Type::Option(inner) => has_wide_integer(inner),
        Type::Tuple(types) => types.iter().any(has_wide_integer),
        Type::Record(fields) => fields.iter().any(|field| has_wide_integer(&field.ty)),
        Type::Variant(cases) => cases.iter().filter_map(|case| case.payload.as_ref()).any(has_wide_integer),
        Type::Result { ok, err } => ok.iter().chain(err).any(|side| has_wide_integer(side)),
        _ => false,
    }
}
