//! Reads pieces of JSON text that is known to be valid.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::fault::{Expected, Fault};
use super::message::NULL;

/// Reads the text of a JSON string, borrowed where it holds no escape.
///
/// Returns `None` if the value is no string, or one that Unicode cannot spell (half a surrogate pair).
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw.get()).ok().map(Cow::Owned)
}

/// Reads the text that must stand at `path`.
///
/// # Errors
/// [`Fault::Params`] if there is nothing, or no text.
pub(super) fn required_text<'a>(raw: Option<&'a RawValue>, path: &str) -> Result<Cow<'a, str>, Fault> {
    let Some(raw) = raw else { return Err(Fault::missing(path, Expected::String)) };
    text(raw).ok_or_else(|| Fault::unfit(path, Expected::Text, kind(raw)))
}

/// Tells whether the value is an object.
pub(super) fn is_object(raw: &RawValue) -> bool {
    raw.get().starts_with('{')
}

/// Describes the type of a value for a message: `an object`.
pub(super) fn kind(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => NULL,
        _ => "a number",
    }
}
