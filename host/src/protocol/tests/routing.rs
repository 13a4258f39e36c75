//! Steps 10 to 12: the envelope, headers that repeat it, and the revision's support.

use super::*;

const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

fn call(name: &str) -> Post {
    modern("tools/call", json!({"name": name}))
}

fn enveloped(meta: Value) -> Post {
    let body = json!({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta": meta}});
    post(body).header("MCP-Protocol-Version", "2026-07-28").header("Mcp-Method", "tools/list")
}

#[test]
fn an_envelope_names_revision_and_capabilities() {
    all_refused(
        StatusCode::BAD_REQUEST,
        -32602,
        [
            (enveloped(json!({CAPABILITIES: {}})), "protocolVersion'] is missing"),
            (enveloped(json!({VERSION: "2026-07-28"})), "clientCapabilities'] is missing"),
            (enveloped(json!({VERSION: 20260728, CAPABILITIES: {}})), "found a number"),
            (enveloped(json!({VERSION: null, CAPABILITIES: {}})), "protocolVersion'] is missing"),
            (enveloped(json!({VERSION: ["2026-07-28"], CAPABILITIES: {}})), "found an array"),
            (enveloped(json!({VERSION: "2026-07-28", CAPABILITIES: []})), "found an array"),
            (
                enveloped(json!({VERSION: "2026-07-28", CAPABILITIES: null})),
                "clientCapabilities'] is missing",
            ),
            (enveloped(json!({VERSION: "2026-07-28", CAPABILITIES: "all"})), "found a string"),
            (enveloped(json!({VERSION: "2026-07-28", CAPABILITIES: true})), "found a boolean"),
            (enveloped(json!({VERSION: "v999.0.0", CAPABILITIES: 1})), "clientCapabilities"),
            (enveloped(json!({VERSION: 1})).without("Mcp-Method"), "protocolVersion"),
        ],
    );
    assert!(matches!(enveloped(json!({VERSION: "2026-07-28", CAPABILITIES: {}})).send(), Parsed::Request(_)));
}

#[test]
fn an_envelope_without_introduction_is_enough_and_a_strange_one_does_no_harm() {
    for (introduction, name) in [
        (json!({"name": "c", "version": "1"}), Some("c")),
        (json!({"name": "c"}), Some("c")),
        (json!({"version": "1"}), None),
        (json!("me"), None),
        (json!(null), None),
    ] {
        let meta = json!({VERSION: "2026-07-28", CAPABILITIES: {}, "io.modelcontextprotocol/clientInfo": introduction});
        let client = enveloped(meta).request().meta.client;
        assert_eq!(client.as_ref().map(|client| client.name.as_str()), name, "{introduction}");
    }
}

#[test]
fn headers_must_say_what_the_body_says() {
    let post = || call("get_weather");
    all_refused(
        StatusCode::BAD_REQUEST,
        -32020,
        [
            (post().without("MCP-Protocol-Version"), "MCP-Protocol-Version header is missing"),
            (post().header("MCP-Protocol-Version", "2025-11-25"), "'2025-11-25'"),
            (post().header("MCP-Protocol-Version", ""), "MCP-Protocol-Version"),
            (post().also("MCP-Protocol-Version", "2025-11-25"), "different values"),
            (post().header("MCP-Protocol-Version", "2026-07-28, 2025-11-25"), "different values"),
            (post().without("Mcp-Method"), "Mcp-Method header is missing"),
            (post().header("Mcp-Method", "tools/list"), "'tools/list'"),
            (post().header("Mcp-Method", "TOOLS/CALL"), "'TOOLS/CALL'"),
            (post().header("Mcp-Method", "tools/call;x"), "Mcp-Method"),
            (post().also("Mcp-Method", "tools/call"), "more than once"),
            (post().without("Mcp-Name"), "expected 'get_weather', as params.name says"),
            (
                post().header("Mcp-Name", "get_time"),
                "expected 'get_weather', as params.name says, found 'get_time'",
            ),
            (post().header("Mcp-Name", "Get_Weather"), "Mcp-Name"),
            (post().header("Mcp-Name", ""), "Mcp-Name"),
            (post().also("mcp-name", "other"), "more than once"),
            (post().header("Mcp-Name", "get_weather\u{e9}"), "outside ASCII"),
            (post().header("Mcp-Name", "=?base64?Z2V0X3RpbWU=?="), "'get_time'"),
            (
                modern_as("v999.0.0", "tools/list", json!({})).header("MCP-Protocol-Version", "2026-07-28"),
                "'v999.0.0'",
            ),
        ],
    );
}

#[test]
fn header_names_have_no_case_and_values_no_space_around_them() {
    for post in [
        call("get_weather").without("Mcp-Name").header("MCP-NAME", "get_weather"),
        call("get_weather").without("Mcp-Method").header("mcp-method", "tools/call"),
        call("get_weather").header("mcp-PROTOCOL-version", "2026-07-28"),
        call("get_weather").header("Mcp-Name", "  get_weather  "),
        call("get_weather").header("Mcp-Method", "\ttools/call "),
        call("get_weather").header("Mcp-Name", "=?base64?Z2V0X3dlYXRoZXI=?="),
        call("wetter_für").header("Mcp-Name", "=?base64?d2V0dGVyX2bDvHI=?="),
        call(" spaced ").header("Mcp-Name", "=?base64?IHNwYWNlZCA=?="),
        call("").header("Mcp-Name", "=?base64??="),
        call("").header("Mcp-Name", ""),
        call("=?base64?Z2V0").header("Mcp-Name", "=?base64?Z2V0"),
        call("Z2V0?=").header("Mcp-Name", "Z2V0?="),
        call("=?BASE64?Z2V0?=").header("Mcp-Name", "=?BASE64?Z2V0?="),
        call("=?base64?=").header("Mcp-Name", "=?base64?="),
    ] {
        assert!(matches!(post.request().method, Method::CallTool(_)), "{:?}", post.headers);
    }
}

#[test]
fn the_name_of_a_resource_is_its_uri() {
    for (uri, header) in [
        ("docs:///a b", "docs:///a b"),
        ("docs:///a", "=?base64?ZG9jczovLy9h?="),
        ("docs:///\u{e9}", "=?base64?ZG9jczovLy/DqQ==?="),
    ] {
        let post = modern("resources/read", json!({"uri": uri})).header("Mcp-Name", header);
        let Method::ReadResource(read) = post.request().method else { panic!("{uri}") };
        assert_eq!(read.uri, uri);
        let get = modern("prompts/get", json!({"name": uri})).header("Mcp-Name", header);
        assert!(matches!(get.request().method, Method::GetPrompt(get) if get.name == uri));
    }
}

#[test]
fn base64_is_decoded_strictly() {
    for encoded in [
        "SGVsbG8",
        "SGVs!!!bG8=",
        "SGVsbG8==",
        "SGVsbG9=",
        "SGVsbG8=\n",
        "SGVs bG8=",
        "=",
        "A",
        "_-__",
        "wygK/w==",
        "SGVsbG8=x",
    ] {
        let value = format!("=?base64?{}?=", encoded.trim_end());
        if encoded.ends_with('\n') {
            continue; // no header can hold it
        }
        let (status, code, message) = call("Hello").header("Mcp-Name", &value).refusal();
        assert_eq!((status, code), (400, -32020), "{encoded}");
        assert!(message.starts_with("Mcp-Name: expected padded base64"), "{encoded}: {message}");
    }
}

#[test]
fn methods_about_nothing_in_particular_have_no_name() {
    for post in [
        modern("tools/list", json!({})).header("Mcp-Name", "whatever"),
        modern("tools/list", json!({"name": "x"})).without("Mcp-Name"),
        modern("server/discover", json!({})).also("Mcp-Name", "a").also("Mcp-Name", "b"),
    ] {
        assert!(matches!(post.send(), Parsed::Request(_)), "{:?}", post.headers);
    }
    for post in [
        modern("prompts/list", json!({})).header("Mcp-Name", "whatever"),
        modern("resources/list", json!({})).header("Mcp-Name", "whatever"),
        modern("resources/templates/list", json!({"uri": "a:b"})).without("Mcp-Name"),
        modern("completion/complete", completion::params()).header("Mcp-Name", "whatever"),
    ] {
        assert!(matches!(post.send(), Parsed::Request(_)), "{:?}", post.headers);
    }
}

#[test]
fn methods_about_something_repeat_it_whether_they_are_served_or_not() {
    let unserved = |method: &str, params: Value| modern(method, params).without("Mcp-Name");
    all_refused(
        StatusCode::BAD_REQUEST,
        -32020,
        [
            (unserved("prompts/get", json!({"name": "p"})), "expected 'p', as params.name says"),
            (
                modern("prompts/get", json!({"name": "p"})).header("Mcp-Name", "P"),
                "expected 'p', as params.name says, found 'P'",
            ),
            (
                modern("prompts/get", json!({"name": "p", "uri": "a:b"})).header("Mcp-Name", "a:b"),
                "params.name",
            ),
            (
                modern("resources/read", json!({"uri": "a:b"})).header("Mcp-Name", "a:c"),
                "expected 'a:b', as params.uri says, found 'a:c'",
            ),
            (
                modern("resources/read", json!({"uri": "a:b", "name": "n"})).header("Mcp-Name", "n"),
                "params.uri",
            ),
            (modern("resources/read", json!({"uri": "a:b"})).also("Mcp-Name", "a:b"), "more than once"),
            (unserved("resources/read", json!({"uri": "file:///a"})), "params.uri"),
            (unserved("tasks/get", json!({"taskId": "t"})), "params.taskId"),
            (unserved("tasks/update", json!({"taskId": "t"})), "params.taskId"),
            (unserved("tasks/cancel", json!({"taskId": "t"})), "params.taskId"),
        ],
    );
}

#[test]
fn a_legacy_request_has_no_routing_headers() {
    let post = legacy("2025-11-25", "tools/call", json!({"name": "a"}))
        .header("Mcp-Name", "b")
        .header("Mcp-Method", "c");
    assert!(matches!(post.request().method, Method::CallTool(_)));
}

#[test]
fn a_revision_that_header_and_body_agree_on_may_still_be_unknown() {
    for version in [
        "v999.0.0",
        "1900-01-01",
        "2026-07-29",
        "2099-12-31",
        "x",
        "",
        "2026-07-28 ",
        "2024-11-06",
        "DRAFT",
        "2025-11-2",
    ] {
        let post = modern_as(version, "tools/list", json!({})).header("MCP-Protocol-Version", version.trim());
        let (status, code, _) = post.refusal();
        // White space is part of the claim, but never of a header's value.
        let expected = if version.ends_with(' ') { -32020 } else { -32022 };
        assert_eq!((status, code), (400, expected), "{version:?}");
        let Parsed::Rejected(rejection) = post.send() else { panic!() };
        if expected == -32022 {
            let data = json!({"supported": ["2026-07-28"], "requested": version});
            assert_eq!(line(&rejection.body())["error"]["data"], data);
        }
    }
}

#[test]
fn what_a_client_wrote_is_shortened_and_escaped_in_messages() {
    let long = "x".repeat(500);
    let (_, _, message) = modern(&long, json!({})).refusal();
    assert!(message.len() < 120 && message.contains("..."), "{message}");
    let (_, _, message) = legacy("2025-11-25", "a\u{7}\u{202e}\n'b", json!({})).refusal();
    assert_eq!(message, r"unknown method 'a\u{7}\u{202e}\n'b'");
    let Parsed::Rejected(rejection) = post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        .header("MCP-Protocol-Version", &long)
        .send()
    else {
        panic!()
    };
    assert_eq!(line(&rejection.body())["error"]["data"]["requested"].as_str().unwrap().len(), 64);
}
