//! Refuses a caller: names the reason, and writes the challenge.

use std::fmt::Write as _;

use http::{HeaderValue, StatusCode};

use crate::catalog::ScopeSet;

/// The name of the protected resource, which clients may show to a person.
const REALM: &str = "toolcell";

/// Names the reason of a refusal, by the caller's remedy; names as in RFC 6750 section 3.1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Send a token.
    #[error("a token is needed: send it as `Authorization: Bearer TOKEN`")]
    Missing,
    /// Send a token that is valid.
    #[error("the token is not valid")]
    Invalid,
    /// Send the token in the one way there is.
    #[error("{0}")]
    Malformed(&'static str),
    /// Get more scopes.
    #[error("the caller needs the scopes `{required}`")]
    Scope {
        /// All scopes that the operation asks for.
        required: ScopeSet,
    },
}

impl Refusal {
    /// Returns the HTTP status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Scope { .. } => StatusCode::FORBIDDEN,
        }
    }

    /// Writes the value of `WWW-Authenticate`. A caller that sent no token is told no `error` (RFC 6750 section 3).
    ///
    /// This is the one place where a challenge is written: with an authorization server, each of them ends in
    /// `resource_metadata` (RFC 9728 section 5.1).
    pub fn challenge(&self) -> HeaderValue {
        let mut challenge = format!("Bearer realm=\"{REALM}\"");
        let mut add = |name: &str, value: &dyn std::fmt::Display| {
            let _ = write!(challenge, ", {name}=\"{value}\"");
        };
        match self {
            Self::Missing => {}
            Self::Invalid => add("error", &"invalid_token"),
            Self::Malformed(_) => add("error", &"invalid_request"),
            Self::Scope { required } => {
                add("error", &"insufficient_scope");
                add("scope", required);
            }
        }
        if *self != Self::Missing {
            // Made of our own words and of scopes: neither holds a quote or a backslash.
            add("error_description", self);
        }
        HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}
