//! The keys of an issuer: which of them verify anything, and how a token's key is found.

use serde_json::{Value, json};
use toolcell_host::auth::oauth::{KeyFault, KeySet, KeySetError, TokenFault as F};
use toolcell_tests::issuer::{SigningKey, changed, encoded};

use crate::tokens::{OWN_URL, claims, judge, set, settings};

#[test]
fn keys_that_must_not_be_used_are_refused_each_for_its_reason() {
    let (good, rsa) = (SigningKey::new("good", "EdDSA"), SigningKey::new("k", "RS256"));
    let ec = SigningKey::new("k", "ES256");
    let short = encoded([0xff; 128]);
    let huge = encoded([0xff; 1025]);
    let table = [
        (&rsa, json!({ "n": short }), KeyFault::Size),
        (&rsa, json!({ "n": huge }), KeyFault::Size),
        (&rsa, json!({ "e": "AQ" }), KeyFault::Malformed),
        (&rsa, json!({ "e": "Ag" }), KeyFault::Malformed),
        (&rsa, json!({ "n": null }), KeyFault::Malformed),
        (&rsa, json!({ "n": 5 }), KeyFault::Malformed),
        (&rsa, json!({ "d": "AQAB" }), KeyFault::Private),
        (&rsa, json!({ "use": "enc" }), KeyFault::Purpose),
        (&rsa, json!({ "key_ops": ["sign"] }), KeyFault::Purpose),
        (&rsa, json!({ "alg": "PS256" }), KeyFault::Algorithm),
        (&rsa, json!({ "kty": "oct", "k": "AAAA" }), KeyFault::Kind),
        (&rsa, json!({ "kty": "RSB" }), KeyFault::Kind),
        (&ec, json!({ "crv": "P-521" }), KeyFault::Curve),
        (&ec, json!({ "crv": "secp256k1" }), KeyFault::Curve),
        (&ec, json!({ "crv": "P-384" }), KeyFault::Malformed),
        (&ec, json!({ "x": "AAAA" }), KeyFault::Malformed),
        (&ec, json!({ "y": null }), KeyFault::Malformed),
        (&ec, json!({ "kty": "OKP", "crv": "X25519" }), KeyFault::Curve),
        (&ec, json!({ "kty": "RSA" }), KeyFault::Malformed),
    ];
    for (key, changes, expected) in table {
        let keys = set(&[good.jwk(), changed(key.jwk(), changes.clone())]);
        let judged = judge(&settings(), &key.token(&claims()), &keys, Some(OWN_URL));
        assert_eq!(judged, Err(F::Key(expected)), "{changes}");
    }
    let padded = changed(rsa.jwk(), json!({ "n": padded(&rsa), "alg": null, "use": null }));
    assert!(judge(&settings(), &rsa.token(&claims()), &set(&[padded]), Some(OWN_URL)).is_ok());
}

/// The modulus with a zero before it, as some issuers write it.
fn padded(rsa: &SigningKey) -> String {
    use base64::Engine as _;
    let engine = base64::prelude::BASE64_URL_SAFE_NO_PAD;
    let modulus = engine.decode(rsa.jwk()["n"].as_str().unwrap()).unwrap();
    encoded([&[0], &modulus[..]].concat())
}

#[test]
fn a_key_is_found_by_its_name_or_because_it_is_the_only_one() {
    let (one, other) = (SigningKey::new("one", "ES256"), SigningKey::new("other", "ES256"));
    let rsa = SigningKey::new("rsa", "RS256");
    let unnamed = one.token_of(r#"{"alg":"ES256"}"#, &claims().to_string());
    let judged =
        |token: &str, keys: &[Value]| judge(&settings(), token, &set(keys), Some(OWN_URL)).map(|_| ());
    assert_eq!(judged(&unnamed, &[one.jwk(), rsa.jwk()]), Ok(()));
    assert_eq!(judged(&unnamed, &[other.jwk(), rsa.jwk()]), Err(F::Signature));
    assert_eq!(judged(&unnamed, &[one.jwk(), other.jwk()]), Err(F::NoKeyId));
    assert_eq!(judged(&unnamed, &[rsa.jwk()]), Err(F::NoKeyId));
    let named = one.token(&claims());
    let twin = changed(other.jwk(), json!({ "kid": "one" }));
    assert_eq!(judged(&named, &[one.jwk(), other.jwk()]), Ok(()));
    assert_eq!(judged(&named, &[twin.clone(), one.jwk()]), Err(F::AmbiguousKey));
    assert_eq!(judged(&named, &[changed(one.jwk(), json!({ "kid": null })), rsa.jwk()]), Err(F::UnknownKey));
}

#[test]
fn key_sets_that_cannot_be_used_are_refused_as_a_whole() {
    let key = SigningKey::new("k", "ES256").jwk();
    let read = |json: Value| KeySet::read(json.to_string().as_bytes()).map(|_| ());
    assert_eq!(read(json!({ "keys": vec![key.clone(); 32] })), Ok(()));
    assert_eq!(read(json!({ "keys": vec![key.clone(); 33] })), Err(KeySetError::TooMany));
    assert_eq!(read(json!({ "keys": [] })), Err(KeySetError::Unusable));
    assert_eq!(read(json!({ "keys": [{ "kty": "oct", "k": "AAAA" }, 5, null] })), Err(KeySetError::Unusable));
    assert_eq!(read(json!({ "keys": [{ "kty": "new" }, key.clone()] })), Ok(()));
    for json in [json!({}), json!([key.clone()]), json!({ "keys": key.clone() }), json!("keys")] {
        assert_eq!(read(json), Err(KeySetError::Form));
    }
    assert_eq!(KeySet::read(b"<html>").map(|_| ()), Err(KeySetError::Form));
    let padding = " ".repeat(KeySet::MAX_BYTES);
    assert_eq!(KeySet::read(padding.as_bytes()).map(|_| ()), Err(KeySetError::Form));
    assert_eq!(KeySet::read(format!("{padding} ").as_bytes()).map(|_| ()), Err(KeySetError::TooLarge));
}
