//! Compares the tools that are served now with those at the start of `toolcell dev`, plugin by plugin.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use toolcell_host::catalog::Grants;

use super::super::versions::PluginVersion;
use crate::check::against;
use crate::plugin::load::Loaded;

/// The plugins of one `toolcell dev`. Clones share them.
#[derive(Clone)]
pub(in super::super) struct Inventory(Arc<Shared>);

struct Shared {
    /// The directory that paths in the configuration are relative to.
    base: PathBuf,
    plugins: Mutex<Plugins>,
}

#[derive(Default)]
struct Plugins {
    /// Each plugin as it was first served.
    first: BTreeMap<String, Arc<Loaded>>,
    served: BTreeMap<String, PluginVersion>,
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
    changes: Vec<ContractChange>,
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
    pub(in super::super) fn new(base: PathBuf) -> Self {
        Self(Arc::new(Shared { base, plugins: Mutex::default() }))
    }

    /// Notes what is served from now on.
    pub(in super::super) fn serve(&self, served: BTreeMap<String, PluginVersion>) {
        let mut plugins = self.lock();
        for (name, version) in &served {
            plugins.first.entry(name.clone()).or_insert_with(|| Arc::clone(&version.loaded));
        }
        plugins.served = served;
    }

    /// Lists the plugins.
    pub(super) fn plugins(&self) -> Vec<ServedPlugin> {
        let plugins = self.lock();
        let served = plugins.served.iter();
        served.map(|(name, version)| ServedPlugin::of(name, version, &plugins.first[name])).collect()
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

impl ServedPlugin {
    fn of(name: &str, version: &PluginVersion, first: &Loaded) -> Self {
        let PluginVersion { settings, loaded } = version;
        let seen = |own: &str| {
            let renamed = settings.tools.get(own).and_then(|tool| tool.name.as_deref());
            format!("{}{}", settings.prefix, renamed.unwrap_or(own))
        };
        let tools = loaded.plugin.tools.iter().map(|tool| (seen(&tool.name), tool.name.clone())).collect();
        let prompts = loaded.plugin.prompts.iter();
        let prompts =
            prompts.map(|prompt| (format!("{}{}", settings.prefix, prompt.name), prompt.name.clone()));
        let changes = against::changes(first, loaded).into_iter().map(|change| ContractChange {
            impact: change.impact.text(),
            text: change.text(),
            subject: change.subject,
            path: change.path,
            before: change.before,
            after: change.after,
        });
        Self {
            name: name.to_owned(),
            tools,
            prompts: prompts.collect(),
            has_cases: settings.source.is_dir(),
            changes: changes.collect(),
        }
    }
}
