//! Keeps the credentials of callers ([`CredentialStore`]) and the keys that seal states ([`Keyring`]). Both come from
//! the environment or a secret in AWS Secrets Manager, callers also from the bundle, and from the authorization servers
//! that it names ([`oauth`]).
//!
//! Opened once per process, asked once per request. [`CredentialStore::open`] reads the bundle and the environment; a
//! server that finds a mistake there refuses to start. The first request fetches the secret, because the extension
//! that hands it out answers nothing before the first invocation. Later requests fetch it again from time to time, so
//! that environments that stay warm refuse a token that was withdrawn. Until the first answer, every caller is refused.

mod keyring;
pub mod oauth;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use http::request::Parts;

use crate::auth::{
    self, Access, Anonymous, Bearer, BearerError, DocumentError, Iam, IamError, Identity, Principal, Refusal,
};
use crate::catalog::{Auth, BearerPrincipal, PrincipalName};
use crate::clock::Clock;
use crate::secrets::{FetchError, Reader, SecretValue, StoredSecret, Watch};
use crate::variables::Variables;

pub use keyring::{Keyring, KeyringError};
use oauth::{IssuerError, Issuers, Network, NotAdmitted};

/// Tells who may call right now.
///
/// Clones share what was fetched.
#[derive(Clone, Debug)]
pub struct CredentialStore {
    source: Source,
    issuers: Option<Arc<Issuers>>,
}

/// What an edge knows of a request besides its head.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The caller, if AWS has verified it.
    pub identity: Option<&'a Identity>,
    /// The address of MCP on this server, if it is known: the audience of access tokens.
    pub own_url: Option<&'a str>,
}

#[derive(Clone, Debug)]
enum Source {
    Fixed(Arc<Access>),
    Watched(Arc<Watch<Principals>>),
}

