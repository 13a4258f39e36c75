//! Reads what is left of a catalog in which the part of a plugin cannot be read: one bad plugin does not keep the
//! others from being served.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::auth::Auth;
use super::format::{Catalog, EngineInfo, Http, Plugin, Server};

/// A catalog whose lists are still text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outline<'a> {
    format: u32,
    engine: EngineInfo,
    server: Server,
    http: Http,
    #[serde(default)]
    auth: Auth,
    list_ttl_ms: u64,
    page_size: usize,
    #[serde(borrow)]
    plugins: Vec<&'a RawValue>,
    #[serde(borrow)]
    tools: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    prompts: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    providers: Vec<&'a RawValue>,
}

/// The plugin that an entry belongs to.
#[derive(Deserialize)]
struct Owned {
    plugin: usize,
}

/// The name of a plugin.
#[derive(Deserialize)]
struct Named {
    name: String,
}

/// A plugin that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub plugin: String,
    /// The reason why its part of the catalog cannot be read.
    pub reason: String,
}

/// The plugins that are bad so far, by place, with the first reason.
type Bad = BTreeMap<usize, String>;

/// Reads a catalog without the plugins of which a part cannot be read; `None` if more than such parts is wrong.
pub(super) fn read(bytes: &[u8]) -> Option<(Catalog, Vec<LeftOut>)> {
    let outline: Outline<'_> = serde_json::from_slice(bytes).ok()?;
    if outline.format != Catalog::FORMAT {
        return None;
    }
    let mut bad = Bad::new();
    let plugins = plugins(&outline.plugins, &mut bad);
    let tools = owned(&outline.tools, &mut bad)?;
    let prompts = owned(&outline.prompts, &mut bad)?;
    let providers = owned(&outline.providers, &mut bad)?;
    let left_out = bad.iter().map(|(at, reason)| left_out(&outline.plugins, *at, reason)).collect();
    let places: BTreeMap<usize, usize> = (0..plugins.len())
        .filter(|at| !bad.contains_key(at))
        .enumerate()
        .map(|(new, old)| (old, new))
        .collect();
    let catalog = Catalog {
        format: outline.format,
        engine: outline.engine,
        server: outline.server,
        http: outline.http,
        auth: outline.auth,
        list_ttl_ms: outline.list_ttl_ms,
        page_size: outline.page_size,
        plugins: kept(plugins, &places),
        tools: moved(tools, &places, |tool| &mut tool.plugin),
        prompts: moved(prompts, &places, |prompt| &mut prompt.plugin),
        providers: moved(providers, &places, |provider| &mut provider.plugin),
    };
    Some((catalog, left_out))
}

fn plugins(texts: &[&RawValue], bad: &mut Bad) -> Vec<Option<Plugin>> {
    let read = |(at, text): (usize, &&RawValue)| match serde_json::from_str(text.get()) {
        Ok(plugin) => Some(plugin),
        Err(error) => {
            bad.insert(at, error.to_string());
            None
        }
    };
    texts.iter().enumerate().map(read).collect()
}

/// Reads the entries of one list with the places of their plugins; `None` if an entry does not even tell its plugin.
fn owned<T: DeserializeOwned>(texts: &[&RawValue], bad: &mut Bad) -> Option<Vec<(usize, T)>> {
    let mut all = Vec::new();
    for text in texts {
        let Owned { plugin } = serde_json::from_str(text.get()).ok()?;
        match serde_json::from_str(text.get()) {
            Ok(entry) => all.push((plugin, entry)),
            Err(error) => {
                bad.entry(plugin).or_insert_with(|| error.to_string());
            }
        }
    }
    Some(all)
}

fn left_out(plugins: &[&RawValue], at: usize, reason: &str) -> LeftOut {
    let named = plugins.get(at).and_then(|text| serde_json::from_str(text.get()).ok());
    let plugin = named.map_or_else(|| format!("number {at}"), |Named { name }| name);
    LeftOut { plugin, reason: reason.to_owned() }
}

fn kept(plugins: Vec<Option<Plugin>>, places: &BTreeMap<usize, usize>) -> Vec<Plugin> {
    let kept = plugins.into_iter().enumerate().filter(|(at, _)| places.contains_key(at));
    kept.filter_map(|(_, plugin)| plugin).collect()
}

/// Drops the entries of plugins that are left out, and names the new places of the others.
fn moved<T>(
    entries: Vec<(usize, T)>,
    places: &BTreeMap<usize, usize>,
    plugin: fn(&mut T) -> &mut usize,
) -> Vec<T> {
    let entries = entries.into_iter().filter_map(|(old, mut entry)| {
        *plugin(&mut entry) = *places.get(&old)?;
        Some(entry)
    });
    entries.collect()
}
