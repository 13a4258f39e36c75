//! Steps 7 and 8: JSON, and the shape of a JSON-RPC message.

use super::*;

#[test]
fn what_is_not_json_is_a_parse_error_without_id() {
    let table = [
        ("", "not JSON"),
        ("  ", "not JSON"),
        ("hello", "not JSON"),
        ("{", "not JSON"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"} x"#, "not JSON"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}{}"#, "not JSON"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping",}"#, "not JSON"),
        (r#"{'jsonrpc':'2.0'}"#, "not JSON"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"pi"#, "not JSON"),
        (r#"{"id":01,"method":"ping"}"#, "not JSON"),
        ("{\"id\":\"a\nb\"}", "not JSON"),
        ("\u{feff}{}", "byte order mark"),
        (r#"[{"jsonrpc":"2.0"}"#, "not JSON"),
        (r#"{"params":{"x":NaN}}"#, "not JSON"),
    ];
    all_refused(StatusCode::BAD_REQUEST, -32700, table.map(|(body, names)| (post(body), names)));
    let Parsed::Rejected(rejection) = post("nonsense").send() else { panic!() };
    assert!(line(&rejection.body()).get("id").is_none());
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let bodies: [&[u8]; 4] = [
        b"\xff\xfe{}",
        b"{\"jsonrpc\":\"2.0\",\"id\":\"\xc3\x28\",\"method\":\"ping\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{\"x\":\"\xed\xa0\x80\"}}",
        b"{\0\"\0",
    ];
    for body in bodies {
        let Parsed::Rejected(rejection) = send(post("").parts(), Bytes::from_static(body)) else {
            panic!("{body:?}")
        };
        assert_eq!(&refusal(rejection).1, &-32700);
    }
}

fn nested(levels: usize) -> Post {
    let inner = format!("{}{}", "[".repeat(levels - 3), "]".repeat(levels - 3));
    post(format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"n","arguments":{{"\"[":{inner}}}}}}}"#
    ))
}

