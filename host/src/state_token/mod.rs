//! Seals the state of a call into a token that travels with the client, and opens it again.
//!
//! The server keeps nothing between two requests: a call that asks its user something ends, and the client holds its
//! state until the call goes on. The client can neither read nor change a token, and a token opens only for the request
//! that it was sealed for (a [`Binding`]). Used once or twice per request of a call that asks. This module knows
//! neither the age of a token nor its earlier uses: round and expiry are part of the sealed state, and the caller checks
//! them.
//!
//! A token is `v2.<key id>.<body>`: six bytes and `nonce || ciphertext || tag` of XChaCha20-Poly1305, each as
//! base64url without padding. Version, key id and binding are the associated data.

mod binding;
mod hash;
mod key;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use binding::Binding;
use key::{Key, NONCE_BYTES, TAG_BYTES};

/// Most bytes that one token seals: clients send it back, and some of them log it.
pub const MAX_PLAINTEXT_BYTES: usize = 64 << 10;

/// Length of the longest token that [`StateKeys::seal`] makes, in bytes. A longer one is refused before it is decoded.
pub const MAX_TOKEN_BYTES: usize =
    VERSION.len() + key::ID_CHARS + 1 + base64_chars(NONCE_BYTES + MAX_PLAINTEXT_BYTES + TAG_BYTES);

/// Fewest characters of a secret: too many to guess where they are random.
pub const MIN_SECRET_CHARS: usize = 32;

const VERSION: &str = "v2.";

/// The keys of a server: seals with the first, opens with any.
pub struct StateKeys {
    /// Seals, and opens.
    first: Key,
    /// Open only, until their tokens have expired.
    older: Vec<Key>,
}

/// Names the reason why there are no keys or a state was not sealed, for the operator. Repeats no secret.
#[derive(Debug, thiserror::Error)]
pub enum StateKeyError {
    /// There is no key to seal with.
    #[error("no secret: expected a random text of at least {MIN_SECRET_CHARS} characters")]
    NoSecret,
    /// A secret that could be guessed.
    #[error(
        "secret number {place} is too short: expected a random text of at least {MIN_SECRET_CHARS} characters"
    )]
    Short {
        /// Its place, from 1.
        place: usize,
    },
    /// A secret that occurs twice: its author meant another one.
    #[error("secret number {place} repeats an earlier one")]
    Repeated {
        /// Its place, from 1.
        place: usize,
    },
    /// More than [`MAX_PLAINTEXT_BYTES`].
    #[error("cannot seal {bytes} bytes: at most {MAX_PLAINTEXT_BYTES} are allowed")]
    TooLong {
        /// The number of bytes.
        bytes: usize,
    },
    /// The system has no random bytes.
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl StateKeys {
    /// Makes keys of `secrets`, random texts that all instances of a server share. The first one seals, all of
    /// them open: so a secret can be replaced while calls wait for answers.
    ///
    /// # Errors
    /// There is no secret, one is shorter than [`MIN_SECRET_CHARS`], or one occurs twice.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Result<Self, StateKeyError> {
        let mut keys: Vec<Key> = Vec::new();
        for (secret, place) in secrets.into_iter().zip(1..) {
            if secret.chars().count() < MIN_SECRET_CHARS {
                return Err(StateKeyError::Short { place });
            }
            let key = Key::of_secret(secret);
            if keys.iter().any(|other| other.id() == key.id()) {
                return Err(StateKeyError::Repeated { place });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(StateKeyError::NoSecret)?;
        Ok(Self { first, older: keys.collect() })
    }

    /// Makes a random key, for a server of one process: no other process opens its tokens.
    ///
    /// # Errors
    /// [`StateKeyError::Random`]
    pub fn random() -> Result<Self, StateKeyError> {
        Ok(Self { first: Key::of_bytes(&random()?), older: Vec::new() })
    }

    /// Seals `plaintext` for the request of `binding`.
    ///
    /// # Errors
    /// [`StateKeyError::TooLong`], [`StateKeyError::Random`]
    pub fn seal(&self, plaintext: &[u8], binding: &Binding<'_>) -> Result<String, StateKeyError> {
        if plaintext.len() > MAX_PLAINTEXT_BYTES {
            return Err(StateKeyError::TooLong { bytes: plaintext.len() });
        }
        let id = self.first.id();
        let sealed = self.first.seal(random()?, plaintext, &associated(id, binding));
        let sealed = sealed.ok_or(StateKeyError::TooLong { bytes: plaintext.len() })?;
        Ok(format!("{VERSION}{id}.{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Opens a token that [`seal`](Self::seal) made with one of these keys for the same binding; returns `None` for any
    /// other text, and no reason, so that a forger learns nothing. Each token has one spelling.
    pub fn open(&self, text: &str, binding: &Binding<'_>) -> Option<Vec<u8>> {
        if text.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (id, body) = text.strip_prefix(VERSION)?.split_once('.')?;
        let key = [&self.first].into_iter().chain(&self.older).find(|key| key.id() == id)?;
        let sealed = URL_SAFE_NO_PAD.decode(body).ok()?;
        key.open(&sealed, &associated(id, binding))
    }
}

/// Shows the ids of the keys alone.
impl fmt::Debug for StateKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = [&self.first].into_iter().chain(&self.older).map(Key::id);
        f.debug_tuple("StateKeys").field(&ids.collect::<Vec<_>>()).finish()
    }
}

/// The associated data: version and key id as they stand in the text, then the binding.
fn associated(id: &str, binding: &Binding<'_>) -> Vec<u8> {
    [VERSION.as_bytes(), id.as_bytes(), &binding.digest()].concat()
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], StateKeyError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

const fn base64_chars(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

#[cfg(test)]
mod tests;
