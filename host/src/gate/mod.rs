//! Knows who may call right now: from the bundle, from the environment, from a secret in AWS Secrets Manager.
//! Beside it, and from the same places, the keys that states are sealed with ([`Keyring`]).
//!
//! Opened once per process, asked once per request. What the bundle and the environment say is read when the
//! gate is opened, and whoever finds a mistake there refuses to start. A secret is fetched by the first request
//! instead, because the extension that hands it out answers nothing before the first invocation; it is fetched
//! anew from time to time, so that a token that was taken back is refused by environments that stay warm.
//! Until there is an answer, nobody is admitted.

mod extension;
mod keyring;
mod watch;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use crate::auth::{self, Access, Anonymous, Bearer, BearerError, DocumentError, Iam, IamError};
use crate::catalog::{Auth, BearerPrincipal, PrincipalName};

pub use extension::{ExtensionError, MAX_ANSWER_BYTES, SecretError};
pub use keyring::{Keyring, KeyringError};
use watch::{Reader, Watch};

/// Knows who may call right now.
#[derive(Debug)]
pub struct Gate(Kind);

#[derive(Debug)]
enum Kind {
    Fixed(Arc<Access>),
    Watched(Box<Watch<Roster>>),
}

/// Looks up an environment variable; tests bring their own.
#[derive(Clone)]
pub struct Variables(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Why nobody can be admitted; for the operator. Says nothing that a variable or secret holds.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// A variable that the bundle names is not there.
    #[error("the environment variable {name}, which [auth.bearer] names, is not set or empty")]
    NoVariable {
        /// The variable.
        name: String,
    },
    /// Somewhere stands something else than principals.
    #[error("{place}: {source}")]
    Document {
        /// The variable or the secret.
        place: String,
        /// What is wrong.
        source: DocumentError,
    },
    /// The principals of all places together do not go.
    #[error("[auth.bearer]: {0}")]
    Bearer(#[from] BearerError),
    /// The configured roles and users do not go.
    #[error("[auth.iam]: {0}")]
    Iam(#[from] IamError),
    /// A secret cannot be fetched.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// What is known without a secret.
#[derive(Debug)]
struct Roster {
    bearer: Option<Vec<(PrincipalName, BearerPrincipal)>>,
    iam: Iam,
    anonymous: Anonymous,
}

impl Gate {
    /// Reads what the bundle and the environment say; `anonymous` is the edge's word on callers that show
    /// nothing, and counts only where no tokens are configured.
    ///
    /// # Errors
    /// A variable that is missing or not as it should be, principals that cannot stand side by side.
    pub fn open(auth: &Auth, anonymous: Anonymous, variables: &Variables) -> Result<Self, GateError> {
        let bearer = auth.bearer.as_ref();
        let mut principals = bearer.map(|bearer| bearer.principals.clone().into_iter().collect::<Vec<_>>());
        if let Some((all, name)) =
            principals.as_mut().zip(bearer.and_then(|bearer| bearer.environment.as_ref()))
        {
            let text = variables.get(name).ok_or_else(|| GateError::NoVariable { name: name.clone() })?;
            all.extend(read(&format!("environment variable {name}"), &text)?);
        }
        let roster = Roster { bearer: principals, iam: Iam::new(&auth.iam)?, anonymous };
        let Some(secret) = bearer.and_then(|bearer| bearer.secret.as_ref()) else {
            return Ok(Self(Kind::Fixed(Arc::new(roster.access(Vec::new())?))));
        };
        roster.check()?;
        Ok(Self(Kind::Watched(Box::new(Watch::new(roster, secret.clone(), variables.clone())))))
    }

    /// Who may call now. Waits for the secret where it has to be fetched, never for long and not beyond
    /// `not_after`.
    ///
    /// # Errors
    /// The secret cannot be fetched, or is not as it should be: nobody is to be admitted.
    pub async fn access(&self, not_after: Option<Instant>) -> Result<Arc<Access>, GateError> {
        match &self.0 {
            Kind::Fixed(access) => Ok(Arc::clone(access)),
            Kind::Watched(watch) => watch.current(std::time::SystemTime::now(), not_after).await,
        }
    }
}

impl From<Access> for Gate {
    fn from(access: Access) -> Self {
        Self(Kind::Fixed(Arc::new(access)))
    }
}

impl Variables {
    /// The variables of this process; one that is not UTF-8 is none.
    pub fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// Variables of anybody's making.
    pub fn new(get: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(get))
    }

    /// The value of a variable, unless it is not set or empty.
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables")
    }
}

impl Roster {
    /// Access for these principals and `more`, which another place holds.
    fn access(&self, more: Vec<(PrincipalName, BearerPrincipal)>) -> Result<Access, GateError> {
        let all = self.bearer.as_ref().map(|bearer| bearer.iter().cloned().chain(more));
        let bearer = all.map(Bearer::new).transpose()?;
        Ok(Access::new(bearer, self.iam.clone(), self.anonymous))
    }

    /// Whether these principals could be admitted beside others.
    fn check(&self) -> Result<(), GateError> {
        match self.access(Vec::new()) {
            Ok(_) | Err(GateError::Bearer(BearerError::Empty)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Reader for Roster {
    type Value = Access;
    type Error = GateError;

    fn read(&self, place: &str, text: &str) -> Result<Access, GateError> {
        self.access(read(place, text)?)
    }
}

fn read(place: &str, text: &str) -> Result<Vec<(PrincipalName, BearerPrincipal)>, GateError> {
    auth::read_document(text).map_err(|source| GateError::Document { place: place.to_owned(), source })
}
