//! Reports why a call failed, and carries the error through the engine.

use crate::codec::encoded::EncodeError;
use crate::codec::error::ArgumentError;

/// The reason why a call failed. Its store must not be used again.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The arguments are invalid; the caller can correct them. The function did not run.
    #[error(transparent)]
    Argument(ArgumentError),
    /// The arguments take more memory than the input budget. The function did not run.
    #[error("the arguments take more than {limit_bytes} bytes of memory")]
    Input {
        /// The budget.
        limit_bytes: usize,
    },
    /// The result is larger than the output budget.
    #[error("the result is larger than {limit_bytes} bytes")]
    Output {
        /// The budget.
        limit_bytes: usize,
    },
    /// The plan is that of another function: a fault of the bundle. The function did not run.
    #[error("the function is not what its plan says")]
    PlanMismatch(#[source] wasmtime::Error),
    /// The guest trapped, was stopped, or returned a value that violates the canonical ABI.
    #[error(transparent)]
    Guest(wasmtime::Error),
}

impl From<EncodeError> for CallError {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::TooLarge { limit_bytes } => Self::Output { limit_bytes },
            EncodeError::Mismatch => Self::PlanMismatch(wasmtime::Error::msg(error)),
        }
    }
}

impl CallError {
    /// Wraps the error for its way through the engine.
    pub(super) fn into_engine(self) -> wasmtime::Error {
        match self {
            Self::Guest(error) => error,
            error => wasmtime::Error::new(error),
        }
    }

    /// Unwraps an error of the engine that may be one of ours.
    pub(super) fn from_engine(error: wasmtime::Error) -> Self {
        error.downcast().unwrap_or_else(Self::Guest)
    }
}
