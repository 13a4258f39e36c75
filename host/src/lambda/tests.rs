//! Every text of the Lambda edge's own, in one golden file.

use std::fmt::Write as _;
use std::io;

use base64::Engine as _;
use http::StatusCode;

use super::environment::EnvironmentError;
use super::event::EventError;
use super::form::NoForm;
use super::*;
use crate::auth::NotAnIdentity;
use crate::golden::{self, samples};
use crate::protocol::PolicyError;
use crate::updater::PackageError;

#[test]
fn every_text_is_golden() {
    let mut text = String::new();
    let environment = environment_errors().into_iter().map(|error| error.to_string());
    let init = init_errors().into_iter().map(|error| error.to_string());
    let events = event_errors().into_iter().map(|error| error.to_string());
    let forms = forms().into_iter().map(|error| error.to_string());
    let api = api_errors().into_iter().map(|error| RunError::from(error).to_string());
    let ends = [RunError::Panicked.to_string()];
    for error in environment.chain(init).chain(events).chain(forms).chain(api).chain(ends) {
        writeln!(text, "{error}").unwrap();
    }
    golden::compare("lambda/golden/errors.txt", &text);
}

fn refused() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "No such file or directory")
}

fn environment_errors() -> Vec<EnvironmentError> {
    let invalid = EnvironmentError::Invalid {
        name: "TOOLCELL_METRICS",
        found: "yes".to_owned(),
        expected: "on or off",
    };
    samples! {
        EnvironmentError::Missing(_) => EnvironmentError::Missing("AWS_LAMBDA_RUNTIME_API"),
        EnvironmentError::Invalid { .. } => invalid,
    }
}

/// The errors of other modules, which pass through, are golden there.
fn init_errors() -> Vec<InitError> {
    vec![
        PackageError::Bundle { path: "/var/task/bundle".into(), reason: refused() }.into(),
        PolicyError::OpenOrigin("*".to_owned()).into(),
    ]
}

fn event_errors() -> Vec<EventError> {
    let shape = serde_json::from_str::<bool>("{}").unwrap_err();
    let uri = http::Request::get("a b").body(()).unwrap_err();
    let base64 = base64::prelude::BASE64_STANDARD.decode("*").unwrap_err();
    samples! {
        EventError::Shape(_) => shape.into(),
        EventError::Uri(_) => uri.into(),
        EventError::Base64(_) => base64.into(),
        EventError::Identity(_) => NotAnIdentity.into(),
    }
}

fn forms() -> Vec<NoForm> {
    samples! {
        NoForm::NoObject => NoForm::NoObject,
        NoForm::Stranger(_) => NoForm::Stranger("an event of SQS"),
        NoForm::Ambiguous(..) => NoForm::Ambiguous("an event of an HTTP API", "an event of a load balancer"),
        NoForm::Imitation(..) => NoForm::Imitation("an event of a Function URL", "it came with a client context"),
    }
}

fn api_errors() -> Vec<ApiError> {
    vec![
        ApiError::Connect { address: "127.0.0.1:9001".to_owned(), source: refused() },
        ApiError::Refused { status: StatusCode::PAYLOAD_TOO_LARGE, text: "too large".to_owned() },
        ApiError::Header("lambda-runtime-aws-request-id"),
    ]
}
