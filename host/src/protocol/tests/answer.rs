//! Tests the responses that a client reads.

use std::time::Duration;

use super::*;
use crate::mcp::CacheScope;
use crate::protocol::render::{CallToolResult, Content, Description, Outcome, Renderer};

pub(super) fn renderer() -> Renderer {
    let description = Description {
        name: "toolcell \"x\"",
        version: "1.2",
        title: Some("Tools\nof all kinds"),
        website_url: Some("https://example.com"),
        instructions: Some("Be kind."),
    };
    Renderer::new(&description, ALL, 300_000)
}

pub(super) fn head(version: &str) -> Head {
    match version {
        "2026-07-28" => modern("tools/list", json!({})).request().head,
        _ => legacy(version, "tools/list", json!({})).request().head,
    }
}

pub(super) fn server_info() -> Value {
    json!({"io.modelcontextprotocol/serverInfo":
        {"name": "toolcell \"x\"", "version": "1.2", "title": "Tools\nof all kinds", "websiteUrl": "https://example.com"}})
}

/// Everything, and nothing that a stateless server could not keep up.
fn capabilities() -> Value {
    json!({"tools": {}, "resources": {}, "prompts": {}, "completions": {}, "logging": {}})
}

#[test]
fn capabilities_are_shown_in_their_order() {
    let body = renderer().discover(&head("2026-07-28"), CacheScope::Public);
    let expected = r#""capabilities":{"tools":{},"resources":{},"prompts":{},"completions":{},"logging":{}}"#;
    assert!(String::from_utf8_lossy(&body).contains(expected));
    let few = Features::NONE.with(Feature::Prompts).with(Feature::Tools);
    let description =
        Description { name: "n", version: "1", title: None, website_url: None, instructions: None };
    let body = Renderer::new(&description, few, 1).discover(&head("2026-07-28"), CacheScope::Public);
    assert_eq!(line(&body)["result"]["capabilities"], json!({"tools": {}, "prompts": {}}));
}

#[test]
fn discovery_tells_everything_at_once() {
    let result = &line(&renderer().discover(&head("2026-07-28"), CacheScope::Public))["result"];
    assert_eq!(
        *result,
        json!({"resultType": "complete", "supportedVersions": ["2026-07-28"],
            "capabilities": capabilities(), "instructions": "Be kind.",
            "ttlMs": 300_000, "cacheScope": "public", "_meta": server_info()})
    );
}

#[test]
fn a_handshake_answers_with_the_revision_settled_on() {
    for version in LEGACY {
        let body = line(&renderer().initialize(&head(version)));
        assert_eq!((&body["jsonrpc"], &body["id"]), (&json!("2.0"), &json!(1)));
        let result = &body["result"];
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["capabilities"], capabilities());
        assert_eq!(result["serverInfo"]["name"], "toolcell \"x\"");
        assert_eq!(result["serverInfo"].get("title").is_some(), version > "2025-03-26");
        assert_eq!(result["instructions"], "Be kind.");
        assert_eq!(result.as_object().unwrap().len(), 4);
    }
}

