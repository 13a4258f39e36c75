//! Buckets as a guest sees them, in both drafts of `wasi:keyvalue`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use toolcell_host::state_store::{Memory, StateStore};

use super::HandClock;
use super::keeper::{ANN, ANONYMOUS, BOB, DRAFTS, Keeper, lines, outcome, plugin, runtime};

fn memory() -> Option<Arc<dyn StateStore>> {
    Some(Arc::new(Memory::new(HandClock::new().clock())))
}

fn keeper(buckets: &str) -> Keeper {
    Keeper::serve(&plugin("a", "", buckets), memory())
}

/// Runs a story with each draft.
fn run(buckets: &str, story: impl AsyncFn(&Keeper, &str)) {
    for draft in DRAFTS {
        runtime().block_on(story(&keeper(buckets), &format!("a-{draft}")));
    }
}

const OWN: &str = "own = { scope = \"caller\" }\nshared = { scope = \"plugin\" }";

#[test]
fn every_operation_works_in_both_drafts() {
    run(OWN, async |keeper, tool| {
        let steps = json!([
            {"get": "a"}, {"set": ["a", "x"]}, {"get": "a"}, {"exists": "a"}, {"exists": "b"},
            {"increment": ["n", 5]}, {"increment": ["n", 2]}, {"get": "n"},
            {"set_many": [["b", "y"], ["c", "z"]]}, "keys", {"delete": "a"}, {"delete": "a"},
            {"delete_many": ["c", "d"]}, "keys", {"set": ["e", ""]}, {"get": "e"}
        ]);
        let done = "done";
        let expected = [
            "none", done, "\"x\"", "true", "false", "5", "7", "\"7\"", done, "a b c n", done, done, done,
            "b n", done, "\"\"",
        ];
        assert_eq!(keeper.lines(tool, ANN, "own", steps).await, expected, "{tool}");
        assert_eq!(keeper.lines(tool, ANN, "own", json!([{"get": "b"}])).await, ["\"y\""], "the next call");
        let many = keeper.lines(tool, ANN, "own", json!([{"get_many": ["b", "missing"]}])).await;
        let expected = if tool == "a-run" { "b=\"y\" missing=none" } else { "b=\"y\" none" };
        assert_eq!(many, [expected]);
    });
}

#[test]
fn a_batch_is_carried_out_in_its_order_and_stops_at_its_first_error() {
    run(OWN, async |keeper, tool| {
        let steps = json!([
            {"set_many": [["k", "1st"], ["k", "2nd"]]}, {"get": "k"},
            {"set_many": [["a", "x"], ["", "y"], ["c", "z"]]}, "keys", {"delete_many": ["a", "", "k"]}, "keys"
        ]);
        let refused = "Error::Other(\"a key has 1 to 512 bytes\")";
        let expected = ["done", "\"2nd\"", refused, "a k", refused, "k"];
        assert_eq!(keeper.lines(tool, ANN, "own", steps).await, expected, "{tool}");
    });
}

#[test]
fn keys_are_listed_in_pages_and_a_wrong_cursor_is_an_error_or_the_end() {
    run(
        &OWN.replace("own = { scope = \"caller\" }", "own = { scope = \"caller\", operations = 1000 }"),
        async |keeper, tool| {
            let entries: Vec<_> = (0..250).map(|number| json!([format!("{number:03}"), "x"])).collect();
            let steps = json!([{ "set_many": entries }, "count", "wrong_page"]);
            let lines = keeper.lines(tool, ANN, "own", steps).await;
            assert_eq!(lines[1], "250 in 3", "{tool}");
            let expected =
                if tool == "a-run" { "" } else { "Error::Other(\"no page of this bucket has that cursor\")" };
            assert_eq!(lines[2], expected);
        },
    );
}

#[test]
fn a_swap_fails_if_somebody_else_was_faster_and_shows_the_new_value() {
    runtime().block_on(async {
        let keeper = keeper(OWN);
        let steps = json!([{"append": ["a", "x"]}, {"append": ["a", "y"]}, {"get": "a"}, {"swap_outdated": "a"}, {"get": "a"}]);
        let lines = keeper.lines("a-run", ANN, "own", steps).await;
        assert_eq!(lines, ["done", "done", "\"xy\"", "failed at \"newer\"", "\"newer\""]);
    });
}

