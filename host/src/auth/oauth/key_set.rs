//! Reads the keys of an issuer (RFC 7517), and finds the one that a token is signed with.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use super::fault::{KeyFault, TokenFault};
use crate::catalog::SigningAlgorithm;

/// The shortest and the longest modulus of an RSA key, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// The longest exponent of an RSA key, in bytes.
const MAX_EXPONENT_BYTES: usize = 4;

/// The members of a key that are kept: none of them is private.
const PUBLIC: [&str; 10] = ["kty", "kid", "use", "key_ops", "alg", "crv", "n", "e", "x", "y"];

/// The keys of one issuer.
#[derive(Clone, Debug)]
pub struct KeySet(Vec<Entry>);

/// A key as its issuer lists it: one that cannot be used is known by its `kid`, so that the log can say why.
#[derive(Clone, Debug)]
struct Entry {
    id: Option<String>,
    key: Result<Key, KeyFault>,
}

#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) decoding: DecodingKey,
    kind: Kind,
    /// The only algorithm that it is for.
    only: Option<String>,
}

/// The type of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
}

/// A text that is no usable set of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is too large.
    #[error("the key set is larger than {} bytes", KeySet::MAX_BYTES)]
    TooLarge,
    /// It is not JSON with a list of keys.
    #[error("the key set is not a JSON object with a list `keys`")]
    Form,
    /// It holds too many keys.
    #[error("the key set holds more than {} keys", KeySet::MAX_KEYS)]
    TooMany,
    /// It holds no key that could verify a token.
    #[error("the key set holds no key that can verify a signature")]
    Unusable,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

/// The members of a key that matter. Certificates are ignored: the set itself came over TLS.
#[derive(Deserialize)]
struct Members {
    kty: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<Value>,
    p: Option<Value>,
}

impl KeySet {
    /// The largest text of a set, in bytes.
    pub const MAX_BYTES: usize = 64 << 10;

    /// The most keys of a set.
    pub const MAX_KEYS: usize = 32;

    /// Reads a set. Keys of unknown types stand in it as keys that cannot be used.
    ///
    /// # Errors
    /// It is too large, no set, or none of its keys can be used.
    pub fn read(json: &[u8]) -> Result<Self, KeySetError> {
        if json.len() > Self::MAX_BYTES {
            return Err(KeySetError::TooLarge);
        }
        let Document { keys } = serde_json::from_slice(json).map_err(|_| KeySetError::Form)?;
        Self::of(keys)
    }

    /// Reads a set that was parsed before.
    ///
    /// # Errors
    /// As [`KeySet::read`].
    pub fn of_value(set: &Value) -> Result<Self, KeySetError> {
        let Document { keys } = Document::deserialize(set).map_err(|_| KeySetError::Form)?;
        Self::of(keys)
    }

    /// Reads a set, and returns the keys that can be used, with the members that matter.
    ///
    /// # Errors
    /// As [`KeySet::read`].
    pub fn public_members(json: &[u8]) -> Result<Value, KeySetError> {
        Self::read(json)?;
        let Document { mut keys } = serde_json::from_slice(json).map_err(|_| KeySetError::Form)?;
        keys.retain(|key| Entry::read(key).key.is_ok());
        for key in keys.iter_mut().filter_map(Value::as_object_mut) {
            key.retain(|name, _| PUBLIC.contains(&name.as_str()));
        }
        Ok(serde_json::json!({ "keys": keys }))
    }

    fn of(keys: Vec<Value>) -> Result<Self, KeySetError> {
        if keys.len() > Self::MAX_KEYS {
            return Err(KeySetError::TooMany);
        }
        let entries: Vec<_> = keys.iter().map(Entry::read).collect();
        match entries.iter().any(|entry| entry.key.is_ok()) {
            true => Ok(Self(entries)),
            false => Err(KeySetError::Unusable),
        }
    }

    /// Finds the key that a token names, and checks that it is for the token's algorithm. A token that names none is
    /// verified with the only key that it can be signed with.
    pub(super) fn find(&self, id: Option<&str>, algorithm: SigningAlgorithm) -> Result<&Key, TokenFault> {
        let Some(id) = id else { return self.only(algorithm) };
        let mut named = self.0.iter().filter(|entry| entry.id.as_deref() == Some(id));
        let entry = named.next().ok_or(TokenFault::UnknownKey)?;
        if named.next().is_some() {
            return Err(TokenFault::AmbiguousKey);
        }
        let key = entry.key.as_ref().map_err(|fault| TokenFault::Key(*fault))?;
        match key.is_for(algorithm) {
            true => Ok(key),
            false => Err(TokenFault::Key(KeyFault::Algorithm)),
        }
    }

