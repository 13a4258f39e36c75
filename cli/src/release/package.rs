//! Joins a release with the plugins of the package that it is deployed beside.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use toolcell_host::catalog::{Catalog, EngineInfo, Index, ProviderRole, Trust};
use toolcell_host::digest::Digest;

use super::engine::engine_text;
use crate::bundle::{InUse, code_file};
use crate::ui::problem::{Problem, Result};
use crate::ui::read::{MAX_COMPONENT_BYTES, read_regular};

/// Reads the catalog of a bundle.
///
/// # Errors
/// It is no bundle.
pub(super) fn catalog(bundle: &Path) -> Result<Catalog> {
    let refuse = |found: String| {
        Problem::refused(bundle.display().to_string(), "is not a bundle that can be published")
            .found(found)
            .expected("a directory that `toolcell build` wrote")
            .next("run `toolcell build --out DIR` and pass that directory")
    };
    let directory =
        Dir::open_ambient_dir(bundle, ambient_authority()).map_err(|error| refuse(error.to_string()))?;
    let read = Index::open(&directory, Trust::Verified).and_then(|index| index.contents());
    read.map(|contents| contents.catalog).map_err(|error| refuse(error.to_string()))
}

/// Reads the machine code with a digest out of a bundle.
///
/// # Errors
/// There is no such file.
pub(super) fn code(bundle: &Path, digest: &Digest) -> Result<Bytes> {
    let path = bundle.join(code_file(digest));
    let read = read_regular(&path, MAX_COMPONENT_BYTES).map(Bytes::from);
    let read =
        read.map_err(|error| error.to_string()).and_then(|bytes| match Digest::of(&bytes) == *digest {
            true => Ok(bytes),
            false => Err("other bytes".to_owned()),
        });
    read.map_err(|found| {
        Problem::refused(path.display().to_string(), "is not the code that the catalog names")
            .found(found)
            .expected("a whole bundle")
            .next("run `toolcell build` again")
    })
}

/// The bundle in the package that a release is deployed beside.
pub(super) struct Package {
    path: PathBuf,
    _in_use: InUse,
    /// Its catalog, as far as a release may repeat it.
    pub(super) catalog: Catalog,
}

impl Package {
    /// Reads a bundle that was built for `engine`.
    ///
    /// # Errors
    /// It is no bundle, or was built for another engine.
    pub(super) fn read(bundle: &Path, engine: &EngineInfo) -> Result<Self> {
        let in_use = InUse::of(bundle);
        let package = catalog(bundle)?;
        if package.engine == *engine {
            let (path, catalog) = (bundle.to_owned(), package.for_release());
            return Ok(Self { path, _in_use: in_use, catalog });
        }
        Err(other_engine(bundle, &package.engine, engine))
    }

    /// Returns the machine code of a component; `None` if the package does not have it.
    pub(super) fn code(&self, component: &Digest) -> Option<Result<Bytes>> {
        let plugin = self.catalog.plugins.iter().find(|plugin| plugin.component == *component)?;
        Some(code(&self.path, &plugin.code))
    }
}

fn other_engine(bundle: &Path, found: &EngineInfo, expected: &EngineInfo) -> Problem {
    Problem::refused(bundle.display().to_string(), "was built for another engine than the release")
        .found(engine_text(found))
        .expected(engine_text(expected))
        .next("build the package with the same toolcell and --target, and publish for this target alone")
}

/// Puts the plugins of the package and of a release into one catalog.
///
/// # Errors
/// Two of them have the same name, or want the same resources.
pub(super) fn merge(package: &Catalog, release: Catalog) -> Result<Catalog> {
    refuse_clashes(package, &release)?;
    let mut merged = release;
    let offset = merged.plugins.len();
    merged.plugins.extend(package.plugins.iter().cloned());
    merged.tools.extend(package.tools.iter().cloned().map(|mut tool| {
        tool.item.plugin += offset;
        tool
    }));
    merged.prompts.extend(package.prompts.iter().cloned().map(|mut prompt| {
        prompt.item.plugin += offset;
        prompt
    }));
    merged.providers.extend(package.providers.iter().cloned().map(|mut provider| {
        provider.plugin += offset;
        provider
    }));
    Ok(sorted(merged))
}