#[test]
fn a_bucket_that_was_not_granted_does_not_exist_and_the_denial_is_reported() {
    run(OWN, async |keeper, tool| {
        let report = keeper.report(tool, ANN, "other", json!([{"get": "a"}])).await;
        assert_eq!(lines(&report), ["Error::NoSuchStore"]);
        let denied = report.denied.expect("the denial is in the report");
        assert_eq!(denied.interface, "wasi:keyvalue/store");
        assert!(denied.grant.contains("grants.keyvalue"), "{denied:?}");
    });
    // A plugin without any grant, on a server without any store.
    let config = toolcell_tests::fixture::plugin("a", &toolcell_tests::fixture::component("keeper"));
    let keeper = Keeper::serve(&config, None);
    let report = runtime().block_on(keeper.report("run", ANN, "own", json!(["keys"])));
    assert_eq!(lines(&report), ["Error::NoSuchStore"]);
    assert!(report.denied.is_some());
}

#[test]
fn an_anonymous_caller_has_no_bucket_of_its_own_and_may_use_the_plugins() {
    run(OWN, async |keeper, tool| {
        let report = keeper.report(tool, ANONYMOUS, "own", json!([{"get": "a"}])).await;
        assert_eq!(lines(&report), ["Error::AccessDenied"]);
        assert!(report.denied.expect("a denial").grant.contains("anonymous"));
        assert_eq!(keeper.lines(tool, ANONYMOUS, "shared", json!([{"set": ["a", "x"]}])).await, ["done"]);
        assert_eq!(keeper.lines(tool, BOB, "shared", json!([{"get": "a"}])).await, ["\"x\""]);
    });
}

#[test]
fn callers_sources_and_plugins_do_not_see_each_other() {
    let config = [plugin("a", "", OWN), plugin("b", "", OWN)].concat();
    let store = memory();
    let keeper = Keeper::serve(&config, store.clone());
    let secret = |who: &str| json!([{"set": ["secret", who]}]);
    let read = json!([{"get": "secret"}, "keys"]);
    let none = ["none", ""];
    runtime().block_on(async {
        for (tool, caller, bucket) in [("a-run", ANN, "own"), ("a-run", ANN, "shared")] {
            assert_eq!(keeper.lines(tool, caller, bucket, secret("ann")).await, ["done"]);
        }
        let same_name = Some(("iam", "ann"));
        for (tool, caller, bucket) in [
            ("a-run", BOB, "own"),
            ("a-run", same_name, "own"),
            ("b-run", ANN, "own"),
            ("b-run", ANN, "shared"),
            ("b-run_draft", ANN, "own"),
        ] {
            let found = keeper.lines(tool, caller, bucket, read.clone()).await;
            assert_eq!(found, none, "{tool} {caller:?} {bucket}");
        }
        let found = keeper.lines("a-run_draft", ANN, "own", read.clone()).await;
        assert_eq!(found, ["\"ann\"", "secret"], "both drafts see the same");
    });
    // Another source under the name has nothing, unless a line of the deployer's says so.
    let source = |line: &str| Keeper::serve(&plugin("a", line, OWN), store.clone());
    runtime().block_on(async {
        let other = source("state-of = \"acme-keeper\"");
        assert_eq!(other.lines("a-run", ANN, "own", read.clone()).await, none);
        let same = source("state-of = \"keeper\"");
        assert_eq!(same.lines("a-run", ANN, "own", read.clone()).await, ["\"ann\"", "secret"]);
    });
}

