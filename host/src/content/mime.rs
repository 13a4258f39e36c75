//! Media types, as far as a client relies on them.

use super::error::{ContentError, at};
use super::text::Text;

/// Checks the `mime-type` of a record.
pub(super) fn check(mime_type: &str) -> Result<(), ContentError> {
    let is_shown = mime_type.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if is_shown && mime_type.contains('/') {
        return Ok(());
    }
    Err(ContentError::new("a media type of printable ASCII, such as text/plain", mime_type))
        .map_err(at("mime_type"))
}

/// As [`check`], where there is one.
pub(super) fn check_any(mime_type: Option<&Text<'_>>) -> Result<(), ContentError> {
    mime_type.map_or(Ok(()), |mime_type| check(mime_type))
}
