//! Public keys of those who sign releases, and their text form.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::digest::Digest;
use crate::text_form::serde_as_text;

/// The first letters of the text form.
const SCHEME: &str = "ed25519:";

/// The y-coordinates of the points of small order, little-endian, in every spelling that a verifier accepts.
///
/// Somebody who has no private key can sign for these, and 32 zero bytes, which is what a placeholder looks like, is
/// one of them.
#[rustfmt::skip]
const SMALL_ORDER: [[u8; 32]; 7] = [
    [0; 32],
    [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
     0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05],
    [0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
     0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a],
    [0xec, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
     255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0x7f],
    [0xed, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
     255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0x7f],
    [0xee, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
     255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0x7f],
];

/// An Ed25519 public key (RFC 8032), written as `ed25519:` and its 32 bytes in Base64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey([u8; 32]);

/// The short name of a public key: the first 8 bytes of its SHA-256 digest, written as 16 hexadecimal digits.
///
/// It says which key to try, and proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

/// The reason why a text is not a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAPublicKey {
    /// It has another form.
    #[error("expected `ed25519:` and 32 bytes in Base64, as `toolcell keygen` prints them")]
    Form,
    /// It is a key for which everybody can sign.
    #[error("expected a key of `toolcell keygen`; everybody can sign for this one")]
    Weak,
}

/// The error for a text that is not a key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 16 lower-case hexadecimal digits")]
pub struct NotAKeyId;

impl PublicKey {
    /// Makes a key of its bytes.
    ///
    /// # Errors
    ///
    /// Everybody can sign for the key.
    pub fn of_bytes(bytes: [u8; 32]) -> Result<Self, NotAPublicKey> {
        let mut y = bytes;
        y[31] &= 0x7f; // the sign of the other coordinate
        if SMALL_ORDER.contains(&y) { Err(NotAPublicKey::Weak) } else { Ok(Self(bytes)) }
    }

    /// Returns the short name of the key.
    pub fn id(&self) -> KeyId {
        let Digest(digest) = Digest::of(&self.0);
        let (id, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
        KeyId(*id)
    }

    /// Tells whether the holder of the private key signed `message`.
    pub fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, signature).is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = NotAPublicKey;

    fn from_str(text: &str) -> Result<Self, NotAPublicKey> {
        let text = text.strip_prefix(SCHEME).ok_or(NotAPublicKey::Form)?;
        let bytes = STANDARD.decode(text).map_err(|_| NotAPublicKey::Form)?;
        Self::of_bytes(bytes.try_into().map_err(|_| NotAPublicKey::Form)?)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

serde_as_text!(PublicKey);

impl FromStr for KeyId {
    type Err = NotAKeyId;

    fn from_str(text: &str) -> Result<Self, NotAKeyId> {
        let bytes = u64::from_str_radix(text, 16).map_err(|_| NotAKeyId)?.to_be_bytes();
        // Sixteen digits in lower case, and no sign.
        if Self(bytes).to_string() == text { Ok(Self(bytes)) } else { Err(NotAKeyId) }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first key of RFC 8032, section 7.1.
    const KNOWN: &str = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    #[test]
    fn a_key_is_written_as_it_is_read() {
        let key: PublicKey = KNOWN.parse().unwrap();
        assert_eq!(key.to_string(), KNOWN);
        assert_eq!(key.id().to_string(), "21fe31dfa154a261");
        assert_eq!("21fe31dfa154a261".parse(), Ok(key.id()));
        for text in ["", "21fe31dfa154a26", "21FE31DFA154A261", "+1fe31dfa154a261", "021fe31dfa154a261"] {
            assert_eq!(text.parse::<KeyId>(), Err(NotAKeyId), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let table = [
            "",
            "ed25519:",
            &KNOWN["ed25519:".len()..],
            &KNOWN[..KNOWN.len() - 1],
            &KNOWN.replace("ed25519", "Ed25519"),
            &KNOWN.replace("URo=", "URp="),
            &format!("{KNOWN} "),
        ];
        for text in table {
            assert_eq!(text.parse::<PublicKey>(), Err(NotAPublicKey::Form), "{text:?}");
        }
    }

    #[test]
    fn a_signature_of_rfc_8032_is_accepted_and_no_other() {
        let key: PublicKey = KNOWN.parse().unwrap();
        let signature =
            "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==";
        let signature = STANDARD.decode(signature).unwrap();
        assert!(key.has_signed(b"", &signature));
        assert!(!key.has_signed(b"a", &signature) && !key.has_signed(b"", &signature[1..]));
    }

    #[test]
    fn a_key_that_everybody_can_sign_for_is_refused() {
        // The signature of the neutral element fits every message: ring accepts it.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let signature = [neutral, [0; 32]].concat();
        assert!(PublicKey(neutral).has_signed(b"any message", &signature));
        for mut bytes in SMALL_ORDER {
            assert_eq!(PublicKey::of_bytes(bytes), Err(NotAPublicKey::Weak));
            bytes[31] |= 0x80;
            assert_eq!(PublicKey::of_bytes(bytes), Err(NotAPublicKey::Weak));
        }
        let placeholder = format!("ed25519:{}", STANDARD.encode([0; 32]));
        assert_eq!(placeholder.parse::<PublicKey>(), Err(NotAPublicKey::Weak));
    }
}
