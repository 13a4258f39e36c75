//! The reasons why an index is refused.

use super::format::{FORMAT, MAX_BYTES, PAYLOAD_TYPE};
use crate::public_key::KeyId;
use crate::timestamp::Timestamp;

/// The reason why an index is refused; the text is for operators, never for a client.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// It is larger than any index.
    #[error("the index is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// The bytes are not an envelope.
    #[error("the index is not a signed envelope: {0}")]
    NotAnEnvelope(String),
    /// The envelope holds something else.
    #[error("the index has the type {found:?}, expected {PAYLOAD_TYPE:?}")]
    OtherType {
        /// The type that it names.
        found: String,
    },
    /// No trusted key signed it.
    #[error(
        "no trusted key signed the index: it names the keys {found:?}, trusted are {trusted:?}; sign it with a trusted \
         key, or add the key to [releases.keys]"
    )]
    UnknownKey {
        /// The key ids that the index names.
        found: Vec<KeyId>,
        /// The keys that are trusted.
        trusted: Vec<KeyId>,
    },
    /// The key that signed it is not trusted any more.
    #[error("the key `{name}` signed the index and expired at {expires}; sign it with another key")]
    ExpiredKey {
        /// The name of the key.
        name: String,
        /// The end of its trust.
        expires: Timestamp,
    },
    /// The signature belongs to other bytes.
    #[error(
        "the signature of the key `{name}` does not fit the index: it was changed, or is not by this key"
    )]
    BadSignature {
        /// The name of the key.
        name: String,
    },
    /// It was written by another version.
    #[error("the index has format {found}, this host reads format {FORMAT}")]
    OtherFormat {
        /// The format that it names.
        found: u64,
    },
    /// A trusted key signed it, and it cannot be read.
    #[error("the index is signed and malformed: {0}")]
    Malformed(#[source] serde_json::Error),
    /// A trusted key signed it, and it contradicts itself.
    #[error("the index is signed and invalid: {0}")]
    Invalid(&'static str),
    /// It is older than what may be served.
    #[error("the index has the serial {serial}, the lowest that may be served is {lowest}")]
    Rollback {
        /// Its serial.
        serial: u64,
        /// The lowest serial.
        lowest: u64,
    },
    /// It must not be adopted any more.
    #[error("the index with the serial {serial} expired at {expires}; publish again")]
    Expired {
        /// Its serial.
        serial: u64,
        /// The end of its life.
        expires: Timestamp,
    },
}
