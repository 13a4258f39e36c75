//! Puts together what a release consists of, before any of it is uploaded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use toolcell_host::catalog::{Catalog, EngineInfo};
use toolcell_host::digest::Digest;
use toolcell_host::release::{CatalogEntry, ReleaseIndex};

use super::contents::contents;
use super::engine::{engine_of, engine_text};
use super::package::{self, Package};
use super::repository::{Current, Repository};
use crate::bundle::build::{self, BuildRequest, Components};
use crate::bundle::compile::{Compiler, Target};
use crate::bundle::{Cache, LockMode, lock_file};
use crate::config::{self, Config};
use crate::plugin::load;
use crate::ui::problem::{Problem, Result};
use crate::ui::progress::Progress;

/// The contents of a release: everything but its serial, its times and its signature.
#[derive(Debug)]
pub struct Draft {
    /// The digest of what all catalogs say alike.
    pub contents: Digest,
    /// The catalogs.
    pub catalogs: Vec<CatalogEntry>,
    /// The objects at hand, by digest.
    pub objects: BTreeMap<Digest, Bytes>,
    /// The objects that the bucket must have: those at hand, and what functions read.
    pub required: BTreeSet<Digest>,
}

/// The fate of engines of the current release for which a draft has no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherEngines {
    /// They keep their catalogs, if these say the same; otherwise the draft is refused.
    Keep,
    /// The release does not serve them any more.
    Drop,
}

/// What a draft is made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The `toolcell.toml`.
    pub config: &'a Path,
    /// The processors to compile for.
    pub targets: &'a [Target],
    /// Tells whether components are made from their source first.
    pub components: Components,
    /// The bundle of the package that the release is deployed beside.
    pub package: Option<&'a Path>,
    /// The receiver of progress.
    pub progress: &'a dyn Progress,
}

impl Draft {
    /// Makes a draft of one catalog, with the objects at hand.
    fn of(catalog: &Catalog, mut objects: BTreeMap<Digest, Bytes>) -> Result<Self> {
        let bytes = catalog.to_bytes().map_err(|error| {
            Problem::refused("the catalog", "cannot be published")
                .found(error.to_string())
                .expected("a catalog that a function can read")
                .next("serve fewer tools")
        })?;
        let digest = Digest::of(&bytes);
        let entry = CatalogEntry { engine: catalog.engine.clone(), digest, bytes: bytes.len() as u64 };
        objects.insert(digest, bytes.into());
        let code = catalog.plugins.iter().map(|plugin| plugin.code);
        let required = objects.keys().copied().chain(code).collect();
        Ok(Self { contents: contents(catalog), catalogs: vec![entry], objects, required })
    }

    /// Compiles a configuration for each target, from no cache: what is signed was made here and now.
    ///
    /// # Errors
    /// As [`build::build`]; the package has the same names.
    pub fn compile(sources: &Sources<'_>) -> Result<Self> {
        let config = config::read(sources.config)?;
        let (first, others) = sources.targets.split_first().expect("the command line has a default");
        // The first one builds the components.
        let mut draft = compile_for(sources, &config, *first, sources.components)?;
        for target in others {
            draft = draft.and(compile_for(sources, &config, *target, Components::Prebuilt)?)?;
        }
        Ok(draft)
    }

    /// Makes the current release again, with code for one more `bootstrap`.
    ///
    /// # Errors
    /// The program is not one that this toolcell compiles for, or the current release cannot be read.
    pub async fn upgrade(
        repository: &Repository,
        current: &Current,
        bootstrap: &Path,
        package: Option<&Path>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (target, engine) = engine_of(bootstrap)?;
        let entry = current.index.catalogs.first().expect("an index has a catalog");
        let mut catalog = repository.catalog(entry).await?;
        let own = package.map(|package| Package::read(package, &engine)).transpose()?;
        let compiler = Compiler::new(target)?;
        let (mut objects, count) = (BTreeMap::new(), catalog.plugins.len());
        for (at, plugin) in catalog.plugins.iter_mut().enumerate() {
            let code = match own.as_ref().and_then(|package| package.code(&plugin.component)) {
                Some(code) => code?,
                None => {
                    let component = repository.object(&plugin.component).await?;
                    progress.compiling(&plugin.name, at + 1, count, component.len());
                    compiler.compile(&plugin.name, &component)?.into()
                }
            };
            (plugin.code, plugin.code_bytes) = (Digest::of(&code), code.len() as u64);
            objects.insert(plugin.code, code);
        }
        progress.compiled();
        catalog.engine = engine;
        catalog.format = Catalog::FORMAT;
        Self::of(&catalog, objects)
    }

