//! Checks that what a client names can be a URI at all; only its plugin knows what it means.

use super::fault::{Expected, Fault};
use super::quoted::Quoted;
use crate::mcp::uri::is_scheme;

/// Maximum size of a URI or a URI template, in bytes; a response may repeat it.
pub const MAX_URI_BYTES: usize = 8 * 1024;

/// Checks a URI that stands at `path`.
///
/// # Errors
/// [`Fault::Params`] for what [`check_text`] refuses, and for text without a scheme.
pub(super) fn check(uri: &str, path: &str) -> Result<(), Fault> {
    check_text(uri, path)?;
    let scheme = uri.split_once(':').map(|(scheme, _)| scheme);
    match scheme.is_some_and(is_scheme) {
        true => Ok(()),
        false => Err(Fault::unfit(path, Expected::SchemeUri, &Quoted(uri).to_string())),
    }
}

/// Checks a URI or URI template that stands at `path`; a template may start with a variable.
///
/// # Errors
/// [`Fault::Params`] for text that is empty, too long, or holds control characters.
pub(super) fn check_text(uri: &str, path: &str) -> Result<(), Fault> {
    if uri.is_empty() {
        return Err(Fault::unfit(path, Expected::Uri, "an empty string"));
    }
    if uri.len() > MAX_URI_BYTES {
        let found = uri.len().to_string();
        return Err(Fault::unfit(path, Expected::Bytes { most: MAX_URI_BYTES }, &found));
    }
    if uri.contains(char::is_control) {
        return Err(Fault::unfit(path, Expected::PlainUri, &Quoted(uri).to_string()));
    }
    Ok(())
}
