//! The whole table of outcomes, in one golden file.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use super::*;
use crate::call::Phases;
use crate::codec::{ArgumentError, Encoded};
use crate::golden::{self, samples};
use crate::protocol::Era;
use crate::rounds::{AskError, Rounds};
use crate::sandbox::{CommitError, Crash, Limit};

#[test]
fn every_outcome_is_golden() {
    let mut text = String::from("outcome       level  what the client gets\n");
    for result in results() {
        let report = report(result);
        write(&mut text, &CallOutcome::of(&report));
    }
    write(&mut text, &CallOutcome::PANICKED);
    golden::compare("outcome/golden.txt", &text);
}

fn write(text: &mut String, outcome: &CallOutcome<'_>) {
    let level = format!("{:?}", outcome.level).to_lowercase();
    let client = match &outcome.client {
        ClientOutcome::Returned(_) => "its result".to_owned(),
        ClientOutcome::Error { .. } => "its error, as `isError` or a JSON-RPC error".to_owned(),
        ClientOutcome::Failed(text) => format!("isError: {text}"),
        ClientOutcome::Asks(_) => "input_required".to_owned(),
        ClientOutcome::Refused(fault) => format!("JSON-RPC error {}: {fault}", fault.code(Era::Modern)),
    };
    writeln!(text, "{:<14}{level:<7}{client}", outcome.name).unwrap();
}

fn report(result: Result<Encoded, Failure>) -> Report {
    Report {
        request: "r-1".to_owned(),
        start: Start::Warm,
        result,
        phases: Phases::default(),
        peak_memory_bytes: 0,
        dropped_events: 0,
        denied: None,
        http: None,
    }
}

fn results() -> Vec<Result<Encoded, Failure>> {
    let encoded = |status| Ok(Encoded { status, body: ResultBody::Text("done".to_owned()) });
    let mut results = vec![encoded(codec::ResultStatus::Success), encoded(codec::ResultStatus::Error)];
    results.extend(failures().into_iter().map(Err));
    results
}

fn failures() -> Vec<Failure> {
    let (path, found, expected) = ("arguments.count".to_owned(), "'3'".to_owned(), "an integer".to_owned());
    let mut failures = samples! {
        Failure::Arguments(_) => Failure::Arguments(ArgumentError { path, found, expected }),
        Failure::TooMuch(_) => Failure::TooMuch("the result is larger than 1048576 bytes".to_owned()),
        Failure::Secret => Failure::Secret,
        Failure::Unavailable => Failure::Unavailable,
        Failure::Guest(_) => Failure::Guest(GuestFailure::Start),
    };
    failures.extend(guest_failures().into_iter().map(Failure::Guest));
    failures
}

fn guest_failures() -> Vec<GuestFailure<Infallible>> {
    let denial = Denial { interface: "wasi:http/outgoing-handler", grant: "none".into(), host: None };
    let single = [
        GuestFailure::Deadline(Duration::from_secs(10)),
        GuestFailure::Denied(denial),
        GuestFailure::Exited(1),
    ];
    let limits = limits().into_iter().map(GuestFailure::Exceeded);
    let crashes = crashes().into_iter().map(GuestFailure::Trapped);
    let suspends = suspends().into_iter().map(GuestFailure::Suspended);
    let commits = commits().into_iter().map(GuestFailure::State);
    single.into_iter().chain(commits).chain(limits).chain(crashes).chain(suspends).inspect(listed).collect()
}

/// Has a line for each variant: a new one belongs into [`guest_failures`].
fn listed(failure: &GuestFailure<Infallible>) {
    match failure {
        GuestFailure::Deadline(_) | GuestFailure::Denied(_) | GuestFailure::Exited(_) => {}
        GuestFailure::Exceeded(_) | GuestFailure::Trapped(_) | GuestFailure::Suspended(_) => {}
        GuestFailure::Start | GuestFailure::State(_) => {}
        GuestFailure::Caller(never) => match *never {},
    }
}

fn commits() -> Vec<CommitError> {
    samples! {
        CommitError::Conflict => CommitError::Conflict,
        CommitError::Full => CommitError::Full,
        CommitError::Refused => CommitError::Refused,
        CommitError::Unavailable => CommitError::Unavailable,
    }
}

fn limits() -> Vec<Limit> {
    samples! {
        Limit::Memory => Limit::Memory,
        Limit::Tables => Limit::Tables,
        Limit::Instances => Limit::Instances,
        Limit::Stack => Limit::Stack,
        Limit::Hostcall => Limit::Hostcall,
        Limit::Handles => Limit::Handles,
        Limit::Random => Limit::Random,
    }
}

fn crashes() -> Vec<Crash> {
    samples! {
        Crash::Panic => Crash::Panic,
        Crash::OutOfBounds => Crash::OutOfBounds,
        Crash::Arithmetic => Crash::Arithmetic,
        Crash::BadCall => Crash::BadCall,
        Crash::BadValue => Crash::BadValue,
        Crash::Other => Crash::Other,
    }
}

fn suspends() -> Vec<Suspend> {
    let mut rounds = Rounds::new([0; 32], 0);
    rounds.ask("name", "{}".to_owned(), 1 << 20).unwrap();
    let lacking = QuestionKinds { form: true, ..QuestionKinds::default() };
    let unfit = "params.inputResponses['name']: expected an object, found null".to_owned();
    let mut suspends = samples! {
        Suspend::Asks(_) => Suspend::Asks(Box::new(rounds.end().unwrap())),
        Suspend::MissingCapability(_) => Suspend::MissingCapability(lacking),
        Suspend::Unanswerable => Suspend::Unanswerable,
        Suspend::Unfit(_) => Suspend::Unfit(unfit),
        Suspend::Misused(_) => AskError::Rounds.into(),
    };
    let misuses = samples! {
        AskError::Rounds => AskError::Rounds,
        AskError::Questions => AskError::Questions,
        AskError::SameKey => AskError::SameKey,
        AskError::Bytes { .. } => AskError::Bytes { limit_bytes: 6_291_456 },
        AskError::Size => AskError::Size,
    };
    suspends.extend(misuses.into_iter().skip(1).map(Suspend::from));
    suspends
}
