//! Faults of a body: no JSON, no JSON-RPC, no description of itself.

use crate::protocol::depth::MAX_DEPTH;
use crate::protocol::id::MAX_ID_BYTES;
use crate::protocol::message::{CAPABILITIES_PATH, MAX_BATCH, VERSION_PATH};
use crate::protocol::quoted::Quoted;

/// The reason why bytes are no JSON.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ParseError {
    /// The connection ended inside the body.
    #[error("the body ended early")]
    Truncated,
    /// The bytes are no text.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// The text starts with a byte order mark.
    #[error("the body starts with a byte order mark: expected JSON")]
    ByteOrderMark,
    /// The text is nested too deeply to be read.
    #[error("the body nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// The text breaks JSON's grammar.
    #[error("the body is not JSON: {reason}")]
    NotJson {
        /// The words of serde_json: the mistake and its place.
        reason: String,
    },
    /// A Lambda event is no HTTP request.
    #[error("expected an HTTP request")]
    Event,
    /// A Lambda event has a malformed path or query.
    #[error("the path or query is malformed")]
    Uri,
    /// A Lambda event's body is not the base64 that it says.
    #[error("the body is not base64, as its event says")]
    Base64,
}

/// The reason why JSON is no JSON-RPC message that the server takes.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ShapeError {
    /// Not an object.
    #[error("expected a JSON-RPC request or notification, found {found}")]
    NotAMessage {
        /// The kind of value.
        found: &'static str,
    },
    /// A member of the protocol occurs twice.
    #[error("{path} occurs more than once")]
    RepeatedMember {
        /// The member.
        path: &'static str,
    },
    /// A member whose name the client chose occurs twice.
    #[error("{path} holds {} more than once", Quoted(.name))]
    RepeatedName {
        /// The object.
        path: String,
        /// The member's name.
        name: String,
    },
    /// `jsonrpc` is missing.
    #[error(r#"jsonrpc is missing: expected "2.0""#)]
    NoVersion,
    /// `jsonrpc` is something else.
    #[error(r#"jsonrpc: expected "2.0""#)]
    Version,
    /// `method` is missing.
    #[error("method is missing")]
    NoMethod,
    /// `method` is no text.
    #[error("method: expected Unicode text, found {found}")]
    Method {
        /// The kind of value.
        found: &'static str,
    },
    /// The message is a request and a response at once.
    #[error("a message with method holds neither result nor error")]
    MethodAndResult,
    /// `params` is no object.
    #[error("params: expected an object, found {found}")]
    Params {
        /// The kind of value.
        found: &'static str,
    },
    /// `id` is no id.
    #[error("id: expected a string or an integer of at most {MAX_ID_BYTES} bytes, found {found}")]
    Id {
        /// The kind of value.
        found: &'static str,
    },
    /// A modern client sends a response.
    #[error("expected a request or notification, found a response")]
    Response,
    /// A batch is too large.
    #[error("a batch holds at most {MAX_BATCH} messages")]
    LargeBatch,
    /// A batch is empty.
    #[error("expected a message, found an empty batch")]
    EmptyBatch,
    /// A batch under a revision without batches, which its header names.
    #[error("expected a single message: this revision knows no batches")]
    Batch,
    /// A batch with a message of a revision without batches.
    #[error("expected a single message: the revision named in params._meta knows no batches")]
    BatchedRevision,
    /// A handshake inside a batch.
    #[error("initialize is not part of a batch")]
    BatchedInitialize,
    /// The arguments cannot be read.
    #[error("params.arguments: expected an object")]
    Arguments,
    /// An argument that a header repeats holds half a surrogate pair.
    #[error("{path}: expected Unicode text")]
    Argument {
        /// The argument.
        path: String,
    },
}

/// The reason why a modern request does not describe itself.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// `_meta` is missing.
    #[error("params._meta is missing: expected an object that holds {VERSION_PATH}")]
    NoMeta,
    /// `_meta` is no object.
    #[error("params._meta: expected an object, found {found}")]
    Meta {
        /// The kind of value.
        found: &'static str,
    },
    /// The revision is missing.
    #[error("{VERSION_PATH} is missing: expected a string")]
    NoVersion,
    /// The revision is no text.
    #[error("{VERSION_PATH}: expected a string, found {found}")]
    Version {
        /// The kind of value.
        found: &'static str,
    },
    /// The capabilities are missing.
    #[error("{CAPABILITIES_PATH} is missing: expected an object")]
    NoCapabilities,
    /// The capabilities are no object.
    #[error("{CAPABILITIES_PATH}: expected an object, found {found}")]
    Capabilities {
        /// The kind of value.
        found: &'static str,
    },
}
