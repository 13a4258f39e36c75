//! Says how long a client may keep a result.

use serde::Deserialize;

/// The time for which a client may keep a result, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct Freshness {
    /// The time, in milliseconds.
    pub ttl_ms: u64,
    /// The clients that may share it meanwhile.
    pub scope: CacheScope,
}

impl Freshness {
    /// Restricts it to the clients of `widest`.
    #[must_use]
    pub fn within(self, widest: CacheScope) -> Self {
        match widest {
            CacheScope::Public => self,
            CacheScope::Private => Self { scope: CacheScope::Private, ..self },
        }
    }
}

/// MCP's `cacheScope`: who may be given a result that was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CacheScope {
    /// Anybody: the result is the same for everybody.
    Public,
    /// The caller that asked for it.
    Private,
}

impl CacheScope {
    /// Returns the scope's name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            CacheScope::Public => "public",
            CacheScope::Private => "private",
        }
    }
}
