//! Turns the report of a call into what the client sees and what the log says: the one table of outcomes.

mod http;

use std::time::Duration;

use serde_json::json;
use serde_json::value::RawValue;

use self::http::HttpFields;
use crate::call::{Failure, Report, Start};
use crate::catalog::FunctionRef;
use crate::codec::{self, ResultBody};
use crate::mcp::QuestionKinds;
use crate::metrics::{self, Measured};
use crate::protocol::{Fault, ParamsError, Revision};
use crate::rounds::PendingQuestions;
use crate::sandbox::{CommitError, Denial, GuestFailure, Suspend};

/// The outcome of a call.
#[derive(Debug)]
pub struct CallOutcome<'r> {
    /// The client's side of it.
    pub client: ClientOutcome<'r>,
    /// Its name in the log.
    pub name: &'static str,
    level: Severity,
}

/// The outcome of a call as its client sees it.
#[derive(Debug)]
pub enum ClientOutcome<'r> {
    /// The function did what it was asked to; the value that it returned.
    Returned(&'r ResultBody),
    /// The function returned its `err`: for a tool its result, for anything else an error.
    Error {
        /// The result's body.
        body: &'r ResultBody,
        /// The first access that was denied.
        denied: Option<&'r Denial>,
    },
    /// The function did not return, with a sentence that says why: for a tool its result (`isError`), for anything
    /// else a JSON-RPC error.
    Failed(String),
    /// The function asks the user.
    Asks(&'r PendingQuestions),
    /// The request or the server is at fault: a JSON-RPC error, whatever was called.
    Refused(Fault),
}

/// The level of an outcome in the log, by the person whom it concerns.
#[derive(Clone, Copy, Debug)]
enum Severity {
    /// No one in particular.
    Info,
    /// The plugin's author or the deployer.
    Warn,
    /// The operator.
    Error,
}

impl<'r> CallOutcome<'r> {
    /// The outcome of a call in which the host's own code panicked; the log holds the panic's text.
    pub const PANICKED: CallOutcome<'static> = CallOutcome {
        client: ClientOutcome::Refused(Fault::Internal),
        name: "panic",
        level: Severity::Error,
    };

    /// Looks up the outcome of a call.
    pub fn of(report: &'r Report) -> Self {
        let (name, level) = match &report.result {
            Ok(encoded) => return Self::returned(encoded, report.denied.as_ref()),
            Err(Failure::Unavailable) => {
                let client = ClientOutcome::Refused(Fault::Internal);
                return Self { client, name: "unavailable", level: Severity::Error };
            }
            Err(Failure::Arguments(_)) => ("arguments", Severity::Info),
            Err(Failure::TooMuch(_)) => ("too-much", Severity::Warn),
            Err(Failure::Secret) => ("secret", Severity::Error),
            Err(Failure::Guest(GuestFailure::Suspended(suspend))) => return Self::suspended(suspend),
            Err(Failure::Guest(failure)) => guest(failure),
        };
        let text = report.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        Self { client: ClientOutcome::Failed(text), name, level }
    }

    fn returned(encoded: &'r codec::Encoded, denied: Option<&'r Denial>) -> Self {
        let body = &encoded.body;
        let (client, name) = match encoded.status {
            codec::ResultStatus::Success => (ClientOutcome::Returned(body), "ok"),
            codec::ResultStatus::Error => (ClientOutcome::Error { body, denied }, "err"),
        };
        Self { client, name, level: Severity::Info }
    }

    /// Looks up the outcome of a call that came to a question without an answer.
    fn suspended(suspend: &'r Suspend) -> Self {
        let (client, name, level) = match suspend {
            Suspend::Asks(pending) => (ClientOutcome::Asks(pending), "asks", Severity::Info),
            Suspend::MissingCapability(lacking) => {
                let fault = Fault::Capability { required: capabilities(*lacking) };
                (ClientOutcome::Refused(fault), "capability", Severity::Info)
            }
            Suspend::Unanswerable => (ClientOutcome::Failed(unanswerable()), "unanswerable", Severity::Info),
            Suspend::Unfit(text) => (
                ClientOutcome::Refused(ParamsError::Answer { reason: text.clone() }.into()),
                "answers",
                Severity::Info,
            ),
            Suspend::Misused(_) => (ClientOutcome::Failed(suspend.to_string()), "misused", Severity::Warn),
        };
        Self { client, name, level }
    }
}

fn unanswerable() -> String {
    let revision = Revision::MODERN.name();
    format!(
        "this has to ask the user: use a client of MCP revision {revision}, or pass the missing details as arguments"
    )
}

/// Writes the object `requiredCapabilities` for the questions that the client cannot answer.
fn capabilities(lacking: QuestionKinds) -> Box<RawValue> {
    let elicitation = match (lacking.form, lacking.url) {
        (false, false) => None,
        (true, false) => Some(json!({})),
        (false, true) => Some(json!({ "url": {} })),
        (true, true) => Some(json!({ "form": {}, "url": {} })),
    };
    let others = [("sampling", lacking.sample), ("roots", lacking.roots)];
    let others = others.into_iter().filter(|(_, lacks)| *lacks).map(|(name, _)| (name, json!({})));
    let all: serde_json::Map<_, _> = elicitation
        .map(|elicitation| ("elicitation", elicitation))
        .into_iter()
        .chain(others)
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    serde_json::value::to_raw_value(&all).unwrap_or_default()
}

