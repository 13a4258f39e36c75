//! The numbers and names of the format of an index.

/// The version of the payload that this host reads.
pub(super) const FORMAT: u64 = 1;

/// The type of the payload, which is signed with it.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.toolcell.release+json";

/// The largest index with its envelope, in bytes.
pub(super) const MAX_BYTES: usize = 64 << 10;

/// The most catalogs of a release: two kinds of processors, before and after an upgrade, and room.
pub(super) const MAX_CATALOGS: usize = 32;

/// The most keys that are trusted, and the most signatures of an index: one for each of them.
pub(super) const MAX_KEYS: usize = 16;
