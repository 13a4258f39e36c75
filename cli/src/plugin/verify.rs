//! Checks a plugin as a whole: names that clients accept, texts that hide nothing, headers that work.

use std::collections::BTreeMap;

use serde_json::Value;
use toolcell_host::catalog::ProviderRole;
use toolcell_host::codec::{Case, Field, Function, Label, PlanError, Type};
use toolcell_host::mcp::Icon;
use toolcell_host::text::{self, schema};

use super::{Plugin, Prompt, Tool};
use crate::component::Component;
use crate::component::signature::{self, wit_name};
use crate::document::name;
use crate::document::origin::Origin;
use crate::manifest::icon::is_loadable;
use crate::manifest::{Needs, resources};
use crate::ui::problem::{Problem, Result};

/// The most bytes of the compiled patterns of a plugin.
const PATTERN_BYTES: usize = 8 << 20;

/// Checks a plugin, wherever it comes from; `origin` finds the keys.
///
/// # Errors
/// The first thing that a client would refuse or a reader could be misled by.
pub fn plugin(plugin: &Plugin, component: &Component, origin: &Origin) -> Result<()> {
    name::check("name", &plugin.name, origin)?;
    text("description", plugin.description.as_deref(), text::DESCRIPTION_CHARS, origin)?;
    text("version", plugin.version.as_deref(), text::TITLE_CHARS, origin)?;
    needs(&plugin.needs, origin)?;
    plugin.tools.iter().try_for_each(|one| tool(one, origin))?;
    plugin.prompts.iter().try_for_each(|one| prompt(one, origin))?;
    patterns(plugin, origin)?;
    uris(plugin, component, origin)
}

/// Prefixes of URIs belong to resources.
fn uris(plugin: &Plugin, component: &Component, origin: &Origin) -> Result<()> {
    const KEY: &str = "resources.uris";
    if let Some(uri) = plugin.uris.iter().find(|start| !resources::has_scheme(start)) {
        return Err(Problem::refused(origin.place(KEY), "contains an invalid URI prefix")
            .found(format!("{uri:?}"))
            .expected("prefixes that begin with a URI scheme")
            .next("pack the plugin again"));
    }
    let reads = component.providers.iter().any(|provider| provider.role == ProviderRole::ReadResource);
    if reads || plugin.uris.is_empty() {
        return Ok(());
    }
    Err(Problem::refused(origin.place(KEY), "has no effect, because the plugin has no resources")
        .found("a component that does not export toolcell:plugin/resources")
        .expected("`export toolcell:plugin/resources@0.1.0;` in the WIT world")
        .next("export the interface, or remove the key"))
}

fn needs(needs: &Needs, origin: &Origin) -> Result<()> {
    let pairs = |kind: &'static str, needed: &BTreeMap<String, String>| {
        let entry = |(key, why): (&String, &String)| (format!("needs.{kind}"), key.clone(), why.clone());
        needed.iter().map(entry).collect::<Vec<_>>()
    };
    let mut all = pairs("config", &needs.config);
    all.extend(pairs("secrets", &needs.secrets));
    all.extend(pairs("environment", &needs.environment));
    all.extend(pairs("keyvalue", &needs.keyvalue));
    let directories = needs.directories.iter();
    all.extend(
        directories.map(|(guest, one)| ("needs.directories".to_string(), guest.clone(), one.why.clone())),
    );
    let http = needs.http.iter();
    all.extend(http.map(|(host, one)| ("needs.http".to_owned(), host.to_string(), one.why.clone())));
    for (key, name, why) in all {
        text(&key, Some(&name), text::TITLE_CHARS, origin)?;
        text(&key, Some(&why), text::DESCRIPTION_CHARS, origin)?;
    }
    Ok(())
}

/// A packed file is as untrusted as any: its pictures may not be scripts either.
fn icon(key: &str, icon: &Icon<String>, origin: &Origin) -> Result<()> {
    if is_loadable(icon) {
        return Ok(());
    }
    Err(Problem::refused(origin.place(key), "has an icon that clients must not load")
        .found(format!("{:?}", icon.src))
        .expected("a URL that starts with https:// or data:image/")
        .next("correct the icon and pack the plugin again"))
}