    fn only(&self, algorithm: SigningAlgorithm) -> Result<&Key, TokenFault> {
        let usable = self.0.iter().filter_map(|entry| entry.key.as_ref().ok());
        let mut fitting = usable.filter(|key| key.is_for(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            _ => Err(TokenFault::NoKeyId),
        }
    }
}

impl Entry {
    fn read(key: &Value) -> Self {
        let id = key.get("kid").and_then(Value::as_str).map(str::to_owned);
        let members = Members::deserialize(key).map_err(|_| KeyFault::Malformed);
        Self { id, key: members.and_then(|members| Key::read(&members)) }
    }
}

impl Key {
    fn read(members: &Members) -> Result<Self, KeyFault> {
        let (kind, decoding) = match members.kty.as_str() {
            "RSA" => (Kind::Rsa, members.rsa()?),
            "EC" => members.curve_point()?,
            "OKP" => (Kind::Ed25519, members.edwards()?),
            _ => return Err(KeyFault::Kind),
        };
        if members.d.is_some() || members.p.is_some() {
            return Err(KeyFault::Private);
        }
        let verifies = |operations: &Vec<String>| operations.iter().any(|operation| operation == "verify");
        let is_for_signatures = members.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && members.key_ops.as_ref().is_none_or(verifies);
        match is_for_signatures {
            true => Ok(Self { decoding, kind, only: members.alg.clone() }),
            false => Err(KeyFault::Purpose),
        }
    }

    /// Tells whether the key can verify signatures of an algorithm: by its type, and by what its issuer says of it.
    fn is_for(&self, algorithm: SigningAlgorithm) -> bool {
        use SigningAlgorithm as A;
        let kind = match algorithm {
            A::RS256 | A::RS384 | A::RS512 | A::PS256 | A::PS384 | A::PS512 => Kind::Rsa,
            A::ES256 => Kind::P256,
            A::ES384 => Kind::P384,
            A::EdDSA => Kind::Ed25519,
        };
        let is_named = |only: &String| {
            // RFC 9864 names the curve in place of the family.
            only == algorithm.name() || (algorithm == A::EdDSA && only == "Ed25519")
        };
        self.kind == kind && self.only.as_ref().is_none_or(is_named)
    }
}

impl Members {
    fn rsa(&self) -> Result<DecodingKey, KeyFault> {
        let (modulus, exponent) = (number(self.n.as_ref())?, number(self.e.as_ref())?);
        let bits = modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        if !RSA_BITS.contains(&bits) {
            return Err(KeyFault::Size);
        }
        let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
        let is_exponent = exponent.len() <= MAX_EXPONENT_BYTES && is_odd(&exponent) && exponent != [1];
        match is_exponent && is_odd(&modulus) {
            true => Ok(DecodingKey::from_rsa_raw_components(&modulus, &exponent)),
            false => Err(KeyFault::Malformed),
        }
    }

    fn curve_point(&self) -> Result<(Kind, DecodingKey), KeyFault> {
        let (kind, bytes) = match self.crv.as_deref() {
            Some("P-256") => (Kind::P256, 32),
            Some("P-384") => (Kind::P384, 48),
            Some(_) => return Err(KeyFault::Curve),
            None => return Err(KeyFault::Malformed),
        };
        let (x, y) = (decoded(self.x.as_ref())?, decoded(self.y.as_ref())?);
        if x.len() != bytes || y.len() != bytes {
            return Err(KeyFault::Malformed);
        }
        Ok((kind, DecodingKey::from_ec_der(&[&[4], &x[..], &y[..]].concat())))
    }

    fn edwards(&self) -> Result<DecodingKey, KeyFault> {
        match self.crv.as_deref() {
            Some("Ed25519") => {}
            Some(_) => return Err(KeyFault::Curve),
            None => return Err(KeyFault::Malformed),
        }
        let x = decoded(self.x.as_ref())?;
        if x.len() == 32 { Ok(DecodingKey::from_ed_der(&x)) } else { Err(KeyFault::Malformed) }
    }
}

fn decoded(member: Option<&String>) -> Result<Vec<u8>, KeyFault> {
    let text = member.ok_or(KeyFault::Malformed)?;
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyFault::Malformed)
}

/// Reads a number; some issuers put zeros before it.
fn number(member: Option<&String>) -> Result<Vec<u8>, KeyFault> {
    let bytes = decoded(member)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    if zeros == bytes.len() { Err(KeyFault::Malformed) } else { Ok(bytes[zeros..].to_vec()) }
}
