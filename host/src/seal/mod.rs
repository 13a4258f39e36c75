//! Seals what a call knows so far into a text that travels with the client, and opens it again.
//!
//! The server keeps nothing between two requests: a call that asks its user something ends, and all that it has to
//! know when it goes on is in the client's hands until then. A sealed text can neither be read nor be changed there,
//! and opens only for what it was sealed for (a [`Binding`]). Used once or twice per request of a call that asks.
//! Whether a text has been used before is not known here, nor when it was made: round and expiry are part of what
//! is sealed, and the caller's business.
//!
//! A text is `v1.<key id>.<body>`: six bytes and `nonce || ciphertext || tag` of XChaCha20-Poly1305, each as
//! base64url without padding. Version, key id and binding are the associated data.

mod binding;
mod hash;
mod key;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub use binding::Binding;
use key::{Key, NONCE_BYTES, TAG_BYTES};

/// Most bytes that are sealed into one text: clients send it back, and some of them in a log.
pub const MAX_PLAINTEXT_BYTES: usize = 64 << 10;

/// Length of the longest text that [`Seal::close`] makes, in bytes. A longer one is not worth decoding.
pub const MAX_TEXT_BYTES: usize =
    VERSION.len() + key::ID_CHARS + 1 + base64_chars(NONCE_BYTES + MAX_PLAINTEXT_BYTES + TAG_BYTES);

/// Fewest characters of a secret. Nobody guesses that many random ones.
pub const MIN_SECRET_CHARS: usize = 32;

const VERSION: &str = "v1.";

/// Seals with one key, and opens with that and older ones.
pub struct Seal {
    /// Closes, and opens.
    first: Key,
    /// Open, until what they closed has expired.
    older: Vec<Key>,
}

/// Why there is no seal, or nothing was sealed; for the operator. Says nothing of a secret.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There is no key to seal with.
    #[error("no secret: expected a random text of at least {MIN_SECRET_CHARS} characters")]
    NoSecret,
    /// A secret that could be guessed.
    #[error(
        "secret number {place} is too short: expected a random text of at least {MIN_SECRET_CHARS} characters"
    )]
    Short {
        /// Which one, counted from 1.
        place: usize,
    },
    /// A secret that is there already: whoever wrote it meant another one.
    #[error("secret number {place} repeats an earlier one")]
    Repeated {
        /// Which one, counted from 1.
        place: usize,
    },
    /// More than [`MAX_PLAINTEXT_BYTES`] are to be sealed.
    #[error("{bytes} bytes are to be sealed, at most {MAX_PLAINTEXT_BYTES} can be")]
    TooLong {
        /// How many.
        bytes: usize,
    },
    /// The system has no random bytes.
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
}

impl Seal {
    /// Makes the seal of `secrets`, random texts that all instances of a server share. The first one seals, all of
    /// them open: that is how a secret is replaced without losing what is under way.
    ///
    /// # Errors
    /// There is none, one is shorter than [`MIN_SECRET_CHARS`], or one is there twice.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s str>) -> Result<Self, SealError> {
        let mut keys: Vec<Key> = Vec::new();
        for (secret, place) in secrets.into_iter().zip(1..) {
            if secret.chars().count() < MIN_SECRET_CHARS {
                return Err(SealError::Short { place });
            }
            let key = Key::of_secret(secret);
            if keys.iter().any(|other| other.id() == key.id()) {
                return Err(SealError::Repeated { place });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let first = keys.next().ok_or(SealError::NoSecret)?;
        Ok(Self { first, older: keys.collect() })
    }

    /// Makes a seal that no other process opens: for a server of one process.
    ///
    /// # Errors
    /// [`SealError::Random`]
    pub fn random() -> Result<Self, SealError> {
        Ok(Self { first: Key::of_bytes(&random()?), older: Vec::new() })
    }

    /// Seals `plaintext` for what `binding` says.
    ///
    /// # Errors
    /// [`SealError::TooLong`], [`SealError::Random`]
    pub fn close(&self, plaintext: &[u8], binding: &Binding<'_>) -> Result<String, SealError> {
        if plaintext.len() > MAX_PLAINTEXT_BYTES {
            return Err(SealError::TooLong { bytes: plaintext.len() });
        }
        let id = self.first.id();
        let sealed = self.first.close(random()?, plaintext, &associated(id, binding));
        let sealed = sealed.ok_or(SealError::TooLong { bytes: plaintext.len() })?;
        Ok(format!("{VERSION}{id}.{}", URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// What `text`, which may be of anybody's making, was sealed with, if [`close`](Self::close) made it with one of
    /// these keys for the same binding. There is one text for it and no second spelling; whoever made another one
    /// does not learn what is wrong with it.
    pub fn open(&self, text: &str, binding: &Binding<'_>) -> Option<Vec<u8>> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        let (id, body) = text.strip_prefix(VERSION)?.split_once('.')?;
        let key = [&self.first].into_iter().chain(&self.older).find(|key| key.id() == id)?;
        let sealed = URL_SAFE_NO_PAD.decode(body).ok()?;
        key.open(&sealed, &associated(id, binding))
    }
}

/// Says which keys there are, and nothing of them.
impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = [&self.first].into_iter().chain(&self.older).map(Key::id);
        f.debug_tuple("Seal").field(&ids.collect::<Vec<_>>()).finish()
    }
}

/// The associated data: version and key id as they stand in the text, then the binding.
fn associated(id: &str, binding: &Binding<'_>) -> Vec<u8> {
    [VERSION.as_bytes(), id.as_bytes(), &binding.digest()].concat()
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], SealError> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

const fn base64_chars(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

#[cfg(test)]
mod tests;
