//! SHA-256 over parts, so that no two lists of parts give the same bytes.

use sha2::{Digest, Sha256};

/// The hash of `parts` for one purpose. Purpose and parts each go in behind their length.
pub(super) fn hash<const PARTS: usize>(purpose: &str, parts: [&[u8]; PARTS]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [purpose.as_bytes()].into_iter().chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
