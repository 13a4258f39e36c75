//! Reads what an issuer says of a token that it has looked up (RFC 7662, section 2.2).

use serde_json::Value;

use super::token::{Claims, object};

/// What an issuer says of a token: the members that matter.
#[derive(Clone, Debug)]
pub struct IntrospectionAnswer {
    pub(super) claims: Claims,
}

impl IntrospectionAnswer {
    /// The largest answer, in bytes.
    pub const MAX_BYTES: usize = 16 << 10;

    /// Reads an answer, and keeps the claims that matter; `None` if it is no answer.
    pub fn read(json: &[u8], matters: impl Fn(&str) -> bool) -> Option<Self> {
        let mut claims = object(json)?;
        claims.get("active")?.as_bool()?;
        claims.retain(matters);
        Some(Self { claims })
    }

    /// Tells whether the issuer vouches for the token.
    pub fn is_active(&self) -> bool {
        self.claims.get("active").and_then(Value::as_bool) == Some(true)
    }
}
