//! Rules of the deployer for single tools: who is asked before a call, and how often a caller may call.

use std::sync::Arc;

use serde_json::{Value, json};
use toolcell_host::catalog::Confirm;
use toolcell_host::clock::Clock;
use toolcell_host::digest::Digest;
use toolcell_host::state_store::{Memory, StateStore};
use toolcell_tests::http::Response;
use toolcell_tests::multi_round::{Asked, ask, form, named};
use toolcell_tests::server::{deployed, logged};
use toolcell_tests::{Bundle, Called, Client, MultiRoundRequest, Revision, Server, fixture, log};

const ALICE: &str = "tct_canary-alice-0123456789abcdefghijklmnopqrstu";
const BOB: &str = "tct_canary-bob-0123456789abcdefghijklmnopqrstuvw";

fn principals() -> String {
    let principal = |(name, token): (&str, &str)| {
        format!("[auth.bearer.principals.{name}]\ntokens = [\"sha256:{}\"]\n", Digest::of(token.as_bytes()))
    };
    [("alice", ALICE), ("bob", BOB)].map(principal).concat()
}

fn store() -> Option<Arc<dyn StateStore>> {
    Some(Arc::new(Memory::new(Clock::system())))
}

/// Serves the sample `text` and the fixture `scripted`, with these lines about each.
fn serve(auth: &str, text: &str, scripted: &str, store: Option<Arc<dyn StateStore>>) -> (Server, Bundle) {
    let bundle = Bundle::build(&format!(
        "{auth}{}{text}\n{}{scripted}\n",
        fixture::plugin("text", &fixture::sample("text")),
        fixture::plugin("scripted", &fixture::component("scripted")),
    ));
    let runner = bundle.open().unwrap_or_else(|problem| panic!("{problem}")).with_state_store(store);
    (Server::serving(runner), bundle)
}

const CONFIRMED: &str = "[plugins.text.tools.make_slug]\nconfirm = \"always\"";

fn slug(server: &Server, text: &str) -> MultiRoundRequest {
    let params = json!({ "name": "make_slug", "arguments": { "text": text, "max_length": 80 } });
    MultiRoundRequest::new(server, "tools/call", params)
}

fn yes() -> Value {
    json!({ "toolcell-confirm": { "action": "accept", "content": { "confirm": true } } })
}

fn called(response: &Response) -> Called {
    Called::read(&response.json()["result"])
}

#[test]
fn a_tool_runs_when_its_user_has_seen_the_arguments_and_said_yes() {
    let (server, _bundle) = serve("", CONFIRMED, "", None);
    let call = slug(&server, "A  b");
    let Asked { requests, state } = call.asked();
    let expected = json!({ "toolcell-confirm": {
        "method": "elicitation/create",
        "params": {
            "mode": "form",
            "message": "Run the tool `make_slug` with these arguments?\n{\"text\":\"A  b\",\"max_length\":80}",
            "requestedSchema": {
                "type": "object",
                "properties": { "confirm": { "type": "boolean", "title": "Run it" } },
                "required": ["confirm"],
            },
        },
    }});
    assert_eq!(requests, expected);
    assert_eq!(called(&call.go_on(&state, &yes())).text.as_deref(), Some("a-b"));
    let count = server.client(Revision::Modern).call("count_text", &json!({ "text": "a" }));
    assert!(!count.is_error, "other tools ask nobody: {count:?}");
}

