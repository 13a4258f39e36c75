//! `prompts/get`: a name, and arguments that are all texts.

use super::*;

fn get(params: Value) -> GetPrompt {
    let modern = modern("prompts/get", params.clone()).request().method;
    for version in LEGACY {
        assert_eq!(legacy(version, "prompts/get", params.clone()).request().method, modern, "{version}");
    }
    let Method::GetPrompt(get) = modern else { panic!("{modern:?}") };
    get
}

#[test]
fn a_prompt_has_a_name_and_texts_for_arguments() {
    for (params, arguments) in [
        (json!({"name": "p"}), json!({})),
        (json!({"name": "p", "arguments": {}}), json!({})),
        (json!({"name": "p", "arguments": {"a": "1", "": "\u{e9}"}}), json!({"a": "1", "": "\u{e9}"})),
    ] {
        let found = get(params);
        assert_eq!((found.name.as_str(), line(&found.arguments)), ("p", arguments));
        assert_eq!(found.input, Input::default());
    }
}

#[test]
fn arguments_of_a_prompt_are_the_very_bytes_of_the_body() {
    let arguments = "{ \"b\" : \"\\u0041\",\n\"a\":\"\" }";
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{{"arguments":{arguments} ,"name":"n"}}}}"#
    );
    let body = Bytes::from(body);
    let Parsed::Request(request) = send(post("").parts(), body.clone()) else { panic!() };
    let Method::GetPrompt(get) = request.method else { panic!() };
    assert_eq!(&get.arguments[..], arguments.as_bytes());
    assert!(body.as_ptr_range().contains(&get.arguments.as_ptr()), "the arguments were copied");
}

#[test]
fn a_prompt_without_name_or_with_other_arguments_is_refused() {
    let arguments = |arguments: Value| json!({"name": "p", "arguments": arguments});
    let table = [
        (json!({}), "params.name is missing: expected a string"),
        (json!({"name": 1}), "params.name: expected Unicode text, found a number"),
        (json!({"name": null}), "params.name is missing: expected a string"),
        (arguments(json!(["a"])), "params.arguments: expected an object, found an array"),
        (arguments(json!("a")), "params.arguments: expected an object, found a string"),
        (
            arguments(json!({"a": "1", "x": 1})),
            "params.arguments['x']: expected Unicode text, found a number",
        ),
        (arguments(json!({"x\n": 1.5})), r"params.arguments['x\n']: expected Unicode text, found a number"),
        (arguments(json!({"x": {}})), "params.arguments['x']: expected Unicode text, found an object"),
        (arguments(json!({"x": true})), "found a boolean"),
        (arguments(json!({"x": ["y"]})), "found an array"),
    ];
    for (params, names) in table {
        let posts = [
            modern("prompts/get", params.clone()),
            legacy("2025-11-25", "prompts/get", params.clone()),
            legacy("2025-03-26", "prompts/get", params),
        ];
        all_refused(StatusCode::OK, -32602, posts.map(|post| (post, names)));
    }
}

#[test]
fn arguments_that_two_readers_would_read_differently_are_refused() {
    let with = |arguments: &str| {
        post(format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{{"name":"p","arguments":{arguments}}}}}"#
        ))
    };
    all_refused(
        StatusCode::BAD_REQUEST,
        -32600,
        [
            (with(r#"{"a":"1","b":"2","a":"1"}"#), "params.arguments holds 'a' more than once"),
            (with(r#"{"a":"1","\u0061":"2"}"#), "params.arguments holds 'a' more than once"),
        ],
    );
    all_refused(
        StatusCode::OK,
        -32602,
        [
            (with(r#"{"a":"\ud800"}"#), "params.arguments['a']: expected Unicode text"),
            (with(r#"{"\ud800":"a"}"#), "params.arguments: expected names in Unicode text"),
        ],
    );
}
