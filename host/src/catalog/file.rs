//! Opens the catalog's file.

use std::io::Read as _;

use bytes::Bytes;
use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt as _};
use rustix::fs::OFlags;

use super::error::CatalogError;
use super::format::Catalog;
use crate::artifact;

/// Tells how far the files of a bundle are trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Anyone who can write them could also replace this program: they are mapped, and code is not compared with its
    /// digest.
    Package,
    /// Damage is to be noticed, and later changes must have no effect: they are copied and compared with their digests.
    Verified,
}

/// Maps the file in `directory` if it is trusted, and copies it if not.
pub(super) fn open(directory: &Dir, trust: Trust) -> Result<Bytes, CatalogError> {
    let mut options = OpenOptions::new();
    // Without NONBLOCK, opening a pipe waits for its writer.
    options.read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    let file = directory.open_with(Catalog::FILE, &options).map_err(CatalogError::Unreadable)?;
    let metadata = file.metadata().map_err(CatalogError::Unreadable)?;
    if !metadata.is_file() {
        return Err(CatalogError::NotAFile);
    }
    if metadata.len() > Catalog::MAX_BYTES {
        return Err(CatalogError::TooLarge);
    }
    let file = file.into_std();
    match trust {
        Trust::Package => artifact::mapped(&file).map_err(CatalogError::Unreadable),
        Trust::Verified => {
            // The file may grow while it is read.
            let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
            file.take(Catalog::MAX_BYTES + 1).read_to_end(&mut bytes).map_err(CatalogError::Unreadable)?;
            artifact::copied(&bytes).map_err(CatalogError::Unreadable)
        }
    }
}
