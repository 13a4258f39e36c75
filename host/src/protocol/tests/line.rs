//! Messages that come as lines: no headers, but what the client has settled before.

use super::*;
use crate::protocol::sse;

/// Returns the settings of a client of a revision; `None` stands for one before its handshake.
fn settled(revision: Option<&str>, level: Option<Level>) -> Settled {
    Settled { revision: revision.map(|name| Revision::legacy(name).unwrap()), level }
}

/// Sends a line after what was settled.
fn line_after(settled: Settled, body: &Value) -> Parsed {
    let mut parts = post(body).parts();
    parts.extensions.insert(settled);
    send(parts, body.to_string().into())
}

fn message(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

fn modern_params(name: Option<&str>) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    match name {
        Some(name) => json!({"name": name, "_meta": meta}),
        None => json!({"_meta": meta}),
    }
}

#[track_caller]
fn request(parsed: Parsed) -> Request {
    match parsed {
        Parsed::Request(request) => *request,
        other => panic!("expected a request, got {other:?}"),
    }
}

#[test]
fn the_revision_of_a_line_is_its_own_else_that_of_the_handshake() {
    let list = |meta: Value| message("tools/list", json!({"_meta": meta}));
    let claim = |name: &str| json!({"io.modelcontextprotocol/protocolVersion": name});
    for revision in LEGACY {
        let after = settled(Some(revision), None);
        let plain = request(line_after(after, &list(json!({}))));
        assert_eq!(plain.head.revision.name(), revision);
        let modern = request(line_after(after, &message("tools/call", modern_params(Some("t")))));
        assert_eq!(modern.head.revision, Revision::MODERN, "both eras in one process");
        for other in LEGACY {
            let claimed = request(line_after(after, &list(claim(other))));
            assert_eq!(claimed.head.revision.name(), other, "there is no header that it contradicts");
            let shaken = message("initialize", json!({"protocolVersion": other}));
            assert_eq!(request(line_after(after, &shaken)).head.revision.name(), other, "a new handshake");
        }
    }
    let before = settled(None, None);
    let plain = request(line_after(before, &list(json!({}))));
    assert_eq!(plain.head.revision, Revision::WITHOUT_HEADER, "as without the header");
    assert!(matches!(
        line_after(before, &message("server/discover", modern_params(None))),
        Parsed::Request(_)
    ));
    for (refused, code) in [
        (message("server/discover", json!({})), -32602),
        (list(claim("1999-01-01")), -32602),
        (
            message(
                "tools/list",
                json!({"_meta": {
                    "io.modelcontextprotocol/protocolVersion": "2099-01-01",
                    "io.modelcontextprotocol/clientCapabilities": {},
                }}),
            ),
            -32022,
        ),
    ] {
        let Parsed::Rejected(rejection) = line_after(before, &refused) else { panic!("{refused}") };
        assert_eq!(refusal(rejection).1, code, "{refused}");
    }
}

#[test]
fn a_level_that_was_set_counts_for_requests_of_earlier_revisions() {
    let list = message("tools/list", json!({}));
    let level = |settled, line: &Value| request(line_after(settled, line)).meta.level;
    assert_eq!(level(settled(Some("2025-11-25"), Some(Level::Error)), &list), Some(Level::Error));
    assert_eq!(level(settled(Some("2025-11-25"), None), &list), None);
    let modern = message("tools/list", modern_params(None));
    assert_eq!(level(settled(None, Some(Level::Error)), &modern), None, "it says itself what it wants");
    assert_eq!(legacy("2025-11-25", "tools/list", json!({})).request().meta.level, None, "over HTTP");
}

#[test]
fn responses_are_dropped_and_batches_are_those_of_the_handshake() {
    let response = json!({"jsonrpc": "2.0", "id": 1, "result": {}});
    let batch = json!([message("ping", json!({}))]);
    for revision in LEGACY.map(Some).into_iter().chain([None]) {
        let after = settled(revision, None);
        assert!(matches!(line_after(after, &response), Parsed::Accepted), "{revision:?}");
        let takes_batches = matches!(line_after(after, &batch), Parsed::Batch(_));
        assert_eq!(takes_batches, !matches!(revision, Some("2025-11-25" | "2025-06-18")), "{revision:?}");
    }
}

