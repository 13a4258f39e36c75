//! Decides what a write at `now_ms` makes of an entry, for stores that hold it while they write.

use super::{Condition, Entry, Increment, Put, StateError, Value, Version};

/// Tells whether a condition holds for the entry that is there, if one is alive.
pub fn is_met(condition: Condition, current: Option<&Entry>) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Absent => current.is_none(),
        Condition::Unchanged(version) => current.is_some_and(|entry| entry.version == version),
    }
}

/// Returns the entry after a put.
///
/// # Errors
/// [`StateError::Conflict`], or no randomness.
pub fn after_put(current: Option<&Entry>, put: Put, now_ms: u64) -> Result<Entry, StateError> {
    if !is_met(put.condition, current) {
        return Err(StateError::Conflict);
    }
    Ok(Entry { value: put.value, version: Version::random()?, expires_ms: end(put.ttl_ms, now_ms) })
}

/// Returns the entry after an increment, and its number.
///
/// # Errors
/// [`StateError::NotANumber`], [`StateError::Overflow`], or no randomness.
pub fn after_increment(
    current: Option<&Entry>,
    increment: Increment,
    now_ms: u64,
) -> Result<(Entry, i64), StateError> {
    let before = match current.map(|entry| &entry.value) {
        None => 0,
        Some(Value::Number(number)) => *number,
        Some(Value::Bytes(_)) => return Err(StateError::NotANumber),
    };
    let sum = before.checked_add(increment.delta).ok_or(StateError::Overflow)?;
    let (value, expires_ms) = (Value::Number(sum), end(increment.ttl_ms, now_ms));
    Ok((Entry { value, version: Version::random()?, expires_ms }, sum))
}

/// Returns the time at which an entry that is written now ends.
pub(super) fn end(ttl_ms: Option<u64>, now_ms: u64) -> Option<u64> {
    ttl_ms.map(|ttl_ms| now_ms.saturating_add(ttl_ms))
}