fn tool(tool: &Tool, origin: &Origin) -> Result<()> {
    let key = format!("tools.{}", tool.name.replace('_', "-"));
    name::check_function(&key, &tool.name, origin)?;
    text(&format!("{key}.title"), tool.title.as_deref(), text::TITLE_CHARS, origin)?;
    text(&format!("{key}.description"), Some(&tool.description), text::DESCRIPTION_CHARS, origin)?;
    tool.icons.iter().try_for_each(|one| icon(&key, one, origin))?;
    for param in &tool.function.params {
        let key = format!("{key}.parameters.{}", param.name.replace('_', "-"));
        text(&format!("{key}.description"), param.docs.as_deref(), text::DESCRIPTION_CHARS, origin)?;
    }
    documentation(&key, &tool.function, origin)?;
    tool.function.check().map(drop).map_err(|error| misfit(&key, tool, &error, origin))?;
    input_schema(&key, tool, origin)?;
    meta(&key, tool.meta.as_ref(), origin)?;
    headers(&key, &tool.function, origin)
}

/// The patterns of all tools together are as large as a server can hold for each of its plugins.
fn patterns(plugin: &Plugin, origin: &Origin) -> Result<()> {
    let mut bytes = 0;
    for tool in &plugin.tools {
        for param in &tool.function.params {
            bytes += param.constraint.pattern_bytes().unwrap_or_default();
            if bytes > PATTERN_BYTES {
                let (tool, param) = (tool.name.replace('_', "-"), param.name.replace('_', "-"));
                let key = format!("tools.{tool}.parameters.{param}.pattern");
                return Err(Problem::refused(origin.place(&key), "is one large pattern too many")
                    .found("patterns that take more than 8 MiB as tables")
                    .expected("patterns that take at most 8 MiB, all of the plugin together")
                    .next("repeat less in the patterns, and limit lengths with max-length"));
            }
        }
    }
    Ok(())
}

/// A packed file may hold anything; clients take an object.
fn meta(key: &str, meta: Option<&Value>, origin: &Origin) -> Result<()> {
    match meta {
        None | Some(Value::Object(_)) => Ok(()),
        Some(other) => Err(Problem::refused(origin.place(&format!("{key}.meta")), "is not an object")
            .found(other.to_string())
            .expected("a JSON object, sent to clients as `_meta`")
            .next("pack the plugin again")),
    }
}

fn input_schema(key: &str, tool: &Tool, origin: &Origin) -> Result<()> {
    let Some(schema) = &tool.input_schema else { return Ok(()) };
    let place = origin.place(&format!("{key}.input-schema"));
    let takes_text = matches!(tool.function.params.as_slice(), [only] if only.ty == Type::String);
    if !takes_text {
        return Err(Problem::refused(place, "does not match the function")
            .found(tool.signature())
            .expected("a function with one string parameter, which receives the JSON text of all arguments")
            .next("change the function in the WIT, or remove the key to derive the schema from the types"));
    }
    schema::check(schema).map_err(|fault| {
        Problem::refused(place, "is not a schema for arguments")
            .found(fault.to_string())
            .expected("a self-contained JSON Schema of type \"object\"")
            .next("pack the plugin again")
    })
}

fn prompt(prompt: &Prompt, origin: &Origin) -> Result<()> {
    let key = format!("prompts.{}", prompt.name.replace('_', "-"));
    name::check_function(&key, &prompt.name, origin)?;
    text(&format!("{key}.title"), prompt.title.as_deref(), text::TITLE_CHARS, origin)?;
    let description = prompt.description.as_deref();
    text(&format!("{key}.description"), description, text::DESCRIPTION_CHARS, origin)?;
    prompt.icons.iter().try_for_each(|one| icon(&key, one, origin))?;
    meta(&key, prompt.meta.as_ref(), origin)?;
    for param in &prompt.function.params {
        let key = format!("{key}.arguments.{}", param.name.replace('_', "-"));
        let title = prompt.titles.get(&param.name);
        text(&format!("{key}.title"), title.map(String::as_str), text::TITLE_CHARS, origin)?;
        text(&format!("{key}.description"), param.docs.as_deref(), text::DESCRIPTION_CHARS, origin)?;
    }
    documentation(&key, &prompt.function, origin)
}

/// Checks the documentation of fields, cases and flags in the types of a function: schemas show it.
fn documentation(key: &str, function: &Function, origin: &Origin) -> Result<()> {
    let types = function.params.iter().map(|param| &param.ty).chain(&function.result);
    for (name, docs) in types.flat_map(documented) {
        text::check(docs, text::DESCRIPTION_CHARS).map_err(|fault| {
            Problem::refused(origin.place(key), format!("has hidden or too much documentation of `{name}`"))
                .found(fault.to_string())
                .expected(format!("at most {} characters, all visible", text::DESCRIPTION_CHARS))
                .next("remove the character or shorten the text, in the WIT")
        })?;
    }
    Ok(())
}

