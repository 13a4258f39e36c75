//! Reads a catalog as a whole. One plugin of which a part cannot be read does not keep the others from being served.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::error::CatalogError;
use super::format::{Catalog, FunctionEntry, Listed, Plugin, Provider};
use super::index::{Index, json};
use super::item::Item;
use super::layout::{HEADER_BYTES, Section};
use super::list::{Detail, ItemList};
use super::root::Root;
use crate::digest::Digest;
use crate::lazy_table::LazyTable;

/// Everything that can be read of a catalog.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The catalog, without the plugins that are left out.
    pub catalog: Catalog,
    /// The plugins of which a part cannot be read.
    pub left_out: Vec<LeftOut>,
}

/// A plugin that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name, or its place if the name cannot be read.
    pub plugin: String,
    /// The reason why its part of the catalog cannot be read.
    pub reason: String,
}

/// The plugins that are bad so far, by place, with the first reason.
type Bad = BTreeMap<usize, CatalogError>;

/// An item by the place of its plugin.
type Owned<T> = (usize, T);

impl Index {
    /// Compares the file with its digest, and leaves out the plugins of which a part cannot be read.
    pub(super) fn verified(self) -> Result<Self, CatalogError> {
        if Digest::of(&self.file[HEADER_BYTES..]) != self.header.digest {
            return Err(CatalogError::damaged("some part: it has another digest than when it was written"));
        }
        let Contents { catalog, left_out } = self.contents()?;
        for LeftOut { plugin, reason } in &left_out {
            tracing::error!(plugin, reason, "the plugin is not served");
        }
        if left_out.is_empty() { Ok(self) } else { Self::of(&catalog) }
    }

    /// Reads everything.
    ///
    /// # Errors
    ///
    /// Fails if more than the parts of single plugins is damaged.
    pub fn contents(&self) -> Result<Contents, CatalogError> {
        let mut bad = Bad::new();
        let plugins = self.readable_plugins(&mut bad);
        let tools = self.listed(&self.tools, ItemList::Tools, &mut bad)?;
        let prompts = self.listed(&self.prompts, ItemList::Prompts, &mut bad)?;
        let providers = self.all(&self.providers, Section::Providers, &mut bad)?;
        let providers =
            providers.into_iter().map(|(plugin, item)| (plugin, Provider::clone(&item))).collect();
        let kept = (0..plugins.len()).filter(|place| !bad.contains_key(place));
        let places: BTreeMap<usize, usize> = kept.enumerate().map(|(new, old)| (old, new)).collect();
        let left_out = bad.iter().map(|(place, reason)| left_out(*place, &plugins[*place], reason)).collect();
        let Root { engine, server, http, auth, secrets, releases, network, list_ttl_ms, page_size, .. } =
            self.root.clone();
        let state_table = self.root.state_table.clone();
        let catalog = Catalog {
            format: self.header.format,
            engine,
            server,
            http,
            auth,
            secrets,
            releases,
            network,
            state_table,
            list_ttl_ms,
            page_size,
            plugins: places.keys().filter_map(|place| plugins[*place].clone()).collect(),
            tools: moved(tools, &places, |tool| &mut tool.item.plugin),
            prompts: moved(prompts, &places, |prompt| &mut prompt.item.plugin),
            providers: moved(providers, &places, |provider| &mut provider.plugin),
        };
        Ok(Contents { catalog, left_out })
    }

    fn readable_plugins(&self, bad: &mut Bad) -> Vec<Option<Plugin>> {
        let places = 0..self.plugin_count();
        places.map(|place| kept(self.plugin(place), place, bad).map(|record| record.plugin.clone())).collect()
    }

    /// Reads the items of a section that can be read.
    fn all<T>(
        &self,
        table: &LazyTable<Arc<Item<T>>>,
        section: Section,
        bad: &mut Bad,
    ) -> Result<Vec<Owned<Arc<Item<T>>>>, CatalogError>
    where
        T: DeserializeOwned,
        for<'c> FunctionEntry<'c>: From<&'c T>,
    {
        let mut items = Vec::new();
        for place in 0..self.count_of(section) {
            let plugin = self.row(section, place)?.plugin as usize;
            if plugin >= self.plugin_count() {
                return Err(CatalogError::damaged(format!("{} {place}", section.word())));
            }
            items.extend(kept(self.item(table, section, place), plugin, bad).map(|item| (plugin, item)));
        }
        Ok(items)
    }

    fn listed<T>(
        &self,
        table: &LazyTable<Arc<Item<T>>>,
        list: ItemList,
        bad: &mut Bad,
    ) -> Result<Vec<Owned<Listed<T>>>, CatalogError>
    where
        T: Clone + DeserializeOwned,
        for<'c> FunctionEntry<'c>: From<&'c T>,
    {
        let read = |(plugin, item): Owned<Arc<Item<T>>>| {
            let entry = |detail| self.entry(list, &item, detail);
            let (entry, plain_entry) = (entry(Detail::Full)?, entry(Detail::Plain)?);
            let name = FunctionEntry::from(&item.item).name;
            match self.find(list, name)? == Some(item.place) {
                true => Ok((plugin, Listed { item: item.item.clone(), entry, plain_entry })),
                false => Err(CatalogError::damaged("the order of its names")),
            }
        };
        self.all(table, list.rows(), bad)?.into_iter().map(read).collect()
    }

    fn entry<T>(
        &self,
        list: ItemList,
        item: &Item<T>,
        detail: Detail,
    ) -> Result<Box<serde_json::value::RawValue>, CatalogError> {
        self.whole_page(list, item.place / self.root.room(), detail)?;
        let span = self.row(list.rows(), item.place)?.entry(detail);
        json(span.of(&self.file).unwrap_or_default(), "an entry of a list")
    }
}

/// Notes an error with the plugin that it concerns.
fn kept<T>(read: Result<T, CatalogError>, plugin: usize, bad: &mut Bad) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(error) => {
            bad.entry(plugin).or_insert(error);
            None
        }
    }
}

fn left_out(place: usize, plugin: &Option<Plugin>, reason: &CatalogError) -> LeftOut {
    let plugin = plugin.as_ref().map_or_else(|| format!("number {place}"), |plugin| plugin.name.clone());
    LeftOut { plugin, reason: reason.to_string() }
}

/// Drops the items of plugins that are left out, and names the new places of the others.
fn moved<T>(
    items: Vec<Owned<T>>,
    places: &BTreeMap<usize, usize>,
    plugin: fn(&mut T) -> &mut usize,
) -> Vec<T> {
    let items = items.into_iter().filter_map(|(old, mut item)| {
        *plugin(&mut item) = *places.get(&old)?;
        Some(item)
    });
    items.collect()
}
