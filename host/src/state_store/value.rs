//! The values of entries: bytes, or numbers that can be added to.

use bytes::Bytes;

use super::StateError;

/// Most digits of a number, with its sign.
const NUMBER_CHARS: usize = 20;

/// A value. Bytes that are the decimal digits of a number are kept as that number, so that it can be added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any bytes.
    Bytes(Bytes),
    /// A whole number.
    Number(i64),
}

/// Tells one state of an entry from every other: random, so that no entry has the same again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version(pub u64);

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// Its version.
    pub version: Version,
    /// The time when it ends, in milliseconds since 1970.
    pub expires_ms: Option<u64>,
}

impl Value {
    /// Makes a value of bytes.
    pub fn of(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        match number(&bytes) {
            Some(number) => Self::Number(number),
            None => Self::Bytes(bytes),
        }
    }

    /// Returns the bytes that [`Value::of`] would make it of.
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Number(number) => number.to_string().into(),
        }
    }
}

/// Reads a number that is written as we would write it; anything else must come back as the bytes that it is.
fn number(bytes: &[u8]) -> Option<i64> {
    if bytes.len() > NUMBER_CHARS {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

impl Version {
    /// Draws a new version.
    ///
    /// # Errors
    /// The system has no randomness.
    pub fn random() -> Result<Self, StateError> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)
            .map_err(|error| StateError::Unavailable(format!("the system has no randomness: {error}")))?;
        Ok(Self(u64::from_le_bytes(bytes)))
    }
}

impl Entry {
    /// Tells whether the entry still exists at `now_ms`.
    pub fn is_alive(&self, now_ms: u64) -> bool {
        self.expires_ms.is_none_or(|end| end > now_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_become_numbers_and_every_value_comes_back_byte_for_byte() {
        for (text, number) in [
            ("0", Some(0)),
            ("-7", Some(-7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("", None),
            ("-0", None),
            ("+1", None),
            ("007", None),
            (" 1", None),
            ("1.0", None),
            ("text", None),
        ] {
            let value = Value::of(text.as_bytes().to_vec());
            assert_eq!(
                matches!(value, Value::Number(found) if Some(found) == number),
                number.is_some(),
                "{text}"
            );
            assert_eq!(value.into_bytes(), text.as_bytes(), "{text}");
        }
    }
}
