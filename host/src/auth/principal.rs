//! Who is calling.

use crate::catalog::ScopeSet;

/// Who is calling, and what it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    kind: PrincipalKind,
    name: String,
    scopes: ScopeSet,
}

/// How a principal showed who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// By a token of its own.
    Bearer,
    /// By its AWS credentials: AWS vouches for it.
    Iam,
    /// Not at all.
    Anonymous,
}

impl Principal {
    pub(super) fn new(kind: PrincipalKind, name: String, scopes: ScopeSet) -> Self {
        Self { kind, name, scopes }
    }

    /// Nobody in particular, who was given nothing.
    pub fn anonymous() -> Self {
        Self::new(PrincipalKind::Anonymous, String::new(), ScopeSet::NONE)
    }

    /// How it showed who it is.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// Its name, for the log: from the configuration, or its ARN; an anonymous caller has none.
    pub fn name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|_| self.kind != PrincipalKind::Anonymous)
    }

    /// What it was given.
    pub fn scopes(&self) -> &ScopeSet {
        &self.scopes
    }
}
