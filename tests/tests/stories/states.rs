//! A request state opens only for the call that it was made for.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use toolcell_host::catalog::Tool;
use toolcell_host::codec::guest;
use toolcell_host::digest::Digest;
use toolcell_host::state_token::{Binding, StateKeys};
use toolcell_tests::http::Response;
use toolcell_tests::multi_round::{Asked, ask, form, named, scripted};
use toolcell_tests::server::STATE_KEY;
use toolcell_tests::{Bundle, Client, MultiRoundRequest, Revision, Server, fixture};

const ALICE: &str = "tct_canary-alice-0123456789abcdefghijklmnopqrstu";
const BOB: &str = "tct_canary-bob-0123456789abcdefghijklmnopqrstuvw";
const OTHER_KEY: &str = "another-key-of-the-tests-no-secret-either";

fn principals() -> String {
    let principal = |(name, token): (&str, &str)| {
        let digest = Digest::of(token.as_bytes());
        format!("[auth.bearer.principals.{name}]\ntokens = [\"sha256:{digest}\"]\nscopes = []\n")
    };
    [("alice", ALICE), ("bob", BOB)].map(principal).concat()
}

fn bundle() -> Bundle {
    Bundle::build(&format!("{}{}", principals(), scripted()))
}

/// Builds the same plugin with another custom section.
fn next_version() -> Bundle {
    let directory = tempfile::tempdir().unwrap();
    let mut component = fs::read(fixture::component("scripted")).unwrap();
    component.extend(b"\x00\x05\x04next");
    let path = directory.path().join("scripted.wasm");
    fs::write(&path, component).unwrap();
    Bundle::build(&format!("{}{}", principals(), fixture::plugin("scripted", &path)))
}

fn steps() -> Value {
    json!([ask("one", &form("One?")), ask("two", &form("Two?"))])
}

fn call(server: &Server, tool: &str, steps: &Value, token: &str) -> MultiRoundRequest {
    let params = json!({"name": tool, "arguments": {"steps": steps}});
    MultiRoundRequest::new(server, "tools/call", params).by(token)
}

/// Runs two rounds; returns the questions of both, and the answers to the second.
fn second_round(rounds: &MultiRoundRequest) -> (Asked, Asked, Value) {
    let first = rounds.asked();
    let second = rounds.asked_again(&first.state, &json!({"one": named("Ann")}));
    (first, second, json!({"two": named("Bob")}))
}

fn is_complete(answer: &Response) -> bool {
    answer.json()["result"]["resultType"] == "complete"
}

fn assert_refused(answer: &Response, why: &str) {
    assert_eq!(answer.status, 200, "{why}: {}", answer.json());
    let (_, code, message) = answer.refusal();
    assert_eq!(code, -32602, "{why}: {message}");
    assert!(message.starts_with("params.requestState: expected the state of the last answer"), "{message}");
}

#[test]
fn a_state_of_another_call_is_refused() {
    let bundle = bundle();
    let server = Server::of(&bundle);
    let alice = call(&server, "run", &steps(), ALICE);
    let (_, asked, answers) = second_round(&alice);
    let mut other_steps = steps();
    other_steps[1]["ask"][0][1]["form"]["message"] = "Three?".into();
    assert_refused(&call(&server, "run", &steps(), BOB).go_on(&asked.state, &answers), "principal");
    assert_refused(&call(&server, "run_again", &steps(), ALICE).go_on(&asked.state, &answers), "tool");
    assert_refused(&call(&server, "run", &other_steps, ALICE).go_on(&asked.state, &answers), "arguments");
    let prompt = json!({"name": "run", "arguments": {"message": "One?"}});
    let prompt = MultiRoundRequest::new(&server, "prompts/get", prompt).by(ALICE);
    assert!(!is_complete(&prompt.go_on(&asked.state, &answers)), "a prompt of the tool's name");
    let prompt = json!({"name": "prompt_that_asks", "arguments": {"message": "One?"}});
    let prompt = MultiRoundRequest::new(&server, "prompts/get", prompt).by(ALICE);
    assert_refused(&prompt.go_on(&asked.state, &answers), "method");
    let resource = MultiRoundRequest::new(&server, "resources/read", json!({"uri": "run:run"})).by(ALICE);
    assert_refused(&resource.go_on(&asked.state, &answers), "method");
    assert!(is_complete(&alice.go_on(&asked.state, &answers)), "the untouched one");
}

