//! Reads what clients rely on: of a plugin by itself, or of a plugin as a server offers it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use toolcell_host::catalog::{self, Catalog, Listed, ProviderRole};
use toolcell_host::mcp::ToolAnnotations;

use crate::plugin::load::Loaded;
use crate::plugin::{Prompt, Tool};

/// The contract of one plugin.
#[derive(Clone, Debug, Default)]
pub struct Contract {
    /// The plugin's name.
    pub plugin: String,
    pub(super) tools: Vec<Tool>,
    pub(super) prompts: Vec<Prompt>,
    /// The roles that it fills at run time, sorted.
    pub(super) roles: Vec<ProviderRole>,
    /// The URI prefixes of its resources; empty for any URI.
    pub(super) uris: Vec<String>,
    /// Tells whether its tools may ask.
    pub(super) asks: bool,
}

/// The part of a list entry that the catalog has nowhere else.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    annotations: ToolAnnotations,
    input_schema: Box<RawValue>,
}

impl Contract {
    /// Returns the contract of a plugin, with the names that it gives its tools.
    pub fn of(loaded: &Loaded) -> Self {
        let Loaded { plugin, component, .. } = loaded;
        Self {
            plugin: plugin.name.clone(),
            tools: plugin.tools.clone(),
            prompts: plugin.prompts.clone(),
            roles: component.providers.iter().map(|provider| provider.role).collect(),
            uris: plugin.uris.clone(),
            asks: component.asks(),
        }
    }

    /// Returns the contract of each plugin of a server, with the names and scopes that the deployer chose.
    pub fn all(catalog: &Catalog) -> Vec<Self> {
        let of = |(place, plugin): (usize, &catalog::Plugin)| {
            let tools = catalog.tools.iter().filter(|tool| tool.plugin == place);
            let prompts = catalog.prompts.iter().filter(|prompt| prompt.plugin == place);
            let providers = || catalog.providers.iter().filter(move |provider| provider.plugin == place);
            let reads = providers().find(|provider| provider.role == ProviderRole::ReadResource);
            Self {
                plugin: plugin.name.clone(),
                tools: tools.map(tool).collect(),
                prompts: prompts.map(|listed| prompt(&listed.item)).collect(),
                roles: providers().map(|provider| provider.role).collect(),
                uris: reads.map_or_else(Vec::new, |provider| provider.uris.clone()),
                asks: plugin.asks,
            }
        };
        catalog.plugins.iter().enumerate().map(of).collect()
    }

    /// Returns the names of its tools and prompts.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let tools = self.tools.iter().map(|tool| tool.name.as_str());
        tools.chain(self.prompts.iter().map(|prompt| prompt.name.as_str()))
    }
}

fn tool(listed: &Listed<catalog::Tool>) -> Tool {
    let catalog::Tool { name, export, function, raw_arguments, returns, required_scopes, .. } = &listed.item;
    // An entry of another version of toolcell is compared as far as it can be read.
    let entry = serde_json::from_str::<Entry>(listed.entry.get()).ok();
    let (annotations, schema) = entry.map(|entry| (entry.annotations, entry.input_schema)).unzip();
    let needs = listed.requires_client_capabilities.as_ref();
    Tool {
        name: name.clone(),
        export: export.clone(),
        title: None,
        description: String::new(),
        annotations: annotations.unwrap_or_default(),
        icons: Vec::new(),
        requires_client_capabilities: needs.and_then(|needs| serde_json::from_str(needs.get()).ok()),
        required_scopes: required_scopes.clone(),
        input_schema: schema.filter(|_| *raw_arguments),
        returns: *returns,
        meta: None,
        limits: Default::default(),
        function: function.clone(),
    }
}

fn prompt(prompt: &catalog::Prompt) -> Prompt {
    let catalog::Prompt { name, export, function, required_scopes, .. } = prompt;
    Prompt {
        name: name.clone(),
        export: export.clone(),
        title: None,
        description: None,
        titles: BTreeMap::new(),
        icons: Vec::new(),
        meta: None,
        required_scopes: required_scopes.clone(),
        limits: Default::default(),
        function: function.clone(),
    }
}
