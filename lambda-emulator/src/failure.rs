//! Failures of an invocation, with their texts in the log.

use std::time::Duration;

use serde::Deserialize;

use crate::log::Status;

/// An error that the function reported.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FunctionError {
    pub(crate) error_type: String,
    pub(crate) error_message: String,
}

/// A reason for which an invocation has no complete response. The client of a Function URL does not learn it: it sees
/// 502, or a stream that is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The function reported an error.
    Function(FunctionError),
    /// The process ended; the text tells how.
    Exited(String),
    /// The deadline passed.
    Timeout(Duration),
    /// The response is longer than this many bytes.
    TooLarge(usize),
    /// The response is malformed; the text tells how.
    Invalid(String),
    /// The emulator could not make the environment; the text tells why.
    Machine(String),
}

impl Failure {
    /// Returns the status for the `REPORT` line.
    pub(crate) fn status(&self) -> Status {
        let kind = match self {
            Failure::Timeout(_) => return Status::Timeout,
            Failure::Function(error) if !error.error_type.is_empty() => &error.error_type,
            Failure::Function(_) => "Runtime.Unknown",
            Failure::Exited(_) => "Runtime.ExitError",
            Failure::TooLarge(_) => "Function.ResponseSizeTooLarge",
            Failure::Invalid(_) => "Runtime.InvalidResponse",
            Failure::Machine(_) => "Sandbox.Failure",
        };
        Status::Error(kind.to_owned())
    }

    /// Returns what the platform writes to the log before `END` and `REPORT`.
    pub(crate) fn message(&self, request_id: &str, now: &str) -> Option<String> {
        match self {
            Failure::Function(_) => None, // a runtime logs its own errors
            Failure::Exited(how) => Some(format!(
                "RequestId: {request_id} Error: Runtime exited with error: {how}\nRuntime.ExitError"
            )),
            Failure::Timeout(timeout) => {
                Some(format!("{now} {request_id} Task timed out after {:.2} seconds", timeout.as_secs_f64()))
            }
            Failure::TooLarge(most) => Some(format!(
                "RequestId: {request_id} Error: Response payload size exceeded maximum allowed payload size ({most} bytes)."
            )),
            Failure::Invalid(why) => Some(format!("RequestId: {request_id} Error: Invalid response: {why}")),
            Failure::Machine(why) => {
                Some(format!("RequestId: {request_id} Error: the emulator failed: {why}"))
            }
        }
    }
}
