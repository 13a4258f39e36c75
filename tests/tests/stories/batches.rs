//! Batches, which only revision 2025-03-26 has.

use serde_json::{Value, json};
use toolcell_tests::http::{Request, Response};
use toolcell_tests::{Revision, Server, fixture};

fn shop() -> Server {
    Server::start(&fixture::plugin("shop", &fixture::component("plain")))
}

fn call(id: u32, sku: &str) -> Value {
    let params = json!({"name": "lookup", "arguments": {"sku": sku}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
}

fn post(server: &Server, batch: &Value) -> Response {
    let revision = Revision::March2025.name();
    Request::post(batch.to_string()).header("mcp-protocol-version", revision).send(server.address())
}

#[test]
fn each_request_of_a_batch_is_answered_in_its_place() {
    let server = shop();
    let batch = json!([
        call(7, "milk"),
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": "eight", "method": "ping"},
        {"jsonrpc": "2.0", "id": 9, "method": "no/such"},
        {"jsonrpc": "2.0", "id": 10, "method": "tools/list"},
        call(11, "gold"),
    ]);
    let answer = post(&server, &batch);
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, "application/json"));
    let answers = answer.json();
    let ids: Vec<_> = answers.as_array().unwrap().iter().map(|answer| answer["id"].clone()).collect();
    assert_eq!(
        ids,
        [json!(7), json!("eight"), json!(9), json!(10), json!(11)],
        "a notification has no answer"
    );
    assert!(answers[0]["result"]["content"][0]["text"].as_str().unwrap().contains("milk"));
    assert_eq!(answers[1]["result"], json!({}));
    assert_eq!(answers[2]["error"]["code"], -32601);
    assert_eq!(answers[3]["result"]["tools"][0]["name"], "lookup");
    assert!(answers[4]["result"]["content"].is_array());
}

#[test]
fn a_batch_that_asks_for_progress_is_answered_in_one_piece() {
    let server = Server::start(&fixture::plugin("primes", &fixture::sample("primes")));
    let params =
        json!({"name": "count_primes", "arguments": {"limit": 5000000}, "_meta": {"progressToken": "t"}});
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let answer = post(&server, &json!([request]));
    assert_eq!(answer.headers["content-type"], "application/json");
    assert_eq!(answer.json()[0]["result"]["isError"], Value::Null);
}

#[test]
fn a_batch_of_notifications_is_accepted_in_silence() {
    let server = shop();
    let notification = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let answer = post(&server, &json!([notification, notification]));
    assert_eq!((answer.status, answer.body.len()), (202, 0));
}

#[test]
fn a_batch_has_a_largest_size() {
    let server = shop();
    let ping = |id| json!({"jsonrpc": "2.0", "id": id, "method": "ping"});
    let of = |count: u32| Value::Array((0..count).map(ping).collect());
    assert_eq!(post(&server, &of(32)).json().as_array().unwrap().len(), 32);
    let refusal = post(&server, &of(33)).refusal();
    assert_eq!(refusal, (400, -32600, "a batch holds at most 32 messages".to_owned()));
}

#[test]
fn the_answers_of_a_batch_together_have_the_output_of_one_call() {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let server = Server::start(&plugin);
    let call = |id: u32, characters: &str| {
        let params = json!({"name": "control_text", "arguments": {"characters": characters}});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    let batch = Value::Array((0..32).map(|id| call(id, "600000")).collect());
    let answer = post(&server, &batch);
    assert!(answer.body.len() < 6_291_456 * 11 / 10, "{} bytes", answer.body.len());
    let answers = answer.json();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 32, "each request has an answer");
    assert_eq!(answers[0]["result"]["content"][0]["text"].as_str().map(str::len), Some(600_000));
    for answer in &answers[1..] {
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains("the answers of the batch take more than"), "{message}");
        assert!(message.ends_with("send this request alone"), "{message}");
    }
    let small = Value::Array((0..32).map(|id| call(id, "30000")).collect());
    let answers = post(&server, &small).json();
    assert!(
        answers.as_array().unwrap().iter().all(|answer| answer["result"].is_object()),
        "they fit together"
    );
}

#[test]
fn the_calls_of_a_batch_together_have_the_time_of_one_call() {
    let plugin = fixture::plugin("hostile", &fixture::component("hostile"));
    let server = Server::start(&format!("{plugin}[plugins.hostile.limits]\ndeadline = \"300 ms\"\n"));
    let call = |id: u32| {
        let params = json!({"name": "spin", "arguments": {}});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    let answers = post(&server, &Value::Array((0..32).map(call).collect())).json();
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 32, "each request has an answer");
    let overdue = answers[0]["result"]["content"][0]["text"].as_str().unwrap();
    assert!(overdue.starts_with("the tool did not finish within "), "{overdue}");
    for answer in &answers[1..] {
        let message = answer["error"]["message"].as_str().unwrap_or_else(|| panic!("it ran: {answer}"));
        assert_eq!(message, "no time was left for this request of the batch: send it again");
    }
}

#[test]
fn what_is_no_batch_is_refused() {
    let server = shop();
    let (status, code, message) = post(&server, &json!([])).refusal();
    assert_eq!((status, code), (400, -32600), "{message}");
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}});
    let answers = post(&server, &json!([hello, call(2, "milk")])).json();
    assert_eq!(answers[0]["error"]["code"], -32600, "{answers}");
    assert!(answers[1]["result"].is_object(), "{answers}");
}

#[test]
fn no_other_revision_takes_a_batch() {
    let server = shop();
    for revision in [Revision::June2025, Revision::November2025, Revision::Modern] {
        let batch = json!([call(1, "milk")]).to_string();
        let answer =
            Request::post(batch).header("mcp-protocol-version", revision.name()).send(server.address());
        let (status, code, message) = answer.refusal();
        assert_eq!((status, code), (400, -32600), "{revision:?}: {message}");
        assert!(message.contains("batch"), "{message}");
    }
}
