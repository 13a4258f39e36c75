//! Counts what the entries of a partition take.

use serde::{Deserialize, Serialize};

use super::{StateError, Value};

/// What a number counts as, in bytes.
const NUMBER_BYTES: u64 = 8;

/// The most that the entries of a partition may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Names and values together, in bytes.
    pub bytes: u64,
    /// Entries.
    pub keys: u64,
}

/// The bytes and the number of the entries of a partition; those that have expired count until they are removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Names and values together, in bytes.
    pub bytes: u64,
    /// Entries.
    pub keys: u64,
}

/// Returns what an entry counts as, in bytes.
pub fn weight(name: &str, value: &Value) -> u64 {
    let value = match value {
        Value::Bytes(bytes) => bytes.len() as u64,
        Value::Number(_) => NUMBER_BYTES,
    };
    name.len() as u64 + value
}

impl Usage {
    /// Returns the usage with one more entry of this weight.
    #[must_use]
    pub fn with(self, weight: u64) -> Self {
        Self { bytes: self.bytes.saturating_add(weight), keys: self.keys.saturating_add(1) }
    }

    /// Returns the usage without an entry of this weight.
    #[must_use]
    pub fn without(self, weight: u64) -> Self {
        Self { bytes: self.bytes.saturating_sub(weight), keys: self.keys.saturating_sub(1) }
    }

    /// Checks that a partition that grew from `before` to this stays within its quota; one that is above may shrink.
    ///
    /// # Errors
    /// [`StateError::Full`].
    pub fn check(self, before: Self, quota: Option<Quota>) -> Result<(), StateError> {
        let Some(quota) = quota else { return Ok(()) };
        let is_above = |now: u64, then: u64, most: u64| now > most && now > then;
        if is_above(self.bytes, before.bytes, quota.bytes) || is_above(self.keys, before.keys, quota.keys) {
            return Err(StateError::Full);
        }
        Ok(())
    }
}