    /// Takes the contents of an earlier release.
    ///
    /// # Errors
    /// A catalog of it cannot be read.
    pub async fn again(repository: &Repository, index: ReleaseIndex) -> Result<Self> {
        let required = repository.named(&index.catalogs).await?.code;
        let (contents, catalogs, objects) = (index.contents, index.catalogs, BTreeMap::new());
        Ok(Self { contents, catalogs, objects, required })
    }

    /// Joins the drafts of two engines.
    fn and(mut self, other: Self) -> Result<Self> {
        if self.contents != other.contents {
            return Err(Problem::internal("the catalogs of two processors", "say different things")
                .found("other contents")
                .expected("the same tools for every processor")
                .next("check that no file changes while the command runs"));
        }
        self.catalogs.extend(other.catalogs);
        self.objects.extend(other.objects);
        self.required.extend(other.required);
        Ok(self)
    }

    /// Sees to the engines of the current release that this draft has no code for.
    ///
    /// # Errors
    /// Such an engine would be left without code.
    pub async fn keep(
        mut self,
        repository: &Repository,
        current: &ReleaseIndex,
        others: OtherEngines,
    ) -> Result<Self> {
        let has = |engine: &EngineInfo| self.catalogs.iter().any(|entry| entry.engine == *engine);
        let missing: Vec<_> = current.catalogs.iter().filter(|entry| !has(&entry.engine)).cloned().collect();
        if missing.is_empty() || others == OtherEngines::Drop {
            return Ok(self);
        }
        if current.contents != self.contents {
            let engines: Vec<_> = missing.iter().map(|entry| engine_text(&entry.engine)).collect();
            return Err(Problem::refused(repository.shown(), "serves functions that this release has no code for")
                .found(engines.join("; "))
                .expected("code for every engine of the current release")
                .next(
                    "publish for all of them with --target; or, if no function with such an engine is deployed any \
                     more, pass --drop-engines",
                ));
        }
        self.required.extend(repository.named(&missing).await?.code);
        self.catalogs.extend(missing);
        Ok(self)
    }
}

fn compile_for(
    sources: &Sources<'_>,
    config: &Config,
    target: Target,
    components: Components,
) -> Result<Draft> {
    let directory = tempfile::tempdir().map_err(|error| {
        Problem::internal("toolcell publish", "cannot make a directory").found(error.to_string())
    })?;
    let out = directory.path().join("bundle");
    let (cache, progress) = (Cache::off(), sources.progress);
    // What was reviewed is what is published.
    let lock = if lock_file(sources.config).is_file() { LockMode::Locked } else { LockMode::Ignore };
    build::build(&BuildRequest {
        config: sources.config,
        target,
        out: &out,
        components,
        cache,
        lock,
        progress,
    })?;
    let built = package::catalog(&out)?;
    let mut objects = BTreeMap::new();
    for plugin in &built.plugins {
        objects.insert(plugin.code, package::code(&out, &plugin.code)?);
        let settings = config.plugins.get(&plugin.name);
        let loaded = settings.map(|settings| load::load(&settings.source)).transpose()?;
        let Some(loaded) = loaded else { continue };
        if loaded.component.digest != plugin.component {
            return Err(Problem::internal(
                loaded.file.display().to_string(),
                "has changed since it was compiled",
            )
            .found(format!("sha256:{}", loaded.component.digest))
            .expected(format!("sha256:{}", plugin.component))
            .next("check that no file changes while the command runs"));
        }
        objects.insert(plugin.component, loaded.bytes.into());
    }
    let mut catalog = built.for_release();
    if let Some(path) = sources.package {
        let package = Package::read(path, &catalog.engine)?;
        for plugin in &package.catalog.plugins {
            objects.extend(package.code(&plugin.component).transpose()?.map(|code| (plugin.code, code)));
        }
        catalog = package::merge(&package.catalog, catalog)?;
    }
    Draft::of(&catalog, objects)
}
