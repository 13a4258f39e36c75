//! Takes a token apart before anything of it is believed: just enough to know who may have issued it.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::fault::{MAX_TOKEN_BYTES, TokenFault};
use crate::catalog::SigningAlgorithm;

/// A token whose signature nobody has checked yet.
#[derive(Debug)]
pub struct UnverifiedToken<'t> {
    pub(super) text: &'t str,
    pub(super) algorithm: SigningAlgorithm,
    pub(super) key_id: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) claims: Claims,
    issuer: String,
}

/// The claims of a token, by name, each once.
#[derive(Clone, Debug)]
pub(super) struct Claims(BTreeMap<String, Value>);

impl<'t> UnverifiedToken<'t> {
    /// Reads head and claims.
    ///
    /// # Errors
    /// It is no JWT that this server could ever take, whoever has issued it.
    pub fn read(text: &'t str) -> Result<Self, TokenFault> {
        if text.len() > MAX_TOKEN_BYTES {
            return Err(TokenFault::TooLong);
        }
        let mut parts = text.split('.');
        let (Some(header), Some(claims), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenFault::Form);
        };
        let header = object(&decoded(header)?).ok_or(TokenFault::Header)?;
        let algorithm = algorithm(&header)?;
        let claims = object(&decoded(claims)?).ok_or(TokenFault::Claims)?;
        let issuer = claims.text("iss").map_err(|_| TokenFault::NoIssuer)?.ok_or(TokenFault::NoIssuer)?;
        let member = |name| header.text(name).map_err(|_| TokenFault::Header);
        let (key_id, kind) = (member("kid")?.map(str::to_owned), member("typ")?.map(str::to_owned));
        Ok(Self { text, algorithm, key_id, kind, issuer: issuer.to_owned(), claims })
    }

    /// Tells whether the token may be valid with newer keys of its issuer, although it is not with those that there are.
    pub fn needs_newer_keys(&self, fault: TokenFault) -> bool {
        match fault {
            TokenFault::UnknownKey => true,
            // A key that has no name can only be replaced without a word.
            TokenFault::Signature | TokenFault::NoKeyId => self.key_id.is_none(),
            _ => false,
        }
    }

    /// Returns the issuer that the token names.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// Tells whether a token has the form of a JWT, so that nobody else needs to look it up.
pub fn is_jwt(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let is_object = decoded(header).is_ok_and(|json| json.trim_ascii_start().starts_with(b"{"));
    is_object && token.split('.').count() == 3
}

/// Reads the algorithm, and refuses what asks for another treatment than a plain signature.
fn algorithm(header: &Claims) -> Result<SigningAlgorithm, TokenFault> {
    if header.has("crit") {
        return Err(TokenFault::Critical);
    }
    if header.has("b64") {
        return Err(TokenFault::Unencoded);
    }
    let name = header.text("alg").map_err(|_| TokenFault::Header)?.ok_or(TokenFault::NoAlgorithm)?;
    match name {
        name if name.eq_ignore_ascii_case("none") => Err(TokenFault::Unsigned),
        "HS256" | "HS384" | "HS512" => Err(TokenFault::Symmetric),
        name => name.parse().map_err(|_| TokenFault::Algorithm),
    }
}

fn decoded(part: &str) -> Result<Vec<u8>, TokenFault> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenFault::Form)
}

/// Reads a JSON object with one member of each name.
pub(super) fn object(json: &[u8]) -> Option<Claims> {
    serde_json::from_slice(json).ok()
}

impl Claims {
    /// Keeps the claims that have one of these names.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| is_kept(name));
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns a claim that is a string, if it is there.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, NotThat> {
        self.0.get(name).map(|value| value.as_str().ok_or(NotThat)).transpose()
    }

    /// Returns a claim that is a time in whole seconds since 1970, if it is there.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<u64>, NotThat> {
        self.0.get(name).map(|value| value.as_u64().ok_or(NotThat)).transpose()
    }

    /// Returns a claim that is a string or a list of strings; empty if it is not there.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, NotThat> {
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(items)) => items.iter().map(|item| item.as_str().ok_or(NotThat)).collect(),
            Some(_) => Err(NotThat),
        }
    }
}

/// A claim of another type than it must have.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotThat;

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with one member of each name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Claims, A::Error> {
                let mut all = BTreeMap::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    if all.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member occurs twice"));
                    }
                }
                Ok(Claims(all))
            }
        }

        deserializer.deserialize_map(Members)
    }
}
