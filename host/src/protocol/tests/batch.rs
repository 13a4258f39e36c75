//! Several messages in one array, which one revision knows.

use super::*;

fn ping(id: usize) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "ping"})
}

fn note() -> Value {
    json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
}

fn items(post: &Post) -> Vec<Result<Request, Rejection>> {
    match post.send() {
        Parsed::Batch(items) => items,
        other => panic!("expected a batch, got {other:?}"),
    }
}

#[test]
fn requests_of_a_batch_are_read_in_order_and_notifications_dropped() {
    let call = json!({"jsonrpc":"2.0","id":"c","method":"tools/call","params":{"name":"n","_meta":{"progressToken":1}}});
    let batch = post(json!([ping(1), note(), call, ping(2), {"jsonrpc":"2.0","id":9,"result":{}}]));
    for (post, revision) in [
        (batch.clone(), "2025-03-26"),
        (batch.clone().header("MCP-Protocol-Version", "2025-03-26"), "2025-03-26"),
        (batch.header("MCP-Protocol-Version", "2024-11-05"), "2024-11-05"),
    ] {
        let items: Vec<Request> = items(&post).into_iter().map(Result::unwrap).collect();
        let names: Vec<&str> = items.iter().map(|request| request.method.name()).collect();
        assert_eq!(names, ["ping", "tools/call", "ping"]);
        assert!(items.iter().all(|request| request.head.revision.name() == revision));
        assert_eq!(items[1].meta.progress_token.as_ref().unwrap().as_json(), b"1");
    }
}

#[test]
fn a_batch_without_requests_is_accepted() {
    for batch in [json!([note()]), json!([note(), note()]), json!([{"jsonrpc":"2.0","id":1,"result":{}}])] {
        assert!(matches!(post(batch).send(), Parsed::Accepted));
    }
}

#[test]
fn a_bad_message_of_a_batch_is_refused_alone() {
    let initialize =
        json!({"jsonrpc":"2.0","id":"i","method":"initialize","params":{"protocolVersion":"2025-03-26"}});
    let batch = json!([1, [], ping(1), {"jsonrpc":"2.0","id":"x","method":"nope"}, initialize, {"jsonrpc":"1.0","id":"v","method":"ping"},
        {"jsonrpc":"2.0","id":"p","method":"tools/call","params":{}}, {"jsonrpc":"2.0","id":null,"method":"ping"}]);
    let found: Vec<(i64, Value)> = items(&post(batch))
        .into_iter()
        .map(|item| match item {
            Ok(request) => (0, serde_json::from_slice(request.head.id.as_json()).unwrap()),
            Err(rejection) => {
                let body = line(&rejection.body());
                (body["error"]["code"].as_i64().unwrap(), body["id"].clone())
            }
        })
        .collect();
    let expected = [
        (-32600, Value::Null),
        (-32600, Value::Null),
        (0, json!(1)),
        (-32601, json!("x")),
        (-32600, json!("i")),
        (-32600, json!("v")),
        (-32602, json!("p")),
        (-32600, Value::Null),
    ];
    assert_eq!(found, expected);
}

#[test]
fn other_revisions_know_no_batches() {
    let pings = || post(json!([ping(1), ping(2)]));
    let claiming = |version: &str| {
        let mut ping = ping(1);
        ping["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = version.into();
        post(json!([note(), ping]))
    };
    all_refused(
        StatusCode::BAD_REQUEST,
        -32600,
        [
            (pings().header("MCP-Protocol-Version", "2025-06-18"), "no batches"),
            (pings().header("MCP-Protocol-Version", "2025-11-25"), "no batches"),
            (pings().header("MCP-Protocol-Version", "2026-07-28"), "no batches"),
            (pings().header("MCP-Protocol-Version", "1999-01-01"), "no batches"),
            (pings().header("MCP-Protocol-Version", ""), "no batches"),
            (claiming("2026-07-28"), "params._meta"),
            (claiming("2025-11-25"), "params._meta"),
            (claiming("nonsense"), "params._meta"),
            (post("[]"), "empty batch"),
            (post(" [ ] "), "empty batch"),
        ],
    );
    assert_eq!(items(&claiming("2025-03-26")).len(), 1);
}

#[test]
fn a_batch_up_to_the_limit_is_read() {
    assert_eq!(items(&post(Value::from_iter((0..MAX_BATCH).map(ping)))).len(), MAX_BATCH);
}

#[test]
fn a_batch_over_the_limit_is_refused() {
    let notes = Value::from_iter((0..=MAX_BATCH).map(|_| note()));
    all_refused(
        StatusCode::BAD_REQUEST,
        -32600,
        [
            (post(Value::from_iter((0..=MAX_BATCH).map(ping))), "at most 32"),
            (post(notes), "at most 32"),
            (post(format!("[{}0]", "0,".repeat(1000))), "at most 32"),
        ],
    );
    // Even then the rest must be JSON.
    assert_eq!(post(format!("[{}x]", "0,".repeat(1000))).refusal().1, -32700);
}
