//! Opaque tokens, which their issuer is asked about (RFC 7662).

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use toolcell_host::auth::oauth::{MAX_TOKEN_BYTES, TokenFault};
use toolcell_host::catalog::{Introspection, OAuth, TOKEN_PREFIX};
use toolcell_host::clock::Clock;
use toolcell_host::credentials::oauth::IssuerFault;
use toolcell_host::secrets::{SecretValue, Secrets};
use toolcell_host::variables::Variables;
use toolcell_tests::TestIssuer;
use toolcell_tests::issuer::{Behaviour, INTROSPECTION, changed};

use crate::keys::{Admission, OWN_URL, refused, unknown};

const TOKEN: &str = "opaque-canary-token";

fn settings(issuer: &TestIssuer) -> OAuth {
    let mut settings = issuer.settings();
    settings.issuers.get_mut("test").unwrap().introspection =
        Some(Introspection { url: None, client_id: "tool cell".to_owned(), secret: "issuer".to_owned() });
    settings
}

fn admission(issuer: &TestIssuer) -> Admission {
    let values = BTreeMap::from([("issuer".to_owned(), SecretValue::from("se:cret/ü".to_owned()))]);
    let secrets = Secrets::new(&BTreeMap::new(), values, &Variables::new(|_| None), Clock::system());
    Admission::with(issuer, &settings(issuer), secrets)
}

fn active(changes: Value) -> Value {
    changed(
        json!({ "active": true, "sub": "alice", "scope": "files", "aud": OWN_URL, "client_id": "client" }),
        changes,
    )
}

fn lookups(issuer: &TestIssuer) -> usize {
    issuer.asked().iter().filter(|asked| asked.ends_with(INTROSPECTION)).count()
}

#[tokio::test]
async fn an_active_token_is_asked_about_once_a_minute() {
    let issuer = TestIssuer::start();
    issuer.set_introspection(TOKEN, active(json!({})));
    let admission = admission(&issuer);
    for (passed, expected) in [(0, 1), (59, 1), (1, 2)] {
        admission.pass(Duration::from_secs(passed));
        let principal = admission.admit(TOKEN).await.unwrap();
        assert_eq!(principal.issuer_and_subject(), (issuer.url().as_str(), "alice"));
        assert_eq!(principal.scopes().to_string(), "files");
        assert_eq!(lookups(&issuer), expected, "after {passed} s");
    }
    let (credentials, body) = issuer.last_lookup().unwrap();
    let basic = base64::prelude::BASE64_STANDARD.encode("tool%20cell:se%3Acret%2F%C3%BC");
    assert_eq!(credentials, format!("Basic {basic}"));
    assert_eq!(body, format!("token={TOKEN}&token_type_hint=access_token"));
}

#[tokio::test]
async fn a_token_that_was_revoked_is_refused_a_minute_later_and_one_that_became_active_ten_seconds_later() {
    let issuer = TestIssuer::start();
    issuer.set_introspection(TOKEN, active(json!({})));
    let admission = admission(&issuer);
    assert!(admission.admit(TOKEN).await.is_ok());
    issuer.set_introspection(TOKEN, json!({ "active": false }));
    admission.pass(Duration::from_secs(59));
    assert!(admission.admit(TOKEN).await.is_ok());
    admission.pass(Duration::from_secs(1));
    assert_eq!(refused(admission.admit(TOKEN).await), TokenFault::Inactive);
    issuer.set_introspection(TOKEN, active(json!({})));
    admission.pass(Duration::from_secs(9));
    assert_eq!(refused(admission.admit(TOKEN).await), TokenFault::Inactive);
    admission.pass(Duration::from_secs(1));
    assert!(admission.admit(TOKEN).await.is_ok());
}

#[tokio::test]
async fn what_the_issuer_says_of_a_token_is_judged_like_claims() {
    let issuer = TestIssuer::start();
    let now = admission(&issuer).now();
    let table = [
        (active(json!({ "exp": now + 10 })), None),
        (active(json!({ "iss": issuer.url() })), None),
        (active(json!({ "iss": "https://attacker.example" })), Some(TokenFault::Issuer)),
        (active(json!({ "aud": "https://other.example/mcp" })), Some(TokenFault::Audience)),
        (active(json!({ "aud": null })), Some(TokenFault::NoAudience)),
        (active(json!({ "exp": now - 60 })), Some(TokenFault::Expired)),
        (active(json!({ "exp": "0" })), Some(TokenFault::Claim("exp"))),
        (active(json!({ "nbf": now + 120 })), Some(TokenFault::NotYet)),
        (active(json!({ "sub": null })), Some(TokenFault::NoSubject)),
        (active(json!({ "scope": 1 })), Some(TokenFault::Scopes)),
        (active(json!({ "token_type": "bearer" })), None),
        (active(json!({ "token_type": "DPoP" })), Some(TokenFault::NotBearer)),
        (active(json!({ "token_type": "refresh_token" })), Some(TokenFault::NotBearer)),
        (active(json!({ "token_type": 1 })), Some(TokenFault::NotBearer)),
        (active(json!({ "cnf": { "jkt": "x" } })), Some(TokenFault::Bound)),
        (json!({ "active": false, "sub": "alice", "aud": OWN_URL }), Some(TokenFault::Inactive)),
    ];
    for (place, (answer, expected)) in table.into_iter().enumerate() {
        let token = format!("{TOKEN}-{place}");
        issuer.set_introspection(&token, answer.clone());
        let admitted = admission(&issuer).admit(&token).await;
        match expected {
            None => assert!(admitted.is_ok(), "{answer}: {admitted:?}"),
            Some(expected) => assert_eq!(refused(admitted), expected, "{answer}"),
        }
    }
}

