//! What a call comes to, once it is text and JSON.

/// What a tool's bare `err` reads as.
pub(crate) const UNNAMED_ERROR: &str = "the tool reported an error";

/// Whether the tool succeeded: `isError` of a `CallToolResult`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultStatus {
    /// The function returned normally or with `ok`.
    Success,
    /// The function returned `err`.
    Error,
}

/// A function's result, written for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// Whether the tool succeeded.
    pub status: ResultStatus,
    /// What it said.
    pub body: ResultBody,
}

/// The content of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultBody {
    /// The function returns nothing.
    Empty,
    /// A string, for people and models to read as it is.
    Text(String),
    /// One line of JSON: of a success, an object that the output schema describes (`structuredContent`);
    /// of an error, the value itself.
    Json(Vec<u8>),
}

/// Why a result could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The tool's output cap; the tool is at fault.
    #[error("the result is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The cap.
        limit_bytes: usize,
    },
    /// The plan was not made from this component; the bundle is at fault.
    #[error("the result is not of the type in the plan")]
    Mismatch,
}
