//! SHA-256 digests and their text form.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::text_form::serde_as_text;

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// A text that is not a digest.
#[derive(Debug, thiserror::Error)]
#[error("expected 64 lower-case hexadecimal digits (SHA-256), found {found:?}")]
pub struct NotADigest {
    found: String,
}

impl Digest {
    /// Computes the digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Computes the digest of `parts` for one purpose. Purpose and parts each go in behind their length, so that no two
    /// lists of parts give the same bytes.
    pub fn of_parts<const PARTS: usize>(purpose: &str, parts: [&[u8]; PARTS]) -> Self {
        let mut hash = Sha256::new();
        for part in [purpose.as_bytes()].into_iter().chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// Computes the digest of what `feed` passes on, piece by piece, for one purpose.
    ///
    /// # Errors
    /// What `feed` returns.
    pub fn of_pieces<E>(
        purpose: &str,
        feed: impl FnOnce(&mut dyn FnMut(&[u8])) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut hash = Sha256::new();
        hash.update((purpose.len() as u64).to_be_bytes());
        hash.update(purpose.as_bytes());
        feed(&mut |piece| hash.update(piece))?;
        Ok(Self(hash.finalize().into()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let refuse = || NotADigest { found: text.chars().take(80).collect() };
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(refuse());
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte =
                nibble(pair[0]).zip(nibble(pair[1])).map(|(high, low)| high << 4 | low).ok_or_else(refuse)?;
        }
        Ok(Self(bytes))
    }
}

serde_as_text!(Digest);

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_reads_back_and_is_the_well_known_one() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(digest.to_string().parse::<Digest>().unwrap(), digest);
    }

    #[test]
    fn other_texts_are_refused_and_named() {
        for text in ["", "00", &"g".repeat(64), &"A".repeat(64), &"0".repeat(63)] {
            let error = text.parse::<Digest>().unwrap_err().to_string();
            assert!(error.contains("64 lower-case") && error.contains(text), "{error}");
        }
    }
}
