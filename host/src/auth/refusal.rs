//! Refuses a caller: names the reason, and writes the challenge.

use std::fmt::{Display, Write as _};

use http::{HeaderValue, StatusCode};

use super::oauth::TokenFault;
use crate::catalog::ScopeSet;

/// The name of the protected resource, which clients may show to a person.
const REALM: &str = "toolcell";

/// Names the reason of a refusal, by the caller's remedy; names as in RFC 6750 section 3.1. Its text is for the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Send a token.
    #[error("a token is needed: send it as `Authorization: Bearer TOKEN`")]
    Missing,
    /// Send a token that is valid.
    #[error("the token is not valid")]
    Invalid,
    /// Send an access token that is valid. The client is not told why this one is not.
    #[error("the token is not valid")]
    Token(TokenFault),
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

/// What a challenge says of the authorization servers that a client can turn to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataPointer {
    /// The address of the metadata of this server (RFC 9728); `None` if nobody knows it.
    pub url: Option<String>,
    /// The scopes that a client without a token asks for.
    pub scopes: ScopeSet,
}

impl Refusal {
    /// Returns the HTTP status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Missing | Self::Invalid | Self::Token(_) => StatusCode::UNAUTHORIZED,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Scope { .. } => StatusCode::FORBIDDEN,
        }
    }

    /// Returns the rule that refuses, in a word for the log.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Missing | Self::Malformed(_) => "credentials",
            Self::Invalid | Self::Token(_) => "token",
            Self::Scope { .. } => "required-scopes",
        }
    }

    /// Returns the reason for the log, which may say more than the client is told.
    pub fn reason(&self) -> String {
        match self {
            Self::Token(fault) => format!("{self}: {fault}"),
            refusal => refusal.to_string(),
        }
    }

    /// Writes the value of `WWW-Authenticate`. A caller that sent no token is told no `error` (RFC 6750 section 3).
    ///
    /// This is the one place where a challenge is written. Where an authorization server issues tokens, each challenge
    /// names the metadata that lead to it (RFC 9728 section 5.1), and all scopes of the operation.
    pub fn challenge(&self, pointer: Option<&MetadataPointer>) -> HeaderValue {
        let mut challenge = String::from("Bearer ");
        let mut separator = "";
        let mut add = |name: &str, value: &dyn Display| {
            let _ = write!(challenge, "{separator}{name}=\"{value}\"");
            separator = ", ";
        };
        match pointer.and_then(|pointer| pointer.url.as_ref()) {
            Some(url) => add("resource_metadata", url),
            None => add("realm", &REALM),
        }
        let first_scopes = pointer.map(|pointer| &pointer.scopes).filter(|scopes| !scopes.is_empty());
        match (self, first_scopes) {
            (Self::Scope { required }, _) => {
                add("error", &"insufficient_scope");
                add("scope", required);
            }
            (Self::Malformed(_), _) => add("error", &"invalid_request"),
            (Self::Missing, None) => {}
            (Self::Missing, Some(scopes)) => add("scope", scopes),
            (Self::Invalid | Self::Token(_), None) => add("error", &"invalid_token"),
            (Self::Invalid | Self::Token(_), Some(scopes)) => {
                add("error", &"invalid_token");
                add("scope", scopes);
            }
        }
        if *self != Self::Missing {
            // Made of our own words and of scopes: neither holds a quote or a backslash.
            add("error_description", self);
        }
        HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}
