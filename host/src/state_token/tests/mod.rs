//! Tests that a sealed state opens for the same request and key, and for no other.

mod binding;
mod secret;
mod tampering;

use super::*;
use crate::digest::Digest;

const OLD: &str = "canary-old-0123456789-0123456789";
const NEW: &str = "canary-new-0123456789-0123456789";

const ARGUMENTS: Digest = Digest([1; 32]);
const COMPONENT: Digest = Digest([2; 32]);
const GRANTS: Digest = Digest([4; 32]);
const CONFIG: Digest = Digest([5; 32]);
const POLICY: Digest = Digest([6; 32]);

const BINDING: Binding<'static> = Binding {
    principal_kind: "bearer",
    principal_name: "alice",
    method: "tools/call",
    target: "delete_file",
    arguments: ARGUMENTS,
    plugin: "files",
    component: COMPONENT,
    function: "acme:files/tools@0.1.0#delete-file",
    grants: GRANTS,
    config: CONFIG,
    policy: POLICY,
    revision: "2026-07-28",
};

fn keys(secrets: &[&str]) -> StateKeys {
    StateKeys::new(secrets.iter().copied()).unwrap()
}

fn closed(keys: &StateKeys, plaintext: &[u8]) -> String {
    keys.seal(plaintext, &BINDING).unwrap()
}

#[test]
fn what_is_sealed_comes_back() {
    let keys = keys(&[NEW]);
    for plaintext in [&b""[..], b"a", b"{\"round\":1}", &[0; 1000], &[255; MAX_PLAINTEXT_BYTES]] {
        let text = closed(&keys, plaintext);
        assert_eq!(keys.open(&text, &BINDING).as_deref(), Some(plaintext));
        assert!(text.len() <= MAX_TOKEN_BYTES, "{}", text.len());
    }
}

#[test]
fn the_longest_text_is_as_long_as_is_said_and_a_longer_one_is_not_made() {
    let keys = keys(&[NEW]);
    assert_eq!(closed(&keys, &[0; MAX_PLAINTEXT_BYTES]).len(), MAX_TOKEN_BYTES);
    let error = keys.seal(&[0; MAX_PLAINTEXT_BYTES + 1], &BINDING).unwrap_err();
    assert!(matches!(error, StateKeyError::TooLong { bytes } if bytes == MAX_PLAINTEXT_BYTES + 1), "{error}");
    assert_eq!(error.to_string(), "cannot seal 65537 bytes: at most 65536 are allowed");
}

#[test]
fn a_text_is_safe_in_json_and_says_nothing_of_what_is_in_it() {
    let text = closed(&keys(&[NEW]), b"a secret of the plugin");
    let parts: Vec<_> = text.split('.').collect();
    let is_base64 =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    assert!(
        matches!(parts[..], ["v2", id, body] if id.len() == 8 && is_base64(id) && is_base64(body)),
        "{text}"
    );
    let body = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    assert_eq!(body.len(), 24 + b"a secret of the plugin".len() + 16);
    assert!(memchr::memmem::find(&body, b"secret").is_none());
}

#[test]
fn the_same_is_never_sealed_into_the_same_text() {
    let keys = keys(&[NEW]);
    assert_ne!(closed(&keys, b"the same"), closed(&keys, b"the same"));
}

#[test]
fn a_random_seal_opens_its_own_texts_and_no_other_one_does() {
    let (one, two) = (StateKeys::random().unwrap(), StateKeys::random().unwrap());
    let text = closed(&one, b"here");
    assert_eq!(one.open(&text, &BINDING).as_deref(), Some(&b"here"[..]));
    assert_eq!(two.open(&text, &BINDING), None);
}

/// Servers of two versions serve side by side while one is deployed. A change of the format needs a new version of it.
#[test]
fn a_text_of_an_earlier_server_opens() {
    // Made by another implementation, with the nonce 00 01 02 ... 17.
    const TEXT: &str = "v2.lrZCxoQs.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXc1uhPO2BazTwDcU3anC70T1wCxUWjNCn7v_mEspG";
    assert_eq!(keys(&[NEW]).open(TEXT, &BINDING).as_deref(), Some(&b"what was known"[..]));
}
