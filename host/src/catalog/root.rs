//! Holds what every process needs of a catalog, whatever it serves.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::auth::Auth;
use super::format::{Catalog, Confirm, EngineInfo, Http, Plugin, Server, Tool};
use super::limits::Limits;
use super::network::Network;
use super::releases::Releases;
use super::scope::ScopeSet;
use super::secrets::SecretSource;
use crate::codec::Type;

/// The part of the catalog that is read at the start. It grows with callers and with
/// different sets of scopes, not with tools.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// The engine that the components were precompiled for.
    pub engine: EngineInfo,
    /// The server's name and description.
    pub server: Server,
    /// Rules for the HTTP endpoint.
    pub http: Http,
    /// The callers.
    #[serde(default, skip_serializing_if = "Auth::is_empty")]
    pub auth: Auth,
    /// The sources of the secrets, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, SecretSource>,
    /// How the server follows releases, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub releases: Option<Releases>,
    /// How the server reaches other hosts for its plugins, if that is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// The table of DynamoDB in which a function keeps the state of plugins, unless a variable names another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_table: Option<String>,
    /// The time that clients may cache a list, in milliseconds (`ttlMs`).
    pub list_ttl_ms: u64,
    /// The number of tools on a page of `tools/list`.
    pub page_size: usize,
    /// The highest of each limit that a call has; the defaults if there is nothing to call.
    pub limits: Limits,
    /// The first plugin that may ask questions, if one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asks: Option<String>,
    /// The first plugin that can keep state, if one can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeps_state: Option<String>,
    /// The first plugin that has a tool whose calls or answers are counted, if one has: this takes a state store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<String>,
    /// True if a prompt has an argument with choices, which `completion/complete` proposes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_choices: bool,
    /// True if a tool requires scopes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guards_tools: bool,
    /// True if a prompt that is a function of its own requires scopes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guards_prompts: bool,
    /// The sets of scopes that tools, prompts and providers require, each once.
    pub(super) scopes: Vec<ScopeSet>,
}

/// A plugin as its record holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PluginRecord {
    pub(super) plugin: Plugin,
    /// The stacks of its functions, in bytes, each once.
    pub(super) stacks: Vec<usize>,
}

impl Root {
    pub(super) fn of(catalog: &Catalog, scopes: Vec<ScopeSet>) -> Self {
        let limits = catalog.functions().map(|function| function.limits.clone());
        Self {
            engine: catalog.engine.clone(),
            server: catalog.server.clone(),
            http: catalog.http.clone(),
            auth: catalog.auth.clone(),
            secrets: catalog.secrets.clone(),
            releases: catalog.releases.clone(),
            network: catalog.network.clone(),
            state_table: catalog.state_table.clone(),
            list_ttl_ms: catalog.list_ttl_ms,
            page_size: catalog.page_size,
            limits: limits.reduce(|one, other| one.max(&other)).unwrap_or_default(),
            asks: asks(catalog),
            keeps_state: keeps_state(catalog),
            counts: counts(catalog),
            has_choices: has_choices(catalog),
            guards_tools: catalog.tools.iter().any(|tool| !tool.required_scopes.is_empty()),
            guards_prompts: catalog.prompts.iter().any(|prompt| !prompt.required_scopes.is_empty()),
            scopes,
        }
    }

    /// Returns all scopes that tools, prompts and providers require.
    pub fn required_scopes(&self) -> ScopeSet {
        self.scopes.iter().flat_map(ScopeSet::iter).cloned().collect()
    }

    /// Returns the number of items on a page, at least 1.
    pub fn room(&self) -> usize {
        self.page_size.max(1)
    }
}

/// Finds a plugin that asks, or is asked about: both take a key.
fn asks(catalog: &Catalog) -> Option<String> {
    let asker = catalog.plugins.iter().find(|plugin| plugin.asks).map(|plugin| plugin.name.clone());
    asker.or_else(|| plugin_of(catalog, |tool| tool.confirm != Confirm::Never))
}

fn counts(catalog: &Catalog) -> Option<String> {
    let of_tools =
        plugin_of(catalog, |tool| tool.confirm == Confirm::Once || tool.calls_per_minute.is_some());
    let counted = || catalog.providers.iter().find(|provider| provider.calls_per_minute.is_some());
    of_tools.or_else(|| Some(catalog.plugins.get(counted()?.plugin)?.name.clone()))
}

fn plugin_of(catalog: &Catalog, has: impl Fn(&Tool) -> bool) -> Option<String> {
    let tool = catalog.tools.iter().find(|tool| has(tool))?;
    Some(catalog.plugins.get(tool.plugin)?.name.clone())
}

fn keeps_state(catalog: &Catalog) -> Option<String> {
    let keeper = catalog.plugins.iter().find(|plugin| !plugin.grants.keyvalue.is_empty());
    keeper.map(|plugin| plugin.name.clone())
}

fn has_choices(catalog: &Catalog) -> bool {
    let completes = |ty: &Type| match ty {
        Type::Enum(_) => true,
        Type::Option(some) => matches!(**some, Type::Enum(_)),
        _ => false,
    };
    let prompts = catalog.prompts.iter();
    prompts.flat_map(|prompt| &prompt.function.params).any(|param| completes(&param.ty))
}
