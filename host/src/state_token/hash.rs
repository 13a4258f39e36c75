//! SHA-256 over parts, so that no two lists of parts give the same bytes.

use crate::digest::Digest;

/// The hash of `parts` for one purpose. Purpose and parts each go in behind their length.
pub(super) fn hash<const PARTS: usize>(purpose: &str, parts: [&[u8]; PARTS]) -> [u8; 32] {
    Digest::of_parts(purpose, parts).0
}
