//! Plugins that ask in the middle of a call: questions, answers, rounds, and clients that cannot be asked.

use serde_json::{Value, json};
use toolcell_tests::http::Response;
use toolcell_tests::multi_round::{Asked, ask, failure, form, lines, named, scripted};
use toolcell_tests::{MultiRoundRequest, Revision, Server};

fn server() -> Server {
    Server::start(&scripted())
}

/// Returns a question of each kind, an answer to it, and the text that the plugin makes of it.
fn kinds() -> [(&'static str, Value, Value, &'static str); 4] {
    let url = json!({"url": {"message": "Sign in", "url": "https://example.com/sign-in"}});
    let prompt = json!({"role": "user", "content": {"text": {"text": "Hello?"}}});
    let sample =
        json!({"sample": {"messages": [prompt], "max_tokens": 10, "stop_sequences": [], "model_hints": []}});
    let sampled = json!({"role": "assistant", "content": {"type": "text", "text": "Hi!"}, "model": "m1"});
    let roots = json!({"roots": [{"uri": "file:///home", "name": "home"}]});
    [
        ("form", form("Name?"), named("Ann"), "Ann"),
        ("url", url, json!({"action": "accept"}), "UrlAnswer::Accepted"),
        ("sample", sample, sampled, "Hi!"),
        ("roots", json!("roots"), roots, "file:///home"),
    ]
}

fn assert_unfit(answer: &Response, path: &str, secret: &str) {
    let (status, code, message) = answer.refusal();
    assert_eq!((status, code), (200, -32602), "{message}");
    assert!(message.contains(path), "{message}");
    assert!(!String::from_utf8_lossy(&answer.body).contains(secret), "it repeats the value: {message}");
}

#[test]
fn a_question_of_each_kind_is_asked_and_its_answer_returned() {
    let server = server();
    for (key, question, response, read) in kinds() {
        let rounds = MultiRoundRequest::run(&server, json!([ask(key, &question)]));
        let asked = rounds.asked();
        assert_eq!(asked.keys(), [key]);
        let told = rounds.told(&asked.state, &json!({key: response}));
        assert!(told[0].contains(read), "{key}: {told:?}");
    }
}

#[test]
fn several_questions_are_asked_in_one_round_and_answered_in_their_order() {
    let server = server();
    let questions: Vec<_> = kinds().iter().map(|(key, question, ..)| json!([key, question])).collect();
    let rounds = MultiRoundRequest::run(&server, json!([{ "ask": questions }]));
    let asked = rounds.asked();
    assert_eq!(asked.keys(), ["form", "url", "sample", "roots"]);
    let responses = kinds().into_iter().map(|(key, _, response, _)| (key.to_owned(), response));
    let told = rounds.told(&asked.state, &Value::Object(responses.collect()));
    let places: Vec<_> = kinds().iter().map(|(.., read)| told[0].find(read)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told:?}");
}

#[test]
fn questions_that_were_not_answered_are_asked_again() {
    let server = server();
    let both = json!([{"ask": [["one", form("One?")], ["two", form("Two?")]]}]);
    let rounds = MultiRoundRequest::run(&server, both);
    let asked = rounds.asked();
    let again = rounds.asked_again(&asked.state, &json!({"one": named("Ann")}));
    assert_eq!(again.keys(), ["two"], "the first is answered");
    let told = rounds.told(&again.state, &json!({"two": named("Bob")}));
    assert!(told[0].contains("Ann") && told[0].contains("Bob"), "{told:?}");
}

#[test]
fn declines_and_cancels_are_values() {
    let server = server();
    let url = kinds()[1].1.clone();
    let rounds = MultiRoundRequest::run(&server, json!([ask("form", &form("Name?")), ask("url", &url)]));
    for (action, form, url) in [
        ("decline", "FormAnswer::Declined", "UrlAnswer::Declined"),
        ("cancel", "FormAnswer::Cancelled", "UrlAnswer::Cancelled"),
    ] {
        let answer = json!({ "action": action });
        let asked = rounds.asked();
        let asked = rounds.asked_again(&asked.state, &json!({"form": answer}));
        let told = rounds.told(&asked.state, &json!({"url": answer}));
        assert_eq!(told, [form, url]);
    }
}

#[test]
fn eight_rounds_are_asked_and_the_ninth_is_refused() {
    let server = server();
    let steps = |count: usize| {
        (0..count).map(|at| ask(&format!("q{at}"), &form(&format!("Number {at}?")))).collect::<Vec<_>>()
    };
    let rounds = |count: usize| {
        let rounds = MultiRoundRequest::run(&server, steps(count).into());
        let mut asked = rounds.asked();
        for at in 0..7 {
            let key = format!("q{at}");
            assert_eq!(asked.keys(), [key.as_str()]);
            asked = rounds.asked_again(&asked.state, &json!({key: named(&format!("name-{at}"))}));
        }
        rounds.go_on(&asked.state, &json!({"q7": named("name-7")}))
    };
    let told = lines(&rounds(8));
    assert!(told.iter().enumerate().all(|(at, line)| line.contains(&format!("name-{at}"))), "{told:?}");
    assert!(failure(&rounds(9)).contains("more than 8 rounds"));
}

