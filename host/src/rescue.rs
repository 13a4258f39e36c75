//! The one table from how a call went to what the client sees and what the log says.

use std::time::Duration;

use serde_json::json;
use serde_json::value::RawValue;

use crate::call::{Failure, Report, Start};
use crate::catalog::{FunctionRef, Index};
use crate::codec::{self, Body};
use crate::metrics::{self, Measured};
use crate::protocol::render::Outcome;
use crate::protocol::{Fault, Revision};
use crate::rounds::PendingQuestions;
use crate::sandbox::{self, Denial, QuestionKinds, Suspend};

/// What a call's end comes to.
#[derive(Debug)]
pub struct Rescued<'r> {
    /// What the client is told.
    pub said: Said<'r>,
    /// The end's name in the log.
    pub outcome: &'static str,
    level: Level,
}

/// What the client is told.
#[derive(Debug)]
pub enum Said<'r> {
    /// The function returned. A tool's `err` is its result; anywhere else it is an error.
    Returned {
        /// Whether it did what it was asked to.
        outcome: Outcome,
        /// What it said.
        body: &'r Body,
        /// What it was denied.
        denied: Option<Denial>,
    },
    /// The function did not return; a sentence that says why. A tool's result says it (`isError`), anything else is
    /// a JSON-RPC error.
    Failed(String),
    /// The function has questions.
    Asks(&'r PendingQuestions),
    /// The request, or the server, is at fault: a JSON-RPC error, whatever was called.
    Refused(Fault),
}

/// Whom a log line concerns.
#[derive(Clone, Copy, Debug)]
enum Level {
    /// Nobody.
    Info,
    /// The plugin's author or the deployer.
    Warn,
    /// The operator.
    Error,
}

/// A call that took the host's own code down; the panic's text is in the log.
pub const PANICKED: Rescued<'static> =
    Rescued { said: Said::Refused(Fault::Internal), outcome: "panic", level: Level::Error };

/// What becomes of a call that ended.
pub fn of(report: &Report) -> Rescued<'_> {
    let (outcome, level) = match &report.result {
        Ok(encoded) => return returned(encoded, report.denied),
        Err(Failure::Unavailable) => {
            return Rescued {
                said: Said::Refused(Fault::Internal),
                outcome: "unavailable",
                level: Level::Error,
            };
        }
        Err(Failure::Arguments(_)) => ("arguments", Level::Info),
        Err(Failure::TooMuch(_)) => ("too-much", Level::Warn),
        Err(Failure::Guest(sandbox::Failure::Suspended(suspend))) => return suspended(suspend),
        Err(Failure::Guest(failure)) => guest(failure),
    };
    let text = report.result.as_ref().err().map(ToString::to_string).unwrap_or_default();
    Rescued { said: Said::Failed(text), outcome, level }
}

/// What becomes of a call that came to a question without an answer.
fn suspended(suspend: &Suspend) -> Rescued<'_> {
    let (said, outcome, level) = match suspend {
        Suspend::Asks(asking) => (Said::Asks(asking), "asks", Level::Info),
        Suspend::MissingCapability(lacking) => {
            (Said::Refused(Fault::Capability { required: capabilities(*lacking) }), "capability", Level::Info)
        }
        Suspend::Unanswerable => (Said::Failed(unanswerable()), "unanswerable", Level::Info),
        Suspend::Unfit(text) => (Said::Refused(Fault::Params(text.clone())), "answers", Level::Info),
        Suspend::Misused(_) => (Said::Failed(suspend.to_string()), "misused", Level::Warn),
    };
    Rescued { said, outcome, level }
}

fn unanswerable() -> String {
    let revision = Revision::MODERN.name();
    format!(
        "this has to ask the user, which takes a client of MCP revision {revision}: say more in the arguments, if there are any for it"
    )
}

/// The object `requiredCapabilities` for questions that were asked.
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

fn returned(encoded: &codec::Encoded, denied: Option<Denial>) -> Rescued<'_> {
    let (outcome, name) = match encoded.outcome {
        codec::Outcome::Success => (Outcome::Success, "ok"),
        codec::Outcome::Error => (Outcome::Failure, "err"),
    };
    let said = Said::Returned { outcome, body: &encoded.body, denied };
    Rescued { said, outcome: name, level: Level::Info }
}

fn guest<E>(failure: &sandbox::Failure<E>) -> (&'static str, Level) {
    match failure {
        sandbox::Failure::Deadline(_) => ("deadline", Level::Warn),
        sandbox::Failure::Exceeded(_) => ("limit", Level::Warn),
        sandbox::Failure::Denied(_) => ("denied", Level::Warn),
        sandbox::Failure::Exited(_) => ("exit", Level::Warn),
        sandbox::Failure::Trapped(_) => ("trap", Level::Warn),
        sandbox::Failure::Start => ("start", Level::Error),
        sandbox::Failure::Suspended(_) => ("halted", Level::Info),
        sandbox::Failure::Caller(_) => ("refused", Level::Warn),
    }
}

/// What the log says of a call beyond how it went.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The id that the platform gave the request.
    pub request: Option<String>,
    /// W3C `traceparent` of the request.
    pub traceparent: Option<String>,
    /// The platform's trace header (AWS X-Ray).
    pub trace: Option<String>,
    /// The name of who called; anonymous callers have none.
    pub principal: Option<String>,
}

/// Writes the one line that every call leaves in the log, and the one of its metrics; neither ever holds
/// arguments or results.
pub fn log(
    index: &Index,
    place: FunctionRef,
    origin: &Origin,
    total: Duration,
    report: Option<&Report>,
    rescued: &Rescued<'_>,
) {
    let tool = index.function(place);
    let plugin = &index.plugin(tool).name;
    let is_cold = report.is_some_and(|report| report.start == Start::Cold);
    let peak_memory_bytes = report.map(|report| report.peak_memory_bytes);
    let phases = report.map(|report| report.phases).unwrap_or_default();
    let us = |duration: Duration| duration.as_micros() as u64;
    macro_rules! line {
        ($macro:ident) => {
            tracing::$macro!(
                request = report.map(|report| report.request.as_str()).or(origin.request.as_deref()),
                tool = tool.name,
                plugin,
                principal = origin.principal.as_deref(),
                outcome = rescued.outcome,
                cold = is_cold,
                total_us = us(total),
                load_us = us(phases.load),
                instantiate_us = us(phases.instantiate),
                decode_us = us(phases.decode),
                run_us = us(phases.run),
                encode_us = us(phases.encode),
                peak_memory_bytes,
                denied = report.and_then(|report| report.denied).map(|denial| denial.interface),
                dropped_events = report.map(|report| report.dropped_events).filter(|count| *count > 0),
                traceparent = origin.traceparent.as_deref(),
                trace = origin.trace.as_deref(),
                "call"
            )
        };
    }
    match rescued.level {
        Level::Info => line!(info),
        Level::Warn => line!(warn),
        Level::Error => line!(error),
    }
    metrics::emit(&Measured {
        plugin,
        tool: tool.name,
        outcome: rescued.outcome,
        duration: total,
        faults: u8::from(!matches!(rescued.level, Level::Info)),
        cold_starts: u8::from(is_cold),
        peak_memory_bytes: peak_memory_bytes.unwrap_or_default(),
    });
}