/// Names the reason why no caller can be admitted, for the operator. Repeats no value of a variable or secret.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The bundle names a variable that is not set.
    #[error("the environment variable {name}, which [auth.bearer] names, is not set or empty")]
    NoVariable {
        /// The variable.
        name: String,
    },
    /// A variable or secret holds something other than principals.
    #[error("{place}: {source}")]
    Document {
        /// The variable or the secret.
        place: String,
        /// The error.
        source: DocumentError,
    },
    /// The combined principals are invalid.
    #[error("[auth.bearer]: {0}")]
    Bearer(#[from] BearerError),
    /// The configured roles and users are invalid.
    #[error("[auth.iam]: {0}")]
    Iam(#[from] IamError),
    /// A secret cannot be fetched.
    #[error(transparent)]
    Secret(#[from] FetchError),
    /// An issuer cannot be used, or asked.
    #[error("[auth.oauth]: {0}")]
    Issuer(#[from] IssuerError),
}

/// A request that is not admitted.
#[derive(Debug)]
pub enum Rejected {
    /// Its sender is refused.
    Refused(Refusal),
    /// Nobody can be admitted, or not this sender, until something works again.
    Unavailable(CredentialError),
}

/// The principals that are known without the secret.
#[derive(Debug)]
struct Principals {
    bearer: Option<Vec<(PrincipalName, BearerPrincipal)>>,
    iam: Iam,
    /// Whether authorization servers vouch for others.
    has_issuers: bool,
    anonymous: Anonymous,
}

impl CredentialStore {
    /// Reads what the bundle and the environment say; `anonymous` is the edge's word on callers that show
    /// nothing, and counts only where no tokens are configured.
    ///
    /// # Errors
    /// A variable that is missing or not as it should be, principals that cannot stand side by side.
    pub fn open(auth: &Auth, anonymous: Anonymous, variables: &Variables) -> Result<Self, CredentialError> {
        let bearer = auth.bearer.as_ref();
        let mut tokens = bearer.map(|bearer| bearer.principals.clone().into_iter().collect::<Vec<_>>());
        if let Some((all, name)) = tokens.as_mut().zip(bearer.and_then(|bearer| bearer.environment.as_ref()))
        {
            let text =
                variables.get(name).ok_or_else(|| CredentialError::NoVariable { name: name.clone() })?;
            all.extend(read(&format!("environment variable {name}"), &text)?);
        }
        let issuers = auth.oauth.as_ref().map(|oauth| Issuers::open(oauth, Clock::system())).transpose()?;
        let has_issuers = issuers.is_some();
        let principals = Principals { bearer: tokens, iam: Iam::new(&auth.iam)?, has_issuers, anonymous };
        let issuers = issuers.map(Arc::new);
        let Some(secret) = bearer.and_then(|bearer| bearer.secret.as_ref()) else {
            return Ok(Self { source: Source::Fixed(Arc::new(principals.access(Vec::new())?)), issuers });
        };
        principals.check()?;
        let secret = StoredSecret::SecretsManager(secret.clone());
        let source = Source::Watched(Arc::new(Watch::new(principals, secret, variables.clone())));
        Ok(Self { source, issuers })
    }

    /// Decides who sent a request. Goes to the network where a secret, keys or a token have to be looked up.
    ///
    /// # Errors
    /// The sender is refused, or nobody can tell who it is.
    pub async fn admit(
        &self,
        head: &Parts,
        arrival: Arrival<'_>,
        network: &Network<'_>,
    ) -> Result<Principal, Rejected> {
        let access = self.access(network.not_after).await.map_err(Rejected::Unavailable)?;
        let refusal = match access.admit(head, arrival.identity) {
            Ok(principal) => return Ok(principal),
            Err(refusal) => refusal,
        };
        let (Refusal::Invalid, Some(issuers)) = (&refusal, &self.issuers) else {
            return Err(Rejected::Refused(refusal));
        };
        let token = auth::token(head).map_err(Rejected::Refused)?.ok_or(Rejected::Refused(refusal))?;
        // In a box: it may go to the network, and its states would be part of every request.
        let admitted = Box::pin(issuers.admit(token, arrival.own_url, network)).await;
        admitted.map_err(|not_admitted| match not_admitted {
            NotAdmitted::Refused(refusal) => Rejected::Refused(refusal),
            NotAdmitted::Unknown(error) => Rejected::Unavailable(error.into()),
        })
    }

    /// Returns the issuers whose tokens are taken, if any are.
    pub fn issuers(&self) -> Option<&Issuers> {
        self.issuers.as_deref()
    }

    /// Tells who may call now. Waits for the secret where it has to be fetched: at most three seconds, and not beyond
    /// `not_after`.
    ///
    /// # Errors
    /// The secret cannot be fetched or read: admit no caller.
    pub async fn access(&self, not_after: Option<Instant>) -> Result<Arc<Access>, CredentialError> {
        match &self.source {
            Source::Fixed(access) => Ok(Arc::clone(access)),
            Source::Watched(watch) => watch.current(std::time::SystemTime::now(), not_after).await,
        }
    }
}

impl CredentialStore {
    /// Tells whether callers that show nothing are admitted.
    pub fn admits_anonymous(&self) -> bool {
        match &self.source {
            Source::Fixed(access) => access.admits_anonymous(),
            // What the secret holds is tokens.
            Source::Watched(_) => false,
        }
    }
}

impl From<Access> for CredentialStore {
    fn from(access: Access) -> Self {
        Self { source: Source::Fixed(Arc::new(access)), issuers: None }
    }
}

impl Principals {
    /// Makes the access of these principals and `more`, which the secret holds.
    fn access(&self, more: Vec<(PrincipalName, BearerPrincipal)>) -> Result<Access, CredentialError> {
        let all = self.bearer.as_ref().map(|bearer| bearer.iter().cloned().chain(more));
        let bearer = all.map(Bearer::new).transpose()?;
        let access = Access::new(bearer, self.iam.clone(), self.anonymous);
        Ok(if self.has_issuers { access.with_issuers() } else { access })
    }

    /// Checks that these principals can be admitted together with others.
    fn check(&self) -> Result<(), CredentialError> {
        match self.access(Vec::new()) {
            Ok(_) | Err(CredentialError::Bearer(BearerError::Empty)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Reader for Principals {
    type Value = Access;
    type Error = CredentialError;

    fn read(&self, place: &str, text: &SecretValue) -> Result<Access, CredentialError> {
        self.access(read(place, text.as_str())?)
    }
}

fn read(place: &str, text: &str) -> Result<Vec<(PrincipalName, BearerPrincipal)>, CredentialError> {
    auth::read_document(text).map_err(|source| CredentialError::Document { place: place.to_owned(), source })
}
