//! The keys that a function trusts.

use super::envelope::{Envelope, signed_bytes};
use super::error::ReleaseError;
use super::format;
use crate::public_key::{NotAPublicKey, PublicKey};
use crate::timestamp::Timestamp;

/// A key whose holder may release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKey {
    /// The name that errors and the log show.
    pub name: String,
    /// The key.
    pub key: PublicKey,
    /// The time from which its signatures count as none.
    pub expires: Option<Timestamp>,
}

/// The keys whose holders may release, each by itself; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedKeys(Vec<TrustedKey>);

/// The reason why keys cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReleaseKeys {
    /// There are none.
    #[error("there is no key; expected at least one public key that `toolcell keygen` printed")]
    None,
    /// There are more than anybody needs.
    #[error("there are more than {} keys", TrustedKeys::MAX)]
    TooMany,
    /// A key is there twice.
    #[error("`{one}` and `{other}` are the same key")]
    Twice {
        /// The name of one.
        one: String,
        /// The name of the other.
        other: String,
    },
    /// A text is not a public key.
    #[error("`{name}` is not a public key: {reason}")]
    NotAKey {
        /// The name of the key.
        name: String,
        /// The reason.
        reason: NotAPublicKey,
    },
}

impl TrustedKeys {
    /// The most keys.
    pub const MAX: usize = format::MAX_KEYS;

    /// Trusts these keys.
    ///
    /// # Errors
    ///
    /// There are none, too many, or two are the same: removing one would then revoke nothing.
    pub fn new(keys: Vec<TrustedKey>) -> Result<Self, NotReleaseKeys> {
        if keys.is_empty() {
            return Err(NotReleaseKeys::None);
        }
        if keys.len() > Self::MAX {
            return Err(NotReleaseKeys::TooMany);
        }
        for (at, one) in keys.iter().enumerate() {
            if let Some(other) = keys[..at].iter().find(|other| other.key == one.key) {
                return Err(NotReleaseKeys::Twice { one: other.name.clone(), other: one.name.clone() });
            }
        }
        Ok(Self(keys))
    }

    /// Trusts further keys as well.
    ///
    /// # Errors
    ///
    /// Those of [`TrustedKeys::new`].
    pub fn and(self, more: impl IntoIterator<Item = TrustedKey>) -> Result<Self, NotReleaseKeys> {
        Self::new(self.0.into_iter().chain(more).collect())
    }

    /// Reads public keys that whitespace separates, as the variable `source` holds them. They do not expire.
    ///
    /// # Errors
    ///
    /// Those of [`TrustedKeys::new`], and a text that is not a public key.
    pub fn parse(source: &str, texts: &str) -> Result<Self, NotReleaseKeys> {
        let key = |(at, text): (usize, &str)| {
            let name = format!("{source}, key {}", at + 1);
            match text.parse() {
                Ok(key) => Ok(TrustedKey { name, key, expires: None }),
                Err(reason) => Err(NotReleaseKeys::NotAKey { name, reason }),
            }
        };
        Self::new(texts.split_whitespace().enumerate().map(key).collect::<Result<_, _>>()?)
    }

    /// Checks that a trusted key signed the payload. Signatures of unknown keys count as none; of known keys, each has
    /// to fit.
    pub(super) fn check(&self, envelope: &Envelope, now: Timestamp) -> Result<(), ReleaseError> {
        let message = signed_bytes(&envelope.payload);
        let (mut signed, mut expired) = (false, None);
        for signature in &envelope.signatures {
            let Some(trusted) = self.0.iter().find(|one| one.key.id() == signature.key_id) else {
                continue;
            };
            if !trusted.key.has_signed(&message, &signature.bytes) {
                return Err(ReleaseError::BadSignature { name: trusted.name.clone() });
            }
            match trusted.expires {
                Some(expires) if expires <= now => expired = Some((trusted, expires)),
                _ => signed = true,
            }
        }
        match expired {
            _ if signed => Ok(()),
            Some((key, expires)) => Err(ReleaseError::ExpiredKey { name: key.name.clone(), expires }),
            None => Err(ReleaseError::UnknownKey {
                found: envelope.signatures.iter().map(|signature| signature.key_id).collect(),
                trusted: self.0.iter().map(|one| one.key.id()).collect(),
            }),
        }
    }
}
