//! Judges access tokens that an authorization server has issued (RFC 9068, RFC 7662).
//!
//! Pure: the keys and the time come from `credentials`. [`UnverifiedToken::read`] takes a token apart,
//! [`IssuerRules::verify`] judges it with the keys of the issuer that it names. `jsonwebtoken` reads and verifies, with
//! ring as its only cryptography; what it would let pass is refused before: members that occur twice, times that are
//! not whole numbers, an issuer that is a list. Their tests are in `tests/tests/oauth`, with an issuer that signs.

mod fault;
mod implication;
mod introspection;
mod issuer;
mod key_set;
mod provider;
mod token;

pub use fault::{KeyFault, MAX_TOKEN_BYTES, TokenFault};
pub use implication::Implications;
pub use introspection::IntrospectionAnswer;
pub use issuer::IssuerRules;
pub use key_set::{KeySet, KeySetError};
pub use token::{UnverifiedToken, is_jwt};