#[test]
fn a_state_is_bound_to_the_values_that_the_tool_gets_and_not_to_their_spelling() {
    let bundle = bundle();
    let server = Server::of(&bundle);
    let with = |bytes: Value| json!([ask("one", &form("One?")), {"remember_bytes": bytes}, ask("two", &form("Two?"))]);
    let rounds = call(&server, "run", &with(json!(10)), ALICE);
    let (_, asked, answers) = second_round(&rounds);
    for spelling in [json!("10"), json!(10.0)] {
        let again = call(&server, "run", &with(spelling.clone()), ALICE);
        assert!(is_complete(&again.go_on(&asked.state, &answers)), "{spelling}");
    }
    for other in [json!("11"), json!(11), json!(100), json!("1")] {
        let again = call(&server, "run", &with(other.clone()), ALICE);
        assert_refused(&again.go_on(&asked.state, &answers), &other.to_string());
    }
    let nonsense = call(&server, "run", &with(json!("ten")), ALICE);
    assert_refused(&nonsense.go_on(&asked.state, &answers), "what no tool gets");
    let mut spaced = rounds.request_with(&asked.state, &answers);
    let body = String::from_utf8(spaced.body).unwrap();
    let again = body.replacen("{\"steps\":", "{ \"st\\u0065ps\":", 1);
    assert_ne!(again, body);
    spaced.body = again.into_bytes();
    assert!(is_complete(&spaced.send(server.address())), "spaces and escapes");
}

#[test]
fn a_state_of_a_prompt_or_a_resource_is_bound_as_that_of_a_tool() {
    let bundle = bundle();
    let server = Server::of(&bundle);
    let answers = json!({"name": named("Ann")});
    let prompt = |message: &str| json!({"name": "prompt_that_asks", "arguments": {"message": message}});
    for (method, own, other) in [
        ("prompts/get", prompt("One?"), prompt("Two?")),
        ("resources/read", json!({"uri": "scripted:///one"}), json!({"uri": "scripted:///two"})),
    ] {
        let alice = MultiRoundRequest::new(&server, method, own.clone()).by(ALICE);
        let asked = alice.asked();
        assert_refused(
            &MultiRoundRequest::new(&server, method, own).by(BOB).go_on(&asked.state, &answers),
            method,
        );
        assert_refused(
            &MultiRoundRequest::new(&server, method, other).by(ALICE).go_on(&asked.state, &answers),
            method,
        );
        assert!(is_complete(&alice.go_on(&asked.state, &answers)), "{method}: the untouched one");
    }
}

#[test]
fn a_state_of_another_version_of_the_plugin_is_refused() {
    let (one, next) = (bundle(), next_version());
    assert_ne!(one.component("scripted"), next.component("scripted"));
    let (one, next) = (&Server::of(&one), &Server::of(&next));
    let rounds = call(one, "run", &steps(), ALICE);
    let (_, asked, answers) = second_round(&rounds);
    assert_refused(&call(next, "run", &steps(), ALICE).go_on(&asked.state, &answers), "version");
    assert!(is_complete(&rounds.go_on(&asked.state, &answers)), "the version that asked");
}

/// Returns a configuration that grants the plugin something of each kind.
fn granting(directory: &Path) -> String {
    let principal =
        format!("[auth.bearer.principals.alice]\ntokens = [\"sha256:{}\"]", Digest::of(ALICE.as_bytes()));
    let data = directory.join("data").display().to_string();
    format!(
        "{principal}\nscopes = [\"run\"]\n{}prefix = \"\"\n\
         [plugins.scripted.grants.environment]\nREGION = \"one\"\n\
         [plugins.scripted.grants.config]\naccount = \"one\"\n\
         [plugins.scripted.grants.secrets]\ntoken = \"first\"\n\
         [secrets]\nfirst.environment = \"PATH\"\nsecond.environment = \"PATH\"\n\
         [[plugins.scripted.grants.directories]]\nhost = {data:?}\nguest = \"/data\"\n\
         [plugins.scripted.limits]\ndeadline = \"20 s\"\n",
        scripted()
    )
}

/// Every part of that configuration that a state is bound to: the part, its text, and another text in its place.
const BOUND_PARTS: [(&str, &str, &str); 13] = [
    ("the plugin's name", "[plugins.scripted", "[plugins.other"),
    ("a variable's value", "REGION = \"one\"", "REGION = \"two\""),
    ("a variable's name", "REGION =", "COUNTRY ="),
    ("a configured value", "account = \"one\"", "account = \"two\""),
    ("a configured key", "account =", "customer ="),
    ("the key of a secret", "token =", "password ="),
    ("the secret that is granted", "token = \"first\"", "token = \"second\""),
    ("the directory that is granted", "/data\"\nguest", "/data2\"\nguest"),
    ("the place of a directory", "guest = \"/data\"", "guest = \"/data2\""),
    ("the right to write", "guest = \"/data\"", "guest = \"/data\"\nwrite = true"),
    ("a limit of the plugin", "deadline = \"20 s\"", "deadline = \"21 s\""),
    ("a limit of the tool", "\"20 s\"", "\"20 s\"\n[plugins.scripted.tools.run.limits]\nmemory = \"63 MiB\""),
    ("a required scope", "prefix = \"\"", "required-scopes = [\"run\"]"),
];

