//! Keeps the credentials of callers ([`CredentialStore`]) and the keys that seal states ([`Keyring`]). Both come from
//! the environment or a secret in AWS Secrets Manager, callers also from the bundle.
//!
//! Opened once per process, asked once per request. [`CredentialStore::open`] reads the bundle and the environment; a
//! server that finds a mistake there refuses to start. The first request fetches the secret, because the extension
//! that hands it out answers nothing before the first invocation. Later requests fetch it again from time to time, so
//! that environments that stay warm refuse a token that was withdrawn. Until the first answer, every caller is refused.

mod keyring;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use crate::auth::{self, Access, Anonymous, Bearer, BearerError, DocumentError, Iam, IamError};
use crate::catalog::{Auth, BearerPrincipal, PrincipalName};
use crate::secrets::{FetchError, Reader, SecretValue, StoredSecret, Watch};
use crate::variables::Variables;

pub use keyring::{Keyring, KeyringError};

/// Tells who may call right now.
///
/// Clones share what was fetched.
#[derive(Clone, Debug)]
pub struct CredentialStore(Source);

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
}

/// The principals that are known without the secret.
#[derive(Debug)]
struct Principals {
    bearer: Option<Vec<(PrincipalName, BearerPrincipal)>>,
    iam: Iam,
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
        let principals = Principals { bearer: tokens, iam: Iam::new(&auth.iam)?, anonymous };
        let Some(secret) = bearer.and_then(|bearer| bearer.secret.as_ref()) else {
            return Ok(Self(Source::Fixed(Arc::new(principals.access(Vec::new())?))));
        };
        principals.check()?;
        let secret = StoredSecret::SecretsManager(secret.clone());
        Ok(Self(Source::Watched(Arc::new(Watch::new(principals, secret, variables.clone())))))
    }

    /// Tells who may call now. Waits for the secret where it has to be fetched: at most three seconds, and not beyond
    /// `not_after`.
    ///
    /// # Errors
    /// The secret cannot be fetched or read: admit no caller.
    pub async fn access(&self, not_after: Option<Instant>) -> Result<Arc<Access>, CredentialError> {
        match &self.0 {
            Source::Fixed(access) => Ok(Arc::clone(access)),
            Source::Watched(watch) => watch.current(std::time::SystemTime::now(), not_after).await,
        }
    }
}

impl CredentialStore {
    /// Tells whether callers that show nothing are admitted.
    pub fn admits_anonymous(&self) -> bool {
        match &self.0 {
            Source::Fixed(access) => access.admits_anonymous(),
            // What the secret holds is tokens.
            Source::Watched(_) => false,
        }
    }
}

impl From<Access> for CredentialStore {
    fn from(access: Access) -> Self {
        Self(Source::Fixed(Arc::new(access)))
    }
}

impl Principals {
    /// Makes the access of these principals and `more`, which the secret holds.
    fn access(&self, more: Vec<(PrincipalName, BearerPrincipal)>) -> Result<Access, CredentialError> {
        let all = self.bearer.as_ref().map(|bearer| bearer.iter().cloned().chain(more));
        let bearer = all.map(Bearer::new).transpose()?;
        Ok(Access::new(bearer, self.iam.clone(), self.anonymous))
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
