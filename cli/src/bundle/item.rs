//! Something that a call can be for, as errors name it.

use std::fmt;

use toolcell_host::catalog::Role;

/// Something that a call can be for, as errors name it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Subject<'a> {
    /// A tool, by name.
    Tool(&'a str),
    /// A prompt, by name.
    Prompt(&'a str),
    /// A function of one of our own interfaces.
    Provider(Role),
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Tool(name) => write!(f, "tool `{name}`"),
            Subject::Prompt(name) => write!(f, "prompt `{name}`"),
            Subject::Provider(role) => {
                let (interface, function) = role.function();
                write!(f, "function `{interface}.{function}`")
            }
        }
    }
}
