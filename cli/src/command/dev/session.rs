//! Holds what is served: the last good configuration, its plugin versions, and their service.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;
use toolcell_host::catalog::Catalog;
use toolcell_host::service::Service;

use super::list_changes::{self, ListChange};
use super::plugin_builder::PluginBuilder;
use super::versions::{PluginVersion, Settled, Versions};
use super::workbench::Inventory;
use crate::builder::BuildStatus;
use crate::check::against::Contract;
use crate::config::{self, Config};
use crate::ui::problem::{Problem, Result};

/// The state of one `toolcell dev` server.
pub(super) struct Session {
    file: PathBuf,
    config: Config,
    builder: PluginBuilder,
    versions: Versions,
    services: watch::Sender<Arc<Service>>,
    inventory: Inventory,
}

/// The effect of a new service.
#[derive(Debug)]
pub(super) struct ServiceUpdate {
    /// The reasons why the newest version of a plugin is not served.
    pub(super) refused: BTreeMap<String, Problem>,
    /// The changes that clients see, by plugin.
    pub(super) changes: BTreeMap<String, ListChange>,
}

/// The result of a build.
pub(super) enum Rebuilt {
    /// A new version, which was put to the others.
    Replaced(BuildStatus, ServiceUpdate),
    /// The version that is served already.
    Unchanged(BuildStatus),
}

impl Session {
    /// Reads the configuration and makes a service of every plugin that is there already.
    ///
    /// # Errors
    /// The configuration is refused as a whole.
    pub(super) fn open(
        file: &Path,
        builder: PluginBuilder,
        inventory: Inventory,
    ) -> Result<(Self, ServiceUpdate)> {
        let config = read(file)?;
        let mut versions = Versions::default();
        for (name, settings) in &config.plugins {
            if let Some(version) = builder.at_once(settings) {
                versions.offer(name, version);
            }
        }
        let (service, Settled { chosen, refused }) = builder.service(&config, &versions)?;
        versions.commit(&chosen);
        inventory.serve(versions.all_served(), contracts(&service), config.plugins.keys());
        let services = watch::channel(Arc::new(service)).0;
        let session = Self { file: file.to_path_buf(), config, builder, versions, services, inventory };
        Ok((session, ServiceUpdate { refused, changes: BTreeMap::new() }))
    }

    /// The service that is there now, and those that come after it.
    pub(super) fn services(&self) -> watch::Receiver<Arc<Service>> {
        self.services.subscribe()
    }

    /// The configuration's file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// The plugins of the last good configuration.
    pub(super) fn plugins(&self) -> &BTreeMap<String, config::PluginConfig> {
        &self.config.plugins
    }

    /// Tells whether clients see the plugin.
    pub(super) fn serves(&self, name: &str) -> bool {
        self.versions.served(name).is_some()
    }

    /// Returns the number of plugins that clients see.
    pub(super) fn count(&self) -> usize {
        self.services.borrow().index().plugin_count()
    }

    /// `6 tools` of a plugin that is served.
    pub(super) fn has(&self, name: &str) -> Option<String> {
        list_changes::has(&catalog(&self.services.borrow())?, name)
    }

    /// Builds a plugin and puts it to the others.
    ///
    /// # Errors
    /// A program is missing or the plugin is refused; what is served stays as it was.
    pub(super) fn build(&mut self, name: &str) -> Result<Rebuilt> {
        let Some(settings) = self.config.plugins.get(name) else {
            return Err(Problem::internal(name, "is no longer configured"));
        };
        let built = self.builder.build(name, settings).and_then(|(status, version)| {
            if self.is_served(name, &version) {
                self.versions.withdraw(name);
                return Ok(Rebuilt::Unchanged(status));
            }
            let mut versions = self.versions.clone();
            versions.offer(name, version);
            Ok(Rebuilt::Replaced(status, self.publish(versions)?))
        });
        if built.is_err() {
            self.versions.withdraw(name);
        }
        built
    }

    fn is_served(&self, name: &str, version: &PluginVersion) -> bool {
        let served = self.versions.served(name);
        served.is_some_and(|served| served.loaded.component.digest == version.loaded.component.digest)
    }

    /// Reads the configuration again and serves the same builds as it says; gives the names of plugins whose source
    /// is another, or was not there.
    ///
    /// # Errors
    /// It is refused as a whole; what is served stays as it was.
    pub(super) fn reload(&mut self) -> Result<(ServiceUpdate, Vec<String>)> {
        let config = read(&self.file)?;
        let mut versions = self.versions.clone();
        versions.reconfigure(&config);
        let old = std::mem::replace(&mut self.config, config);
        match self.publish(versions) {
            Ok(update) => Ok((update, moved(&old, &self.config))),
            Err(problem) => {
                self.config = old;
                Err(problem)
            }
        }
    }

    /// Puts the versions together once more, because something beside them has changed.
    ///
    /// # Errors
    /// The configuration is refused as a whole.
    pub(super) fn settle(&mut self) -> Result<ServiceUpdate> {
        self.publish(self.versions.clone())
    }

    /// Serves the versions that fit together.
    fn publish(&mut self, mut versions: Versions) -> Result<ServiceUpdate> {
        let (service, Settled { chosen, refused }) = self.builder.service(&self.config, &versions)?;
        versions.commit(&chosen);
        self.versions = versions;
        let configured = self.config.plugins.keys();
        self.inventory.serve(self.versions.all_served(), contracts(&service), configured);
        let old = self.services.send_replace(Arc::new(service));
        let new = self.services.borrow();
        // What is served was read back when it was built.
        let changes = catalog(&old).zip(catalog(&new)).map(|(old, new)| list_changes::changes(&old, &new));
        Ok(ServiceUpdate { refused, changes: changes.unwrap_or_default() })
    }
}

fn contracts(service: &Service) -> Vec<Contract> {
    catalog(service).as_ref().map(Contract::all).unwrap_or_default()
}

fn catalog(service: &Service) -> Option<Catalog> {
    service.index().contents().ok().map(|contents| contents.catalog)
}

/// Clients are to see a change when they look: no list may be kept, whatever the file says.
fn read(file: &Path) -> Result<Config> {
    let config = config::read(file)?;
    Ok(Config { list_ttl_ms: 0, ..config })
}

/// Plugins of either configuration that come from elsewhere in the other, or are not in it.
fn moved(old: &Config, new: &Config) -> Vec<String> {
    let source = |config: &Config, name: &str| config.plugins.get(name).map(|one| one.source.clone());
    let gone = old.plugins.keys().filter(|name| !new.plugins.contains_key(*name));
    let all = gone.chain(new.plugins.keys());
    all.filter(|name| source(old, name) != source(new, name)).cloned().collect()
}
