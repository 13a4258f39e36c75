//! Describes the caller of a request.

use crate::catalog::ScopeSet;

/// A caller and its scopes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    kind: PrincipalKind,
    name: String,
    scopes: ScopeSet,
}

/// Names the way in which a principal was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// By a token of its own.
    Bearer,
    /// By its AWS credentials: AWS vouches for it.
    Iam,
    /// By an access token of an authorization server, which vouches for it.
    OAuth,
    /// Not at all.
    Anonymous,
}

impl PrincipalKind {
    /// Returns the word that digests of a principal hold.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Iam => "iam",
            Self::OAuth => "oauth",
            Self::Anonymous => "anonymous",
        }
    }
}

impl Principal {
    pub(super) fn new(kind: PrincipalKind, name: String, scopes: ScopeSet) -> Self {
        Self { kind, name, scopes }
    }

    /// Makes the caller that an issuer knows as `subject`. An issuer has no `#`, so no two callers have one name.
    pub(super) fn of_issuer(issuer: &str, subject: &str, scopes: ScopeSet) -> Self {
        Self::new(PrincipalKind::OAuth, format!("{issuer}#{subject}"), scopes)
    }

    /// Returns the anonymous caller, which has no scopes.
    pub fn anonymous() -> Self {
        Self::new(PrincipalKind::Anonymous, String::new(), ScopeSet::NONE)
    }

    /// The way in which it was authenticated.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// Returns its name: from the configuration, its ARN, or its issuer, `#` and the name there; an anonymous caller has
    /// none.
    pub fn name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| self.kind != PrincipalKind::Anonymous)
    }

    /// Returns its issuer, and its name there; without an issuer, its name alone.
    pub fn issuer_and_subject(&self) -> (&str, &str) {
        match self.kind {
            // A subject may have `#`, an issuer has none.
            PrincipalKind::OAuth => self.name.split_once('#').unwrap_or(("", &self.name)),
            _ => ("", &self.name),
        }
    }

    /// Its scopes.
    pub fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }
}
