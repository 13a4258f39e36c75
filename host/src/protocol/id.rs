//! Request ids and progress tokens: a string or an integer, given back exactly as it came.

use bytes::Bytes;
use serde_json::value::RawValue;

/// Maximum size of the JSON text of an id or a progress token, in bytes: every response repeats it.
pub const MAX_ID_BYTES: usize = 1024;

/// A JSON-RPC request id, as JSON text.
///
/// Chosen by the client: unique to nothing, and never a key for anything that outlives the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Id(Bytes);

/// The token that ties progress notifications to a request, as JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressToken(Bytes);

impl Id {
    /// The id of an error that belongs to no request that is known, where JSON-RPC asks for one.
    pub const NULL: Id = Id(Bytes::from_static(b"null"));

    /// The id's JSON text.
    pub fn as_json(&self) -> &[u8] {
        &self.0
    }

    /// Reads an id, copying it so that a large body can be dropped; none if it is not an id.
    pub(crate) fn parse(raw: &RawValue) -> Option<Id> {
        is_string_or_integer(raw).then(|| Id(Bytes::copy_from_slice(raw.get().as_bytes())))
    }
}

impl ProgressToken {
    /// The token's JSON text.
    pub fn as_json(&self) -> &[u8] {
        &self.0
    }

    /// Reads a token, copying it so that a large body can be dropped; none if it is not a token.
    pub(super) fn parse(raw: &RawValue) -> Option<ProgressToken> {
        is_string_or_integer(raw).then(|| ProgressToken(Bytes::copy_from_slice(raw.get().as_bytes())))
    }
}

/// Valid JSON that starts with a digit or a minus sign is a number; without fraction and exponent
/// it is written as an integer, and of any size.
fn is_string_or_integer(raw: &RawValue) -> bool {
    let json = raw.get().as_bytes();
    json.len() <= MAX_ID_BYTES
        && match json[0] {
            b'"' => true,
            b'-' | b'0'..=b'9' => !json.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')),
            _ => false,
        }
}
