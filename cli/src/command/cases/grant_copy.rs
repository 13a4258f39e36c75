//! Creates the grants of one run: each directory is a copy.
//!
//! A copy, because a case has to be the same each time: what the plugin writes is gone with it, and every file was
//! last modified at the moment that the case's clock shows, whatever a checkout has made of it.

use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use toolcell_host::catalog::{Directory, Grants};

use super::case::Case;
use crate::ui::problem::{Problem, Result};

/// Grants with directories of their own.
pub(super) struct Granted {
    /// The grants; directories are absolute.
    pub(super) grants: Grants,
    /// The temporary directory; dropped with this value.
    _copies: TempDir,
}

/// Makes what a case grants.
///
/// # Errors
/// A directory is not there, or cannot be copied.
pub(super) fn make(case: &Case, plugin: &Path) -> Result<Granted> {
    let copies = tempfile::tempdir().map_err(|error| no_copy(&std::env::temp_dir(), &error))?;
    let modified = SystemTime::UNIX_EPOCH + Duration::from_millis(case.replay.now_ms);
    let mut grants = case.grants.clone();
    for (at, directory) in grants.directories.iter_mut().enumerate() {
        let original = plugin.join(&directory.host);
        if !original.is_dir() {
            return Err(no_directory(case, at, directory, &original));
        }
        let copied = copies.path().join(at.to_string());
        copy(&original, &copied, modified).map_err(|error| no_copy(&original, &error))?;
        directory.host = copied.display().to_string();
    }
    Ok(Granted { grants, _copies: copies })
}

fn no_directory(case: &Case, at: usize, directory: &Directory, original: &Path) -> Problem {
    Problem::refused(format!("{}.directories[{at}].host", case.grants_place), "is not a directory")
        .found(format!("{:?}, so {}", directory.host, original.display()))
        .expected("an existing directory; relative paths start at plugin.toml's folder")
        .next("create the directory, or correct the path")
}

fn no_copy(path: &Path, error: &io::Error) -> Problem {
    Problem::internal(path.display().to_string(), "cannot be copied")
        .found(error.to_string())
        .expected("readable files, and disk space for temporary copies")
        .next("free some disk space or change the permissions")
}

/// Copies a directory: directories, files and links; nothing else is data.
fn copy(from: &Path, to: &Path, modified: SystemTime) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            symlink(fs::read_link(&from)?, &to)?;
        } else if kind.is_dir() {
            copy(&from, &to, modified)?;
        } else if kind.is_file() {
            fs::copy(&from, &to)?;
            touch(&to, modified)?;
        }
    }
    touch(to, modified)
}

fn touch(path: &Path, modified: SystemTime) -> io::Result<()> {
    File::open(path)?.set_times(FileTimes::new().set_modified(modified).set_accessed(modified))
}
