//! Who may call after a secret has changed, and every text that tells an operator why there are no callers or no keys,
//! in one golden file.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::oauth::IssuerFault;
use super::*;
use crate::auth::oauth::KeySetError;
use crate::golden::{self, samples};
use crate::net::OutboundError;
use crate::secrets::testing::{Fake, Scene};
use crate::secrets::{ExtensionError, SecretError, SecretReason};
use crate::state_token::{MAX_PLAINTEXT_BYTES, StateKeyError};

fn watch(fake: &Fake) -> Watch<Principals> {
    let principals = Principals {
        bearer: Some(Vec::new()),
        iam: Iam::default(),
        has_issuers: false,
        anonymous: Anonymous::Refused,
    };
    Watch::new(principals, StoredSecret::SecretsManager("toolcell/principals".to_owned()), fake.variables())
}

fn holding(token: &str) -> Scene {
    let digest = crate::digest::Digest::of(token.as_bytes());
    Scene::secret(&format!(r#"{{"principals":{{"alice":{{"tokens":["sha256:{digest}"]}}}}}}"#))
}

fn admits(access: &Access, token: &str) -> bool {
    let request = http::Request::post("/mcp").header("authorization", format!("Bearer {token}"));
    access.admit(&request.body(()).unwrap().into_parts().0, None).is_ok()
}

#[tokio::test]
async fn a_token_that_is_taken_back_is_refused_a_minute_later() {
    let fake = Fake::start(vec![holding("old"), holding("new")]).await;
    let (watch, start) = (watch(&fake), SystemTime::now());
    for (after, admitted) in [(0, (true, false)), (59, (true, false)), (60, (false, true))] {
        let access = watch.current(start + Duration::from_secs(after), None).await.unwrap();
        assert_eq!((admits(&access, "old"), admits(&access, "new")), admitted, "{after} s");
    }
}

#[tokio::test]
async fn a_secret_that_holds_something_else_admits_nobody_and_is_not_repeated() {
    for text in
        ["tct_canary", "", r#"{"principals":{}}"#, r#"{"principals":{"a":{"tokens":["tct_canary"]}}}"#]
    {
        let fake = Fake::start(vec![Scene::secret(text)]).await;
        let error = watch(&fake).current(SystemTime::now(), None).await.unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(said.contains("secret toolcell/principals") && !said.contains("canary"), "{said}");
    }
}

#[test]
fn every_text_is_golden() {
    let mut text = String::new();
    for error in credential_errors() {
        writeln!(text, "{error}").unwrap();
    }
    for error in keyring_errors() {
        writeln!(text, "{error}").unwrap();
    }
    for source in state_key_errors() {
        writeln!(text, "{}", KeyringError::Keys { place: "secret toolcell/state".to_owned(), source })
            .unwrap();
    }
    for source in issuer_faults() {
        writeln!(text, "{}", issuer_error(source)).unwrap();
    }
    for source in key_set_errors() {
        writeln!(text, "{source}").unwrap();
    }
    golden::compare("credentials/golden/errors.txt", &text);
}

fn unfetched() -> FetchError {
    let secret = StoredSecret::SecretsManager("toolcell/principals".to_owned());
    FetchError { secret, source: ExtensionError::Port }
}

fn credential_errors() -> Vec<CredentialError> {
    let (name, place) = ("TOOLCELL_PRINCIPALS".to_owned(), "secret toolcell/principals".to_owned());
    let same_arn = IamError::SameArn { name: "agent".parse().unwrap() };
    samples! {
        CredentialError::NoVariable { .. } => CredentialError::NoVariable { name },
        CredentialError::Document { .. } => CredentialError::Document { place, source: DocumentError::Empty },
        CredentialError::Bearer(_) => BearerError::TooMany.into(),
        CredentialError::Iam(_) => same_arn.into(),
        CredentialError::Secret(_) => unfetched().into(),
        CredentialError::Issuer(_) => issuer_error(IssuerFault::Waiting).into(),
    }
}

fn issuer_error(source: IssuerFault) -> IssuerError {
    IssuerError { issuer: "https://login.example.com/tenant".to_owned(), source }
}

fn issuer_faults() -> Vec<IssuerFault> {
    let url = || "https://login.example.com/keys".to_owned();
    let host = || "login.example.com".to_owned();
    let secret = SecretError { name: "issuer".to_owned(), reason: SecretReason::Empty };
    samples! {
        IssuerFault::Network(_) => IssuerFault::Network("the certificates cannot be used".to_owned()),
        IssuerFault::Request { .. } => IssuerFault::Request {
            url: url(),
            source: OutboundError::AddressProhibited { host: host() },
        },
        IssuerFault::Status { .. } => IssuerFault::Status { url: url(), status: StatusCode::FOUND },
        IssuerFault::Metadata { .. } => IssuerFault::Metadata { url: url() },
        IssuerFault::OtherIssuer { .. } => IssuerFault::OtherIssuer {
            url: url(),
            found: "https://login.example.com/{tenantid}/v2.0".to_owned(),
        },
        IssuerFault::Address { .. } => IssuerFault::Address { url: url(), member: "jwks_uri" },
        IssuerFault::Keys { .. } => IssuerFault::Keys { url: url(), source: KeySetError::TooMany },
        IssuerFault::Waiting => IssuerFault::Waiting,
        IssuerFault::TimedOut => IssuerFault::TimedOut,
        IssuerFault::NoEndpoint => IssuerFault::NoEndpoint,
        IssuerFault::Secret(_) => secret.into(),
        IssuerFault::Introspection { .. } => IssuerFault::Introspection { url: url() },
        IssuerFault::Busy => IssuerFault::Busy,
    }
}

fn key_set_errors() -> Vec<KeySetError> {
    samples! {
        KeySetError::TooLarge => KeySetError::TooLarge,
        KeySetError::Form => KeySetError::Form,
        KeySetError::TooMany => KeySetError::TooMany,
        KeySetError::Unusable => KeySetError::Unusable,
    }
}

fn keyring_errors() -> Vec<KeyringError> {
    let place = "environment variable TOOLCELL_STATE_KEYS".to_owned();
    samples! {
        KeyringError::Both => KeyringError::Both,
        KeyringError::Missing { .. } => KeyringError::Missing { plugin: "guide".to_owned() },
        KeyringError::NoKey => KeyringError::NoKey,
        KeyringError::Keys { .. } => KeyringError::Keys { place, source: StateKeyError::NoSecret },
        KeyringError::Secret(_) => unfetched().into(),
    }
}

fn state_key_errors() -> Vec<StateKeyError> {
    samples! {
        StateKeyError::NoSecret => StateKeyError::NoSecret,
        StateKeyError::Short { .. } => StateKeyError::Short { place: 2 },
        StateKeyError::Repeated { .. } => StateKeyError::Repeated { place: 2 },
        StateKeyError::TooLong { .. } => StateKeyError::TooLong { bytes: MAX_PLAINTEXT_BYTES + 1 },
        StateKeyError::Random(_) => getrandom::Error::UNSUPPORTED.into(),
    }
}