#[test]
fn the_limits_of_a_bucket_are_errors_for_the_guest() {
    let other = |text: &str| format!("Error::Other({text:?})");
    let limits = "own = { scope = \"caller\", operations = 4, transfer = \"1 KiB\" }\n\
                  small = { scope = \"caller\", size = \"100 B\", keys = 3 }\n\
                  big = { scope = \"caller\", transfer = \"8 MiB\" }";
    run(limits, async |keeper, tool| {
        let gets = json!([{"get": "a"}, {"get": "a"}, {"get_many": ["a", "b", "c"]}, {"get": "a"}]);
        let used_up = other("a call may use this bucket 4 times");
        let found = keeper.lines(tool, ANN, "own", gets).await;
        assert_eq!(found[2..], [used_up.clone(), used_up], "{tool}");
        let found = keeper.lines(tool, ANN, "own", json!([{"fill": ["a", 1000]}, {"get": "a"}])).await;
        assert_eq!(found, ["done", other("a call may read and write 1024 bytes of this bucket").as_str()]);
        let steps = json!([{"fill": ["a", 90]}, {"fill": ["b", 20]}, {"set": ["b", ""]}, {"set": ["c", ""]}, {"set": ["d", ""]}, {"fill": ["a", 1]}]);
        let full = other("the bucket is full");
        let found = keeper.lines(tool, ANN, "small", steps).await;
        assert_eq!(found, ["done", full.as_str(), "done", "done", full.as_str(), "done"]);
        let steps = json!([{"set": ["", "x"]}, {"get": "k".repeat(513)}, {"fill": ["a", (256 << 10) + 1]}, {"fill": ["a", 256 << 10]}, {"get": "a"}]);
        let found = keeper.lines(tool, ANN, "big", steps).await;
        let key = other("a key has 1 to 512 bytes");
        let value = other("a value has at most 262144 bytes");
        assert_eq!(found, [key.as_str(), key.as_str(), value.as_str(), "done", "262144 bytes"]);
    });
}

#[test]
fn numbers_beyond_a_draft_are_errors() {
    let other = |text: &str| format!("Error::Other({text:?})");
    run(OWN, async |keeper, tool| {
        let steps = json!([{"set": ["a", "text"]}, {"increment": ["a", 1]}, {"set": ["n", "9223372036854775807"]}, {"increment": ["n", 1]}]);
        let found = keeper.lines(tool, ANN, "own", steps).await;
        assert_eq!(found[1], other("the value is not a whole number"));
        assert_eq!(found[3], other("the sum does not fit into 64 bits"));
        let found =
            keeper.lines(tool, ANN, "own", json!([{"set": ["m", "-5"]}, {"increment": ["m", 1]}])).await;
        let expected = if tool == "a-run" {
            "-4".to_owned()
        } else {
            other("the number was changed, and is less than zero")
        };
        assert_eq!(found[1], expected);
    });
}

#[test]
fn an_entry_lives_as_long_as_its_bucket_says_from_its_last_write_on() {
    for draft in DRAFTS {
        let clock = HandClock::new();
        let store: Arc<dyn StateStore> = Arc::new(Memory::new(clock.clock()));
        let buckets = "own = { scope = \"caller\", ttl = \"10 s\" }";
        let keeper = Keeper::serve(&plugin("a", "", buckets), Some(store));
        let tool = format!("a-{draft}");
        runtime().block_on(async {
            let lines = async |steps: Value| keeper.lines(&tool, ANN, "own", steps).await;
            lines(json!([{"set": ["a", "x"]}, {"increment": ["n", 1]}])).await;
            clock.pass(Duration::from_secs(9));
            assert_eq!(lines(json!([{"get": "a"}, {"increment": ["n", 1]}])).await, ["\"x\"", "2"]);
            clock.pass(Duration::from_secs(9));
            assert_eq!(lines(json!([{"get": "a"}, {"get": "n"}, "keys"])).await, ["none", "\"2\"", "n"]);
        });
    }
}

#[test]
fn a_call_that_crashes_keeps_what_it_wrote_in_a_plugin_that_never_asks() {
    run(OWN, async |keeper, tool| {
        let report = keeper.report(tool, ANN, "own", json!([{"set": ["a", "x"]}, "panic"])).await;
        assert_eq!(outcome(&report), "trap");
        assert_eq!(keeper.lines(tool, ANN, "own", json!([{"get": "a"}])).await, ["\"x\""]);
    });
}

#[test]
fn without_a_store_the_guest_gets_an_error_and_nothing_of_its_cause() {
    let keeper = Keeper::serve(&plugin("a", "", OWN), None);
    let found = runtime().block_on(keeper.lines("a-run", ANN, "own", json!([{"get": "a"}, "keys"])));
    let expected = "Error::Other(\"the state is not available\")";
    assert_eq!(found, [expected, expected]);
}
