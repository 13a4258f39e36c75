//! Secrets of a case: the real ones are sent while it is recorded, and only those for tests are in the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use toolcell_tests::Upstream;

use crate::bench::{Bench, SEND};

/// The real secret, with letters that are escaped in a query.
const CANARY: &str = "canary/recorded+0123456789";

/// The spelling in a query.
const ESCAPED: &str = "canary%2Frecorded%2B0123456789";

#[test]
fn an_injected_secret_is_sent_and_never_recorded() {
    let bench = Bench::new();
    bench.secrets(&format!("key = \"{CANARY}\"\n"));
    for (name, secret, path) in [
        ("header", json!({"header": "x-api-key", "format": "Key {}", "from": "key"}), "/echo?body"),
        ("query", json!({"query": "key", "from": "key"}), "/echo?body"),
    ] {
        let grants = json!({"http": [bench.rule(&json!({"secret": secret}))]});
        let more = json!({"grants": grants, "secrets": {"key": "for tests"}});
        bench.case(name, SEND, &[json!({"path": path})], &more);
        let told = bench.update();
        assert!(told.contains(&format!("wrote {name}\n")), "{told}");
        let sent = [bench.last_header("x-api-key").unwrap_or_default(), bench.seen().pop().unwrap()];
        assert!(sent.iter().any(|text| text.contains(CANARY) || text.contains(ESCAPED)), "{sent:?}");
        let text = bench.text(name);
        assert!(!text.contains(CANARY) && !text.contains(ESCAPED) && !told.contains(CANARY), "{text}");
        let case = bench.read(name);
        let url = case["http"][0]["request"]["url"].as_str().unwrap();
        assert!(url.ends_with("/echo?body"), "the request is the plugin's own: {url}");
        let headers = case["http"][0]["response"]["headers"].as_object().unwrap();
        assert_eq!(headers["x-kept"], "kept");
        assert!(!headers.contains_key("x-x-api-key"), "a header that repeats it is gone: {headers:?}");
    }
    let case = bench.read("header");
    let body = case["http"][0]["response"]["text"].as_str().unwrap();
    assert!(body.contains("Key for tests"), "a body that repeats it has the value for tests: {body}");
    assert!(case["expect"].to_string().contains("Key for tests"), "{case}");
    assert!(bench.test().contains("2 passed, 0 failed\n"), "{}", bench.test());
    assert_eq!(bench.seen().len(), 2);
}

#[test]
fn a_secret_may_come_from_where_toolcell_toml_says_or_be_the_value_for_tests() {
    let bench = Bench::new();
    let rule = bench.rule(&json!({"secret": {"header": "x-api-key", "from": "key"}}));
    let more = json!({"grants": {"http": [rule]}, "secrets": {"key": "for-tests"}});
    bench.case("get", SEND, &[json!({"path": "/a"})], &more);
    assert!(bench.update().contains("wrote get\n"));
    assert_eq!(bench.last_header("x-api-key").as_deref(), Some("for-tests"), "there is no other");

    bench.configure("[secrets.key]\nenvironment = \"TOOLCELL_TEST_IS_NOT_SET\"\n");
    bench.case("get", SEND, &[json!({"path": "/a"})], &more);
    let told = bench.update();
    assert!(told.contains("secrets.key: cannot be read") && told.contains("[exit code 3]"), "{told}");

    bench.secrets("key = \"short\"\n");
    let told = bench.update();
    assert!(told.contains("secret `key`: is too short to record a case with"), "{told}");
    assert_eq!(bench.seen().len(), 1, "nothing was sent");
    assert!(!bench.read("get").as_object().unwrap().contains_key("http"));
}

#[test]
fn a_case_that_holds_a_real_secret_is_not_written() {
    let bench = Bench::new();
    bench.secrets(&format!("key = \"{CANARY}\"\n"));
    let rule = bench.rule(&json!({"secret": {"header": "x-api-key", "from": "key"}}));
    let more = json!({"grants": {"http": [rule]}, "secrets": {"key": "for-tests"}, "description": CANARY});
    bench.case("get", SEND, &[json!({"path": "/a"})], &more);
    let told = bench.update();
    assert!(told.contains("would hold a secret") && !told.contains(CANARY), "{told}");
    assert!(!bench.read("get").as_object().unwrap().contains_key("http"));
}

/// Writes a case whose request gets a secret that `secrets.toml` has.
fn real_secret(bench: &Bench) {
    bench.secrets(&format!("key = \"{CANARY}\"\n"));
    let rule = bench.rule(&json!({"secret": {"header": "x-api-key", "from": "key"}}));
    let more = json!({"grants": {"http": [rule]}, "secrets": {"key": "for-tests"}});
    bench.case("get", SEND, &[json!({"path": "/a"})], &more);
}

#[test]
fn a_case_in_which_a_server_has_escaped_a_real_secret_is_not_written() {
    for (kind, body) in [
        ("application/json", r#"{"k":"canary\/recorded+0123456789"}"#.to_owned()),
        ("text/event-stream", "data: {\"k\":\"canary/recorded\\u002B0123456789\"}\n\n".to_owned()),
        ("text/plain", format!("Basic {}", STANDARD.encode(format!("user:{CANARY}")))),
    ] {
        let answered = body.clone();
        let upstream = Upstream::answering(move |_| {
            let response = http::Response::builder().header("content-type", kind);
            response.body(answered.clone().into()).unwrap()
        });
        let bench = Bench::beside(upstream, "outbound");
        real_secret(&bench);
        let told = bench.update();
        assert!(told.contains("would hold a secret") && !told.contains("0123456789"), "{body}: {told}");
        assert!(!bench.read("get").as_object().unwrap().contains_key("http"), "{body}");
    }
}

#[test]
fn a_response_of_the_case_that_repeats_the_secret_in_a_header_loses_the_header() {
    let bench = Bench::new();
    let rule = bench.rule(&json!({"secret": {"header": "x-api-key", "from": "key"}}));
    let headers = json!({"x-echo": "Key for-tests-0123", "x-kept": "kept"});
    let request = json!({"url": format!("https://{}/a", bench.authority())});
    let more = json!({
        "grants": {"http": [rule]}, "secrets": {"key": "for-tests-0123"},
        "http": [{"request": request, "response": {"headers": headers}}],
    });
    bench.case("get", SEND, &[json!({"path": "/a"})], &more);
    assert!(bench.update().contains("wrote get\n"));
    let found = bench.read("get")["expect"]["structuredContent"]["headers"].to_string();
    assert!(found.contains("x-kept") && !found.contains("x-echo"), "{found}");
}

#[test]
fn a_body_that_is_no_text_and_holds_a_secret_is_not_recorded() {
    let upstream = Upstream::answering(|request| {
        let key = request.headers()["x-api-key"].as_bytes();
        http::Response::new([b"\xff\0", key].concat().into())
    });
    let bench = Bench::beside(upstream, "outbound");
    real_secret(&bench);
    let told = bench.update();
    assert!(told.contains("/a: a body that is no text holds a secret\n"), "{told}");
    assert!(!bench.read("get").as_object().unwrap().contains_key("http"));
}
