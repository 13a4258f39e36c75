//! Exchanges that an author has written: what the plugin gets, and what is said where they do not fit.

use serde_json::{Value, json};

use crate::bench::{Bench, SEND};

/// An exchange for a GET of a path.
fn exchange(bench: &Bench, path: &str, response: &Value) -> Value {
    json!({"request": {"url": format!("https://{}{path}", bench.authority())}, "response": response})
}

/// Plays a case that lacks what to expect, and returns it with what was found.
fn played(bench: &Bench, tool: &str, requests: &[Value], exchanges: &[Value]) -> Value {
    bench.case("played", tool, requests, &json!({"http": exchanges}));
    let told = bench.update();
    assert!(told.contains("wrote played\n"), "{told}");
    assert!(bench.test().contains("ok    played\n"));
    assert!(bench.seen().is_empty(), "{:?}", bench.seen());
    bench.read("played")["expect"].clone()
}

#[test]
fn a_plugin_gets_the_response_of_the_case() {
    let bench = Bench::new();
    let headers = json!({"content-type": "application/json", "link": ["<a>", "<b>"]});
    let response = json!({"status": 201, "headers": headers, "json": {"a": [1.50, "é"]}});
    let found = played(&bench, SEND, &[json!({"path": "/a"})], &[exchange(&bench, "/a", &response)]);
    let expected = json!({
        "status": 201,
        "headers": [
            {"name": "content-type", "value": "application/json"}, {"name": "link", "value": "<a>"},
            {"name": "link", "value": "<b>"}, {"name": "content-length", "value": "16"},
        ],
        "bytes": 16, "text": "{\"a\":[1.5,\"é\"]}", "trailers": [],
    });
    assert_eq!(found["structuredContent"], expected);
}

#[test]
fn a_large_body_comes_in_pieces_and_bytes_stay_bytes() {
    let bench = Bench::new();
    let text = "y".repeat(300_000);
    let found =
        played(&bench, SEND, &[json!({"path": "/a"})], &[exchange(&bench, "/a", &json!({"text": text}))]);
    assert_eq!(found["structuredContent"]["bytes"], 300_000);
    let bytes = exchange(&bench, "/a", &json!({"base64": "AAH/"}));
    let found = played(&bench, SEND, &[json!({"path": "/a"})], &[bytes]);
    assert_eq!(found["structuredContent"]["text"], "\0\u{1}\u{fffd}");
}

#[test]
fn requests_that_are_alike_get_their_responses_in_order_also_at_the_same_time() {
    let bench = Bench::new();
    let exchanges = [("/a", 500), ("/b", 201), ("/a", 200)]
        .map(|(path, status)| exchange(&bench, path, &json!({"status": status})));
    let requests = ["/a", "/a", "/b"].map(|path| json!({"path": path}));
    let found = played(&bench, "send_all", &requests, &exchanges);
    let results = found["structuredContent"]["result"].as_array().unwrap().clone();
    let status: Vec<_> = results.iter().map(|result| result["ok"]["status"].clone()).collect();
    assert_eq!(status, [500, 200, 201], "{found}");
}

#[test]
fn an_error_comes_in_place_of_a_response_or_at_its_end() {
    let bench = Bench::new();
    let url = format!("https://{}/a", bench.authority());
    for (exchange, expected) in [
        (json!({"request": {"url": url}, "error": "connection-refused"}), "ErrorCode::ConnectionRefused"),
        (json!({"request": {"url": url}, "error": "DNS-error"}), "NXDOMAIN"),
        (
            json!({"request": {"url": url}, "response": {"text": "half"}, "error": "HTTP-response-incomplete"}),
            "incomplete HTTP response",
        ),
    ] {
        let found = played(&bench, SEND, &[json!({"path": "/a"})], &[exchange]);
        assert_eq!(found["isError"], true);
        assert!(found["content"].to_string().contains(expected), "{found}");
    }
}

