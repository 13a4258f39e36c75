//! Names the errors of `wasi:keyvalue`. A guest reads the texts and may show them, so they reveal no internals.

use wasmtime::component::{ComponentType, Lower};

use crate::state_store::StateError;

/// `error` of `wasi:keyvalue/store`.
#[derive(Clone, Debug, PartialEq, Eq, ComponentType, Lower)]
#[component(variant)]
pub enum KeyvalueError {
    /// The bucket was not granted.
    #[component(name = "no-such-store")]
    NoSuchStore,
    /// The caller has no such bucket.
    #[component(name = "access-denied")]
    AccessDenied,
    /// Anything else.
    #[component(name = "other")]
    Other(String),
}

impl KeyvalueError {
    /// Makes an error with a text for the plugin's author.
    pub(in crate::sandbox) fn other(text: impl Into<String>) -> Self {
        Self::Other(text.into())
    }
}

impl From<StateError> for KeyvalueError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Unavailable(_) => Self::other("the state is not available"),
            StateError::Unknown(_) => Self::other("the state may or may not have been written"),
            error => Self::other(error.to_string()),
        }
    }
}
