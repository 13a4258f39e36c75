//! Routing headers: read strictly, for intermediaries act on them before we do.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;

use super::echo::Quoted;
use super::rejection::Fault;

/// The header that names the revision.
pub(super) const VERSION: &str = "MCP-Protocol-Version";
/// The header that repeats the method.
pub(super) const METHOD: &str = "Mcp-Method";
/// The header that repeats the name, URI or task id that the method is about.
pub(super) const NAME: &str = "Mcp-Name";

/// What surrounds a value that could not stand in a header as it is.
const ENCODED_PREFIX: &str = "=?base64?";
const ENCODED_SUFFIX: &str = "?=";

/// The value of a header, without the white space around it; none if the header is absent.
///
/// # Errors
/// [`Fault::HeaderMismatch`] for a header that occurs twice (readers of the first copy and readers
/// of the last would disagree) and for bytes outside ASCII.
pub(super) fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Fault> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Fault::HeaderMismatch(format!("the {name} header occurs more than once")));
    }
    match value.to_str() {
        Ok(text) => Ok(Some(text.trim_matches([' ', '\t']))),
        Err(_) => Err(Fault::HeaderMismatch(format!("the {name} header holds characters outside ASCII"))),
    }
}

/// The text that a header value stands for: `=?base64?...?=` is decoded, strictly; all else is literal.
///
/// # Errors
/// [`Fault::HeaderMismatch`] for base64 that is not canonical, or that no text can be made of.
pub(super) fn decode<'h>(name: &str, value: &'h str) -> Result<Cow<'h, str>, Fault> {
    let inner = value.strip_prefix(ENCODED_PREFIX).and_then(|rest| rest.strip_suffix(ENCODED_SUFFIX));
    let Some(inner) = inner else { return Ok(Cow::Borrowed(value)) };
    let decoded = STANDARD.decode(inner).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map(Cow::Owned).ok_or_else(|| {
        let found = Quoted(value);
        Fault::HeaderMismatch(format!(
            "{name}: expected padded base64 of UTF-8 text inside =?base64?...?=, found {found}"
        ))
    })
}

/// Compares a header with what the body says at `path`.
///
/// # Errors
/// [`Fault::HeaderMismatch`] if the header is absent or says anything else.
pub(super) fn agree(name: &str, found: Option<&str>, path: &str, expected: &str) -> Result<(), Fault> {
    match found {
        Some(found) if found == expected => Ok(()),
        Some(found) => Err(Fault::HeaderMismatch(format!(
            "{name}: expected {}, as {path} says, found {}",
            Quoted(expected),
            Quoted(found)
        ))),
        None => {
            let expected = Quoted(expected);
            Err(Fault::HeaderMismatch(format!(
                "the {name} header is missing: expected {expected}, as {path} says"
            )))
        }
    }
}
