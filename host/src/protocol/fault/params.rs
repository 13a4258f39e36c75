//! Faults of a request's parameters.

use std::fmt::{self, Display, Formatter};

use crate::protocol::quoted::Quoted;

/// The reason why a method cannot take its parameters.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ParamsError {
    /// A member is missing.
    #[error("{path} is missing: expected {expected}")]
    Missing {
        /// The member.
        path: String,
        /// The expected value.
        expected: Expected,
    },
    /// A member is something else.
    #[error("{path}: expected {expected}, found {found}")]
    Unfit {
        /// The member.
        path: String,
        /// The expected value.
        expected: Expected,
        /// The value, quoted, or its kind.
        found: String,
    },
    /// An argument of a prompt is not one of its choices.
    #[error("{path}: expected one of {}", .choices.join(", "))]
    Choice {
        /// The argument.
        path: String,
        /// The values that it takes.
        choices: Vec<String>,
    },
    /// A prompt gets an argument that it does not have.
    #[error("params.arguments: the prompt has no argument {}", Quoted(.name))]
    UnknownArgument {
        /// The argument's name.
        name: String,
    },
    /// The tool does not exist.
    #[error("unknown tool {}", Quoted(.name))]
    UnknownTool {
        /// Its name.
        name: String,
    },
    /// The prompt does not exist.
    #[error("unknown prompt {}", Quoted(.name))]
    UnknownPrompt {
        /// Its name.
        name: String,
    },
    /// The resource template does not exist.
    #[error("unknown resource template {}", Quoted(.template))]
    UnknownTemplate {
        /// The template.
        template: String,
    },
    /// A `requestState` does not open, whatever the reason: an attacker learns nothing.
    #[error(
        "params.requestState: expected the state of the last answer to this very call, within an hour of its start; \
         call again without it"
    )]
    State,
    /// A cursor is of another list, or made up.
    #[error(
        "params.cursor: expected a nextCursor of this list, found {}; the list may have changed, start again",
        Quoted(.found)
    )]
    Cursor {
        /// The cursor.
        found: String,
    },
    /// A cursor leads past the end of its list.
    #[error("params.cursor: no page starts there; list again from the start")]
    CursorPastEnd,
    /// An answer of the user does not fit its question.
    #[error("{reason}")]
    Answer {
        /// The words of the sandbox: which answer, and what was expected.
        reason: String,
    },
    /// A plugin refuses the arguments.
    #[error("{reason}")]
    Plugin {
        /// The words of the plugin.
        reason: String,
    },
}

/// Describes the expected value at a path of the parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// An object.
    Object,
    /// An object whose names are texts.
    TextNames,
    /// An object whose values are texts.
    Texts,
    /// An object of so many members.
    Members {
        /// The most of them.
        most: usize,
    },
    /// A string.
    String,
    /// A string that Unicode can spell.
    Text,
    /// A string of so many bytes.
    Bytes {
        /// The most of them.
        most: usize,
    },
    /// A URI.
    Uri,
    /// A URI with a scheme.
    SchemeUri,
    /// A URI that shows on one line.
    PlainUri,
    /// The kind of a reference.
    ReferenceType,
    /// The name of a log level.
    Level,
    /// A progress token.
    ProgressToken,
}

impl Display for Expected {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::TextNames => "names in Unicode text",
            Self::Texts => "an object of strings",
            Self::Members { most } => return write!(f, "at most {most} members"),
            Self::String => "a string",
            Self::Text => "Unicode text",
            Self::Bytes { most } => return write!(f, "at most {most} bytes"),
            Self::Uri => "a URI",
            Self::SchemeUri => "a URI that starts with its scheme",
            Self::PlainUri => "a URI without control characters",
            Self::ReferenceType => "ref/prompt or ref/resource",
            Self::Level => "one of debug, info, notice, warning, error, critical, alert, emergency",
            Self::ProgressToken => "a short string or an integer",
        })
    }
}
