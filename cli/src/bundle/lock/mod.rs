//! `toolcell.lock`: the components and the definitions of tools that the deployer has accepted.
//!
//! `toolcell build` writes the file, the deployer commits it, and `toolcell build --locked` refuses whatever differs from
//! it. Definitions stand in it whole, so that a difference can be shown, and so that a review of the file shows them.

mod difference;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toolcell_host::catalog::{Catalog, ProviderRole};
use toolcell_host::digest::Digest;

use self::difference::differences;
use super::definition::Canonical;
use crate::config::Config;
use crate::ui::problem::{Problem, Result};
use crate::ui::read;
use crate::ui::write::write_atomically;

/// The version of the file's format.
const VERSION: u32 = 1;

/// The use that a build makes of the lock file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// It does not look at it: the bundle is for this machine alone.
    Ignore,
    /// It writes what it built.
    Update,
    /// It refuses what differs from the file, and leaves the file as it is.
    Locked,
}

/// The contents of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    version: u32,
    plugins: BTreeMap<String, LockedPlugin>,
}

/// A plugin as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LockedPlugin {
    /// The digest of its component.
    component: Digest,
    /// Its tools, by the names that clients see.
    tools: BTreeMap<String, LockedTool>,
}

/// A tool as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LockedTool {
    /// The digest of its definition, which clients get in `_meta`.
    digest: Digest,
    definition: Canonical,
}

impl Lock {
    fn of(catalog: &Catalog) -> Self {
        let mut plugins: BTreeMap<_, _> = catalog
            .plugins
            .iter()
            .map(|plugin| {
                (plugin.name.clone(), LockedPlugin { component: plugin.component, tools: BTreeMap::new() })
            })
            .collect();
        for tool in &catalog.tools {
            let definition = Canonical::definition(&tool.entry);
            let locked = LockedTool { digest: definition.digest(), definition };
            if let Some(plugin) = plugins.get_mut(&catalog.plugins[tool.plugin].name) {
                plugin.tools.insert(tool.name.clone(), locked);
            }
        }
        Self { version: VERSION, plugins }
    }

    /// Reads the file; returns `None` if it does not exist.
    fn read(path: &Path) -> Result<Option<Self>> {
        let refuse = |wrong: &str, found: String| {
            Problem::refused(path.display().to_string(), wrong)
                .found(found)
                .expected(format!("a file that `toolcell build` wrote, of version {VERSION}"))
                .next("restore the file from version control, or delete it and run `toolcell build` without --locked")
        };
        let text = match read::read_text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refuse("cannot be read", error.to_string())),
        };
        let lock: Self =
            serde_json::from_str(&text).map_err(|error| refuse("is not a lock file", error.to_string()))?;
        if lock.version != VERSION {
            return Err(refuse("is of another version", format!("version {}", lock.version)));
        }
        let tools = lock.plugins.values().flat_map(|plugin| &plugin.tools);
        for (name, LockedTool { digest, definition }) in tools {
            if definition.digest() != *digest {
                return Err(refuse(
                    "was changed by hand",
                    format!("another definition of `{name}` than its digest says"),
                ));
            }
        }
        Ok(Some(lock))
    }

    fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).expect("names, digests and definitions are JSON") + "\n"
    }
}

/// Returns the path of the lock file of a configuration: `toolcell.lock` beside `toolcell.toml`.
pub fn lock_file(config: &Path) -> PathBuf {
    config.with_extension("lock")
}

/// Compares what is about to be written to a bundle with the lock file of `config`, and writes the file if `mode` says so.
///
/// Returns what has changed since the file was written, a line or more for each plugin or tool; nothing if there was no
/// file.
///
/// # Errors
/// The file is damaged or cannot be written; in [`LockMode::Locked`] also if it is missing, if anything differs from it,
/// or if a plugin has tools that no file can hold.
pub(super) fn apply(
    mode: LockMode,
    config: &Config,
    path_of_config: &Path,
    catalog: &Catalog,
) -> Result<Vec<String>> {
    if mode == LockMode::Ignore {
        return Ok(Vec::new());
    }
    let path = lock_file(path_of_config);
    let (accepted, built) = (Lock::read(&path)?, Lock::of(catalog));
    let changes = accepted.as_ref().map(|accepted| differences(accepted, &built)).unwrap_or_default();
    match (mode, &accepted) {
        (LockMode::Locked, Some(_)) => {
            refuse_differences(&path, &changes)?;
            refuse_unpinned(config, catalog)?;
        }
        (LockMode::Locked, None) => return Err(missing(&path)),
        _ if accepted.as_ref() == Some(&built) => {}
        _ => write_atomically(&path, built.to_text().as_bytes())?,
    }
    Ok(changes)
}

fn missing(path: &Path) -> Problem {
    Problem::refused(path.display().to_string(), "is missing")
        .found("no such file")
        .expected("the lock file of the configuration")
        .next("run `toolcell build` without --locked, review the file that it writes, and commit it")
}

fn refuse_differences(path: &Path, changes: &[String]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    Err(Problem::refused(path.display().to_string(), "differs from what would be built")
        .found(changes.join("\n"))
        .expected("the components and definitions that the file holds")
        .next(
            "review the difference; to accept it, run `toolcell build` without --locked and commit the file",
        ))
}

/// Refuses plugins that list tools at run time, whose definitions nobody knows before, unless the deployer says so.
fn refuse_unpinned(config: &Config, catalog: &Catalog) -> Result<()> {
    let listers = catalog.providers.iter().filter(|provider| provider.role == ProviderRole::ListTools);
    let names = listers.map(|provider| &catalog.plugins[provider.plugin].name);
    let Some(name) =
        names.into_iter().find(|name| !config.plugins.get(*name).is_some_and(|plugin| plugin.unpinned))
    else {
        return Ok(());
    };
    Err(Problem::refused(config.origin.place(&format!("plugins.{name}")), "has tools that cannot be locked")
        .found("the plugin exports `dynamic-tools`, so it lists tools at run time")
        .expected("only tools whose definitions are known now, or a statement that others are accepted")
        .next(format!("if you accept whatever tools it lists, add:\n[plugins.{name}]\nunpinned = true")))
}

#[cfg(test)]
mod tests;
