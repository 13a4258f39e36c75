//! Holds whose access tokens a server takes. Only the catalog in its package says so.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http_grant::AddressRange;
use super::scope::{Scope, ScopeSet};
use super::web_url::WebUrl;
use crate::text_form::serde_as_text;
use crate::timestamp::Timestamp;

/// The callers that authorization servers vouch for: `[auth.oauth]` of `toolcell.toml`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    /// The address of the server without a path; without one, the edge knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_url: Option<WebUrl>,
    /// How a call that lacks scopes is refused.
    #[serde(default, skip_serializing_if = "Challenge::is_status")]
    pub challenge: Challenge,
    /// Tells what lists show to a caller with an access token.
    #[serde(default, skip_serializing_if = "Lists::are_all")]
    pub lists: Lists,
    /// The scopes that a client asks for first; `None` for all that anything requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<ScopeSet>,
    /// The scopes that a scope includes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub implies: BTreeMap<Scope, ScopeSet>,
    /// The authorization servers, by their names in `toolcell.toml`.
    pub issuers: BTreeMap<String, Issuer>,
}

/// Tells how a call that lacks scopes is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Challenge {
    /// With status 403 and `WWW-Authenticate`.
    #[default]
    Status,
    /// With a result that is an error and names the challenge in `_meta`.
    Result,
}

/// Tells what lists show to a caller that can ask its authorization server for more scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lists {
    /// Every item: a client that never sees a tool never asks for its scopes.
    #[default]
    All,
    /// The items that the scopes of its token allow, as for every other caller.
    Allowed,
}

/// An authorization server, and how its tokens are read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// Its identifier, as the claim `iss` has it to the letter.
    pub issuer: WebUrl,
    /// The audiences of which a token must name one; empty for the server's own address, or for `client_ids` alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<String>,
    /// The clients whose tokens are taken; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub client_ids: Vec<String>,
    /// The claims with scopes.
    pub scope_claims: Vec<String>,
    /// The claim that names the caller.
    pub principal_claim: String,
    /// The algorithms of signatures.
    pub algorithms: Vec<SigningAlgorithm>,
    /// The type that the head of a token must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
    /// The source of its keys.
    pub keys: KeySource,
    /// The networks whose addresses may be reached although they are not global.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub address: Vec<AddressRange>,
    /// How tokens that say nothing themselves are looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection: Option<Introspection>,
}

/// The source of an authorization server's keys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum KeySource {
    /// The address that the metadata of the server names.
    Discovered {
        /// The keys that `toolcell build` has fetched.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<KeySeed>,
    },
    /// A known address.
    Url {
        /// The address.
        url: WebUrl,
        /// The keys that `toolcell build` has fetched.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<KeySeed>,
    },
    /// The keys themselves, which nothing is fetched to replace.
    Fixed {
        /// A JSON Web Key Set.
        keys: Value,
    },
}

/// Keys that were fetched before the server started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySeed {
    /// The time when they were fetched.
    pub fetched: Timestamp,
    /// The address that they came from.
    pub url: WebUrl,
    /// The endpoint that looks tokens up, if the metadata of the server named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<WebUrl>,
    /// A JSON Web Key Set with public keys.
    pub keys: Value,
}

/// How tokens are looked up (RFC 7662).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Introspection {
    /// The endpoint; without one, the metadata of the server names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<WebUrl>,
    /// The client that the server is there.
    pub client_id: String,
    /// The name of the secret of that client in `[secrets]`.
    pub secret: String,
}

/// An algorithm of signatures with a public key (RFC 7518, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(clippy::upper_case_acronyms, reason = "the names of RFC 7518")]
pub enum SigningAlgorithm {
    /// RSA with PKCS #1 v1.5 and SHA-256
    RS256,
    /// RSA with PKCS #1 v1.5 and SHA-384
    RS384,
    /// RSA with PKCS #1 v1.5 and SHA-512
    RS512,
    /// RSA with PSS and SHA-256
    PS256,
    /// RSA with PSS and SHA-384
    PS384,
    /// RSA with PSS and SHA-512
    PS512,
    /// ECDSA over P-256 with SHA-256
    ES256,
    /// ECDSA over P-384 with SHA-384
    ES384,
    /// EdDSA over Curve25519
    EdDSA,
}

/// The error for a text that is not such an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA")]
pub struct NotASigningAlgorithm;

impl OAuth {
    /// The most issuers of a server.
    pub const MAX_ISSUERS: usize = 16;

    /// Tells whether tokens must name an audience that only the address of the server tells.
    pub fn needs_own_url(&self) -> bool {
        self.public_url.is_none() && self.issuers.values().any(Issuer::names_own_url)
    }
}

impl Issuer {
    /// The most audiences, clients or claims that are listed.
    pub const MAX_ITEMS: usize = 32;

    /// The claims with scopes unless configured.
    pub const SCOPE_CLAIM: &'static str = "scope";

    /// The claim that names the caller unless configured.
    pub const PRINCIPAL_CLAIM: &'static str = "sub";

    /// The algorithms unless configured.
    pub const ALGORITHMS: [SigningAlgorithm; 4] =
        [SigningAlgorithm::RS256, SigningAlgorithm::PS256, SigningAlgorithm::ES256, SigningAlgorithm::EdDSA];

    /// Tells whether its tokens must name the server's own address as their audience.
    pub fn names_own_url(&self) -> bool {
        self.audience.is_empty() && self.client_ids.is_empty()
    }
}

impl Challenge {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_status(&self) -> bool {
        *self == Self::Status
    }
}

impl Lists {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn are_all(&self) -> bool {
        *self == Self::All
    }
}

impl SigningAlgorithm {
    /// All algorithms.
    pub const ALL: [Self; 9] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
        Self::ES256,
        Self::ES384,
        Self::EdDSA,
    ];

    /// Returns the name, as `alg` has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
        }
    }
}

impl FromStr for SigningAlgorithm {
    type Err = NotASigningAlgorithm;

    fn from_str(text: &str) -> Result<Self, NotASigningAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == text).ok_or(NotASigningAlgorithm)
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

serde_as_text!(SigningAlgorithm);
