//! Turns what a plugin has into what the catalog holds: its tools, prompts and providers.

use serde_json::value::RawValue;
use toolcell_host::catalog::{self, Confirm, Limits, Listed, ProviderRole, ScopeSet};

use super::item::Item;
use super::limit::Layers;
use super::select::{ConfiguredPlugin, Selected};
use super::{list_entry, scope};
use crate::component::provider::ProviderExport;
use crate::config::{Config, ToolConfig};
use crate::document::limit::{self, Limit, Overrides};
use crate::plugin::{Prompt, Tool};
use crate::ui::problem::{Problem, Result};

/// Resolves what a plugin has against everything that the deployer and the author say about it.
pub(crate) struct PluginResolver<'a> {
    /// The plugin's place in the catalog.
    pub(crate) at: usize,
    /// The deployer's whole file.
    pub(crate) config: &'a Config,
    /// The plugin.
    pub(crate) plugin: &'a ConfiguredPlugin<'a>,
}

impl PluginResolver<'_> {
    /// The catalog's tool of a selected one.
    pub(crate) fn tool(&self, selected: &Selected<'_, Tool>) -> Result<Listed<catalog::Tool>> {
        let Selected { name, item: tool } = selected;
        let said = self.plugin.settings.tools.get(&tool.name);
        let deployer = said.map_or(&limit::NONE, |tool| &tool.limits);
        let limits = self.limits(Item::Tool(&tool.name), deployer, &tool.limits)?;
        self.refuse_large_defaults(tool, &limits)?;
        let scopes = [Some(&tool.required_scopes), said.map(|tool| &tool.required_scopes)];
        let required_scopes = self.scopes(Item::Tool(name), &scopes)?;
        let signed_in = self.config.auth.oauth.as_ref().map(|_| &required_scopes);
        let rendered = list_entry::tool(name, tool, signed_in);
        let capabilities = tool.requires_client_capabilities.as_ref();
        let item = catalog::Tool {
            name: name.clone(),
            plugin: self.at,
            export: tool.export.clone(),
            function: list_entry::plan(&tool.function),
            raw_arguments: tool.input_schema.is_some(),
            returns: tool.returns,
            limits,
            required_scopes,
            confirm: confirm(said, tool),
            calls_per_minute: said
                .and_then(|tool| tool.calls_per_minute)
                .or(self.plugin.settings.calls_per_minute),
            requires_client_capabilities: capabilities
                .map(|value| RawValue::from_string(value.to_string()).expect("a JSON value prints as JSON")),
        };
        Ok(Listed { item, entry: rendered.full, plain_entry: rendered.plain })
    }

    /// The catalog's prompt of a selected one.
    pub(crate) fn prompt(&self, selected: &Selected<'_, Prompt>) -> Result<Listed<catalog::Prompt>> {
        let Selected { name, item: prompt } = selected;
        let rendered = list_entry::prompt(name, prompt);
        let item = catalog::Prompt {
            name: name.clone(),
            plugin: self.at,
            export: prompt.export.clone(),
            function: list_entry::plan(&prompt.function),
            limits: self.limits(Item::Prompt(&prompt.name), &limit::NONE, &prompt.limits)?,
            required_scopes: self.scopes(Item::Prompt(name), &[Some(&prompt.required_scopes)])?,
        };
        Ok(Listed { item, entry: rendered.full, plain_entry: rendered.plain })
    }

    /// The catalog's provider of what the component offers.
    pub(crate) fn provider(&self, export: &ProviderExport) -> Result<catalog::Provider> {
        let subject = Item::Provider(export.role);
        Ok(catalog::Provider {
            role: export.role,
            plugin: self.at,
            export: export.export.clone(),
            function: list_entry::plan(&export.function),
            limits: self.limits(subject, &limit::NONE, &limit::NONE)?,
            required_scopes: self.scopes(subject, &[])?,
            uris: if has_uris(export.role) { self.plugin.loaded.plugin.uris.clone() } else { Vec::new() },
            calls_per_minute: self
                .plugin
                .settings
                .calls_per_minute
                .filter(|_| export.role == ProviderRole::CallTool),
            prefix: self.plugin.settings.prefix.clone(),
        })
    }

    fn limits(
        &self,
        subject: Item<'_>,
        deployer_tool: &Overrides,
        author_tool: &Overrides,
    ) -> Result<Limits> {
        let layers = Layers {
            deployer_tool,
            deployer_plugin: &self.plugin.settings.limits,
            deployer: &self.config.limits,
            author_tool,
            author: &self.plugin.loaded.plugin.limits,
            requirements: self.plugin.loaded.component.requirements,
        };
        layers.resolve(self.config.origin.file(), self.plugin.name, subject)
    }

    /// A default that the tool's `input` cannot hold would fail every call that leaves the argument out.
    fn refuse_large_defaults(&self, tool: &Tool, limits: &Limits) -> Result<()> {
        if tool.function.defaults_fit(limits.input_bytes) {
            return Ok(());
        }
        let (file, plugin, subject) = (self.config.origin.file(), self.plugin.name, Item::Tool(&tool.name));
        let input = Limit::Input;
        Err(Problem::refused(
            file,
            format!("{subject} of plugin `{plugin}` has defaults larger than its input"),
        )
        .found(format!("{} = {}", input.key(), input.show(input.of(limits))))
        .expected("an input limit that holds the defaults of all parameters")
        .next("raise `input`, or shorten the defaults"))
    }

    /// Everything that anybody asks of callers: no one can take back what another asks for.
    fn scopes(&self, subject: Item<'_>, asked: &[Option<&ScopeSet>]) -> Result<ScopeSet> {
        let mut scopes = self.plugin.settings.required_scopes.clone();
        for more in asked.iter().flatten() {
            scopes.extend(more.iter().cloned());
        }
        scope::refuse_unreachable(self.config, self.plugin.name, subject, &scopes)?;
        Ok(scopes)
    }
}

/// Returns whether the user is asked, and for how many calls an answer is good.
fn confirm(said: Option<&ToolConfig>, tool: &Tool) -> Confirm {
    match (said.is_some_and(|tool| tool.confirm), tool.annotations.may_destroy()) {
        (false, _) => Confirm::Never,
        (true, true) => Confirm::Once,
        (true, false) => Confirm::Always,
    }
}

/// Tells whether a role is about resources, or about templates of their URIs.
fn has_uris(role: ProviderRole) -> bool {
    matches!(
        role,
        ProviderRole::ListResources
            | ProviderRole::ListTemplates
            | ProviderRole::ReadResource
            | ProviderRole::Complete
    )
}