#[test]
fn rules_apply_as_on_a_server() {
    let bench = Bench::new();
    let url = format!("https://{}/a", bench.authority());
    let expect = |error: &str| json!({"content": [{"type": "text", "text": error}], "isError": true});
    let request = json!({"method": "DELETE", "url": url});
    let exchanges = json!([{"request": request, "response": {}}]);
    let denied = expect("ErrorCode::HttpRequestDenied\naccess was denied: wasi:http/outgoing-handler");
    bench.case(
        "denied",
        SEND,
        &[json!({"path": "/a", "method": "DELETE"})],
        &json!({"http": exchanges, "expect": denied}),
    );
    let told = bench.test();
    assert!(
        told.contains(&format!("FAIL  denied\n  never sends the request of http[0], DELETE {url}\n0 passed")),
        "{told}"
    );
    bench.remove("denied");

    let grants = json!({"http": [bench.rule(&json!({"response": "2000 B", "requests": 1}))]});
    let large = json!({"text": "y".repeat(2001)});
    bench.case(
        "large",
        SEND,
        &[json!({"path": "/a"})],
        &json!({"grants": grants, "http": [exchange(&bench, "/a", &large)],
            "expect": expect("ErrorCode::HttpResponseBodySize(Some(2000))")}),
    );
    assert!(bench.test().contains("ok    large\n"), "{}", bench.test());
    bench.remove("large");

    let grants = json!({"http": [bench.rule(&json!({"request": "1000 B", "requests": 1}))]});
    let request = json!({"url": url, "method": "POST", "text": "x".repeat(1001)});
    bench.case(
        "sent",
        SEND,
        &[json!({"path": "/a", "method": "POST", "piece": 1001})],
        &json!({"grants": grants, "http": [{"request": request, "response": {}}],
            "expect": expect("ErrorCode::HttpRequestBodySize(Some(1000))")}),
    );
    let told = bench.test();
    assert!(
        told.contains(&format!("FAIL  sent\n  never sends the request of http[0], POST {url}\n0 passed")),
        "{told}"
    );
    bench.remove("sent");

    let requests = ["/a", "/a"].map(|path| json!({"path": path}));
    let exchanges = [0, 1].map(|_| exchange(&bench, "/a", &json!({})));
    bench.case("often", "send_all", &requests, &json!({"grants": grants, "http": exchanges}));
    let told = bench.test();
    assert!(
        told.contains("HttpRequestDenied") && told.contains("never sends the request of http[1]"),
        "{told}"
    );
}

#[test]
fn whatever_of_a_request_the_case_names_has_to_be_equal() {
    let bench = Bench::new();
    let url = format!("https://{}/a", bench.authority());
    let wanted = |change: Value| {
        let mut request = json!({"method": "POST", "url": url, "text": "xx", "headers": {"accept": "b"}});
        request.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        json!({"request": request, "response": {}})
    };
    let headers = json!([{"name": "accept", "value": "b"}, {"name": "x-other", "value": "c"}]);
    let request = json!({"path": "/a", "method": "POST", "piece": 2, "headers": headers});
    played(&bench, SEND, std::slice::from_ref(&request), &[wanted(json!({}))]);
    for change in [
        json!({"method": "PUT"}),
        json!({"url": format!("{url}?b")}),
        json!({"text": "x"}),
        json!({"headers": {"accept": "c"}}),
        json!({"headers": {"accept": ["b", "b"]}}),
    ] {
        bench.case(
            "played",
            SEND,
            std::slice::from_ref(&request),
            &json!({"http": [wanted(change.clone())]}),
        );
        let told = bench.test();
        let unanswered = format!(
            "FAIL  played\n  sends what the case does not answer\n    POST {url}\n  add to \"http\" in \
             outbound/cases/played.json, with responses of your own:\n      {{\n        \"request\": {{\n"
        );
        assert!(told.contains(&unanswered), "{change}: {told}");
        assert!(told.contains("\n  never sends the request of http[0], "), "{change}: {told}");
        assert!(!told.contains("does not say what to expect"), "what follows from it is not told: {told}");
    }
}

#[test]
fn faults_of_the_network_are_told_as_json() {
    let bench = Bench::new();
    bench.case("get", SEND, &[json!({"path": "/a"})], &json!({"http": [exchange(&bench, "/b", &json!({}))]}));
    let told = bench.run(&["--json"]);
    let told: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let url = format!("https://{}", bench.authority());
    let expected = json!([
        {"kind": "unanswered", "requests": [format!("GET {url}/a")]},
        {"kind": "never-sent", "exchanges": [format!("http[0], GET {url}/b")]},
    ]);
    assert_eq!(told["cases"][0]["faults"], expected);
}
