//! Every text that tells an operator why there are no callers or no keys, in one golden file.

use std::fmt::Write as _;

use http::StatusCode;

use super::*;
use crate::golden::{self, samples};
use crate::state_token::{MAX_PLAINTEXT_BYTES, StateKeyError};

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
    for source in extension_errors() {
        writeln!(text, "{}", secret(source)).unwrap();
    }
    golden::compare("credentials/golden/errors.txt", &text);
}

fn secret(source: ExtensionError) -> SecretError {
    SecretError { secret: "toolcell/principals".to_owned(), source }
}

fn credential_errors() -> Vec<CredentialError> {
    let (name, place) = ("TOOLCELL_PRINCIPALS".to_owned(), "secret toolcell/principals".to_owned());
    let same_arn = IamError::SameArn { name: "agent".parse().unwrap() };
    samples! {
        CredentialError::NoVariable { .. } => CredentialError::NoVariable { name },
        CredentialError::Document { .. } => CredentialError::Document { place, source: DocumentError::Empty },
        CredentialError::Bearer(_) => BearerError::TooMany.into(),
        CredentialError::Iam(_) => same_arn.into(),
        CredentialError::Secret(_) => secret(ExtensionError::Answer).into(),
    }
}

fn keyring_errors() -> Vec<KeyringError> {
    let place = "environment variable TOOLCELL_STATE_KEYS".to_owned();
    samples! {
        KeyringError::Both => KeyringError::Both,
        KeyringError::Missing { .. } => KeyringError::Missing { plugin: "guide".to_owned() },
        KeyringError::NoKey => KeyringError::NoKey,
        KeyringError::Keys { .. } => KeyringError::Keys { place, source: StateKeyError::NoSecret },
        KeyringError::Secret(_) => secret(ExtensionError::Answer).into(),
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

fn extension_errors() -> Vec<ExtensionError> {
    let reason = "Connection refused".to_owned();
    samples! {
        ExtensionError::Port => ExtensionError::Port,
        ExtensionError::NoSession => ExtensionError::NoSession,
        ExtensionError::Unreachable { .. } => ExtensionError::Unreachable { port: 2773, reason },
        ExtensionError::Status(_) => ExtensionError::Status(StatusCode::FORBIDDEN),
        ExtensionError::Answer => ExtensionError::Answer,
    }
}
