//! Builds bundles in temporary directories.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use toolcell_cli::bundle::Cache;
use toolcell_cli::bundle::build::{self, BuildRequest, Components, Summary};
use toolcell_cli::bundle::compile::Target;
use toolcell_cli::bundle::open::{self, Source};
use toolcell_cli::ui::problem::Problem;
use toolcell_cli::ui::progress::Silent;
use toolcell_host::call::Runner;
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
        open::runner(&Source::Bundle(self.path()), &Silent)
    }

    /// Edits `catalog.json`.
    pub fn edit_catalog(&self, edit: impl FnOnce(&mut Value)) {
        let file = self.path().join("catalog.json");
        let text = fs::read(&file).expect("a bundle has a catalog");
        let mut catalog = serde_json::from_slice(&text).expect("a catalog is JSON");
        edit(&mut catalog);
        fs::write(file, catalog.to_string()).expect("a catalog can be written");
    }

    /// Returns the digest of a plugin's component.
    ///
    /// # Panics
    /// Panics if the bundle does not hold the plugin.
    pub fn component(&self, plugin: &str) -> Digest {
        let text = fs::read(self.path().join("catalog.json")).expect("a bundle has a catalog");
        let catalog: Value = serde_json::from_slice(&text).expect("a catalog is JSON");
        let mut plugins = catalog["plugins"].as_array().into_iter().flatten();
        let found = plugins.find(|other| other["name"] == plugin).expect("a plugin of the bundle");
        serde_json::from_value(found["component"].clone()).expect("a catalog has digests")
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
