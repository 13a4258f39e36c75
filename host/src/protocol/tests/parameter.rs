//! Steps 13 and 15: methods, their parameters, and the optional part of `_meta`.

use super::*;

#[test]
fn a_method_is_read_with_its_parameters() {
    let name = |request: Request| request.method.name();
    let lists = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"];
    for method in lists.into_iter().chain(["server/discover"]) {
        assert_eq!(name(modern(method, json!({})).request()), method);
    }
    for method in lists.into_iter().chain(["ping"]) {
        assert_eq!(name(legacy("2025-06-18", method, json!({})).request()), method);
    }
    let level = legacy("2025-11-25", "logging/setLevel", json!({"level": "warning"})).request();
    assert_eq!(level.method, Method::SetLevel(Level::Warning));
}

#[test]
fn a_list_starts_where_its_cursor_says() {
    type Listing = fn(Option<String>) -> Method;
    let table: [(&str, Listing); 4] = [
        ("tools/list", |cursor| Method::ListTools { cursor }),
        ("resources/list", |cursor| Method::ListResources { cursor }),
        ("resources/templates/list", |cursor| Method::ListResourceTemplates { cursor }),
        ("prompts/list", |cursor| Method::ListPrompts { cursor }),
    ];
    for (method, expected) in table {
        for (params, cursor) in [
            (json!({}), None),
            (json!({"cursor": "abc"}), Some("abc".to_owned())),
            (json!({"cursor": ""}), Some(String::new())),
        ] {
            assert_eq!(modern(method, params.clone()).request().method, expected(cursor.clone()));
            for version in LEGACY {
                let found = legacy(version, method, params.clone()).request().method;
                assert_eq!(found, expected(cursor.clone()), "{version}");
            }
        }
        for cursor in [json!(1), json!({})] {
            let (status, code, message) = modern(method, json!({"cursor": cursor})).refusal();
            assert_eq!((status, code), (200, -32602), "{method}");
            assert!(message.contains("params.cursor"), "{message}");
        }
    }
}

#[test]
fn arguments_are_the_very_bytes_of_the_body() {
    let arguments = "{ \"b\" : 1e400,\"a\":[ \"\\ud800\", 18446744073709551616 ],\"a\":2 }";
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"arguments":{arguments} ,"name":"n\u0041"}}}}"#
    );
    let body = Bytes::from(body);
    let Parsed::Request(request) = send(post("").parts(), body.clone()) else { panic!() };
    let Method::CallTool(call) = request.method else { panic!() };
    assert_eq!((call.name.as_str(), &call.arguments[..]), ("nA", arguments.as_bytes()));
    let shared = body.as_ptr_range();
    assert!(shared.contains(&call.arguments.as_ptr()), "the arguments were copied");
}

#[test]
fn a_call_without_arguments_has_empty_ones() {
    let Method::CallTool(call) = modern("tools/call", json!({"name": "n"})).request().method else {
        panic!()
    };
    assert_eq!(&call.arguments[..], b"{}");
}

#[test]
fn a_method_that_is_unknown_removed_or_not_advertised_is_not_found() {
    let removed = [
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "resources/unsubscribe",
        "tasks/list",
        "tasks/result",
        "subscriptions/listen",
        "resources/templates",
        "resources/templates/read",
        "prompts/call",
        "completions/complete",
        "unknown/method",
        "",
        "tools",
        "tools/call/",
        "Tools/List",
        "notifications/initialized",
    ];
    for method in removed {
        let (status, code, message) = modern(method, json!({})).refusal();
        assert_eq!((status, code), (404, -32601), "{method}: {message}");
        assert!(message.contains(&format!("'{method}'")), "{message}");
    }
}

#[test]
fn a_legacy_client_hears_of_an_unknown_method_with_status_200() {
    for version in LEGACY {
        for method in
            ["server/discover", "subscriptions/listen", "resources/templates/read", "tasks/get", "x"]
        {
            let (status, code, _) = legacy(version, method, json!({})).refusal();
            assert_eq!((status, code), (200, -32601), "{version} {method}");
        }
    }
}

