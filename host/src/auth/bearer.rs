//! Callers with a token: how it is sent, and whose it is.

use std::collections::BTreeMap;
use std::fmt;

use http::header::AUTHORIZATION;
use http::request::Parts;
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use super::principal::{Principal, PrincipalKind};
use super::refusal::Refusal;
use crate::catalog::{BearerPrincipal, PrincipalName};
use crate::digest::Digest;

/// Principals of one server that can be told apart by their tokens.
///
/// Tokens themselves are nowhere in it, only their digests: what reads the memory or the bundle of a server
/// still cannot call it.
#[derive(Clone)]
pub struct Bearer {
    principals: Vec<Principal>,
    known: Vec<Known>,
}

/// The digest of a token, and whose it is.
#[derive(Clone, Copy)]
struct Known {
    digest: [u8; 32],
    /// One more than the place of the principal; zero stands for no principal.
    holder: u32,
}

/// Principals that cannot be admitted side by side.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BearerError {
    /// There are no principals.
    #[error("there are no principals")]
    Empty,
    /// More digests than each request can be compared with.
    #[error("the principals have more than {} tokens together", Bearer::MAX_TOKENS)]
    TooMany,
    /// A principal without token.
    #[error("principal `{name}` has no token")]
    NoToken {
        /// The principal.
        name: PrincipalName,
    },
    /// A name that stands in two places.
    #[error("principal `{name}` is defined twice")]
    SameName {
        /// The name.
        name: PrincipalName,
    },
    /// A token of two principals, or twice the same one.
    #[error("principals `{one}` and `{other}` have the same token")]
    SameToken {
        /// The first that has it.
        one: PrincipalName,
        /// The second, maybe the same.
        other: PrincipalName,
    },
}

impl Bearer {
    /// Most tokens of all principals together: every request is compared with each of them.
    pub const MAX_TOKENS: usize = 1024;

    /// Makes callers known.
    ///
    /// # Errors
    /// No principals at all, one without token, a name or a token that occurs twice, too many tokens.
    pub fn new(
        principals: impl IntoIterator<Item = (PrincipalName, BearerPrincipal)>,
    ) -> Result<Self, BearerError> {
        let mut bearer = Self { principals: Vec::new(), known: Vec::new() };
        let mut holders: BTreeMap<Digest, PrincipalName> = BTreeMap::new();
        for (name, BearerPrincipal { tokens, scopes }) in principals {
            if bearer.principals.iter().any(|other| other.name() == Some(name.as_str())) {
                return Err(BearerError::SameName { name });
            }
            if tokens.is_empty() {
                return Err(BearerError::NoToken { name });
            }
            if bearer.known.len() + tokens.len() > Self::MAX_TOKENS {
                return Err(BearerError::TooMany);
            }
            bearer.principals.push(Principal::new(PrincipalKind::Bearer, name.to_string(), scopes));
            let holder = bearer.principals.len() as u32;
            for digest in tokens {
                if let Some(one) = holders.insert(digest, name.clone()) {
                    return Err(BearerError::SameToken { one, other: name });
                }
                bearer.known.push(Known { digest: digest.0, holder });
            }
        }
        if bearer.principals.is_empty() { Err(BearerError::Empty) } else { Ok(bearer) }
    }

    /// Finds the caller whose token the request carries.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::Malformed`] or [`Refusal::Invalid`].
    pub(super) fn admit(&self, parts: &Parts) -> Result<&Principal, Refusal> {
        let token = token(parts)?.ok_or(Refusal::Missing)?;
        self.holder(token).ok_or(Refusal::Invalid)
    }

    /// Compares with every digest, in a time that does not depend on which of them fits, or how well.
    fn holder(&self, token: &str) -> Option<&Principal> {
        let digest = Digest::of(token.as_bytes());
        let mut found = 0_u32;
        for known in &self.known {
            found.conditional_assign(&known.holder, known.digest.ct_eq(&digest.0));
        }
        self.principals.get((found as usize).checked_sub(1)?)
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").field("principals", &self.principals).finish_non_exhaustive()
    }
}

/// Reads the token of the one `Authorization` header; `None` without a header, and for one of another scheme.
///
/// # Errors
/// [`Refusal::Malformed`]: there are two headers, one is malformed, or a token is in the URL.
pub fn token(parts: &Parts) -> Result<Option<&str>, Refusal> {
    let mut pairs = parts.uri.query().unwrap_or_default().split('&');
    if pairs.any(|pair| pair.split('=').next() == Some("access_token")) {
        return Err(Refusal::Malformed(
            "a token must not be in the URL: send it in the Authorization header",
        ));
    }
    let mut values = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Refusal::Malformed("the Authorization header occurs more than once"));
    }
    let malformed = Refusal::Malformed("the Authorization header is not `Bearer TOKEN`");
    let Ok(text) = value.to_str() else { return Err(malformed) };
    let (scheme, token) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Ok(None);
    }
    let token = token.trim_start_matches(' ');
    if is_token(token) { Ok(Some(token)) } else { Err(malformed) }
}

/// Tells whether a text is a `b64token` of RFC 6750 section 2.1.
fn is_token(text: &str) -> bool {
    let letters = text.trim_end_matches('=');
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !letters.is_empty() && letters.bytes().all(legal)
}
