//! Holds the signed index of a release: which catalogs a function may serve, for which engines, and until when.
//!
//! ```text
//! index.json    an envelope (DSSE) ─ signed by a key that the package names ─> ReleaseIndex
//!   └─ digest ─> catalog.bin of one engine ─ digests ─> machine code of each plugin
//! ```
//!
//! Everything here is a function of bytes, keys and the time; `updater` fetches and adopts.
//! [ADR 32](../../../docs/adr/0032-releases.md) compares the format with TUF.

mod ceiling;
mod envelope;
mod error;
mod format;
mod index;
mod key;
mod signing;
#[cfg(test)]
mod tests;

pub use ceiling::CeilingError;
pub use error::ReleaseError;
pub use index::{CatalogEntry, ReleaseIndex};
pub use key::{NotReleaseKeys, TrustedKey, TrustedKeys};
pub use signing::{SigningKey, sign};

use crate::timestamp::Timestamp;
use envelope::Envelope;

/// Reads an index of any origin and checks that one of `keys` signed it. It may be old: [`verify`] is for those who
/// are going to serve it.
///
/// # Errors
///
/// The index is too large or malformed, no trusted key signed it, or a trusted key has signed something else.
pub fn authenticate(bytes: &[u8], keys: &TrustedKeys, now: Timestamp) -> Result<ReleaseIndex, ReleaseError> {
    if bytes.len() > ReleaseIndex::MAX_BYTES {
        return Err(ReleaseError::TooLarge);
    }
    // Of bytes that nobody has signed yet, only the envelope is parsed.
    let envelope = Envelope::read(bytes)?;
    keys.check(&envelope, now)?;
    ReleaseIndex::read(&envelope.payload)
}

/// Reads an index of any origin and checks that it may be adopted: one of `keys` signed it, its serial is at least
/// `lowest_serial`, and it has not expired at `now`.
///
/// # Errors
///
/// Those of [`authenticate`], [`ReleaseError::Rollback`] and [`ReleaseError::Expired`].
pub fn verify(
    bytes: &[u8],
    keys: &TrustedKeys,
    now: Timestamp,
    lowest_serial: u64,
) -> Result<ReleaseIndex, ReleaseError> {
    let index = authenticate(bytes, keys, now)?;
    if index.serial < lowest_serial {
        return Err(ReleaseError::Rollback { serial: index.serial, lowest: lowest_serial });
    }
    if index.expires <= now {
        return Err(ReleaseError::Expired { serial: index.serial, expires: index.expires });
    }
    Ok(index)
}
