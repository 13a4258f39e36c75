//! The init phase: its limit, and its failures.

use std::time::Duration;

use toolcell_lambda_emulator::Lambda;

use crate::support::{at_rest, get, logged, probe, start};

fn starts(lambda: &Lambda) -> usize {
    at_rest(lambda);
    lambda.environments().iter().map(|environment| environment.starts).sum()
}

#[test]
fn no_process_runs_before_the_first_request() {
    let lambda = start(probe());
    assert_eq!(lambda.environments(), []);
    assert_eq!(get(&lambda, "/pid").status, 200);
    assert_eq!(starts(&lambda), 1);
}

#[test]
fn a_cold_start_reports_its_init_and_a_warm_one_has_none() {
    let lambda = start(probe().env("PROBE_INIT", "slow:600"));
    get(&lambda, "/pid");
    at_rest(&lambda);
    get(&lambda, "/pid");
    at_rest(&lambda);
    let reports = lambda.logs().reports();
    assert!(reports[0].init.is_some_and(|init| init >= Duration::from_millis(600)), "{reports:?}");
    assert!(reports[0].duration < Duration::from_millis(600), "init is no part of the duration: {reports:?}");
    assert_eq!(reports[1].init, None);
}

#[test]
fn an_init_error_is_reported_and_the_init_tried_again() {
    let lambda = start(probe().env("PROBE_INIT", "error"));
    let answer = get(&lambda, "/pid");
    assert_eq!((answer.status, answer.text()), (502, "Internal Server Error"));
    logged(&lambda, "Phase: init\tStatus: error\tError Type: Probe.NoConfig");
    assert_eq!(starts(&lambda), 2);
}

#[test]
fn a_process_that_ends_during_init_is_started_again_within_the_invocation() {
    let lambda = start(probe().env("PROBE_INIT", "exit-once"));
    assert_eq!(get(&lambda, "/pid").status, 200);
    logged(&lambda, "Phase: init\tStatus: error\tError Type: Runtime.ExitError");
    assert_eq!(starts(&lambda), 2);
    assert_eq!(lambda.logs().reports()[0].init, None);
}

#[test]
fn an_init_that_takes_too_long_is_run_again_under_the_timeout_of_the_function() {
    let function = probe().env("PROBE_INIT", "slow-once:60000").init_limit(Duration::from_millis(1500));
    let lambda = start(function);
    assert_eq!(get(&lambda, "/pid").status, 200);
    logged(&lambda, "Phase: init\tStatus: timeout");
    assert_eq!(starts(&lambda), 2);
    assert_eq!(
        toolcell_lambda_emulator::limit::INIT,
        Duration::from_secs(10),
        "the limit unless a test sets another"
    );

    let function = probe().env("PROBE_INIT", "slow:60000").init_limit(Duration::from_millis(200));
    let lambda = start(function.timeout(Duration::from_millis(300)));
    assert_eq!(get(&lambda, "/pid").status, 502);
    logged(&lambda, "Task timed out after 0.30 seconds");
}

#[test]
fn snap_start_restores_the_process_before_its_first_invocation() {
    let lambda = start(probe().env("PROBE_INIT", "restore").snap_start());
    let environment = get(&lambda, "/env").json();
    assert_eq!(environment["AWS_LAMBDA_INITIALIZATION_TYPE"], "snap-start");
    logged(&lambda, "RESTORE_START");
    logged(&lambda, "restored: 200");
}
