//! Golden cases with a network: `toolcell test --update` records exchanges with a real server over TLS, and
//! `toolcell test` answers from them, without sending anything.

mod bench;
mod question;
mod replay;
mod secret;
mod state;

use serde_json::json;

use bench::{Bench, SEND};

#[test]
fn what_was_recorded_is_answered_from_then_on_and_nothing_is_sent() {
    let bench = Bench::new();
    let headers = json!([{"name": "accept", "value": "text/plain"}, {"name": "user-agent", "value": "me"}]);
    let request = json!({"path": "/a?b=1", "method": "POST", "headers": headers, "piece": 3});
    bench.case("post", SEND, &[request], &json!({}));
    let told = bench.update();
    assert!(told.contains("wrote post\n1 passed, 0 failed\n[exit code 0]"), "{told}");
    assert_eq!(bench.seen(), ["POST /a?b=1"]);
    let case = bench.read("post");
    let url = format!("https://{}/a?b=1", bench.authority());
    let expected = json!([{
        "request": {"method": "POST", "url": url, "headers": {"accept": "text/plain"}, "text": "xxx"},
        "response": {"status": 200, "text": "received 3"},
    }]);
    assert_eq!(case["http"], expected, "{case}");
    let content = case["expect"]["structuredContent"].to_string();
    assert!(content.contains("received 3") && !content.contains("\"date\""), "what is replayed: {content}");

    let told = bench.test();
    assert!(told.contains("ok    post\n1 passed, 0 failed\n[exit code 0]"), "{told}");
    let mut changed = case.clone();
    changed["expect"] = json!({});
    bench.write("post", &changed);
    let told = bench.update();
    assert!(told.contains("wrote post\n"), "{told}");
    assert_eq!(bench.read("post"), case, "what is expected was written again, and the exchange has stayed");
    assert_eq!(bench.seen().len(), 1, "a case with exchanges sends nothing, not even to update it");
}

#[test]
fn a_new_case_sends_nothing_unless_it_is_updated() {
    let bench = Bench::new();
    bench.case("get", SEND, &[json!({"path": "/a", "piece": 2, "method": "POST"})], &json!({}));
    let told = bench.test();
    let url = format!("https://{}/a", bench.authority());
    for line in [
        "FAIL  get\n  sends what the case does not answer\n".to_owned(),
        format!("    POST {url}\n"),
        "  add to outbound/cases/get.json, with responses of your own:\n    \"http\": [\n".to_owned(),
        format!("          \"url\": \"{url}\",\n          \"text\": \"xx\"\n        }},\n"),
        "        \"response\": { \"status\": 200, \"text\": \"...\" }\n".to_owned(),
        "  or run `toolcell test --update`, which sends the requests and records the responses\n".to_owned(),
        "0 passed, 1 failed\n[exit code 1]".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}\n{told}");
    }
    assert!(bench.seen().is_empty(), "{:?}", bench.seen());
}

#[test]
fn requests_are_recorded_in_the_order_in_which_they_were_sent() {
    let bench = Bench::new();
    let paths = ["/bytes/40000", "/a", "/status/404"];
    let requests: Vec<_> = paths.iter().map(|path| json!({"path": path})).collect();
    bench.case("all", "send_all", &requests, &json!({}));
    let told = bench.update();
    assert!(told.contains("wrote all\n1 passed"), "{told}");
    let exchanges = bench.read("all")["http"].as_array().unwrap().clone();
    for (exchange, path) in exchanges.iter().zip(paths) {
        assert!(exchange["request"]["url"].as_str().unwrap().ends_with(path), "{exchange}");
    }
    assert_eq!(exchanges[2]["response"]["status"], 404);
    assert_eq!(exchanges[0]["response"]["text"].as_str().unwrap().len(), 40_000);
    assert!(bench.test().contains("ok    all\n"));
    assert_eq!(bench.seen().len(), 3);
}

#[test]
fn a_request_without_a_whole_response_is_not_recorded() {
    let bench = Bench::new();
    let whole = format!("https://{}", bench.authority());
    bench.case("large", SEND, &[json!({"path": "/bytes/1048577"})], &json!({}));
    let told = bench.update();
    let expected = format!(
        "FAIL  large\n  was not recorded, because a request has no whole response\n    GET {whole}/bytes/1048577: the \
         body of the response is larger than 1 MiB, the most that a case holds\n0 passed"
    );
    assert!(told.contains(&expected), "{told}");
    bench.remove("large");

    bench.case("sent", SEND, &[json!({"path": "/a", "method": "POST", "piece": 1_048_577})], &json!({}));
    let told = bench.update();
    assert!(told.contains("/a: the body of the request is larger than 1 MiB"), "{told}");
    bench.remove("sent");

    bench.case("closed", SEND, &[json!({"path": "/a"})], &json!({}));
    let before = bench.read("closed");
    let told = bench.run(&["--update"]);
    assert!(told.contains("/a: no address of localhost may be connected to"), "{told}");
    assert_eq!(bench.read("closed"), before, "the case stays as it was");
    assert_eq!(bench.seen(), ["GET /bytes/1048577"]);
}

#[test]
fn a_port_of_this_machine_is_opened_for_a_recording_alone() {
    let bench = Bench::new();
    bench.case("get", SEND, &[json!({"path": "/a"})], &json!({}));
    let told = bench.run(&["--allow-loopback", "8443"]);
    assert!(told.contains("--update") && told.contains("[exit code 2]"), "{told}");
}