#[test]
fn a_user_who_does_not_say_yes_stops_the_call_and_one_who_says_nothing_is_asked_again() {
    log::capture();
    let (server, _bundle) = serve("", CONFIRMED, "", None);
    let call = slug(&server, "A b");
    for answer in [
        json!({ "action": "decline" }),
        json!({ "action": "decline", "content": { "confirm": true } }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept", "content": { "confirm": false } }),
        json!({ "action": "accept", "content": {} }),
    ] {
        let asked = call.asked();
        let refused = called(&call.go_on(&asked.state, &json!({ "toolcell-confirm": answer })));
        assert_eq!(refused.failure(), "the user did not allow this call", "{answer}");
    }
    let lines = log::lines("refused");
    assert!(lines.iter().any(|line| line["rule"] == "confirm" && line["tool"] == "make_slug"), "{lines:?}");
    let first = call.asked();
    let second = call.asked_again(&first.state, &json!({ "other": { "action": "accept" } }));
    assert_eq!(second.requests, first.requests);
    assert_eq!(called(&call.go_on(&second.state, &yes())).text.as_deref(), Some("a-b"));
}

#[test]
fn an_answer_is_good_for_its_own_caller_tool_and_arguments_alone() {
    let both = format!("{CONFIRMED}\n[plugins.text.tools.change_case]\nconfirm = \"always\"");
    let (server, _bundle) = serve(&principals(), &both, "", None);
    let asked = slug(&server, "A b").by(ALICE).asked();
    let other_tool = json!({ "name": "change_case", "arguments": { "text": "A b", "to": "upper" } });
    for call in [
        slug(&server, "A b").by(BOB),
        slug(&server, "A c").by(ALICE),
        MultiRoundRequest::new(&server, "tools/call", other_tool).by(ALICE),
    ] {
        let (_, code, message) = call.go_on(&asked.state, &yes()).refusal();
        assert_eq!(code, -32602, "{message}");
    }
    let (_, code, _) = slug(&server, "A b").by(ALICE).go_on("v2.forged", &yes()).refusal();
    assert_eq!(code, -32602);
    assert_eq!(
        called(&slug(&server, "A b").by(ALICE).go_on(&asked.state, &yes())).text.as_deref(),
        Some("a-b")
    );
}

#[test]
fn a_client_that_cannot_ask_its_user_never_runs_the_tool() {
    let (server, _bundle) = serve("", CONFIRMED, "", None);
    for capabilities in [json!({}), json!({ "elicitation": { "url": {} } }), json!({ "sampling": {} })] {
        let response = slug(&server, "A b").capable(capabilities.clone()).begin();
        let (status, code, _) = response.refusal();
        assert_eq!((status, code), (400, -32021), "{capabilities}");
        let required = &response.json()["error"]["data"]["requiredCapabilities"];
        assert_eq!(*required, json!({ "elicitation": { "form": {} } }));
    }
    let implied = slug(&server, "A b").capable(json!({ "elicitation": {} }));
    assert!(implied.asked().requests.is_object(), "forms are what an empty capability means");
    let old = Client::new(server.address(), Revision::November2025);
    let refused = old.call("make_slug", &json!({ "text": "A b", "max_length": 80 }));
    assert!(refused.failure().contains("elicitation"), "{refused:?}");
}

#[test]
fn an_answer_is_good_for_one_call_where_there_is_a_store() {
    let (server, _bundle) = serve("", CONFIRMED, "", store());
    let call = slug(&server, "A b");
    let asked = call.asked();
    assert_eq!(called(&call.go_on(&asked.state, &yes())).text.as_deref(), Some("a-b"));
    let again = called(&call.go_on(&asked.state, &yes()));
    assert_eq!(again.failure(), "this answer of the user has been used: call the tool again");
    let (server, _bundle) = serve("", CONFIRMED, "", None);
    let call = slug(&server, "A b");
    let asked = call.asked();
    for _ in 0..2 {
        assert_eq!(called(&call.go_on(&asked.state, &yes())).text.as_deref(), Some("a-b"), "for its hour");
    }
}

#[test]
fn a_plugin_that_asks_itself_asks_after_the_consent_and_each_round_is_good_once() {
    let (server, _bundle) = serve("", "", "[plugins.scripted.tools.run]\nconfirm = \"always\"", store());
    let call = MultiRoundRequest::run(&server, json!([ask("one", &form("One?"))]));
    let consent = call.asked();
    assert!(consent.requests["toolcell-confirm"].is_object());
    let question = call.asked_again(&consent.state, &yes());
    assert!(question.requests["one"].is_object(), "{}", question.requests);
    let answers = json!({ "one": named("Ann") });
    assert!(!called(&call.go_on(&question.state, &answers)).is_error);
    for (state, answers) in [(&consent.state, &yes()), (&question.state, &answers)] {
        let again = called(&call.go_on(state, answers));
        assert_eq!(again.failure(), "this answer of the user has been used: call the tool again");
    }
}

#[test]
fn a_caller_may_call_as_often_as_its_quota_says_and_is_told_when_to_come_back() {
    log::capture();
    let quota = "calls-per-minute = 3\n[plugins.text.tools.count_text]\ncalls-per-minute = 1";
    let (server, _bundle) = serve(&principals(), quota, "", store());
    let client = server.client(Revision::Modern);
    let call = |token: &str, tool: &str| {
        let arguments = json!({ "text": "A b", "max_length": 80 });
        let arguments = if tool == "make_slug" { arguments } else { json!({ "text": "A b" }) };
        let request = client.call_request(tool, &arguments);
        called(&request.header("authorization", &format!("Bearer {token}")).send(server.address()))
    };
    // A minute may end in between: then a quota is there again, once.
    let passed = |token, tool, most: usize| (0..2 * most + 1).filter(|_| !call(token, tool).is_error).count();
    for (token, tool, most) in [(ALICE, "make_slug", 3), (BOB, "make_slug", 3), (ALICE, "count_text", 1)] {
        let count = passed(token, tool, most);
        assert!((most..=2 * most).contains(&count), "{tool}: {count}");
    }
    let refused = (0..4).map(|_| call(ALICE, "count_text")).find(|called| called.is_error).unwrap();
    let text = refused.failure();
    let seconds = text
        .strip_prefix("too many calls: 1 a minute for each caller; call again in ")
        .and_then(|rest| rest.strip_suffix(" s"));
    let seconds: u64 = seconds.unwrap_or_else(|| panic!("{text}")).parse().unwrap();
    assert!((1..=60).contains(&seconds));
    let lines = log::lines("refused");
    let line = lines.iter().find(|line| line["rule"] == "calls-per-minute" && line["tool"] == "count_text");
    assert_eq!(line.unwrap()["principal"], "alice");
}

#[test]
fn anonymous_callers_share_a_quota_and_questions_are_no_calls() {
    let quota = format!("calls-per-minute = 2\n{CONFIRMED}");
    let (server, _bundle) = serve("", &quota, "", store());
    let call = slug(&server, "A b");
    for _ in 0..10 {
        call.asked();
    }
    let run = || called(&call.go_on(&call.asked().state, &yes()));
    let results: Vec<_> = (0..5).map(|_| run()).collect();
    assert!(!results[0].is_error, "{results:?}");
    let refused = results.iter().find(|called| called.is_error).expect("the quota ends");
    assert!(
        refused.failure().starts_with("too many calls: 2 a minute for all anonymous callers"),
        "{refused:?}"
    );
}

#[test]
fn a_call_with_questions_is_counted_once_and_each_answer_is_good_once() {
    let (server, _bundle) = serve("", "", "calls-per-minute = 1", store());
    let call = MultiRoundRequest::run(&server, json!([ask("one", &form("One?")), ask("two", &form("Two?"))]));
    let one = call.asked();
    let answers = json!({ "one": named("Ann") });
    let two = call.asked_again(&one.state, &answers);
    let answers = (answers, json!({ "one": named("Ann"), "two": named("Bob") }));
    assert!(!called(&call.go_on(&two.state, &answers.1)).is_error, "three rounds are one call");
    for (state, answers) in [(&one.state, &answers.0), (&two.state, &answers.1)] {
        let again = called(&call.go_on(state, answers));
        assert_eq!(again.failure(), "this answer of the user has been used: call the tool again");
    }
}

#[test]
fn arguments_that_cannot_be_shown_whole_are_refused() {
    let (server, _bundle) = serve("", CONFIRMED, "", None);
    assert!(slug(&server, &"x".repeat(9_000)).asked().requests.is_object());
    let refused = called(&slug(&server, &"x".repeat(10_001)).begin());
    assert!(refused.failure().contains("not be longer than 10000 characters"), "{refused:?}");
}

#[test]
fn without_a_store_what_must_be_counted_is_not_served() {
    let (server, bundle) = serve("", "calls-per-minute = 2", "", None);
    let response = server
        .client(Revision::Modern)
        .call_request("count_text", &json!({ "text": "a" }))
        .send(server.address());
    assert_eq!(response.status, 503, "whoever cannot count lets nothing pass");
    let lambda = deployed(&bundle).start().unwrap();
    let response = Client::new(lambda.address(), Revision::Modern).send("tools/list", json!({}));
    assert_eq!(response.status, 502);
    let told =
        "`calls-per-minute`, or `confirm` of a tool that may destroy, of the plugin text takes a count";
    logged(&lambda, |line| line.contains(told));
}

#[test]
fn a_tool_that_destroys_takes_an_answer_that_is_good_once() {
    let release = fixture::plugin("release", &fixture::sample("release"));
    let bundle = Bundle::build(&format!(
        "{release}grants.directories = [{{ host = \"./notes\", guest = \"/notes\", write = true }}]\n\
         [plugins.release.tools]\npublish_notes.confirm = \"always\"\nlist_notes.confirm = \"always\"\n"
    ));
    let catalog = bundle.catalog();
    let confirm = |name: &str| catalog.tools.iter().find(|tool| tool.name == name).unwrap().confirm;
    assert_eq!((confirm("publish_notes"), confirm("list_notes")), (Confirm::Once, Confirm::Always));
    let silent = fixture::plugin("scripted", &fixture::component("scripted"));
    let silent = Bundle::build(&format!("{silent}[plugins.scripted.tools.run]\nconfirm = \"always\"\n"));
    let run = silent.catalog().tools.into_iter().find(|tool| tool.name == "run").unwrap();
    assert_eq!(run.confirm, Confirm::Once, "a tool that says nothing may destroy");
    let bundle =
        Bundle::build(&format!("{}{CONFIRMED}\n", fixture::plugin("text", &fixture::sample("text"))));
    bundle.edit_catalog(|catalog| {
        for tool in catalog.tools.iter_mut().filter(|tool| tool.name == "make_slug") {
            tool.item.confirm = Confirm::Once;
        }
    });
    let server = Server::serving(bundle.open().unwrap_or_else(|problem| panic!("{problem}")));
    let call = slug(&server, "A b");
    let asked = call.asked();
    assert_eq!(
        call.go_on(&asked.state, &yes()).refusal().1,
        -32603,
        "it is never good twice, so not once either"
    );
}
