//! Sends operations to DynamoDB, and again where that is safe.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value as Json, json};

use super::{StateError, sign};
use crate::aws::{CredentialSource, Endpoint};
use crate::clock::Clock;
use crate::net::{Client, PlainHttp, Rules};

/// The largest answer, in bytes: a page of a query has at most 1 MB, and JSON makes bytes longer.
const MAX_ANSWER_BYTES: u64 = 4 << 20;

/// The shortest pause before each further attempt; the longest is twice as long. The end of the call cuts them off.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const PAUSES_MS: [u64; 6] = [25, 50, 100, 200, 400, 800];

/// The names of the errors that mean: too much at a time.
const THROTTLED: [&str; 4] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TransactionInProgressException",
];

/// A text that names no table.
#[derive(Debug, thiserror::Error)]
#[error("{found:?} is not the name of a table: expected 3 to 255 letters, digits, `_`, `-` or `.`")]
pub struct NotATable {
    found: String,
}

impl NotATable {
    /// Checks that a text can be the name of a table.
    ///
    /// # Errors
    /// It cannot.
    pub fn check(name: &str) -> Result<(), Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        match (3..=255).contains(&name.len()) && name.bytes().all(is_plain) {
            true => Ok(()),
            false => Err(Self { found: name.chars().take(80).collect() }),
        }
    }
}

/// Tells when an operation is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Also if nobody knows what became of it: it only reads.
    Always,
    /// If nothing can have happened.
    IfRefused,
}

/// A table, and what it takes to reach it.
#[derive(Debug)]
pub(super) struct Table {
    name: String,
    client: Arc<Client>,
    endpoint: Endpoint,
    credentials: Arc<dyn CredentialSource>,
    clock: Clock,
}

/// An attempt that failed.
struct Failure {
    error: StateError,
    /// True if nothing happened, and the same may work later.
    is_passing: bool,
}

impl Table {
    pub(super) fn new(
        name: String,
        client: Arc<Client>,
        endpoint: Endpoint,
        credentials: Arc<dyn CredentialSource>,
        clock: Clock,
    ) -> Result<Self, NotATable> {
        NotATable::check(&name)?;
        Ok(Self { name, client, endpoint, credentials, clock })
    }

    /// Returns its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the time, in milliseconds since 1970.
    pub(super) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// Sends an operation, again after a pause where `repeat` allows it.
    pub(super) async fn send(
        &self,
        operation: &str,
        mut request: Json,
        repeat: Repeat,
    ) -> Result<Json, StateError> {
        request["TableName"] = json!(self.name);
        let body = Bytes::from(request.to_string());
        let mut pauses = PAUSES_MS.into_iter();
        loop {
            let failure = match self.send_once(operation, body.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let is_unknown = matches!(failure.error, StateError::Unknown(_));
            let is_safe = failure.is_passing || repeat == Repeat::Always && is_unknown;
            match pauses.next().filter(|_| is_safe) {
                Some(least) => tokio::time::sleep(pause(least)).await,
                None if repeat == Repeat::Always => return Err(failure.error.of_a_read()),
                None => return Err(failure.error),
            }
        }
    }

    async fn send_once(&self, operation: &str, body: Bytes) -> Result<Json, Failure> {
        let refused = |reason: String| Failure { error: StateError::Unavailable(reason), is_passing: false };
        let now = self.clock.now();
        let credentials = self.credentials.current(&self.client, now).await;
        let credentials = credentials.map_err(|error| refused(error.to_string()))?;
        let url = self.endpoint.service_url("dynamodb");
        let signed = sign::signed(&url, operation, body, &credentials, self.endpoint.region(), now);
        let request = signed.map_err(refused)?;
        let rules = Rules { max_body_bytes: MAX_ANSWER_BYTES, plain_http: self.plain_http() };
        let unknown = |reason: String| Failure { error: StateError::Unknown(reason), is_passing: false };
        let response = self.client.send(request, rules).await;
        let response = response.map_err(|error| {
            let reason = format!("cannot reach DynamoDB: {error}");
            match error.is_unsent() {
                true => Failure { error: StateError::Unavailable(reason), is_passing: true },
                false => unknown(reason),
            }
        })?;
        let status = response.head.status;
        let answer = response.body.collect().await;
        let answer = answer.map_err(|error| unknown(format!("DynamoDB's answer broke off: {error}")))?;
        if status == StatusCode::OK {
            return serde_json::from_slice(&answer)
                .map_err(|_| unknown("DynamoDB's answer is not JSON".to_owned()));
        }
        Err(self.failure(operation, status, &answer))
    }

    fn plain_http(&self) -> PlainHttp {
        self.endpoint.plain_http()
    }

    /// Reads the reason out of an answer that is no success.
    fn failure(&self, operation: &str, status: StatusCode, answer: &[u8]) -> Failure {
        let answer: Json = serde_json::from_slice(answer).unwrap_or_default();
        let code = answer.get("__type").and_then(Json::as_str).unwrap_or_default();
        let code: String = code.rsplit('#').next().unwrap_or_default().chars().take(64).collect();
        if code == "ConditionalCheckFailedException" {
            return Failure { error: StateError::Conflict, is_passing: false };
        }
        let advice = match code.as_str() {
            "AccessDeniedException" => {
                ": whoever asks needs dynamodb:GetItem, PutItem, UpdateItem, DeleteItem and Query on the table, and Scan for \
                 `toolcell state`"
            }
            "ResourceNotFoundException" => ": there is no such table in this region",
            _ => "",
        };
        let text =
            format!("DynamoDB answers {operation} on table {} with {status} {code}{advice}", self.name);
        let error =
            if status.is_server_error() { StateError::Unknown(text) } else { StateError::Unavailable(text) };
        Failure { error, is_passing: THROTTLED.contains(&code.as_str()) }
    }
}

impl StateError {
    /// Returns the error of an operation that changes no entry, whatever became of it.
    pub(super) fn of_a_read(self) -> Self {
        match self {
            Self::Unknown(text) => Self::Unavailable(text),
            error => error,
        }
    }
}

/// Returns a pause of random length, so that environments that were refused together do not come back together.
pub(super) fn pause(least_ms: u64) -> Duration {
    let mut random = [0];
    // Without randomness the pause is the shortest one.
    let _ = getrandom::fill(&mut random);
    Duration::from_millis(least_ms + least_ms * u64::from(random[0]) / 256)
}