#[test]
fn more_questions_than_a_round_may_ask_and_keys_that_repeat_are_refused() {
    let server = server();
    let questions =
        |count: usize| (0..count).map(|at| json!([format!("q{at}"), form("?")])).collect::<Vec<_>>();
    assert_eq!(MultiRoundRequest::run(&server, json!([{"ask": questions(16)}])).asked().keys().len(), 16);
    let many = MultiRoundRequest::run(&server, json!([{"ask": questions(17)}])).begin();
    assert!(failure(&many).contains("more than 16 questions"));
    let twice = json!([{"ask": [["q", form("One?")], ["q", form("Two?")]]}]);
    assert!(failure(&MultiRoundRequest::run(&server, twice).begin()).contains("two questions with one key"));
    let key = MultiRoundRequest::run(&server, json!([ask("no key", &form("?"))])).begin();
    assert!(failure(&key).contains("the key \"no key\""), "{}", failure(&key));
}

#[test]
fn a_client_without_the_capability_is_told_which_one_it_lacks() {
    let server = server();
    let required = [
        json!({"elicitation": {}}),
        json!({"elicitation": {"url": {}}}),
        json!({"sampling": {}}),
        json!({"roots": {}}),
    ];
    for ((key, question, ..), required) in kinds().into_iter().zip(required) {
        let steps = json!([ask(key, &question)]);
        let answer = MultiRoundRequest::run(&server, steps.clone()).capable(json!({})).begin();
        assert_eq!((answer.refusal().0, answer.refusal().1), (400, -32021), "{key}");
        assert_eq!(answer.json()["error"]["data"]["requiredCapabilities"], required);
        let capable = MultiRoundRequest::run(&server, steps).capable(required).asked();
        assert_eq!(capable.keys(), [key], "what it was told to declare is enough");
    }
}

#[test]
fn a_plugin_that_looks_first_has_something_else_to_do() {
    let server = server();
    let steps = json!([{"ask_if_possible": "name"}]);
    let rounds = MultiRoundRequest::run(&server, steps.clone());
    assert_eq!(rounds.asked().keys(), ["name"]);
    let told = lines(&rounds.capable(json!({"sampling": {}})).begin());
    assert!(told[0].starts_with("the user cannot be asked") && told[0].contains("SAMPLE"), "{told:?}");
    for revision in [Revision::November2025, Revision::June2025] {
        let called = server.client(revision).call("run", &json!({"steps": steps}));
        assert!(called.text.unwrap().contains("the user cannot be asked"), "{revision:?}");
    }
}

#[test]
fn a_client_of_an_older_revision_is_told_so_at_once() {
    let server = server();
    for revision in [Revision::November2025, Revision::June2025, Revision::March2025] {
        let client = server.client(revision);
        let called = client.call("run", &json!({"steps": [ask("name", &form("Name?"))]}));
        assert!(called.failure().contains("use a client of MCP revision 2026-07-28"), "{called:?}");
    }
}

#[test]
fn an_unfit_answer_is_refused_by_its_path_and_never_repeated() {
    let server = server();
    let secret = "canary-9876";
    let field = |name: &str, kind: Value| json!({"name": name, "required": true, "kind": kind});
    let choice = json!({"choice": {"choices": [{"value": "red"}]}});
    let fields = [
        field("word", json!({"text": {"max_length": 3}})),
        field("count", json!({"integer": {"maximum": "9"}})),
        field("color", choice),
    ];
    let question = json!({"form": {"message": "?", "fields": fields}});
    let rounds = MultiRoundRequest::run(&server, json!([ask("q", &question)]));
    let asked = rounds.asked();
    let fits = json!({"word": "abc", "count": 9, "color": "red"});
    let answer = |content: &Value| json!({"q": {"action": "accept", "content": content}});
    assert_eq!(rounds.told(&asked.state, &answer(&fits)).len(), 1, "the fitting one is taken");
    for (name, unfit) in [
        ("word", json!(secret)),
        ("word", json!([secret])),
        ("count", json!(98_765_432)),
        ("count", json!(secret)),
        ("color", json!(secret)),
        ("color", Value::Null),
    ] {
        let mut content = fits.clone();
        content[name] = unfit;
        let refused = rounds.go_on(&asked.state, &answer(&content));
        assert_unfit(&refused, &format!("params.inputResponses['q'].content.{name}"), "9876");
    }
    let shout = json!({"q": {"action": secret}});
    assert_unfit(&rounds.go_on(&asked.state, &shout), "params.inputResponses['q']", secret);
    let list = rounds.go_on(&asked.state, &json!({"q": [secret]}));
    assert_unfit(&list, "params.inputResponses", secret);
}