#[test]
fn a_state_is_refused_once_the_plugin_has_another_name_or_other_rights() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["data", "data2"] {
        fs::create_dir(directory.path().join(name)).unwrap();
    }
    let config = granting(directory.path());
    let bundle = Bundle::build(&config);
    let (server, same) = (Server::of(&bundle), Server::of(&bundle));
    let (_, asked, answers) = second_round(&call(&server, "run", &steps(), ALICE));
    for (part, from, to) in BOUND_PARTS {
        assert!(config.contains(from), "{part}");
        let changed = Bundle::build(&config.replace(from, to));
        let changed = Server::of(&changed);
        let rounds = call(&changed, "run", &steps(), ALICE);
        assert_refused(&rounds.go_on(&asked.state, &answers), part);
        let (_, own, answers) = second_round(&rounds);
        assert!(is_complete(&rounds.go_on(&own.state, &answers)), "its own state: {part}");
    }
    let rounds = call(&same, "run", &steps(), ALICE);
    assert!(is_complete(&rounds.go_on(&asked.state, &answers)), "another server with the same bundle");
}

#[test]
fn a_state_is_refused_once_another_function_has_the_name_of_the_tool() {
    let bundle = bundle();
    let server = Server::of(&bundle);
    let (_, asked, answers) = second_round(&call(&server, "run", &steps(), ALICE));
    let names = "[plugins.scripted.tools]\nrun.name = \"run_again\"\nrun_again.name = \"run\"\n";
    let swapped = Bundle::build(&format!("{}{}{names}", principals(), scripted()));
    let server = Server::of(&swapped);
    assert_refused(&call(&server, "run", &steps(), ALICE).go_on(&asked.state, &answers), "function");
}

#[test]
fn answers_that_were_not_asked_for_are_not_answers() {
    let bundle = bundle();
    let server = Server::of(&bundle);
    let rounds = call(&server, "run", &steps(), ALICE);
    let (first, second, answers) = second_round(&rounds);
    let forged = json!({"one": named("Ann"), "two": named("Mallory")});
    assert_eq!(rounds.asked_again(&first.state, &forged).keys(), ["two"], "it is asked all the same");
    assert_eq!(rounds.asked_again(&first.state, &answers).keys(), ["one"]);
    let forged = json!({"one": named("Mallory"), "two": named("Bob")});
    let told = rounds.told(&second.state, &forged);
    assert!(
        told[0].contains("Ann") && !told[0].contains("Mallory"),
        "an answer stays as it was given: {told:?}"
    );
}

#[test]
fn of_every_combination_only_the_very_call_is_accepted() {
    let bundle = bundle();
    let server = Server::of(&bundle);
    let rounds = call(&server, "run", &steps(), ALICE);
    let (first, second, answers) = second_round(&rounds);
    let arguments = json!({"steps": steps()}).to_string();
    let tool = tool(&bundle, "run");
    let function = format!("{}#run", tool.export.interface.as_deref().unwrap());
    let own = Binding {
        principal_kind: "bearer",
        principal_name: "alice",
        method: "tools/call",
        target: "run",
        arguments: values(&tool, &arguments),
        plugin: "scripted",
        component: bundle.component("scripted"),
        function: &function,
        grants: Digest::of(b"{}"),
        config: Digest::of(b"{}"),
        policy: Digest::of(&serde_json::to_vec(&(&tool.limits, &tool.required_scopes)).unwrap()),
        revision: Revision::Modern.name(),
    };
    let keys = StateKeys::new([STATE_KEY]).unwrap();
    let open = |asked: &Asked| keys.open(&asked.state, &own).expect("what the server has sealed");
    let records = [open(&second), aged(&open(&second)), open(&first)];
    let mut accepted = Vec::new();
    let mut tried = 0;
    for binding in bindings(own) {
        for key in [STATE_KEY, OTHER_KEY] {
            for (at, record) in records.iter().enumerate() {
                let state = StateKeys::new([key]).unwrap().seal(record, &binding).unwrap();
                let answer = rounds.go_on(&state, &answers);
                tried += 1;
                match (binding == own && key == STATE_KEY, at) {
                    (true, 0) => {}
                    (true, 2) => assert_eq!(Asked::read(&answer).keys(), ["one"], "an earlier round"),
                    _ => assert_refused(&answer, &format!("{binding:?} {key} {at}")),
                }
                if is_complete(&answer) {
                    accepted.push((binding, key, at));
                }
            }
        }
    }
    assert_eq!(accepted, [(own, STATE_KEY, 0)], "of {tried}");
    assert_eq!(tried, (2 * 2 * 2 * 2 * 2 * 3 + 5) * 2 * 3);
}