#[test]
fn a_look_at_a_message_finds_its_id_and_what_it_ends() {
    let id =
        |json: &str| Id::parse(&serde_json::value::RawValue::from_string(json.to_owned()).unwrap()).unwrap();
    let cancelled = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":"#;
    for (text, expected) in [
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#.to_owned(), Peek::Request(id("7"))),
        (
            r#"{"method":"tools/call","params":{"name":1},"jsonrpc":"2.0","id":"a"}"#.to_owned(),
            Peek::Request(id("\"a\"")),
        ),
        (r#"{"jsonrpc":"2.0","id":7,"method":"initialize"}"#.to_owned(), Peek::Settling(id("7"))),
        (r#"{"jsonrpc":"2.0","id":7,"method":"logging/setLevel"}"#.to_owned(), Peek::Settling(id("7"))),
        (format!(r#"{cancelled}{{"requestId":7}}}}"#), Peek::Cancellation(id("7"))),
        (format!(r#"{cancelled}{{"requestId":"7","reason":"x"}}}}"#), Peek::Cancellation(id("\"7\""))),
        (format!(r#"{cancelled}{{"requestId":null}}}}"#), Peek::Other),
        (format!(r#"{cancelled}{{"requestId":1.5}}}}"#), Peek::Other),
        (format!(r#"{cancelled}{{"requestId":1,"requestId":2}}}}"#), Peek::Other),
        (format!("{cancelled}{{}}}}"), Peek::Other),
        (r#"{"jsonrpc":"2.0","method":"notifications/cancelled"}"#.to_owned(), Peek::Other),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"notifications/cancelled","params":{"requestId":7}}"#
                .to_owned(),
            Peek::Request(id("7")),
        ),
        (
            r#"{"jsonrpc":"2.0","method":"notifications/other","params":{"requestId":7}}"#.to_owned(),
            Peek::Other,
        ),
        (r#"{"jsonrpc":"2.0","id":7,"result":{}}"#.to_owned(), Peek::Other),
        (r#"{"id":7,"method":"ping"}"#.to_owned(), Peek::Other),
        (r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#.to_owned(), Peek::Other),
        ("nonsense".to_owned(), Peek::Other),
        (
            format!(r#"{{"jsonrpc":"2.0","id":7,"method":"ping","params":{{"a":"{}"}}}}"#, "x".repeat(LIMIT)),
            Peek::Other,
        ),
        ("[".repeat(LIMIT), Peek::Other),
    ] {
        assert_eq!(peek(&Bytes::from(text.clone()), LIMIT), expected, "{text}");
    }
}

#[test]
fn an_error_without_an_id_gets_one_and_nothing_else_does() {
    let id = || Id::NULL;
    let nameless = Rejection::from(Fault::Internal).body();
    let expected =
        json!({"jsonrpc": "2.0", "id": null, "error": {"code": -32603, "message": "internal error"}});
    assert_eq!(line(&named(nameless, &id())), expected);
    let head = post(message("nothing", json!({}))).refusal_bytes();
    assert_eq!(line(&named(head.clone(), &id())), line(&head), "it names its request");
    for other in [r#"{"jsonrpc":"2.0","id":1,"result":{"error":1}}"#, "[]", ""] {
        assert_eq!(named(Bytes::from(other), &id()), other);
    }
}

#[test]
fn an_event_gives_its_message_back_on_one_line() {
    let text = "{\"a\":\"\u{2028}b\u{85}\"}";
    let message = sse::message(&sse::event(text.as_bytes())).unwrap();
    assert_eq!(line(&message), serde_json::from_str::<Value>(text).unwrap());
    assert_eq!(sse::message(&sse::KEEP_ALIVE), None);
}
