//! Signed indexes, and the texts of keys and times.

use std::fmt::Display;
use std::str::FromStr;

use toolcell_host::public_key::{KeyId, PublicKey};
use toolcell_host::release::{ReleaseIndex, SigningKey, TrustedKey, TrustedKeys, sign, verify};
use toolcell_host::timestamp::Timestamp;

/// The seed of the key that signed the first file of the corpus.
const SEED: [u8; SigningKey::SEED_BYTES] = [1; SigningKey::SEED_BYTES];

/// Reads an index, a payload of one, or a text: what is accepted is the same when it is written again.
pub fn release(data: &[u8]) {
    let key = SigningKey::of_seed(&SEED).expect("a key");
    let trusted = TrustedKey { name: "fuzz".to_owned(), key: key.public(), expires: None };
    let keys = TrustedKeys::new(vec![trusted]).expect("one key");
    let now: Timestamp = "2026-11-30T12:00:00Z".parse().expect("a moment");
    let payload = serde_json::from_slice::<ReleaseIndex>(data).ok();
    for index in verify(data, &keys, now, 1).ok().into_iter().chain(payload) {
        match verify(&sign(&index, &[&key]), &keys, now, 1) {
            Ok(again) => assert_eq!(again, index),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        same::<PublicKey>(text);
        same::<KeyId>(text);
        same::<Timestamp>(text);
    }
}

/// Checks that a text has one spelling.
fn same<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}