/// Collects the documented fields, cases and flags within a type, by WIT name.
fn documented(ty: &Type) -> Vec<(String, &str)> {
    match ty {
        Type::Enum(labels) | Type::Flags(labels) => labels.iter().filter_map(of_label).collect(),
        Type::Record(fields) => fields.iter().flat_map(of_field).collect(),
        Type::Variant(cases) => cases.iter().flat_map(of_case).collect(),
        Type::List(inner) | Type::Option(inner) => documented(inner),
        Type::Tuple(types) => types.iter().flat_map(documented).collect(),
        Type::Result { ok, err } => [ok, err].into_iter().flatten().flat_map(|ty| documented(ty)).collect(),
        _ => Vec::new(),
    }
}

fn of_label(label: &Label) -> Option<(String, &str)> {
    Some((wit_name(&label.name), label.docs.as_deref()?))
}

fn of_field(field: &Field) -> Vec<(String, &str)> {
    let own = field.docs.as_deref().map(|docs| (wit_name(&field.name), docs));
    own.into_iter().chain(documented(&field.ty)).collect()
}

fn of_case(case: &Case) -> Vec<(String, &str)> {
    let own = case.docs.as_deref().map(|docs| (wit_name(&case.name), docs));
    own.into_iter().chain(case.payload.iter().flat_map(documented)).collect()
}

/// A refinement that does not fit its parameter.
fn misfit(key: &str, tool: &Tool, error: &PlanError, origin: &Origin) -> Problem {
    let (param, leaf) = match error {
        PlanError::Unfitting { param, keyword } => (param, kebab(keyword)),
        PlanError::Empty { param } => (param, String::new()),
        PlanError::Pattern { param, .. } | PlanError::Patterns { param } => (param, "pattern".into()),
        PlanError::Sample { param, what: "default", .. } => (param, "default".into()),
        PlanError::Sample { param, .. } => (param, "examples".into()),
        PlanError::Header { param } => (param, "header".into()),
    };
    let declared = tool.function.params.iter().find(|declared| declared.name == *param);
    let ty = declared.map_or_else(String::new, |declared| signature::render_type(&declared.ty));
    let key = format!("{key}.parameters.{}.{leaf}", param.replace('_', "-"));
    Problem::refused(origin.place(key.trim_end_matches('.')), "does not match the parameter")
        .found(error.to_string())
        .expected(format!("a value of type {ty} within the parameter's limits"))
        .next("correct the value or remove the key; docs/configuration.md lists the keys for each type")
}

/// `maxLength` as `plugin.toml` spells it.
fn kebab(keyword: &str) -> String {
    let mut text = String::new();
    for letter in keyword.chars() {
        if letter.is_ascii_uppercase() {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

fn text(key: &str, text: Option<&str>, cap: usize, origin: &Origin) -> Result<()> {
    text::check(text.unwrap_or_default(), cap).map_err(|fault| {
        Problem::refused(origin.place(key), "contains text that must not be shown to clients")
            .found(fault.to_string())
            .expected(format!("at most {cap} characters, all visible"))
            .next("remove the character or shorten the text, in the WIT or in plugin.toml")
    })
}

fn headers(key: &str, function: &Function, origin: &Origin) -> Result<()> {
    let mut taken: Vec<String> = Vec::new();
    for param in &function.params {
        let Some(header) = &param.header else { continue };
        let place = origin.place(&format!("{key}.parameters.{}.header", param.name.replace('_', "-")));
        let refuse = |wrong: &str, expected: &str| {
            Err(Problem::refused(place.clone(), wrong)
                .found(format!("`{header}`"))
                .expected(expected)
                .next("write, for example, header = \"Region\"; the client then sends Mcp-Param-Region"))
        };
        if header.is_empty() || !header.bytes().all(is_token) {
            return refuse("is not a header name", "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 token)");
        }
        if taken.contains(&header.to_ascii_lowercase()) {
            return refuse("is used twice in this tool", "a unique name, ignoring case");
        }
        taken.push(header.to_ascii_lowercase());
    }
    Ok(())
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
