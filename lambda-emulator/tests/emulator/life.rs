//! Environments between invocations: one request at a time, warm, frozen, reclaimed.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::Duration;

use toolcell_lambda_emulator::{Freeze, Lambda, Phase};

use crate::support::{UNREAD, at_rest, begin, get, logged, probe, start, until};

fn beats(lambda: &Lambda) -> usize {
    lambda.logs().lines().iter().filter(|line| line.text.starts_with("beat ")).count()
}

/// The state of a process: `T` is stopped.
fn state(pid: u32) -> String {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("State:")).unwrap();
    line.trim()[..1].to_owned()
}

#[test]
fn one_request_after_the_other_is_served_by_one_warm_process() {
    let lambda = start(probe());
    let pids: BTreeSet<_> = (0..20).map(|_| get(&lambda, "/pid").text().to_owned()).collect();
    assert_eq!(pids.len(), 1);
    assert_eq!(lambda.environments().len(), 1);
}

#[test]
fn requests_at_once_are_served_by_as_many_environments() {
    let lambda = start(probe());
    let _unread: Vec<_> = (0..4).map(|_| begin(&lambda, UNREAD)).collect();
    let environments = lambda.environments();
    let pids: BTreeSet<_> = environments.iter().filter_map(|environment| environment.pid).collect();
    assert_eq!((environments.len(), pids.len()), (4, 4), "{environments:?}");
    assert!(environments.iter().all(|environment| environment.phase == Phase::Busy), "{environments:?}");
}

#[test]
fn the_environment_that_was_used_last_is_used_next() {
    let lambda = start(probe());
    let long = begin(&lambda, UNREAD);
    let short = get(&lambda, "/pid").text().to_owned();
    assert!(long.finish().complete);
    let mut pids = BTreeSet::new();
    for _ in 0..3 {
        at_rest(&lambda);
        pids.insert(get(&lambda, "/pid").text().to_owned());
    }
    assert_eq!(lambda.environments().len(), 2);
    assert!(pids.len() == 1 && !pids.contains(&short), "{short} was used before {pids:?}");
}

#[test]
fn an_idle_environment_stands_still() {
    let lambda = start(probe());
    get(&lambda, "/pid");
    until("it is frozen", || lambda.environments()[0].phase == Phase::Frozen);
    let pid = lambda.environments()[0].pid.unwrap();
    until("the process is stopped", || state(pid) == "T");
    assert_eq!(get(&lambda, "/pid").text(), pid.to_string(), "the same process goes on");
}

#[test]
fn what_is_detached_does_not_run_while_the_environment_is_frozen() {
    let lambda = start(probe());
    get(&lambda, "/detach");
    until("it is frozen", || lambda.environments()[0].phase == Phase::Frozen);
    // The last lines may still be on their way to the log.
    until("it stands still", || {
        let before = beats(&lambda);
        thread::sleep(Duration::from_millis(400));
        beats(&lambda) == before
    });
    let before = beats(&lambda);
    get(&lambda, "/wait/200");
    assert!(beats(&lambda) > before, "thawed");
}

#[test]
fn freezing_can_be_turned_off() {
    let lambda = start(probe().freeze(Freeze::Never));
    get(&lambda, "/detach");
    at_rest(&lambda);
    assert_eq!(lambda.environments()[0].phase, Phase::Idle);
    let before = beats(&lambda);
    until("the detached thread goes on", || beats(&lambda) > before + 5);
}

#[test]
fn an_invocation_lasts_until_the_next_one_is_asked_for() {
    let lambda = start(probe().timeout(Duration::from_secs(5)));
    assert!(get(&lambda, "/linger/1000").complete, "the client has its response");
    assert_eq!(lambda.environments()[0].phase, Phase::Busy);
    at_rest(&lambda);
    let duration = lambda.logs().reports()[0].duration;
    assert!(duration >= Duration::from_secs(1), "{duration:?}");
}

#[test]
fn a_process_that_does_not_come_back_is_killed_at_the_deadline_after_its_response() {
    let lambda = start(probe().timeout(Duration::from_millis(500)));
    assert!(get(&lambda, "/linger/60000").complete);
    logged(&lambda, "Task timed out after 0.50 seconds");
    until("the process is killed", || lambda.environments()[0].phase == Phase::Down);
}

#[test]
fn idle_environments_can_be_reclaimed() {
    let lambda = start(probe());
    let first = get(&lambda, "/pid").text().to_owned();
    at_rest(&lambda);
    assert_eq!(lambda.reclaim(), 1);
    assert_eq!(lambda.environments(), []);
    assert_ne!(get(&lambda, "/pid").text(), first);
}

#[test]
fn no_process_is_left_when_a_function_is_stopped() {
    let lambda = start(probe());
    let pid = get(&lambda, "/pid").text().to_owned();
    lambda.stop();
    let gone = || !fs::exists(format!("/proc/{pid}")).unwrap();
    until("the process is gone", gone);
}
