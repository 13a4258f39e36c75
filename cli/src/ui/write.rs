//! Writes files so that a reader sees all of a file or none of it.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::problem::{Problem, Result};

/// The beginning of the names of files that are not whole yet.
pub(crate) const UNFINISHED: &str = ".toolcell-";

/// Files of a bundle may be read by everybody: on Lambda another user runs than the one who built.
const MODE: u32 = 0o644;

/// Writes a file so that a reader sees all of it or none.
///
/// # Errors
/// The directory cannot be written.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomically_as(path, bytes, Permissions::from_mode(MODE))
}

/// Writes a file so that a reader sees all of it or none, and nobody sees any of it without these permissions.
///
/// # Errors
/// The directory cannot be written.
pub(crate) fn write_atomically_as(path: &Path, bytes: &[u8], permissions: Permissions) -> Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        fs::create_dir_all(directory)?;
        // For its owner alone, until it is whole.
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(directory)?;
        file.write_all(bytes)?;
        file.as_file().set_permissions(permissions.clone())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| cannot_write(path, &error))
}

/// Reports a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Problem {
    Problem::internal(path.display().to_string(), "cannot be written")
        .found(error.to_string())
        .expected("a writable directory")
        .next("free some disk space, change the permissions, or name another path")
}
