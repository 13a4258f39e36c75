//! Calls that ask run again from their start: values that repeat, values that do not, and messages that are sent once.

use serde_json::{Value, json};
use toolcell_tests::multi_round::{ask, form, named, scripted};
use toolcell_tests::{MultiRoundRequest, Server};

fn server() -> Server {
    Server::start(&scripted())
}

/// Returns the answers of two rounds.
fn names() -> [Value; 2] {
    [json!({"one": named("Ann")}), json!({"two": named("Bob")})]
}

#[test]
fn randomness_and_the_wall_clock_repeat_up_to_the_question() {
    let server = server();
    let rounds = MultiRoundRequest::run(&server, json!([{"draw": "one"}, {"draw": "two"}]));
    let [ann, bob] = names();
    let first = rounds.asked();
    let second = rounds.asked_again(&first.state, &ann);
    assert_eq!(second.keys(), ["two"], "the first question was the same again");
    let told = rounds.told(&second.state, &bob);
    assert!(told[0].starts_with(first.message("one")) && told[0].contains("Ann"), "{told:?}");
    assert!(told[1].starts_with(second.message("two")) && told[1].contains("Bob"), "{told:?}");
    let once_more = rounds.told(&second.state, &bob);
    assert_eq!(once_more[0], told[0], "what was answered before is the same in every try");
    let drawn = |text: &str| text.split(' ').next().map(str::to_owned);
    assert_ne!(drawn(first.message("one")), drawn(second.message("two")), "it draws on");
    assert_ne!(rounds.asked().message("one"), first.message("one"), "another call draws other numbers");
}

#[test]
fn a_question_that_has_changed_is_asked_again_and_consent_is_not_carried_over() {
    let server = server();
    for step in ["ask_elapsed", "ask_count"] {
        let rounds = MultiRoundRequest::run(&server, json!([{ step: "name" }]));
        let consent = json!({"name": named("Ann")});
        let asked = rounds.asked();
        let again = rounds.asked_again(&asked.state, &consent);
        assert_ne!(again.message("name"), asked.message("name"), "{step}");
        let third = rounds.asked_again(&again.state, &consent);
        assert_eq!(third.keys(), ["name"], "{step}");
    }
}

#[test]
fn memos_last_over_the_rounds_of_a_call_and_no_longer() {
    let server = server();
    let steps = json!([
        {"recall": "color"}, {"remember": ["color", "red"]}, {"recall": "color"},
        ask("one", &form("One?")), {"remember": ["color", "blue"]}, ask("two", &form("Two?")), {"recall": "color"},
    ]);
    let rounds = MultiRoundRequest::run(&server, steps);
    let [ann, bob] = names();
    let first = rounds.asked();
    let second = rounds.asked_again(&first.state, &ann);
    let told = rounds.told(&second.state, &bob);
    assert_eq!(told[0], r#"Some("blue")"#, "the second round has left it");
    assert_eq!((&*told[2], &*told[6]), (r#"Some("red")"#, r#"Some("blue")"#));
    let another = rounds.asked();
    let told = rounds.told(&rounds.asked_again(&another.state, &ann).state, &bob);
    assert_eq!(told[0], r#"Some("blue")"#, "of its own rounds");
    let recall = MultiRoundRequest::run(&server, json!([{"recall": "color"}, ask("one", &form("One?"))]));
    let asked = recall.asked();
    assert_eq!(recall.told(&asked.state, &ann)[0], "None", "another call has none");
}

#[test]
fn the_idempotency_key_is_the_calls_and_the_request_id_is_the_requests() {
    let server = server();
    let tell = json!({"ask": [["one", form("One?")]]});
    let steps = json!(["idempotency_key", "request_id", tell, ask("two", &form("Two?"))]);
    let rounds = MultiRoundRequest::run(&server, steps);
    let [ann, bob] = names();
    let call = || {
        let first = rounds.asked();
        let second = rounds.asked_again(&first.state, &ann);
        [rounds.told(&second.state, &bob), rounds.told(&second.state, &bob)]
    };
    let ([one, again], [other, _]) = (call(), call());
    assert_eq!(one[0].len(), 32, "{one:?}");
    assert_eq!(one[0], again[0], "a round that is sent twice");
    assert_ne!(one[0], other[0], "two calls");
    assert_ne!(one[1], again[1], "two requests");
}

#[test]
fn the_idempotency_key_is_the_same_in_every_round() {
    let server = server();
    let rounds =
        MultiRoundRequest::run(&server, json!([{"ask_key": "one"}, {"ask_key": "two"}, "idempotency_key"]));
    let [ann, bob] = names();
    let first = rounds.asked();
    let second = rounds.asked_again(&first.state, &ann);
    assert_eq!(second.keys(), ["two"], "the question with the key in it was not another one");
    let told = rounds.told(&second.state, &bob);
    assert_eq!((first.message("one"), second.message("two")), (&*told[2], &*told[2]));
}

#[test]
fn progress_and_messages_of_earlier_rounds_are_not_sent_again() {
    let server = server();
    let steps = json!([
        {"report": 1.0}, {"log": "before"}, ask("one", &form("One?")),
        {"report": 2.0}, {"log": "between"}, ask("two", &form("Two?")), {"report": 3.0},
    ]);
    let rounds = MultiRoundRequest::run(&server, steps).with_progress().meta("logLevel", "debug".into());
    let [ann, bob] = names();
    let seen = |request: toolcell_tests::http::Request| {
        let mut events = request.begin(server.address()).events();
        let response = events.pop().unwrap();
        let told = |event: &Value| match event["params"]["progress"].as_f64() {
            Some(progress) => progress.to_string(),
            None => event["params"]["data"].to_string(),
        };
        (events.iter().map(told).collect::<Vec<_>>(), response)
    };
    let state = |response: &Value| response["result"]["requestState"].as_str().unwrap().to_owned();
    let (told, response) = seen(rounds.request());
    assert!(told.len() == 2 && told[0] == "1" && told[1].contains("before"), "{told:?}");
    let (told, response) = seen(rounds.request_with(&state(&response), &ann));
    assert!(told.len() == 2 && told[0] == "2" && told[1].contains("between"), "{told:?}");
    let (told, response) = seen(rounds.request_with(&state(&response), &bob));
    assert_eq!(told, ["3"]);
    assert!(response["result"]["structuredContent"].is_object(), "{response}");
}
