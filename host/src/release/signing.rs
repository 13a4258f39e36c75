//! Signs an index. The command does so when it publishes, and tests do; the function never.

use std::fmt;

use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::envelope::{Envelope, Signature, signed_bytes};
use super::index::ReleaseIndex;
use crate::public_key::{NotAPublicKey, PublicKey};

/// A private key that signs releases.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl SigningKey {
    /// The bytes of a seed, of which the key is made.
    pub const SEED_BYTES: usize = 32;

    /// Makes the key of a seed: 32 random bytes.
    ///
    /// # Errors
    ///
    /// The seed makes a key for which everybody can sign; no random one does.
    pub fn of_seed(seed: &[u8; Self::SEED_BYTES]) -> Result<Self, NotAPublicKey> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NotAPublicKey::Form)?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| NotAPublicKey::Form)?;
        Ok(Self { public: PublicKey::of_bytes(public)?, pair })
    }

    /// Returns the public part.
    pub fn public(&self) -> PublicKey {
        self.public
    }

    /// Signs bytes of any meaning.
    pub(super) fn sign_message(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public.id())
    }
}

/// Signs an index with each of `keys`, and returns it with its envelope, as it is stored.
pub fn sign(index: &ReleaseIndex, keys: &[&SigningKey]) -> Vec<u8> {
    let payload = serde_json::to_vec(index).expect("an index is JSON");
    let message = signed_bytes(&payload);
    let signature =
        |key: &&SigningKey| Signature { key_id: key.public.id(), bytes: key.sign_message(&message) };
    let signatures = keys.iter().map(signature).collect();
    Envelope { payload, signatures }.to_bytes()
}
