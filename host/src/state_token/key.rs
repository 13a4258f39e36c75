//! One key: made from a secret, known by an id, used with a cipher.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::hash::hash;

/// Bytes of a nonce: so many that two random ones are never equal.
pub(super) const NONCE_BYTES: usize = 24;

/// Bytes of the tag, which says that nothing was changed.
pub(super) const TAG_BYTES: usize = 16;

/// Characters of a key's id.
pub(super) const ID_CHARS: usize = ID_BYTES / 3 * 4;

const ID_BYTES: usize = 6;

/// A key and what its texts call it.
pub(super) struct Key {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl Key {
    /// The key of a secret.
    pub(super) fn of_secret(secret: &str) -> Self {
        Self::of_bytes(&hash("toolcell state key", [secret.as_bytes()]))
    }

    /// The key of these bytes.
    pub(super) fn of_bytes(bytes: &[u8; 32]) -> Self {
        let id = hash("toolcell state key id", [bytes]);
        Self { id: URL_SAFE_NO_PAD.encode(&id[..ID_BYTES]), cipher: XChaCha20Poly1305::new(bytes.into()) }
    }

    /// Tells the key from others, and nothing about it.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Nonce, ciphertext and tag; nothing where the cipher refuses the length.
    pub(super) fn seal(
        &self,
        nonce: [u8; NONCE_BYTES],
        plaintext: &[u8],
        associated: &[u8],
    ) -> Option<Vec<u8>> {
        let payload = Payload { msg: plaintext, aad: associated };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// Opens what [`seal`](Self::seal) made with the same `associated`.
    pub(super) fn open(&self, sealed: &[u8], associated: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: associated }).ok()
    }
}
