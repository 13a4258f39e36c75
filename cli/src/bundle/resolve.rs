//! Turns what a plugin has into what the catalog holds: its tools, prompts and providers.

use serde_json::value::RawValue;
use toolcell_host::catalog::{self, Limits, Role, ScopeSet};

use super::item::Subject;
use super::limit::Layers;
use super::select::Selected;
use super::{list_entry, scope};
use crate::component::provider::ProviderExport;
use crate::config::{self, Config};
use crate::document::limit::{self, Overrides};
use crate::plugin::load::Loaded;
use crate::plugin::{Prompt, Tool};
use crate::ui::problem::Result;

/// A plugin among the others, with everybody who has a say about it.
pub(crate) struct Owner<'a> {
    /// Its place in the catalog.
    pub(crate) at: usize,
    /// Its name.
    pub(crate) name: &'a str,
    /// The deployer's whole file.
    pub(crate) config: &'a Config,
    /// What the deployer says about it.
    pub(crate) settings: &'a config::PluginConfig,
    /// The plugin.
    pub(crate) loaded: &'a Loaded,
}

impl Owner<'_> {
    /// The catalog's tool of a selected one.
    pub(crate) fn tool(&self, selected: &Selected<'_, Tool>) -> Result<catalog::Tool> {
        let Selected { name, one: tool } = selected;
        let said = self.settings.tools.get(&tool.name);
        let deployer = said.map_or(&limit::NONE, |tool| &tool.limits);
        let limits = self.limits(Subject::Tool(&tool.name), deployer, &tool.limits)?;
        let scopes = [Some(&tool.required_scopes), said.map(|tool| &tool.required_scopes)];
        let rendered = list_entry::tool(name, tool);
        let capabilities = tool.requires_client_capabilities.as_ref();
        Ok(catalog::Tool {
            name: name.clone(),
            plugin: self.at,
            export: tool.export.clone(),
            function: list_entry::plan(&tool.function),
            raw_arguments: tool.input_schema.is_some(),
            returns: tool.returns,
            limits,
            required_scopes: self.scopes(Subject::Tool(name), &scopes)?,
            requires_client_capabilities: capabilities
                .map(|value| RawValue::from_string(value.to_string()).expect("a JSON value prints as JSON")),
            entry: rendered.full,
            plain_entry: rendered.plain,
        })
    }

    /// The catalog's prompt of a selected one.
    pub(crate) fn prompt(&self, selected: &Selected<'_, Prompt>) -> Result<catalog::Prompt> {
        let Selected { name, one: prompt } = selected;
        let rendered = list_entry::prompt(name, prompt);
        Ok(catalog::Prompt {
            name: name.clone(),
            plugin: self.at,
            export: prompt.export.clone(),
            function: list_entry::plan(&prompt.function),
            limits: self.limits(Subject::Prompt(&prompt.name), &limit::NONE, &prompt.limits)?,
            required_scopes: self.scopes(Subject::Prompt(name), &[Some(&prompt.required_scopes)])?,
            entry: rendered.full,
            plain_entry: rendered.plain,
        })
    }

    /// The catalog's provider of what the component offers.
    pub(crate) fn provider(&self, export: &ProviderExport) -> Result<catalog::Provider> {
        let subject = Subject::Provider(export.role);
        Ok(catalog::Provider {
            role: export.role,
            plugin: self.at,
            export: export.export.clone(),
            function: list_entry::plan(&export.function),
            limits: self.limits(subject, &limit::NONE, &limit::NONE)?,
            required_scopes: self.scopes(subject, &[])?,
            uris: if has_uris(export.role) { self.loaded.plugin.uris.clone() } else { Vec::new() },
            prefix: self.settings.prefix.clone(),
        })
    }

    fn limits(
        &self,
        subject: Subject<'_>,
        deployer_tool: &Overrides,
        author_tool: &Overrides,
    ) -> Result<Limits> {
        let layers = Layers {
            deployer_tool,
            deployer_plugin: &self.settings.limits,
            deployer: &self.config.limits,
            author_tool,
            author: &self.loaded.plugin.limits,
            requirements: self.loaded.component.requirements,
        };
        layers.resolve(self.config.origin.file(), self.name, subject)
    }

    /// Everything that anybody asks of callers: no one can take back what another asks for.
    fn scopes(&self, subject: Subject<'_>, asked: &[Option<&ScopeSet>]) -> Result<ScopeSet> {
        let mut scopes = self.settings.required_scopes.clone();
        for more in asked.iter().flatten() {
            scopes.extend(more.iter().cloned());
        }
        scope::refuse_unreachable(self.config, self.name, subject, &scopes)?;
        Ok(scopes)
    }
}

/// Whether a role is about resources, or about templates of their URIs.
fn has_uris(role: Role) -> bool {
    matches!(role, Role::ListResources | Role::ListTemplates | Role::ReadResource | Role::Complete)
}
