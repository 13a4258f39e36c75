//! A prompt of a plugin: a function that returns `prompt-messages`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use toolcell_host::catalog::{Export, ScopeSet};
use toolcell_host::codec::Function;
use toolcell_host::mcp::Icon;

use super::name;
use crate::component::content::{self, PublishedAs};
use crate::component::export::Exported;
use crate::component::signature::wit_name;
use crate::document::limit::Overrides;
use crate::document::origin::Origin;
use crate::document::text;
use crate::manifest::prompt;
use crate::ui::problem::{Problem, Result};

/// A prompt of a plugin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prompt {
    /// Name for clients, before the deployer's prefix.
    pub name: String,
    /// Its export in the component.
    pub export: Export,
    /// Name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Names of arguments for people, by the names that clients see.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub titles: BTreeMap<String, String>,
    /// Pictures for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icons: Vec<Icon<String>>,
    /// The `_meta` object for clients.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
    /// The scopes that callers need.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub required_scopes: ScopeSet,
    /// Limits that it asks for.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    pub limits: Overrides,
    /// Its plan, with the documentation of its arguments.
    pub function: Function,
}

impl Prompt {
    /// Its signature, the way WIT writes it.
    pub fn signature(&self) -> String {
        content::render(&self.function, PublishedAs::Prompt)
    }
}

/// Makes a prompt of a function, if it is one.
pub(super) fn of(exported: &Exported, name: String) -> Option<Prompt> {
    let function = exported.plan.as_ref().ok()?.clone();
    (exported.published_as == PublishedAs::Prompt).then(|| Prompt {
        name,
        export: exported.export.clone(),
        title: None,
        description: None,
        titles: BTreeMap::new(),
        icons: Vec::new(),
        meta: None,
        required_scopes: ScopeSet::NONE,
        limits: Overrides::default(),
        function,
    })
}

/// Adds what the documentation and `plugin.toml` say about a prompt.
pub(super) fn refine(
    mut prompt: Prompt,
    exported: &Exported,
    said: prompt::PromptManifest,
    origin: &Origin,
) -> Result<Prompt> {
    let docs = text::parse(exported.docs.as_deref().unwrap_or_default());
    name::refuse_unknown_docs(exported, &prompt.function, docs.params.keys())?;
    name::refuse_unknown_params(&prompt.function, said.arguments.keys(), |argument| {
        let key = format!("prompts.{}.arguments.{argument}", wit_name(&prompt.name));
        Problem::refused(origin.place(&key), "is not an argument")
    })?;
    for param in &mut prompt.function.params {
        let wit = wit_name(&param.name);
        let said = said.arguments.get(&wit).cloned().unwrap_or_default();
        param.docs = said.description.or(docs.params.get(&wit).cloned());
        prompt.titles.extend(said.title.map(|title| (param.name.clone(), title)));
    }
    prompt.title = said.title;
    prompt.description = said.description.or(docs.text);
    prompt.icons = said.icons;
    prompt.meta = said.meta;
    prompt.required_scopes = said.required_scopes;
    prompt.limits = said.limits;
    Ok(prompt)
}
