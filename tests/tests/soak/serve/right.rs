//! Right calls of several plugins, and their answers.

use serde_json::{Value, json};
use toolcell_tests::http::Request;
use toolcell_tests::multi_round::{ask, everything, form};
use toolcell_tests::{Client, Revision};

use super::expected::{Call, Expected};
use crate::dice::Dice;

/// The bytes of a large answer, below the limit `output` of the plugin.
const LARGE_BYTES: usize = 200_000;

/// The number of primes below some numbers.
const PRIMES: [(u32, u32); 3] = [(1_000, 168), (10_000, 1_229), (100_000, 9_592)];

/// Draws a call.
pub(super) fn draw(client: &Client, dice: &mut Dice, number: usize) -> Call {
    match dice.throw(12) {
        0 => primes(client, dice),
        1 => lookup(client),
        2 => question(client, number),
        3 => large(client),
        4 => batch(),
        5 => count_text(client, number),
        6 => plain(client, "count_calls", json!({}), Expected::Structured(json!({"result": 1}))),
        7 => plain(client, "behave", json!({}), Expected::Text("still here".to_owned())),
        _ => slug(client, number),
    }
}

/// Calls for a large answer.
pub(super) fn large(client: &Client) -> Call {
    let bytes = json!({"bytes": LARGE_BYTES.to_string()});
    plain(client, "huge_text", bytes, Expected::Length(LARGE_BYTES))
}

/// Calls the tool of the plugin `text`, with an argument of its own.
pub(super) fn slug(client: &Client, number: usize) -> Call {
    let text = json!({"text": format!("Call {number}")});
    plain(client, "make_slug", text, Expected::Text(format!("call-{number}")))
}

fn plain(client: &Client, tool: &'static str, arguments: Value, expected: Expected) -> Call {
    Call { name: tool, request: client.call_request(tool, &arguments), expected }
}

/// Counts primes, with progress or without.
fn primes(client: &Client, dice: &mut Dice) -> Call {
    let (limit, count) = PRIMES[dice.throw(3) as usize];
    let meta = if dice.throw(2) == 0 { json!({"progressToken": "soak"}) } else { json!({}) };
    let request = client.call_request_with("count_primes", &json!({"limit": limit}), meta);
    Call { name: "count_primes", request, expected: Expected::Line(format!("\"count\":{count},")) }
}

fn lookup(client: &Client) -> Call {
    let milk = json!({"sku": "milk", "amount": 8.0, "unit": "litre", "expires_on": "2026-12-01"});
    let sku = json!({"sku": "milk"});
    plain(client, "lookup", sku, Expected::Structured(json!({"result": milk})))
}

fn count_text(client: &Client, number: usize) -> Call {
    let text = format!("Call {number}\nof two lines\n");
    let (bytes, words) = (text.len(), 5);
    let expected = format!("\"characters\":{bytes},\"words\":{words},\"lines\":2,\"utf8_bytes\":{bytes},");
    plain(client, "count_text", json!({ "text": text }), Expected::Line(expected))
}

/// Asks the user for a name, which the second round returns.
fn question(client: &Client, number: usize) -> Call {
    let expected = Expected::Questions(format!("Ann {number}"));
    Call {
        name: "run",
        request: asking(client, &json!([ask("name", &form("Name?"))]), Value::Null),
        expected,
    }
}

/// Makes the second round of [`question`].
pub(super) fn answered(client: &Client, name: &str, state: &Value) -> Call {
    let mut params = json!({"requestState": state});
    params["inputResponses"] = json!({"name": {"action": "accept", "content": {"name": name}}});
    let request = asking(client, &json!([ask("name", &form("Name?"))]), params);
    Call { name: "run, second round", request, expected: Expected::Line(name.to_owned()) }
}

/// Makes a call that may ask, with other parameters of the request.
pub(super) fn asking(client: &Client, steps: &Value, params: Value) -> Request {
    let mut params = if params.is_null() { json!({}) } else { params };
    params["name"] = "run".into();
    params["arguments"] = json!({ "steps": steps });
    params["_meta"] = json!({"io.modelcontextprotocol/clientCapabilities": everything()});
    client.request("tools/call", params)
}

/// Makes a batch, which one revision alone has.
fn batch() -> Call {
    const COUNT: usize = 4;
    let call = |id| {
        let params = json!({"name": "behave", "arguments": {}});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    let batch = Value::Array((0..COUNT).map(call).collect());
    let revision = Revision::March2025.name();
    let request = Request::post(batch.to_string()).header("mcp-protocol-version", revision);
    Call { name: "batch", request, expected: Expected::Batch(COUNT) }
}
