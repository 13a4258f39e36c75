//! State in a plugin that may ask: its calls run again, and only the run that returns writes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use toolcell_host::state_store::{
    Condition, Entry, Increment, List, Memory, Page, Partition, Put, StateFuture, StateStore, Value as Stored,
};
use toolcell_tests::multi_round::{ask, failure, form, lines, named, scripted};
use toolcell_tests::{Bundle, MultiRoundRequest, Server, log};

use super::HandClock;

/// A server with the fixture `scripted`, whose bucket is shared by all callers.
struct Scripted {
    server: Server,
    _bundle: Bundle,
}

impl Scripted {
    fn serve(store: Arc<dyn StateStore>, bucket: &str) -> Self {
        let config = format!("{}[plugins.scripted.grants.keyvalue]\ndefault = {bucket}\n", scripted());
        let bundle = Bundle::build(&config);
        let runner = bundle.open().unwrap_or_else(|problem| panic!("{problem}"));
        Self { server: Server::serving(runner.with_state_store(Some(store))), _bundle: bundle }
    }

    fn new() -> Self {
        Self::serve(Arc::new(Memory::new(HandClock::new().clock())), "{ scope = \"plugin\" }")
    }

    fn call(&self, steps: Value) -> MultiRoundRequest {
        MultiRoundRequest::run(&self.server, steps)
    }

    fn lines(&self, steps: Value) -> Vec<String> {
        lines(&self.call(steps).begin())
    }
}

fn set(key: &str, value: &str) -> Value {
    json!({"set_state": [key, value]})
}

fn get(key: &str) -> Value {
    json!({ "get_state": key })
}

#[test]
fn a_round_that_ends_in_a_question_writes_nothing_and_the_last_one_writes_once() {
    let scripted = Scripted::new();
    scripted.lines(json!([set("kept", "old"), {"increment_state": ["n", 10]}]));
    let steps = json!([
        set("kept", "new"), set("fresh", "x"), {"increment_state": ["n", 1]}, {"append_state": ["log", "."]},
        ask("name", &form("Name?")), {"increment_state": ["n", 1]}
    ]);
    let call = scripted.call(steps);
    let asked = call.asked();
    let left = json!([get("kept"), get("fresh"), get("n"), get("log"), "list_state"]);
    assert_eq!(scripted.lines(left.clone()), ["old", "none", "10", "none", "kept n"]);
    let told = call.told(&asked.state, &json!({"name": named("Ann")}));
    assert_eq!(told[2..4], ["11", "done"], "{told:?}");
    assert_eq!(told[5], "12");
    assert_eq!(scripted.lines(left), ["new", "x", "12", ".", "fresh kept log n"]);
}

#[test]
fn a_call_sees_what_it_wrote_itself() {
    let scripted = Scripted::new();
    scripted.lines(json!([set("a", "1"), set("b", "old"), set("n", "5")]));
    let steps = json!([
        {"delete_state": "a"}, get("a"), {"increment_state": ["a", 3]}, get("a"),
        set("b", "x"), {"append_state": ["b", "y"]}, {"append_state": ["b", "z"]}, get("b"),
        {"increment_state": ["n", 2]}, {"increment_state": ["n", -10]}, get("n"), set("c", "new"), "list_state",
        {"increment_state": ["b", 1]}
    ]);
    let not_a_number = "Error::Other(\"the value is not a whole number\")";
    let done = "done";
    let expected =
        [done, "none", "3", "3", done, done, done, "xyz", "7", "-3", "-3", done, "a b c n", not_a_number];
    assert_eq!(scripted.lines(steps), expected);
    assert_eq!(scripted.lines(json!([get("a"), get("b"), get("n"), get("c")])), ["3", "xyz", "-3", "new"]);
}

#[test]
fn a_call_that_does_not_return_writes_nothing() {
    let scripted = Scripted::new();
    let steps = json!([set("a", "x"), {"ask": [["same", form("One?")], ["same", form("Two?")]]}]);
    let text = failure(&scripted.call(steps).begin());
    assert!(text.contains("two questions with one key"), "{text}");
    assert_eq!(scripted.lines(json!([get("a")])), ["none"]);
}

#[test]
fn what_does_not_fit_fails_the_call() {
    let store = Arc::new(Memory::new(HandClock::new().clock()));
    let scripted = Scripted::serve(store, "{ scope = \"plugin\", size = \"30 B\" }");
    let text = failure(&scripted.call(json!([set("a", &"x".repeat(40))])).begin());
    assert_eq!(text, "the tool's state has no room for what it wrote");
}

/// A store in which another call writes the keys `contested` and `counted` whenever they are read, and in which the key
/// `stuck` is never written.
#[derive(Debug)]
struct Contested {
    store: Memory,
    is_on: AtomicBool,
}

