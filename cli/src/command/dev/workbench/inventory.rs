//! Knows the plugins that are served now, and compares their contract with the baseline.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use toolcell_host::catalog::Grants;

use super::super::baseline::Baseline;
use super::super::versions::PluginVersion;
use crate::check::against::change::Change;
use crate::check::against::{Contract, changes_of_server};

/// The plugins of one `toolcell dev`. Clones share them.
#[derive(Clone)]
pub(in super::super) struct Inventory(Arc<Shared>);

struct Shared {
    /// The directory that paths in the configuration are relative to.
    base: PathBuf,
    plugins: Mutex<Plugins>,
}

struct Plugins {
    baseline: Baseline,
    served: BTreeMap<String, PluginVersion>,
    /// The contracts of those plugins.
    contracts: Vec<Contract>,
    /// The plugins that are configured and not served, because they are not built yet or fail.
    waiting: BTreeSet<String>,
}

/// A plugin for the page.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServedPlugin {
    name: String,
    /// The names of its own tools, by those that clients see.
    tools: BTreeMap<String, String>,
    /// The same of prompts.
    prompts: BTreeMap<String, String>,
    /// Tells whether cases can be written: its source is a directory.
    has_cases: bool,
}

/// The difference between the baseline and what is served.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ContractDifference {
    /// The baseline, for people.
    against: String,
    changes: Vec<ContractChange>,
    /// The names of tools and prompts that the baseline does not have.
    added: Vec<String>,
    /// The plugins of the baseline that are not compared, because they are not served yet.
    waiting: Vec<String>,
}

/// Something that clients notice.
#[derive(Debug, Serialize)]
struct ContractChange {
    impact: &'static str,
    subject: String,
    path: String,
    text: &'static str,
    before: String,
    after: String,
}

/// The place and the form of a plugin's cases.
pub(super) struct CaseHome {
    pub(super) directory: PathBuf,
    pub(super) grants: Grants,
    /// The directory that paths in the grants are relative to.
    pub(super) base: PathBuf,
}

impl Inventory {
    /// Starts without plugins.
    pub(in super::super) fn new(base: PathBuf, baseline: Baseline) -> Self {
        let (served, contracts, waiting) = Default::default();
        let plugins = Mutex::new(Plugins { baseline, served, contracts, waiting });
        Self(Arc::new(Shared { base, plugins }))
    }

    /// Notes what is served from now on; `configured` also names the plugins that are not.
    pub(in super::super) fn serve<'n>(
        &self,
        served: BTreeMap<String, PluginVersion>,
        contracts: Vec<Contract>,
        configured: impl Iterator<Item = &'n String>,
    ) {
        let mut plugins = self.lock();
        plugins.baseline.serve(&contracts);
        plugins.waiting = configured.filter(|name| !served.contains_key(*name)).cloned().collect();
        (plugins.served, plugins.contracts) = (served, contracts);
    }

    /// Lists the plugins.
    pub(super) fn plugins(&self) -> Vec<ServedPlugin> {
        let plugins = self.lock();
        plugins.served.iter().map(|(name, version)| ServedPlugin::of(name, version)).collect()
    }

    /// Compares what is served with the baseline.
    pub(super) fn difference(&self) -> ContractDifference {
        self.lock().difference()
    }

    /// Returns where the cases of a plugin are; `None` if it is not served, or its source is not a directory.
    pub(super) fn case_home(&self, plugin: &str) -> Option<CaseHome> {
        let plugins = self.lock();
        let settings = &plugins.served.get(plugin)?.settings;
        let (directory, grants, base) =
            (settings.source.clone(), settings.grants.clone(), self.0.base.clone());
        directory.is_dir().then_some(CaseHome { directory, grants, base })
    }

    fn lock(&self) -> MutexGuard<'_, Plugins> {
        self.0.plugins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Plugins {
    fn difference(&self) -> ContractDifference {
        let is_waiting = |contract: &&Contract| self.waiting.contains(&contract.plugin);
        let (waiting, old): (Vec<_>, Vec<_>) = self.baseline.contracts().partition(is_waiting);
        let new: Vec<&Contract> = self.contracts.iter().collect();
        // A plugin that is not compared may have the tool, so only what no plugin of the baseline has is new.
        let known: BTreeSet<&str> = self.baseline.contracts().flat_map(Contract::names).collect();
        let added = new.iter().flat_map(|one| one.names()).filter(|name| !known.contains(name));
        ContractDifference {
            against: self.baseline.to_string(),
            changes: changes_of_server(&old, &new).into_iter().map(ContractChange::from).collect(),
            added: added.map(str::to_owned).collect(),
            waiting: waiting.into_iter().map(|one| one.plugin.clone()).collect(),
        }
    }
}

impl From<Change> for ContractChange {
    fn from(change: Change) -> Self {
        let (impact, text) = (change.impact.text(), change.text());
        let Change { subject, path, before, after, .. } = change;
        Self { impact, subject, path, text, before, after }
    }
}

impl ServedPlugin {
    fn of(name: &str, version: &PluginVersion) -> Self {
        let PluginVersion { settings, loaded } = version;
        let seen = |own: &str| {
            let renamed = settings.tools.get(own).and_then(|tool| tool.name.as_deref());
            format!("{}{}", settings.prefix, renamed.unwrap_or(own))
        };
        let tools = loaded.plugin.tools.iter().map(|tool| (seen(&tool.name), tool.name.clone())).collect();
        let prompts = loaded.plugin.prompts.iter();
        let prompts =
            prompts.map(|prompt| (format!("{}{}", settings.prefix, prompt.name), prompt.name.clone()));
        Self { name: name.to_owned(), tools, prompts: prompts.collect(), has_cases: settings.source.is_dir() }
    }
}