#[test]
fn an_empty_result_is_empty_for_a_legacy_client() {
    for version in LEGACY {
        assert_eq!(&renderer().empty(&head(version))[..], br#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    }
    let result = &line(&renderer().empty(&head("2026-07-28")))["result"];
    assert_eq!(*result, json!({"resultType": "complete", "_meta": server_info()}));
}

fn called(version: &str, outcome: Outcome, content: Content<'_>) -> Value {
    let bytes = renderer()
        .call_tool(&head(version), &CallToolResult { outcome, content, meta: None, challenge: None });
    let mut result = line(&bytes)["result"].take();
    if version == "2026-07-28" {
        assert_eq!(result["resultType"], "complete");
        assert_eq!(result["_meta"], server_info());
        let members = result.as_object_mut().unwrap();
        members.retain(|name, _| name != "resultType" && name != "_meta");
    }
    result
}

#[test]
fn a_result_has_content_and_structure_where_the_revision_knows_it() {
    use Content::{Empty, Json, Text};
    use Outcome::{Failure, Success};
    let text = |text: &str| json!([{"type": "text", "text": text}]);
    let object = b"{\"a\":\n18446744073709551616}";
    for version in ["2026-07-28"].into_iter().chain(LEGACY) {
        assert_eq!(
            called(version, Success, Empty),
            json!({"content": text("done: the tool returned nothing")})
        );
        let blocks = |blocks| Content::Blocks { blocks, structured: None };
        let nothing = json!({"content": text("done: the tool returned nothing")});
        assert_eq!(called(version, Success, blocks(b"[]")), nothing);
        let one = called(version, Success, blocks(br#"[{"type":"text","text":""}]"#));
        assert_eq!(one, json!({"content": text("")}), "an empty text is what the tool said");
        let nothing = json!({"content": text("the tool reported an error"), "isError": true});
        assert_eq!(called(version, Failure, blocks(b"[]")), nothing);
        assert_eq!(called(version, Success, Text("a\r\n\u{1}\"")), json!({"content": text("a\r\n\u{1}\"")}));
        assert_eq!(called(version, Failure, Text("no")), json!({"content": text("no"), "isError": true}));
        assert_eq!(called(version, Failure, Empty), nothing);
        assert_eq!(
            called(version, Failure, Json(b"{\"a\":1}")),
            json!({"content": text("{\"a\":1}"), "isError": true})
        );
        assert_eq!(called(version, Success, Json(b"[1]")), json!({"content": text("[1]")}));
        let result = called(version, Success, Json(object));
        assert_eq!(result["content"], text("{\"a\":\n18446744073709551616}"));
        assert_eq!(result.get("structuredContent").is_some(), version > "2025-03-26", "{version}");
    }
    let call = CallToolResult { outcome: Success, content: Json(object), meta: None, challenge: None };
    let bytes = renderer().call_tool(&head("2026-07-28"), &call);
    let raw = r#""structuredContent":{"a": 18446744073709551616}"#;
    assert!(String::from_utf8_lossy(&bytes).contains(raw), "numbers are not rounded");
}

#[test]
fn faults_have_the_codes_and_statuses_of_the_protocol() {
    let text = String::new;
    let misfit = HeaderError::Repeated { header: text() };
    let required = serde_json::value::to_raw_value(&json!({"sampling": {}})).unwrap();
    for (fault, code, modern, legacy) in [
        (Fault::from(ParseError::NotUtf8), -32700, 400, 400),
        (ShapeError::NoMethod.into(), -32600, 400, 400),
        (Fault::Method { method: text() }, -32601, 404, 200),
        (EnvelopeError::NoMeta.into(), -32602, 400, 400),
        (ParamsError::State.into(), -32602, 200, 200),
        (Fault::Internal, -32603, 200, 200),
        (misfit.into(), -32020, 400, 400),
        (Fault::Capability { required }, -32021, 400, 200),
        (Fault::Version { requested: text() }, -32022, 400, 400),
        (Forbidden::NoHost.into(), -32600, 403, 403),
        (Fault::HttpMethod { method: text() }, -32600, 405, 405),
        (MediaTypeError::ContentTypes.into(), -32600, 415, 415),
        (Fault::NotAcceptable, -32600, 406, 406),
        (Fault::TooLarge { limit: 1 }, -32600, 413, 413),
        (Fault::TooSlow { idle: Duration::ZERO, total: Duration::ZERO }, -32600, 408, 408),
    ] {
        let found = Rejection::new(fault.clone(), &head("2026-07-28"));
        assert_eq!((found.fault().code(Era::Modern), found.status().as_u16()), (code, modern), "{fault:?}");
        assert_eq!(line(&found.body())["id"], 1);
        let found = Rejection::new(fault.clone(), &head("2025-11-25"));
        assert_eq!((found.fault().code(Era::Legacy), found.status().as_u16()), (code, legacy), "{fault:?}");
    }
}

#[test]
fn a_resource_that_is_not_found_is_named_under_the_code_of_the_revision() {
    let uri = format!("file:///\n{}", "x".repeat(500));
    for (version, code) in
        [("2026-07-28", -32602), ("2025-11-25", -32002), ("2025-06-18", -32002), ("2025-03-26", -32002)]
    {
        let rejection = Rejection::new(Fault::ResourceNotFound { uri: uri.clone() }, &head(version));
        let error = line(&rejection.body())["error"].take();
        assert_eq!((&error["code"], &error["data"]), (&json!(code), &json!({"uri": uri})), "{version}");
        let (status, _, message) = refusal(rejection);
        assert!(message.starts_with("unknown resource 'file:///") && message.ends_with("...'"), "{message}");
        assert_eq!(status, 200);
    }
}

#[test]
fn what_there_is_not_is_refused_by_name() {
    let (tool, prompt) = (Fault::unknown_tool("a\n"), Fault::unknown_prompt("b\n"));
    assert_eq!(tool.to_string(), r"unknown tool 'a\n'");
    assert_eq!(prompt.to_string(), r"unknown prompt 'b\n'");
    assert_eq!([tool, prompt].map(|fault| fault.code(Era::Legacy)), [-32602, -32602]);
}

#[test]
fn a_missing_capability_is_named_as_an_object() {
    let required = serde_json::value::RawValue::from_string("{\n\"sampling\":{}}".to_owned()).unwrap();
    let body = line(&Rejection::new(Fault::Capability { required }, &head("2026-07-28")).body());
    assert_eq!(body["error"]["data"], json!({"requiredCapabilities": {"sampling": {}}}));
}

#[test]
fn a_batch_is_answered_in_one_array() {
    let one = renderer().empty(&head("2025-03-26"));
    assert_eq!(line(&render::batch([one.clone(), one])).as_array().unwrap().len(), 2);
    assert_eq!(&render::batch([])[..], b"[]");
}

fn token(raw: Value) -> ProgressToken {
    legacy("2025-11-25", "ping", json!({"_meta": {"progressToken": raw}}))
        .request()
        .meta
        .progress_token
        .unwrap()
}

#[test]
fn progress_goes_to_the_token_that_asked_for_it() {
    use crate::protocol::notification::{Progress, progress};
    let report = |progress, total, message| Progress { progress, total, message };
    for (asked, report, params) in [
        (
            json!("abc"),
            report(50.0, Some(100.0), Some("half\nway")),
            r#"{"progressToken":"abc","progress":50,"total":100,"message":"half\nway"}"#,
        ),
        (json!(7), report(0.5, None, None), r#"{"progressToken":7,"progress":0.5}"#),
        (json!("7"), report(-1.0, Some(f64::INFINITY), None), r#"{"progressToken":"7","progress":-1}"#),
        (json!(1), report(1e300, Some(f64::NAN), None), r#"{"progressToken":1,"progress":1e+300}"#),
        (
            json!(1),
            report(f64::MIN_POSITIVE, None, None),
            r#"{"progressToken":1,"progress":2.2250738585072014e-308}"#,
        ),
    ] {
        let bytes = progress(&token(asked), &report).unwrap();
        line(&bytes);
        let expected = format!(r#"{{"jsonrpc":"2.0","method":"notifications/progress","params":{params}}}"#);
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }
    for endless in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(progress(&token(json!(1)), &report(endless, None, None)), None);
    }
}

#[test]
fn a_message_carries_level_logger_and_data() {
    let bytes = notification::message(Level::Warning, Some("plugin"), b"{\"a\":\n1}");
    let expected = json!({"jsonrpc": "2.0", "method": "notifications/message",
        "params": {"level": "warning", "logger": "plugin", "data": {"a": 1}}});
    assert_eq!(line(&bytes), expected);
}

#[test]
fn an_event_is_one_data_line_whatever_the_text() {
    let hostile = "x\n\ndata: forged\r\nevent: y\r\u{2028}\u{85}";
    let call = CallToolResult {
        outcome: Outcome::Success,
        content: Content::Text(hostile),
        meta: None,
        challenge: None,
    };
    let message = renderer().call_tool(&head("2026-07-28"), &call);
    let event = sse::event(&message);
    let text = String::from_utf8_lossy(&event);
    assert!(text.starts_with("event: message\ndata: {") && text.ends_with("}\n\n"));
    let data: Vec<&str> = text.split(['\n', '\r']).filter_map(|line| line.strip_prefix("data: ")).collect();
    assert_eq!(data.len(), 1);
    assert_eq!(line(data[0].as_bytes())["result"]["content"][0]["text"], hostile);
    assert_eq!(&sse::KEEP_ALIVE[..], b":\n\n");
}

#[test]
fn answers_say_what_they_are() {
    let mut headers = http::HeaderMap::new();
    sse::event_headers(&mut headers);
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["cache-control"], "no-cache, no-transform");
    assert_eq!(headers["x-accel-buffering"], "no");
    sse::json_headers(&mut headers);
    assert_eq!(headers["content-type"], "application/json");
}
