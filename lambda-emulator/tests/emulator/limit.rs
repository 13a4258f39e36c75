//! Limits of size, each obeyed and exceeded.

use std::time::{Duration, Instant};

use toolcell_lambda_emulator::{InvokeMode, limit};

use crate::support::{get, logged, post, probe, start};

#[test]
fn a_request_of_six_megabytes_is_passed_on_and_a_larger_one_refused() {
    let lambda = start(probe());
    let empty = post(&lambda, "/echo", "text/plain", b"x");
    let around = empty.body.len() + "6290000".len() - 2; // the event without the body
    let fits = vec![b'x'; limit::PAYLOAD_BYTES - around];
    assert_eq!(post(&lambda, "/pid", "text/plain", &fits).status, 200);
    let exceeds = vec![b'x'; limit::PAYLOAD_BYTES - around + 64];
    let refused = post(&lambda, "/pid", "text/plain", &exceeds);
    assert_eq!((refused.status, refused.header("x-amzn-errortype")), (413, Some("RequestTooLargeException")));
    assert!(refused.text().contains("Request must be smaller"), "{refused:?}");
    let larger = vec![b'x'; limit::PAYLOAD_BYTES + 1];
    assert_eq!(post(&lambda, "/pid", "text/plain", &larger).status, 413);
}

#[test]
fn base64_counts_towards_the_limit_of_a_request() {
    let lambda = start(probe().payload_bytes(12_000));
    let body = vec![b'x'; 10_000];
    assert_eq!(post(&lambda, "/pid", "text/plain", &body).status, 200);
    assert_eq!(post(&lambda, "/pid", "image/png", &body).status, 413);
}

#[test]
fn a_buffered_response_of_six_megabytes_is_passed_on_and_a_larger_one_refused() {
    let lambda = start(probe().invoke_mode(InvokeMode::Buffered));
    let fits = get(&lambda, &format!("/buffered/{}", limit::PAYLOAD_BYTES));
    assert_eq!((fits.status, fits.body.len()), (200, limit::PAYLOAD_BYTES - 2));
    let exceeds = get(&lambda, &format!("/buffered/{}", limit::PAYLOAD_BYTES + 1));
    assert_eq!((exceeds.status, exceeds.text()), (502, "Internal Server Error"));
    logged(&lambda, "posted: 413");
    logged(&lambda, "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
    logged(&lambda, "Error Type: Function.ResponseSizeTooLarge");
}

#[test]
fn a_stream_may_be_longer_than_a_buffered_response() {
    let lambda = start(probe().payload_bytes(100_000).stream_bytes(1_000_000));
    let fits = get(&lambda, "/flood/1000000");
    assert_eq!((fits.body.len(), fits.complete), (1_000_000, true));
    logged(&lambda, "flooded: 202");
}

#[test]
fn a_stream_that_is_too_long_is_cut() {
    let lambda = start(probe().stream_bytes(1_000_000));
    let cut = get(&lambda, "/flood/1000001");
    assert_eq!((cut.status, cut.complete), (200, false));
    assert!(cut.body.len() <= 1_000_000, "{} bytes", cut.body.len());
    logged(&lambda, "Error Type: Function.ResponseSizeTooLarge");
    assert_eq!(limit::STREAM_BYTES, 209_715_200, "the limit unless a test sets another");
}

#[test]
fn a_throttled_stream_takes_its_time_after_the_burst() {
    let lambda = start(probe().throttled());
    get(&lambda, "/pid");
    let seconds = |bytes: usize| {
        let begun = Instant::now();
        assert!(get(&lambda, &format!("/flood/{bytes}")).complete);
        begun.elapsed()
    };
    assert!(seconds(limit::BURST_BYTES) < Duration::from_millis(2500), "throttled it takes 3 s");
    assert!(seconds(limit::BURST_BYTES + limit::STREAM_BYTES_PER_SECOND) >= Duration::from_millis(900));
}
