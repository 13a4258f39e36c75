//! What is served: the last good configuration, the editions of its plugins, and the service that was made of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;
use toolcell_host::service::Service;

use super::list_changes::{self, Change};
use super::plugin_builder::Maker;
use super::versions::{Edition, Settled, Shelf};
use crate::builder::BuildStatus;
use crate::config::{self, Config};
use crate::ui::problem::{Problem, Result};

/// The stage of one server.
pub(super) struct Stage {
    file: PathBuf,
    config: Config,
    maker: Maker,
    shelf: Shelf,
    services: watch::Sender<Arc<Service>>,
}

/// What another service brought.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Why the newest edition of a plugin is not served.
    pub(super) refused: BTreeMap<String, Problem>,
    /// What clients see change, by plugin.
    pub(super) changes: BTreeMap<String, Change>,
}

/// What a build brought.
pub(super) enum Built {
    /// A new edition, which was put to the others.
    Put(BuildStatus, Outcome),
    /// The edition that is served already.
    Same(BuildStatus),
}

impl Stage {
    /// Reads the configuration and makes a service of every plugin that is there already.
    ///
    /// # Errors
    /// The configuration is refused as a whole.
    pub(super) fn open(file: &Path, maker: Maker) -> Result<(Self, Outcome)> {
        let config = read(file)?;
        let mut shelf = Shelf::default();
        for (name, settings) in &config.plugins {
            if let Some(edition) = maker.at_once(settings) {
                shelf.offer(name, edition);
            }
        }
        let (service, Settled { chosen, refused }) = maker.service(&config, &shelf)?;
        shelf.commit(&chosen);
        let services = watch::channel(Arc::new(service)).0;
        let stage = Self { file: file.to_path_buf(), config, maker, shelf, services };
        Ok((stage, Outcome { refused, changes: BTreeMap::new() }))
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

    /// Whether clients see the plugin.
    pub(super) fn serves(&self, name: &str) -> bool {
        self.shelf.served(name).is_some()
    }

    /// How many plugins clients see.
    pub(super) fn count(&self) -> usize {
        self.services.borrow().index().catalog().plugins.len()
    }

    /// `6 tools` of a plugin that is served.
    pub(super) fn has(&self, name: &str) -> Option<String> {
        list_changes::has(self.services.borrow().index().catalog(), name)
    }

    /// Builds a plugin and puts it to the others.
    ///
    /// # Errors
    /// A program is missing or the plugin is refused; what is served stays as it was.
    pub(super) fn build(&mut self, name: &str) -> Result<Built> {
        let Some(settings) = self.config.plugins.get(name) else {
            return Err(Problem::internal(name, "is no longer configured"));
        };
        let built = self.maker.edition(name, settings).and_then(|(made, edition)| {
            if self.is_served(name, &edition) {
                self.shelf.withdraw(name);
                return Ok(Built::Same(made));
            }
            let mut shelf = self.shelf.clone();
            shelf.offer(name, edition);
            Ok(Built::Put(made, self.publish(shelf)?))
        });
        if built.is_err() {
            self.shelf.withdraw(name);
        }
        built
    }

    fn is_served(&self, name: &str, edition: &Edition) -> bool {
        let served = self.shelf.served(name);
        served.is_some_and(|served| served.loaded.component.digest == edition.loaded.component.digest)
    }

    /// Reads the configuration again and serves the same builds as it says; gives the names of plugins whose source
    /// is another, or was not there.
    ///
    /// # Errors
    /// It is refused as a whole; what is served stays as it was.
    pub(super) fn reload(&mut self) -> Result<(Outcome, Vec<String>)> {
        let config = read(&self.file)?;
        let mut shelf = self.shelf.clone();
        shelf.reconfigure(&config);
        let old = std::mem::replace(&mut self.config, config);
        match self.publish(shelf) {
            Ok(outcome) => Ok((outcome, moved(&old, &self.config))),
            Err(problem) => {
                self.config = old;
                Err(problem)
            }
        }
    }

    /// Puts the editions together once more, because something beside them has changed.
    ///
    /// # Errors
    /// The configuration is refused as a whole.
    pub(super) fn settle(&mut self) -> Result<Outcome> {
        self.publish(self.shelf.clone())
    }

    /// Serves the editions of `shelf` that fit together.
    fn publish(&mut self, mut shelf: Shelf) -> Result<Outcome> {
        let (service, Settled { chosen, refused }) = self.maker.service(&self.config, &shelf)?;
        shelf.commit(&chosen);
        self.shelf = shelf;
        let old = self.services.send_replace(Arc::new(service));
        let new = self.services.borrow();
        let changes = list_changes::changes(old.index().catalog(), new.index().catalog());
        Ok(Outcome { refused, changes })
    }
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
