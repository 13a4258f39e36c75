//! Where values come from, when they change, and every text that says why there is none, in one golden file.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::testing::{Fake, Scene};
use super::*;
use crate::clock::TestClock;
use crate::golden::{self, samples};

fn source(place: SecretPlace, field: Option<&str>) -> SecretSource {
    SecretSource { place, field: field.map(ToOwned::to_owned) }
}

fn manager(field: Option<&str>) -> SecretSource {
    source(SecretPlace::SecretsManager("prod/github".to_owned()), field)
}

/// The secret `s` with this source, and whatever else `more` names.
fn secrets<const N: usize>(
    more: [(&str, SecretSource); N],
    variables: &Variables,
    clock: &TestClock,
) -> Secrets {
    let sources = more.into_iter().map(|(name, source)| (name.to_owned(), source)).collect();
    Secrets::new(&sources, BTreeMap::new(), variables, clock.clock())
}

fn clock() -> TestClock {
    TestClock::at(SystemTime::now())
}

async fn text(secrets: &Secrets, name: &str) -> Result<String, String> {
    let value = secrets.value(name, None).await;
    value.map(|value| value.as_str().to_owned()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_value_comes_from_a_variable_a_secret_or_a_parameter() {
    let fake = Fake::start(vec![Scene::secret("stored"), Scene::parameter("parameter")]).await;
    let extension = fake.variables();
    let variables = Variables::new(move |name| match name {
        "TOKEN" => Some("variable".to_owned()),
        other => extension.get(other),
    });
    let more = [
        ("variable", source(SecretPlace::Environment("TOKEN".to_owned()), None)),
        ("stored", manager(None)),
        ("parameter", source(SecretPlace::Parameter("/prod/key".to_owned()), None)),
    ];
    let secrets = secrets(more, &variables, &clock());
    assert_eq!(fake.asked().len(), 0, "making them fetches nothing");
    for name in ["variable", "stored", "parameter"] {
        assert_eq!(text(&secrets, name).await.unwrap(), name);
    }
    let asked = fake.asked();
    assert!(asked[0].contains("secretId=prod%2Fgithub ") && asked[1].contains("name=%2Fprod%2Fkey&"));
}

#[tokio::test]
async fn a_value_that_was_there_from_the_start_comes_before_a_source() {
    let sources = BTreeMap::from([("a".to_owned(), manager(Some("field")))]);
    let values = ["a", "only-here"].map(|name| (name.to_owned(), SecretValue::from(format!("own {name}"))));
    let secrets = Secrets::new(&sources, values.into(), &Variables::new(|_| None), Clock::system());
    assert_eq!(text(&secrets, "a").await.unwrap(), "own a");
    assert_eq!(text(&secrets, "only-here").await.unwrap(), "own only-here");
}

#[tokio::test]
async fn fields_of_one_secret_are_fetched_together() {
    let fake = Fake::start(vec![Scene::secret(r#"{"user": "u1", "password": "p1"}"#)]).await;
    let more = [("user", manager(Some("user"))), ("password", manager(Some("password")))];
    let secrets = secrets(more, &fake.variables(), &clock());
    assert_eq!(text(&secrets, "user").await.unwrap(), "u1");
    assert_eq!(text(&secrets, "password").await.unwrap(), "p1");
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test]
async fn a_value_that_was_replaced_counts_a_minute_later() {
    let fake = Fake::start(vec![Scene::secret("old"), Scene::secret("new"), Scene::Status(500)]).await;
    let clock = clock();
    let secrets = secrets([("s", manager(None))], &fake.variables(), &clock);
    assert_eq!(text(&secrets, "s").await.unwrap(), "old");
    clock.pass(Duration::from_secs(59));
    assert_eq!(text(&secrets, "s").await.unwrap(), "old");
    clock.pass(Duration::from_secs(1));
    assert_eq!(text(&secrets, "s").await.unwrap(), "new");
    clock.pass(Duration::from_secs(14 * 60));
    assert_eq!(text(&secrets, "s").await.unwrap(), "new", "through an outage");
    clock.pass(Duration::from_secs(2 * 60));
    assert!(text(&secrets, "s").await.unwrap_err().contains("status 500"), "but not for ever");
}

#[tokio::test]
async fn what_is_no_value_is_named_and_not_repeated() {
    let long = "canary".repeat(SecretValue::MAX_BYTES / 6 + 1);
    let table: [(&str, Option<&str>, &str); 7] = [
        ("", None, "secret `s`: its value is empty"),
        (&long, None, "secret `s`: its value is longer than 65536 bytes"),
        (
            "canary",
            Some("f"),
            "secret `s`: it is not a JSON object, and its value is to be the field `f` of one",
        ),
        (r#"{"g": "canary"}"#, Some("f"), "secret `s`: its JSON object has no field `f`"),
        (r#"{"f": ["canary"]}"#, Some("f"), "secret `s`: the field `f` of its JSON object is not a string"),
        (r#"{"f": ""}"#, Some("f"), "secret `s`: its value is empty"),
        (r#"{"f": "canary""#, Some("f"), "secret `s`: it is not a JSON object"),
    ];
    for (stored, field, expected) in table {
        let fake = Fake::start(vec![Scene::secret(stored)]).await;
        let secrets = secrets([("s", manager(field))], &fake.variables(), &clock());
        let error = secrets.value("s", None).await.unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
        assert!(!format!("{error} {error:?} {secrets:?}").contains("canary"));
    }
}

#[tokio::test]
async fn no_text_shows_what_was_fetched() {
    let fake = Fake::start(vec![Scene::secret("canary")]).await;
    let sources = BTreeMap::from([("s".to_owned(), manager(None))]);
    let values = BTreeMap::from([("file".to_owned(), SecretValue::from("canary".to_owned()))]);
    let secrets = Secrets::new(&sources, values, &fake.variables(), Clock::system());
    let value = secrets.value("s", None).await.unwrap();
    let shown = format!("{secrets:?} {value:?}");
    assert!(shown.contains("prod/github") && !shown.contains("canary"), "{shown}");
}

#[test]
fn every_text_is_golden() {
    let mut text = String::new();
    for reason in reasons() {
        writeln!(text, "{}", SecretError { name: "github-token".to_owned(), reason }).unwrap();
    }
    let stored = [
        StoredSecret::SecretsManager("toolcell/principals".to_owned()),
        StoredSecret::Parameter("/toolcell/key".to_owned()),
    ];
    for secret in stored {
        for source in extension_errors(&secret) {
            writeln!(text, "{}", FetchError { secret: secret.clone(), source }).unwrap();
        }
    }
    golden::compare("secrets/golden/errors.txt", &text);
}

fn reasons() -> Vec<SecretReason> {
    let field = || "token".to_owned();
    let secret = StoredSecret::SecretsManager("prod/github".to_owned());
    samples! {
        SecretReason::Unknown => SecretReason::Unknown,
        SecretReason::NoVariable { .. } => SecretReason::NoVariable { variable: "GITHUB_TOKEN".to_owned() },
        SecretReason::Fetch(_) => FetchError { secret, source: ExtensionError::Port }.into(),
        SecretReason::NotJson { .. } => SecretReason::NotJson { field: field() },
        SecretReason::NoField { .. } => SecretReason::NoField { field: field() },
        SecretReason::FieldNotText { .. } => SecretReason::FieldNotText { field: field() },
        SecretReason::Empty => SecretReason::Empty,
        SecretReason::NoHeader => SecretReason::NoHeader,
        SecretReason::TooLong => SecretReason::TooLong,
    }
}

fn extension_errors(secret: &StoredSecret) -> Vec<ExtensionError> {
    let reason = "Connection refused".to_owned();
    let (status, permission) = (StatusCode::FORBIDDEN, secret.permission());
    samples! {
        ExtensionError::Port => ExtensionError::Port,
        ExtensionError::NoSession => ExtensionError::NoSession,
        ExtensionError::Unreachable { .. } => ExtensionError::Unreachable { port: 2773, reason },
        ExtensionError::Status { .. } => ExtensionError::Status { status, permission },
        ExtensionError::Answer { .. } => ExtensionError::Answer { what: secret.missing() },
    }
}
