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
    /// Not at all.
    Anonymous,
}

impl PrincipalKind {
    /// Returns the word that digests of a principal hold.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Iam => "iam",
            Self::Anonymous => "anonymous",
        }
    }
}

impl Principal {
    pub(super) fn new(kind: PrincipalKind, name: String, scopes: ScopeSet) -> Self {
        Self { kind, name, scopes }
    }

    /// Returns the anonymous caller, which has no scopes.
    pub fn anonymous() -> Self {
        Self::new(PrincipalKind::Anonymous, String::new(), ScopeSet::NONE)
    }

    /// The way in which it was authenticated.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// Returns its name: from the configuration, or its ARN; an anonymous caller has none.
    pub fn name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| self.kind != PrincipalKind::Anonymous)
    }

    /// Its scopes.
    pub fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }
}
