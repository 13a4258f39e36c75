//! Who may call, as the deployer configured it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scope::ScopeSet;
use crate::digest::Digest;

/// Who may call; empty means that the bundle says nothing about callers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Callers with a token; where this is there, nobody else gets in but callers that AWS vouches for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
    /// Scopes of callers that AWS vouches for, by the principal's name in `toolcell.toml`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub iam: BTreeMap<PrincipalName, IamPrincipal>,
}

/// Where the principals with tokens are found: here, and at each place that is named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bearer {
    /// An environment variable of the server that holds more principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// A secret in AWS Secrets Manager, by name or ARN, that holds more principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Principals by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub principals: BTreeMap<PrincipalName, BearerPrincipal>,
}

/// A caller with a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BearerPrincipal {
    /// SHA-256 of each token that is accepted.
    pub tokens: Vec<Digest>,
    /// What the caller was given.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub scopes: ScopeSet,
}

/// A role or user of AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IamPrincipal {
    /// Its ARN.
    pub arn: String,
    /// What the caller was given.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub scopes: ScopeSet,
}

impl Auth {
    /// Whether the bundle says nothing about callers.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How the tokens start that `toolcell token` makes, so that one can be told from other text where it leaks.
pub const TOKEN_PREFIX: &str = "tct_";

/// What a principal is called in configuration and log; never one of our tokens in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalName(Box<str>);

/// A text that names no principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a principal's name: 1 to {max} of A-Z a-z 0-9 _ . @ + -", max = PrincipalName::MAX_BYTES)]
pub struct NotAPrincipalName;

impl PrincipalName {
    /// Longest name, in bytes: every line of the log that concerns the principal repeats it.
    pub const MAX_BYTES: usize = 64;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PrincipalName {
    type Err = NotAPrincipalName;

    fn from_str(text: &str) -> Result<Self, NotAPrincipalName> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_.@+-".contains(&byte);
        let fits = (1..=Self::MAX_BYTES).contains(&text.len());
        let is_name = fits && text.bytes().all(legal) && !text.starts_with(TOKEN_PREFIX);
        if is_name { Ok(Self(text.into())) } else { Err(NotAPrincipalName) }
    }
}

impl fmt::Display for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PrincipalName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PrincipalName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for text in ["alice", "alice@example.com", "ci+deploy", "a.b-c_D9"] {
            assert!(text.parse::<PrincipalName>().is_ok(), "{text}");
        }
        for text in ["", "a b", "é", "a\n", "a/b", "\"a\"", "tct_0123"] {
            assert_eq!(text.parse::<PrincipalName>(), Err(NotAPrincipalName), "{text:?}");
        }
        assert!("n".repeat(PrincipalName::MAX_BYTES).parse::<PrincipalName>().is_ok());
        assert!("n".repeat(PrincipalName::MAX_BYTES + 1).parse::<PrincipalName>().is_err());
    }
}
