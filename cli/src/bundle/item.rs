//! Something that a call can be for, as errors name it.

use std::fmt;

use toolcell_host::catalog::ProviderRole;

/// Something that a call can be for, as errors name it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    /// A tool, by name.
    Tool(&'a str),
    /// A prompt, by name.
    Prompt(&'a str),
    /// A function of one of our own interfaces.
    Provider(ProviderRole),
}

impl fmt::Display for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Item::Tool(name) => write!(f, "tool `{name}`"),
            Item::Prompt(name) => write!(f, "prompt `{name}`"),
            Item::Provider(role) => {
                let (interface, function) = role.function();
                write!(f, "function `{interface}.{function}`")
            }
        }
    }
}