#[test]
fn a_feature_that_is_not_offered_has_no_methods() {
    let table = [
        (Feature::Tools, "tools/list", json!({})),
        (Feature::Tools, "tools/call", json!({"name": "n"})),
        (Feature::Resources, "resources/list", json!({})),
        (Feature::Resources, "resources/templates/list", json!({})),
        (Feature::Resources, "resources/read", json!({"uri": "a:b"})),
        (Feature::Prompts, "prompts/list", json!({})),
        (Feature::Prompts, "prompts/get", json!({"name": "n"})),
        (Feature::Completions, "completion/complete", completion::params()),
    ];
    let legacy_only = [
        (Feature::Resources, "resources/subscribe", json!({"uri": "a:b"})),
        (Feature::Resources, "resources/unsubscribe", json!({"uri": "a:b"})),
        (Feature::Logging, "logging/setLevel", json!({"level": "info"})),
    ];
    let new = table.clone().map(|(feature, method, params)| (feature, modern(method, params), 404));
    let known = table.into_iter().chain(legacy_only);
    let old = known.map(|(feature, method, params)| (feature, legacy("2025-06-18", method, params), 200));
    for (feature, post, status) in new.into_iter().chain(old) {
        let only = Features::NONE.with(feature);
        assert!(matches!(post.send_to(only), Parsed::Request(_)), "{feature:?}: {}", post.body);
        let others = Feature::ALL.into_iter().filter(|other| *other != feature);
        for features in [Features::NONE, others.fold(Features::NONE, Features::with)] {
            let (found, code, _) = post.refusal_by(features);
            assert_eq!((found, code), (status, -32601), "{feature:?}: {}", post.body);
        }
    }
}

#[test]
fn parameters_of_the_wrong_type_are_refused_in_band() {
    let call = |params: Value| modern("tools/call", params);
    let list = |cursor: Value| modern("tools/list", json!({"cursor": cursor}));
    let level = |params: Value| legacy("2025-11-25", "logging/setLevel", params);
    all_refused(
        StatusCode::OK,
        -32602,
        [
            (call(json!({})), "params.name is missing"),
            (call(json!({"name": 1})), "params.name: expected Unicode text, found a number"),
            (call(json!({"name": null})), "params.name"),
            (
                call(json!({"name": "n", "arguments": [1]})),
                "params.arguments: expected an object, found an array",
            ),
            (call(json!({"name": "n", "arguments": "{}"})), "found a string"),
            (call(json!({"name": "n", "arguments": 1})), "found a number"),
            (call(json!({"name": "n", "arguments": false})), "found a boolean"),
            (legacy("2025-11-25", "tools/call", json!({"name": "n", "arguments": []})), "params.arguments"),
            (legacy("2025-03-26", "tools/call", json!({"arguments": {}})), "params.name"),
            (list(json!(1)), "params.cursor"),
            (list(json!({})), "params.cursor"),
            (level(json!({})), "params.level is missing"),
            (level(json!({"level": "loud"})), "'loud'"),
            (level(json!({"level": 3})), "found a number"),
        ],
    );
}

fn with_meta(mut meta: Value) -> Post {
    let base = modern("tools/list", json!({"_meta": {}}));
    let mut body: Value = serde_json::from_str(&base.body).unwrap();
    let members = body["params"]["_meta"].as_object_mut().unwrap();
    members.append(meta.as_object_mut().unwrap());
    Post { body: body.to_string(), ..base }
}

#[test]
fn a_level_is_wanted_only_by_a_modern_request_that_says_so() {
    const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";
    let names = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
    let levels = names.map(|name| with_meta(json!({LOG_LEVEL: name})).request().meta.level.unwrap());
    assert!(levels.is_sorted() && levels.map(Level::name) == names);
    assert_eq!(with_meta(json!({})).request().meta.level, None);
    let bad = [json!("warn"), json!("INFO"), json!(""), json!(3), json!(["info"])];
    for level in bad {
        let (status, code, message) = with_meta(json!({LOG_LEVEL: level})).refusal();
        assert_eq!((status, code), (200, -32602), "{message}");
        assert!(
            message.contains("logLevel'] ") || message.contains("logLevel']: expected one of debug"),
            "{message}"
        );
    }
    let legacy = legacy("2025-11-25", "tools/list", json!({"_meta": {LOG_LEVEL: "warn"}}));
    assert_eq!(legacy.request().meta.level, None);
}

