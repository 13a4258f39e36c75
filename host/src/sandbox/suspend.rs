//! Ends a call at a question; this error unwinds the guest.

use crate::mcp::QuestionKinds;
use crate::rounds::{AskError, PendingQuestions};

/// The reason why a call ends at a question.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Suspend {
    /// The client must answer first.
    #[error("the call waits for answers")]
    Asks(Box<PendingQuestions>),
    /// The client did not declare the capability that the questions need.
    #[error("the client cannot be asked")]
    MissingCapability(QuestionKinds),
    /// The call came in a way that cannot carry questions.
    #[error("nobody can be asked")]
    Unanswerable,
    /// An answer does not fit its question; says where, what was found and what was expected.
    #[error("{0}")]
    Unfit(String),
    /// The guest asked an invalid question; the text is for its author.
    #[error("the tool asked in a way that is not allowed: {0}")]
    Misused(String),
}

impl From<AskError> for Suspend {
    fn from(error: AskError) -> Self {
        Self::Misused(error.to_string())
    }
}
