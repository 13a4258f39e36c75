//! The payload of an index.

use serde::{Deserialize, Serialize};

use super::error::ReleaseError;
use super::format;
use crate::catalog::{Catalog, EngineInfo};
use crate::digest::Digest;
use crate::timestamp::Timestamp;

/// One release: the catalogs of the same plugins, one for each engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseIndex {
    /// The version of this format: [`ReleaseIndex::FORMAT`].
    pub format: u64,
    /// The number of the release, from 1; it grows with every release.
    pub serial: u64,
    /// The serial of the release that functions saw before; 0 if there was none.
    pub replaces: u64,
    /// The time at which it was signed.
    pub published: Timestamp,
    /// The time from which nobody adopts it any more.
    pub expires: Timestamp,
    /// The digest of what all catalogs say alike: everything but engine and machine code.
    pub contents: Digest,
    /// The catalogs, at least one and at most one for an engine.
    pub catalogs: Vec<CatalogEntry>,
}

/// A catalog of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogEntry {
    /// The engine that its machine code was compiled for.
    pub engine: EngineInfo,
    /// The SHA-256 digest of the file, which is also the name of the object.
    pub digest: Digest,
    /// The size of the file, in bytes: nobody needs to read more.
    pub bytes: u64,
}

/// The part of the payload that tells whether this version can read the rest.
#[derive(Deserialize)]
struct Versioned {
    format: u64,
}

impl ReleaseIndex {
    /// The version of the format that this host reads.
    pub const FORMAT: u64 = format::FORMAT;
    /// The largest index with its envelope, in bytes.
    pub const MAX_BYTES: usize = format::MAX_BYTES;
    /// The most catalogs of a release.
    pub const MAX_CATALOGS: usize = format::MAX_CATALOGS;

    /// Reads the payload, which a trusted key has signed.
    pub(super) fn read(payload: &[u8]) -> Result<Self, ReleaseError> {
        let Versioned { format } = serde_json::from_slice(payload).map_err(ReleaseError::Malformed)?;
        if format != Self::FORMAT {
            return Err(ReleaseError::OtherFormat { found: format });
        }
        let index: Self = serde_json::from_slice(payload).map_err(ReleaseError::Malformed)?;
        index.check().map_err(ReleaseError::Invalid)?;
        Ok(index)
    }

    /// Checks what the types do not say.
    fn check(&self) -> Result<(), &'static str> {
        if self.serial == 0 {
            return Err("`serial` is 0, expected 1 or more");
        }
        if self.replaces >= self.serial {
            return Err("`replaces` is not lower than `serial`");
        }
        if self.expires <= self.published {
            return Err("`expires` is not later than `published`");
        }
        if !(1..=Self::MAX_CATALOGS).contains(&self.catalogs.len()) {
            return Err("`catalogs` does not name 1 to 32 catalogs");
        }
        if self.catalogs.iter().any(|entry| !(1..=Catalog::MAX_BYTES).contains(&entry.bytes)) {
            return Err("`bytes` of a catalog is not a size that a catalog can have");
        }
        let mut engines = self.catalogs.iter().map(|entry| &entry.engine).enumerate();
        if engines.any(|(at, engine)| self.catalogs[..at].iter().any(|other| other.engine == *engine)) {
            return Err("two catalogs are for the same engine");
        }
        Ok(())
    }

    /// Returns the catalog for an engine that `fits`.
    pub fn catalog(&self, fits: impl Fn(&EngineInfo) -> bool) -> Option<&CatalogEntry> {
        self.catalogs.iter().find(|entry| fits(&entry.engine))
    }
}
