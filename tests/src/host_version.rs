//! Versions of the host: the programs of this workspace, and copies of them that have another engine.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use memchr::memmem::Finder;
use tempfile::TempDir;
use toolcell_host::sandbox::engine::MARK;

use crate::fixture;

/// The programs of one version.
#[derive(Debug)]
pub struct HostVersion {
    /// The `toolcell` that compiles for it.
    pub toolcell: PathBuf,
    /// The function's program.
    pub bootstrap: PathBuf,
    _copies: Option<TempDir>,
}

impl HostVersion {
    /// Returns the version of this workspace.
    ///
    /// # Panics
    /// Panics if a program cannot be built.
    pub fn current() -> Self {
        let (toolcell, bootstrap) = (fixture::toolcell().to_owned(), fixture::bootstrap().to_owned());
        Self { toolcell, bootstrap, _copies: None }
    }

    /// Makes a version with another engine: copies of the programs, with another number where they name theirs.
    /// Neither loads code that the other one's `toolcell` has compiled.
    ///
    /// # Panics
    /// Panics if a program names no engine.
    pub fn next() -> Self {
        let Self { toolcell, bootstrap, .. } = Self::current();
        let directory = tempfile::tempdir().expect("a directory for programs");
        let copy = |program: &Path| {
            let path = directory.path().join(program.file_name().expect("a program has a name"));
            fs::write(&path, with_another_engine(program)).expect("a program can be copied");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a copy can be run");
            path
        };
        Self { toolcell: copy(&toolcell), bootstrap: copy(&bootstrap), _copies: Some(directory) }
    }

    /// Builds a configuration into the directory `bundle` beside it, with this version's `toolcell`.
    ///
    /// # Panics
    /// Panics if the configuration is refused.
    pub fn build(&self, config: &Path) -> PathBuf {
        let bundle = config.with_file_name("bundle");
        let mut command = Command::new(&self.toolcell);
        command.args(["build", "--prebuilt", "--target", "host", "--config"]).arg(config);
        let built = command.arg("--out").arg(&bundle).output().expect("toolcell can be run");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        bundle
    }

    /// Returns the line in which the function's program names its engine.
    ///
    /// # Panics
    /// Panics if the program cannot be run.
    pub fn engine(&self) -> String {
        let told = Command::new(&self.bootstrap).arg("--engine").output().expect("bootstrap can be run");
        String::from_utf8(told.stdout).expect("an engine is a text")
    }
}

/// Reads a program and changes the number of its engine's configuration.
fn with_another_engine(program: &Path) -> Vec<u8> {
    let mut bytes = fs::read(program).expect("a program can be read");
    let (mark, _) = MARK.split_once(" target=").expect("the mark names a target");
    let places: Vec<_> = Finder::new(mark).find_iter(&bytes).map(|start| start + mark.len() - 1).collect();
    assert!(!places.is_empty(), "{} names no engine", program.display());
    for place in places {
        bytes[place] = if bytes[place] == b'9' { b'8' } else { b'9' };
    }
    bytes
}