fn guest<E>(failure: &GuestFailure<E>) -> (&'static str, Severity) {
    match failure {
        GuestFailure::Deadline(_) => ("deadline", Severity::Warn),
        GuestFailure::Exceeded(_) => ("limit", Severity::Warn),
        GuestFailure::Denied(_) => ("denied", Severity::Warn),
        GuestFailure::Exited(_) => ("exit", Severity::Warn),
        GuestFailure::Trapped(_) => ("trap", Severity::Warn),
        GuestFailure::Start => ("start", Severity::Error),
        GuestFailure::State(CommitError::Conflict) => ("state", Severity::Info),
        GuestFailure::State(CommitError::Full | CommitError::Refused) => ("state", Severity::Warn),
        GuestFailure::State(CommitError::Unavailable) => ("state", Severity::Error),
        GuestFailure::Suspended(_) => ("halted", Severity::Info),
        GuestFailure::Caller(_) => ("refused", Severity::Warn),
    }
}

/// The kind of error that a client gets: `error.type` in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorType {
    /// The result of a tool, with `isError`.
    Tool,
    /// A JSON-RPC error with this code.
    Code(i32),
}

impl ErrorType {
    /// Returns the code of a JSON-RPC error, as text.
    fn status_code(self) -> Option<String> {
        match self {
            Self::Code(code) => Some(code.to_string()),
            Self::Tool => None,
        }
    }
}

/// Facts about a request for the log line of its call.
#[derive(Clone, Debug, Default)]
pub struct LogContext {
    /// The method.
    pub method: &'static str,
    /// The revision of MCP under which the client is answered.
    pub revision: &'static str,
    /// The id that the platform gave the request.
    pub request: Option<String>,
    /// W3C `traceparent` of the request.
    pub traceparent: Option<String>,
    /// The platform's trace header (AWS X-Ray).
    pub trace: Option<String>,
    /// The name of who called; anonymous callers have none.
    pub principal: Option<String>,
}

/// Writes the one line of a call in the log, and the one of its metrics; neither holds arguments or results.
///
/// The call's names are those of [OpenTelemetry's conventions for MCP]: `log::attribute` has the table. The URI of a
/// resource is left out, because it may hold arguments.
///
/// [OpenTelemetry's conventions for MCP]: https://github.com/open-telemetry/semantic-conventions-genai
pub fn log(
    function: &FunctionRef,
    context: &LogContext,
    total: Duration,
    report: Option<&Report>,
    outcome: &CallOutcome<'_>,
    error: Option<ErrorType>,
) {
    let (entry, plugin) = (function.entry(), &function.plugin().name);
    let phases = report.map(|report| report.phases).unwrap_or_default();
    let us = |duration: Duration| duration.as_micros() as u64;
    let http = HttpFields::of(report.and_then(|report| report.http.as_ref()));
    let names = Names::of(context.method, entry.name);
    let status_code = error.and_then(ErrorType::status_code);
    let error_type = error.map(|_| status_code.as_deref().unwrap_or("tool_error"));
    macro_rules! line {
        ($macro:ident) => {
            tracing::$macro!(
                request = report.map(|report| report.request.as_str()).or(context.request.as_deref()),
                method = context.method,
                operation = names.operation,
                tool = names.tool,
                prompt = names.prompt,
                function = names.function,
                plugin,
                principal = context.principal.as_deref(),
                outcome = outcome.name,
                error_type,
                status_code = status_code.as_deref(),
                revision = context.revision,
                cold = report.is_some_and(|report| report.start == Start::Cold),
                total_us = us(total),
                fetch_us = us(phases.fetch),
                verify_us = Some(us(phases.verify)).filter(|_| !phases.verify.is_zero()),
                load_us = us(phases.load),
                instantiate_us = us(phases.instantiate),
                decode_us = us(phases.decode),
                run_us = us(phases.run),
                encode_us = us(phases.encode),
                peak_memory_bytes = report.map(|report| report.peak_memory_bytes),
                denied = report.and_then(|report| report.denied.as_ref()).map(|denial| denial.interface),
                http_requests = http.requests,
                http_sent_bytes = http.sent_bytes,
                http_received_bytes = http.received_bytes,
                http_us = http.us,
                http_rules = http.rules.as_deref(),
                http_hosts = http.hosts.as_deref(),
                dropped_events = report.map(|report| report.dropped_events).filter(|count| *count > 0),
                traceparent = context.traceparent.as_deref(),
                trace = context.trace.as_deref(),
                "call"
            )
        };
    }
    match outcome.level {
        Severity::Info => line!(info),
        Severity::Warn => line!(warn),
        Severity::Error => line!(error),
    }
    measure(function, total, report, outcome);
}

/// Writes the lines of metrics of a call.
fn measure(function: &FunctionRef, total: Duration, report: Option<&Report>, outcome: &CallOutcome<'_>) {
    let plugin = &function.plugin().name;
    metrics::emit(&Measured {
        plugin,
        tool: function.entry().name,
        outcome: outcome.name,
        duration: total,
        faults: u8::from(!matches!(outcome.level, Severity::Info)),
        cold_starts: u8::from(report.is_some_and(|report| report.start == Start::Cold)),
        peak_memory_bytes: report.map(|report| report.peak_memory_bytes).unwrap_or_default(),
    });
    http::emit(plugin, report.and_then(|report| report.http.as_ref()));
}

/// The names of a call in its log line; a call has one of `tool`, `prompt` and `function`.
#[derive(Default)]
struct Names<'n> {
    operation: Option<&'static str>,
    tool: Option<&'n str>,
    prompt: Option<&'n str>,
    /// The function that answers another method: it lists, reads or completes.
    function: Option<&'n str>,
}

impl<'n> Names<'n> {
    fn of(method: &str, function: &'n str) -> Self {
        match method {
            "tools/call" => Self { operation: Some("execute_tool"), tool: Some(function), ..Self::default() },
            "prompts/get" => Self { prompt: Some(function), ..Self::default() },
            _ => Self { function: Some(function), ..Self::default() },
        }
    }
}

#[cfg(test)]
mod tests;
