//! Which version of each plugin is served: the newest that fits beside the others.
//!
//! A version is what was built, together with what the deployer said of the plugin then. Whatever changes is tried as
//! a new version; one that is refused waits, and the last good one stays in its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bundle::build;
use crate::bundle::compile::Compiler;
use crate::bundle::select::ConfiguredPlugin;
use crate::config::{self, Config};
use crate::plugin::load::Loaded;
use crate::ui::problem::{Problem, Result};

/// A plugin as it can be served.
#[derive(Clone)]
pub(super) struct PluginVersion {
    /// The plugin's configuration.
    pub(super) settings: config::PluginConfig,
    /// The built plugin.
    pub(super) loaded: Arc<Loaded>,
}

/// The versions of every plugin.
#[derive(Clone, Default)]
pub(super) struct Versions {
    slots: BTreeMap<String, Slot>,
}

#[derive(Clone, Default)]
struct Slot {
    next: Option<PluginVersion>,
    served: Option<PluginVersion>,
}

/// One of a plugin's two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Choice {
    /// The one that has not been served yet.
    Next,
    /// The last good one.
    Served,
}

/// The version of each plugin that is served.
pub(super) type Chosen = BTreeMap<String, Choice>;

/// Versions that are known not to be of use, and why.
pub(super) type Unfit = BTreeMap<(String, Choice), Problem>;

/// Which versions fit together.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Those that do.
    pub(super) chosen: Chosen,
    /// The reason why the newest version is not served.
    pub(super) refused: BTreeMap<String, Problem>,
}

impl Slot {
    fn version(&self, choice: Choice) -> Option<&PluginVersion> {
        match choice {
            Choice::Next => self.next.as_ref(),
            Choice::Served => self.served.as_ref(),
        }
    }

    /// Plugins that stay as they are come first: what changes has to fit them.
    fn rank(&self) -> (bool, bool) {
        (self.next.is_some(), self.served.is_none())
    }
}

impl Versions {
    /// Puts a new version beside the one that is served.
    pub(super) fn offer(&mut self, name: &str, version: PluginVersion) {
        self.slots.entry(name.to_owned()).or_default().next = Some(version);
    }

    /// Takes back a version that was never served.
    pub(super) fn withdraw(&mut self, name: &str) {
        if let Some(slot) = self.slots.get_mut(name) {
            slot.next = None;
        }
    }

    /// The version that is served.
    pub(super) fn served(&self, name: &str) -> Option<&PluginVersion> {
        self.slots.get(name)?.served.as_ref()
    }

    /// The versions that are served, by plugin.
    pub(super) fn all_served(&self) -> BTreeMap<String, PluginVersion> {
        let served = self.slots.iter();
        served.filter_map(|(name, slot)| Some((name.clone(), slot.served.clone()?))).collect()
    }

    /// Makes new versions of what another configuration says, of the same builds; drops plugins that it does not name.
    pub(super) fn reconfigure(&mut self, config: &Config) {
        self.slots.retain(|name, _| config.plugins.contains_key(name));
        for (name, slot) in &mut self.slots {
            let settings = &config.plugins[name];
            let newest = slot.next.as_ref().or(slot.served.as_ref());
            let same_source = newest.filter(|version| version.settings.source == settings.source);
            slot.next = same_source.map(|version| PluginVersion {
                settings: settings.clone(),
                loaded: Arc::clone(&version.loaded),
            });
        }
    }

    /// Finds versions that fit together: the newest of each plugin, else its last good one, else none.
    pub(super) fn settle(&self, config: &Config, compiler: &Compiler, unfit: &Unfit) -> Settled {
        let mut settled = Settled::default();
        let mut slots: Vec<(&String, &Slot)> = self.slots.iter().collect();
        slots.sort_by_key(|(_, slot)| slot.rank());
        for (name, slot) in slots {
            for choice in [Choice::Next, Choice::Served] {
                if slot.version(choice).is_none() {
                    continue;
                }
                settled.chosen.insert(name.clone(), choice);
                let refused = unfit.get(&(name.clone(), choice)).cloned();
                let refused = refused.or_else(|| self.check(config, compiler, &settled.chosen, name).err());
                let Some(problem) = refused else { break };
                settled.chosen.remove(name);
                settled.refused.entry(name.clone()).or_insert(problem);
            }
        }
        settled
    }

    /// Tells whether the version of `name` has its grants and fits the other plugins.
    fn check(&self, config: &Config, compiler: &Compiler, chosen: &Chosen, name: &str) -> Result<()> {
        let plugins = self.plugins(chosen);
        for ConfiguredPlugin { settings, loaded, .. } in plugins.iter().filter(|one| one.name == name) {
            build::admit(config, name, settings, loaded)?;
        }
        build::plan(config, compiler, &plugins).map(drop)
    }

    /// The versions that were chosen, as a build takes them.
    pub(super) fn plugins(&self, chosen: &Chosen) -> Vec<ConfiguredPlugin<'_>> {
        let plugins = self.slots.iter().filter_map(|(name, slot)| {
            let version = slot.version(*chosen.get(name)?)?;
            Some(ConfiguredPlugin { name, settings: &version.settings, loaded: &version.loaded })
        });
        plugins.collect()
    }

    /// Makes the versions that were chosen the ones that are served; others wait for the next time.
    pub(super) fn commit(&mut self, chosen: &Chosen) {
        for (name, slot) in &mut self.slots {
            match chosen.get(name) {
                Some(Choice::Next) => slot.served = slot.next.take(),
                Some(Choice::Served) => {}
                None => {
                    let served = slot.served.take();
                    slot.next = slot.next.take().or(served);
                }
            }
        }
    }
}
