//! Says why a call ends at a question; the error that unwinds the guest.

use crate::mcp::QuestionKinds;
use crate::rounds::{AskError, PendingQuestions};

/// Why a call ends at a question.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Suspend {
    /// The client is to answer first.
    #[error("the call waits for answers")]
    Asks(Box<PendingQuestions>),
    /// The client did not declare that it can be asked this.
    #[error("the client cannot be asked")]
    MissingCapability(QuestionKinds),
    /// Nobody can be asked on the way that the call came.
    #[error("nobody can be asked")]
    Unanswerable,
    /// An answer does not fit its question; says where, what was found and what was expected.
    #[error("{0}")]
    Unfit(String),
    /// The guest asked what cannot be asked; the text is for its author.
    #[error("the tool asked in a way that is not allowed: {0}")]
    Misused(String),
}

impl From<AskError> for Suspend {
    fn from(error: AskError) -> Self {
        Self::Misused(error.to_string())
    }
}
