//! Attacks of a plugin or its caller, and what their clients see.

use serde_json::{Value, json};
use toolcell_tests::Client;
use toolcell_tests::http::Request;
use toolcell_tests::multi_round::{ask, form};

use super::expected::{Call, Expected};
use super::right::asking;
use crate::dice::Dice;

/// The deadline of the tools that never end.
pub(super) const DEADLINE: &str = "100 ms";

const OVERDUE: &str = "the tool did not finish within 100 ms";
const TOO_LARGE: &str = "the result is larger than 262144 bytes";
const MEMORY: &str = "the tool needed more memory than it is allowed";

/// Draws an attack.
pub(super) fn draw(client: &Client, dice: &mut Dice) -> Call {
    match dice.throw(20) {
        0 => fails(client, "spin", json!({}), OVERDUE),
        1 => fails(client, "sleep", json!({"milliseconds": "3600000"}), OVERDUE),
        2 => Call {
            request: reporting(client, "report_then_spin", json!({})),
            ..fails(client, "report_then_spin", json!({}), OVERDUE)
        },
        3 => fails(client, "allocate", json!({"bytes": "10000000000"}), MEMORY),
        4 => fails(client, "huge_text", json!({"bytes": "1000000000"}), MEMORY),
        5 => fails(client, "huge_text", json!({"bytes": "1000000"}), TOO_LARGE),
        6 => fails(client, "control_text", json!({"characters": "60000"}), TOO_LARGE),
        7 => fails(client, "huge_list", json!({"items": "60000"}), TOO_LARGE),
        8 => fails(client, "panic", json!({}), "the tool crashed: it panicked or aborted"),
        9 => fails(client, "recurse", json!({}), "the tool crashed: it accessed memory out of bounds"),
        10 => fails(
            client,
            "exit",
            json!({"status": 1}),
            "the tool exited with status 1 instead of returning a result",
        ),
        11 => harmless(client, "flood_stdout", json!({"bytes": "1000000"})),
        12 => harmless(client, "flood_log", json!({"times": 2_000})),
        13 => harmless(client, "flood_notifications", json!({"times": 2_000})),
        14 => harmless(client, "report_nonsense", json!({})),
        15 => questions(client),
        16 => forged_state(client),
        17 => refused(
            "not JSON",
            Request::post("{\"jsonrpc\":").header("mcp-protocol-version", "2025-11-25"),
            -32700,
        ),
        18 => refused("unknown tool", client.call_request("nothing", &json!({})), -32602),
        _ => fails(client, "make_slug", json!({"text": 7}), "arguments.text: expected a string, found 7"),
    }
}

fn fails(client: &Client, tool: &'static str, arguments: Value, text: &'static str) -> Call {
    Call { name: tool, request: client.call_request(tool, &arguments), expected: Expected::Failure(text) }
}

/// Makes an attack that comes to nothing.
fn harmless(client: &Client, tool: &'static str, arguments: Value) -> Call {
    Call { name: tool, request: reporting(client, tool, arguments), expected: Expected::Success }
}

/// Makes a call whose client wants progress and every message.
pub(super) fn reporting(client: &Client, tool: &str, arguments: Value) -> Request {
    let meta = json!({"progressToken": 1, "io.modelcontextprotocol/logLevel": "debug"});
    client.call_request_with(tool, &arguments, meta)
}

fn refused(name: &'static str, request: Request, code: i64) -> Call {
    Call { name, request, expected: Expected::Error(code) }
}

/// Asks more questions at a time than a call may.
fn questions(client: &Client) -> Call {
    let all: Vec<_> = (0..17).map(|key| json!([key.to_string(), form("Name?")])).collect();
    let request = asking(client, &json!([{ "ask": all }]), Value::Null);
    let text = "the tool asked in a way that is not allowed: it asked more than 16 questions at a time";
    Call { name: "questions", request, expected: Expected::Failure(text) }
}

/// Brings a state that no server made.
fn forged_state(client: &Client) -> Call {
    let forged = json!({"requestState": "AAAA", "inputResponses": {}});
    refused("forged state", asking(client, &json!([ask("name", &form("Name?"))]), forged), -32602)
}
