//! `plugins/notes` with two callers, and one that nobody knows.

use std::sync::Arc;

use serde_json::{Value, json};
use toolcell_host::clock::Clock;
use toolcell_host::digest::Digest;
use toolcell_host::state_store::{Memory, StateStore};
use toolcell_tests::{Bundle, Called, Revision, Server, fixture};

const ANN: &str = "tct_canary-ann-0123456789abcdefghijklmnopqrstuvw";
const BOB: &str = "tct_canary-bob-0123456789abcdefghijklmnopqrstuvw";

struct Bench {
    server: Server,
    _bundle: Bundle,
}

impl Bench {
    /// Serves the plugin with a bucket, for callers with these lines in `[auth]`.
    fn new(bucket: &str, auth: &str) -> Self {
        let plugin = fixture::plugin("notes", &fixture::sample("notes"));
        let bundle = Bundle::build(&format!(
            "{plugin}[plugins.notes.grants.keyvalue]\ndefault = {{ {bucket} }}\n{auth}"
        ));
        let store: Arc<dyn StateStore> = Arc::new(Memory::new(Clock::system()));
        let runner = bundle.open().unwrap().with_state_store(Some(store));
        Self { server: Server::serving(runner), _bundle: bundle }
    }

    /// Serves the plugin as its own `toolcell.toml` does.
    fn with_callers() -> Self {
        let principal = |name, token: &str| {
            let digest = Digest::of(token.as_bytes());
            format!("[auth.bearer.principals.{name}]\ntokens = [\"sha256:{digest}\"]\nscopes = []\n")
        };
        Self::new("scope = \"caller\"", &[principal("ann", ANN), principal("bob", BOB)].concat())
    }

    fn ask(&self, token: Option<&str>, method: &str, params: Value) -> Value {
        let client = self.server.client(Revision::Modern);
        let mut request = client.request(method, params);
        if let Some(token) = token {
            request = request.header("authorization", &format!("Bearer {token}"));
        }
        request.send(client.address()).json()["result"].take()
    }

    fn call(&self, token: Option<&str>, tool: &str, arguments: Value) -> Called {
        Called::read(&self.ask(token, "tools/call", json!({"name": tool, "arguments": arguments})))
    }

    fn result(&self, token: Option<&str>, tool: &str, arguments: Value) -> Value {
        let called = self.call(token, tool, arguments);
        assert!(!called.is_error, "{called:?}");
        called.structured.unwrap()
    }
}

#[test]
fn each_caller_has_notes_of_its_own() {
    let bench = Bench::with_callers();
    let (ann, bob) = (Some(ANN), Some(BOB));
    bench.result(ann, "write_note", json!({"name": "a/b", "text": "ann's secret"}));
    bench.result(bob, "write_note", json!({"name": "a/b", "text": "bob's"}));
    assert_eq!(bench.result(ann, "read_note", json!({"name": "a/b"}))["text"], "ann's secret");
    assert_eq!(bench.result(bob, "delete_note", json!({"name": "a/b"}))["result"], true);
    assert_eq!(bench.result(bob, "list_notes", json!({}))["notes"], json!([]));
    assert_eq!(bench.result(bob, "search_notes", json!({"text": "secret"}))["hits"], json!([]));
    assert_eq!(bench.result(ann, "search_notes", json!({"text": "SECRET"}))["hits"][0]["line"], 1);
    let listed = bench.ask(ann, "resources/list", json!({}));
    assert_eq!(listed["resources"][0]["uri"], "notes:///a/b");
    let read = bench.ask(ann, "resources/read", json!({"uri": "notes:///a/b"}));
    assert_eq!(read["contents"][0]["text"], "ann's secret");
    assert_eq!(bench.ask(bob, "resources/read", json!({"uri": "notes:///a/b"})), Value::Null, "an error");
}

#[test]
fn a_change_of_an_old_revision_is_refused_and_nothing_is_lost() {
    let bench = Bench::with_callers();
    let ann = Some(ANN);
    bench.result(ann, "write_note", json!({"name": "list", "text": "one"}));
    bench.result(ann, "append_note", json!({"name": "list", "text": "two"}));
    let refused = bench.call(ann, "write_note", json!({"name": "list", "text": "three", "revision": 1}));
    assert!(refused.failure().starts_with("list has revision 2, not 1: read it again"), "{refused:?}");
    let saved = bench.result(ann, "write_note", json!({"name": "list", "text": "three", "revision": 2}));
    assert_eq!(saved["revision"], 3);
}

#[test]
fn a_caller_that_nobody_knows_has_notes_only_in_a_shared_bucket() {
    let bench = Bench::new("scope = \"caller\"", "");
    let refused = bench.call(None, "write_note", json!({"name": "a", "text": "x"}));
    assert!(refused.failure().starts_with("notes belong to a caller"), "{refused:?}");
    assert_eq!(bench.ask(None, "resources/list", json!({}))["resources"], json!([]));
    let shared = Bench::new("scope = \"plugin\"", "");
    shared.result(None, "write_note", json!({"name": "a", "text": "x"}));
    assert_eq!(shared.result(None, "read_note", json!({"name": "a"}))["text"], "x");
}

#[test]
fn many_notes_are_listed_and_searched_within_the_operations_of_a_call() {
    let bench = Bench::with_callers();
    let ann = Some(ANN);
    for number in 0..130 {
        bench.result(ann, "write_note", json!({"name": format!("n{number:03}"), "text": "rose"}));
    }
    let (mut after, mut hits) = (Value::Null, 0);
    loop {
        let found = bench.result(ann, "search_notes", json!({"text": "rose", "after": after}));
        hits += found["hits"].as_array().unwrap().len();
        after = found["next"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(hits, 130);
    let last = bench.result(ann, "list_notes", json!({"max_notes": 40, "after": "n100"}));
    assert_eq!((last["notes"].as_array().unwrap().len(), &last["next"]), (29, &Value::Null));
}
