//! Responses that reach the client.

use std::time::{Duration, Instant};

use toolcell_lambda_emulator::InvokeMode;

use crate::support::{begin, get, logged, probe, start};

#[test]
fn a_stream_reaches_the_client_as_it_comes() {
    let lambda = start(probe());
    get(&lambda, "/pid");
    let begun = Instant::now();
    let mut exchange = begin(&lambda, "/tick/3/700");
    assert_eq!(exchange.status, 200);
    let head = begun.elapsed();
    let mut ticks = Vec::new();
    loop {
        let chunk = exchange.chunk().unwrap();
        if chunk.is_empty() {
            break;
        }
        ticks.push((String::from_utf8(chunk).unwrap(), begun.elapsed()));
    }
    let text: Vec<_> = ticks.iter().map(|(text, _)| text.as_str()).collect();
    assert_eq!(text, ["tick 0\n", "tick 1\n", "tick 2\n"]);
    assert!(
        head < ticks[0].1 && ticks[0].1 < begun.elapsed() - Duration::from_millis(400),
        "{head:?}, {ticks:?}"
    );
}

#[test]
fn a_prelude_may_come_byte_by_byte() {
    let answer = get(&start(probe()), "/split");
    assert_eq!((answer.status, answer.text()), (200, "split"));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
}

#[test]
fn headers_are_applied_and_those_of_the_url_are_remapped() {
    let answer = get(&start(probe()), "/headers");
    assert_eq!(answer.status, 203);
    assert_eq!(answer.header("x-amzn-remapped-content-length"), Some("7"));
    assert_eq!(answer.header("x-amzn-remapped-date"), Some("then"));
    assert_eq!(answer.header("x-amzn-remapped-server"), Some("probe"));
    assert_eq!(answer.header("x-amzn-remapped-connection"), Some("close"));
    assert_eq!(answer.header("x-amzn-remapped-www-authenticate"), Some("Bearer"));
    assert_eq!(answer.header("transfer-encoding"), Some("chunked"));
    assert_eq!(answer.header("server"), None);
    assert_ne!(answer.header("date"), Some("then"));
    assert!(answer.header("x-amzn-trace-id").is_some_and(|trace| trace.starts_with("Root=1-")), "{answer:?}");
    let all = |name| {
        answer.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    };
    let (two, cookies): (Vec<_>, Vec<_>) = (all("x-two"), all("set-cookie"));
    assert_eq!((two, cookies), (vec!["one", "two"], vec!["a=b", "c=d; Secure"]));
}

#[test]
fn a_response_may_be_empty_and_without_headers() {
    let lambda = start(probe());
    let accepted = get(&lambda, "/empty/202");
    assert_eq!((accepted.status, accepted.text(), accepted.complete), (202, "", true));
    assert_eq!(accepted.header("content-type"), Some("application/octet-stream"));
    assert_eq!(get(&lambda, "/empty/204").status, 204);
}

#[test]
fn a_stream_without_prelude_is_the_body_of_a_success() {
    let answer = get(&start(probe()), "/bare");
    assert_eq!((answer.status, answer.text()), (200, "bare"));
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
}

#[test]
fn a_prelude_that_never_ends_is_a_failure() {
    let lambda = start(probe());
    assert_eq!(get(&lambda, "/unfinished").status, 502);
    logged(&lambda, "the response ended before the eight NUL bytes");
    assert_eq!(get(&lambda, "/bare").text(), "bare", "the environment is as good as before");
}

#[test]
fn a_buffered_url_understands_both_forms_of_a_response() {
    let lambda = start(probe().invoke_mode(InvokeMode::Buffered));
    let proxied = get(&lambda, "/buffered/proxy");
    assert_eq!((proxied.status, proxied.text()), (202, "hi"));
    assert_eq!(proxied.header("x-probe"), Some("1"));
    assert_eq!(proxied.header("set-cookie"), Some("a=b"));
    let plain = get(&lambda, "/buffered/plain");
    assert_eq!((plain.status, plain.text()), (200, "{\"plain\":true}"));
    assert_eq!(plain.header("content-type"), Some("application/json"));
    assert_eq!(get(&lambda, "/buffered/text").text(), "just text");
    assert_eq!(get(&lambda, "/buffered/broken").status, 502);
}

#[test]
fn a_buffered_url_collects_a_stream() {
    let answer = get(&start(probe().invoke_mode(InvokeMode::Buffered)), "/tick/2/1");
    assert_eq!((answer.status, answer.text()), (200, "tick 0\ntick 1\n"));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    assert_eq!(answer.header("content-length"), Some("14"));
}

#[test]
fn a_streaming_url_does_not_interpret_a_buffered_response() {
    let answer = get(&start(probe()), "/buffered/proxy");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["statusCode"], 202);
}
