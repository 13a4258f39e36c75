//! The part of a request that every answer to it needs.

use super::id::Id;
use super::revision::Revision;

/// The id and revision of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The request's id.
    pub id: Id,
    /// The revision that the server answers under; for `initialize` the one that the handshake negotiates.
    pub revision: Revision,
}