#[test]
fn prompts_and_resources_ask_as_tools_do() {
    let server = server();
    let prompt = json!({"name": "prompt_that_asks", "arguments": {"message": "Who?"}});
    let resource = json!({"uri": "scripted:///who"});
    for (method, params, message) in
        [("prompts/get", prompt, "Who?"), ("resources/read", resource, "scripted:///who")]
    {
        let rounds = MultiRoundRequest::new(&server, method, params.clone());
        let asked = rounds.asked();
        assert_eq!(asked.message("name"), message);
        let answer = rounds.go_on(&asked.state, &json!({"name": named("Ann")})).json();
        assert!(answer["result"].to_string().contains("Ann"), "{method}: {answer}");
        let lacking = rounds.capable(json!({})).begin();
        assert_eq!((lacking.refusal().0, lacking.refusal().1), (400, -32021), "{method}");
        let (_, code, text) = server.client(Revision::November2025).send(method, params).refusal();
        assert_eq!(code, -32603, "{method}: {text}");
        assert!(text.contains("2026-07-28"), "{method}: {text}");
    }
}

#[test]
fn lists_and_proposals_never_ask() {
    let server = server();
    for (method, member) in
        [("resources/list", "resources"), ("resources/templates/list", "resourceTemplates")]
    {
        let answer = MultiRoundRequest::new(&server, method, json!({})).begin().json();
        assert_eq!(answer["result"][member], json!([]), "{answer}");
        assert_eq!(answer["result"]["resultType"], "complete");
    }
    let reference = json!({"type": "ref/prompt", "name": "prompt_that_asks"});
    let argument = json!({"name": "message", "value": "W"});
    let params = json!({"ref": reference, "argument": argument});
    let refused = MultiRoundRequest::new(&server, "completion/complete", params).begin();
    assert_eq!(refused.refusal().1, -32603);
}

#[test]
fn answers_without_a_state_begin_a_first_round() {
    let server = server();
    let steps = json!([ask("name", &form("Name?"))]);
    let params = json!({
        "name": "run", "arguments": {"steps": steps}, "inputResponses": {"name": named("Ann")},
    });
    let asked = Asked::read(&MultiRoundRequest::new(&server, "tools/call", params).begin());
    assert_eq!(asked.keys(), ["name"], "the question was never asked, so its answer does not count");
}

#[test]
fn what_a_call_keeps_is_at_most_64_kib() {
    let server = server();
    let run = |bytes: u32| {
        MultiRoundRequest::run(&server, json!([{"remember_bytes": bytes}, ask("name", &form("Name?"))]))
    };
    let rounds = run(60_000);
    let asked = rounds.asked();
    assert_eq!(rounds.told(&asked.state, &json!({"name": named("Ann")})).len(), 2);
    for too_many in [65_400, 65_537, 1_000_000] {
        let text = failure(&run(too_many).begin());
        assert!(text.contains("take more than 65536 bytes"), "{too_many}: {text}");
    }
}

#[test]
fn questions_longer_than_the_output_of_a_call_are_refused_with_the_limit() {
    let server = Server::start(&format!("{}[plugins.scripted.limits]\noutput = \"64 KiB\"\n", scripted()));
    let escaped = "\"".repeat(40_000); // two bytes each in JSON
    let halves = ["one", "two"].map(|key| json!([key, form(&"\"".repeat(20_000))]));
    for steps in [json!([ask("form", &form(&escaped))]), json!([{ "ask": halves }])] {
        let answer = MultiRoundRequest::run(&server, steps).begin();
        assert!(answer.body.len() < 4096, "{} bytes", answer.body.len());
        let text = failure(&answer);
        assert!(
            text.ends_with("its questions take more than 65536 bytes, which is its limit `output`"),
            "{text}"
        );
    }
    let rounds = MultiRoundRequest::run(&server, json!([ask("form", &form(&"x".repeat(60_000)))]));
    assert_eq!(rounds.asked().keys(), ["form"]);
}

#[test]
fn a_form_of_many_choices_is_asked_and_answered_within_a_short_deadline() {
    let server = Server::start(&format!("{}[plugins.scripted.limits]\ndeadline = \"10 s\"\n", scripted()));
    let values: Vec<String> = (0..40_000).map(|at| format!("c{at}")).collect();
    let choices: Vec<_> = values.iter().map(|value| json!({ "value": value })).collect();
    let kind = json!({"choices": {"choices": choices, "default": values}});
    let question =
        json!({"form": {"message": "Which?", "fields": [{"name": "f", "required": true, "kind": kind}]}});
    let rounds = MultiRoundRequest::run(&server, json!([ask("form", &question)]));
    let asked = rounds.asked();
    let response = json!({"action": "accept", "content": {"f": values}});
    let told = rounds.told(&asked.state, &json!({"form": response}));
    assert!(told[0].contains("c39999"), "every choice came back");
}
