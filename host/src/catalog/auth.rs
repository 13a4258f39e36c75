//! Holds the callers that the deployer configured.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::oauth::OAuth;
use super::scope::ScopeSet;
use crate::digest::Digest;
use crate::text_form::serde_as_text;

/// The callers; empty if the bundle says nothing about them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The callers with a token. If it is set, only they and the callers that AWS has authenticated get in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bearer: Option<Bearer>,
    /// The callers that AWS has authenticated, by their names in `toolcell.toml`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub iam: BTreeMap<PrincipalName, IamPrincipal>,
    /// The callers with an access token of an authorization server. If it is set, there are no anonymous callers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth: Option<OAuth>,
}

/// The principals with tokens: the ones listed here, and those in each place that is named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bearer {
    /// An environment variable of the server that holds more principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// A secret in AWS Secrets Manager, by name or ARN, that holds more principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// The principals by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub principals: BTreeMap<PrincipalName, BearerPrincipal>,
}

/// A caller with a token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BearerPrincipal {
    /// The SHA-256 digest of each valid token.
    pub tokens: Vec<Digest>,
    /// The scopes of the caller.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub scopes: ScopeSet,
}

/// A role or user of AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IamPrincipal {
    /// Its ARN.
    pub arn: String,
    /// The scopes of the caller.
    #[serde(default, skip_serializing_if = "ScopeSet::is_empty")]
    pub scopes: ScopeSet,
}

impl Auth {
    /// Tells whether the bundle says nothing about callers.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The first letters of every token that `toolcell token` makes, so that a leaked one can be recognized.
pub const TOKEN_PREFIX: &str = "tct_";

/// The name of a principal in the configuration and the log; never a misplaced token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalName(Box<str>);

/// The error for a text that is not a principal's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a principal's name: 1 to {max} characters of A-Z a-z 0-9 _ . @ + -", max = PrincipalName::MAX_BYTES)]
pub struct NotAPrincipalName;

impl PrincipalName {
    /// The longest name, in bytes: every log line about the principal repeats it.
    pub const MAX_BYTES: usize = 64;

    /// Returns the name.
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

serde_as_text!(PrincipalName);

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
