//! Routing headers: read strictly, for intermediaries act on them before we do.
//!
//! Only of `MCP-Protocol-Version` equal copies count as one. Some clients and proxies add it to a request that has it
//! already, and it opens nothing: whoever reads the first copy, the last one, or both joined by a comma, as a Function
//! URL does, finds the same revision. A method or a name that occurs twice may slip past whoever compares it with a list.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::HeaderName;

use super::fault::{Fault, HeaderError};

/// Names the revision.
pub(super) static VERSION: Header =
    Header::known("MCP-Protocol-Version", "mcp-protocol-version", Copies::Merged);
/// Repeats the method.
pub(super) static METHOD: Header = Header::known("Mcp-Method", "mcp-method", Copies::Refused);
/// Repeats the name, URI or task id that the method is about.
pub(super) static NAME: Header = Header::known("Mcp-Name", "mcp-name", Copies::Refused);

/// The markers around an encoded header value.
const ENCODED_PREFIX: &str = "=?base64?";
const ENCODED_SUFFIX: &str = "?=";

/// A header that repeats something of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The name as people write it.
    shown: Cow<'static, str>,
    name: HeaderName,
    copies: Copies,
}

/// Tells how a header is read that occurs more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copies {
    /// It is refused.
    Refused,
    /// Equal copies count as one; a comma separates copies as well.
    Merged,
}

impl Header {
    const fn known(shown: &'static str, name: &'static str, copies: Copies) -> Header {
        Header { shown: Cow::Borrowed(shown), name: HeaderName::from_static(name), copies }
    }

    /// Makes a header of any name; `None` for a name that no header can have.
    pub(super) fn named(shown: String) -> Option<Header> {
        let name = HeaderName::from_bytes(shown.as_bytes()).ok()?;
        Some(Header { shown: Cow::Owned(shown), name, copies: Copies::Refused })
    }

    /// The header's name in messages.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Reads the value, without the white space around it; `None` if the header is absent.
    ///
    /// # Errors
    /// [`Fault::HeaderMismatch`] for a header that occurs twice (readers of the first copy and
    /// readers of the last would disagree), unless its equal copies count as one, and for bytes outside ASCII.
    pub(super) fn value<'h>(&self, headers: &'h HeaderMap) -> Result<Option<&'h str>, Fault> {
        let header = || self.shown().to_owned();
        let mut found = None;
        for value in headers.get_all(&self.name) {
            let Ok(text) = value.to_str() else {
                return Err(HeaderError::NotAscii { header: header() }.into());
            };
            let text = text.trim_matches([' ', '\t']);
            match self.copies {
                Copies::Refused if found.replace(text).is_some() => {
                    return Err(HeaderError::Repeated { header: header() }.into());
                }
                Copies::Refused => {}
                Copies::Merged => {
                    for copy in text.split(',').map(|copy| copy.trim_matches([' ', '\t'])) {
                        if *found.get_or_insert(copy) != copy {
                            return Err(HeaderError::Contradictory { header: header() }.into());
                        }
                    }
                }
            }
        }
        Ok(found)
    }

    /// Reads the text that the value stands for: decodes `=?base64?...?=`, strictly, and takes all else literally.
    ///
    /// # Errors
    /// As [`value`](Self::value), and for base64 that is not canonical or that no text can be made of.
    pub(super) fn decoded<'h>(&self, headers: &'h HeaderMap) -> Result<Option<Cow<'h, str>>, Fault> {
        let Some(value) = self.value(headers)? else { return Ok(None) };
        let inner = value.strip_prefix(ENCODED_PREFIX).and_then(|rest| rest.strip_suffix(ENCODED_SUFFIX));
        let Some(inner) = inner else { return Ok(Some(Cow::Borrowed(value))) };
        let decoded = STANDARD.decode(inner).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        decoded.map(|text| Some(Cow::Owned(text))).ok_or_else(|| {
            HeaderError::Encoding { header: self.shown().to_owned(), found: value.to_owned() }.into()
        })
    }

    /// Compares the header with the body's member at `path`.
    ///
    /// # Errors
    /// [`Fault::HeaderMismatch`] if the header is absent or says anything else.
    pub(super) fn agree(&self, found: Option<&str>, path: &str, expected: &str) -> Result<(), Fault> {
        if found == Some(expected) {
            return Ok(());
        }
        let (header, path, expected) = (self.shown().to_owned(), path.to_owned(), expected.to_owned());
        Err(Fault::from(match found {
            Some(found) => HeaderError::Differs { header, path, expected, found: found.to_owned() },
            None => HeaderError::Missing { header, path, expected },
        }))
    }
}