/// Returns the digest of the values that a tool gets.
fn values(tool: &Tool, arguments: &str) -> Digest {
    Digest::of_pieces("values of arguments", |write| {
        guest::canonical(&tool.function, arguments.as_bytes(), tool.limits.input_bytes, write)
    })
    .unwrap()
}

/// Reads a tool from a bundle's catalog.
fn tool(bundle: &Bundle, name: &str) -> Tool {
    let mut tools = bundle.catalog().tools.into_iter();
    tools.find(|tool| tool.name == name).unwrap().item
}

/// Returns every binding that differs in some parts of the request, those that differ in one part of the plugin, and
/// the one that does not differ.
fn bindings<'b>(own: Binding<'b>) -> Vec<Binding<'b>> {
    let other = Digest([7; 32]);
    let mut all = vec![own];
    let mut vary = |change: &dyn Fn(Binding<'b>) -> Binding<'b>| {
        let changed: Vec<_> = all.iter().map(|binding| change(*binding)).collect();
        all.extend(changed);
    };
    vary(&|binding| Binding { principal_name: "bob", ..binding });
    vary(&|binding| Binding { target: "run_again", ..binding });
    vary(&|binding| Binding { arguments: other, ..binding });
    vary(&|binding| Binding { component: other, ..binding });
    vary(&|binding| Binding { revision: Revision::November2025.name(), ..binding });
    let methods = ["prompts/get", "resources/read"];
    let more = all.iter().flat_map(|binding| methods.map(|method| Binding { method, ..*binding }));
    let more: Vec<_> = more.collect();
    all.extend(more);
    all.extend([
        Binding { plugin: "other", ..own },
        Binding { function: "acme:other/script#run", ..own },
        Binding { grants: other, ..own },
        Binding { config: other, ..own },
        Binding { policy: other, ..own },
    ]);
    all
}

/// Makes the record of a call that began an hour ago.
fn aged(record: &[u8]) -> Vec<u8> {
    let mut json: Value = serde_json::from_slice(record).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    json["started_ms"] = (now - 60 * 60 * 1000).into();
    json.to_string().into_bytes()
}

#[test]
fn a_client_of_an_older_revision_has_no_states() {
    let bundle = bundle();
    let server = Server::of(&bundle);
    let (_, asked, answers) = second_round(&call(&server, "run", &steps(), ALICE));
    let client: Client = server.client(Revision::November2025);
    let params = json!({
        "name": "run", "arguments": {"steps": steps()}, "requestState": asked.state, "inputResponses": answers,
    });
    let request = client.request("tools/call", params).header("authorization", &format!("Bearer {ALICE}"));
    let answer = request.send(server.address()).json();
    assert_eq!(answer["result"]["isError"], true, "{answer}");
}

/// Stories with thousands of requests, which the local edge answers fastest.
mod local {
    use super::*;

    #[test]
    fn a_state_that_was_edited_is_refused() {
        let bundle = bundle();
        let server = Server::of(&bundle);
        let rounds = call(&server, "run", &steps(), ALICE);
        let (_, asked, answers) = second_round(&rounds);
        let state = asked.state.as_str();
        let mut edits = 0;
        let mut refused = |edited: &str| {
            if edited != state {
                edits += 1;
                assert_refused(&rounds.go_on(edited, &answers), edited);
            }
        };
        for at in 0..state.len() {
            let (before, after) = state.split_at(at);
            for put in ["A", "_", "."] {
                refused(&format!("{before}{put}{}", &after[1..]));
            }
            refused(if before.is_empty() { "v" } else { before });
            refused(&format!("{before}{}", &after[1..]));
        }
        for more in ["A", "=", " ", "\n"] {
            refused(&format!("{state}{more}"));
            refused(&format!("{more}{state}"));
        }
        assert!(edits > 1000, "{edits}");
        assert!(is_complete(&rounds.go_on(state, &answers)), "the untouched one");
    }
}