#[tokio::test]
async fn answers_that_are_none_admit_nobody_and_refuse_nobody() {
    let issuer = TestIssuer::start();
    for (place, answer) in
        [json!({}), json!({ "active": "true" }), json!([]), json!("active")].into_iter().enumerate()
    {
        let token = format!("{TOKEN}-{place}");
        issuer.set_introspection(&token, answer.clone());
        let fault = unknown(admission(&issuer).admit(&token).await);
        assert!(matches!(fault, IssuerFault::Introspection { .. }), "{answer}: {fault}");
        assert!(!fault.to_string().contains(TOKEN));
    }
    let admission = admission(&issuer);
    assert_eq!(refused(admission.admit("unknown").await), TokenFault::Inactive);
    issuer.behave(Behaviour::Status(500));
    let fault = unknown(admission.admit(TOKEN).await);
    assert!(matches!(fault, IssuerFault::Status { .. }), "{fault}");
}

#[tokio::test]
async fn a_jwt_is_never_sent_to_be_looked_up() {
    let issuer = TestIssuer::start();
    let admission = admission(&issuer);
    let good = issuer.token(OWN_URL, "");
    assert!(admission.admit(&good).await.is_ok());
    let expired = issuer.token_with(OWN_URL, json!({ "exp": 1 }));
    assert_eq!(refused(admission.admit(&expired).await), TokenFault::Expired);
    assert_eq!(lookups(&issuer), 0);
}

#[tokio::test]
async fn no_issuer_sees_a_token_of_this_server_or_of_another_one_of_its_kind() {
    let issuer = TestIssuer::start();
    let admission = admission(&issuer);
    let token = format!("{TOKEN_PREFIX}of-a-principal-that-was-removed");
    issuer.set_introspection(&token, active(json!({})));
    assert_eq!(refused(admission.admit(&token).await), TokenFault::Static);
    assert_eq!(issuer.asked().len(), 0);
}

#[tokio::test]
async fn a_token_that_is_too_long_is_refused_without_asking_anybody() {
    let issuer = TestIssuer::start();
    let admission = admission(&issuer);
    for (bytes, expected) in
        [(MAX_TOKEN_BYTES, TokenFault::Inactive), (MAX_TOKEN_BYTES + 1, TokenFault::TooLong)]
    {
        assert_eq!(refused(admission.admit(&"x".repeat(bytes)).await), expected);
    }
    assert_eq!(lookups(&issuer), 1);
}

#[tokio::test]
async fn a_flood_of_tokens_is_none_for_the_issuer() {
    let issuer = TestIssuer::start();
    issuer.set_introspection(TOKEN, active(json!({})));
    let admission = admission(&issuer);
    assert!(admission.admit(TOKEN).await.is_ok());
    issuer.behave(Behaviour::Silent);
    let tokens: Vec<_> = (0..64).map(|number| format!("{TOKEN}-{number}")).collect();
    for admitted in futures_util::future::join_all(tokens.iter().map(|token| admission.admit(token))).await {
        unknown(admitted);
    }
    // All wait for as long as the first, and then no time is left.
    assert!((2..=33).contains(&lookups(&issuer)), "16 at a time: {}", lookups(&issuer));
}

#[tokio::test]
async fn without_introspection_an_opaque_token_is_refused_without_asking_anybody() {
    let issuer = TestIssuer::start();
    assert_eq!(refused(Admission::of(&issuer).admit(TOKEN).await), TokenFault::Form);
    assert_eq!(issuer.asked().len(), 0);
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_is_named_and_nobody_is_admitted() {
    let issuer = TestIssuer::start();
    let admission = Admission::with(&issuer, &settings(&issuer), Secrets::none());
    let fault = unknown(admission.admit(TOKEN).await);
    assert!(fault.to_string().contains("secret `issuer`"), "{fault}");
    assert_eq!(lookups(&issuer), 0);
}
