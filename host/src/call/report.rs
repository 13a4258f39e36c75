//! Reports how a call ended.

use std::time::Duration;

use crate::codec::guest::{CallError, TimedResult};
use crate::codec::{ArgumentError, Encoded};
use crate::sandbox::{CallResult, Denial, GuestFailure, HttpUsage};

/// Names the reason why a call has no result. Every text is safe for clients.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Correct the arguments.
    #[error("{0}")]
    Arguments(ArgumentError),
    /// Send smaller arguments, or ask for less.
    #[error("{0}")]
    TooMuch(String),
    /// The guest was stopped or ended itself.
    #[error("{0}")]
    Guest(GuestFailure<std::convert::Infallible>),
    /// A secret that the plugin was granted cannot be read; the operator reads which and why in the log.
    #[error("the tool is not available now: ask the operator of the server")]
    Secret,
    /// The tool cannot be loaded; the operator reads why in the log.
    #[error("the tool is not available")]
    Unavailable,
}

/// The duration of each phase of a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Phases {
    /// Fetching the code of the plugin from a bucket, at its first call, and the secrets that it was granted.
    pub fetch: Duration,
    /// The part of `fetch` that verifying the code took.
    pub verify: Duration,
    /// Loading and linking; nothing but the first call of a plugin.
    pub load: Duration,
    /// Making store and instance.
    pub instantiate: Duration,
    /// Arguments into guest memory.
    pub decode: Duration,
    /// The guest.
    pub run: Duration,
    /// The result into JSON.
    pub encode: Duration,
}

/// Tells whether a call was the first one of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The first: it also paid for what the others find ready.
    Cold,
    /// A later one.
    Warm,
}

/// A call that is over.
#[derive(Debug)]
pub struct Report {
    /// The request's id: the platform's, or one that the server made.
    pub request: String,
    /// Tells whether it was the first call of the process.
    pub start: Start,
    /// The result, or the failure.
    pub result: Result<Encoded, Failure>,
    /// The duration of its phases.
    pub phases: Phases,
    /// Most linear memory at any time, in bytes.
    pub peak_memory_bytes: usize,
    /// Notifications that were not sent.
    pub dropped_events: usize,
    /// The first thing that it was denied, even if it coped with that.
    pub denied: Option<Denial>,
    /// Its requests to other hosts, if there were any.
    pub http: Option<HttpUsage>,
}

impl Report {
    pub(super) fn failed(failure: Failure) -> Self {
        Self {
            request: String::new(),
            start: Start::Warm,
            result: Err(failure),
            phases: Phases::default(),
            peak_memory_bytes: 0,
            dropped_events: 0,
            denied: None,
            http: None,
        }
    }

    pub(super) fn new(call: CallResult<TimedResult, CallError>) -> Self {
        let usage = call.usage;
        let mut phases = Phases { instantiate: usage.instantiate, run: usage.run, ..Phases::default() };
        let result = match call.result {
            Ok(reply) => {
                (phases.decode, phases.encode) = (reply.decode, reply.encode);
                phases.run = phases.run.saturating_sub(reply.decode + reply.encode);
                Ok(reply.encoded)
            }
            Err(failure) => Err(Failure::from(failure)),
        };
        Self {
            request: String::new(),
            start: Start::Warm,
            result,
            phases,
            peak_memory_bytes: usage.peak_memory_bytes,
            dropped_events: usage.dropped_events,
            denied: usage.denied,
            http: usage.http,
        }
    }
}

impl From<GuestFailure<CallError>> for Failure {
    fn from(failure: GuestFailure<CallError>) -> Self {
        use GuestFailure as Guest;
        Self::Guest(match failure {
            Guest::Caller(CallError::Argument(error)) => return Self::Arguments(error),
            Guest::Caller(error) => return Self::TooMuch(error.to_string()),
            Guest::Deadline(after) => Guest::Deadline(after),
            Guest::Exceeded(limit) => Guest::Exceeded(limit),
            Guest::Denied(denial) => Guest::Denied(denial),
            Guest::Exited(code) => Guest::Exited(code),
            Guest::Trapped(crash) => Guest::Trapped(crash),
            Guest::Suspended(suspend) => Guest::Suspended(suspend),
            Guest::Start => Guest::Start,
            Guest::State(error) => Guest::State(error),
        })
    }
}
