//! Names the reasons why an issuer cannot be asked, for the operator.

use http::StatusCode;

use crate::auth::oauth::KeySetError;
use crate::net::OutboundError;
use crate::secrets::SecretError;

/// An issuer whose keys, or whose word on a token, cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("issuer {issuer}: {source}")]
pub struct IssuerError {
    /// The identifier of the issuer.
    pub issuer: String,
    /// The reason.
    pub source: IssuerFault,
}

/// The reason why an issuer cannot be asked. No text repeats a token or a secret.
#[derive(Debug, thiserror::Error)]
pub enum IssuerFault {
    /// The server cannot reach any host.
    #[error("{0}")]
    Network(String),
    /// The request got no response.
    #[error("{url}: {source}")]
    Request {
        /// The address.
        url: String,
        /// The reason.
        source: OutboundError,
    },
    /// The response is another one than was hoped for.
    #[error("{url}: status {status}, expected 200{}", of_redirect(*status))]
    Status {
        /// The address.
        url: String,
        /// The status.
        status: StatusCode,
    },
    /// The metadata cannot be read.
    #[error("{url}: expected metadata in JSON (RFC 8414) with `issuer` and `jwks_uri`")]
    Metadata {
        /// The address.
        url: String,
    },
    /// The metadata are those of another issuer.
    #[error(
        "{url}: the metadata name the issuer {found:?}; `issuer` in [auth.oauth] must be the same to the letter"
    )]
    OtherIssuer {
        /// The address.
        url: String,
        /// The issuer there.
        found: String,
    },
    /// The metadata name an address that cannot be used.
    #[error("{url}: {member} is not an https:// address that can be used")]
    Address {
        /// The address of the metadata.
        url: String,
        /// The member.
        member: &'static str,
    },
    /// The keys cannot be used.
    #[error("{url}: {source}")]
    Keys {
        /// The address.
        url: String,
        /// The reason.
        source: KeySetError,
    },
    /// It was asked so often that it is not asked again yet.
    #[error("its keys could not be fetched a moment ago; they are asked for again soon")]
    Waiting,
    /// It took too long.
    #[error("its keys could not be fetched in time")]
    TimedOut,
    /// No endpoint for introspection is known.
    #[error(
        "its metadata name no `introspection_endpoint`: set `url` in [auth.oauth.issuers.NAME.introspection]"
    )]
    NoEndpoint,
    /// The secret of the client cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The answer to introspection cannot be read.
    #[error("{url}: expected a JSON object with `active` (RFC 7662)")]
    Introspection {
        /// The address.
        url: String,
    },
    /// Too many tokens are looked up already.
    #[error("too many tokens are being looked up at a time")]
    Busy,
}

fn of_redirect(status: StatusCode) -> &'static str {
    if status.is_redirection() { ": redirects are not followed" } else { "" }
}
