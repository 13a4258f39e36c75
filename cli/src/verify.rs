//! Checks a plugin as a whole: names that clients accept, texts that hide nothing, headers that work.

use std::collections::BTreeMap;

use toolcell_host::codec::{Function, PlanError};

use crate::docs;
use crate::document::Origin;
use crate::manifest::{Icon, Needs};
use crate::plugin::{Plugin, Tool};
use crate::problem::{Problem, Result};
use crate::signature;

/// Longest tool name that every client accepts.
pub const NAME_CHARS: usize = 64;

/// Checks a plugin, wherever it comes from; `origin` finds the keys.
///
/// # Errors
/// The first thing that a client would refuse or a reader could be misled by.
pub fn plugin(plugin: &Plugin, origin: &Origin) -> Result<()> {
    name("name", &plugin.name, origin)?;
    text("description", plugin.description.as_deref(), docs::DESCRIPTION_CHARS, origin)?;
    text("version", plugin.version.as_deref(), docs::TITLE_CHARS, origin)?;
    needs(&plugin.needs, origin)?;
    plugin.tools.iter().try_for_each(|one| tool(one, origin))
}

fn needs(needs: &Needs, origin: &Origin) -> Result<()> {
    let pairs = |kind: &'static str, needed: &BTreeMap<String, String>| {
        let entry = |(key, why): (&String, &String)| (format!("needs.{kind}"), key.clone(), why.clone());
        needed.iter().map(entry).collect::<Vec<_>>()
    };
    let mut all = pairs("config", &needs.config);
    all.extend(pairs("environment", &needs.environment));
    let directories = needs.directories.iter();
    all.extend(
        directories.map(|(guest, one)| ("needs.directories".to_string(), guest.clone(), one.why.clone())),
    );
    for (key, name, why) in all {
        text(&key, Some(&name), docs::TITLE_CHARS, origin)?;
        text(&key, Some(&why), docs::DESCRIPTION_CHARS, origin)?;
    }
    Ok(())
}

/// A packed file is as untrusted as any: its pictures may not be scripts either.
fn icon(key: &str, icon: &Icon, origin: &Origin) -> Result<()> {
    if icon.is_loadable() {
        return Ok(());
    }
    Err(Problem::refused(origin.place(key), "has an icon that clients may not load")
        .found(format!("{:?}", icon.src))
        .expected("a URL that starts with https:// or data:image/")
        .next("pack the plugin again with such an icon"))
}

fn tool(tool: &Tool, origin: &Origin) -> Result<()> {
    let key = format!("tools.{}", tool.name.replace('_', "-"));
    name(&key, &tool.name, origin)?;
    text(&format!("{key}.title"), tool.title.as_deref(), docs::TITLE_CHARS, origin)?;
    text(&format!("{key}.description"), Some(&tool.description), docs::DESCRIPTION_CHARS, origin)?;
    tool.icons.iter().try_for_each(|one| icon(&key, one, origin))?;
    for param in &tool.function.params {
        let key = format!("{key}.parameters.{}", param.name.replace('_', "-"));
        text(&format!("{key}.description"), param.docs.as_deref(), docs::DESCRIPTION_CHARS, origin)?;
    }
    tool.function.check().map(drop).map_err(|error| misfit(&key, tool, &error, origin))?;
    headers(&key, &tool.function, origin)
}

/// A refinement that does not fit its parameter.
fn misfit(key: &str, tool: &Tool, error: &PlanError, origin: &Origin) -> Problem {
    let (param, leaf) = match error {
        PlanError::Unfitting { param, keyword } => (param, kebab(keyword)),
        PlanError::Empty { param } => (param, String::new()),
        PlanError::Pattern { param, .. } => (param, "pattern".into()),
        PlanError::Sample { param, what: "default", .. } => (param, "default".into()),
        PlanError::Sample { param, .. } => (param, "examples".into()),
        PlanError::Header { param } => (param, "header".into()),
    };
    let declared = tool.function.params.iter().find(|declared| declared.name == *param);
    let ty = declared.map_or_else(String::new, |declared| signature::render_type(&declared.ty));
    let key = format!("{key}.parameters.{}.{leaf}", param.replace('_', "-"));
    Problem::refused(origin.place(key.trim_end_matches('.')), "does not fit the parameter")
        .found(error.to_string())
        .expected(format!("something that fits the parameter's WIT type, {ty}"))
        .next("correct the value or remove the key; docs/configuration.md says which key fits which type")
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

/// Checks a name that a client will see.
///
/// # Errors
/// It is empty, too long or holds other characters than `A-Z a-z 0-9 _ . -`.
pub fn name(key: &str, name: &str, origin: &Origin) -> Result<()> {
    let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if legal && (1..=NAME_CHARS).contains(&name.len()) {
        return Ok(());
    }
    Err(Problem::refused(origin.place(key), "is not a name that clients accept")
        .found(format!("`{name}` ({} characters)", name.chars().count()))
        .expected(format!("1 to {NAME_CHARS} characters of A-Z a-z 0-9 _ . -"))
        .next("rename it"))
}

fn text(key: &str, text: Option<&str>, cap: usize, origin: &Origin) -> Result<()> {
    docs::check(text.unwrap_or_default(), cap).map_err(|fault| {
        Problem::refused(origin.place(key), "is a text that a client may not be shown")
            .found(fault.to_string())
            .expected(format!("at most {cap} visible characters"))
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
                .next("write for example header = \"Region\", which the client sends as Mcp-Param-Region"))
        };
        if header.is_empty() || !header.bytes().all(is_token) {
            return refuse("is not a header name", "letters, digits and !#$%&'*+-.^_`|~ (RFC 9110 token)");
        }
        if taken.contains(&header.to_ascii_lowercase()) {
            return refuse(
                "is used twice in this tool",
                "a name of its own, upper and lower case being the same",
            );
        }
        taken.push(header.to_ascii_lowercase());
    }
    Ok(())
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
