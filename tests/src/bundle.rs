//! Builds bundles in temporary directories.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use toolcell_cli::bundle::build::{self, BuildRequest, Components, Summary};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::open::{self, Source};
use toolcell_cli::bundle::{Cache, LockMode};
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::ui::progress::Silent;
use toolcell_host::call::Runner;
use toolcell_host::catalog::{Catalog, CatalogError, Index};
use toolcell_host::digest::Digest;

use crate::fixture;

/// A `toolcell.toml` and the bundle built from it, in a directory that is removed with this value.
#[derive(Debug)]
pub struct Bundle {
    directory: TempDir,
}

impl Bundle {
    /// Builds a configuration for this machine, with a cache that all tests share.
    ///
    /// # Panics
    /// Panics if `toolcell build` refuses the configuration.
    pub fn build(config: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory to build in");
        let bundle = Self { directory };
        fs::write(bundle.config(), config).expect("a configuration can be written");
        let cache = Cache::at(fixture::root().join("target/test-cache"));
        let target = Target::host().expect("tests run where toolcell does");
        bundle.build_again(target, &bundle.path(), cache).unwrap_or_else(|problem| panic!("{problem}"));
        bundle
    }

    /// Builds the same configuration into another directory.
    ///
    /// # Errors
    /// Fails if `toolcell build` refuses the configuration.
    pub fn build_again(&self, target: Target, out: &Path, cache: Cache) -> Result<Summary, Problem> {
        build::build(&BuildRequest {
            config: &self.config(),
            target,
            out,
            components: Components::Prebuilt,
            cache,
            lock: LockMode::Ignore,
            progress: &Silent,
        })
    }

    /// Returns the bundle's directory.
    pub fn path(&self) -> PathBuf {
        self.directory.path().join("bundle")
    }

    /// Opens the bundle as `toolcell serve --bundle` does.
    ///
    /// # Errors
    /// Fails if the bundle was built for another host.
    pub fn open(&self) -> Result<Runner, Problem> {
        open::open(&Source::Bundle(self.path()), &Silent).map(|opened| opened.runner)
    }

    /// Reads the catalog.
    ///
    /// # Panics
    /// Panics if a part of it cannot be read.
    pub fn catalog(&self) -> Catalog {
        read_catalog(&self.path()).expect("a catalog can be read")
    }

    /// Edits the catalog.
    pub fn edit_catalog(&self, edit: impl FnOnce(&mut Catalog)) {
        let mut catalog = self.catalog();
        edit(&mut catalog);
        let bytes = catalog.to_bytes().expect("a catalog can be written");
        fs::write(self.path().join(Catalog::FILE), bytes).expect("a catalog can be written");
    }

    /// Returns the digest of a plugin's component.
    ///
    /// # Panics
    /// Panics if the bundle does not hold the plugin.
    pub fn component(&self, plugin: &str) -> Digest {
        let mut plugins = self.catalog().plugins.into_iter();
        plugins.find(|other| other.name == plugin).expect("a plugin of the bundle").component
    }

    /// Returns the file that holds the machine code of the only plugin.
    pub fn code(&self) -> PathBuf {
        let entries = fs::read_dir(self.path()).expect("a bundle is a directory");
        let mut files = entries.map(|entry| entry.expect("a bundle can be listed").path());
        let is_code = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "cwasm");
        files.find(is_code).expect("a bundle has code")
    }

    fn config(&self) -> PathBuf {
        self.directory.path().join("toolcell.toml")
    }
}

/// Reads what can be read of the catalog of a bundle.
///
/// # Errors
/// Fails if a test has damaged it.
///
/// # Panics
/// Panics if the directory holds no bundle.
pub(crate) fn read_catalog(bundle: &Path) -> Result<Catalog, CatalogError> {
    let bytes = fs::read(bundle.join(Catalog::FILE)).expect("a bundle has a catalog");
    Ok(Index::read(bytes.into())?.contents()?.catalog)
}