impl StateStore for Contested {
    fn get<'a>(&'a self, partition: &'a Partition, name: &'a str) -> StateFuture<'a, Option<Entry>> {
        Box::pin(async move {
            let read = self.store.get(partition, name).await;
            let written = match name {
                "contested" => Some("of another call"),
                "counted" => Some("40"),
                _ => None,
            };
            if let Some(text) = written.filter(|_| self.is_on.load(Ordering::Relaxed)) {
                let (value, condition) = (Stored::of(text.as_bytes()), Condition::Always);
                self.store.put(partition, name, Put { value, condition, ttl_ms: None }).await?;
            }
            read
        })
    }

    fn put<'a>(&'a self, partition: &'a Partition, name: &'a str, put: Put) -> StateFuture<'a, ()> {
        if name == "stuck" {
            return Box::pin(std::future::pending());
        }
        self.store.put(partition, name, put)
    }

    fn delete<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        condition: Condition,
    ) -> StateFuture<'a, ()> {
        self.store.delete(partition, name, condition)
    }

    fn increment<'a>(
        &'a self,
        partition: &'a Partition,
        name: &'a str,
        increment: Increment,
    ) -> StateFuture<'a, i64> {
        self.store.increment(partition, name, increment)
    }

    fn list<'a>(&'a self, partition: &'a Partition, list: List<'a>) -> StateFuture<'a, Page> {
        self.store.list(partition, list)
    }
}

#[test]
fn a_call_that_deletes_has_room_for_what_it_writes() {
    let store = Arc::new(Memory::new(HandClock::new().clock()));
    let scripted = Scripted::serve(store, "{ scope = \"plugin\", keys = 1 }");
    scripted.lines(json!([set("b", "x")]));
    scripted.lines(json!([{"delete_state": "b"}, set("a", "x")]));
    assert_eq!(scripted.lines(json!([get("a"), get("b")])), ["x", "none"]);
    scripted.lines(json!([{"delete_state": "a"}, {"append_state": ["c", "y"]}]));
    assert_eq!(scripted.lines(json!([get("a"), get("c")])), ["none", "y"], "a swap of an entry that is new");
}

/// The text of a call that another one overtook.
const OVERTAKEN: &str = "another call changed the tool's state at the same time; call the tool again";

#[test]
fn a_swap_of_a_number_that_the_call_has_added_to_does_not_undo_what_others_add() {
    let store = Contested { store: Memory::new(HandClock::new().clock()), is_on: AtomicBool::new(true) };
    let store = Arc::new(store);
    let scripted = Scripted::serve(Arc::clone(&store) as Arc<dyn StateStore>, "{ scope = \"plugin\" }");
    let steps = json!([{"increment_state": ["counted", 1]}, {"append_state": ["counted", "0"]}]);
    let text = failure(&scripted.call(steps.clone()).begin());
    assert_eq!(text, OVERTAKEN);
    store.is_on.store(false, Ordering::Relaxed);
    assert_eq!(scripted.lines(json!([get("counted")])), ["40"], "of the other call");
    assert_eq!(scripted.lines(steps), ["41", "done"]);
    assert_eq!(scripted.lines(json!([get("counted")])), ["410"], "an addition is swapped once");
}

#[test]
fn a_swap_that_another_call_overtook_fails_the_call_before_it_writes() {
    let store = Contested { store: Memory::new(HandClock::new().clock()), is_on: AtomicBool::new(true) };
    let store = Arc::new(store);
    let scripted = Scripted::serve(Arc::clone(&store) as Arc<dyn StateStore>, "{ scope = \"plugin\" }");
    let steps = json!([set("a", "x"), {"append_state": ["contested", "."]}, {"increment_state": ["n", 1]}]);
    let text = failure(&scripted.call(steps.clone()).begin());
    assert_eq!(text, OVERTAKEN);
    store.is_on.store(false, Ordering::Relaxed);
    let left = json!([get("a"), get("contested"), get("n")]);
    assert_eq!(scripted.lines(left.clone()), ["none", "of another call", "none"]);
    scripted.lines(steps);
    assert_eq!(scripted.lines(left), ["x", "of another call.", "1"]);
}

#[test]
fn an_operator_learns_that_a_call_had_no_time_to_store_everything() {
    log::capture();
    let store = Contested { store: Memory::new(HandClock::new().clock()), is_on: AtomicBool::new(false) };
    let limited = "{ scope = \"plugin\" }\n[plugins.scripted.limits]\ndeadline = \"2 s\"";
    let scripted = Scripted::serve(Arc::new(store), limited);
    let text = failure(&scripted.call(json!([set("a", "x"), set("stuck", "x")])).begin());
    assert_eq!(text, "the tool did not finish within 2000 ms");
    let lines = log::lines("the time of a call was over while its state was stored");
    assert!(lines.iter().any(|line| line["plugin"] == "scripted" && line["tool"] == "run"), "{lines:?}");
}
