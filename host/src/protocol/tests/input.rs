//! Tests the answers and state of a request that continues an earlier round.

use super::*;

/// The methods that may be asked back, each with parameters that are in order.
fn askable() -> [(&'static str, Value); 3] {
    [
        ("tools/call", json!({"name": "n"})),
        ("resources/read", json!({"uri": "a:b"})),
        ("prompts/get", json!({"name": "n"})),
    ]
}

fn with(mut params: Value, members: &Value) -> Value {
    params.as_object_mut().unwrap().append(&mut members.as_object().unwrap().clone());
    params
}

fn input(parsed: Parsed) -> Input {
    let Parsed::Request(request) = parsed else { panic!("{parsed:?}") };
    match request.method {
        Method::CallTool(CallTool { input, .. })
        | Method::ReadResource(ReadResource { input, .. })
        | Method::GetPrompt(GetPrompt { input, .. }) => input,
        other => panic!("{other:?}"),
    }
}

/// Checks that each method under a modern revision refuses `members`.
#[track_caller]
fn refused(members: &Value, names: &str) {
    for (method, params) in askable() {
        let (status, code, message) = modern(method, with(params, members)).refusal_by(ALL);
        assert_eq!((status, code), (200, -32602), "{method}: {message}");
        assert_eq!(message, names, "{method}");
    }
}

#[test]
fn answers_and_state_are_handed_on_as_they_came() {
    let answers = json!({"name": {"action": "accept", "content": {"a": 1}}, "\n": {}});
    for (members, responses, state) in [
        (json!({}), None, None),
        (json!({"inputResponses": {}}), Some(json!({})), None),
        (json!({"requestState": ""}), None, Some("")),
        (json!({"inputResponses": answers, "requestState": "v1.\u{e9}"}), Some(answers), Some("v1.\u{e9}")),
    ] {
        for (method, params) in askable() {
            let found = input(modern(method, with(params, &members)).send());
            assert_eq!(found.responses.map(|json| line(&json)), responses, "{method}");
            assert_eq!(found.state.as_deref(), state, "{method}");
        }
    }
}

#[test]
fn answers_are_the_very_bytes_of_the_body() {
    let responses = "{ \"k\" : {\"x\":1e400,\"x\":\"\\ud800\"} }";
    let post = modern("tools/call", json!({"name": "n", "inputResponses": {"k": "here"}}));
    let body = Bytes::from(post.body.replace(r#"{"k":"here"}"#, responses));
    let found = input(send(post.parts(), body.clone())).responses.unwrap();
    assert_eq!(&found[..], responses.as_bytes());
    assert!(body.as_ptr_range().contains(&found.as_ptr()), "the answers were copied");
}

#[test]
fn an_older_revision_knows_neither() {
    for members in [
        json!({"inputResponses": {"k": {}}, "requestState": "s"}),
        json!({"inputResponses": null, "requestState": 1}),
        json!({"inputResponses": {"k": 1}, "requestState": {}}),
    ] {
        for version in LEGACY {
            for (method, params) in askable() {
                let found = input(legacy(version, method, with(params, &members)).send());
                assert_eq!(found, Input::default(), "{version} {method}");
            }
        }
    }
}

#[test]
fn methods_that_ask_nothing_ignore_both() {
    let members = json!({"inputResponses": null, "requestState": 1});
    for method in ["tools/list", "prompts/list", "resources/list", "server/discover"] {
        assert!(matches!(modern(method, members.clone()).send(), Parsed::Request(_)), "{method}");
    }
    let complete = modern("completion/complete", with(completion::params(), &members));
    assert!(matches!(complete.send(), Parsed::Request(_)));
}

#[test]
fn answers_that_are_none_are_refused() {
    let responses = |value: Value| json!({"inputResponses": value});
    refused(&responses(json!([{}])), "params.inputResponses: expected an object, found an array");
    refused(&responses(json!("{}")), "params.inputResponses: expected an object, found a string");
    for (value, kind) in [
        (json!(12345), "a number"),
        (json!(null), "null"),
        (json!("accept"), "a string"),
        (json!([]), "an array"),
        (json!(true), "a boolean"),
    ] {
        let expected = format!("params.inputResponses['user_name']: expected an object, found {kind}");
        refused(&responses(json!({"a": {}, "user_name": value})), &expected);
    }
    let long = format!(r"params.inputResponses['\n{}...']: expected an object, found null", "x".repeat(63));
    refused(&responses(json!({ format!("\n{}", "x".repeat(99)): null })), &long);
}

#[test]
fn two_answers_of_one_name_are_refused() {
    for twice in [r#"{"k":{},"k":{}}"#, r#"{"k":{"a":1},"\u006b":{}}"#] {
        for (method, params) in askable() {
            let post = modern(method, with(params, &json!({"inputResponses": {"k": "here"}})));
            let body = post.body.replace(r#"{"k":"here"}"#, twice);
            let (status, code, message) = Post { body, ..post }.refusal();
            assert_eq!((status, code), (400, -32600));
            assert_eq!(message, "params.inputResponses holds 'k' more than once");
        }
    }
    let body = |post: &Post| post.body.replace(r#""requestState""#, r#""requestState":"t","requestState""#);
    let post = modern("tools/call", json!({"name": "n", "requestState": "s"}));
    let body = body(&post);
    let (_, code, message) = Post { body, ..post }.refusal();
    assert_eq!((code, message.as_str()), (-32600, "params.requestState occurs more than once"));
}

#[test]
fn as_many_answers_as_the_limit_are_read_and_no_more() {
    let answers = |count: usize| {
        let answers: serde_json::Map<_, _> = (0..count).map(|place| (place.to_string(), json!({}))).collect();
        json!({"inputResponses": answers})
    };
    for (method, params) in askable() {
        let found = input(modern(method, with(params, &answers(MAX_RESPONSES))).send());
        assert_eq!(line(&found.responses.unwrap()).as_object().unwrap().len(), MAX_RESPONSES);
    }
    refused(&answers(MAX_RESPONSES + 1), "params.inputResponses: expected at most 32 members, found 33");
}

#[test]
fn a_state_that_is_no_text_is_refused() {
    for (value, kind) in [(json!(1), "a number"), (json!({}), "an object"), (json!(["s"]), "an array")] {
        let expected = format!("params.requestState: expected Unicode text, found {kind}");
        refused(&json!({"requestState": value}), &expected);
    }
}

#[test]
fn a_state_may_be_as_long_as_the_limit_and_no_longer() {
    let state = |bytes: usize| json!({"requestState": "s".repeat(bytes)});
    for (method, params) in askable() {
        let found = input(modern(method, with(params, &state(MAX_STATE_BYTES))).send_to(ALL));
        assert_eq!(found.state.map(|state| state.len()), Some(MAX_STATE_BYTES));
    }
    refused(&state(MAX_STATE_BYTES + 1), "params.requestState: expected at most 131072 bytes, found 131073");
}