#[test]
fn a_progress_token_keeps_its_type() {
    for token in
        [json!(0), json!(7), json!(-1), json!("7"), json!(""), json!("a\"b"), json!(9007199254740993_u64)]
    {
        for post in [
            with_meta(json!({"progressToken": token})),
            legacy("2025-03-26", "tools/list", json!({"_meta": {"progressToken": token}})),
        ] {
            let found = post.request().meta.progress_token.unwrap();
            assert_eq!(found.as_json(), token.to_string().as_bytes());
        }
    }
    for token in [json!(1.5), json!(true), json!([]), json!({}), json!("x".repeat(MAX_ID_BYTES))] {
        let (status, code, message) = with_meta(json!({"progressToken": token})).refusal();
        assert_eq!((status, code), (200, -32602));
        assert!(message.contains("progressToken"), "{message}");
    }
}

#[test]
fn trace_context_is_kept_where_it_is_well_formed() {
    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let trace = |meta: Value| with_meta(meta).request().meta.trace;
    let kept = trace(json!({"traceparent": PARENT, "tracestate": "a=1,b=2", "baggage": "user=x;p=1, k=v"}));
    assert_eq!(kept.traceparent.as_deref(), Some(PARENT));
    assert_eq!(kept.tracestate.as_deref(), Some("a=1,b=2"));
    assert_eq!(kept.baggage.as_deref(), Some("user=x;p=1, k=v"));
    assert_eq!(trace(json!({"tracestate": "a=1"})), TraceContext::default(), "a state belongs to a parent");
    let upper = PARENT.to_uppercase();
    for parent in [
        "",
        "00",
        &upper,
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7-b7ad-01",
        "a\nb",
    ] {
        assert_eq!(trace(json!({"traceparent": parent})).traceparent, None, "{parent}");
    }
    let later = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x";
    assert_eq!(trace(json!({"traceparent": later})).traceparent.as_deref(), Some(later));
    for baggage in
        ["", "x", "=1", "a=\n", "a=1,,b=2", &"k=v,".repeat(100), &format!("a={}", "v".repeat(9000))]
    {
        let Parsed::Request(request) = with_meta(json!({"baggage": baggage})).send_to(ALL) else { panic!() };
        assert_eq!(request.meta.trace.baggage, None, "{baggage}");
    }
}

#[test]
fn capabilities_cover_what_they_hold() {
    let raw = |json: Value| serde_json::value::to_raw_value(&json).unwrap();
    let declared = json!({"elicitation": {"form": {}}, "sampling": {}, "extensions": {"a/b": {"x": 1}}});
    let body = modern("tools/list", json!({})).body.replace(
        r#""io.modelcontextprotocol/clientCapabilities":{}"#,
        &format!(r#""io.modelcontextprotocol/clientCapabilities":{declared}"#),
    );
    let capabilities = Post { body, ..modern("tools/list", json!({})) }.request().meta.capabilities;
    for (required, is_covered) in [
        (json!({}), true),
        (json!({"sampling": {}}), true),
        (json!({"elicitation": {}}), true),
        (json!({"elicitation": {"form": {}}}), true),
        (json!({"sampling": {}, "extensions": {"a/b": {"x": 1}}}), true),
        (json!({"elicitation": {"url": {}}}), false),
        (json!({"roots": {}}), false),
        (json!({"sampling": {}, "roots": {}}), false),
        (json!({"sampling": {"tools": {}}}), false),
        (json!({"extensions": {"a/b": {"x": 2}}}), false),
        (json!([]), false),
    ] {
        assert_eq!(capabilities.cover(&raw(required.clone())), is_covered, "{required}");
    }
    assert!(!ClientCapabilities::default().cover(&raw(json!({"sampling": {}}))));
}
