//! Publishes releases into the store, and describes functions that follow them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use crate::environment;
use crate::store::{BUCKET, Store};

/// The beginning of a package without plugins. A check that falls into a measurement would disturb it.
const PACKAGE: &str = "[releases]\ncheck = \"1 h\"\n";

/// The table of a package that allows a directory to plugins of releases.
const ALLOWED: &str = "[[releases.ceiling.grants.directories]]\n";

/// The releases in a store of their own, and the package of the functions that follow them.
pub(crate) struct Releases {
    store: Store,
    toolcell: PathBuf,
    /// The folder of the package: `bootstrap` with its bundle, and the key.
    folder: PathBuf,
    public: String,
}

impl Releases {
    /// Starts a store, makes a key, and makes a package in `folder` for the releases of these configurations.
    ///
    /// # Errors
    /// Fails when a file cannot be written, or a command fails.
    pub(crate) fn new<'c>(
        toolcell: &Path,
        bootstrap: &Path,
        folder: &Path,
        configs: impl Iterator<Item = &'c PathBuf>,
    ) -> anyhow::Result<Self> {
        let _ = fs::remove_dir_all(folder); // there may be none of an earlier run
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let folder = fs::canonicalize(folder)?;
        let toolcell = fs::canonicalize(toolcell).with_context(|| format!("no {}", toolcell.display()))?;
        let mut package = PACKAGE.to_owned();
        for config in configs {
            let config = fs::read_to_string(config).with_context(|| format!("no {}", config.display()))?;
            for table in allowed(&config) {
                if !package.contains(&table) {
                    package += &table;
                }
            }
        }
        fs::write(folder.join("toolcell.toml"), package)?;
        fs::copy(bootstrap, folder.join("bootstrap")).context("cannot copy the bootstrap")?;
        let mut releases = Releases { store: Store::start()?, toolcell, folder, public: String::new() };
        releases.run(&["build", "--target", "host", "--out", "bundle"])?;
        releases.public = releases.run(&["keygen", "bench"])?.trim().to_owned();
        Ok(releases)
    }

    /// Publishes a configuration as the release for so many tools.
    ///
    /// # Errors
    /// Fails when the command fails.
    pub(crate) fn publish(&self, tools: usize, config: &Path) -> anyhow::Result<()> {
        let config = fs::canonicalize(config).with_context(|| format!("no {}", config.display()))?;
        let (config, place) = (config.display().to_string(), place(tools));
        let release = ["publish", "--prebuilt", "--target", "host", "--key", "bench.key"];
        self.run(&[&release[..], &["--config", &config, "--to", &place]].concat())?;
        Ok(())
    }

    /// Returns the program of a function that follows the release for so many tools, and its variables.
    pub(crate) fn function(&self, tools: usize) -> (PathBuf, Vec<(String, OsString)>) {
        let variables = [
            ("TOOLCELL_BUNDLE", place(tools)),
            ("TOOLCELL_RELEASE_KEYS", self.public.clone()),
            ("TOOLCELL_ALLOW_ANONYMOUS", "true".to_owned()),
            ("AWS_ENDPOINT_URL_S3", self.store.endpoint()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.into()));
        (self.folder.join("bootstrap"), variables.into())
    }

    /// Runs a command of `toolcell` in the package's folder, and returns what it prints.
    fn run(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = Command::new(&self.toolcell);
        environment::set_defined(&mut command);
        command.args(arguments).current_dir(&self.folder).env("AWS_ENDPOINT_URL_S3", self.store.endpoint());
        let ran = command.output().with_context(|| format!("cannot run {}", self.toolcell.display()))?;
        let said = String::from_utf8_lossy(&ran.stderr);
        ensure!(ran.status.success(), "toolcell {}: {said}", arguments.join(" "));
        Ok(String::from_utf8(ran.stdout)?)
    }
}

/// Returns the tables that allow the directories that a configuration grants.
fn allowed(config: &str) -> impl Iterator<Item = String> {
    let granted = config.split("\n[").filter_map(|table| table.split_once(".grants.directories]]\n"));
    granted.map(|(_, lines)| {
        let lines = lines.lines().filter(|line| line.starts_with("host = ") || line.starts_with("guest = "));
        lines.fold(ALLOWED.to_owned(), |table, line| table + line + "\n")
    })
}

fn place(tools: usize) -> String {
    format!("s3://{BUCKET}/tools-{tools}")
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn each_directory_that_is_granted_is_allowed() {
        let config = "[plugins.a]\nsource = \"a\"\n\n# Words.\n[[plugins.a.grants.directories]]\nhost = \"h\"\n\
                      guest = \"/g\"\n\n[plugins.b]\nsource = \"b\"\n";
        let table = "[[releases.ceiling.grants.directories]]\nhost = \"h\"\nguest = \"/g\"\n";
        assert_eq!(allowed(config).collect::<Vec<_>>(), [table]);
    }
}
