//! Names of notes, and the URIs that they are part of.
//!
//! A name has no character that a URI would have to escape and no part that starts with a dot, so it is the end of the
//! note's URI as it is.

use crate::error::NoteError;

/// The start of every note's URI.
const PREFIX: &str = "notes:///";

/// The longest name; the store takes keys of up to 512 bytes.
const MAX_BYTES: usize = 128;

/// Checks that a text is the name of a note.
///
/// # Errors
/// [`NoteError::Name`].
pub(crate) fn check(name: &str) -> Result<(), NoteError> {
    let is_named = name.len() <= MAX_BYTES && name.split('/').all(is_part);
    if is_named { Ok(()) } else { Err(NoteError::Name(name.to_owned())) }
}

/// Tells whether a text is a part of a name.
fn is_part(part: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    part.starts_with(|first: char| first.is_ascii_alphanumeric()) && part.bytes().all(is_inner)
}

/// Returns the URI of a note.
pub(crate) fn uri(name: &str) -> String {
    format!("{PREFIX}{name}")
}

/// Returns the name that a URI ends with, if it is the URI of a note.
pub(crate) fn of_uri(uri: &str) -> Option<&str> {
    uri.strip_prefix(PREFIX).filter(|name| check(name).is_ok())
}

#[cfg(test)]
mod tests {
    use super::{check, of_uri, uri};

    #[test]
    fn names_have_parts_of_plain_characters() {
        for name in ["a", "garden/roses", "2026-01-12.md", "a/b/c_d", &"x".repeat(128)] {
            assert_eq!(check(name), Ok(()), "{name}");
            assert_eq!(of_uri(&uri(name)), Some(name));
        }
        for name in
            ["", "/a", "a/", "a//b", "..", "a/../b", ".hidden", "a b", "ä", "a%2fb", "a\n", &"x".repeat(129)]
        {
            assert!(check(name).is_err(), "{name:?}");
            assert_eq!(of_uri(&uri(name)), None, "{name:?}");
        }
        assert_eq!(of_uri("docs:///a"), None);
    }
}
