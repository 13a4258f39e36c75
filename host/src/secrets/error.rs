//! Names the reasons why a secret has no value, for the operator. No text repeats a value.

use super::extension::FetchError;
use super::value::{FieldError, SecretValue};

/// A secret without a value.
#[derive(Debug, thiserror::Error)]
#[error("secret `{name}`: {reason}")]
pub struct SecretError {
    /// Its name in `[secrets]`.
    pub name: String,
    /// The reason.
    pub reason: SecretReason,
}

/// The reason why a secret has no value.
#[derive(Debug, thiserror::Error)]
pub enum SecretReason {
    /// `[secrets]` does not name it.
    #[error("[secrets] of the package does not name it: add it there, and deploy again")]
    Unknown,
    /// The variable with its value is not set.
    #[error("the environment variable {variable} is not set or empty")]
    NoVariable {
        /// The variable.
        variable: String,
    },
    /// The extension does not hand it out.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// A field of it is wanted, and it has none.
    #[error("it is not a JSON object, and its value is to be the field `{field}` of one")]
    NotJson {
        /// The field.
        field: String,
    },
    /// It lacks the field with the value.
    #[error("its JSON object has no field `{field}`")]
    NoField {
        /// The field.
        field: String,
    },
    /// The field with the value holds something else.
    #[error("the field `{field}` of its JSON object is not a string")]
    FieldNotText {
        /// The field.
        field: String,
    },
    /// Its value is empty.
    #[error("its value is empty")]
    Empty,
    /// Its value cannot be part of a header.
    #[error(
        "its value cannot be part of a header: it begins or ends with a space, or has a line break or another character \
         that is not visible ASCII"
    )]
    NoHeader,
    /// Its value is too long.
    #[error("its value is longer than {} bytes", SecretValue::MAX_BYTES)]
    TooLong,
}

impl SecretReason {
    /// Makes the error of the secret with this name.
    pub(crate) fn of(self, name: &str) -> SecretError {
        SecretError { name: name.to_owned(), reason: self }
    }

    pub(super) fn of_field(error: FieldError, field: &str) -> Self {
        let field = field.to_owned();
        match error {
            FieldError::NotJson => Self::NotJson { field },
            FieldError::Missing => Self::NoField { field },
            FieldError::NotText => Self::FieldNotText { field },
        }
    }
}
