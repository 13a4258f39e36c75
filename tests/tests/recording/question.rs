//! Requests before a question, which the next round sends again.

use serde_json::{Value, json};

use crate::bench::Bench;

/// A case of the plugin `ordering`, which sends a request and asks.
fn case(bench: &Bench, method: &str, guard: &str, exchanges: usize) -> Value {
    let url = format!("https://{}/orders", bench.authority());
    let exchange = json!({"request": {"method": method, "url": url}, "response": {"status": 201}});
    let rule = bench.rule(&json!({"methods": ["GET", "PUT", "POST", "PATCH"]}));
    json!({
        "tool": "order",
        "arguments": {"authority": bench.authority(), "method": method, "guard": guard},
        "grants": {"http": [rule]},
        "answers": {"sure": {"action": "accept", "content": {"sure": true}}},
        "http": vec![exchange; exchanges],
        "expect": {"content": [{"type": "text", "text": "201, sure"}]},
    })
}

#[test]
fn a_request_that_is_not_idempotent_must_not_be_sent_again_after_a_question() {
    let bench = Bench::of("ordering");
    let url = format!("https://{}/orders", bench.authority());
    for (method, guard, exchanges, passes) in [
        ("POST", "none", 2, false),
        ("PATCH", "none", 2, false),
        ("POST", "early_memo", 2, false),
        ("POST", "memo", 1, true),
        ("POST", "header", 2, true),
        ("PUT", "none", 2, true),
        ("GET", "none", 2, true),
    ] {
        bench.write("order", &case(&bench, method, guard, exchanges));
        let told = bench.test();
        let sent_again = format!(
            "FAIL  order\n  sends {method} {url} before a question, after which the call runs again from its start and \
             sends it again;\n"
        );
        assert_eq!(told.contains(&sent_again), !passes, "{method} {guard}: {told}");
        assert_eq!(told.contains("ok    order\n"), passes, "{method} {guard}: {told}");
    }
}

#[test]
fn the_key_of_the_call_may_be_in_the_body() {
    let bench = Bench::of("ordering");
    let mut new = case(&bench, "POST", "body", 0);
    new.as_object_mut().unwrap().remove("http");
    bench.write("order", &new);
    let told = bench.update();
    assert!(told.contains("wrote order\n"), "{told}");
    assert_eq!(bench.seen(), ["POST /orders", "POST /orders"], "each round sends it");
    let case = bench.read("order");
    let exchanges = case["http"].as_array().unwrap();
    assert_eq!(exchanges.len(), 2);
    assert_eq!(exchanges[0]["request"], exchanges[1]["request"], "the key is the same in both");
    assert!(bench.test().contains("ok    order\n"));
}

#[test]
fn a_server_logs_what_is_sent_again() {
    let bench = Bench::of("ordering");
    bench.write("order", &case(&bench, "POST", "none", 2));
    let told = bench.run(&["--log-level", "warn"]);
    let line = told.lines().find(|line| line.contains("a request is sent again after the question"));
    let line = line.unwrap_or_else(|| panic!("{told}"));
    for part in ["plugin", "ordering", "tool", "order", "host", "localhost", "method", "POST"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    assert!(!line.contains("/orders"), "a path may hold data of the call: {line}");
    bench.write("order", &case(&bench, "POST", "header", 2));
    assert!(!bench.run(&["--log-level", "warn"]).contains("a request is sent again"));
}
