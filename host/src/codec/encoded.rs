//! Holds the result of a call as text or JSON.

/// The text for a tool's `err` without payload.
pub(crate) const UNNAMED_ERROR: &str = "the tool reported an error";

/// Tells whether the tool succeeded: `isError` of a `CallToolResult`.
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
    /// The success or failure of the tool.
    pub status: ResultStatus,
    /// The content.
    pub body: ResultBody,
}

/// The content of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResultBody {
    /// The function returns nothing.
    Empty,
    /// A string for people and models.
    Text(String),
    /// One line of JSON: for a success, an object that fits the output schema (`structuredContent`); for an error, the
    /// value itself.
    Json(Vec<u8>),
}

/// The reason why a result could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The result exceeds the output limit: a fault of the tool.
    #[error("the result is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The plan is that of another component: a fault of the bundle.
    #[error("the result is not of the type in the plan")]
    Mismatch,
}
