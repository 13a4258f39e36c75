//! Finds the parts beside the body of a request: headers that repeat it, or settings of earlier messages.

use http::HeaderMap;
use http::request::Parts;

use super::fault::Fault;
use super::header;
use super::revision::Revision;
use crate::mcp::Level;

/// The settings of a client that sends all its messages over one pair of pipes. An edge whose messages have no headers
/// adds it to a request's extensions; a request without it has headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The revision of the handshake, if there was one.
    pub revision: Option<Revision>,
    /// The least serious messages that the client wants, if it has said so (`logging/setLevel`).
    pub level: Option<Level>,
}

/// The parts beside a body.
#[derive(Clone, Copy)]
pub(super) enum Framing<'h> {
    /// The headers of HTTP.
    Headers(&'h HeaderMap),
    /// Nothing: the message is a line, and the lines before it count.
    Line(Settled),
}

impl<'h> Framing<'h> {
    /// Finds what stands beside the body of a request.
    pub(super) fn of(parts: &'h Parts) -> Self {
        match parts.extensions.get::<Settled>() {
            Some(settled) => Self::Line(*settled),
            None => Self::Headers(&parts.headers),
        }
    }

    /// Returns the revision that is named outside of the body.
    ///
    /// # Errors
    /// The header that names it is malformed.
    pub(super) fn version(self) -> Result<Option<&'h str>, Fault> {
        match self {
            Self::Headers(headers) => header::VERSION.value(headers),
            Self::Line(settled) => Ok(settled.revision.map(Revision::name)),
        }
    }

    /// Returns the headers that repeat the body, where there are headers.
    pub(super) fn headers(self) -> Option<&'h HeaderMap> {
        match self {
            Self::Headers(headers) => Some(headers),
            Self::Line(_) => None,
        }
    }

    /// Returns the level that a client of an earlier revision has set.
    pub(super) fn level(self) -> Option<Level> {
        match self {
            Self::Headers(_) => None,
            Self::Line(settled) => settled.level,
        }
    }
}
