//! Holds where secrets are. Only the catalog in a package says so; no catalog holds the value of one.

use serde::{Deserialize, Serialize};

/// The source of a secret: `[secrets.NAME]` of `toolcell.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretSource {
    /// The place of its text.
    pub place: SecretPlace,
    /// The field with the value, if the text is a JSON object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// The place of a secret's text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// An environment variable of the server, by its name.
    Environment(String),
    /// A secret in AWS Secrets Manager, by its name or ARN.
    SecretsManager(String),
    /// A parameter in AWS Systems Manager Parameter Store, by its name or ARN.
    Parameter(String),
}
