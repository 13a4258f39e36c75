//! Routing headers: read strictly, for intermediaries act on them before we do.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::HeaderName;

use super::fault::{Fault, HeaderError};

/// Names the revision.
pub(super) static VERSION: Header = Header::known("MCP-Protocol-Version", "mcp-protocol-version");
/// Repeats the method.
pub(super) static METHOD: Header = Header::known("Mcp-Method", "mcp-method");
/// Repeats the name, URI or task id that the method is about.
pub(super) static NAME: Header = Header::known("Mcp-Name", "mcp-name");

/// The markers around an encoded header value.
const ENCODED_PREFIX: &str = "=?base64?";
const ENCODED_SUFFIX: &str = "?=";

/// A header that repeats something of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The name as people write it.
    shown: Cow<'static, str>,
    name: HeaderName,
}

impl Header {
    const fn known(shown: &'static str, name: &'static str) -> Header {
        Header { shown: Cow::Borrowed(shown), name: HeaderName::from_static(name) }
    }

    /// Makes a header of any name; `None` for a name that no header can have.
    pub(super) fn named(shown: String) -> Option<Header> {
        let name = HeaderName::from_bytes(shown.as_bytes()).ok()?;
        Some(Header { shown: Cow::Owned(shown), name })
    }

    /// The header's name in messages.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Reads the value, without the white space around it; `None` if the header is absent.
    ///
    /// # Errors
    /// [`Fault::HeaderMismatch`] for a header that occurs twice (readers of the first copy and
    /// readers of the last would disagree) and for bytes outside ASCII.
    pub(super) fn value<'h>(&self, headers: &'h HeaderMap) -> Result<Option<&'h str>, Fault> {
        let header = || self.shown().to_owned();
        let mut values = headers.get_all(&self.name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(HeaderError::Repeated { header: header() }.into());
        }
        match value.to_str() {
            Ok(text) => Ok(Some(text.trim_matches([' ', '\t']))),
            Err(_) => Err(HeaderError::NotAscii { header: header() }.into()),
        }
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