#[test]
fn nesting_up_to_the_limit_is_read() {
    assert!(matches!(nested(MAX_DEPTH).request().method, Method::CallTool(_)));
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    all_refused(
        StatusCode::BAD_REQUEST,
        -32700,
        [
            (nested(MAX_DEPTH + 1), "128 levels"),
            (nested(1000), "128 levels"),
            (post("[".repeat(LIMIT)), "128 levels"),
            (post(r#"{"a":"#.repeat(500)), "128 levels"),
        ],
    );
    // Brackets inside strings are text.
    let text = format!(r#"{{"jsonrpc":"2.0","id":"{}","method":"ping"}}"#, r#"[{\\\""#.repeat(90));
    assert!(matches!(post(text).request().method, Method::Ping));
}

#[test]
fn what_is_no_json_rpc_message_is_refused() {
    let table = [
        ("1", "a number"),
        ("null", "null"),
        (r#""ping""#, "a string"),
        ("true", "a boolean"),
        ("1e300", "a number"),
        ("{}", "jsonrpc is missing"),
        (r#"{"id":1,"method":"ping"}"#, "jsonrpc is missing"),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, "jsonrpc"),
        (r#"{"jsonrpc":2.0,"id":1,"method":"ping"}"#, "jsonrpc"),
        (r#"{"jsonrpc":"2.0","id":1}"#, "method is missing"),
        (r#"{"jsonrpc":"2.0","id":1,"method":5}"#, "a number"),
        (r#"{"jsonrpc":"2.0","id":1,"method":null}"#, "method is missing"),
        (r#"{"jsonrpc":null,"id":1,"method":"ping"}"#, "jsonrpc is missing"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#, "Unicode"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, "an array"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}"#, "a string"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":-1}"#, "a number"),
        (r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, "neither"),
        (r#"{"jsonrpc":"2.0","method":"x","params":[1]}"#, "an array"),
    ];
    all_refused(StatusCode::BAD_REQUEST, -32600, table.map(|(body, names)| (post(body), names)));
}

#[test]
fn a_member_given_twice_is_refused_whatever_it_says() {
    let message = |inner: &str| post(format!(r#"{{"jsonrpc":"2.0","id":1,{inner}}}"#));
    let params = |inner: &str| message(&format!(r#""method":"tools/call","params":{{{inner}}}"#));
    let meta = |inner: &str| params(&format!(r#""name":"n","_meta":{{{inner}}}"#));
    all_refused(
        StatusCode::BAD_REQUEST,
        -32600,
        [
            (message(r#""method":"ping","method":"ping""#), "method"),
            (message(r#""method":"ping","me\u0074hod":"tools/call""#), "method"),
            (message(r#""method":"ping","id":2"#), "id"),
            (message(r#""method":"ping","jsonrpc":"2.0""#), "jsonrpc"),
            (message(r#""method":"ping","params":{},"params":null"#), "params"),
            (params(r#""name":"a","name":"b""#), "params.name"),
            (params(r#""name":"a","na\u006de":"a""#), "params.name"),
            (params(r#""name":"a","arguments":{},"arguments":{}"#), "params.arguments"),
            (params(r#""name":"a","_meta":{},"_meta":{}"#), "params._meta"),
            (params(r#""cursor":"a","cursor":"b""#), "params.cursor"),
            (meta(r#""progressToken":1,"progressToken":2"#), "params._meta.progressToken"),
            (
                meta(
                    r#""io.modelcontextprotocol/protocolVersion":"a","io.modelcontextprotocol/protocolVersion":"b""#,
                ),
                "protocolVersion",
            ),
            (
                meta(r#""io.modelcontextprotocol/logLevel":"a","io.modelcontextprotocol/logLevel":"b""#),
                "logLevel",
            ),
        ],
    );
}

#[test]
fn a_member_that_nobody_reads_may_be_given_twice() {
    assert!(matches!(
        post(r#"{"jsonrpc":"2.0","id":1,"method":"ping","x":1,"x":2}"#).request().method,
        Method::Ping
    ));
}

fn with_id(id: &str) -> Post {
    post(format!(r#"{{"jsonrpc":"2.0","method":"ping","id": {id} }}"#))
}

#[test]
fn an_id_comes_back_byte_for_byte() {
    let long = format!("\"{}\"", "x".repeat(MAX_ID_BYTES - 2));
    for id in [
        "0",
        "-0",
        "1",
        "-1",
        "9007199254740993",
        "18446744073709551616",
        "123456789012345678901234567890123456789012345678901234567890",
        r#""""#,
        r#""a""#,
        r#""1""#,
        r#""\u0041\n\"""#,
        r#""\ud83d\ude00""#,
        r#""é""#,
        &long,
    ] {
        let request = with_id(id).request();
        assert_eq!(request.head.id.as_json(), id.as_bytes());
        let body = Rejection::new(Fault::Internal, &request.head).body();
        assert!(String::from_utf8_lossy(&body).contains(&format!(r#""id":{id},"#)), "{id}");
    }
}

#[test]
fn anything_else_is_no_id() {
    let huge = format!("\"{}\"", "x".repeat(MAX_ID_BYTES - 1));
    let digits = "1".repeat(MAX_ID_BYTES + 1);
    for id in ["null", "1.0", "1.5", "1e3", "1E3", "true", "{}", "[]", "[1]", "-0.0", &huge, &digits] {
        let (status, code, message) = with_id(id).refusal();
        assert_eq!((status, code), (400, -32600), "{id}");
        assert!(message.starts_with("id: expected a string or an integer"), "{message}");
        let Parsed::Rejected(rejection) = with_id(id).send() else { panic!() };
        assert!(line(&rejection.body()).get("id").is_none(), "{id}");
    }
}

#[test]
fn a_refusal_carries_the_id_of_the_request_wherever_it_stands() {
    for body in [
        r#"{"jsonrpc":"2.0","id":"q","method":"nope"}"#,
        r#"{"method":"nope","params":{},"jsonrpc":"2.0","id":"q"}"#,
        r#"{"method":"tools/call","params":{"name":"a","name":"b"},"jsonrpc":"2.0","id":"q"}"#,
        r#"{"method":"tools/call","jsonrpc":"1.0","id":"q"}"#,
        r#"{"method":"tools/call","params":3,"jsonrpc":"2.0","id":"q"}"#,
    ] {
        let Parsed::Rejected(rejection) = post(body).send() else { panic!("{body}") };
        assert_eq!(line(&rejection.body())["id"], "q", "{body}");
    }
}

#[test]
fn notifications_are_accepted_whatever_they_say() {
    let notification = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    for post in [
        post(notification),
        post(notification).header("MCP-Protocol-Version", "2025-11-25"),
        post(notification).header("MCP-Protocol-Version", Revision::MODERN.name()),
        post(notification).header("MCP-Protocol-Version", "1999-01-01"),
        post(r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#),
        post(r#"{"jsonrpc":"2.0","method":"notifications/nobody/knows"}"#),
        post(r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"n"}}"#),
        post(r#"{"jsonrpc":"2.0","method":"initialize"}"#),
        post(notification).header("mcp-session-id", "s").header("last-event-id", "1"),
        post(r#"{"params":{"_meta":{}},"method":"x","jsonrpc":"2.0"}"#),
    ] {
        assert!(matches!(post.send(), Parsed::Accepted), "{}", post.body);
    }
}

#[test]
fn answers_to_questions_never_asked_are_accepted_from_legacy_clients_only() {
    let answers = [
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}"#,
        r#"{"jsonrpc":"2.0","error":{"code":1,"message":"no"}}"#,
    ];
    for body in answers {
        assert!(matches!(post(body).send(), Parsed::Accepted));
        assert!(matches!(post(body).header("MCP-Protocol-Version", "2025-06-18").send(), Parsed::Accepted));
        let modern = post(body).header("MCP-Protocol-Version", Revision::MODERN.name());
        let (status, code, message) = modern.refusal();
        assert_eq!((status, code), (400, -32600), "{message}");
        let Parsed::Rejected(rejection) = modern.send() else { panic!() };
        assert!(line(&rejection.body()).get("id").is_none(), "an answer to an answer confuses its sender");
    }
}
