//! Step 9: which revision a request is served under.

use super::*;

fn ping() -> Post {
    post(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
}

#[test]
fn a_request_without_claim_is_served_as_its_header_says() {
    for (header, served) in [
        (None, "2025-03-26"),
        (Some("2025-03-26"), "2025-03-26"),
        (Some("2025-06-18"), "2025-06-18"),
        (Some("2025-11-25"), "2025-11-25"),
        (Some("2024-11-05"), "2024-11-05"),
        (Some("  2025-11-25\t"), "2025-11-25"),
    ] {
        let post = header.map_or(ping(), |header| ping().header("mcp-protocol-version", header));
        assert_eq!(post.request().head.revision.name(), served, "{header:?}");
    }
}

#[test]
fn a_header_that_names_no_revision_gets_the_list() {
    for version in
        ["", "1999-01-01", "2025-11-26", "2026-07-27", "v2", "latest", "2026", "20260728", "2026-07-28x"]
    {
        let post = ping().header("MCP-Protocol-Version", version);
        assert_eq!((post.refusal().0, post.refusal().1), (400, -32022), "{version}");
        let Parsed::Rejected(rejection) = post.send() else { panic!() };
        let body = line(&rejection.body());
        assert_eq!(body["error"]["data"], json!({"supported": ["2026-07-28"], "requested": version}));
        assert_eq!(body["id"], 1);
    }
}

#[test]
fn a_modern_header_asks_for_the_envelope() {
    let params = |params: Value| json!({"jsonrpc":"2.0","id":1,"method":"tools/list","params":params});
    let with = |body: Value, version: &str| post(body).header("MCP-Protocol-Version", version);
    all_refused(
        StatusCode::BAD_REQUEST,
        -32602,
        [
            (ping().header("MCP-Protocol-Version", "2026-07-28"), "params._meta is missing"),
            (ping().header("MCP-Protocol-Version", "2027-01-01"), "params._meta is missing"),
            (ping().header("MCP-Protocol-Version", " 2026-07-28 "), "params._meta is missing"),
            (with(params(json!({})), "2026-07-28"), "params._meta is missing"),
            (with(params(json!({"_meta": null})), "2026-07-28"), "params._meta is missing"),
            (with(params(json!({"_meta": []})), "2026-07-28"), "found an array"),
            (with(params(json!({"_meta": {}})), "2026-07-28"), "protocolVersion"),
            (with(params(json!({"_meta": {"progressToken": 1}})), "2026-07-28"), "protocolVersion"),
            (with(json!({"jsonrpc":"2.0","id":1,"method":"server/discover"}), "2026-07-28"), "params._meta"),
            (post(r#"{"jsonrpc":"2.0","id":1,"method":"server/discover"}"#), "params._meta"),
        ],
    );
}

#[test]
fn a_claim_of_a_legacy_revision_is_served_as_that_revision() {
    for version in LEGACY {
        let post = modern_as(version, "tools/list", json!({}));
        assert_eq!(post.request().head.revision.name(), version);
        assert_eq!(post.clone().without("MCP-Protocol-Version").request().head.revision.name(), version);
        let other = post.header("MCP-Protocol-Version", "2026-07-28");
        assert_eq!((other.refusal().0, other.refusal().1), (400, -32020));
    }
}

#[test]
fn a_name_that_a_header_may_have_is_the_same_in_a_claim_and_in_a_handshake() {
    let names = (2024..=2026).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let dates =
        names.flat_map(|(year, month)| (1..=31).map(move |day| format!("{year}-{month:02}-{day:02}")));
    let mut accepted = Vec::new();
    for name in dates.filter(|name| name.as_str() < "2026-07-28") {
        let settled = legacy("2025-11-25", "initialize", initialize(&name)).request().head.revision;
        let header = legacy(&name, "tools/list", json!({}));
        if let Parsed::Request(request) = header.send() {
            assert_eq!(request.head.revision.name(), name, "the header");
            assert_eq!(settled.name(), name, "the handshake");
            let claim = modern_as(&name, "tools/list", json!({})).without("MCP-Protocol-Version");
            assert_eq!(claim.request().head.revision.name(), name, "the claim");
            accepted.push(name);
        } else {
            assert_eq!(settled.name(), "2025-11-25", "{name}");
        }
    }
    assert_eq!(accepted, ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]);
}

#[test]
fn copies_of_the_header_count_as_one_if_they_are_equal() {
    for (first, second, served) in [
        ("2025-11-25", "2025-11-25", Some("2025-11-25")),
        ("2025-06-18", "\t2025-06-18 ", Some("2025-06-18")),
        ("2025-11-25", "2025-06-18", None),
        ("2025-11-25", "", None),
        ("2025-11-25", "2026-07-28", None),
    ] {
        let copies = ping().header("MCP-Protocol-Version", first).also("mcp-protocol-version", second);
        // A Function URL joins copies to one.
        for post in [copies, ping().header("MCP-Protocol-Version", &format!("{first}, {second}"))] {
            match served {
                Some(revision) => assert_eq!(post.request().head.revision.name(), revision),
                None => assert_eq!((post.refusal().0, post.refusal().1), (400, -32020), "{first} {second}"),
            }
        }
    }
    let modern = modern("tools/list", json!({})).also("MCP-Protocol-Version", "2026-07-28");
    assert_eq!(modern.request().head.revision, Revision::MODERN);
}

fn initialize(version: &str) -> Value {
    let client = json!({"name": "c", "version": "1"});
    json!({"protocolVersion": version, "capabilities": {}, "clientInfo": client})
}

#[test]
fn a_handshake_settles_on_what_both_know() {
    let same = LEGACY.map(|version| (version, version));
    let latest = ["2026-07-28", "2024-10-07", "1.0.0", ""].map(|version| (version, "2025-11-25"));
    for (asked, settled) in same.into_iter().chain(latest) {
        let body = json!({"jsonrpc":"2.0","id":0,"method":"initialize","params":initialize(asked)});
        let request = post(body).request();
        assert_eq!(request.head.revision.name(), settled, "{asked}");
        let client = Some(ClientInfo { name: "c".to_owned(), version: "1".to_owned() });
        assert_eq!(request.method, Method::Initialize { client });
    }
}

#[test]
fn a_handshake_looks_at_the_header_only_if_that_knows_no_handshake() {
    for header in ["2025-11-25", "2024-11-05", "garbage", ""] {
        let post = legacy(header, "initialize", initialize("2025-06-18"));
        assert_eq!(post.request().head.revision.name(), "2025-06-18", "{header}");
    }
    for header in ["2026-07-28", "2026-12-01", "2030-01-01"] {
        let (status, code, message) = legacy(header, "initialize", initialize("2025-06-18")).refusal();
        assert_eq!((status, code), (400, -32020), "{message}");
        assert!(message.contains(header), "{message}");
    }
}

#[test]
fn a_handshake_that_asks_for_nothing_is_told_so() {
    for params in [json!({}), json!({"protocolVersion": 1}), json!({"protocolVersion": null})] {
        let (status, code, message) = legacy("2025-11-25", "initialize", params).refusal();
        assert_eq!((status, code), (200, -32602));
        assert!(message.contains("params.protocolVersion"), "{message}");
    }
}

#[test]
fn a_modern_request_to_initialize_meets_an_unknown_method() {
    let (status, code, message) = modern("initialize", initialize("2026-07-28")).refusal();
    assert_eq!((status, code), (404, -32601));
    assert!(message.contains("'initialize'"));
}

#[test]
fn an_initialize_with_half_an_envelope_is_a_handshake() {
    let mut params = initialize("2025-06-18");
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28".into();
    let body = json!({"jsonrpc":"2.0","id":0,"method":"initialize","params":params});
    assert_eq!(post(&body).request().head.revision.name(), "2025-06-18");
    assert_eq!(post(&body).header("MCP-Protocol-Version", "2026-07-28").refusal().1, -32020);
}

#[test]
fn sessions_and_event_ids_are_ignored() {
    let post = modern("tools/list", json!({})).header("mcp-session-id", "x").header("last-event-id", "7");
    assert_eq!(post.request().head.revision, Revision::MODERN);
}
