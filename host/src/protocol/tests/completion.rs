//! `completion/complete`: what is asked for.

use super::*;

/// Parameters that are in order.
pub(super) fn params() -> Value {
    json!({"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": "par"}})
}

fn with(path: &str, value: Value) -> Value {
    let mut params = params();
    params["context"] = json!({"arguments": {}});
    *params.pointer_mut(path).unwrap() = value;
    params
}

fn without(path: &str, member: &str) -> Value {
    let mut params = params();
    params.pointer_mut(path).unwrap().as_object_mut().unwrap().remove(member);
    params
}

fn text(text: &str) -> String {
    text.to_owned()
}

#[test]
fn a_completion_says_for_what_and_after_what() {
    let argument = Argument { name: text("a"), value: text("par") };
    let prompt = Complete { reference: Reference::Prompt(text("p")), argument, context: Vec::new() };
    let mut titled = params();
    titled["ref"]["title"] = json!("P");
    let settled = json!({"arguments": {"z": "1", "b": "", "\n": "\u{e9}"}});
    let settled_context = vec![(text("\n"), text("\u{e9}")), (text("b"), text("")), (text("z"), text("1"))];
    let mut with_context = params();
    with_context["context"] = settled;
    let template = json!({"type": "ref/resource", "uri": "{scheme}://{+path}"});
    let in_template =
        Complete { reference: Reference::Template(text("{scheme}://{+path}")), ..prompt.clone() };
    for (params, expected) in [
        (params(), prompt.clone()),
        (titled, prompt.clone()),
        (with("/context", json!({})), prompt.clone()),
        (with("/context/arguments", json!({})), prompt.clone()),
        (with("/argument/value", json!("")), {
            let argument = Argument { name: text("a"), value: text("") };
            Complete { argument, ..prompt.clone() }
        }),
        (with("/ref", template), in_template),
        (with_context, Complete { context: settled_context, ..prompt }),
    ] {
        let found = modern("completion/complete", params.clone()).request().method;
        let Method::Complete(mut found) = found else { panic!("{found:?}") };
        found.context.sort();
        assert_eq!(found, expected);
        for version in LEGACY {
            let method = legacy(version, "completion/complete", params.clone()).request().method;
            assert_eq!(method.name(), "completion/complete");
        }
    }
}

#[test]
fn settled_arguments_keep_their_order() {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"context":{"arguments":{"z":"1","a":"2"}},
        "ref":{"name":"p","type":"ref/prompt"},"argument":{"value":"","name":"n"}}}"#;
    let Method::Complete(complete) = post(body).request().method else { panic!() };
    assert_eq!(complete.context, [(text("z"), text("1")), (text("a"), text("2"))]);
}

#[test]
fn a_completion_that_lacks_something_is_told_what() {
    let long = json!("a:".repeat(MAX_URI_BYTES));
    let resource = |uri: Value| with("/ref", json!({"type": "ref/resource", "uri": uri}));
    let table = [
        (without("", "ref"), "params.ref is missing: expected an object"),
        (with("/ref", json!("p")), "params.ref: expected an object, found a string"),
        (with("/ref", json!(null)), "params.ref is missing: expected an object"),
        (without("/ref", "type"), "params.ref.type is missing: expected a string"),
        (with("/ref/type", json!(1)), "params.ref.type: expected Unicode text, found a number"),
        (
            with("/ref/type", json!("ref/tool")),
            "params.ref.type: expected ref/prompt or ref/resource, found 'ref/tool'",
        ),
        (without("/ref", "name"), "params.ref.name is missing"),
        (with("/ref/name", json!({})), "params.ref.name: expected Unicode text, found an object"),
        (with("/ref/type", json!("ref/resource")), "params.ref.uri is missing"),
        (resource(json!(1)), "params.ref.uri: expected Unicode text, found a number"),
        (resource(json!("")), "params.ref.uri: expected a URI, found an empty string"),
        (resource(json!("a:\u{7f}")), "params.ref.uri: expected a URI without control characters"),
        (resource(long), "params.ref.uri: expected at most 8192 bytes, found 16384"),
        (without("", "argument"), "params.argument is missing: expected an object"),
        (with("/argument", json!([])), "params.argument: expected an object, found an array"),
        (without("/argument", "name"), "params.argument.name is missing"),
        (with("/argument/name", json!(1)), "params.argument.name: expected Unicode text, found a number"),
        (without("/argument", "value"), "params.argument.value is missing"),
        (with("/argument/value", json!(null)), "params.argument.value is missing"),
        (with("/context", json!([])), "params.context: expected an object, found an array"),
        (
            with("/context/arguments", json!({"a": "1", "b'": 2})),
            "params.context.arguments['b'']: expected Unicode text, found a number",
        ),
    ];
    for (params, names) in table {
        for post in [
            modern("completion/complete", params.clone()),
            legacy("2025-11-25", "completion/complete", params.clone()),
            legacy("2025-03-26", "completion/complete", params),
        ] {
            let (status, code, message) = post.refusal_by(ALL);
            assert_eq!((status, code), (200, -32602), "{message}");
            assert!(message.contains(names), "{message:?} does not name {names:?}");
        }
    }
}

#[test]
fn a_member_inside_that_is_given_twice_is_refused() {
    let complete = |params: &str| {
        post(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{{{params}}}}}"#))
    };
    let reference = r#""ref":{"type":"ref/prompt","name":"p"}"#;
    let argument = r#""argument":{"name":"n","value":""}"#;
    all_refused(
        StatusCode::BAD_REQUEST,
        -32600,
        [
            (
                complete(&format!(r#""ref":{{"type":"ref/prompt","name":"p","name":"q"}},{argument}"#)),
                "params.ref holds 'name' more than once",
            ),
            (
                complete(&format!(r#"{reference},"argument":{{"name":"n","value":"","v\u0061lue":""}}"#)),
                "params.argument holds 'value' more than once",
            ),
            (
                complete(&format!(r#"{reference},{argument},"context":{{"arguments":{{"a":"","a":""}}}}"#)),
                "params.context.arguments holds 'a' more than once",
            ),
            (complete(&format!("{reference},{reference},{argument}")), "params.ref occurs more than once"),
            (complete(&format!("{reference},{argument},{argument}")), "params.argument occurs"),
            (
                complete(&format!(r#"{reference},{argument},"context":{{}},"context":{{}}"#)),
                "params.context occurs",
            ),
        ],
    );
}
