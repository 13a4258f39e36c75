//! The log: lines of the function and of the platform.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use toolcell_lambda_emulator::{Line, Source};

use crate::support::{at_rest, get, logged, probe, start, until};

#[test]
fn the_log_holds_the_functions_lines_between_start_and_report() {
    let lambda = start(probe().memory_mb(256));
    let answer = get(&lambda, "/log");
    let id = answer.header("x-amzn-requestid").unwrap();
    at_rest(&lambda);
    for text in ["to stdout", "to stderr"] {
        logged(&lambda, text);
    }
    let lines = lambda.logs().lines();
    let find = |wanted: &str| lines.iter().find(|line| line.text.starts_with(wanted)).unwrap();
    assert_eq!(find("to stdout").source, Source::Stdout);
    assert_eq!(find("to stderr").source, Source::Stderr);
    assert_eq!(find("INIT_START").source, Source::Platform);
    assert_eq!(find("START").text, format!("START RequestId: {id} Version: $LATEST"));
    assert_eq!(find("END").text, format!("END RequestId: {id}"));
    let report = &find("REPORT").text;
    assert!(report.starts_with(&format!("REPORT RequestId: {id}\tDuration: ")), "{report}");
    assert!(report.contains("\tMemory Size: 256 MB\tMax Memory Used: "), "{report}");
    assert!(report.contains("\tInit Duration: "), "{report}");
    let report = &lambda.logs().reports()[0];
    assert!((1..100).contains(&report.max_memory_mb), "{report:?}");
    assert!(report.duration > Duration::ZERO && report.duration < Duration::from_secs(20), "{report:?}");
}

#[test]
fn lines_can_be_handed_on_as_they_come() {
    let seen: Arc<Mutex<Vec<Line>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let lambda = start(probe().on_line(move |line| kept.lock().unwrap().push(line.clone())));
    get(&lambda, "/log");
    until("the line is handed on", || seen.lock().unwrap().iter().any(|line| line.text == "to stdout"));
    assert_eq!(lambda.logs().lines(), []);
}
