//! Null for what is absent: one rule for each member under each revision.

use super::*;

/// The methods with parameters, each with those that it requires.
fn methods() -> [(&'static str, Value); 9] {
    [
        ("tools/list", json!({})),
        ("tools/call", json!({"name": "n"})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({"uri": "a:b"})),
        ("prompts/list", json!({})),
        ("prompts/get", json!({"name": "n"})),
        ("completion/complete", completion::params()),
        ("logging/setLevel", json!({"level": "info"})),
    ]
}

/// Members that some method reads, beside those that every method reads.
const PARAMS: [&str; 14] = [
    "name",
    "uri",
    "taskId",
    "arguments",
    "inputResponses",
    "requestState",
    "ref",
    "argument",
    "context",
    "cursor",
    "level",
    "protocolVersion",
    "clientInfo",
    "_meta",
];

/// The members of `_meta` that requests may leave out.
const META: [&str; 6] = [
    "progressToken",
    "traceparent",
    "tracestate",
    "baggage",
    "io.modelcontextprotocol/clientInfo",
    "io.modelcontextprotocol/logLevel",
];

/// Makes a request of a revision, with `edit` applied to its `params`.
fn request(version: &str, method: &str, params: Value, edit: impl Fn(&mut Value)) -> Post {
    let base = match version {
        "2026-07-28" => modern(method, params),
        _ => legacy(version, method, params),
    };
    let mut body: Value = serde_json::from_str(&base.body).unwrap();
    edit(&mut body["params"]);
    Post { body: body.to_string(), ..base }
}

/// What a post comes to, as text.
fn outcome(post: &Post) -> String {
    match post.send_to(ALL) {
        Parsed::Request(request) => format!("{:?} {:?}", request.method, request.meta),
        Parsed::Rejected(rejection) => format!("{} {}", rejection.status(), rejection.fault()),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_member_that_is_null_counts_as_absent_whatever_the_method_and_the_revision() {
    for version in ["2026-07-28"].into_iter().chain(LEGACY) {
        for (method, params) in methods() {
            for member in PARAMS {
                let is_envelope = member == "_meta" && version == "2026-07-28";
                let without = |params: &mut Value| {
                    params.as_object_mut().unwrap().remove(member);
                };
                let absent = outcome(&request(version, method, params.clone(), without));
                let null =
                    outcome(&request(version, method, params.clone(), |params| params[member] = Value::Null));
                assert_eq!(null, absent, "{version} {method} {member}");
                assert!(!is_envelope || null.contains("params._meta is missing"), "{null}");
            }
            for member in META {
                let absent = outcome(&request(version, method, params.clone(), |_| ()));
                let null = outcome(&request(version, method, params.clone(), |params| {
                    params["_meta"][member] = Value::Null
                }));
                assert_eq!(null, absent, "{version} {method} {member}");
            }
        }
    }
}

#[test]
fn optional_members_that_are_null_are_no_reason_to_refuse() {
    let table = [
        ("tools/list", json!({"cursor": null})),
        ("tools/call", json!({"name": "n", "arguments": null, "inputResponses": null, "requestState": null})),
        ("prompts/get", json!({"name": "n", "arguments": null})),
        ("prompts/get", json!({"name": "n", "arguments": {"a": null, "b": "1"}})),
        ("completion/complete", {
            let mut params = completion::params();
            params["context"] = Value::Null;
            params
        }),
        ("completion/complete", {
            let mut params = completion::params();
            params["context"] = json!({"arguments": null});
            params["ref"]["title"] = Value::Null;
            params
        }),
        ("completion/complete", {
            let mut params = completion::params();
            params["context"] = json!({"arguments": {"a": null, "b": "1"}});
            params
        }),
    ];
    for version in ["2026-07-28"].into_iter().chain(LEGACY) {
        for (method, params) in &table {
            let post = request(version, method, params.clone(), |_| ());
            let Parsed::Request(request) = post.send() else { panic!("{version}: {}", post.body) };
            if let Method::Complete(complete) = request.method {
                assert!(complete.context.iter().all(|(name, _)| name == "b"), "{complete:?}");
            }
        }
    }
}

#[test]
fn a_message_without_params_may_say_so_with_null() {
    for version in LEGACY {
        let post = post(
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null,"result":null,"error":null}"#,
        );
        let request = post.header("MCP-Protocol-Version", version).request();
        assert_eq!(request.method, Method::ListTools { cursor: None }, "{version}");
    }
    let modern = post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}"#);
    let (status, code, message) = modern.header("MCP-Protocol-Version", "2026-07-28").refusal();
    assert_eq!((status, code), (400, -32602));
    assert!(message.starts_with("params._meta is missing"), "{message}");
}

#[test]
fn a_claim_that_is_null_is_none() {
    for version in LEGACY {
        let mut params = json!({"_meta": {"io.modelcontextprotocol/protocolVersion": null}});
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = Value::Null;
        let request = legacy(version, "tools/list", params).request();
        assert_eq!(request.head.revision.name(), version);
    }
}

#[test]
fn only_a_notification_has_an_id_that_is_null() {
    let message =
        |method: &str| post(format!(r#"{{"jsonrpc":"2.0","id":null,"method":"{method}","params":null}}"#));
    assert!(matches!(message("notifications/initialized").send(), Parsed::Accepted));
    assert_eq!(message("tools/list").refusal().1, -32600, "a request would wait for ever");
    let response = post(r#"{"jsonrpc":"2.0","id":1,"method":null,"params":null,"result":null}"#);
    assert!(matches!(response.send(), Parsed::Accepted), "a response may be empty");
}

#[test]
fn a_null_hides_no_other_copy_of_its_member() {
    for params in
        [r#""name":"a","name":null"#, r#""name":null,"name":"a""#, r#""name":"a","cursor":null,"cursor":"b""#]
    {
        let post = post(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{{params}}}}}"#));
        assert_eq!((post.refusal().0, post.refusal().1), (400, -32600), "{params}");
    }
}
