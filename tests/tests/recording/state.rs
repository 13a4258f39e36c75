//! Cases with state: what the plugin's buckets hold before the call, and after it.

use serde_json::{Value, json};

use crate::bench::Bench;

/// A case of the plugin `keeper` with a bucket of each scope, and more keys.
fn case(bucket: &str, steps: &Value, more: &Value) -> Value {
    let keyvalue = json!({
        "mine": {"scope": "caller", "ttl": "10 min"}, "ours": {"scope": "plugin"},
    });
    let mut case = json!({
        "tool": "run",
        "arguments": {"bucket": bucket, "steps": steps},
        "caller": {"name": "ann"},
        "grants": {"keyvalue": keyvalue},
    });
    case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    case
}

/// Returns what the steps of a case have found, after it was written and has passed.
fn written(bench: &Bench, name: &str) -> Value {
    let told = bench.update();
    assert!(told.contains(&format!("wrote {name}\n")), "{told}");
    let told = bench.test();
    assert!(told.contains(&format!("ok    {name}\n")), "{told}");
    bench.read(name)["expect"]["structuredContent"]["result"].clone()
}

#[test]
fn a_call_finds_the_state_of_the_case_and_what_it_leaves_is_written() {
    let bench = Bench::of("keeper");
    let steps = json!([{"get": "list"}, {"set": ["list", "b"]}, {"set": ["doc", "{\"a\": [1.50]}"]}, {"delete": "old"},
        {"increment": ["count", 2]}]);
    let state = json!({"mine": {"list": "a", "old": {"base64": "AAE="}, "count": "5"}, "ours": {"kept": {"json": {"b": 1}}}});
    bench.write("set", &case("mine", &steps, &json!({"state": state, "now": "2026-11-24T12:00:00Z"})));
    let found = written(&bench, "set");
    assert_eq!(found[0], "\"a\"");
    let end = "2026-11-24T12:10:00Z";
    let expected = json!({
        "mine": {
            "count": {"text": "7", "expires": end}, "doc": {"json": {"a": [1.5]}, "expires": end},
            "list": {"text": "b", "expires": end},
        },
        "ours": {"kept": {"json": {"b": 1}}},
    });
    assert_eq!(bench.read("set")["expect-state"], expected);
    let text = bench.text("set");
    let place = |key: &str| text.find(&format!("\n  \"{key}\": ")).unwrap();
    assert!(place("expect") < place("expect-state"), "what is expected stands last: {text}");

    let mut changed = bench.read("set");
    changed["expect-state"]["mine"]["list"] = "c".into();
    changed["expect-state"]["ours"] = json!({"kept": {"text": "{\"b\":2}"}, "gone": ""});
    bench.write("set", &changed);
    let told = bench.test();
    for line in [
        "  expect-state.mine.list\n    expected  \"c\"\n    found     {\"text\":\"b\",\"expires\":\"2026-11-24T12:10:00Z\"}\n",
        "  expect-state.ours.kept\n    expected  \"{\\\"b\\\":2}\"\n    found     \"{\\\"b\\\":1}\"\n",
        "  expect-state.ours.gone\n    expected  \"\"\n    found     nothing\n",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
}

#[test]
fn a_call_that_changes_nothing_needs_no_second_state() {
    let bench = Bench::of("keeper");
    let state = json!({"ours": {"a": "1"}});
    bench.write("get", &case("ours", &json!([{"get": "a"}]), &json!({"state": state, "expect-state": {}})));
    assert_eq!(written(&bench, "get"), json!(["\"1\""]));
    assert!(!bench.read("get").as_object().unwrap().contains_key("expect-state"));

    bench.write("get", &case("ours", &json!([{"set": ["a", "2"]}]), &json!({"state": state, "expect": {}})));
    let told = bench.test();
    let differs = "  expect-state.ours.a\n    expected  \"1\"\n    found     \"2\"\n";
    assert!(told.contains(differs), "a change that the case does not say fails it: {told}");
    let told: Value = serde_json::from_str(bench.run(&["--json"]).lines().next().unwrap()).unwrap();
    let fault = &told["cases"][0]["faults"][1];
    let expected = json!({
        "kind": "state",
        "differences": [{"path": "expect-state.ours.a", "expected": "1", "found": "2"}],
        "found": {"ours": {"a": "2"}},
    });
    assert_eq!(fault, &expected);
}

#[test]
fn an_entry_ends_by_the_clock_of_the_case() {
    let bench = Bench::of("keeper");
    let entry = |end: &str| json!({"text": "x", "expires": end});
    let state =
        json!({"mine": {"over": entry("2025-12-31T23:59:59Z"), "soon": entry("2026-01-01T00:00:01Z")}});
    bench.write("keys", &case("mine", &json!(["keys"]), &json!({"state": state})));
    let found = written(&bench, "keys");
    assert!(
        found[0].as_str().unwrap().contains("soon") && !found[0].as_str().unwrap().contains("over"),
        "{found}"
    );
}

#[test]
fn a_case_has_the_buckets_of_its_own_caller() {
    let bench = Bench::of("keeper");
    let steps = json!([{"increment": ["count", 1]}]);
    bench.write("a", &case("mine", &steps, &json!({"state": {"mine": {"count": "1"}}})));
    assert_eq!(written(&bench, "a"), json!(["2"]));
    let mut anonymous = case("mine", &steps, &json!({}));
    anonymous.as_object_mut().unwrap().remove("caller");
    bench.write("a", &anonymous);
    let found = written(&bench, "a");
    assert!(found[0].as_str().unwrap().contains("AccessDenied"), "{found}");
    assert!(!bench.read("a").as_object().unwrap().contains_key("expect-state"));
}

#[test]
fn a_call_that_asks_leaves_what_its_last_round_wrote() {
    let bench = Bench::of("scripted");
    let steps =
        json!([{"increment_state": ["count", 1]}, {"ask_key": "one"}, {"increment_state": ["count", 1]}]);
    bench.write(
        "ask",
        &json!({
            "tool": "run", "arguments": {"steps": steps},
            "grants": {"keyvalue": {"default": {"scope": "plugin"}}},
            "state": {"default": {"count": "40"}},
            "answers": {"one": {"action": "accept", "content": {"name": "x"}}},
        }),
    );
    written(&bench, "ask");
    assert_eq!(
        bench.read("ask")["expect-state"],
        json!({"default": {"count": "42"}}),
        "each round wrote it once"
    );
}

#[test]
fn what_a_call_writes_into_a_directory_is_gone_with_its_run() {
    let bench = Bench::of("hostile");
    std::fs::create_dir(bench.path("data")).unwrap();
    std::fs::write(bench.path("data/old"), "of the author").unwrap();
    let directory = json!({"host": "data", "guest": "/data", "write": true});
    for file in ["old", "new"] {
        let path = format!("/data/{file}");
        let grants = json!({"directories": [directory]});
        bench.write(
            file,
            &json!({"tool": "write_file", "arguments": {"path": path}, "grants": grants, "expect": {"content": []}}),
        );
    }
    assert!(bench.update().contains("2 passed, 0 failed\n"));
    assert!(bench.test().contains("2 passed, 0 failed\n"));
    assert_ne!(bench.read("new")["expect"]["isError"], true, "it was written: {}", bench.text("new"));
    assert_eq!(std::fs::read_to_string(bench.path("data/old")).unwrap(), "of the author");
    assert!(!bench.path("data/new").exists());
}
