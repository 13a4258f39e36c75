//! Functions that fail, and the responses that the client gets.

use std::time::Duration;

use toolcell_lambda_emulator::Lambda;
use toolcell_lambda_emulator::log::Status;

use crate::support::{Response, UNREAD, at_rest, begin, get, logged, probe, start};

fn is_an_internal_error(answer: &Response) {
    assert_eq!((answer.status, answer.text()), (502, "Internal Server Error"));
    assert!(answer.header("x-amzn-requestid").is_some(), "{answer:?}");
}

fn starts(lambda: &Lambda) -> usize {
    at_rest(lambda);
    lambda.environments().iter().map(|environment| environment.starts).sum()
}

fn statuses(lambda: &Lambda) -> Vec<Option<Status>> {
    at_rest(lambda);
    lambda.logs().reports().into_iter().map(|report| report.status).collect()
}

#[test]
fn only_the_log_tells_an_error_that_the_function_reports() {
    let lambda = start(probe());
    is_an_internal_error(&get(&lambda, "/error"));
    assert_eq!(statuses(&lambda), [Some(Status::Error("Probe.Told".to_owned()))]);
    assert_eq!(get(&lambda, "/pid").status, 200);
    assert_eq!(starts(&lambda), 1, "the environment lives on");
}

#[test]
fn a_process_that_ends_is_an_error_and_is_started_again() {
    let lambda = start(probe());
    is_an_internal_error(&get(&lambda, "/exit/1"));
    logged(&lambda, "Error: Runtime exited with error: exit status 1");
    logged(&lambda, "Error Type: Runtime.ExitError");
    assert_eq!(get(&lambda, "/pid").status, 200);
    assert_eq!((starts(&lambda), lambda.environments().len()), (2, 1));
}

#[test]
fn a_process_that_aborts_is_an_error() {
    let lambda = start(probe());
    is_an_internal_error(&get(&lambda, "/abort"));
    logged(&lambda, "Error: Runtime exited with error: signal: aborted");
}

#[test]
fn a_process_that_ends_within_its_response_cuts_the_stream() {
    let lambda = start(probe());
    let cut = get(&lambda, "/exit-after");
    assert_eq!((cut.status, cut.text(), cut.complete), (200, "half", false));
    logged(&lambda, "Error: Runtime exited with error: exit status 3");
    assert_eq!(get(&lambda, "/pid").status, 200);
}

#[test]
fn an_error_in_the_trailers_cuts_the_stream() {
    let lambda = start(probe());
    let cut = get(&lambda, "/trailers");
    assert_eq!((cut.status, cut.text(), cut.complete), (200, "half", false));
    assert_eq!(statuses(&lambda), [Some(Status::Error("Probe.Midway".to_owned()))]);
    assert_eq!(starts(&lambda), 1);
}

#[test]
fn a_function_that_never_answers_is_killed_at_its_deadline() {
    let lambda = start(probe().timeout(Duration::from_millis(500)));
    is_an_internal_error(&get(&lambda, "/hang"));
    logged(&lambda, "Task timed out after 0.50 seconds");
    assert_eq!(statuses(&lambda), [Some(Status::Timeout)]);
    let reports = lambda.logs().reports();
    assert!(reports[0].duration >= Duration::from_millis(500), "{reports:?}");
    assert_eq!(lambda.environments()[0].pid, None, "the process is gone");
}

#[test]
fn a_stream_is_cut_at_the_deadline_and_the_next_call_starts_the_process_again() {
    let lambda = start(probe().timeout(Duration::from_secs(2)));
    let first = get(&lambda, "/pid");
    let cut = get(&lambda, "/hang-after");
    assert_eq!((cut.status, cut.text(), cut.complete), (200, "half", false));
    let second = get(&lambda, "/pid");
    assert_ne!(first.text(), second.text());
    assert_eq!((starts(&lambda), lambda.environments().len()), (2, 1));
}

#[test]
fn more_requests_than_the_reserved_concurrency_are_refused() {
    let lambda = start(probe().concurrency(1));
    let first = begin(&lambda, UNREAD);
    let refused = get(&lambda, "/pid");
    assert_eq!((refused.status, refused.header("x-amzn-errortype")), (429, Some("TooManyRequestsException")));
    assert!(refused.text().contains("Rate Exceeded."), "{refused:?}");
    assert!(first.finish().complete);
    assert_eq!(get(&lambda, "/pid").status, 200);
}

#[test]
fn a_client_that_goes_away_does_not_reach_the_function() {
    let lambda = start(probe());
    let mut exchange = begin(&lambda, "/tick/20/20");
    assert_eq!(exchange.chunk().unwrap(), b"tick 0\n");
    drop(exchange);
    logged(&lambda, "ticked to the end");
    assert_eq!(statuses(&lambda), [None]);
    let gone = begin(&lambda, "/flood/5000000");
    drop(gone);
    logged(&lambda, "flooded: 202");
}

#[test]
fn an_invocation_is_answered_once_and_in_turn() {
    let lambda = start(probe());
    get(&lambda, "/twice");
    logged(&lambda, "twice: 400");
    get(&lambda, "/early");
    logged(&lambda, "early: 403");
}
