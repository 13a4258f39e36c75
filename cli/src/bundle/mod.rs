//! Writes and reads the directory that a server runs from: `catalog.bin` and content-addressed code.
//!
//! ```text
//! config  ─┐                     resolve: limit, scope, grant, list_entry
//! plugins ─┴─> build ─> select ──┴─> catalog ─┐
//!                └────> compile ──> code ─────┴─> lock ─> read_back ─> bundle ─> open ─> host
//! ```
//!
//! [`build`] makes a bundle of a `toolcell.toml`, [`open`] makes a host of a bundle, and [`load_errors`] tells which of
//! its plugins cannot be called on this machine.

pub mod build;
mod cache;
pub mod compile;
pub(crate) mod definition;
pub mod grant;
mod in_use;
mod item;
pub mod limit;
pub(crate) mod list_entry;
pub mod load_errors;
mod lock;
pub mod open;
mod read_back;
mod resolve;
mod scope;
pub mod select;
mod side_by_side;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use toolcell_host::catalog::Catalog;
use toolcell_host::digest::Digest;

pub use cache::{CACHE_VARIABLE, Cache};
pub(crate) use in_use::InUse;
pub use lock::{LockMode, lock_file};

use crate::ui::problem::{Problem, Result};
use crate::ui::write::{UNFINISHED, cannot_write, write_atomically};

/// Ending of precompiled components.
const CODE: &str = "cwasm";

/// The file that holds the code of this digest.
pub fn code_file(code: &Digest) -> String {
    format!("{code}.{CODE}")
}

/// Writes a bundle: code and certificates first, then the catalog, then away with what it no longer names, unless somebody
/// uses the directory. Returns the bytes of the catalog.
///
/// # Errors
/// The directory cannot be written or holds something that is not a bundle, or the server could not read the catalog.
pub fn write(directory: &Path, catalog: &Catalog, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>> {
    refuse_foreign(directory)?;
    let catalog_file = directory.join(Catalog::FILE);
    let bytes = read_back::catalog(&catalog_file.display().to_string(), catalog)?;
    fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
    let writing = InUse::of(directory);
    for (name, bytes) in files {
        let path = directory.join(name);
        // What has another size is not even read: it may be huge, or a pipe that never ends.
        let may_be_same =
            fs::metadata(&path).is_ok_and(|file| file.is_file() && file.len() == bytes.len() as u64);
        let present = may_be_same && fs::read(&path).is_ok_and(|present| present == *bytes);
        if !present {
            write_atomically(&path, bytes)?;
        }
    }
    write_atomically(&catalog_file, &bytes)?;
    drop(writing);
    in_use::unless(directory, || remove_stale(directory, &bytes, files)).unwrap_or(Ok(()))?;
    Ok(bytes)
}

/// A directory with other people's files is probably a slip of the hand.
fn refuse_foreign(directory: &Path) -> Result<()> {
    let foreign = files(directory)?.into_iter().find(|name| !is_ours(name));
    match foreign {
        None => Ok(()),
        Some(name) => Err(Problem::refused(directory.display().to_string(), "is not a bundle")
            .found(format!("contains {name}"))
            .expected("a new or empty directory, or a bundle")
            .next("name another directory with --out DIR")),
    }
}

/// Removes what a bundle does not name, unless another build has taken its place.
fn remove_stale(directory: &Path, catalog: &[u8], named: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    if !fs::read(directory.join(Catalog::FILE)).is_ok_and(|present| present == catalog) {
        return Ok(());
    }
    for name in files(directory)? {
        if name != Catalog::FILE && !named.contains_key(&name) {
            let path = directory.join(&name);
            fs::remove_file(&path).map_err(|error| cannot_write(&path, &error))?;
        }
    }
    Ok(())
}

/// Tells whether a bundle may hold a file of this name: the catalog, also that of older versions, code, certificates,
/// or what an interrupted build left.
fn is_ours(name: &str) -> bool {
    let stem = name.strip_suffix(".cwasm").or(name.strip_suffix(".pem")).unwrap_or_default();
    [Catalog::FILE, "catalog.json"].contains(&name)
        || name.starts_with(UNFINISHED)
        || stem.parse::<Digest>().is_ok()
}

fn files(directory: &Path) -> Result<Vec<String>> {
    let list = || -> io::Result<Vec<String>> {
        fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    };
    match list() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(|error| cannot_write(directory, &error)),
    }
}
