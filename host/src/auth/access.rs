//! Decides which callers a server admits.

use std::collections::BTreeMap;

use http::request::Parts;

use super::bearer::{Bearer, token};
use super::identity::{Identity, NotAnIdentity};
use super::principal::{Principal, PrincipalKind};
use super::refusal::Refusal;
use crate::catalog::{IamPrincipal, PrincipalName, ScopeSet};

/// The rules by which a server admits callers.
#[derive(Clone, Debug)]
pub struct Access {
    iam: Iam,
    others: Others,
}

/// Callers that AWS does not vouch for. Tokens and anonymous callers exclude one another.
#[derive(Clone, Debug)]
enum Others {
    Bearer(Bearer),
    /// Only those that an authorization server vouches for.
    Issued,
    Anonymous,
    Refused,
}

/// Tells whether anonymous callers are admitted if no tokens are configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anonymous {
    /// It may call what asks for no scope.
    Allowed,
    /// It is refused.
    Refused,
}

/// The scopes of callers that AWS has verified.
#[derive(Clone, Debug, Default)]
pub struct Iam(BTreeMap<Identity, ScopeSet>);

/// Roles and users that cannot be given scopes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IamError {
    /// An ARN of something else.
    #[error("principal `{name}`: {source}")]
    Arn {
        /// The principal.
        name: PrincipalName,
        /// The error.
        source: NotAnIdentity,
    },
    /// Two principals with one ARN.
    #[error("principal `{name}` has the ARN of another principal")]
    SameArn {
        /// The second principal.
        name: PrincipalName,
    },
}

impl Access {
    /// Puts the ways of getting in together; where there are tokens, no anonymous caller is admitted.
    pub fn new(bearer: Option<Bearer>, iam: Iam, anonymous: Anonymous) -> Self {
        let others = match (bearer, anonymous) {
            (Some(bearer), _) => Others::Bearer(bearer),
            (None, Anonymous::Allowed) => Others::Anonymous,
            (None, Anonymous::Refused) => Others::Refused,
        };
        Self { iam, others }
    }

    /// Makes access without tokens and without scopes.
    pub fn open(anonymous: Anonymous) -> Self {
        Self::new(None, Iam::default(), anonymous)
    }

    /// Expects tokens of authorization servers besides those that are known; no anonymous caller is admitted then.
    #[must_use]
    pub fn with_issuers(self) -> Self {
        let others = match self.others {
            Others::Bearer(bearer) => Others::Bearer(bearer),
            Others::Issued | Others::Anonymous | Others::Refused => Others::Issued,
        };
        Self { others, ..self }
    }

    /// Tells whether callers that show nothing are admitted.
    pub fn admits_anonymous(&self) -> bool {
        matches!(self.others, Others::Anonymous)
    }

    /// Decides who sent a request; `identity` is what the edge knows from AWS.
    ///
    /// # Errors
    /// A [`Refusal`], of 400 or 401; [`Refusal::Invalid`] for a token that only an authorization server may know.
    pub fn admit(&self, parts: &Parts, identity: Option<&Identity>) -> Result<Principal, Refusal> {
        if let Some(identity) = identity {
            return Ok(self.iam.principal(identity));
        }
        match &self.others {
            Others::Bearer(bearer) => bearer.admit(parts).cloned(),
            Others::Issued => Err(match token(parts)? {
                Some(_) => Refusal::Invalid,
                None => Refusal::Missing,
            }),
            Others::Anonymous => Ok(Principal::anonymous()),
            Others::Refused => Err(Refusal::Missing),
        }
    }
}

impl Iam {
    /// Reads the configured roles and users.
    ///
    /// # Errors
    /// An ARN that names neither, or one that occurs twice.
    pub fn new<'p>(
        principals: impl IntoIterator<Item = (&'p PrincipalName, &'p IamPrincipal)>,
    ) -> Result<Self, IamError> {
        let mut all = BTreeMap::new();
        for (name, IamPrincipal { arn, scopes }) in principals {
            let identity: Identity =
                arn.parse().map_err(|source| IamError::Arn { name: name.clone(), source })?;
            if all.insert(identity, scopes.clone()).is_some() {
                return Err(IamError::SameArn { name: name.clone() });
            }
        }
        Ok(Self(all))
    }

    /// AWS has let the caller in already: one that is not configured was given nothing.
    fn principal(&self, identity: &Identity) -> Principal {
        let scopes = self.0.get(identity).cloned().unwrap_or_default();
        Principal::new(PrincipalKind::Iam, identity.to_string(), scopes)
    }
}
