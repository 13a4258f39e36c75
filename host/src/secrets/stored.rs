//! Names secrets that the extension fetches.

use std::fmt;

/// A secret outside of the function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StoredSecret {
    /// A secret in AWS Secrets Manager, by its name or ARN.
    SecretsManager(String),
    /// A parameter in AWS Systems Manager Parameter Store, by its name or ARN.
    Parameter(String),
}

impl StoredSecret {
    /// Returns what the function's role must be allowed to do.
    pub(super) fn permission(&self) -> &'static str {
        match self {
            Self::SecretsManager(_) => "secretsmanager:GetSecretValue for this secret",
            Self::Parameter(_) => {
                "ssm:GetParameter for this parameter, and kms:Decrypt for the key that encrypts it"
            }
        }
    }

    /// Describes an answer that lacks the text.
    pub(super) fn missing(&self) -> &'static str {
        match self {
            Self::SecretsManager(_) => "the secret has no text (SecretString)",
            Self::Parameter(_) => "the parameter has no text (Value)",
        }
    }
}

impl fmt::Display for StoredSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretsManager(id) => write!(f, "secret {id}"),
            Self::Parameter(name) => write!(f, "parameter {name}"),
        }
    }
}