/// Sorts plugins by name, and everything else by plugin and name.
fn sorted(mut catalog: Catalog) -> Catalog {
    let mut order: Vec<_> = (0..catalog.plugins.len()).collect();
    order.sort_by(|one, other| catalog.plugins[*one].name.cmp(&catalog.plugins[*other].name));
    let place = |old: usize| order.iter().position(|place| *place == old).unwrap_or_default();
    catalog.tools.iter_mut().for_each(|tool| tool.item.plugin = place(tool.item.plugin));
    catalog.prompts.iter_mut().for_each(|prompt| prompt.item.plugin = place(prompt.item.plugin));
    catalog.providers.iter_mut().for_each(|provider| provider.plugin = place(provider.plugin));
    catalog.tools.sort_by(|one, other| (one.plugin, &one.name).cmp(&(other.plugin, &other.name)));
    catalog.prompts.sort_by(|one, other| (one.plugin, &one.name).cmp(&(other.plugin, &other.name)));
    catalog.providers.sort_by_key(|provider| (provider.plugin, provider.role));
    catalog.plugins = order.iter().map(|place| catalog.plugins[*place].clone()).collect();
    catalog
}

fn refuse_clashes(package: &Catalog, release: &Catalog) -> Result<()> {
    let plugin = same(&package.plugins, &release.plugins, |plugin| &plugin.name);
    let tool = same(&package.tools, &release.tools, |tool| &tool.item.name);
    let prompt = same(&package.prompts, &release.prompts, |prompt| &prompt.item.name);
    let named = [("a plugin", plugin), ("a tool", tool), ("a prompt", prompt)];
    if let Some((kind, Some(name))) = named.into_iter().find(|(_, name)| name.is_some()) {
        return Err(clash(format!("{kind} `{name}` in both")));
    }
    for (role, overlaps) in [
        (ProviderRole::ReadResource, uris as fn(&Catalog, ProviderRole) -> Vec<String>),
        (ProviderRole::GetPrompt, prefixes),
        (ProviderRole::CallTool, prefixes),
    ] {
        let theirs = overlaps(release, role);
        let overlap =
            |mine: &String| theirs.iter().any(|other| mine.starts_with(other) || other.starts_with(mine));
        if let Some(mine) = overlaps(package, role).into_iter().find(overlap) {
            let (interface, _) = role.function();
            let start = if mine.is_empty() { "anything".to_owned() } else { format!("{mine:?}") };
            return Err(clash(format!("`{interface}` in both, for names that start with {start}")));
        }
    }
    Ok(())
}

fn clash(found: String) -> Problem {
    Problem::refused("--package", "clashes with the release")
        .found(found)
        .expected("names that are unique in the function")
        .next("add a `prefix` to one of the plugins, or leave it out of toolcell.toml")
}

/// Finds a name that two lists have in common.
fn same<T>(one: &[T], other: &[T], name: fn(&T) -> &String) -> Option<String> {
    let has = |wanted: &&String| other.iter().any(|item| name(item) == *wanted);
    one.iter().map(name).find(has).cloned()
}

/// Returns the prefixes of the URIs of all plugins with resources; an empty one stands for any URI.
fn uris(catalog: &Catalog, role: ProviderRole) -> Vec<String> {
    let providers = catalog.providers.iter().filter(|provider| provider.role == role);
    providers
        .flat_map(|provider| match provider.uris.clone() {
            none if none.is_empty() => vec![String::new()],
            uris => uris,
        })
        .collect()
}

/// Returns the prefixes of what all plugins offer at run time.
fn prefixes(catalog: &Catalog, role: ProviderRole) -> Vec<String> {
    let providers = catalog.providers.iter().filter(|provider| provider.role == role);
    providers.map(|provider| provider.prefix.clone()).collect()
}
